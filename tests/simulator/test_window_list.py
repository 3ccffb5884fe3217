"""The list of the Channels window: filters, limits, and what happens to pages while the list changes."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopadmin.simulator.window_seed import BOUND_APPID, OTHER_APPID
from tests.simulator.shopwindow import ask, ids, listed

PARAMETER = 40097


@pytest.fixture
def empty(sim):
    """A window without products."""
    sim.empty_window()
    return sim


@pytest.fixture
def ten(empty) -> list[int]:
    """The ids of ten products, in the order of the list."""
    return empty.make_window(count=10)[::-1]


def test_latest_product_is_first(wechat, ten):
    assert ids(listed(wechat)) == ten


def test_rows_of_own_products_name_the_shop(wechat, ten):
    assert listed(wechat, page_size=1)["products"] == [
        {"product_id": str(ten[0]), "appid": BOUND_APPID, "product_source": 1}
    ]


def test_rows_of_cps_products_name_the_source_product(wechat, empty):
    (cps_id,) = empty.make_window(kind="cps", product_id=77)
    assert listed(wechat)["products"] == [
        {"product_id": str(cps_id), "out_product_id": "77", "product_source": 2}
    ]


def test_rows_of_cps_products_can_name_the_shop(wechat, empty):
    empty.settings(window_cps_appid=True)
    empty.make_window(kind="cps")
    assert listed(wechat)["products"][0]["appid"] == OTHER_APPID


def test_single_product_is_an_object_where_the_table_says_so(wechat, empty):
    empty.settings(window_documented_types=True)
    (product_id,) = empty.make_window()
    assert listed(wechat)["products"]["product_id"] == str(product_id)


def test_count_comes_only_on_demand(wechat, ten):
    assert "total_num" not in listed(wechat)
    assert listed(wechat, page_size=3, need_total_num=True)["total_num"] == 10
    assert listed(wechat, page_size=3, need_total_num=1)["total_num"] == 10


# --- Filters ---


def test_all_products_without_a_filter(wechat, empty):
    own, cps = empty.make_window(), empty.make_window(kind="cps")
    assert ids(listed(wechat)) == cps + own


def test_only_cps_products(wechat, empty):
    empty.make_window()
    cps = empty.make_window(kind="cps")
    assert ids(listed(wechat, query_cps_product=True)) == cps


def test_only_products_of_one_shop(wechat, empty):
    empty.bind_shop("wx00000000000000ff", "分店")
    empty.make_window(), empty.make_window(kind="cps")
    theirs = empty.make_window(shop_appid="wx00000000000000ff")
    assert ids(listed(wechat, appid="wx00000000000000ff")) == theirs


def test_shop_wins_over_cps(wechat, empty):
    own = empty.make_window()
    empty.make_window(kind="cps", shop_appid=BOUND_APPID)
    assert ids(listed(wechat, appid=BOUND_APPID, query_cps_product=True)) == own


def test_only_products_of_one_branch(wechat, empty):
    empty.make_window()
    branch = empty.make_window(branch_id=5, branch_name="西湖店")
    assert ids(listed(wechat, branch_id=5)) == branch
    assert ids(listed(wechat, branch_id=6)) == []


def test_shop_that_is_not_bound(wechat):
    assert listed(wechat, appid=OTHER_APPID)["errcode"] == 10022008


def test_only_what_is_on_the_window(wechat, empty, ten):
    empty.set_source(ten[0], state="delisted")
    empty.set_source(ten[1], state="deleted")
    empty.make_window(placed=False)
    assert ids(listed(wechat)) == ten[2:]


def test_everything_that_was_ever_there(wechat, empty, ten):
    empty.settings(window_lists_all=True)
    empty.set_source(ten[0], state="deleted")
    empty.make_window(placed=False)
    assert ids(listed(wechat)) == ten


def test_hidden_products_are_in_the_list(wechat, empty):
    hidden = empty.make_window(hidden=True)
    assert ids(listed(wechat)) == hidden


# --- Limits ---


@pytest.mark.parametrize("page_size", [None, 0, -1, 201, "200", 2.5, True])
def test_page_size_is_a_number_up_to_200(wechat, page_size):
    assert ask(wechat, "list/get", page_size=page_size)["errcode"] == PARAMETER


@pytest.mark.parametrize("page_index", [0, -1, "1", 1.5])
def test_page_index_is_a_number_from_1(wechat, page_index):
    assert listed(wechat, page_index=page_index)["errcode"] == PARAMETER


def test_page_numbers_reach_10000_products(wechat):
    assert listed(wechat, page_index=50)["errcode"] == 0
    assert listed(wechat, page_index=51)["errcode"] == PARAMETER


def test_last_buffer_reaches_further(sim, wechat, ten):
    sim.settings(window_page_limit=4)
    first = listed(wechat, page_size=4)
    assert listed(wechat, page_size=4, page_index=2)["errcode"] == PARAMETER
    assert ids(listed(wechat, page_size=4, last_buffer=first["last_buffer"])) == ten[4:8]


@pytest.mark.parametrize("fields", [{"page_size": 201}, {"page_index": 51}])
def test_code_of_the_limits_can_be_chosen(sim, wechat, fields):
    sim.settings(window_limit_errcode=10200003)
    assert listed(wechat, **fields)["errcode"] == 10200003


@pytest.mark.parametrize("buffer", ["Q0FJUUFn", "not base64", "你好", 5])
def test_last_buffer_that_was_never_given(wechat, buffer):
    assert listed(wechat, last_buffer=buffer)["errcode"] == PARAMETER


def test_last_buffer_wins_over_page_index(wechat, ten):
    first = listed(wechat, page_size=3)
    page = listed(wechat, page_size=3, page_index=1, last_buffer=first["last_buffer"])
    assert ids(page) == ten[3:6]


def test_both_pagings_together_can_be_refused(sim, wechat, ten):
    sim.settings(window_refuse_both_pagings=True, window_limit_errcode=10200004)
    first = listed(wechat, page_size=3, page_index=1, last_buffer="")
    answer = listed(wechat, page_size=3, page_index=1, last_buffer=first["last_buffer"])
    assert (first["errcode"], answer["errcode"]) == (0, 10200004)


# --- The end ---


def test_last_buffer_is_another_one_every_time(wechat, ten):
    assert listed(wechat, page_size=3)["last_buffer"] != listed(wechat, page_size=3)["last_buffer"]


def test_last_page_has_an_empty_buffer(wechat, ten):
    assert listed(wechat, page_size=5)["last_buffer"]
    assert listed(wechat, page_size=5, page_index=2)["last_buffer"] == ""
    assert listed(wechat, page_size=5, page_index=3)["products"] == []


def test_last_page_can_be_followed_by_an_empty_one(sim, wechat, ten):
    sim.settings(window_list_end="empty_page")
    last = listed(wechat, page_size=5, page_index=2)
    beyond = listed(wechat, page_size=5, last_buffer=last["last_buffer"])
    again = listed(wechat, page_size=5, last_buffer=beyond["last_buffer"])
    assert (ids(last), ids(beyond), ids(again)) == (ten[5:], [], [])


# --- While the list changes ---


def test_newcomer_shifts_numbered_pages(sim, wechat, ten):
    listed(wechat, page_size=5)
    sim.make_window()
    assert ids(listed(wechat, page_size=5, page_index=2)) == ten[4:9]


def test_removal_shifts_numbered_pages(sim, wechat, ten):
    listed(wechat, page_size=5)
    sim.drop_window(ten[0])
    assert ids(listed(wechat, page_size=5, page_index=2)) == ten[6:]


def walked(sim, wechat, page_size, between) -> list[int]:
    """The ids of the whole list by last_buffer, with something happening between the pages."""
    found, buffer = [], ""
    while True:
        page = listed(wechat, page_size=page_size, last_buffer=buffer)
        found += ids(page)
        buffer = page["last_buffer"]
        if not buffer:
            return found
        between()


def test_cursor_whose_own_product_is_gone_still_works(sim, wechat, ten):
    first = listed(wechat, page_size=5)
    sim.drop_window(ten[4])
    assert ids(listed(wechat, page_size=5, last_buffer=first["last_buffer"])) == ten[5:]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.integers(1, 7))
def test_cursor_neither_skips_nor_repeats_what_stays(sim, wechat, data, page_size):
    sim.empty_window()
    before = sim.make_window(count=12)
    removed: set[int] = set()

    def between():
        if data.draw(st.booleans()):
            sim.make_window()
        if staying := [number for number in before if number not in removed]:
            victim = data.draw(st.sampled_from(staying))
            sim.drop_window(victim)
            removed.add(victim)

    found = walked(sim, wechat, page_size, between)
    assert len(found) == len(set(found))
    assert set(before) - removed <= set(found)


def test_3000_products_are_made_and_listed_quickly(empty, wechat):
    started = time.perf_counter()
    made = empty.make_window(count=3000)
    assert walked(empty, wechat, 200, lambda: None) == made[::-1]
    assert time.perf_counter() - started < 5
