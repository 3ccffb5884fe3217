"""What the pages cost that staff look at most: seconds, statements, and kilobytes of HTML."""

import time
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audits.models import Batch
from audits.operations import Operation
from audits.services import create_batch
from goods.models import LiveGoods
from shopadmin.wechat.models import Account

MANY = 10_000
LIST = "admin:goods_livegoods_changelist"


def costing(account: Account) -> dict[str, float]:
    """The start page, the list, the plan of 10,000 records and its batch, in a shop that has as many."""
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(User.objects.create_superuser("bench"))
    LiveGoods.objects.bulk_create(
        [
            LiveGoods(
                account=account,
                name=f"福鼎白茶礼盒{n}号",
                price=128,
                url=f"pages/b?id={n}",
                cover="live_goods/b.jpg",
            )
            for n in range(MANY)
        ]
    )
    drafts = LiveGoods.objects.filter(account=account, goods_id="", faulty=False)
    batch = create_batch(LiveGoods, drafts.values_list("pk", flat=True)[:MANY], Operation.ADD)
    plan = reverse("admin:audits_batch_plan", args=[batch.pk])
    return {
        **_cost("the start page", browser, reverse("admin:index")),
        **_cost(f"the list of {LiveGoods.objects.count()}", browser, reverse(LIST)),
        **_cost(f"the plan of {len(batch.selection)}, first look", browser, plan, warm=False),
        **_cost("the same plan, second page", browser, f"{plan}?page=2"),
        **_cost("the page of a batch", browser, _largest_batch()),
    }


def _largest_batch() -> str:
    batches = Batch.objects.confirmed().filter(pushes__isnull=False).order_by("pk")
    found: Any = max(batches.distinct(), key=lambda batch: batch.pushes.count())
    return reverse("admin:audits_batch_change", args=[found.pk])


def _cost(name: str, browser: Client, url: str, *, warm: bool = True) -> dict[str, float]:
    if warm:
        browser.get(url)
    reset_queries()
    with CaptureQueriesContext(connection) as statements:
        begun = time.monotonic()
        page = browser.get(url)
        seconds = time.monotonic() - begun
    assert page.status_code == 200, (url, page.status_code)  # noqa: S101
    return {
        f"{name}: seconds": round(seconds, 3),
        f"{name}: statements": len(statements),
        f"{name}: kB": round(len(page.content) / 1000),
    }
