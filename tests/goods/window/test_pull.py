"""Reading the whole window by its list: how many calls, what they prove, and what they do not."""

import threading
import time

import pytest

from audits.models import Quota, Reading
from goods import tasks
from goods.models import WindowProduct
from goods.window import refresh
from shopadmin.wechat.window import WindowAPI
from tests.goods.window.conftest import SHOP, drop, listing, pull, reread
from tests.journal import calls

GET, LIST = WindowAPI.GET, WindowAPI.LIST
MANY = 3000


def numbers(kind="own"):
    name = "product_id" if kind == "own" else "cps_id"
    return list(WindowProduct.objects.filter(kind=kind).values_list(name, flat=True))


def times_read(sim):
    return [call["body"]["product_id"] for call in sim.calls(GET)]


# --- thousands ---


@pytest.mark.parametrize("ending", ["empty_buffer", "empty_page"])
def test_three_thousand_products_are_listed_past_the_paging_limit_each_once(account, empty, ending):
    empty.settings(window_page_limit=400, window_list_end=ending)
    made = [*map(str, empty.make_window(count=MANY - 500))]
    plans = [*map(str, empty.make_window(kind="cps", count=500))]
    reading = listing(account)
    assert (sorted(numbers()), sorted(numbers("cps"))) == (sorted(made), sorted(plans))
    assert (reading.created, reading.calls) == (MANY, 15 + (ending == "empty_page"))
    assert {call["body"]["page_size"] for call in empty.calls(LIST)} == {200}


def test_none_is_lost_while_others_come_and_go_during_the_paging(account, empty):
    staying = [*map(str, empty.make_window(count=1500)), *map(str, empty.make_window(count=500))]
    leaving = empty.make_window(count=300)
    plans = [*map(str, empty.make_window(kind="cps", count=400))]
    leaving_plans = empty.make_window(kind="cps", count=300)
    empty.settings(latency=0.02)
    ended = threading.Event()

    def stir():
        for own, plan in zip(leaving, leaving_plans, strict=True):
            empty.drop_window(own)
            empty.drop_window(cps_id=plan)
            empty.make_window()
            empty.make_window(kind="cps")
            if ended.wait(0.001):
                return

    stirring = threading.Thread(target=stir)
    stirring.start()
    try:
        listing(account)
    finally:
        ended.set()
        stirring.join()
    own, cps = numbers(), numbers("cps")
    assert set(staying) <= set(own) and set(plans) <= set(cps)
    assert len(own) == len(set(own)) and len(cps) == len(set(cps))


def test_tens_of_thousands_known_here_do_not_break_a_pull(account, empty):
    empty.make_window(count=3)
    WindowProduct.objects.bulk_create(
        [
            WindowProduct(account=account, appid=SHOP, product_id=str(10**12 + n), in_window=True)
            for n in range(40_000)
        ]
    )
    assert listing(account).missing == 40_000


# --- details ---


def test_a_product_and_its_plans_are_read_with_one_call(account, empty):
    (number,) = empty.make_window()
    for _ in range(3):
        empty.make_window(kind="cps", product_id=number)
    pull(account)
    assert times_read(empty) == [str(number)]
    assert WindowProduct.objects.exclude(refreshed_at=None).count() == 4


def test_a_product_with_more_plans_than_are_read_in_one_go_takes_one_call(account, empty):
    empty.make_window(count=30)
    (number,) = empty.make_window(product_id=1)
    for _ in range(60):
        empty.make_window(kind="cps", product_id=number)
    pull(account)
    assert sorted(times_read(empty)) == sorted(set(times_read(empty)))
    assert len(times_read(empty)) == 31


def test_plans_of_products_of_other_shops_are_read_one_call_per_product(account, empty):
    for source in (11, 12):
        for _ in range(2):
            empty.make_window(kind="cps", product_id=source)
    pull(account)
    assert sorted(times_read(empty)) == ["11", "12"]


def test_a_second_pull_the_same_night_reads_no_details_again(account, empty):
    empty.make_window(count=5)
    pull(account)
    before = calls(empty, GET)
    pull(account)
    assert (before, calls(empty, GET)) == (5, 5)


def test_what_was_read_twelve_hours_ago_is_read_again(account, empty):
    empty.make_window(count=5)
    pull(account)
    old = WindowProduct.objects.order_by("pk")[:2].values_list("pk", flat=True)
    WindowProduct.objects.filter(pk__in=list(old)).update(refreshed_at="2026-01-01T00:00:00Z")
    pull(account)
    assert calls(empty, GET) == 7


# --- what the list proves ---


def test_the_list_alone_takes_nothing_for_gone(account, empty, shown):
    product = shown()
    drop(empty, empty.window()[0])
    listing(account)
    assert (reread(product).in_window, product.missing_since) == (True, None)


def test_gone_is_what_the_list_lacks_and_two_looks_do_not_find(account, empty, shown):
    product = shown()
    drop(empty, empty.window()[0])
    pull(account)
    after_one = (reread(product).in_window, product.missing_polls)
    WindowProduct.objects.update(look_at="2026-01-01T00:00:00Z")
    refresh.look_due(account)
    assert after_one == (True, 1)
    assert (reread(product).in_window, bool(product.missing_since)) == (False, True)


def test_a_list_with_fewer_products_than_announced_takes_nothing_for_gone(account, empty, shown):
    products = [shown(), shown(), shown()]
    row = {"product_id": products[0].product_id, "appid": SHOP, "product_source": 1}
    for _ in range(3):
        fields = {"products": [row], "total_num": 3, "last_buffer": ""}
        empty.next("errcode", path=LIST, errcode=0, fields=fields)
        reading = pull(account)
        assert reading.missing == 0
        empty.clear_next()
    assert WindowProduct.objects.filter(in_window=True, missing_since=None).count() == 3


def test_a_list_with_fewer_products_than_announced_costs_no_needless_details(account, empty, shown):
    shown(), shown(), shown()
    before = calls(empty, GET)
    fields = {"products": [], "total_num": 3, "last_buffer": ""}
    empty.next("errcode", path=LIST, errcode=0, fields=fields)
    pull(account)
    assert calls(empty, GET) == before


def test_a_product_that_left_the_window_comes_back(account, empty, shown):
    product = shown(product_id=77)
    drop(empty, empty.window()[0])
    pull(account)
    WindowProduct.objects.update(look_at="2026-01-01T00:00:00Z")
    refresh.look_due(account)
    empty.make_window(product_id=77)
    pull(account)
    assert (reread(product).in_window, product.missing_since, product.missing_polls) == (True, None, 0)
    assert WindowProduct.objects.count() == 1


@pytest.mark.parametrize(("state", "status"), [("delisted", 2), ("deleted", 3)])
def test_a_product_taken_off_sale_or_deleted_in_its_shop_is_not_in_the_window(
    account, empty, shown, state, status
):
    product = shown()
    empty.set_source(int(product.product_id), state=state)
    pull(account)
    assert (reread(product).status, product.in_window, product.missing_since) == (status, False, None)


def test_promoted_products_are_asked_for_if_the_whole_list_has_none(account, empty):
    """Whether it includes them is not documented."""
    (plan,) = empty.make_window(kind="cps")
    empty.next("errcode", path=LIST, errcode=0, fields={"products": [], "total_num": 0, "last_buffer": ""})
    listing(account)
    assert numbers("cps") == [str(plan)]
    assert [call["body"].get("query_cps_product") for call in empty.calls(LIST)] == [None, True]


def test_a_list_that_has_promoted_products_is_not_read_twice(account, empty):
    empty.make_window(kind="cps")
    assert listing(account).calls == 1


def test_a_shop_that_is_not_bound_any_more_takes_its_products_along(account, empty, shown):
    """WeChat does not even look for products of such a shop."""
    product = shown()
    empty.unbind_shop(SHOP)
    pull(account)
    WindowProduct.objects.update(look_at="2026-01-01T00:00:00Z")
    refresh.look_due(account)
    assert (reread(product).in_window, bool(product.missing_since)) == (False, True)


# --- quota, trouble ---


def leave(account, path, left):
    group = WindowAPI.QUOTA[path]
    Quota.objects.today(account.pk, group)
    Quota.objects.filter(group=group.name).update(used=group.per_day - left)


def test_a_pull_leaves_the_reserve_to_people(account, empty):
    empty.make_window()
    leave(account, LIST, 1000)
    reading = listing(account)
    assert (calls(empty, LIST), reading.finished_at) == (0, None)


def test_a_pull_counts_against_the_quota(account, empty):
    empty.make_window(kind="cps", count=3)
    listing(account)
    assert Quota.objects.today(account.pk, WindowAPI.QUOTA[LIST]).used == 1


def test_a_pull_that_wechat_ends_with_45009_uses_the_day_up(account, empty):
    empty.next("errcode", path=LIST, errcode=45009)
    reading = listing(account)
    assert (reading.errcode, Quota.objects.today(account.pk, WindowAPI.QUOTA[LIST]).left) == (45009, 0)


def test_a_list_that_breaks_off_changes_nothing(account, empty, shown):
    product = shown()
    empty.make_window(count=300)
    empty.next("http", path=LIST, skip=1)
    listing(account)
    assert (WindowProduct.objects.count(), reread(product).look_at) == (1, None)


def test_a_switch_that_is_off_is_told_at_the_reading(account, empty):
    empty.next("errcode", path=LIST, errcode=48001, errmsg="api unauthorized")
    assert listing(account).errcode == 48001


def test_the_nightly_pull_reads_the_list_and_then_the_details(account, empty):
    empty.make_window(count=3)
    tasks.pull_all()
    tasks.look()
    assert Reading.objects.get().created == 3
    assert WindowProduct.objects.exclude(title="").count() == 3


def test_an_account_without_the_window_is_not_read(account, empty):
    type(account).objects.update(families=["live_goods"])
    empty.make_window()
    tasks.pull_all()
    assert calls(empty, LIST) == 0


# --- the time budget ---


def test_what_is_not_read_in_the_time_goes_on(account, empty):
    empty.make_window(count=12)
    listing(account)
    empty.settings(latency=0.05)
    began = time.monotonic()
    first = refresh.look_due(account, seconds=0.2)
    assert time.monotonic() - began < 1 and 0 < first < 12
    empty.settings(latency=0.0)
    second = refresh.look_due(account)
    assert (first + second, len(set(times_read(empty)))) == (12, 12)
