"""The Mini Store's console, buyers and reviewers: knobs in Python and over HTTP, the page, the state file."""

import json

import pytest

from shopadmin.simulator.server import Simulator
from shopadmin.simulator.world import DEFAULT_APPID
from tests.simulator.conftest import Wechat
from tests.simulator.storefront import (
    DELETED,
    DELISTED,
    NEW,
    ON_SALE,
    PASSED,
    RECYCLED,
    REMOVED,
    SOLD_OUT,
    added,
    ask,
    draft,
    first_sku,
    listed,
    online,
    skus,
    template_id,
    update,
)


@pytest.fixture
def knob(wechat):
    """Turns a knob: path below /_sim/ and JSON body; answers with status and JSON."""

    def turn(path, **body):
        response = wechat.request("POST", f"/_sim/{path}", json=body)
        return response.status_code, response.json()

    return turn


def test_shop_starts_without_products(sim):
    assert sim.spus() == []


def test_products_are_shown_with_both_copies_and_real_stock(sim, wechat):
    product_id = listed(sim, wechat)
    update(wechat, product_id, title="山野白茶 礼盒")
    sim.sell(first_sku(wechat, product_id), 3)
    (spu,) = sim.spus()
    assert (spu["draft"]["title"], spu["online"]["title"]) == ("山野白茶 礼盒", "山野白茶 2026春 罐装")
    assert (spu["online"]["skus"][0]["stock_num"], spu["online"]["skus"][0]["real_stock"]) == (40, 37)


def test_state_shows_products_and_templates(sim, wechat):
    product_id = added(wechat)
    account = wechat.request("GET", "/_sim/state").json()["accounts"][DEFAULT_APPID]
    assert [spu["product_id"] for spu in account["spus"]] == [product_id]
    assert len(account["templates"]) == 2


def test_product_made_in_the_console_has_no_keys_of_its_own(sim, wechat):
    (product_id,) = sim.make_spus()
    assert (online(wechat, product_id)["out_product_id"], online(wechat, product_id)["status"]) == (
        "",
        ON_SALE,
    )
    assert skus(wechat, product_id)[0]["out_sku_id"] == ""


def test_several_products_are_made_in_the_console(sim, wechat):
    ids = sim.make_spus(count=3, title="控制台白茶", sale_price=500)
    assert [online(wechat, product_id)["min_price"] for product_id in ids] == [500] * 3


def test_product_made_in_the_console_can_be_a_draft(sim, wechat):
    (product_id,) = sim.make_spus(on_sale=False)
    assert draft(wechat, product_id)["status"] == NEW


def test_product_made_in_the_console_can_be_changed_by_the_api(sim, wechat):
    (product_id,) = sim.make_spus()
    assert update(wechat, product_id)["errcode"] == 0


@pytest.mark.parametrize("fields", [{"colour": "red"}, {"title": 5}, {"sale_price": "1"}, {"count": 0}])
def test_product_that_cannot_be_made(sim, fields):
    with pytest.raises(ValueError):
        sim.make_spus(**fields)


def test_change_in_the_console_shows_in_both_copies(sim, wechat):
    product_id = listed(sim, wechat)
    sim.change_spu(product_id, title="控制台改的标题", shopcats=[21])
    assert {copy(wechat, product_id)["title"] for copy in (draft, online)} == {"控制台改的标题"}
    assert online(wechat, product_id)["shopcat"] == [{"shopcat_id": 21}]


def test_change_of_a_sku_in_the_console_shows_in_both_copies(sim, wechat):
    product_id = listed(sim, wechat)
    sim.change_sku(first_sku(wechat, product_id), sale_price=1, stock_num=3)
    rows = [skus(wechat, product_id, edit=edit, real=1)[0] for edit in (0, 1)]
    assert [(row["sale_price"], row["stock_num"]) for row in rows] == [(1, 3)] * 2


def test_products_are_made_over_http(sim, knob):
    answer = knob("spus", title="控制台白茶", count=2)[1]
    assert [spu["product_id"] for spu in sim.spus()] == answer["product_ids"]


@pytest.mark.parametrize(
    ("action", "status"), [("remove", REMOVED), ("recycle", RECYCLED), ("delete", DELETED)]
)
def test_status_is_changed_over_http(sim, wechat, knob, action, status):
    product_id = listed(sim, wechat)
    assert knob("spus", action=action, product_id=product_id) == (200, {"ok": True})
    assert sim.spu(product_id)["status"] == status


def test_product_is_restored_over_http(sim, wechat, knob):
    product_id = listed(sim, wechat)
    sim.remove_spu(product_id)
    knob("spus", action="restore", product_id=str(product_id))
    assert sim.spu(product_id)["status"] == ON_SALE


def test_review_is_withdrawn_over_http(sim, wechat, knob):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    knob("spus", action="withdraw", product_id=product_id)
    assert update(wechat, product_id)["errcode"] == 0


def test_product_is_changed_over_http(sim, wechat, knob):
    product_id = added(wechat)
    knob("spus", action="change", product_id=product_id, title="改过")
    assert draft(wechat, product_id)["title"] == "改过"


def test_sku_is_sold_over_http(sim, wechat, knob):
    product_id = listed(sim, wechat)
    knob("skus", action="sell", sku_id=first_sku(wechat, product_id), count=40)
    assert sim.spu(product_id)["status"] == SOLD_OUT


def test_template_is_deleted_over_http(sim, wechat, knob):
    knob("templates", action="delete", template_id=template_id(wechat))
    assert len(sim.templates()) == 1


def test_verdict_is_given_over_http(sim, wechat, knob):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    knob("verdict", product_id=product_id, approve=False, reason="图片模糊")
    assert sim.spu(product_id)["reason"] == "图片模糊"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("spus", {"action": "paint"}, 400),
        ("spus", {"action": "delete", "product_id": 5}, 404),
        ("spus", {"action": "delete"}, 404),
        ("spus", {"colour": "red"}, 400),
        ("spus", {"appid": "wx0000000000000000"}, 404),
        ("skus", {"action": "sell", "sku_id": 5}, 404),
        ("skus", {"action": "paint", "sku_id": 5}, 400),
        ("templates", {"action": "delete", "template_id": 5}, 404),
        ("templates", {}, 400),
        ("verdict", {"product_id": 5, "approve": True}, 404),
        ("settings", {"spu_verdict": "maybe"}, 400),
        ("settings", {"store_ids": "small"}, 400),
    ],
)
def test_knob_that_cannot_be_turned(knob, path, body, status):
    code, answer = knob(path, **body)
    assert (code, bool(answer["error"])) == (status, True)


def test_page_shows_products_with_buttons_for_their_reviews(sim, wechat):
    product_id = added(wechat, title="<白茶>")
    ask(wechat, "spu/listing", product_id=product_id)
    text = wechat.request("GET", "/").text
    assert "&lt;白茶&gt;" in text and "<白茶>" not in text
    assert f'name="product_id" value="{product_id}"' in text


def test_page_shows_a_product_without_a_picture(sim, wechat):
    sim.make_spus(head_img=[], title="没有图片")
    assert "没有图片" in wechat.request("GET", "/").text


def test_page_shows_how_many_products_may_still_be_written(sim, wechat):
    added(wechat)
    text = wechat.request("GET", "/").text
    assert "1 / 200" in text and "1 / 1000" in text


def test_button_of_the_page_decides_a_review(sim, wechat):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    form = {"product_id": str(product_id), "approve": "true"}
    response = wechat.request("POST", "/_sim/verdict", data=form, allow_redirects=False)
    assert (response.status_code, sim.spu(product_id)["edit_status"]) == (303, PASSED)


def test_reset_forgets_products(sim, wechat):
    added(wechat)
    sim.reset()
    assert sim.spus() == []


def test_store_survives_a_restart(tmp_path, picture):
    path = tmp_path / "simulator.json"
    with Simulator(state_file=path) as sim:
        wechat = Wechat(sim.url)
        product_id = listed(sim, wechat)
        sim.sell(first_sku(wechat, product_id), 3)
        update(wechat, product_id, title="顶级白茶")
        before = sim.state()["accounts"]
        wechat.session.close()
    with Simulator(state_file=path) as sim:
        wechat = Wechat(sim.url)
        assert sim.state()["accounts"] == before
        assert ask(wechat, "spu/delisting", out_product_id="TEA-7")["errcode"] == 0
        assert sim.spu(product_id)["status"] == DELISTED
        wechat.session.close()


def test_review_goes_on_after_a_restart(tmp_path):
    path = tmp_path / "simulator.json"
    with Simulator(state_file=path) as sim:
        wechat = Wechat(sim.url)
        product_id = added(wechat)
        ask(wechat, "spu/listing", product_id=product_id)
        wechat.session.close()
    with Simulator(state_file=path) as sim:
        sim.advance(15)
        assert sim.spu(product_id)["status"] == ON_SALE


def test_product_ids_go_on_counting_after_a_restart(tmp_path):
    path = tmp_path / "simulator.json"
    with Simulator(state_file=path) as sim:
        (first,) = sim.make_spus()
    with Simulator(state_file=path) as sim:
        assert sim.make_spus() == [first + 2]


def test_file_of_a_time_without_the_store_is_still_read(tmp_path):
    path = tmp_path / "simulator.json"
    with Simulator(state_file=path) as sim:
        sim.make_goods()
    saved = json.loads(path.read_text())
    for name in ("next_template_id", "next_store_ids"):
        del saved[name]
    for shop in saved["shops"]:
        del shop["store"], shop["pictures"]
    path.write_text(json.dumps(saved))
    with Simulator(state_file=path) as sim:
        assert (len(sim.goods()), sim.spus(), len(sim.templates())) == (5, [], 2)
