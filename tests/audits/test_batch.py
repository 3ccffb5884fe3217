"""Stopping a batch, pausing it, going on, trying again: correct while workers send."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ

from audits.models import Batch, Push
from audits.models.batch import STOPPABLE
from audits.services import planned, repeat_failed, resume, submit
from audits.states import OPEN, TRANSITIONS, PushStatus
from audits.tasks import drain, sweep
from tests.journal import ADD, FileDatabase, calls, fast_forward, goods_at, push_of, statuses

GOES_ON = sorted(set(OPEN) - set(STOPPABLE))
FINISHED = sorted(set(PushStatus) - set(OPEN))
WORKER = """
from django.conf import settings
settings.MEDIA_ROOT = {media!r}
from audits.drain import Drain
worker = Drain(threads=4, seconds=20)
worker.run()
print(worker.calls)
"""


@pytest.fixture
def goods(make_goods):
    return make_goods()


@pytest.fixture
def batch(push, goods):
    return push("add", goods)


def worker(tmp_path) -> str:
    return WORKER.format(media=str(tmp_path / "media"))


def die_after_claiming() -> None:
    """A worker takes everything that is due and is never heard of again."""
    Push.objects.claim(100)


# --- cancel ---


@pytest.mark.parametrize("status", STOPPABLE)
def test_what_has_not_left_can_become_cancelled(status):
    assert PushStatus.CANCELLED in TRANSITIONS[status]


@pytest.mark.parametrize("status", STOPPABLE)
def test_what_has_not_left_is_cancelled(batch, goods, status):
    Push.objects.update(status=status)
    assert (batch.cancel(), push_of(goods).status) == (1, PushStatus.CANCELLED)


@pytest.mark.parametrize("status", GOES_ON)
def test_what_is_on_its_way_goes_on(batch, goods, status):
    Push.objects.update(status=status)
    assert (batch.cancel(), push_of(goods).status) == (0, status)


@pytest.mark.parametrize("status", FINISHED)
def test_what_is_finished_is_not_touched(batch, goods, status):
    Push.objects.update(status=status)
    assert (batch.cancel(), push_of(goods).status) == (0, status)


def test_a_cancelled_push_is_not_sent(batch, sim):
    batch.cancel()
    drain()
    assert sim.calls() == []


def test_a_cancelled_push_tells_when_it_ended(batch, goods):
    batch.cancel()
    assert push_of(goods).finished_at is not None


def test_cancelling_frees_the_record_for_another_push(batch, goods, push, sim):
    batch.cancel()
    push("add", goods)
    drain()
    assert len(goods_at(sim, goods)) == 1


def test_cancelling_leaves_other_batches_alone(batch, make_goods, push):
    other = make_goods()
    push("add", other)
    batch.cancel()
    assert push_of(other).status == PushStatus.QUEUED


def test_cancelling_twice_cancels_once(batch):
    assert [batch.cancel(), batch.cancel()] == [1, 0]


def test_the_batch_keeps_who_cancelled_it_first(batch):
    batch.cancel(by=User.objects.create_user("xiaowang"))
    batch.cancel(by=User.objects.create_user("laoli"))
    batch.refresh_from_db()
    assert batch.cancelled_by_name == "xiaowang"


def test_who_cancelled_is_kept_after_the_person_is_deleted(batch):
    person = User.objects.create_user("xiaowang")
    batch.cancel(by=person)
    person.delete()
    batch.refresh_from_db()
    assert batch.cancelled_by_name == "xiaowang"


def test_a_batch_that_was_cancelled_in_vain_names_nobody(batch):
    Push.objects.update(status=PushStatus.SENDING)
    batch.cancel(by=User.objects.create_user("xiaowang"))
    batch.refresh_from_db()
    assert (batch.cancelled_at, batch.cancelled_by_name) == (None, "")


def test_cancelling_writes_nothing_else_of_the_batch(batch):
    Batch.objects.filter(pk=batch.pk).update(paused_at=timezone.now(), paused_by_name="laoli")
    batch.cancel()
    batch.refresh_from_db()
    assert batch.paused_by_name == "laoli"


def test_a_claimed_push_is_sent_although_its_batch_is_cancelled(batch, goods):
    (claimed,) = Push.objects.claim(1)
    batch.cancel()
    assert claimed.hold() and push_of(goods).status == PushStatus.SENDING


def test_a_cancelled_push_is_claimed_by_nobody(batch):
    batch.cancel()
    assert Push.objects.claim(1) == []


@pytest.mark.django_db(transaction=True)
def test_cancelling_while_a_worker_sends_leaves_each_push_sent_or_cancelled(make_goods, push, sim, tmp_path):
    sim.settings(latency=0.05)
    records = [make_goods() for _ in range(60)]
    batch = push("add", *records)
    cancel = f"""
import time
from audits.models import Batch, Push
while not Push.objects.filter(status="done").exists():
    time.sleep(0.01)
print(Batch.objects.get(pk={batch.pk}).cancel())
"""
    database = FileDatabase(tmp_path, sim)
    _calls, cancelled = database.run(worker(tmp_path), cancel)
    found = dict(database.rows("select target_id, status from audits_push"))
    sent = {goods.pk for goods in records if goods_at(sim, goods)}
    assert {pk for pk, status in found.items() if status == "done"} == sent
    assert {pk for pk, status in found.items() if status == "cancelled"} == found.keys() - sent
    assert len(sent) == 60 - int(cancelled) and 0 < int(cancelled) < 60


@pytest.mark.django_db(transaction=True)
def test_cancelling_right_where_workers_claim_never_does_both(make_goods, push, sim, tmp_path):
    records = [make_goods() for _ in range(40)]
    batches = [push("add", goods) for goods in records]
    cancel = f"""
import time
from audits.models import Batch, Push
cancelled = 0
for pk in {[batch.pk for batch in batches]}[1::2]:
    while Push.objects.filter(status="queued", batch__lt=pk - 4).exists():
        time.sleep(0.002)
    cancelled += Batch.objects.get(pk=pk).cancel()
print(cancelled)
"""
    database = FileDatabase(tmp_path, sim)
    *_calls, cancelled = database.run(worker(tmp_path), worker(tmp_path), cancel)
    found = dict(database.rows("select target_id, status from audits_push"))
    sent = {goods.pk: len(goods_at(sim, goods)) for goods in records}
    assert sent == {pk: int(status == "done") for pk, status in found.items()}
    assert list(found.values()).count("cancelled") == int(cancelled)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_cancel_at_once_cancel_each_push_once(make_goods, push, sim, tmp_path):
    batch = push("add", *(make_goods() for _ in range(20)))
    cancel = f"from audits.models import Batch; print(Batch.objects.get(pk={batch.pk}).cancel())"
    said = FileDatabase(tmp_path, sim).run(cancel, cancel)
    assert sorted(map(int, said)) == [0, 20]


# --- pause and resume ---


def test_a_paused_batch_is_not_sent(batch, sim):
    batch.pause()
    drain()
    assert (statuses(), sim.calls()) == ([PushStatus.QUEUED], [])


def test_a_paused_batch_does_not_hold_up_another(batch, goods, make_goods, send):
    batch.pause()
    other = make_goods()
    send("add", other)
    assert (push_of(other).status, push_of(goods).status) == (PushStatus.DONE, PushStatus.QUEUED)


def test_a_paused_batch_does_not_take_the_turns_of_another(push, make_goods):
    push("add", *(make_goods() for _ in range(20))).pause()
    other = push("add", make_goods())
    assert [claimed.batch_id for claimed in Push.objects.claim(5)] == [other.pk]


@pytest.mark.django_db(transaction=True)
def test_a_paused_batch_does_not_ring(batch):
    batch.pause()
    OrmQ.objects.all().delete()
    drain()
    assert not OrmQ.objects.exists()


def test_what_is_in_the_air_is_finished_although_paused(batch):
    (claimed,) = Push.objects.claim(1)
    batch.pause()
    assert claimed.hold() and claimed.move_to(PushStatus.DONE)


def test_what_waits_and_becomes_due_is_not_sent_while_paused(batch, goods, sim):
    push_of(goods).move_to(PushStatus.WAITING, not_before=timezone.now())
    batch.pause()
    sweep()
    drain()
    assert sim.calls() == []


def test_what_became_due_while_paused_is_sent_after_resuming(batch, goods, sim):
    push_of(goods).move_to(PushStatus.WAITING, not_before=timezone.now())
    batch.pause()
    sweep()
    resume(batch)
    drain()
    assert len(goods_at(sim, goods)) == 1


def test_a_paused_push_can_be_cancelled(batch, goods):
    batch.pause()
    assert (batch.cancel(), push_of(goods).status) == (1, PushStatus.CANCELLED)


def test_the_record_of_a_paused_push_takes_no_other(batch, goods, push):
    batch.pause()
    assert not push("update", goods).pushes.exists()


def test_pausing_twice_pauses_once(batch):
    assert [batch.pause(), batch.pause()] == [True, False]


def test_the_batch_keeps_who_paused_it(batch):
    batch.pause(by=User.objects.create_user("xiaowang"))
    Batch.objects.get(pk=batch.pk).pause(by=User.objects.create_user("laoli"))
    batch.refresh_from_db()
    assert batch.paused_by_name == "xiaowang"


@pytest.mark.parametrize("status", FINISHED)
def test_a_finished_batch_cannot_be_paused(batch, status):
    Push.objects.update(status=status)
    assert not batch.pause()


def test_a_resumed_batch_is_sent(batch, goods, sim):
    batch.pause()
    resume(batch)
    drain()
    assert len(goods_at(sim, goods)) == 1


@pytest.mark.django_db(transaction=True)
def test_resuming_rings(batch):
    batch.pause()
    OrmQ.objects.all().delete()
    resume(batch)
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_resuming_what_is_not_paused_does_nothing(batch):
    OrmQ.objects.all().delete()
    assert not resume(batch) and not OrmQ.objects.exists()


def test_a_batch_that_is_resumed_and_paused_again_names_who_did_it_last(batch):
    batch.pause(by=User.objects.create_user("xiaowang"))
    resume(batch)
    batch.pause(by=User.objects.create_user("laoli"))
    batch.refresh_from_db()
    assert batch.paused_by_name == "laoli"


def test_what_a_dead_worker_left_of_a_paused_batch_waits_too(batch, goods, sim):
    die_after_claiming()
    batch.pause()
    fast_forward()
    sweep()
    drain()
    assert (push_of(goods).status, sim.calls()) == (PushStatus.QUEUED, [])


def test_what_a_dead_worker_left_of_a_paused_batch_is_sent_once_after_resuming(batch, goods, sim):
    die_after_claiming()
    batch.pause()
    fast_forward()
    sweep()
    resume(batch)
    drain()
    assert (push_of(goods).status, calls(sim, ADD)) == (PushStatus.DONE, 1)


@pytest.mark.django_db(transaction=True)
def test_a_pause_outlives_the_worker_and_ends_for_the_next_one(make_goods, push, sim, tmp_path):
    batch = push("add", *(make_goods() for _ in range(3)))
    batch.pause()
    database = FileDatabase(tmp_path, sim)
    go_on = f"""
from audits.models import Batch
from audits.services import resume
print(resume(Batch.objects.get(pk={batch.pk})))
"""
    assert database.run(worker(tmp_path)) == ["0"]
    assert database.run(go_on) == ["True"]
    assert database.run(worker(tmp_path)) == ["6"]
    assert database.rows("select distinct status from audits_push") == [("done",)]


@pytest.mark.django_db(transaction=True)
def test_pausing_while_a_worker_sends_leaves_no_push_half_done(make_goods, push, sim, tmp_path):
    sim.settings(latency=0.05)
    batch = push("add", *(make_goods() for _ in range(40)))
    pause = f"""
import time
from audits.models import Batch, Push
while not Push.objects.filter(status="done").exists():
    time.sleep(0.01)
print(Batch.objects.get(pk={batch.pk}).pause())
"""
    database = FileDatabase(tmp_path, sim)
    assert database.run(worker(tmp_path), pause)[1] == "True"
    found = dict(database.rows("select status, count(*) from audits_push group by 1"))
    assert found.keys() == {"done", "queued"} and calls(sim, ADD) == found["done"]


def test_a_paused_batch_with_nothing_in_the_air_is_not_watched(batch):
    batch.pause()
    assert not batch.working


@pytest.mark.parametrize("status", ["sending", "unsure"])
def test_a_paused_batch_with_something_in_the_air_is_watched(batch, status):
    batch.pause()
    Push.objects.update(status=status)
    assert batch.working


# --- repeat what was refused ---


@pytest.fixture
def mixed(make_goods, push):
    """A batch whose pushes ended in every way there is, and the record that was refused."""
    records = [make_goods() for _ in PushStatus]
    batch = push("add", *records)
    for goods, status in zip(records, PushStatus, strict=True):
        Push.objects.filter(target_id=goods.pk).update(status=status)
    return batch, records[list(PushStatus).index(PushStatus.REFUSED)]


def test_the_repetition_contains_just_what_was_refused(mixed):
    batch, refused = mixed
    assert repeat_failed(batch).selection == [refused.pk]


def test_the_repetition_asks_for_the_same(mixed):
    batch, _refused = mixed
    again = repeat_failed(batch)
    assert (again.operation, again.target_type) == (batch.operation, batch.target_type)


def test_the_repetition_sends_nothing_before_it_is_confirmed(mixed, sim):
    batch, refused = mixed
    repeat_failed(batch)
    assert refused.pushes().count() == 1


def test_the_confirmed_repetition_is_sent(mixed, sim):
    batch, refused = mixed
    submit(repeat_failed(batch))
    drain()
    assert len(goods_at(sim, refused)) == 1


def test_the_repetition_says_what_is_wrong_now(mixed):
    batch, refused = mixed
    refused.name = "短"
    refused.save()
    (row,) = planned(repeat_failed(batch))
    assert not row.plan.sends


def test_two_repetitions_send_a_record_once(mixed):
    batch, refused = mixed
    first, second = repeat_failed(batch), repeat_failed(batch)
    assert [submit(first), submit(second)] == [1, 0]


def test_the_repetition_names_who_asked_for_it(mixed):
    batch, _refused = mixed
    assert repeat_failed(batch, by=User.objects.create_user("xiaowang")).created_by_name == "xiaowang"


def test_nothing_refused_means_no_repetition(batch):
    assert repeat_failed(batch) is None
