"""What the demo shop consists of. Everything is made only if it is not there: a second run keeps all."""

import csv
from collections.abc import Callable
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile

from goods.demo.covers import draw_cover
from goods.demo.store import complete_later, lacking
from goods.importing import import_file, import_store
from goods.models import LiveGoods, Picture, Spu
from goods.roles import BY_NAME
from shopadmin.wechat.models import Account, Family

LOGIN = "demo"
APPID = "wx0123456789abcdef"
SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # noqa: S105 - opens nothing but the simulator
CATALOGUE = Path(__file__).with_name("catalog_products.csv")
SKUS = Path(__file__).with_name("catalog_skus.csv")

Row = dict[str, str]


def make_demo_shop(say: Callable[[str], object]) -> None:
    """Logins, the practice account, and the sample catalogue with pictures: live and in the Mini Store."""
    make_login()
    account = make_account()
    if not LiveGoods.objects.exists():
        say("Loading the sample catalogue …")
        import_file(CATALOGUE, account)
    if Family.MINI_STORE in account.families and not Spu.objects.exists():
        import_store([CATALOGUE, SKUS], account)
    draw_missing_covers(account)
    if lacking(account).exists():
        complete_later(account)


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
            "families": [Family.LIVE_GOODS.value, Family.MINI_STORE.value, Family.WINDOW.value],
        },
    )
    return account


def draw_missing_covers(account: Account) -> None:
    """Give each product of the catalogue a picture; products that staff made stay as they are."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for index, row in enumerate(rows):
        bare = LiveGoods.objects.filter(account=account, cover="", name=row["name"])
        spus = Spu.objects.filter(account=account, out_product_id=row["product_id"], title=row["name"])
        for goods in bare:
            filename, data = _drawn(row, index)
            goods.cover.save(filename, ContentFile(data), save=False)
            goods.save(update_fields=["cover"])
        for spu in spus.filter(head_imgs=[]).with_skus():
            spu.head_imgs = [Picture.objects.keep(account, _drawn(row, index)[1]).pk]
            spu.save(update_fields=["head_imgs"])


def _drawn(row: Row, index: int) -> tuple[str, bytes]:
    return draw_cover(row["product_id"], row["name"], row["category"], row["brand"], index)
