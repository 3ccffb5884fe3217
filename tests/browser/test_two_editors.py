"""Two people have the same product open; neither may overwrite the other unawares."""

import pytest
from playwright.sync_api import Page, expect

from goods.models import LiveGoods
from tests.browser.scene import make_goods
from tests.browser.shop import Shop
from tests.browser.staff import field


@pytest.fixture
def goods(shop: Shop) -> LiveGoods:
    return make_goods(shop.account(), LiveGoods.objects.count() + 1)


@pytest.fixture
def two(shop: Shop, open_window, goods) -> tuple[Page, Page]:
    """Both have opened the form before either has saved."""
    pages = (open_window(shop.person(name="anna")), open_window(shop.person(name="ben")))
    for page in pages:
        page.goto(f"/admin/goods/livegoods/{goods.pk}/change/")
    return pages


def save(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        field(page, label).fill(value)
    page.get_by_role("button", name="Save", exact=True).click()


def test_the_second_sees_what_the_first_has_changed(two, goods):
    first, second = two
    save(first, Name="高山乌龙茶")
    expect(first.get_by_text("was changed successfully")).to_be_visible()
    save(second, Name="高山绿茶")
    expect(second.get_by_text("anna").first).to_be_visible()
    expect(second.get_by_text("高山乌龙茶").first).to_be_visible()


def test_the_second_overwrites_nothing_unawares(two, goods):
    first, second = two
    save(first, Name="高山乌龙茶")
    expect(first.get_by_text("was changed successfully")).to_be_visible()
    save(second, Name="高山绿茶")
    goods.refresh_from_db()
    assert goods.name == "高山乌龙茶"
