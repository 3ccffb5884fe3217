"""Ringing the workers: as often as needed, and never at the cost of the work."""

import datetime as dt

import pytest
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.signing import SignedPackage

from audits.doorbell import ring
from audits.models import Push
from audits.states import PushStatus
from audits.tasks import drain, sweep


@pytest.fixture(autouse=True)
def queue(db):
    """The queue, empty: Redis does not roll back."""
    broker = get_broker()
    broker.purge_queue()
    return broker


@pytest.fixture
def queued(make_goods, push, queue):
    """Confirm so many pushes, and forget the ring."""

    def do(count):
        push("add", *[make_goods() for _ in range(count)])
        queue.purge_queue()

    return do


@pytest.fixture
def rings(queue):
    def do(**options):
        ring(**options)
        return queue.queue_size()

    return do


def test_nothing_to_do_does_not_ring(rings):
    assert rings() == 0


@pytest.mark.parametrize(("pushes", "expected"), [(1, 1), (4, 1), (5, 2), (9, 2)])
def test_it_rings_for_every_worker_with_something_to_do(queued, rings, settings, pushes, expected):
    settings.PUSH_THREADS, settings.Q_WORKERS = 4, 2
    queued(pushes)
    assert rings() == expected


def test_who_goes_on_rings_for_itself_only(queued, rings, settings):
    settings.PUSH_THREADS, settings.Q_WORKERS = 4, 2
    queued(9)
    assert rings(most=1) == 1


def test_what_is_not_due_does_not_ring(queued, rings):
    queued(1)
    Push.objects.update(not_before=timezone.now() + dt.timedelta(seconds=9))
    assert rings() == 0


@pytest.mark.parametrize("status", sorted(set(PushStatus) - {PushStatus.QUEUED}))
def test_only_what_is_queued_rings(queued, rings, status):
    queued(1)
    Push.objects.update(status=status)
    assert rings() == 0


def test_a_ring_carries_no_ids(queued, queue):
    queued(3)
    ring()
    task = SignedPackage.loads(queue.dequeue()[0][1])
    assert (task["func"], task["args"], task["kwargs"]) == ("audits.tasks.drain", (), {})


@pytest.fixture
def broker_down(monkeypatch, queue):
    def refuse(*_args, **_kwargs):
        raise ConnectionError("the broker is down")

    monkeypatch.setattr(type(queue), "enqueue", refuse)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_fail_the_request(broker_down, make_goods, push):
    assert push("add", make_goods()).pushes.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_loses_no_work(broker_down, make_goods, push, monkeypatch, queue):
    push("add", make_goods())
    monkeypatch.undo()
    sweep()
    assert queue.queue_size() == 1


def test_a_lost_ring_is_harmless(queued, queue):
    queued(2)
    sweep()
    assert queue.queue_size() == 1


def test_a_ring_too_many_is_harmless(queued, sim):
    queued(2)
    drain()
    assert drain() == 0
