"""Rules of a freight template in a real browser: more rows, and places picked from lists."""

import pytest
from playwright.sync_api import Page

from goods.models import FreightTemplate
from tests.browser.shop import Shop

RULE = {
    "is_default": True, "places": [], "first_amount": "1", "first_price": "8.00", "more_amount": "1",
    "more_price": "2.00", "courier": "",
}  # fmt: skip


@pytest.fixture
def template(shop: Shop, page: Page) -> FreightTemplate:
    made = FreightTemplate.objects.create(account=shop.account(), name="全国", charge_rules=[RULE])
    page.goto(f"/admin/goods/freighttemplate/{made.pk}/change/")
    return made


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/freighttemplate/")


def test_a_place_that_was_picked_is_kept(page: Page, template: FreightTemplate) -> None:
    row = page.locator(".form-row.field-not_send")
    row.get_by_text("Pick a place").click()
    row.get_by_label("Province", exact=True).select_option("福建省")
    row.get_by_label("whole province").select_option("宁德市")
    row.get_by_role("button", name="Add this place").click()
    save(page)
    template.refresh_from_db()
    assert template.not_send == [["福建省", "宁德市"]]


def test_a_rule_in_an_added_row_is_kept(page: Page, template: FreightTemplate) -> None:
    rules = page.get_by_role("group", name="Charges")
    rules.get_by_role("button", name="Add a rule").click()
    row = rules.locator("tbody tr").last
    row.get_by_label("Places").fill("青海省")
    for label, value in {
        "First (pieces or kg)": "1",
        "cost (yuan)": "18",
        "Each further": "1",
        "costs (yuan)": "12",
    }.items():
        row.get_by_label(label).fill(value)
    save(page)
    template.refresh_from_db()
    assert [rule["places"] for rule in template.charge_rules] == [[], [["青海省"]]]
