"""What every test may use: a pretend WeChat that really answers HTTP, an account at it, products, people."""

import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connections
from django.test import Client
from hypothesis import settings as hypothesis_settings
from PIL import Image

from audits.models import Batch
from audits.operations import Operation
from audits.services import create_batch, submit
from audits.tasks import drain
from goods.models import LiveGoods
from shopadmin.simulator.server import Simulator
from shopadmin.wechat.models import Account

# How long an example takes says nothing on a busy machine.
hypothesis_settings.register_profile("no_clock", deadline=None)
hypothesis_settings.load_profile("no_clock")

APPID = "wx0123456789abcdef"
SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file, so that threads and real worker processes see what a test sees.

    Of a server, no thread keeps its connection: a database that is in use cannot be removed.
    """
    database = connections["default"].settings_dict
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "db.sqlite3")
    else:
        database["CONN_MAX_AGE"] = 0


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    """Uploads of a test go to its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def sim(settings: Any) -> Iterator[Simulator]:
    """A fresh WeChat; accounts in practice mode talk to it."""
    with Simulator() as simulator:
        settings.SIMULATOR_URL = simulator.url
        yield simulator


@pytest.fixture
def account(db: None, sim: Simulator) -> Account:
    return Account.objects.create(name="演示店铺", appid=APPID, secret=SECRET, practice=True)


def png(width: int = 400, height: int = 400, colour: str = "teal") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def make_goods(account: Account) -> Callable[..., LiveGoods]:
    """Build live goods that are ready to be sent; any field may be given."""
    count = 0

    def make(**fields: Any) -> LiveGoods:
        nonlocal count
        count += 1
        values: dict[str, Any] = {
            "account": account,
            "product_no": f"T{count}",
            "name": f"云南小粒咖啡{count}号",
            "price_type": 1,
            "price": Decimal("68.00"),
            "url": f"pages/goods/detail?id={count}",
        }
        goods = LiveGoods(**(values | fields))
        if "cover" not in fields:
            goods.cover.save(f"cover{count}.png", ContentFile(png()), save=False)
        goods.save()
        return goods

    return make


@pytest.fixture
def push() -> Callable[..., Batch]:
    """Confirm an operation on records; nothing is sent before a worker drains the journal."""

    def do(operation: str, *records: Any) -> Batch:
        batch = create_batch(type(records[0]), [r.pk for r in records], Operation(operation))
        submit(batch)
        return batch

    return do


@pytest.fixture
def send(push: Callable[..., Batch]) -> Callable[..., Batch]:
    """Confirm an operation and let a worker send it; the records are re-read."""

    def do(operation: str, *records: Any) -> Batch:
        batch = push(operation, *records)
        drain()
        for record in records:
            record.refresh_from_db()
        return batch

    return do


@pytest.fixture
def staff(db: None, client: Client) -> Client:
    """A browser in which somebody with every right is logged in."""
    client.force_login(User.objects.create_superuser("owner"))
    return client
