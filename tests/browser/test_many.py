"""Ten thousand records at once: from the filter to the confirmed plan, without waiting for minutes."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from audits.models import Batch, Push
from goods.models import LiveGoods
from tests.browser.scene import make_goods
from tests.browser.shop import Shop
from tests.browser.staff import GOODS, choose, confirm, tick_all

MANY = 10_000
SECONDS = 30.0


@pytest.fixture(scope="module")
def stock(shop: Shop) -> None:
    """Ten thousand drafts, and one that the filter leaves out. No worker runs, so nothing is sent."""
    account = shop.account()
    first = make_goods(account)
    LiveGoods.objects.bulk_create(
        LiveGoods(
            account=account,
            product_no=f"B{number}",
            name=f"云南小粒咖啡{number}号",
            price_type=first.price_type,
            price=first.price,
            url=f"pages/goods/detail?id={number}",
            cover=first.cover.name,
        )
        for number in range(2, MANY + 1)
    )
    LiveGoods.objects.create(account=account, name="没有价格的茶", url="pages/tea")


@pytest.fixture
def planned(page: Page, stock: None) -> Page:
    """The plan of everything that the filter leaves."""
    page.goto(f"{GOODS}?faulty=no")
    tick_all(page)
    page.get_by_role("button", name=re.compile(r"10,?000")).click()
    choose(page, "Submit to WeChat…")
    expect(page.get_by_text(re.compile(r"10,?000")).first).to_be_visible(timeout=SECONDS * 1000)
    return page


def test_all_that_match_the_filter_are_planned_in_time(planned):
    assert planned.get_by_role("button", name=re.compile("confirm", re.I)).is_enabled()


def test_the_plan_of_ten_thousand_is_a_light_page(planned):
    assert len(planned.content()) < 2_000_000
    assert planned.locator("input[type=hidden]").count() < 1_000


def test_ten_thousand_are_confirmed_in_time(planned):
    started = time.monotonic()
    confirm(planned)
    expect(planned.get_by_text(re.compile("10,?000 pushes are on their way"))).to_be_visible()
    assert Push.objects.filter(batch=Batch.objects.confirmed().get()).count() == MANY
    assert time.monotonic() - started < SECONDS
