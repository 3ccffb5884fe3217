"""Adding, reading and taking off single products of the Channels window."""

import pytest

from shopadmin.simulator.window_seed import BOUND_APPID, OTHER_APPID
from tests.simulator.shopwindow import (
    DELETED,
    NOT_ON_WINDOW,
    ON_WINDOW,
    PATHS,
    act,
    ask,
    ids,
    listed,
    plans,
    product,
)

BASE = "/channels/ec/window/product/"
PARAMETER, ABSENT, NOT_OPERABLE, NOT_BOUND = 40097, 10022003, 10022007, 10022008


@pytest.fixture
def own(sim) -> int:
    """An own product on the window."""
    return sim.make_window(title="高山乌龙茶", out_product_id="TEA-1")[0]


@pytest.fixture
def outside(sim) -> int:
    """A product of the bound shop that was never put into the window."""
    return sim.make_window(placed=False)[0]


@pytest.fixture
def plan(sim, own) -> int:
    """A plan that promotes the own product."""
    return sim.make_window(kind="cps", product_id=own, cps_item_type=1)[0]


# --- Gate ---


@pytest.mark.parametrize("path", PATHS)
def test_account_needs_the_capability(sim, wechat, path):
    sim.add_account(wechat.appid, wechat.secret, {"window": False})
    assert ask(wechat, path)["errcode"] == 48001


def test_capability_is_switched_on_again(sim, wechat):
    for on in (False, True):
        sim.add_account(wechat.appid, wechat.secret, {"window": on})
    assert listed(wechat)["errcode"] == 0


@pytest.mark.parametrize("path", PATHS)
def test_get_where_post_is_required(wechat, path):
    assert wechat.get(BASE + path)["errcode"] == 43002


@pytest.mark.parametrize("path", PATHS)
def test_token_is_required(wechat, path):
    assert wechat.post(BASE + path, {}, token="")["errcode"] == 41001


@pytest.mark.parametrize("path", ["update", "list", "remove"])
def test_path_that_does_not_exist(wechat, path):
    assert ask(wechat, path)["errcode"] == 40066


def test_failure_tells_a_request_id(wechat):
    assert " rid: " in act(wechat, "get", 5)["errmsg"]


# --- Which product is meant ---


@pytest.mark.parametrize("path", ["add", "get", "off"])
@pytest.mark.parametrize(
    "number", [5, 5.0, "", "abc", "-5", "+5", " 5", "0", "18446744073709551616", None, True]
)
def test_product_id_is_an_unsigned_number_in_quotes(wechat, path, number):
    assert ask(wechat, path, product_id=number, appid=BOUND_APPID)["errcode"] == PARAMETER


@pytest.mark.parametrize("path", ["add", "get", "off"])
def test_shop_has_to_be_named(wechat, own, path):
    assert act(wechat, path, own, appid=None)["errcode"] == PARAMETER


@pytest.mark.parametrize("path", ["add", "get", "off"])
def test_shop_has_to_be_bound(wechat, own, path):
    assert act(wechat, path, own, appid=OTHER_APPID)["errcode"] == NOT_BOUND


@pytest.mark.parametrize("path", ["add", "get", "off"])
def test_unknown_product(wechat, path):
    assert act(wechat, path, 5)["errcode"] == ABSENT


@pytest.mark.parametrize("path", ["add", "get", "off"])
def test_product_of_another_bound_shop(sim, wechat, own, path):
    sim.bind_shop("wx00000000000000ff")
    assert act(wechat, path, own, appid="wx00000000000000ff")["errcode"] == ABSENT


@pytest.mark.parametrize("path", ["add", "off"])
def test_product_of_the_selection_centre_cannot_be_operated(wechat, plan, path):
    assert act(wechat, path, plan)["errcode"] == NOT_OPERABLE


def test_window_belongs_to_the_account(sim, own, other):
    assert act(other, "get", own)["errcode"] == ABSENT


@pytest.mark.parametrize("number", [2**53 + 1, 2**63, 2**64 - 1])
def test_id_of_any_size_is_kept(sim, wechat, number):
    sim.make_window(product_id=number)
    assert product(wechat, number)["product_id"] == str(number)


# --- add and off ---


def test_added_product_is_on_the_window_and_first_in_the_list(wechat, own, outside):
    assert act(wechat, "get", outside)["errcode"] == ABSENT
    assert act(wechat, "add", outside) == {"errcode": 0, "errmsg": "ok"}
    assert product(wechat, outside)["status"] == ON_WINDOW
    assert ids(listed(wechat))[:2] == [outside, own]


def test_adding_again_changes_only_the_hide_flag(sim, wechat, own):
    before = ids(listed(wechat))
    assert act(wechat, "add", own, is_hide_for_window=True)["errcode"] == 0
    assert (sim.window_product(own)["hidden"], ids(listed(wechat))) == (True, before)


def test_adding_without_the_hide_flag_shows_it(sim, wechat):
    (hidden,) = sim.make_window(hidden=True)
    act(wechat, "add", hidden)
    assert sim.window_product(hidden)["hidden"] is False


def test_hide_flag_has_to_be_a_flag(wechat, own):
    assert act(wechat, "add", own, is_hide_for_window="yes")["errcode"] == PARAMETER


def test_adding_can_be_without_effect(sim, wechat, outside):
    sim.settings(window_add_does_nothing=True)
    assert act(wechat, "add", outside)["errcode"] == 0
    assert act(wechat, "get", outside)["errcode"] == ABSENT


def test_adding_does_not_bring_back_what_the_shop_took_off(sim, wechat, own):
    sim.set_source(own, state="delisted")
    assert act(wechat, "add", own)["errcode"] == 0
    assert product(wechat, own)["status"] == NOT_ON_WINDOW


def test_what_the_shop_deleted_cannot_be_added(sim, wechat, own):
    sim.set_source(own, state="deleted")
    assert act(wechat, "add", own)["errcode"] == ABSENT


def test_taking_off_has_no_effect(wechat, own):
    assert act(wechat, "off", own) == {"errcode": 0, "errmsg": "ok"}
    assert product(wechat, own)["status"] == ON_WINDOW


def test_taking_off_has_the_effect_of_former_times(sim, wechat, own):
    sim.settings(window_off_is_legacy=True)
    act(wechat, "off", own)
    assert product(wechat, own)["status"] == NOT_ON_WINDOW
    assert own not in ids(listed(wechat))


def test_what_was_taken_off_can_be_added_again(sim, wechat, own):
    sim.settings(window_off_is_legacy=True)
    act(wechat, "off", own)
    act(wechat, "add", own)
    assert product(wechat, own)["status"] == ON_WINDOW


def test_what_was_never_added_cannot_be_taken_off(wechat, outside):
    assert act(wechat, "off", outside)["errcode"] == ABSENT


# --- get ---


@pytest.mark.parametrize(("state", "status"), [("listed", 1), ("delisted", 2), ("deleted", DELETED)])
def test_own_product_follows_its_shop(sim, wechat, own, state, status):
    sim.set_source(own, state=state)
    assert product(wechat, own)["status"] == status


def test_samples_types_are_the_usual_ones(sim, wechat, own):
    sim.discount_window(own)
    row = product(wechat, own)
    assert (row["leaf_category_id"], row["third_category_id"]) == (7310, 7310)
    assert row["is_hide_for_window"] == 0 and type(row["is_hide_for_window"]) is int
    assert type(row["limit_discount_info"]["end_time_ms"]) is int


def test_tables_types_can_be_switched_on(sim, wechat, own):
    sim.settings(window_documented_types=True)
    sim.discount_window(own)
    row = product(wechat, own)
    assert (row["leaf_category_id"], row["is_hide_for_window"]) == ("7310", False)
    assert row["limit_discount_info"]["end_time_ms"].isdigit()


@pytest.mark.parametrize("reason", [0, 2])
def test_ban_names_its_reason(sim, wechat, own, reason):
    sim.ban_window(own, reason=reason)
    row = product(wechat, own)
    assert (row["banned"], row["banned_details"]) == (True, {"reason": reason})


def test_ban_for_a_category_names_the_category(sim, wechat, own):
    sim.ban_window(own, reason=1)
    assert product(wechat, own)["banned_details"] == {
        "reason": 1,
        "need_apply_category_id": "7310",
        "need_apply_category_name": "茶叶",
    }


def test_ban_ends(sim, wechat, own):
    sim.ban_window(own)
    sim.unban_window(own)
    row = product(wechat, own)
    assert row["banned"] is False and "banned_details" not in row


def test_discount_runs_until_its_end(sim, wechat, own):
    sim.discount_window(own, price=9900, seconds=60, stock=8)
    running = product(wechat, own)["limit_discount_info"]
    sim.advance(60)
    over = product(wechat, own)["limit_discount_info"]
    assert (running["is_effect"], over["is_effect"]) == (True, False)
    assert (over["discount_price"], over["stock"]) == (9900, 8)
    assert abs(over["end_time_ms"] / 1000 - sim.now()) < 5


def test_discount_that_is_sold_out_is_not_running(sim, wechat, own):
    sim.discount_window(own, stock=0)
    assert product(wechat, own)["limit_discount_info"]["is_effect"] is False


def test_branch_is_shown(sim, wechat, own):
    sim.change_window(own, branch_id=2**64 - 1, branch_name="西湖店", branch_status=1)
    assert product(wechat, own)["branch_info"] == {
        "branch_id": 2**64 - 1,
        "branch_name": "西湖店",
        "branch_status": 1,
    }


OPTIONAL = ("banned_details", "branch_info", "limit_discount_info")


@pytest.mark.parametrize(("how", "shown"), [("missing", []), ("null", [None] * 3), ("empty", [{}] * 3)])
def test_objects_that_are_not_there_are_written_in_three_ways(sim, wechat, own, how, shown):
    sim.settings(window_absent_objects=how)
    row = product(wechat, own)
    assert [row[name] for name in OPTIONAL if name in row] == shown


def test_ids_can_come_as_numbers(sim, wechat, own):
    sim.settings(window_ids_as_numbers=True)
    assert product(wechat, own)["product_id"] == own


# --- Cps products ---


def test_plans_come_only_on_demand(wechat, own, plan):
    assert "cps_products" not in act(wechat, "get", own)
    answer = act(wechat, "get", own, need_cps_product=True)
    assert answer["product"]["product_id"] == str(own)
    assert [row["product_id"] for row in answer["cps_products"]] == [str(plan)]


def test_shop_product_id_finds_every_plan(sim, wechat, own, plan):
    (second,) = sim.make_window(kind="cps", product_id=own)
    assert [int(row["product_id"]) for row in plans(wechat, own)] == [plan, second]


def test_cps_id_finds_its_plan_only(sim, wechat, own, plan):
    sim.make_window(kind="cps", product_id=own)
    (row,) = plans(wechat, plan)
    assert (row["product_id"], row["out_product_id"], row["cps_item_type"]) == (str(plan), str(own), 1)


def test_plan_has_neither_shop_nor_objects(wechat, plan):
    (row,) = plans(wechat, plan)
    assert not {"appid", "page_path", *OPTIONAL} & set(row)


def test_plan_can_name_the_shop(sim, wechat, plan):
    sim.settings(window_cps_appid=True)
    assert plans(wechat, plan)[0]["appid"] == OTHER_APPID


def test_cps_id_is_not_found_without_the_demand(wechat, plan):
    assert act(wechat, "get", plan)["errcode"] == ABSENT


@pytest.mark.parametrize("how", ["absent", "empty", "filled"])
def test_product_beside_plans_alone_is_written_in_three_ways(sim, wechat, how):
    (foreign,) = sim.make_window(kind="cps")
    sim.settings(window_cps_product=how)
    answer = ask(wechat, "get", product_id=str(foreign), need_cps_product=True)
    shown = {"absent": None, "empty": {}, "filled": answer["cps_products"][0]}
    assert answer.get("product") == shown[how]


def test_unbound_shop_is_told_even_with_plans(wechat, plan):
    answer = act(wechat, "get", plan, need_cps_product=True, appid=OTHER_APPID)
    assert answer["errcode"] == NOT_BOUND
