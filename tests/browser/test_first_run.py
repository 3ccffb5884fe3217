"""The first minutes: nobody but an administrator is there yet, and nothing is in the shop."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.shop import APPID, SECRET, Shop
from tests.browser.staff import WORK_MS, field, log_in

# In this order: each test goes on where the one before it has stopped.


@pytest.fixture(autouse=True)
def _at_work(shop: Shop) -> None:
    shop.work()


@pytest.fixture
def dashboard(page: Page) -> Page:
    page.goto("/admin/")
    return page


def test_whoever_signs_in_is_shown_the_first_step(shop, open_window):
    shop.person()
    page = open_window()
    page.goto("/")
    log_in(page, "owner", "owner")
    page.get_by_role("link", name="Enter an account").click()
    expect(page.get_by_role("heading", name="Add account")).to_be_visible()


def test_an_account_is_entered_and_its_connection_tested(dashboard):
    page = dashboard
    page.get_by_role("link", name="Enter an account").click()
    field(page, "Name").fill("演示店铺")
    page.get_by_role("checkbox", name="Practice mode").check()
    page.get_by_role("checkbox", name="Live goods").check()
    field(page, "AppID").fill(APPID)
    field(page, "AppSecret").fill(SECRET)
    page.get_by_role("button", name="Save and test the connection").click()
    expect(page.get_by_role("cell", name="The connection works.")).to_be_visible(timeout=WORK_MS)


def test_the_start_page_leads_on_to_the_import(dashboard):
    dashboard.get_by_role("link", name="Bring in products").click()
    dashboard.get_by_role("main").get_by_role("link", name="Import a file").first.click()
    expect(dashboard.get_by_role("heading", name="Import products")).to_be_visible()
