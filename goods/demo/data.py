"""What the demo shop consists of. Everything is made only if it is not there: a second run keeps all."""

import csv
from collections.abc import Callable
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile

from goods.demo.covers import draw_cover
from goods.importing import import_file
from goods.models import LiveGoods
from goods.roles import BY_NAME
from shopadmin.wechat.models import Account, Family

LOGIN = "demo"
APPID = "wx0123456789abcdef"
SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # noqa: S105 - opens nothing but the simulator
CATALOGUE = Path(__file__).with_name("catalog_products.csv")


def make_demo_shop(say: Callable[[str], object]) -> None:
    """The login, the practice account, and the sample catalogue with cover pictures."""
    make_login()
    account = make_account()
    if not LiveGoods.objects.exists():
        say("Loading the sample catalogue …")
        import_file(CATALOGUE, account)
    draw_missing_covers(account)


def make_login() -> None:
    """A login that may do everything, and one for each role, named like it."""
    users = get_user_model().objects
    if not users.filter(username=LOGIN).exists():
        users.create_superuser(LOGIN, password=LOGIN)
    for name in BY_NAME:
        if not users.filter(username=name).exists():
            colleague = users.create_user(name, password=name, is_staff=True)
            colleague.groups.add(Group.objects.get(name=name))


def make_account() -> Account:
    account, _created = Account.objects.get_or_create(
        appid=APPID,
        defaults={
            "name": "演示店铺",
            "secret": SECRET,
            "practice": True,
            "families": [Family.LIVE_GOODS.value],
        },
    )
    return account


def draw_missing_covers(account: Account) -> None:
    """Give each product of the catalogue a picture; products that staff made stay as they are."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for index, row in enumerate(rows):
        for goods in LiveGoods.objects.filter(account=account, cover="", name=row["name"]):
            filename, data = draw_cover(
                goods.product_no or row["product_id"], row["name"], row["category"], row["brand"], index
            )
            goods.cover.save(filename, ContentFile(data), save=False)
            goods.save(update_fields=["cover"])
