"""The day's calls: never overdrawn, started anew at midnight in Beijing, a reserve left to people."""

import datetime as dt

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from audits.models import Quota, next_window, quota_day
from audits.models.quota import BEIJING
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.quota import QuotaGroup
from tests.journal import FileDatabase

GROUP = QuotaGroup("test", 10)
moments = st.integers(1_577_836_800, 2_208_988_800).map(
    lambda second: dt.datetime.fromtimestamp(second, dt.UTC)
)


def spend(account, times=1, *, group=GROUP, scheduled=False) -> int:
    return sum(Quota.objects.spend(account.pk, group, scheduled=scheduled) for _ in range(times))


def used(account, group=GROUP) -> int:
    return Quota.objects.today(account.pk, group).used


def test_a_day_has_as_many_calls_as_the_group_says(account):
    assert spend(account, 15) == 10


def test_groups_do_not_share(account):
    spend(account, 10)
    assert spend(account, group=QuotaGroup("another", 1)) == 1


def test_interfaces_of_one_group_share(account):
    spend(account, 6)
    assert spend(account, 6, group=QuotaGroup("test", 10)) == 4


def test_accounts_do_not_share(account):
    other = type(account).objects.create(name="b", appid="wxbbbbbbbbbbbbbbbb", secret="s", practice=True)
    spend(account, 10)
    assert spend(other) == 1


def test_an_exhausted_day_has_no_call_left(account):
    Quota.objects.exhaust(account.pk, GROUP)
    assert spend(account) == 0


def test_what_is_given_back_can_be_spent(account):
    spend(account, 10)
    Quota.objects.give_back(account.pk, GROUP)
    assert spend(account, 2) == 1


def test_giving_back_more_than_was_spent_adds_nothing(account):
    Quota.objects.give_back(account.pk, GROUP)
    assert spend(account, 11) == 10


def test_scheduled_reads_leave_a_tenth_to_people(account):
    assert spend(account, 10, scheduled=True) == 9


def test_people_may_use_the_reserve(account):
    spend(account, 10, scheduled=True)
    assert spend(account) == 1


@pytest.mark.parametrize(
    ("kind", "left"),
    [(Kind.QUOTA, 0), (Kind.NOT_SENT, 10), (Kind.TOKEN, 10), (Kind.NO_ANSWER, 9), (Kind.INPUT, 9)],
)
def test_how_a_call_ended_corrects_the_counter(account, kind, left):
    spend(account)
    Quota.objects.correct(account.pk, GROUP, WeChatError(kind))
    assert Quota.objects.today(account.pk, GROUP).left == left


def test_the_counters_start_again_at_midnight_in_beijing(account):
    with time_machine.travel(dt.datetime(2026, 8, 1, 23, 59, 59, tzinfo=BEIJING), tick=False) as clock:
        assert spend(account, 11) == 10
        clock.shift(1)
        assert spend(account) == 1


def test_midnight_elsewhere_changes_nothing(account):
    with time_machine.travel(dt.datetime(2026, 8, 1, 23, 59, 59, tzinfo=dt.UTC), tick=False) as clock:
        spend(account, 10)
        clock.shift(1)
        assert spend(account) == 0


@given(moments)
def test_the_next_window_opens_the_next_day(now):
    assert quota_day(next_window(now)) == quota_day(now) + dt.timedelta(days=1)


@given(moments)
def test_the_next_window_is_the_first_moment_of_its_day(now):
    window = next_window(now)
    assert quota_day(window - dt.timedelta(microseconds=1)) == quota_day(now)


@given(moments)
def test_the_next_window_is_ahead_by_a_day_at_most(now):
    assert dt.timedelta(0) < next_window(now) - now <= dt.timedelta(days=1)


@given(moments)
def test_the_day_is_eight_hours_ahead_of_utc(now):
    assert quota_day(now) == (now + dt.timedelta(hours=8)).date()


@pytest.mark.django_db(transaction=True)
def test_threads_and_processes_never_overspend(account, sim, tmp_path):
    script = f"""
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from audits.models import Quota
from shopadmin.wechat.quota import QuotaGroup

def spend(_):
    try:
        return sum(Quota.objects.spend({account.pk}, QuotaGroup("test", 50)) for _ in range(20))
    finally:
        connection.close()

with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(spend, range(4))))
"""
    database = FileDatabase(tmp_path, sim)
    spent = sum(map(int, database.run(script, script)))
    assert spent == 50
    assert database.rows("select used from audits_quota") == [(50,)]
