"""Chinese and English, light and dark, as somebody chooses them."""

import re

from playwright.sync_api import Page, expect

BRIGHTNESS = """() => {
  const rgb = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number);
  return rgb.reduce((sum, one) => sum + one) / 3;
}"""


def language(page: Page) -> str | None:
    return page.locator("html").get_attribute("lang")


def test_a_browser_that_asks_for_chinese_gets_chinese(shop, open_window):
    page = open_window(shop.person(), language="zh-hans")
    page.goto("/admin/goods/livegoods/")
    expect(page.get_by_role("heading", level=1)).to_have_text("直播商品")


def test_a_browser_that_asks_for_neither_gets_chinese(shop, open_window):
    page = open_window(shop.person(), locale="fr-FR")
    page.goto("/admin/")
    assert language(page) == "zh-hans"


def test_one_click_brings_the_same_page_in_the_other_language(shop, open_window):
    page = open_window(shop.person(), language="zh-hans")
    page.goto("/admin/goods/livegoods/?faulty=no")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Live goods$", re.I))
    assert page.url.endswith("?faulty=no")


def test_the_choice_holds_on_the_next_page_and_can_be_taken_back(shop, open_window):
    page = open_window(shop.person(), language="zh-hans")
    page.goto("/admin/")
    page.get_by_role("button", name="English").click()
    page.goto("/admin/audits/batch/")
    page.get_by_role("button", name="中文").click()
    page.goto("/admin/")
    assert language(page) == "zh-hans"


def test_a_dark_desktop_gets_dark_pages(shop, open_window):
    page = open_window(shop.person(), color_scheme="dark")
    page.goto("/admin/")
    assert page.evaluate(BRIGHTNESS) < 60


def test_dark_can_be_chosen_by_hand_and_stays(shop, open_window):
    page = open_window(shop.person(), color_scheme="light")
    page.goto("/admin/")
    assert page.evaluate(BRIGHTNESS) > 200
    toggle = page.get_by_role("button", name=re.compile("Toggle theme"))
    toggle.click()
    if page.evaluate(BRIGHTNESS) > 200:  # from "as the desktop" it goes to light first
        toggle.click()
    page.goto("/admin/goods/livegoods/")
    assert page.evaluate(BRIGHTNESS) < 60


def test_who_is_not_signed_in_can_switch_as_well(open_window):
    page = open_window(language="zh-hans")
    page.goto("/admin/login/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
