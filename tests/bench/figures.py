"""The figures themselves, each beside what it should be compared with."""

import io
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from typing import Any

import requests
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from django_q.tasks import async_task
from PIL import Image

from audits import heartbeat
from audits.models import Attempt, Batch, Reading
from audits.operations import Operation
from audits.services import create_batch, submit
from goods.live import refresh, wire
from goods.models import LiveGoods
from goods.pictures import fitted
from shopadmin.simulator.world import DEFAULT_APPID, DEFAULT_SECRET
from shopadmin.wechat.client import client_for
from shopadmin.wechat.live_goods import LiveGoodsAPI
from shopadmin.wechat.models import Account

SECOND_APPID = "wx" + "b" * 16
READ = 1000
MANY = 10_000
# Products kept back for the plain loop.
PLAIN = 40


def knob(path: str, **values: Any) -> None:
    requests.post(f"{settings.SIMULATOR_URL}/_sim/{path}", json=values, timeout=10).raise_for_status()


def prepare(count: int, latency: float) -> list[Account]:
    """Accounts with products that are ready to be sent, and a WeChat that is ``latency`` seconds slow."""
    call_command("migrate", verbosity=0)
    _wait_for_wechat()
    accounts = [_make_account(appid, count) for appid in (DEFAULT_APPID, SECOND_APPID)]
    knob("accounts", appid=SECOND_APPID, secret=DEFAULT_SECRET)
    knob("settings", latency=latency)
    return accounts


def _wait_for_wechat() -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            return knob("settings")
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _make_account(appid: str, count: int) -> Account:
    account = Account.objects.create(name=appid, appid=appid, secret=DEFAULT_SECRET, practice=True)
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
    return account


def pushing(
    accounts: list[Account], latency: float, start: Any, stop: Any, wait_until: Callable[..., float]
) -> dict[str, float]:
    """Two calls a product: the picture, then the product. A batch for each account."""
    worker = start("worker")
    try:
        wait_until(heartbeat.alive, "the worker's start")
        batches: list[Batch] = []
        for account in accounts:
            goods = LiveGoods.objects.filter(account=account).order_by("pk")
            ids = goods.values_list("pk", flat=True)[PLAIN:]
            batches.append(create_batch(LiveGoods, ids, Operation.ADD))
        for batch in batches:
            submit(batch)
        seconds = wait_until(lambda: not any(batch.working for batch in batches), "pushing")
    finally:
        stop(worker)
    pushed, calls = LiveGoods.objects.at_wechat().count(), Attempt.objects.count()
    ideal = calls * latency / (settings.Q_WORKERS * settings.PUSH_THREADS)
    return {
        "live goods pushed": pushed,
        "calls made for them": calls,
        "seconds": round(seconds, 2),
        "seconds, ideal (calls x latency / concurrency)": round(ideal, 2),
        "% of the ideal rate": round(100 * ideal / seconds),
        "live goods pushed per minute": round(pushed / seconds * 60),
        "live goods per minute in a plain loop": round(PLAIN / _plain_loop(accounts[0]) * 60),
    }


def _plain_loop(account: Account) -> float:
    """The same two calls, one after the other, without a journal."""
    client = client_for(account)
    begun = time.monotonic()
    for goods in LiveGoods.objects.filter(account=account, goods_id="").order_by("pk")[:PLAIN]:
        picture = fitted(goods.cover.storage, goods.cover.name)
        uploaded = client.media.upload_image(picture.filename, picture.data, picture.content_type)
        client.live_goods.add({**wire.goods_info(goods), "coverImgUrl": uploaded.media_id})
    return time.monotonic() - begun


def confirming() -> dict[str, float]:
    """Writing the pushes of many records, against a queue task for each of them."""
    account = Account.objects.create(name="Many", appid="wx" + "c" * 16, secret="s" * 32, practice=True)
    LiveGoods.objects.bulk_create(
        [
            LiveGoods(
                account=account,
                name=f"云南小粒咖啡{n}号",
                price=68,
                url=f"pages/a?id={n}",
                cover="live_goods/a.jpg",
            )
            for n in range(MANY)
        ]
    )
    ids = LiveGoods.objects.filter(account=account).values_list("pk", flat=True)
    first, second = (create_batch(LiveGoods, ids, Operation.ADD) for _ in range(2))
    begun = time.monotonic()
    submit(first)
    seconds = time.monotonic() - begun
    first.pushes.all().delete()
    # Counting slows it down, so that is done with another batch.
    reset_queries()
    tracemalloc.start()
    with CaptureQueriesContext(connection) as statements:
        submit(second)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    begun = time.monotonic()
    for number in range(MANY):
        async_task("math.sqrt", number)
    tasks = time.monotonic() - begun
    OrmQ.objects.all().delete()
    second.pushes.all().delete()
    LiveGoods.objects.filter(account=account).delete()
    return {
        f"seconds to confirm {MANY} records": round(seconds, 2),
        "seconds to queue a task for each instead": round(tasks, 2),
        "statements": len(statements),
        "memory, MB": round(peak / 1e6, 1),
    }


def reading(account: Account) -> dict[str, float]:
    """The account's library read back by lists, against a bare client that reads the same pages."""
    ours = LiveGoods.objects.at_wechat().filter(account=account)
    missing = MANY - ours.count()
    more = {"origin": "api", "count": missing, "name": "云南小粒咖啡", "price": 68}
    knob("goods", action="create", appid=account.appid, **more)
    pulled = Reading.objects.request(account, "live_goods")
    refresh.pull(pulled)  # the records of the new ones
    pulled = Reading.objects.request(account, "live_goods")
    reset_queries()
    with CaptureQueriesContext(connection) as statements:
        begun = time.monotonic()
        refresh.pull(pulled)
        seconds = time.monotonic() - begun
    pulled.refresh_from_db()
    sizes = Counter(ours.values_list("audit_status", flat=True))
    begun = time.monotonic()
    client = client_for(account)
    for status, size in sizes.items():
        for offset in range(0, size, LiveGoodsAPI.MAX_LIMIT):
            client.live_goods.get_approved(status or 0, offset)
    return {
        f"calls to refresh {sum(sizes.values())} live goods": pulled.calls,
        "the least that WeChat allows": sum(-(-size // LiveGoodsAPI.MAX_LIMIT) for size in sizes.values()),
        "seconds to refresh them": round(seconds, 2),
        "seconds of a bare client for these pages": round(time.monotonic() - begun, 2),
        "statements per page": round(len(statements) / pulled.calls, 1),
    }


def looking(account: Account) -> dict[str, float]:
    """A thousand products read by their ids, 20 per call."""
    ours = LiveGoods.objects.at_wechat().filter(account=account).exclude(third_party_tag=0)
    ids = ours.values_list("pk", flat=True)[:READ]
    refresh.request_look(ids)
    begun = time.monotonic()
    calls = refresh.look_due(account, scheduled=False)
    return {
        f"calls to refresh {READ} live goods by id": calls,
        "seconds by id": round(time.monotonic() - begun, 2),
    }
