"""Ringing the workers: as often as needed, and never at the cost of the work."""

import datetime as dt

import pytest
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ

from audits.doorbell import ring
from audits.models import Push
from audits.states import PushStatus
from audits.tasks import drain, sweep


@pytest.fixture
def queued(make_goods, push):
    """Confirm so many pushes, and forget the ring."""

    def do(count):
        push("add", *[make_goods() for _ in range(count)])
        OrmQ.objects.all().delete()

    return do


def rings() -> int:
    ring()
    return OrmQ.objects.count()


def test_nothing_to_do_does_not_ring(db):
    assert rings() == 0


@pytest.mark.parametrize(("pushes", "expected"), [(1, 1), (4, 1), (5, 2), (9, 2)])
def test_it_rings_for_every_worker_with_something_to_do(queued, settings, pushes, expected):
    settings.PUSH_THREADS, settings.Q_WORKERS = 4, 2
    queued(pushes)
    assert rings() == expected


def test_what_is_not_due_does_not_ring(queued):
    queued(1)
    Push.objects.update(not_before=timezone.now() + dt.timedelta(seconds=9))
    assert rings() == 0


@pytest.mark.parametrize("status", sorted(set(PushStatus) - {PushStatus.QUEUED}))
def test_only_what_is_queued_rings(queued, status):
    queued(1)
    Push.objects.update(status=status)
    assert rings() == 0


def test_a_ring_carries_no_ids(queued):
    queued(3)
    ring()
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"], task["kwargs"]) == ("audits.tasks.drain", (), {})


@pytest.fixture
def broker_down(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise ConnectionError("the broker is down")

    monkeypatch.setattr(ORM, "enqueue", refuse)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_fail_the_request(broker_down, make_goods, push):
    assert push("add", make_goods()).pushes.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_loses_no_work(broker_down, make_goods, push, monkeypatch):
    push("add", make_goods())
    monkeypatch.undo()
    sweep()
    assert OrmQ.objects.count() == 1


def test_a_lost_ring_is_harmless(queued):
    queued(2)
    sweep()
    assert OrmQ.objects.count() == 1


def test_a_ring_too_many_is_harmless(queued, sim):
    queued(2)
    drain()
    assert drain() == 0
