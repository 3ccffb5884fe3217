"""How a worker empties the journal: its budget, its bugs, its neighbours, answers that come too late."""

import datetime as dt
import time
import uuid

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.utils import timezone
from django_q.models import OrmQ

from audits.drain import Drain
from audits.models import Attempt, Push
from audits.states import PushStatus
from audits.tasks import drain
from goods.models import LiveGoods
from shopadmin.wechat.models import Account
from tests.journal import ADD, TOKEN, UPLOAD, FileDatabase, calls, fast_forward, goods_at, push_of, statuses

OTHER_APPID = "wxaaaaaaaaaaaaaaaa"


@pytest.fixture
def other_account(sim):
    sim.add_account(OTHER_APPID, "another shop's secret")
    return Account.objects.create(
        name="另一家店", appid=OTHER_APPID, secret="another shop's secret", practice=True
    )


@pytest.fixture
def in_flight(push):
    """Confirm an operation and let the calls leave, their answers still to come."""

    def do(operation, *records):
        push(operation, *records)
        worker = Drain(threads=4, seconds=5)
        worker._claim()
        worker._launch()
        return worker

    return do


def ready(make_goods, count=1):
    """Goods whose picture is at WeChat already, so that adding them is one call."""
    records = [make_goods() for _ in range(count)]
    for goods in records:
        goods.media_id, goods.media_cover, goods.media_uploaded_at = "m", goods.cover.name, timezone.now()
        goods.save()
    return records


def test_nothing_to_do_is_no_call(account, sim):
    assert drain() == 0 and sim.calls() == []


def test_more_pushes_than_threads_are_all_sent(make_goods, send):
    send("add", *[make_goods() for _ in range(11)])
    assert statuses() == [PushStatus.DONE] * 11


def test_one_run_empties_a_journal_of_pushes_that_cannot_leave(make_goods, push, sim, account):
    sim.add_account(account.appid, "another secret than ours")
    push("add", *[make_goods() for _ in range(20)])
    Drain(threads=2, seconds=10).run()
    assert set(statuses()) == {PushStatus.WAITING}


def test_the_oldest_push_goes_first(make_goods, push, sim):
    records = [make_goods() for _ in range(6)]
    push("add", *records)
    Drain(threads=1, seconds=10).run()
    assert [call["body"]["goodsInfo"]["name"] for call in sim.calls(ADD)] == [goods.name for goods in records]


def test_calls_go_in_parallel(make_goods, send, push, sim):
    send("add", make_goods())
    push("add", *[make_goods() for _ in range(4)])
    sim.settings(latency=1)
    started = time.monotonic()
    Drain(threads=4, seconds=20).run()
    assert time.monotonic() - started < 4  # what they take one after the other, at the least


def test_a_push_of_a_deleted_record_is_given_up(make_goods, push):
    goods = make_goods()
    push("add", goods)
    LiveGoods.objects.filter(pk=goods.pk).delete()
    drain()
    assert Push.objects.get().status == PushStatus.REFUSED


# --- the budget of time ---


def test_a_run_stops_claiming_when_its_time_is_up(make_goods, push, sim):
    push("add", *[make_goods() for _ in range(12)])
    sim.settings(latency=0.1)
    Drain(threads=2, seconds=0.3).run()
    assert PushStatus.QUEUED in statuses()


def test_a_run_leaves_nothing_half_sent_when_its_time_is_up(make_goods, push, sim):
    push("add", *[make_goods() for _ in range(12)])
    sim.settings(latency=0.1)
    Drain(threads=2, seconds=0.5).run()
    assert set(statuses()) == {PushStatus.QUEUED, PushStatus.DONE}


def test_a_run_without_time_sends_nothing(make_goods, push, sim):
    push("add", make_goods())
    Drain(threads=2, seconds=0).run()
    assert (statuses(), sim.calls()) == ([PushStatus.QUEUED], [])


def test_what_is_left_rings_again(make_goods, push, monkeypatch, sim):
    push("add", *[make_goods() for _ in range(12)])
    monkeypatch.setattr("audits.tasks.DRAIN_SECONDS", 0)
    OrmQ.objects.all().delete()
    drain()
    assert OrmQ.objects.exists()


def test_a_run_whose_time_is_up_rings_once_at_once_and_once_for_what_it_puts_back(make_goods, push, sim):
    push("add", *[make_goods() for _ in range(30)])
    OrmQ.objects.all().delete()
    sim.settings(latency=0.3)
    worker = Drain(threads=2, seconds=0.1)
    worker.run()
    worker.hand_over()
    assert OrmQ.objects.count() == 2


def test_a_push_that_is_put_back_late_rings_again(make_goods, push, sim):
    push("add", make_goods())
    sim.settings(latency=0.3)
    worker = Drain(threads=2, seconds=0.1)
    ringing_at_the_deadline = OrmQ.objects.all().delete
    worker.hand_over = lambda: (Drain.hand_over(worker), ringing_at_the_deadline())
    worker.run()
    assert (statuses(), OrmQ.objects.count()) == ([PushStatus.QUEUED], 1)


# --- our own bugs ---


def break_call(goods):
    """A picture that must not be opened."""
    found = push_of(goods)
    found.body["cover"] = "../outside.png"
    Push.objects.filter(pk=found.pk).update(body=found.body)


def break_body(goods):
    """A body from which no call can be prepared."""
    Push.objects.filter(pk=push_of(goods).pk).update(body={})


bugs = pytest.mark.parametrize("breaks", [break_call, break_body], ids=["in the call", "before the call"])


@bugs
def test_a_bug_with_one_push_is_raised_at_the_end(make_goods, push, breaks):
    (goods,) = ready(make_goods)
    push("add", goods)
    breaks(goods)
    with pytest.raises((SuspiciousFileOperation, KeyError)):
        drain()


@bugs
def test_a_bug_with_one_push_does_not_lose_the_others(make_goods, push, breaks):
    records = ready(make_goods, 4)
    LiveGoods.objects.update(media_id="")  # so that they need two calls each
    push("add", *records)
    breaks(records[1])
    with pytest.raises((SuspiciousFileOperation, KeyError)):
        Drain(threads=4, seconds=5).run()
    assert statuses().count(PushStatus.DONE) == 3


@bugs
def test_after_a_bug_the_bell_rings_for_the_rest(make_goods, push, breaks, settings):
    settings.PUSH_THREADS = 4
    records = ready(make_goods, 8)
    push("add", *records)
    breaks(records[0])
    OrmQ.objects.all().delete()
    with pytest.raises((SuspiciousFileOperation, KeyError)):
        drain()
    assert OrmQ.objects.exists()


def test_an_answer_that_cannot_be_stored_does_not_lose_the_others(make_goods, push, sim):
    """WeChat names a goodsId that another record has."""
    make_goods(goods_id="777")
    records = [make_goods() for _ in range(4)]
    sim.next("errcode", path=ADD, errcode=0, fields={"goodsId": 777, "auditId": 1})
    push("add", *records)
    with pytest.raises(Exception, match="goods_id"):
        Drain(threads=4, seconds=5).run()
    assert statuses().count(PushStatus.DONE) == 3


def test_a_push_with_a_bug_stays_for_the_sweeper(make_goods, push):
    (goods,) = ready(make_goods)
    push("add", goods)
    break_call(goods)
    with pytest.raises(SuspiciousFileOperation):
        drain()
    assert Push.objects.get().status == PushStatus.SENDING
    assert not Attempt.objects.get().is_closed


# --- answers that come too late ---


@pytest.fixture
def late(make_goods, send, in_flight, sim):
    """While WeChat takes its time to answer, the push is given to another worker."""
    goods = make_goods()
    send("add", make_goods())
    sim.next("slow", path=UPLOAD, seconds=0.1)
    worker = in_flight("add", goods)
    Push.objects.filter(pk=push_of(goods).pk).update(lease_token=uuid.uuid4().hex)
    worker.run()
    goods.refresh_from_db()
    return goods


def test_a_late_answer_is_kept_as_evidence(late):
    attempt = push_of(late).attempts.get()
    assert attempt.late and attempt.answer["media_id"]


def test_a_late_answer_leaves_the_record_alone(late):
    assert late.media_id == ""


def test_a_late_answer_leaves_the_push_to_its_new_worker(late):
    assert push_of(late).status == PushStatus.SENDING


def test_a_late_answer_is_an_error_in_the_log(make_goods, send, in_flight, sim, caplog):
    send("add", make_goods())
    goods = make_goods()
    worker = in_flight("add", goods)
    Push.objects.filter(pk=push_of(goods).pk).update(lease_token=uuid.uuid4().hex)
    worker.run()
    assert [entry.levelname for entry in caplog.records if "another worker" in entry.message] == ["ERROR"]


def test_a_push_that_was_taken_away_is_not_carried_on(late, sim):
    names = [call["body"]["goodsInfo"]["name"] for call in sim.calls(ADD)]
    assert late.name not in names


@pytest.mark.parametrize("given_up", ["unsure", "queued again"])
def test_the_answer_after_the_lease_ran_out_still_counts(make_goods, send, in_flight, sim, given_up):
    """The push was given up for lost; its late answer says what became of it, and nothing is repeated."""
    send("add", make_goods())
    goods = make_goods()
    goods.media_id, goods.media_cover, goods.media_uploaded_at = (
        sim.state()["accounts"][goods.account.appid]["media"][-1]["media_id"],
        goods.cover.name,
        timezone.now(),
    )
    goods.save()
    worker = in_flight("add", goods)
    push_of(goods).doubt()
    if given_up == "queued again":
        push_of(goods).move_to(PushStatus.QUEUED, not_before=timezone.now() + dt.timedelta(hours=1))
    worker.run()
    goods.refresh_from_db()
    assert (push_of(goods).status, goods.goods_id) == (
        PushStatus.DONE,
        str(goods_at(sim, goods)[0]["goods_id"]),
    )


def test_a_late_refusal_of_a_push_queued_again_is_evidence_only(make_goods, send, in_flight, sim):
    send("add", make_goods())
    goods = make_goods()
    sim.next("errcode", path=UPLOAD, errcode=40005)
    worker = in_flight("add", goods)
    push_of(goods).doubt()
    push_of(goods).move_to(PushStatus.QUEUED, not_before=timezone.now() + dt.timedelta(hours=1))
    worker.run()
    assert push_of(goods).status == PushStatus.QUEUED


# --- two accounts ---


@pytest.fixture
def slow_token(make_goods, other_account, account, send, push, sim):
    """Twenty pushes of an account whose token does not come, then three of another."""
    send("add", make_goods(account=other_account))
    push("add", *[make_goods() for _ in range(20)])
    quick = [make_goods(account=other_account) for _ in range(3)]
    push("add", *quick)
    sim.next("hang", path=TOKEN, seconds=1.5)
    return quick


def test_an_account_whose_token_hangs_does_not_hold_up_the_other(slow_token):
    started = timezone.now()
    Drain(threads=4, seconds=10).run()
    answered = Attempt.objects.filter(push__target_id__in=[goods.pk for goods in slow_token])
    assert {goods.pushes().first().status for goods in slow_token} == {PushStatus.DONE}
    assert max(attempt.finished_at for attempt in answered) - started < dt.timedelta(seconds=1.4)


def test_all_pushes_of_the_hanging_account_are_queued_again(slow_token, account):
    Drain(threads=4, seconds=10).run()
    assert set(Push.objects.filter(account=account).values_list("status", flat=True)) == {PushStatus.QUEUED}


def test_a_refused_token_of_one_account_does_not_concern_the_other(
    make_goods, other_account, account, send, sim
):
    records = [make_goods(), make_goods(account=other_account)]
    send("add", *records)
    sim.revoke_tokens(account.appid)
    sim.clear_calls()
    send("add", *[make_goods(), make_goods(account=other_account)])
    assert (set(statuses()), calls(sim, TOKEN)) == ({PushStatus.DONE}, 1)


# --- two workers ---


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_push_exactly_once(make_goods, push, sim, tmp_path):
    records = [make_goods() for _ in range(24)]
    push("add", *records)
    database = FileDatabase(tmp_path, sim)
    script = f"""
from django.conf import settings
settings.MEDIA_ROOT = {str(tmp_path / "media")!r}
from audits.drain import Drain
worker = Drain(threads=4, seconds=10)
worker.run()
print(worker.calls)
"""
    worked = [int(count) for count in database.run(script, script)]
    assert [len(goods_at(sim, goods)) for goods in records] == [1] * 24
    assert database.rows("select distinct status from audits_push") == [("done",)]
    assert sum(worked) == 48 and min(worked) > 0


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_rows_that_say_how_far_they_got(make_goods, push, sim, tmp_path):
    records = [make_goods() for _ in range(4)]
    push("add", *records)
    database = FileDatabase(tmp_path, sim)
    sim.next("hang", path=ADD, seconds=20, times=4)
    script = f"""
import os, signal, threading
from django.conf import settings
settings.MEDIA_ROOT = {str(tmp_path / "media")!r}
from audits.drain import Drain
threading.Timer(1.5, os._exit, [0]).start()
Drain(threads=4, seconds=10).run()
"""
    database.run(script)
    assert database.rows("select distinct status, done_steps from audits_push") == [
        ("sending", '["upload_cover"]')
    ]
    assert database.rows(
        "select step, count(*) from audits_attempt where finished_at is null group by 1"
    ) == [("add", 4)]


def test_a_second_run_finds_nothing_to_send(make_goods, send, sim):
    send("add", make_goods())
    before = len(sim.calls())
    fast_forward()
    drain()
    assert len(sim.calls()) == before
