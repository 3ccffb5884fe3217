"""What the journal forgets, and what it keeps."""

import datetime as dt

import pytest
from django.utils import timezone

from audits.models import Attempt, Batch, Push
from audits.operations import Operation
from audits.services import create_batch
from audits.states import OPEN, PushStatus
from audits.tasks import ATTEMPTS_KEPT, prune
from goods.models import LiveGoods

LONG_AGO = ATTEMPTS_KEPT + dt.timedelta(days=1)


@pytest.fixture
def sent(make_goods, send):
    goods = make_goods()
    send("add", goods)
    return goods


def age(**ago: dt.timedelta) -> None:
    Attempt.objects.update(**{field: timezone.now() - since for field, since in ago.items()})


def test_old_attempts_of_finished_pushes_are_forgotten(sent):
    age(started_at=LONG_AGO)
    assert (prune(), Attempt.objects.count()) == (2, 0)


def test_the_pushes_themselves_are_kept(sent):
    age(started_at=LONG_AGO)
    prune()
    assert Push.objects.count() == 1


def test_young_attempts_are_kept(sent):
    age(started_at=ATTEMPTS_KEPT - dt.timedelta(days=1))
    assert (prune(), Attempt.objects.count()) == (0, 2)


@pytest.mark.parametrize("status", OPEN)
def test_attempts_of_open_pushes_are_kept_however_old(sent, status):
    age(started_at=LONG_AGO)
    Push.objects.update(status=status)
    assert prune() == 0


def test_selections_that_nobody_confirmed_are_forgotten_after_a_day(sent):
    create_batch(LiveGoods, [sent.pk], Operation.DELETE)
    Batch.objects.update(created_at=timezone.now() - dt.timedelta(days=1, minutes=1))
    prune()
    assert [batch.operation for batch in Batch.objects.all()] == [Operation.ADD]


def test_a_selection_that_somebody_is_looking_at_is_kept(sent):
    create_batch(LiveGoods, [sent.pk], Operation.DELETE)
    prune()
    assert Batch.objects.count() == 2


def test_pruning_leaves_the_states_alone(sent):
    age(started_at=LONG_AGO)
    prune()
    assert Push.objects.get().status == PushStatus.DONE
