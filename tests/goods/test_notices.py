"""What becomes of messages from WeChat once they are stored."""

import pytest
from django_q.models import OrmQ

from audits.models import Notice
from goods import tasks
from tests.wechat.callbacks import REFUSED


@pytest.fixture
def seen(monkeypatch):
    """The messages that a handler of "demo" was given."""
    given = []
    monkeypatch.setitem(tasks.HANDLERS, "demo", given.append)
    return given


def keep(account, *names):
    for number, name in enumerate(names):
        Notice.objects.keep(account, {"MsgType": "event", "Event": name, "CreateTime": number})


def test_a_message_is_handed_on_once(account, seen):
    keep(account, "demo")
    assert [tasks.notices(), tasks.notices()] == [1, 0]
    assert [notice.event for notice in seen] == ["demo"]


def test_messages_are_handed_on_in_the_order_they_came(account, seen):
    keep(account, "demo", "demo", "demo")
    tasks.notices()
    assert [notice.payload["CreateTime"] for notice in seen] == [0, 1, 2]


def test_a_message_that_nobody_knows_counts_as_handled(account):
    keep(account, "trade_paid")
    assert tasks.notices() == 0
    assert not Notice.objects.waiting().exists()


def test_a_message_that_fails_stays_and_holds_up_no_other(account, seen, monkeypatch):
    monkeypatch.setitem(tasks.HANDLERS, "bad", lambda notice: 1 / 0)
    keep(account, "bad", "demo")
    with pytest.raises(ExceptionGroup):
        tasks.notices()
    assert [notice.event for notice in seen] == ["demo"]
    assert [notice.event for notice in Notice.objects.waiting()] == ["bad"]


def test_a_burst_is_taken_in_turns(account, seen, monkeypatch):
    monkeypatch.setattr(tasks, "NOTICES_AT_ONCE", 2)
    keep(account, "demo", "demo", "demo")
    assert [tasks.notices(), tasks.notices()] == [2, 1]


def test_after_a_burst_products_are_looked_at_once(account, seen):
    keep(account, "demo", "demo", "trade_paid")
    tasks.notices()
    assert OrmQ.objects.count() == 1


def test_messages_that_nobody_knows_ring_for_nothing(account):
    keep(account, "trade_paid")
    tasks.notices()
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("event", ["open_product_spu_audit", "open_product_spu_status_update"])
def test_a_message_about_a_product_has_it_looked_at(account, event):
    Notice.objects.keep(account, REFUSED | {"Event": event})
    tasks.notices()
    assert [task.func() for task in OrmQ.objects.all()] == ["goods.tasks.look"]


def test_handling_a_message_makes_no_call(account, sim):
    Notice.objects.keep(account, REFUSED)
    tasks.notices()
    assert sim.calls() == []
