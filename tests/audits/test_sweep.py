"""What the sweeper makes of the rows that a dead worker left behind."""

import datetime as dt

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from audits.drain import Drain
from audits.models import Attempt, Push
from audits.states import PushStatus
from audits.sweep import sweep_stranded
from audits.tasks import drain, sweep
from tests.journal import ADD, UPLOAD, FileDatabase, calls, push_of, statuses


@pytest.fixture
def goods(make_goods):
    return make_goods()


def die(step: str | None, *, closed: bool = False, done: tuple[str, ...] = ()) -> Push:
    """The worker of the only push has gone, long ago, after it had begun (or ended) this step."""
    (push,) = Push.objects.claim(1)
    if step:
        attempt = Attempt.objects.create(push=push, step=step, path="/")
        if closed:
            attempt.close(answer={})
    Push.objects.filter(pk=push.pk).update(
        lease_until=timezone.now() - dt.timedelta(seconds=1), done_steps=list(done)
    )
    return push


def test_a_push_that_was_claimed_but_never_called_is_queued(goods, push):
    push("add", goods)
    die(None)
    sweep_stranded()
    assert statuses() == [PushStatus.QUEUED]


def test_a_push_whose_last_call_was_answered_is_queued(goods, push):
    push("add", goods)
    die("upload_cover", closed=True)
    sweep_stranded()
    assert statuses() == [PushStatus.QUEUED]


def test_a_swept_push_goes_on_after_its_last_step(goods, push, send, sim):
    sim.next("errcode", path=ADD, errcode=45011)
    send("add", goods)
    Push.objects.update(status=PushStatus.QUEUED, not_before=timezone.now())
    die("upload_cover", closed=True, done=("upload_cover",))
    sweep_stranded()
    drain()
    assert (statuses(), calls(sim, UPLOAD)) == ([PushStatus.DONE], 1)


def test_a_call_that_may_have_made_something_is_unsure(goods, push):
    push("add", goods)
    die("add")
    sweep_stranded()
    assert statuses() == [PushStatus.UNSURE]


def test_the_look_after_a_lost_worker_is_a_minute_later(goods, push):
    push("add", goods)
    die("add")
    sweep_stranded()
    assert push_of(goods).not_before - timezone.now() > dt.timedelta(seconds=55)


def test_a_call_that_does_no_harm_twice_is_queued(goods, push):
    push("add", goods)
    die("upload_cover")
    sweep_stranded()
    assert statuses() == [PushStatus.QUEUED]


@pytest.mark.parametrize("step", ["add", "upload_cover"])
def test_the_open_attempt_is_closed_as_unanswered(goods, push, step):
    push("add", goods)
    die(step)
    sweep_stranded()
    attempt = Attempt.objects.get()
    assert attempt.is_closed and attempt.kind == "no_answer"


def test_a_second_death_before_any_call_is_not_taken_for_the_first(goods, push):
    """Proved absent and queued again, then claimed by a worker that died at once: nothing was sent."""
    push("add", goods)
    die("add")
    sweep_stranded()
    push_of(goods).move_to(PushStatus.QUEUED, not_before=timezone.now())
    die(None)
    sweep_stranded()
    assert statuses() == [PushStatus.QUEUED]


def test_a_worker_in_its_time_is_left_alone(goods, push):
    push("add", goods)
    Push.objects.claim(1)
    sweep_stranded()
    assert statuses() == [PushStatus.SENDING]


def test_a_lost_push_of_a_deleted_record_is_settled(goods, push):
    push("add", goods)
    die("add")
    goods.delete()
    sweep_stranded()
    Push.objects.update(not_before=timezone.now())
    sweep()
    assert statuses() == [PushStatus.REFUSED]


def test_what_waits_is_released_at_its_time(goods, push):
    push("add", goods)
    Push.objects.update(status=PushStatus.WAITING, not_before=timezone.now())
    sweep_stranded()
    assert statuses() == [PushStatus.QUEUED]


def test_what_waits_is_not_released_early(goods, push):
    push("add", goods)
    Push.objects.update(status=PushStatus.WAITING, not_before=timezone.now() + dt.timedelta(seconds=5))
    sweep_stranded()
    assert statuses() == [PushStatus.WAITING]


def test_the_sweep_rings_for_what_it_queued(goods, push):
    push("add", goods)
    die(None)
    OrmQ.objects.all().delete()
    sweep()
    assert OrmQ.objects.count() == 1


def test_the_sweep_rings_before_it_looks_at_wechat(goods, push, make_goods):
    """The looks may take long, and a task that takes too long is ended."""
    push("add", goods)
    die("add")
    sweep_stranded()
    push("add", make_goods())
    OrmQ.objects.all().delete()
    Push.objects.update(not_before=timezone.now())
    Push.objects.filter(target_id=goods.pk).update(body={})  # what no look can read
    with pytest.raises(KeyError):
        sweep()
    assert OrmQ.objects.exists()


def test_a_step_that_no_longer_exists_is_not_repeated(goods, push):
    push("add", goods)
    die("a step of an older release")
    sweep_stranded()
    assert statuses() == [PushStatus.UNSURE]


def test_the_sweep_counts_what_it_did(make_goods, push):
    push("add", make_goods())
    die("add")
    push("add", make_goods())
    die(None)
    counts = sweep_stranded()
    assert (counts["unsure"], counts["queued"]) == (1, 1)


def test_a_push_after_a_crash_is_added_once(goods, push, sim):
    push("add", goods)
    die(None)
    sweep()
    drain()
    assert (statuses(), calls(sim, ADD)) == ([PushStatus.DONE], 1)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_settle_each_push_once(make_goods, push, sim, tmp_path):
    push("add", *[make_goods() for _ in range(30)])
    for claimed in Push.objects.claim(30):
        Attempt.objects.create(push=claimed, step="add", path=ADD)
    Push.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    script = "from audits.sweep import sweep_stranded; print(sweep_stranded()['unsure'])"
    counts = FileDatabase(tmp_path, sim).run(script, script)
    assert sum(map(int, counts)) == 30


def test_a_worker_that_comes_back_after_the_sweep_does_not_send(goods, push, sim):
    push("add", goods)
    worker = Drain(threads=1, seconds=5)
    worker._claim()
    Push.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    sweep_stranded()
    worker._claim_after = float("inf")
    worker.run()
    assert (statuses(), calls(sim, UPLOAD)) == ([PushStatus.QUEUED], 0)
