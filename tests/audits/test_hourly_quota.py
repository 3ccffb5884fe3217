"""The hour's calls of a group that has an hourly allowance besides the daily one."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from audits.models import Push, Quota
from audits.models.quota import BEIJING, next_hour, next_window
from audits.tasks import drain
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.mini_store.spu import SpuAPI
from shopadmin.wechat.quota import QuotaGroup
from tests.goods.store.conftest import *  # noqa: F403 - products of the Mini Store
from tests.journal import FileDatabase, calls, fast_forward, push_of, statuses

GROUP = QuotaGroup("hourly", 100, per_hour=10)
CHANGES = SpuAPI.CHANGES
NOON = dt.datetime(2026, 8, 1, 12, 30, tzinfo=BEIJING)
HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)


def spend(account, times=1, *, group=GROUP, scheduled=False, at=NOON) -> int:
    return sum(Quota.objects.spend(account.pk, group, scheduled=scheduled, at=at) for _ in range(times))


def row(account, group=GROUP) -> Quota:
    return Quota.objects.get(account=account, group=group.name, day=NOON.date())


# --- counting ---


def test_an_hour_has_as_many_calls_as_the_group_says(account):
    assert spend(account, 15) == 10


def test_the_next_hour_has_as_many_again(account):
    spend(account, 15)
    assert spend(account, 15, at=NOON + HOUR) == 10


def test_calls_of_every_hour_count_for_the_day(account):
    for hours in range(4):
        spend(account, 10, at=NOON + hours * HOUR)
    assert row(account).used == 40


def test_the_day_may_end_before_the_hour(account):
    group = QuotaGroup("short day", 12, per_hour=10)
    assert spend(account, 10, group=group) + spend(account, 10, group=group, at=NOON + HOUR) == 12


def test_an_hour_is_one_of_the_clock_in_beijing(account):
    spend(account, 10, at=dt.datetime(2026, 8, 1, 12, 59, 59, tzinfo=BEIJING))
    assert spend(account, 1, at=dt.datetime(2026, 8, 1, 13, 0, tzinfo=BEIJING)) == 1


def test_the_same_hour_of_the_next_day_is_another_one(account):
    spend(account, 10)
    assert spend(account, 10, at=NOON + 24 * HOUR) == 10


def test_what_was_never_sent_is_given_back_to_its_hour(account):
    spend(account, 10)
    Quota.objects.give_back(account.pk, GROUP, at=NOON)
    assert spend(account, 2) == 1


def test_what_is_given_back_late_does_not_change_the_new_hour(account):
    spend(account, 10)
    spend(account, 3, at=NOON + HOUR)
    Quota.objects.give_back(account.pk, GROUP, at=NOON)
    assert (row(account).hour_used, row(account).used) == (3, 12)


def test_scheduled_reads_leave_a_tenth_of_the_day(account):
    group = QuotaGroup("reads", 10, per_hour=10)
    assert spend(account, 10, group=group, scheduled=True) == 9


def test_an_exhausted_hour_has_no_call_left(account):
    spend(account, 2)
    Quota.objects.exhaust_hour(account.pk, GROUP, at=NOON)
    assert (spend(account), spend(account, at=NOON + HOUR)) == (0, 1)


def test_a_late_answer_does_not_exhaust_the_hour_that_has_begun(account):
    spend(account, 4, at=NOON + HOUR)
    Quota.objects.exhaust_hour(account.pk, GROUP, at=NOON)
    assert spend(account, 10, at=NOON + HOUR) == 6


def test_a_group_without_an_hour_is_not_held_to_one(account):
    group = QuotaGroup("daily", 50)
    assert spend(account, 50, group=group) == 50


# --- when there are calls again ---


def test_after_the_hour_comes_the_next_hour(account):
    spend(account, 10)
    assert Quota.objects.opens(account.pk, GROUP, at=NOON) == NOON + dt.timedelta(minutes=31)


def test_after_the_day_comes_the_next_day(account):
    Quota.objects.today(account.pk, GROUP, day=NOON.date())
    Quota.objects.update(used=100)
    assert Quota.objects.opens(account.pk, GROUP, at=NOON) == next_window(NOON)


def test_the_last_hour_ends_with_the_day(account):
    late = dt.datetime(2026, 8, 1, 23, 59, tzinfo=BEIJING)
    spend(account, 10, at=late)
    assert Quota.objects.opens(account.pk, GROUP, at=late) == next_window(late)


def test_the_next_hour_begins_a_little_late():
    assert next_hour(dt.datetime(2026, 8, 1, 12, 0, tzinfo=BEIJING)).minute == 1


def test_wechats_own_no_for_the_day_is_no_for_every_hour(account):
    spend(account)
    Quota.objects.correct(account.pk, GROUP, WeChatError(Kind.QUOTA, errcode=45009), at=NOON)
    assert spend(account, at=NOON + HOUR) == 0


# --- several workers at once ---


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_do_not_overdraw_the_hour(account, sim, tmp_path):
    script = f"""
import datetime as dt
from audits.models import Quota
from shopadmin.wechat.quota import QuotaGroup
group = QuotaGroup("hourly", 100, per_hour=10)
at = dt.datetime.fromisoformat("{NOON.isoformat()}")
print(sum(Quota.objects.spend({account.pk}, group, at=at) for _ in range(8)))
"""
    database = FileDatabase(tmp_path, sim)
    assert sum(map(int, database.run(script, script, script))) == 10


# --- pushes ---


@pytest.fixture
def hour_is_over(account):
    """Our own counter has nothing left of this hour."""
    now = timezone.now()
    counter = Quota.objects.today(account.pk, CHANGES)
    Quota.objects.filter(pk=counter.pk).update(hour=now.astimezone(BEIJING).hour, hour_used=180)


def test_what_finds_no_call_left_waits_for_the_next_hour(make_spu, send, sim, hour_is_over):
    spu = make_spu()
    send("add", spu)
    assert (statuses(), calls(sim, SpuAPI.ADD)) == (["waiting"], 0)
    assert push_of(spu).not_before <= timezone.now() + dt.timedelta(minutes=61)


def test_what_has_waited_is_sent_in_the_next_hour(make_spu, send, sim, hour_is_over):
    spu = make_spu()
    send("add", spu)
    with time_machine.travel(push_of(spu).not_before + SECOND):
        drain()
    assert statuses() == ["done"]


def test_prices_and_stock_cost_nothing_of_the_hour(make_spu, send, account):
    spu = make_spu()
    send("add", spu)
    used = Quota.objects.today(account.pk, CHANGES).used
    spu.skus.update(sale_price=50)
    send("price", spu)
    assert (statuses()[-1], Quota.objects.today(account.pk, CHANGES).used) == ("done", used)


@pytest.mark.parametrize("errcode", [300000, 45011])
def test_too_often_once_is_tried_again_soon(make_spu, send, sim, account, errcode):
    sim.next("errcode", path=SpuAPI.ADD, errcode=errcode)
    spu = make_spu()
    send("add", spu)
    assert push_of(spu).not_before < timezone.now() + dt.timedelta(minutes=6)
    assert Quota.objects.today(account.pk, CHANGES).hour_used == 1


@pytest.mark.parametrize("errcode", [300000, 45011])
def test_too_often_twice_ends_the_hour_for_all(make_spu, push, sim, account, errcode):
    sim.next("errcode", path=SpuAPI.ADD, errcode=errcode, times=2)
    spu = make_spu()
    push("add", spu)
    for _ in range(2):
        fast_forward()
        drain()
    assert Quota.objects.today(account.pk, CHANGES).hour_used == 180
    assert push_of(spu).not_before == next_hour()


def test_wechats_limit_never_refuses_a_push(make_spu, push, sim):
    sim.settings(spu_writes_per_hour=0)
    spu = make_spu()
    push("add", spu)
    for _ in range(12):
        fast_forward()
        Quota.objects.update(hour_used=0)
        drain()
    assert statuses() == ["waiting"]
    sim.settings(spu_writes_per_hour=200)
    fast_forward()
    Quota.objects.update(hour_used=0)
    drain()
    assert (statuses(), Push.objects.get().tries > 12) == (["done"], True)
