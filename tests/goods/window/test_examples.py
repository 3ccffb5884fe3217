"""WeChat's own examples, inconsistent types included, from the answer to the record and to its page."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from goods.models import WindowProduct
from goods.window import refresh
from shopadmin.wechat.window import WindowAPI
from tests.goods.window.conftest import SHOP, listing
from tests.people import form_of, text

GET, LIST = WindowAPI.GET, WindowAPI.LIST
TEA, PLAN = "10000048812207", "14000007731925"

PRODUCT = {
    "product_id": TEA, "out_product_id": "TEA-0042", "title": "高山乌龙茶 250克 礼盒装",
    "img_url": "https://mmecimage.cn/p/wx5d2e90c4ab17f386/HAbCdEf01",
    "third_category_id": 7310, "leaf_category_id": 7310,
    "status": 1, "market_price": 19900, "selling_price": 12800, "stock": 57, "sales": 1204,
    "appid": SHOP,
    "page_path": {"appid": SHOP, "half_page_path": "pages/half/detail?id=48812207",
                  "full_page_path": "pages/detail?id=48812207"},
    "platform_id": 0, "platform_name": "茶铺小店",
    "is_hide_for_window": 0, "banned": True,
    "banned_details": {"reason": 1, "need_apply_category_id": "7310", "need_apply_category_name": "茶叶"},
    "branch_info": {"branch_id": 90017, "branch_name": "西湖店", "branch_status": 0},
    "limit_discount_info": {"is_effect": True, "discount_price": 9900, "end_time_ms": 1795622400000,
                            "stock": 8},
}  # fmt: skip
CPS = {
    "product_id": PLAN, "out_product_id": TEA, "title": "高山乌龙茶 250克 礼盒装",
    "img_url": "https://mmecimage.cn/p/wx5d2e90c4ab17f386/HAbCdEf01",
    "third_category_id": 7310, "leaf_category_id": 7310, "status": 1,
    "market_price": 19900, "selling_price": 12800, "stock": 57, "sales": 1204,
    "platform_id": 0, "platform_name": "茶铺小店", "is_hide_for_window": 0, "banned": False,
    "cps_item_type": 1, "product_promotion_link": "v1=Qm9ndXNMaW5r",
}  # fmt: skip
LISTED = {
    "products": [
        {"product_id": TEA, "appid": SHOP, "product_source": 1},
        {"product_id": PLAN, "out_product_id": TEA, "product_source": 2},
    ],
    "last_buffer": "",
    "total_num": 2,
}
# Before the discount of the example ends.
THEN = dt.datetime(2026, 11, 23, 22, 0, tzinfo=dt.UTC)

# The same answer as the tables describe it, where they differ from the sample.
AS_DOCUMENTED = PRODUCT | {
    "third_category_id": "7310", "leaf_category_id": "7310", "is_hide_for_window": False,
    "limit_discount_info": PRODUCT["limit_discount_info"] | {"end_time_ms": "1795622400000"},
    "branch_info": PRODUCT["branch_info"] | {"branch_id": "90017"},
}  # fmt: skip
OTHERWISE = PRODUCT | {
    "product_id": int(TEA), "is_hide_for_window": "0", "banned": 1, "status": "1", "stock": "57",
    "market_price": "19900",
    "banned_details": PRODUCT["banned_details"] | {"need_apply_category_id": 7310, "reason": "1"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def read(account, empty):
    """Let WeChat answer with the examples, and read them."""

    def do(product=PRODUCT, plans=(CPS,), listed=LISTED):
        empty.next("errcode", path=LIST, errcode=0, fields=listed)
        fields = {"product": product, "cps_products": list(plans) if not isinstance(plans, dict) else plans}
        empty.next("errcode", path=GET, errcode=0, fields=fields)
        listing(account)
        refresh.look_due(account)
        return WindowProduct.objects.get(kind="own"), WindowProduct.objects.get(kind="cps")

    return do


SHARED = {
    "product_id": TEA, "title": "高山乌龙茶 250克 礼盒装",
    "img_url": "https://mmecimage.cn/p/wx5d2e90c4ab17f386/HAbCdEf01", "third_category_id": "7310",
    "leaf_category_id": "7310", "status": 1, "market_price": Decimal("199.00"),
    "selling_price": Decimal("128.00"), "stock": 57, "sales": 1204, "platform_id": 0,
    "platform_name": "茶铺小店", "is_hide_for_window": False, "in_window": True, "hide": False,
}  # fmt: skip
OWN_FIELDS = SHARED | {
    "cps_id": "", "out_product_id": "TEA-0042", "appid": SHOP, "product_source": 1, "banned": True,
    "banned_reason": 1, "need_apply_category_id": "7310", "need_apply_category_name": "茶叶",
    "page_appid": SHOP, "half_page_path": "pages/half/detail?id=48812207",
    "full_page_path": "pages/detail?id=48812207", "branch_id": "90017", "branch_name": "西湖店",
    "branch_status": 0, "discount_running": True, "discount_price": Decimal("99.00"), "discount_stock": 8,
    "discount_end": dt.datetime(2026, 11, 25, 16, 0, tzinfo=dt.UTC),
}  # fmt: skip
CPS_FIELDS = SHARED | {
    "cps_id": PLAN, "appid": "", "product_source": 2, "banned": False, "banned_reason": None,
    "cps_item_type": 1, "product_promotion_link": "v1=Qm9ndXNMaW5r", "discount_end": None, "branch_id": "",
}  # fmt: skip


def values(product, wanted):
    return {name: getattr(product, name) for name in wanted}


@pytest.mark.parametrize("answer", [PRODUCT, AS_DOCUMENTED, OTHERWISE], ids=["sample", "tables", "other"])
def test_the_example_of_get_is_kept_without_loss(read, answer):
    own, _plan = read(answer)
    assert values(own, OWN_FIELDS) == OWN_FIELDS


@pytest.mark.parametrize("plans", [[CPS], CPS, [CPS | {"appid": ""}], [CPS | {"product_id": int(PLAN)}]])
def test_the_plan_of_the_example_is_kept_without_loss(read, plans):
    _own, plan = read(plans=plans)
    assert values(plan, CPS_FIELDS) == CPS_FIELDS


def test_a_list_of_one_may_stand_without_the_list(read, account, empty):
    empty.next("errcode", path=LIST, errcode=0, fields=LISTED | {"products": LISTED["products"][0]})
    listing(account)
    assert WindowProduct.objects.get().product_id == TEA


@pytest.mark.parametrize("absent", [None, {}])
def test_objects_that_are_not_there_leave_nothing_behind(read, account, empty, absent):
    own, _plan = read()
    names = ("banned_details", "branch_info", "limit_discount_info", "page_path")
    row = PRODUCT | dict.fromkeys(names, absent) | {"banned": 0}
    empty.next("errcode", path=GET, errcode=0, fields={"product": row, "cps_products": [CPS]})
    WindowProduct.objects.update(look_at="2026-01-01T00:00:00Z")
    refresh.look_due(account)
    own.refresh_from_db()
    left = ("banned_reason", "need_apply_category_name", "branch_id", "branch_status", "discount_end",
            "full_page_path", "discount_running")  # fmt: skip
    assert not any(getattr(own, name) for name in left)


@pytest.mark.parametrize(
    "told",
    [
        "高山乌龙茶 250克 礼盒装", "TEA-0042", TEA, "¥128.00", "¥199.00", "1204 / 57", "茶铺小店", SHOP,
        "pages/half/detail?id=48812207", "pages/detail?id=48812207", "西湖店 · 90017 · branch open", "7310",
        "apply for the category “茶叶” (7310) first", "Apply for the category in the shop&#x27;s console",
        "https://mmecimage.cn/p/wx5d2e90c4ab17f386/HAbCdEf01", "own product", "from a shop",
    ],
)  # fmt: skip
def test_the_page_of_the_own_product_tells(read, staff, told):
    own, _plan = read()
    assert told in text(staff.get(form_of(own)))


@pytest.mark.parametrize(
    "told", [PLAN, TEA, "targeted plan", "v1=Qm9ndXNMaW5r", "from the selection centre", "¥128.00"]
)
def test_the_page_of_the_plan_tells(read, staff, told):
    _own, plan = read()
    assert told in text(staff.get(form_of(plan)))


def test_the_discount_of_the_example_is_told_in_the_shops_time(read, account, empty, staff):
    with time_machine.travel(THEN, tick=True):
        own, _plan = read()
        page = text(staff.get(form_of(own))).replace("\xa0", " ")
    assert "¥99.00, 1 day, 17 hours left (until 11-26 00:00)" in page
