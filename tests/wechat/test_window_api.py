"""The Channels window's interfaces as methods: what is sent and what is read, against the simulator."""

import pytest

from shopadmin.simulator.window_seed import BOUND_APPID, OTHER_APPID
from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import Kind
from shopadmin.wechat.window import (
    BannedDetails,
    BranchInfo,
    Filter,
    LimitDiscountInfo,
    ListedProduct,
    PagePath,
    ProductKind,
    RemoteWindowProduct,
    WindowAPI,
)
from tests.conftest import SECRET
from tests.wechat.conftest import failure

OWN, CPS = ProductKind.OWN, ProductKind.CPS
# WeChat's own examples, as they are printed.
TEA = "10000048812207"
OK = '{"errcode": 0, "errmsg": "ok"}'
GET_ANSWER = """{
  "errcode": 0, "errmsg": "ok",
  "product": {
    "product_id": "10000048812207", "out_product_id": "TEA-0042", "title": "高山乌龙茶 250克 礼盒装",
    "img_url": "https://mmecimage.cn/p/wx5d2e90c4ab17f386/HAbCdEf01",
    "third_category_id": 7310, "leaf_category_id": 7310,
    "status": 1, "market_price": 19900, "selling_price": 12800, "stock": 57, "sales": 1204,
    "appid": "wx5d2e90c4ab17f386",
    "page_path": {"appid": "wx5d2e90c4ab17f386",
                  "half_page_path": "pages/half/detail?id=48812207",
                  "full_page_path": "pages/detail?id=48812207"},
    "platform_id": 0, "platform_name": "茶铺小店",
    "is_hide_for_window": 0, "banned": true,
    "banned_details": {"reason": 1, "need_apply_category_id": "7310", "need_apply_category_name": "茶叶"},
    "branch_info": {"branch_id": 90017, "branch_name": "西湖店", "branch_status": 0},
    "limit_discount_info": {"is_effect": true, "discount_price": 9900, "end_time_ms": 1795622400000,
                            "stock": 8}
  },
  "cps_products": [
    {"product_id": "14000007731925", "out_product_id": "10000048812207", "title": "高山乌龙茶 250克 礼盒装",
     "img_url": "https://mmecimage.cn/p/wx5d2e90c4ab17f386/HAbCdEf01",
     "third_category_id": 7310, "leaf_category_id": 7310, "status": 1,
     "market_price": 19900, "selling_price": 12800, "stock": 57, "sales": 1204,
     "platform_id": 0, "platform_name": "茶铺小店", "is_hide_for_window": 0, "banned": false,
     "cps_item_type": 1, "product_promotion_link": "v1=Qm9ndXNMaW5r"}
  ]
}"""
LIST_ANSWER = """{"errcode": 0, "errmsg": "ok",
 "products": [
   {"product_id": "10000048812207", "appid": "wx5d2e90c4ab17f386", "product_source": 1},
   {"product_id": "10000048812215", "appid": "wx5d2e90c4ab17f386", "product_source": 1}],
 "last_buffer": "Q0FJUUFn", "total_num": 11}"""
CPS_ROW = '{"product_id": "14000007731925", "out_product_id": "10000048812207", "product_source": 2}'


@pytest.fixture
def client(account) -> WeChatClient:
    return client_for(account)


@pytest.fixture
def window(client) -> WindowAPI:
    return client.window


@pytest.fixture
def own(sim) -> str:
    """An own product on the window."""
    return str(sim.make_window(title="白毫银针", out_product_id="TEA-1")[0])


@pytest.fixture
def plan(sim, own) -> str:
    """The cps id of a plan that promotes the own product."""
    return str(sim.make_window(kind="cps", product_id=int(own), cps_item_type=2)[0])


@pytest.fixture
def answered(sim):
    """Let WeChat answer the next call of the window with exactly this text."""

    def order(text: str) -> None:
        sim.next("garbage", path="/channels/*", body=text, apply=False)

    return order


def sent(sim) -> dict:
    """The body of the latest call."""
    return sim.calls()[-1]["body"]


def keys(pages) -> list[str]:
    """The ids of all pages, as the list told them."""
    return [product.key[1] for page in pages for product in page.products]


# --- WeChat's own examples ---


def test_the_example_of_add_is_sent_and_read(sim, window, answered):
    answered(OK)
    window.add(TEA, BOUND_APPID)
    assert sent(sim) == {"product_id": TEA, "appid": BOUND_APPID, "is_hide_for_window": False}


def test_the_example_of_off_is_sent_and_read(sim, window, answered):
    answered(OK)
    window.off(TEA, BOUND_APPID)
    assert sent(sim) == {"product_id": TEA, "appid": BOUND_APPID}


def test_the_example_of_get_is_sent(sim, window, answered):
    answered(GET_ANSWER)
    window.get(TEA, BOUND_APPID, with_cps=True)
    assert sent(sim) == {"product_id": TEA, "appid": BOUND_APPID, "need_cps_product": True}


COMMON = {
    "title": "高山乌龙茶 250克 礼盒装",
    "img_url": "https://mmecimage.cn/p/wx5d2e90c4ab17f386/HAbCdEf01",
    "third_category_id": "7310",
    "leaf_category_id": "7310",
    "status": 1,
    "market_price": 19900,
    "selling_price": 12800,
    "stock": 57,
    "sales": 1204,
    "platform_id": 0,
    "platform_name": "茶铺小店",
    "is_hide_for_window": False,
}


def test_the_own_product_of_the_example_of_get_is_read_without_loss(window, answered):
    answered(GET_ANSWER)
    assert window.get(TEA, BOUND_APPID, with_cps=True).product == RemoteWindowProduct(
        kind=OWN,
        product_id=TEA,
        cps_id="",
        out_product_id="TEA-0042",
        appid=BOUND_APPID,
        **COMMON,
        banned=True,
        page_path=PagePath(BOUND_APPID, "pages/half/detail?id=48812207", "pages/detail?id=48812207"),
        banned_details=BannedDetails(1, "7310", "茶叶"),
        branch_info=BranchInfo("90017", "西湖店", 0),
        limit_discount_info=LimitDiscountInfo(True, 9900, 1795622400000, 8),
        cps_item_type=None,
        product_promotion_link="",
    )


def test_the_cps_product_of_the_example_of_get_is_read_without_loss(window, answered):
    answered(GET_ANSWER)
    [plan] = window.get(TEA, BOUND_APPID, with_cps=True).cps_products
    assert plan == RemoteWindowProduct(
        kind=CPS,
        product_id=TEA,
        cps_id="14000007731925",
        out_product_id="",
        appid="",
        **COMMON,
        banned=False,
        page_path=None,
        banned_details=None,
        branch_info=None,
        limit_discount_info=None,
        cps_item_type=1,
        product_promotion_link="v1=Qm9ndXNMaW5r",
    )


def test_the_example_of_the_list_is_sent(sim, window, answered):
    answered(LIST_ANSWER)
    window.get_list(Filter(BOUND_APPID), page_size=2, page_index=1, need_total=True)
    assert sent(sim) == {"appid": BOUND_APPID, "page_size": 2, "page_index": 1, "need_total_num": True}


def test_the_example_of_the_list_is_read_without_loss(window, answered):
    answered(LIST_ANSWER)
    page = window.get_list()
    assert (page.last_buffer, page.total) == ("Q0FJUUFn", 11)
    assert page.products == [
        ListedProduct(OWN, number, "", BOUND_APPID, 1) for number in (TEA, "10000048812215")
    ]


def test_the_cps_example_of_the_list_keeps_both_ids_apart(window, answered):
    answered(f'{{"errcode": 0, "products": [{CPS_ROW}]}}')
    assert window.get_list().products == [ListedProduct(CPS, TEA, "14000007731925", "", 2)]


# --- Against the simulator ---


def test_a_product_is_added_and_read_back(sim, window):
    [number] = map(str, sim.make_window(placed=False))
    assert failure(lambda: window.get(number, BOUND_APPID, with_cps=False)).kind is Kind.NOT_FOUND
    window.add(number, BOUND_APPID, hide=True)
    product = window.get(number, BOUND_APPID, with_cps=False).product
    assert (product.status, product.is_hide_for_window) == (1, True)


def test_off_succeeds_and_changes_nothing(window, own):
    window.off(own, BOUND_APPID)
    assert window.get(own, BOUND_APPID, with_cps=False).product.status == 1


def test_off_as_in_former_times_is_read_back(sim, window, own):
    sim.settings(window_off_is_legacy=True)
    window.off(own, BOUND_APPID)
    assert window.get(own, BOUND_APPID, with_cps=False).product.status == 2


@pytest.mark.parametrize("documented", [False, True], ids=["samples", "tables"])
@pytest.mark.parametrize("absent", ["missing", "null", "empty"])
@pytest.mark.parametrize("numbers", [False, True], ids=["text", "numbers"])
def test_any_way_of_writing_reads_the_same(sim, window, own, plan, documented, absent, numbers):
    sim.change_window(int(own), hidden=True, branch_id=2**64 - 1, branch_name="西湖店")
    sim.discount_window(int(own), price=9900)
    usual = window.get(own, BOUND_APPID, with_cps=True)
    sim.settings(
        window_documented_types=documented, window_absent_objects=absent, window_ids_as_numbers=numbers
    )
    assert window.get(own, BOUND_APPID, with_cps=True) == usual
    assert usual.product.banned_details is None and usual.product.branch_info.branch_id == str(2**64 - 1)


def test_a_cps_id_finds_its_plan_alone(sim, window, own, plan):
    sim.make_window(kind="cps", product_id=int(own))
    found = window.get(plan, with_cps=True)
    assert [(cps.kind, cps.cps_id, cps.product_id) for cps in found.cps_products] == [(CPS, plan, own)]


@pytest.mark.parametrize(("how", "shown"), [("absent", False), ("empty", False), ("filled", True)])
@pytest.mark.parametrize("appid_shown", [False, True])
@pytest.mark.parametrize("by", ["cps id", "shop product id"])
def test_a_plan_in_the_place_of_the_product_is_never_taken_for_an_own_one(
    sim, window, how, shown, appid_shown, by
):
    [cps_id] = map(str, sim.make_window(kind="cps", product_id=77, cps_item_type=0))
    sim.settings(window_cps_product=how, window_cps_appid=appid_shown)
    found = window.get(cps_id if by == "cps id" else "77", with_cps=True)
    assert (found.product is not None) == shown
    assert not shown or (found.product.kind, found.product.cps_id) == (CPS, cps_id)


@pytest.mark.parametrize("numbers", [False, True], ids=["text", "numbers"])
def test_a_list_keeps_both_kinds_apart(sim, window, own, plan, numbers):
    sim.settings(window_ids_as_numbers=numbers, window_cps_appid=True)
    page = window.get_list(page_size=2)
    assert page.products == [
        ListedProduct(CPS, own, plan, OTHER_APPID, 2),
        ListedProduct(OWN, own, "", BOUND_APPID, 1),
    ]


def test_a_single_product_may_stand_without_a_list(sim, window, own):
    sim.settings(window_documented_types=True)
    assert keys([window.get_list(page_size=1)]) == [own]


def test_a_list_can_be_about_one_branch(sim, window, own):
    sim.change_window(int(own), branch_id=2**64 - 1)
    assert keys([window.get_list(Filter(branch_id=str(2**64 - 1)))]) == [own]


def test_a_list_can_be_about_cps_products_alone(window, own, plan):
    assert {product.kind for product in window.get_list(Filter(only_cps=True)).products} == {CPS}


def test_a_later_page_is_named_by_number_or_by_buffer(sim, window):
    made = [str(number) for number in sim.make_window(count=6)][::-1]
    first = window.get_list(page_size=2)
    assert keys([window.get_list(page_size=2, page_index=3)]) == made[4:]
    assert keys([window.get_list(page_size=2, last_buffer=first.last_buffer)]) == made[2:4]


@pytest.mark.parametrize(
    "arguments",
    [
        {"page_size": 0},
        {"page_size": 201},
        {"page_index": 0},
        {"page_index": 51},
        {"page_size": 1, "page_index": 10_001},
        {"page_index": 1, "last_buffer": "Q0FJUUFn"},
        {"which": Filter(BOUND_APPID, only_cps=True)},
    ],
)
def test_a_page_that_wechat_would_refuse_or_misread_is_not_asked_for(sim, window, arguments):
    with pytest.raises(ValueError):
        window.get_list(**arguments)
    assert sim.calls(WindowAPI.LIST) == []


def test_a_product_without_shop_is_asked_for_with_its_plans_only(window, own):
    with pytest.raises(ValueError, match="appid"):
        window.get(own, with_cps=False)


# --- Errors ---


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        (48001, Kind.PERMISSION),
        (10022001, Kind.PERMISSION),
        (10022002, Kind.PERMISSION),
        (10022003, Kind.NOT_FOUND),
        (10022005, Kind.UNKNOWN),
        (10022007, Kind.STATE),
        (10022008, Kind.PERMISSION),
        (40097, Kind.INPUT),
        (45009, Kind.QUOTA),
        (45011, Kind.BUSY),
        (61004, Kind.PERMISSION),
    ],
)
def test_an_errcode_decides_what_happens_next(sim, window, errcode, kind):
    sim.next("errcode", path="/channels/*", errcode=errcode)
    error = failure(lambda: window.add(TEA, BOUND_APPID))
    assert (error.errcode, error.kind, bool(error.rid)) == (errcode, kind, True)


def test_a_capability_that_is_off_is_told(sim, window, account):
    sim.add_account(account.appid, SECRET, {"window": False})
    assert failure(lambda: window.get_list()).errcode == 48001


def test_a_shop_that_is_not_bound_is_told(window, own):
    assert failure(lambda: window.get(own, OTHER_APPID, with_cps=False)).errcode == 10022008


@pytest.mark.parametrize("path", ["add", "off"])
def test_a_cps_product_cannot_be_changed(window, plan, path):
    assert failure(lambda: getattr(window, path)(plan, BOUND_APPID)).errcode == 10022007


@pytest.mark.parametrize(
    "text", ['{"errcode":0}', '{"errcode":0,"product":{}}', '{"errcode":0,"product":{"title":"x"}}']
)
def test_success_without_a_product_is_no_answer(window, answered, text):
    answered(text)
    assert failure(lambda: window.get(TEA, BOUND_APPID, with_cps=False)).kind is Kind.NO_ANSWER


@pytest.mark.parametrize("products", ["none", [7], [{"appid": "wx"}], [{"product_id": "x"}]], ids=str)
def test_a_list_of_something_else_is_no_answer(sim, window, products):
    sim.next("wrong_type", path=WindowAPI.LIST, value={"errcode": 0, "products": products})
    assert failure(lambda: window.get_list()).kind is Kind.NO_ANSWER
