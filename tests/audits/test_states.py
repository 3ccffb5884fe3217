"""The states of a push: the table, and the one way to move along it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audits.models import Push
from audits.states import OPEN, TRANSITIONS, InvalidTransition, PushStatus
from tests.journal import push_of

ENDS = {PushStatus.DONE, PushStatus.REFUSED, PushStatus.CANCELLED}
FORBIDDEN = [
    (before, after) for before in PushStatus for after in PushStatus if after not in TRANSITIONS[before]
]


@pytest.fixture
def queued(make_goods, push):
    goods = make_goods()
    push("add", goods)
    return push_of(goods)


def test_every_status_has_a_row_in_the_table():
    assert set(TRANSITIONS) == set(PushStatus)


def test_exactly_the_ends_lead_nowhere():
    assert {status for status in PushStatus if not TRANSITIONS[status]} == ENDS


def test_open_is_everything_but_the_ends():
    assert set(OPEN) == set(PushStatus) - ENDS


def test_an_unknown_outcome_is_never_sent_or_cancelled_directly():
    assert not TRANSITIONS[PushStatus.UNSURE] & {PushStatus.SENDING, PushStatus.CANCELLED}


def test_only_what_is_queued_can_be_claimed():
    assert [status for status in PushStatus if PushStatus.SENDING in TRANSITIONS[status]] == [
        PushStatus.QUEUED
    ]


def test_what_is_being_sent_cannot_be_cancelled():
    assert PushStatus.CANCELLED not in TRANSITIONS[PushStatus.SENDING]


def test_every_state_leads_to_an_end():
    reached = set(ENDS)
    for _ in PushStatus:
        reached |= {status for status in PushStatus if TRANSITIONS[status] & reached}
    assert reached == set(PushStatus)


@pytest.mark.parametrize(("before", "after"), FORBIDDEN, ids=lambda status: status.value)
def test_a_forbidden_move_raises(before, after):
    with pytest.raises(InvalidTransition):
        Push(status=before).move_to(after)


def test_a_forbidden_move_changes_nothing(queued):
    with pytest.raises(InvalidTransition):
        queued.move_to(PushStatus.REFUSED)
    queued.refresh_from_db()
    assert queued.status == PushStatus.QUEUED


def test_a_move_loses_against_a_faster_one(queued):
    slower = Push.objects.get(pk=queued.pk)
    assert queued.move_to(PushStatus.CANCELLED)
    assert not slower.move_to(PushStatus.WAITING)
    slower.refresh_from_db()
    assert slower.status == PushStatus.CANCELLED


def test_a_move_of_an_old_lease_is_lost(queued):
    (claimed,) = Push.objects.claim(1)
    Push.objects.update(lease_token="somebody else's")
    assert not claimed.move_to(PushStatus.DONE)


def test_the_lease_of_a_lost_push_cannot_be_renewed(queued):
    (claimed,) = Push.objects.claim(1)
    Push.objects.update(lease_token="somebody else's")
    assert not claimed.hold()


def test_an_end_has_its_time(queued):
    queued.move_to(PushStatus.CANCELLED)
    queued.refresh_from_db()
    assert queued.finished_at == queued.moved_at


def test_only_one_worker_may_look(queued):
    Push.objects.update(status=PushStatus.UNSURE)
    assert [queued.look(), queued.look()] == [True, False]


@given(moves=st.lists(st.sampled_from(list(PushStatus)), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sequence_of_moves_leaves_the_table(queued, moves):
    Push.objects.update(status=PushStatus.QUEUED, finished_at=None)
    push = Push.objects.get()
    for wanted in moves:
        before = PushStatus(push.status)
        try:
            moved = push.move_to(wanted)
        except InvalidTransition:
            assert wanted not in TRANSITIONS[before]
            wanted = before
        else:
            assert moved and wanted in TRANSITIONS[before]
        assert Push.objects.get().status == wanted
