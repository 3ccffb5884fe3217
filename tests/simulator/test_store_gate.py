"""Permission, unknown paths, limits, ids and the shapes of answers of the Mini Store."""

import pytest

from shopadmin.simulator.server import Simulator
from tests.simulator.conftest import Wechat
from tests.simulator.storefront import add, added, ask, draft, first_sku, skus, template_id, update

PATHS = [
    "spu/add",
    "spu/update",
    "spu/del",
    "spu/get",
    "spu/get_list",
    "spu/search",
    "spu/listing",
    "spu/delisting",
    "sku/add",
    "sku/batch_add",
    "sku/update",
    "sku/update_price",
    "sku/del",
    "sku/get",
    "sku/get_list",
    "stock/update",
    "stock/get",
    "delivery/get_freight_template",
    "delivery/insert_freight_template",
    "delivery/update_freight_template",
    "delivery/get_company_list",
    "category/get",
    "brand/get",
    "store/get_shopcat",
    "store/get_info",
    "img/upload",
]
BEYOND = ["spu/update_without_audit", "spu/del_audit", "coupon/get_list", "order/get_list", "spu/Add"]


@pytest.mark.parametrize("path", PATHS)
def test_account_needs_the_family(sim, wechat, path):
    sim.add_account(wechat.appid, wechat.secret, {"store": False})
    assert ask(wechat, path)["errcode"] == 48001


@pytest.mark.parametrize("path", PATHS)
def test_get_where_post_is_required(wechat, path):
    assert wechat.get(f"/product/{path}")["errcode"] == 43002


@pytest.mark.parametrize("path", PATHS)
def test_token_is_required(wechat, path):
    assert wechat.post(f"/product/{path}", {}, token="")["errcode"] == 41001


@pytest.mark.parametrize("path", BEYOND)
def test_path_that_does_not_exist(wechat, path):
    assert ask(wechat, path)["errcode"] == 40066


def test_switching_off_live_goods_leaves_the_store(sim, wechat):
    sim.add_account(wechat.appid, wechat.secret, {"live": False})
    assert ask(wechat, "store/get_info")["errcode"] == 0


def test_products_are_limited_by_the_hour(sim, wechat):
    sim.settings(spu_writes_per_hour=2)
    product_id = added(wechat)
    update(wechat, product_id)
    assert update(wechat, product_id)["errcode"] == 300000
    assert add(wechat, out_product_id="TEA-8")["errcode"] == 300000
    sim.advance(3600)
    assert update(wechat, product_id)["errcode"] == 0


def test_products_are_limited_by_the_day(sim, wechat):
    sim.settings(spu_writes_per_day=1)
    product_id = added(wechat)
    sim.advance(3600)
    assert update(wechat, product_id)["errcode"] == 300000
    sim.advance(11 * 3600)
    wechat._token = ""
    assert update(wechat, product_id)["errcode"] == 0


def test_limits_are_200_and_1000(sim):
    assert (sim.settings()["spu_writes_per_hour"], sim.settings()["spu_writes_per_day"]) == (200, 1000)


def test_code_of_the_limit_can_be_chosen(sim, wechat):
    sim.settings(spu_writes_per_hour=0, spu_limit_errcode=45009)
    assert add(wechat)["errcode"] == 45009


def test_refused_product_does_not_count(sim, wechat):
    sim.settings(spu_writes_per_hour=1)
    add(wechat, title="")
    assert add(wechat)["errcode"] == 0


def test_other_calls_do_not_count(sim, wechat):
    sim.settings(spu_writes_per_hour=1)
    product_id = added(wechat)
    assert ask(wechat, "spu/listing", product_id=product_id)["errcode"] == 0


def test_every_account_has_limits_of_its_own(sim, wechat, other):
    sim.settings(spu_writes_per_hour=1)
    added(wechat)
    assert add(other)["errcode"] == 0


def test_used_limit_is_shown(sim, wechat):
    added(wechat)
    counters = sim.state()["accounts"][wechat.appid]["counters"]
    assert (counters["spu_writes_this_hour"], counters["spu_writes_today"]) == (1, 1)


@pytest.mark.parametrize("count", [2.5, -1, True, "2"])
def test_limit_is_a_whole_number(sim, count):
    with pytest.raises(ValueError, match="spu_writes_per_hour"):
        sim.settings(spu_writes_per_hour=count)


def test_ids_can_cross_the_end_of_signed_numbers():
    with Simulator() as sim:
        sim.settings(store_ids="near_2_63")
        wechat = Wechat(sim.url)
        ids = [added(wechat, out_product_id=f"TEA-{number}") for number in range(2)]
        wechat.session.close()
    assert ids[0] < 2**63 <= ids[1]


def test_ids_can_be_the_largest_there_are():
    with Simulator() as sim:
        sim.settings(store_ids="up_to_2_64")
        wechat = Wechat(sim.url)
        product_id = added(wechat)
        found = draft(wechat, product_id)["product_id"]
        wechat.session.close()
    assert product_id == found == 2**64 - 1


def test_ids_can_be_strings(sim, wechat):
    sim.settings(ids_as_strings=True)
    spu = draft(wechat, int(add(wechat)["data"]["product_id"]))
    shown = [spu["product_id"], spu["skus"][0]["sku_id"], skus(wechat, int(spu["product_id"]))[0]["sku_id"]]
    assert all(isinstance(number, str) for number in shown)


def test_template_ids_can_be_strings(sim, wechat):
    sim.settings(ids_as_strings=True)
    rows = ask(wechat, "delivery/get_freight_template")["template_list"]
    assert rows[0]["template_id"] == str(template_id(wechat))


def test_errmsg_can_be_missing(sim, wechat):
    sim.settings(omit_errmsg=True)
    assert ask(wechat, "spu/get_list", status=5, page=1, page_size=1) == {
        "errcode": 0,
        "total_num": 0,
        "spus": [],
    }
    assert ask(wechat, "spu/get", product_id=5) == {"errcode": 9401002}


def test_errmsg_of_other_families_stays(sim, wechat):
    sim.settings(omit_errmsg=True)
    assert "errmsg" in wechat.get("/cgi-bin/nothing")


def test_text_in_escapes_is_taken(wechat):
    answer = wechat.raw_post("/product/spu/get", b'{"out_product_id":"\\u8336"}').json()
    assert answer["errcode"] == 9401002


def test_half_a_character_is_no_json(wechat):
    answer = wechat.raw_post("/product/spu/get", b'{"out_product_id":"\\ud83d"}').json()
    assert answer["errcode"] == 47001


def test_refusal_has_a_request_id(wechat):
    assert " rid: " in ask(wechat, "spu/get", product_id=5)["errmsg"]


def test_product_is_made_without_its_skus(sim, wechat):
    sim.next("apply_then_errcode", errcode=100009, path="/product/spu/add")
    assert add(wechat)["errcode"] == 100009
    spu = ask(wechat, "spu/get", out_product_id="TEA-7", need_edit_spu=1)["data"]["spu"]
    assert spu["skus"] == []


def test_keys_of_skus_that_were_not_made_are_free(sim, wechat):
    sim.next("apply_then_errcode", errcode=100009, path="/product/spu/add")
    add(wechat)
    row = {
        "out_product_id": "TEA-7",
        "out_sku_id": "TEA-7-100",
        "sale_price": 1,
        "stock_num": 1,
        "sku_attrs": [],
    }
    assert ask(wechat, "sku/add", **row)["errcode"] == 0


def test_refused_product_is_not_made_by_that_order_either(sim, wechat):
    sim.next("apply_then_errcode", errcode=100009, path="/product/spu/add")
    add(wechat, title="")
    assert sim.spus() == []


def test_lost_answer_leaves_the_product(sim, wechat):
    sim.next("empty", path="/product/spu/add")
    body = {"out_product_id": "TEA-7"}
    with pytest.raises(ValueError):
        add(wechat)
    product_id = ask(wechat, "spu/get", **body, need_edit_spu=1)["data"]["spu"]["product_id"]
    assert first_sku(wechat, product_id)


def test_calls_are_in_the_log(sim, wechat):
    added(wechat)
    (call,) = sim.calls("/product/spu/add")
    assert (call["body"]["out_product_id"], call["errcode"], call["appid"]) == ("TEA-7", 0, wechat.appid)
