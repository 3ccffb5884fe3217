"""GET /healthz when tasks come through but schedules do not (the rest is in test_site.py)."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import Schedule

from audits import heartbeat
from goods.schedules import set_up_schedules

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_worker_that_works() -> None:
    set_up_schedules()
    heartbeat.beat("worker:1")


def postpone(minutes: float, **fields: Any) -> None:
    """One schedule should have run so many minutes ago."""
    row = Schedule.objects.get(name="shopadmin.sweep")
    at = timezone.now() - dt.timedelta(minutes=minutes)
    Schedule.objects.filter(pk=row.pk).update(next_run=at, **fields)


@pytest.mark.parametrize(("minutes", "status"), [(2, 200), (4, 503)])
def test_a_schedule_that_is_late_is_not_healthy(client: Client, minutes: float, status: int) -> None:
    postpone(minutes)
    assert client.get("/healthz").status_code == status


def test_a_schedule_that_has_ended_is_not_late(client: Client) -> None:
    postpone(minutes=60, repeats=0)
    assert client.get("/healthz").status_code == 200


def test_a_schedule_of_another_cluster_is_not_our_matter(client: Client) -> None:
    postpone(minutes=60, cluster="another")
    assert client.get("/healthz").status_code == 200


def test_without_schedules_none_is_late(client: Client) -> None:
    Schedule.objects.all().delete()
    assert client.get("/healthz").status_code == 200
