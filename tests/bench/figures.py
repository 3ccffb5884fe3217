"""The figures themselves, each beside what it should be compared with."""

import io
import time
from collections.abc import Callable
from typing import Any

import requests
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from PIL import Image

from audits import heartbeat
from audits.models import Attempt, Batch, Reading
from audits.operations import Operation
from audits.services import create_batch, submit
from goods.live import refresh
from goods.models import LiveGoods
from shopadmin.simulator.world import DEFAULT_APPID, DEFAULT_SECRET
from shopadmin.wechat.models import Account

READ = 1000


def knob(path: str, **values: Any) -> None:
    requests.post(f"{settings.SIMULATOR_URL}/_sim/{path}", json=values, timeout=10).raise_for_status()


def prepare(count: int, latency: float) -> Account:
    """A database with products that are ready to be sent, and a WeChat that is ``latency`` seconds slow."""
    call_command("migrate", verbosity=0)
    account = Account.objects.create(name="Bench", appid=DEFAULT_APPID, secret=DEFAULT_SECRET, practice=True)
    picture = io.BytesIO()
    Image.new("RGB", (800, 800), "teal").save(picture, "JPEG")
    for number in range(count):
        goods = LiveGoods(
            account=account,
            product_no=str(number),
            name=f"云南小粒咖啡{number}号",
            price=68,
            url=f"pages/goods/detail?id={number}",
        )
        goods.cover.save("cover.jpg", ContentFile(picture.getvalue()), save=False)
        goods.save()
    deadline = time.monotonic() + 20
    while True:
        try:
            knob("settings", latency=latency)
            return account
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def pushing(
    account: Account, count: int, latency: float, start: Any, stop: Any, wait_until: Callable[..., float]
) -> dict[str, float]:
    """Two calls a product: the picture, then the product."""
    worker = start("worker")
    try:
        wait_until(heartbeat.alive, "the worker's start")
        batch: Batch = create_batch(LiveGoods, LiveGoods.objects.values_list("pk", flat=True), Operation.ADD)
        submit(batch)
        seconds = wait_until(lambda: not batch.working, "pushing")
    finally:
        stop(worker)
    calls = Attempt.objects.count()
    ideal = calls * latency / (settings.Q_WORKERS * settings.PUSH_THREADS)
    return {
        "live goods pushed": LiveGoods.objects.at_wechat().count(),
        "calls made for them": calls,
        "seconds": round(seconds, 2),
        "ideal seconds (calls x latency / concurrency)": round(ideal, 2),
        "plain loop seconds (calls x latency)": round(calls * latency, 2),
        "live goods pushed per minute": round(count / seconds * 60),
    }


def reading(account: Account, latency: float) -> dict[str, float]:
    """The same library read back, filled up to 1,000 products."""
    missing = READ - LiveGoods.objects.at_wechat().count()
    knob(
        "goods",
        action="create",
        appid=account.appid,
        origin="api",
        count=missing,
        name="云南小粒咖啡",
        price=68,
    )
    begun = time.monotonic()
    pulled = Reading.objects.request(account, "live_goods")
    refresh.pull(pulled)
    listed = time.monotonic() - begun
    pulled.refresh_from_db()
    api_made = LiveGoods.objects.at_wechat().exclude(third_party_tag=0)
    refresh.request_look(api_made.values_list("pk", flat=True)[:READ])
    begun = time.monotonic()
    calls = refresh.look_due(account, scheduled=False)
    return {
        f"calls to refresh {READ} live goods by list": pulled.calls,
        "seconds by list": round(listed, 2),
        f"calls to refresh {READ} live goods by id": calls,
        "seconds by id": round(time.monotonic() - begun, 2),
    }
