"""A clerk's whole way: from a spreadsheet to approved products, refusals and corrections included."""

import re

import pytest
from playwright.sync_api import Page, expect

from goods.models import LiveGoods
from shopadmin.wechat.live_goods import LiveGoodsAPI
from tests.browser.scene import make_goods, png
from tests.browser.shop import Shop
from tests.browser.staff import GOODS, WORK_MS, choose, confirm, field, plan, refresh_until, row, tick

BAD, GOOD = "全国第一的手冲咖啡", "武夷山大红袍茶叶"
TABLE = f"商品编号,商品名称,价格,页面路径\nKF-1,{BAD},68,pages/goods?id=1\nCY-2,{GOOD},129,pages/goods?id=2\n"
FINISHED = re.compile("^Finished")


@pytest.fixture(scope="module", autouse=True)
def _at_work(shop: Shop) -> None:
    shop.account()
    shop.work()


def finish(page: Page, words: str) -> None:
    """Look at a batch's page until it says, by itself, that it is over, and how."""
    expect(page.get_by_role("heading", name=FINISHED)).to_contain_text(words, timeout=WORK_MS)


def test_a_spreadsheet_becomes_approved_products(page, shop):
    # Import.
    page.goto("/admin/goods/importrun/add/")
    file = {"name": "products.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    field(page, "File").set_input_files([file])
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_role("button", name="Import 2 products").click(timeout=WORK_MS)
    expect(page.get_by_text("2 products were stored.")).to_be_visible(timeout=WORK_MS)
    # Pictures do not come with a table.
    for name in (BAD, GOOD):
        page.goto(GOODS)
        page.get_by_role("link", name=name).first.click()
        picture = {"name": "cover.png", "mimeType": "image/png", "buffer": png()}
        page.get_by_label(re.compile("cover picture", re.I)).set_input_files([picture])
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("was changed successfully")).to_be_visible()
    # Plan, push, progress.
    plan(page, "Submit to WeChat…", BAD, GOOD)
    expect(page.get_by_text("2 records will be sent.")).to_be_visible()
    confirm(page)
    finish(page, "done 2")
    # Review.
    shop.sim.ripen()
    refresh_until(page, GOODS, GOOD, "approved")
    expect(row(page, BAD)).to_contain_text("refused")
    # Correct and submit again.
    page.get_by_role("link", name=BAD).first.click()
    field(page, "Name").fill("云南小粒咖啡豆")
    page.get_by_role("button", name="Submit for review again…").click()
    confirm(page)
    finish(page, "done 1")
    shop.sim.ripen()
    refresh_until(page, GOODS, "云南小粒咖啡豆", "approved")


def test_a_refusal_says_what_to_do_and_leads_to_the_field(page, shop):
    shop.sim.next("errcode", path=LiveGoodsAPI.ADD, errcode=300002)
    goods = make_goods(shop.account(), LiveGoods.objects.count() + 1)
    plan(page, "Submit to WeChat…", goods.name)
    confirm(page)
    finish(page, "refused 1")
    page.get_by_role("link", name="Correct: name").first.click()
    expect(field(page, "Name")).to_be_focused()


def test_what_was_refused_is_repeated_from_the_page_of_the_batch(page, shop):
    shop.sim.next("errcode", path=LiveGoodsAPI.ADD, errcode=300002)
    goods = make_goods(shop.account(), LiveGoods.objects.count() + 1)
    plan(page, "Submit to WeChat…", goods.name)
    confirm(page)
    finish(page, "refused 1")
    page.get_by_role("button", name=re.compile("^Repeat")).click()
    confirm(page)
    finish(page, "done 1")


def test_a_record_changed_after_the_plan_is_left_out_and_named(page, shop):
    first = make_goods(shop.account(), LiveGoods.objects.count() + 1)
    second = make_goods(shop.account(), LiveGoods.objects.count() + 1)
    page.goto(GOODS)
    tick(page, first.name, second.name)
    choose(page, "Submit to WeChat…")
    expect(page.get_by_text("2 records will be sent.")).to_be_visible()
    LiveGoods.objects.filter(pk=second.pk).update(name="高山乌龙茶")
    confirm(page)
    expect(page.get_by_role("main").get_by_text("高山乌龙茶").first).to_be_visible()
    expect(
        page.get_by_role("main").get_by_text(re.compile("left out|changed after", re.I)).first
    ).to_be_visible()
