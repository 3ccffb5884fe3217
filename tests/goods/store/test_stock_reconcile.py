"""A change of stock whose answer was lost, while buyers go on buying: did it arrive?"""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from audits.models import Push
from audits.resolve import decide, resolve_unsure
from audits.states import PushStatus
from audits.tasks import drain, sweep
from goods.store import reconcile
from goods.store.reconcile import arrived
from shopadmin.wechat.mini_store.stock import StockAPI
from tests.goods.store.copies import stocks, to_the_end
from tests.goods.store.test_lost_answers import change
from tests.journal import calls, fast_forward, push_of, statuses

counts = st.integers(0, 10_000)
changes = st.integers(-10_000, 10_000).filter(bool)


# --- the rule -----------------------------------------------------------------------------------------------


@given(counts, changes)
def test_without_sales_the_rule_always_knows(before, change):
    assume(before + change >= 0)
    assert arrived(before, change, before + change) is True
    assert arrived(before, change, before) is False


@given(counts, changes, counts)
def test_what_arrived_is_never_sent_again(before, change, sold):
    """The one exception: as many were bought within the minute as were added."""
    assume(0 <= sold <= before + change and sold != change)
    assert arrived(before, change, before + change - sold) is not False


@given(counts, changes, counts)
def test_what_did_not_arrive_is_never_taken_for_done(before, change, sold):
    """The one exception: as many were bought within the minute as were to be taken away."""
    assume(0 <= sold <= before and sold != -change)
    assert arrived(before, change, before - sold) is not True


@given(counts, changes, counts)
def test_what_was_put_in_at_the_console_is_left_to_a_person(before, change, more):
    """Taking away cannot make it more."""
    assume(change < 0 < more)
    assert arrived(before, change, before + more) is None


# --- played through -----------------------------------------------------------------------------------------


@pytest.fixture
def lose(on_sale, push, sim):
    """Send a change whose answer gets lost, with or without its effect; buyers buy before the look."""

    def do(wanted: dict, *, applied: bool, sold: int):
        spu = on_sale()
        sku = change(spu, **wanted)
        sim.next("close_after" if applied else "close_before", path=StockAPI.UPDATE)
        push("stock", spu)
        drain()
        if sold:
            sim.sell(int(sku.sku_id), sold)
        return spu, sku

    return do


def test_more_than_before_means_that_it_arrived(lose, sim):
    spu, sku = lose({"stock_change": 5}, applied=True, sold=3)
    to_the_end()
    sku.refresh_from_db()
    assert (statuses()[-1], stocks(sim, spu)[0], sku.stock, sku.real_stock) == ("done", 12, 12, 12)


def test_fewer_than_before_but_not_by_enough_means_that_it_did_not(lose, sim):
    spu, sku = lose({"stock_change": -5}, applied=False, sold=3)
    to_the_end()
    sku.refresh_from_db()
    assert (statuses()[-1], stocks(sim, spu)[0], sku.stock) == ("done", 2, 2)


def test_the_rest_is_taken_away_though_buyers_bought_meanwhile(lose, sim):
    spu, _sku = lose({"stock": 0}, applied=False, sold=3)
    to_the_end()
    assert (statuses()[-1], stocks(sim, spu)[0]) == ("done", 0)


def test_nothing_left_is_nothing_left_whoever_took_it(lose, sim):
    spu, _sku = lose({"stock": 0}, applied=False, sold=10)
    to_the_end()
    assert (statuses()[-1], stocks(sim, spu)[0], calls(sim, StockAPI.UPDATE)) == ("done", 0, 1)


@pytest.fixture
def asked(lose):
    """It was to be more, and is fewer than before: only a person can tell."""

    def do(*, applied: bool, sold: int):
        spu, sku = lose({"stock_change": 5}, applied=applied, sold=sold)
        fast_forward()
        sweep()
        assert statuses()[-1] == "needs_person"
        return spu, sku

    return do


def test_a_person_is_told_what_there_is_to_compare(asked):
    spu, sku = asked(applied=True, sold=7)
    (told,) = push_of(spu).candidates
    assert told == {"id": reconcile.APPLIED, "name": str(sku), "before": 10, "change": 5, "now": 8}


def test_a_person_may_say_that_it_arrived(asked, sim):
    spu, sku = asked(applied=True, sold=7)
    assert decide(push_of(spu), reconcile.APPLIED)
    to_the_end()
    sku.refresh_from_db()
    assert (statuses()[-1], stocks(sim, spu)[0], sku.stock, sku.stock_change) == ("done", 8, 8, None)


def test_a_person_may_say_that_it_did_not(asked, sim):
    spu, sku = asked(applied=False, sold=2)
    assert decide(push_of(spu), "")
    to_the_end()
    sku.refresh_from_db()
    assert (statuses()[-1], stocks(sim, spu)[0], sku.stock, sku.stock_change) == ("done", 13, 13, None)


def test_a_change_sent_again_that_is_lost_again_is_compared_with_what_there_was_then(asked, sim):
    spu, sku = asked(applied=False, sold=2)
    sim.next("close_after", path=StockAPI.UPDATE)
    decide(push_of(spu), "")
    to_the_end()
    assert (statuses()[-1], stocks(sim, spu)[0], sku.pk) == ("done", 13, spu.skus.first().pk)


def test_after_a_wait_it_is_counted_anew_what_there_is(on_sale, push, sim):
    spu = on_sale()
    sku = change(spu, stock_change=5)
    sim.next("errcode", path=StockAPI.UPDATE, errcode=45011)
    push("stock", spu)
    drain()
    sim.sell(int(sku.sku_id), 4)
    sim.next("close_after", path=StockAPI.UPDATE)
    to_the_end()
    assert (statuses()[-1], stocks(sim, spu)[0], calls(sim, StockAPI.UPDATE)) == ("done", 11, 2)


def test_a_push_that_cannot_be_looked_up_does_not_keep_the_others_in_doubt(lose, on_sale, push):
    spu, _sku = lose({"stock_change": 5}, applied=True, sold=0)
    Push.objects.filter(pk=push_of(spu).pk).update(body={})
    other, _sku = lose({"stock_change": 5}, applied=True, sold=0)
    fast_forward()
    with pytest.raises(KeyError):
        resolve_unsure()
    assert push_of(other).status != PushStatus.UNSURE


@pytest.fixture
def played(on_sale, push, sim) -> Iterator[SimpleNamespace]:
    return SimpleNamespace(on_sale=on_sale, push=push, sim=sim)


@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["close_before", "close_after", "truncated", "apply_then_http"]),
    st.integers(-6, 6).filter(bool),
    st.integers(0, 4),
)
def test_whatever_is_sold_the_change_counts_once(played, fault, change_by, sold):
    assume(sold != abs(change_by))
    spu = played.on_sale()
    sku = change(spu, stock_change=change_by)
    played.sim.clear_next()
    played.sim.next(fault, path=StockAPI.UPDATE)
    played.push("stock", spu)
    drain()
    left = stocks(played.sim, spu)[0]
    applied = left == 10 + change_by
    sold = min(sold, left)
    assume(sold != abs(change_by))
    if sold:
        played.sim.sell(int(sku.sku_id), sold)
    to_the_end()
    if statuses()[-1] == "needs_person":
        decide(push_of(spu), reconcile.APPLIED if applied else "")
        to_the_end()
    sku.refresh_from_db()
    wanted = 10 - sold + change_by
    assert stocks(played.sim, spu)[0] == (wanted if wanted >= 0 else 10 - sold)
    assert sku.real_stock == stocks(played.sim, spu)[0] or statuses()[-1] == "refused"
