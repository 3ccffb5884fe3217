"""How much of one account may be on its way, and how many calls a minute: kept by all workers together."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from audits.drain import JITTER, Drain
from audits.models import Attempt, Push, Quota
from audits.models.quota import MINUTE, Pace, this_minute
from audits.states import PushStatus
from audits.tasks import drain
from goods.models import LiveGoods
from shopadmin.wechat.client import client_for
from shopadmin.wechat.live_goods import LiveGoodsAPI
from shopadmin.wechat.models import Account
from tests.conftest import png
from tests.journal import FileDatabase, statuses

NOON = dt.datetime(2026, 8, 1, 4, 0, 10, tzinfo=dt.UTC)
SUBMISSIONS = LiveGoodsAPI.SUBMISSIONS


@pytest.fixture
def confirm(make_goods, account, push):
    """Confirm adding so many products whose picture is at WeChat already, so that each is one call."""

    def do(how_many, account=account):
        media_id = client_for(account).media.upload_image("c.png", png(300, 300), "image/png").media_id
        for goods in (records := [make_goods(account=account) for _ in range(how_many)]):
            goods.mark_uploaded(goods.cover.name, media_id, timezone.now())
        LiveGoods.objects.bulk_update(records, ["media_id", "media_cover", "media_uploaded_at"])
        push("add", *records)

    return do


@pytest.fixture
def other(sim):
    sim.add_account("wxaaaaaaaaaaaaaaaa", "its secret")
    return Account.objects.create(
        name="另一家店", appid="wxaaaaaaaaaaaaaaaa", secret="its secret", practice=True
    )


@pytest.fixture
def noon():
    """Ten seconds into a minute."""
    with time_machine.travel(NOON) as clock:
        yield clock


def most_at_once(spans) -> int:
    """Of (start, end) pairs: how many there were at the same time."""
    events = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    now = most = 0
    for _moment, step in events:
        now += step
        most = max(most, now)
    return most


# --- on their way at the same time ---


def test_no_account_has_more_on_their_way_than_it_may(confirm, settings):
    settings.PUSH_CONCURRENCY_PER_ACCOUNT = 3
    confirm(8)
    assert [len(Push.objects.claim(2)) for _ in range(3)] == [2, 1, 0]


def test_the_limit_of_one_account_is_not_another_ones(confirm, other, settings):
    settings.PUSH_CONCURRENCY_PER_ACCOUNT = 3
    confirm(8)
    confirm(8, account=other)
    assert len(Push.objects.claim(20)) == 6


def test_a_push_that_is_done_makes_room(confirm, settings):
    settings.PUSH_CONCURRENCY_PER_ACCOUNT = 1
    confirm(2)
    Push.objects.claim(2)[0].move_to(PushStatus.DONE)
    assert len(Push.objects.claim(2)) == 1


def test_what_a_dead_worker_left_behind_does_not_take_room_for_ever(confirm, settings):
    settings.PUSH_CONCURRENCY_PER_ACCOUNT = 1
    confirm(2)
    Push.objects.claim(2)
    Push.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert len(Push.objects.claim(2)) == 1


def test_a_run_with_little_room_still_sends_everything(confirm, settings):
    settings.PUSH_CONCURRENCY_PER_ACCOUNT = 1
    confirm(5)
    Drain(threads=4, seconds=10).run()
    assert statuses() == [PushStatus.DONE] * 5


def test_a_run_waits_until_another_worker_makes_room(confirm, settings):
    settings.PUSH_CONCURRENCY_PER_ACCOUNT = 1
    confirm(2)
    Push.objects.claim(1)
    Push.objects.filter(status=PushStatus.SENDING).update(
        lease_until=timezone.now() + dt.timedelta(seconds=0.7)
    )
    Drain(threads=4, seconds=10).run()
    assert statuses() == [PushStatus.SENDING, PushStatus.DONE]


def test_a_run_without_room_ends_when_its_time_is_up(confirm, settings, sim):
    settings.PUSH_CONCURRENCY_PER_ACCOUNT = 1
    confirm(2)
    Push.objects.claim(1)
    Drain(threads=4, seconds=0.3).run()
    assert statuses() == [PushStatus.SENDING, PushStatus.QUEUED]


WORK = """
from django.conf import settings
settings.MEDIA_ROOT = {media!r}
from audits.drain import Drain
worker = Drain(threads=8, seconds=10)
worker.run()
print(worker.calls)
"""


@pytest.mark.django_db(transaction=True)
def test_workers_keep_the_limit_together(confirm, sim, tmp_path):
    confirm(20)
    sim.settings(latency=0.05)
    database = FileDatabase(tmp_path, sim)
    database.env["PUSH_CONCURRENCY_PER_ACCOUNT"] = "3"
    script = WORK.format(media=str(tmp_path / "media"))
    database.run(script, script, script)
    assert database.rows("select distinct status from audits_push") == [("done",)]
    assert most_at_once(database.rows("select started_at, finished_at from audits_attempt")) == 3


# --- calls a minute ---


def test_beyond_the_minutes_calls_pushes_wait_for_the_next_one(confirm, settings, noon):
    settings.PUSH_CALLS_PER_MINUTE = 3
    confirm(12)
    drain()
    waiting = Push.objects.filter(status=PushStatus.WAITING)
    soonest = this_minute() + MINUTE
    assert (Attempt.objects.count(), waiting.count()) == (3, 9)
    assert all(
        soonest <= moment <= soonest + dt.timedelta(seconds=JITTER)
        for moment in waiting.values_list("not_before", flat=True)
    )


def test_in_the_next_minute_they_go(confirm, settings, noon):
    settings.PUSH_CALLS_PER_MINUTE = 3
    confirm(5)
    drain()
    noon.shift(60)
    drain()
    assert statuses() == [PushStatus.DONE] * 5


def test_waiting_for_the_next_minute_uses_no_quota(account, confirm, settings, noon):
    settings.PUSH_CALLS_PER_MINUTE = 3
    confirm(5)
    drain()
    assert Quota.objects.today(account.pk, SUBMISSIONS).used == 3


def test_waiting_for_the_next_minute_is_no_try(confirm, settings, noon):
    settings.PUSH_CALLS_PER_MINUTE = 3
    confirm(5)
    drain()
    assert set(Push.objects.filter(status=PushStatus.WAITING).values_list("tries", flat=True)) == {0}


def test_every_call_of_a_push_counts(make_goods, push, settings, noon):
    """The picture takes the minute's only call; the product follows in the next minute, without it."""
    settings.PUSH_CALLS_PER_MINUTE = 1
    push("add", make_goods())
    drain()
    noon.shift(60)
    drain()
    assert [attempt.step for attempt in Attempt.objects.all()] == ["upload_cover", "add"]
    assert statuses() == [PushStatus.DONE]


def test_another_account_has_its_own_minute(confirm, other, settings, noon):
    settings.PUSH_CALLS_PER_MINUTE = 3
    confirm(5)
    confirm(2, account=other)
    drain()
    assert set(Push.objects.filter(account=other).values_list("status", flat=True)) == {PushStatus.DONE}


def test_without_a_limit_nothing_waits(confirm, settings, noon):
    settings.PUSH_CALLS_PER_MINUTE = 0
    confirm(5)
    drain()
    assert statuses() == [PushStatus.DONE] * 5


def test_a_minute_gives_what_is_left_of_it(account, settings, noon):
    settings.PUSH_CALLS_PER_MINUTE = 5
    assert [Pace.objects.take(account.pk, 3) for _ in range(3)] == [3, 2, 0]


def test_a_host_whose_clock_is_a_little_ahead_counts_along(account, settings, noon):
    settings.PUSH_CALLS_PER_MINUTE = 5
    noon.shift(60)
    Pace.objects.take(account.pk, 3)
    noon.shift(-60)
    assert Pace.objects.take(account.pk, 3) == 2


def test_a_clock_put_back_by_hours_stops_nothing(account, settings, noon):
    settings.PUSH_CALLS_PER_MINUTE = 5
    Pace.objects.take(account.pk, 5)
    noon.shift(-7200)
    assert Pace.objects.take(account.pk, 3) == 3


@pytest.mark.django_db(transaction=True)
def test_workers_keep_the_minute_together(account, sim, tmp_path):
    script = f"""
import time_machine
time_machine.travel({NOON.timestamp()}, tick=False).start()
from audits.models.quota import Pace
print(sum(Pace.objects.take({account.pk}, 3) for _ in range(20)))
"""
    database = FileDatabase(tmp_path, sim)
    database.env["PUSH_CALLS_PER_MINUTE"] = "100"
    assert sum(map(int, database.run(script, script, script))) == 100
    assert database.rows("select used from audits_pace") == [(100,)]
