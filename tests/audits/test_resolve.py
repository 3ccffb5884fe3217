"""Pushes with an unknown outcome: looked up, repeated only when proved absent, else left to a person."""

import datetime as dt
import random
from concurrent.futures import wait

import pytest
from django.utils import timezone

from audits.drain import Drain
from audits.models import Push
from audits.resolve import decide, resolve_unsure
from audits.states import PushStatus
from audits.tasks import drain, sweep
from goods.live import refresh
from goods.models import LiveGoods
from tests.journal import ADD, AUDIT, BY_LIST, RESET_AUDIT, UPLOAD, calls, fast_forward, goods_at, push_of


@pytest.fixture
def goods(make_goods):
    return make_goods()


@pytest.fixture
def look():
    """Let a minute pass and look at WeChat; the record is read again."""

    def do(*records):
        fast_forward()
        settled = resolve_unsure()
        for record in records:
            record.refresh_from_db()
        return settled

    return do


@pytest.fixture
def made(goods, send, sim):
    """WeChat has added it, and its answer got lost."""
    sim.next("close_after", path=ADD)
    send("add", goods)
    return goods


@pytest.fixture
def not_made(goods, send, sim):
    """WeChat has not added it, and did not answer either."""
    sim.next("close_before", path=ADD)
    send("add", goods)
    return goods


def test_a_product_that_wechat_has_is_adopted(made, look, sim):
    look(made)
    assert (push_of(made).status, made.goods_id) == (PushStatus.DONE, str(goods_at(sim, made)[0]["goods_id"]))


def test_an_adopted_product_has_no_audit_id(made, look):
    look(made)
    assert made.audit_id == ""


def test_the_journal_names_the_adopted_product(made, look):
    look(made)
    assert push_of(made).remote_id == made.goods_id


@pytest.mark.parametrize("status", [0, 1, 2, 3])
def test_a_product_is_found_in_every_state(made, look, sim, status):
    sim.change_goods(goods_at(sim, made)[0]["goods_id"], audit_status=status)
    look(made)
    assert made.goods_id


@pytest.mark.parametrize("status", [0, 1, 2, 3])
def test_the_next_read_brings_the_state_of_an_adopted_product(made, look, sim, status):
    sim.change_goods(goods_at(sim, made)[0]["goods_id"], audit_status=status)
    look(made)
    refresh.request_look([made.pk])
    LiveGoods.objects.update(pushed_at=timezone.now() - dt.timedelta(minutes=1))
    refresh.look_due(made.account, scheduled=False)
    made.refresh_from_db()
    assert made.audit_status == status


def test_prices_in_fen_do_not_hide_a_product(made, look, sim):
    sim.settings(prices_in_fen=True)
    look(made)
    assert made.goods_id


def test_a_total_of_zero_does_not_hide_a_product(made, look, sim):
    """WeChat's totals are not reliable: with 100 products before ours, a second page has to be asked for."""
    (mine,) = goods_at(sim, made)
    sim.drop_goods(mine["goods_id"])
    sim.make_goods(origin="api", count=100, audit_status=1)
    sim.make_goods(origin="api", name=made.name, url=made.url, price=68, audit_status=1)
    sim.settings(zero_total=True)
    look(made)
    assert made.goods_id


# --- proved absent ---


def test_nothing_is_looked_up_before_its_time(made, sim):
    assert resolve_unsure() == 0 and calls(sim, BY_LIST) == 0


def test_one_look_without_it_is_no_proof(not_made, look, sim):
    look(not_made)
    assert push_of(not_made).status == PushStatus.UNSURE


def test_the_second_look_is_a_minute_after_the_first(not_made, look):
    look(not_made)
    assert push_of(not_made).not_before - timezone.now() > dt.timedelta(seconds=55)


def test_absent_twice_is_sent_again(not_made, look, sim):
    look(not_made)
    look(not_made)
    assert push_of(not_made).status == PushStatus.QUEUED
    drain()
    assert (push_of(not_made).status, len(goods_at(sim, not_made))) == (PushStatus.DONE, 1)


def test_a_product_that_shows_late_is_adopted_at_the_second_look(made, look, sim):
    (mine,) = goods_at(sim, made)
    sim.change_goods(mine["goods_id"], name="尚未显示")
    look(made)
    sim.change_goods(mine["goods_id"], name=made.name)
    look(made)
    assert made.goods_id == str(mine["goods_id"])


def test_a_second_unknown_outcome_needs_two_looks_again(not_made, look, send, sim):
    look(not_made)
    look(not_made)
    sim.next("close_before", path=ADD)
    drain()
    look(not_made)
    assert push_of(not_made).status == PushStatus.UNSURE


def test_the_second_sending_uses_the_picture_that_is_there(not_made, look, sim):
    look(not_made)
    look(not_made)
    drain()
    assert calls(sim, UPLOAD) == 1


def test_when_wechat_cannot_be_asked_we_look_later(not_made, look, sim):
    sim.next("http", path=BY_LIST, times=2)
    look(not_made)
    look(not_made)
    push = push_of(not_made)
    assert (push.status, push.looks) == (PushStatus.UNSURE, 0)


def test_half_a_look_is_no_look(not_made, look, sim):
    sim.next("garbage", path=BY_LIST, skip=3)
    look(not_made)
    assert push_of(not_made).looks == 0


def test_a_look_at_one_account_that_fails_does_not_stop_the_others(
    made, look, make_goods, send, sim, account
):
    sim.add_account("wxaaaaaaaaaaaaaaaa", "s" * 32)
    other = type(account).objects.create(name="b", appid="wxaaaaaaaaaaaaaaaa", secret="s" * 32, practice=True)
    theirs = make_goods(account=other)
    sim.next("close_after", path=ADD)
    send("add", theirs)
    sim.next("http", path=BY_LIST)
    assert look() == 1


def test_a_wechat_that_cannot_be_asked_is_not_asked_for_every_push(make_goods, send, look, sim):
    sim.next("close_before", path=ADD, times=4)
    send("add", *[make_goods() for _ in range(4)])
    sim.next("http", path=BY_LIST, times=100)
    look()
    assert calls(sim, BY_LIST) == 1


def test_many_in_doubt_cost_one_reading_of_the_library(make_goods, send, look, sim):
    sim.next("close_after", path=ADD, times=4)
    send("add", *[make_goods() for _ in range(4)])
    assert look() == 4
    assert calls(sim, BY_LIST) == 4  # one page for each state


def test_looking_ends_when_its_time_is_up(make_goods, send, sim):
    sim.next("close_after", path=ADD, times=4)
    send("add", *[make_goods() for _ in range(4)])
    fast_forward()
    sim.settings(latency=0.1)
    assert 0 < resolve_unsure(seconds=0.3) < 4


def test_who_waits_longest_is_looked_up_first(make_goods, send, sim):
    sim.next("close_after", path=ADD, times=3)
    records = [make_goods() for _ in range(3)]
    send("add", *records)
    fast_forward()
    Push.objects.filter(target_id=records[1].pk).update(not_before=timezone.now() - dt.timedelta(hours=1))
    sim.settings(latency=0.1)
    resolve_unsure(seconds=0.3)  # long enough for the first one
    assert [push_of(goods).status == PushStatus.DONE for goods in records] == [False, True, False]


# --- several, or somebody else's ---


@pytest.fixture
def doubtful(made, look, sim):
    """WeChat has two products that could be this one."""
    (mine,) = goods_at(sim, made)
    sim.make_goods(origin="api", name=made.name, url=made.url, price=68)
    look(made)
    return made, str(mine["goods_id"])


def test_two_candidates_need_a_person(doubtful):
    goods, _ = doubtful
    assert push_of(goods).status == PushStatus.NEEDS_PERSON


def test_the_candidates_can_be_compared(doubtful, sim):
    goods, _ = doubtful
    shown = {(c["id"], c["name"], c["price"]) for c in push_of(goods).candidates}
    assert shown == {(str(row["goods_id"]), goods.name, "68") for row in goods_at(sim, goods)}


def test_a_person_chooses_a_candidate(doubtful):
    goods, goods_id = doubtful
    assert decide(push_of(goods), goods_id)
    goods.refresh_from_db()
    assert (push_of(goods).status, goods.goods_id) == (PushStatus.DONE, goods_id)


def test_a_person_says_none_of_them(doubtful, sim):
    goods, _ = doubtful
    assert decide(push_of(goods), "")
    assert push_of(goods).status == PushStatus.QUEUED
    drain()
    assert len(goods_at(sim, goods)) == 3


def test_what_is_no_candidate_cannot_be_chosen(doubtful):
    goods, _ = doubtful
    assert not decide(push_of(goods), "1")
    assert push_of(goods).status == PushStatus.NEEDS_PERSON


def test_two_people_decide_once(doubtful):
    goods, goods_id = doubtful
    first, second = push_of(goods), push_of(goods)
    assert [decide(first, goods_id), decide(second, "")] == [True, False]


def test_a_candidate_that_another_record_holds_by_now_cannot_be_chosen(doubtful, make_goods):
    goods, goods_id = doubtful
    make_goods(goods_id=goods_id)
    assert not decide(push_of(goods), goods_id)


def test_nothing_is_sent_while_a_person_is_needed(doubtful, sim):
    fast_forward()
    drain()
    sweep()
    assert calls(sim, ADD) == 1


def test_goods_of_the_console_are_never_candidates(not_made, look, sim):
    sim.make_goods(origin="console", name=not_made.name, url=not_made.url, price=68)
    look(not_made)
    look(not_made)
    assert push_of(not_made).status == PushStatus.QUEUED


def test_a_product_of_another_record_is_never_adopted(not_made, look, make_goods, sim):
    (goods_id,) = sim.make_goods(origin="api", name=not_made.name, url=not_made.url, price=68)
    make_goods(goods_id=str(goods_id))
    look(not_made)
    look(not_made)
    assert push_of(not_made).status == PushStatus.QUEUED


@pytest.mark.parametrize("other", [{"name": "云南小粒咖啡别的"}, {"url": "pages/other?id=1"}, {"price": 67}])
def test_a_product_that_differs_is_not_adopted(not_made, look, sim, other):
    sim.make_goods(origin="api", **({"name": not_made.name, "url": not_made.url, "price": 68} | other))
    look(not_made)
    assert push_of(not_made).status == PushStatus.UNSURE


# --- withdraw, submit again ---


@pytest.fixture
def auditing(goods, send):
    send("add", goods)
    return goods


@pytest.mark.parametrize("fault", ["close_after", "garbage"])
def test_a_withdrawal_that_arrived_is_done(auditing, send, look, sim, fault):
    sim.next(fault, path=RESET_AUDIT)
    send("withdraw", auditing)
    look(auditing)
    assert (push_of(auditing).status, auditing.audit_status) == (PushStatus.DONE, 0)


def test_a_withdrawal_that_did_not_arrive_is_sent_again(auditing, send, look, sim):
    sim.next("close_before", path=RESET_AUDIT)
    send("withdraw", auditing)
    look(auditing)
    look(auditing)
    drain()
    auditing.refresh_from_db()
    assert (push_of(auditing).status, auditing.audit_status) == (PushStatus.DONE, 0)


def test_a_withdrawal_that_came_too_late_ends_as_refused(auditing, send, look, sim):
    sim.next("close_before", path=RESET_AUDIT)
    send("withdraw", auditing)
    sim.verdict(int(auditing.goods_id), approve=True)
    look(auditing)
    look(auditing)
    drain()
    assert (push_of(auditing).status, push_of(auditing).errcode) == (PushStatus.REFUSED, 300017)


@pytest.fixture
def withdrawn(auditing, send):
    send("withdraw", auditing)
    return auditing


@pytest.mark.parametrize("verdict", [None, True, False], ids=["under review", "approved", "refused"])
def test_a_submission_that_arrived_is_done_whatever_became_of_it(withdrawn, send, look, sim, verdict):
    sim.next("close_after", path=AUDIT)
    send("resubmit", withdrawn)
    if verdict is not None:
        sim.verdict(int(withdrawn.goods_id), approve=verdict)
    look(withdrawn)
    look(withdrawn)
    assert (push_of(withdrawn).status, calls(sim, AUDIT)) == (PushStatus.DONE, 1)


def test_a_submission_whose_answer_got_lost_has_no_audit_id(withdrawn, send, look, sim):
    sim.next("close_after", path=AUDIT)
    send("resubmit", withdrawn)
    look(withdrawn)
    assert (withdrawn.audit_status, withdrawn.audit_id) == (1, "")


def test_a_submission_that_did_not_arrive_is_sent_again(withdrawn, send, look, sim):
    sim.next("close_before", path=AUDIT)
    send("resubmit", withdrawn)
    look(withdrawn)
    look(withdrawn)
    drain()
    withdrawn.refresh_from_db()
    assert (push_of(withdrawn).status, withdrawn.audit_status) == (PushStatus.DONE, 1)


# --- everything at once ---

CHAOS = [
    {"do": "close_after"},
    {"do": "close_before"},
    {"do": "hang", "seconds": 0.02},
    {"do": "hang", "seconds": 0.02, "apply": True},
    {"do": "http", "status": 502},
    {"do": "apply_then_http", "status": 502},
    {"do": "garbage"},
    {"do": "empty", "apply": False},
    {"do": "errcode", "errcode": -1},
    {"do": "apply_then_errcode", "errcode": -1},
    {"do": "apply_then_errcode", "errcode": 300021},
    {"do": "errcode", "errcode": 45011},
    {"do": "errcode", "errcode": 40001},
]


def dying_worker() -> None:
    """Sends what it has claimed and is gone before it can write a single answer down."""
    worker = Drain(threads=4, seconds=5)
    for _ in range(20):
        worker._claim()
        worker._launch()
        if worker._airborne:
            wait(worker._airborne)
            return
        if not worker._ready:
            return
        worker._land()


@pytest.mark.parametrize("seed", range(5))
def test_whatever_goes_wrong_every_record_gets_its_one_product(make_goods, push, sim, seed):
    chance = random.Random(seed)
    records = [make_goods() for _ in range(60)]
    push("add", *records)
    for _ in range(18):
        sim.next(path=ADD, skip=chance.randrange(6), **chance.choice(CHAOS))
    for _ in range(3):
        sim.next(path=BY_LIST, skip=chance.randrange(20), **chance.choice(CHAOS[:10]))
    for turn in range(30):
        if turn % 3 == seed % 3 and turn < 9:
            dying_worker()
        drain()
        fast_forward()
        sweep()
        if not Push.objects.open().exists():
            break
    at_wechat = {goods.pk: [str(row["goods_id"]) for row in goods_at(sim, goods)] for goods in records}
    known = dict(LiveGoods.objects.values_list("pk", "goods_id"))
    assert at_wechat == {pk: [goods_id] for pk, goods_id in known.items()}
    assert set(Push.objects.values_list("status", flat=True)) == {PushStatus.DONE}
