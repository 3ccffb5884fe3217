"""The periodic tasks: set up once, kept as they are, corrected when they are wrong."""

import datetime as dt
from importlib import import_module

import pytest
import time_machine
from django.utils import timezone
from django_q.models import Schedule

from goods.schedules import BEIJING, PREFIX, SCHEDULES, set_up_schedules


@pytest.fixture(autouse=True)
def _schedules(db):
    set_up_schedules()


def schedule(name: str) -> Schedule:
    return Schedule.objects.get(name=PREFIX + name)


def test_every_task_has_its_schedule():
    assert {row.name for row in Schedule.objects.all()} == {PREFIX + name for name in SCHEDULES}


def test_every_schedule_runs_a_function_that_exists():
    for row in Schedule.objects.all():
        module, name = row.func.rsplit(".", 1)
        assert callable(getattr(import_module(module), name))


def test_every_schedule_repeats_for_ever():
    assert set(Schedule.objects.values_list("repeats", flat=True)) == {-1}


def test_setting_up_again_changes_nothing():
    before = list(Schedule.objects.order_by("pk").values())
    assert set_up_schedules() == 0
    assert list(Schedule.objects.order_by("pk").values()) == before


def test_a_schedule_that_is_right_keeps_its_next_run():
    later = timezone.now() + dt.timedelta(minutes=3)
    Schedule.objects.filter(name=PREFIX + "pull").update(next_run=later)
    set_up_schedules()
    assert schedule("pull").next_run == later


def test_a_wrong_schedule_is_corrected():
    Schedule.objects.filter(name=PREFIX + "sweep").update(func="old.task", minutes=60)
    assert set_up_schedules() == 1
    assert (schedule("sweep").func, schedule("sweep").minutes) == ("audits.tasks.sweep", 1)


def test_a_wrong_time_of_day_is_corrected():
    wrong = dt.datetime.combine(timezone.now() + dt.timedelta(days=1), dt.time(11, 0), BEIJING)
    Schedule.objects.filter(name=PREFIX + "prune").update(next_run=wrong)
    set_up_schedules()
    due = schedule("prune").next_run.astimezone(BEIJING)
    assert (due.hour, due.minute) == (4, 30)


def test_a_missing_schedule_comes_back():
    schedule("look").delete()
    assert set_up_schedules() == 1 and schedule("look")


def test_a_schedule_that_is_no_longer_wanted_is_removed():
    Schedule.objects.create(name=PREFIX + "retired", func="old.task")
    assert set_up_schedules() == 1
    assert not Schedule.objects.filter(name=PREFIX + "retired").exists()


def test_a_double_is_removed():
    double = schedule("look")
    double.pk = None
    double.save()
    assert set_up_schedules() == 1
    assert Schedule.objects.filter(name=PREFIX + "look").count() == 1


def test_other_peoples_schedules_are_left_alone():
    Schedule.objects.create(name="theirs", func="their.task")
    assert set_up_schedules() == 0
    assert Schedule.objects.filter(name="theirs").exists()


@pytest.mark.parametrize("hour", [0, 3, 12, 18, 19, 20, 23])
def test_the_nightly_pull_is_at_a_quarter_past_three_in_beijing(hour):
    Schedule.objects.all().delete()
    now = dt.datetime(2026, 8, 1, hour, 20, tzinfo=dt.UTC)
    with time_machine.travel(now, tick=False):
        set_up_schedules()
    due = schedule("nightly pull").next_run
    assert (due.astimezone(BEIJING).hour, due.astimezone(BEIJING).minute) == (3, 15)
    assert dt.timedelta(0) < due - now <= dt.timedelta(days=1)
