"""Whatever happens between a look at the plan and its confirmation: only what was looked at is sent."""

import pytest
from django.db import transaction

from audits import services
from audits.models import Batch, Push
from audits.operations import Operation
from audits.planning import check
from audits.services import PlanMoved, create_batch, show, submit
from audits.tasks import drain
from goods.models import LiveGoods
from tests.journal import ADD, calls


@pytest.fixture
def shown(make_goods):
    """A plan of two products that somebody looks at."""
    batch = create_batch(LiveGoods, [make_goods().pk, make_goods().pk], Operation.ADD)
    show(batch)
    return batch


def elsewhere(batch: Batch) -> Batch:
    """The same batch as another window has it."""
    return Batch.objects.get(pk=batch.pk)


def test_a_plan_that_was_made_anew_meanwhile_is_not_sent(shown):
    elsewhere(shown).forget_plan()
    with pytest.raises(PlanMoved):
        submit(shown, seen=shown.fingerprint)
    assert not Push.objects.exists()


def test_what_was_taken_back_meanwhile_is_not_sent(shown):
    shown.exclude(shown.selection[:1])
    elsewhere(shown).include(shown.selection[:1])
    with pytest.raises(PlanMoved):
        submit(shown, seen=shown.fingerprint)
    assert not Push.objects.exists()


@pytest.fixture
def overtaken(shown, send, sim):
    """Planned again for confirming; and only then another batch sends one of the two, to its end."""
    found = check(shown)
    send("add", LiveGoods.objects.get(pk=shown.selection[0]))
    with transaction.atomic():
        count = services._write(shown, found, None, "")
    return shown, count


def test_what_somebody_else_sent_since_the_check_is_not_sent_again(overtaken, sim):
    drain()
    assert calls(sim, ADD) == 2


def test_what_somebody_else_sent_since_the_check_is_named(overtaken):
    batch, count = overtaken
    assert (count, [row["id"] for row in elsewhere(batch).left_out]) == (1, batch.selection[:1])
