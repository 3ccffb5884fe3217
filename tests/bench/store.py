"""The figures of the Mini Store and of the Channels window."""

import io
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from audits import heartbeat
from audits.models import Attempt, Batch, Reading
from audits.operations import Operation
from audits.services import create_batch, submit
from goods.models import FreightTemplate, Picture, Sku, Spu
from goods.store import refresh
from shopadmin.wechat.models import Account
from tests.bench.figures import knob

# Below WeChat's 180 an hour; each is a call that counts.
PRODUCTS = 80
SKUS = 4
PULLED = 600


def storing(account: Account, start: Any, stop: Any, wait_until: Callable[..., float]) -> dict[str, float]:
    """Products with SKUs: sent by a worker, pulled by lists, and planned."""
    Account.objects.filter(pk=account.pk).update(families=["live_goods", "mini_store"])
    account.refresh_from_db()
    _make_products(account)
    return {**_planning(), **_sending(start, stop, wait_until), **_pulling(account)}


def _make_products(account: Account) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (800, 800), "teal").save(picture, "JPEG")
    cover = Picture.objects.keep(account, picture.getvalue())
    template = FreightTemplate.objects.create(account=account, name="包邮", template_id="60213")
    for number in range(PRODUCTS):
        spu = Spu.objects.create(
            account=account,
            out_product_id=f"B{number}",
            title=f"纯棉圆领短袖{number}号",
            head_imgs=[cover.pk],
            cats=["7100", "7120", "7121"],
            freight_template=template,
        )
        Sku.objects.bulk_create(
            Sku(
                spu=spu,
                account=account,
                out_sku_id=f"B{number}-{place}",
                attrs=[["尺码", str(place)]],
                sale_price=Decimal(88),
                stock=10,
                position=place,
            )
            for place in range(SKUS)
        )
        spu.recheck()


def _planning() -> dict[str, float]:
    batch = create_batch(Spu, Spu.objects.values_list("pk", flat=True), Operation.ADD)
    with CaptureQueriesContext(connection) as captured:
        begun = time.monotonic()
        submit(batch)
        took = time.monotonic() - begun
    return {f"{PRODUCTS} SPUs confirmed, s": round(took, 2), "  statements of confirming": len(captured)}


def _sending(start: Any, stop: Any, wait_until: Callable[..., float]) -> dict[str, float]:
    before = Attempt.objects.count()
    worker = start("worker")
    try:
        wait_until(heartbeat.alive, "the start of the worker")
        batch = Batch.objects.latest("id")
        took = wait_until(lambda: not batch.working, "sending")
    finally:
        stop(worker)
    calls = Attempt.objects.count() - before
    return {
        f"{PRODUCTS} SPUs with {SKUS} SKUs each sent, s": round(took, 1),
        "  calls": calls,
        "  refused": len(batch.refused_ids()),
    }


def _pulling(account: Account) -> dict[str, float]:
    knob("settings", latency=0)
    knob("spus", count=PULLED, title="后台商品")
    figures: dict[str, float] = {}
    for name in ("first", "second"):
        reading = Reading.objects.request(account, "mini_store")
        begun = time.monotonic()
        refresh.pull(reading)
        details = 0
        while calls := refresh.look_due(account, seconds=60):
            details += calls
        took = time.monotonic() - begun
        reading.refresh_from_db()
        figures |= {
            f"{name} pull of {PRODUCTS + PULLED} SPUs, s": round(took, 1),
            "  list calls" + (" again" if name == "second" else ""): reading.calls,
            "  detail calls" + (" again" if name == "second" else ""): details,
        }
    return figures


def editing(account: Account) -> dict[str, float]:
    """The page of a product with 100 SKUs."""
    spu = Spu.objects.filter(account=account).exclude(product_id="").earliest("pk")
    Sku.objects.bulk_create(
        Sku(
            spu=spu,
            account=account,
            out_sku_id=f"C-{place}",
            attrs=[["尺码", f"加{place}"]],
            sale_price=Decimal(88),
            stock=10,
            position=place,
        )
        for place in range(SKUS, 100)
    )
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.create_superuser("bench"))
    url = f"/admin/goods/spu/{spu.pk}/change/"
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        begun = time.monotonic()
        page = client.get(url)
        took = time.monotonic() - begun
    return {
        "page of 100 SKUs, s": round(took, 2),
        "  statements of the page": len(captured),
        "  kB": len(page.content) // 1000,
    }
