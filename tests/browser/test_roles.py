"""What a role may not do is not on its pages, and is refused to those who know the address."""

import pytest
from playwright.sync_api import Page, expect

from goods.models import LiveGoods
from tests.browser.scene import make_goods
from tests.browser.shop import Shop
from tests.browser.staff import GOODS

SEND = "Submit to WeChat…"


@pytest.fixture(scope="module")
def goods(shop: Shop) -> LiveGoods:
    return make_goods(shop.account())


@pytest.fixture
def actions(shop: Shop, open_window, goods):
    """The bulk actions that somebody of a role finds in the list."""

    def of(role: str) -> list[str]:
        page = open_window(shop.person(role))
        page.goto(GOODS)
        return page.get_by_role("option").all_text_contents()

    return of


@pytest.fixture
def form(shop: Shop, open_window, goods):
    def of(role: str) -> Page:
        page = open_window(shop.person(role))
        page.goto(f"{GOODS}{goods.pk}/change/")
        return page

    return of


def test_a_publisher_may_send(actions):
    assert SEND in actions("publisher")


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_others_are_not_offered_to_send(actions, role):
    assert SEND not in actions(role)


def test_only_an_approver_is_offered_to_delete_at_wechat(actions):
    found = [
        role
        for role in ("viewer", "editor", "publisher", "approver")
        if any("Delete" in a for a in actions(role))
    ]
    assert found == ["approver"]


def test_a_viewer_finds_no_button_on_a_product(form):
    page = form("viewer")
    main = page.get_by_role("main")
    expect(main.get_by_text("云南小粒咖啡1号").first).to_be_visible()
    assert main.get_by_role("button", name="Save").count() == 0
    assert main.get_by_role("button", name=SEND).count() == 0


def test_an_editor_saves_but_does_not_send(form):
    page = form("editor")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    assert page.get_by_role("button", name=SEND).count() == 0


def test_a_publisher_finds_the_button_on_a_product(form):
    expect(form("publisher").get_by_role("button", name=SEND)).to_be_visible()


@pytest.mark.parametrize("path", ["wechat/account/add/", "auth/user/add/"])
def test_a_publisher_who_knows_the_address_is_refused(shop, open_window, path):
    page = open_window(shop.person("publisher"))
    page.watch.expect(403)
    assert page.goto(f"/admin/{path}").status == 403
