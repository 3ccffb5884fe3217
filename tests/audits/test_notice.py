"""Messages from WeChat: each stored once, forgotten in time."""

import datetime as dt

import pytest
from django.utils import timezone

from audits.models import Notice
from audits.tasks import ATTEMPTS_KEPT, prune
from shopadmin.wechat.models import Account
from tests.wechat.callbacks import REFUSED

ABOUT = "OpenProductSpuAudit"
ORDER = {"MsgType": "event", "Event": "trade_paid", "CreateTime": 1795226400, "order": {"id": 7}}


def keep(account, message, **changes):
    return Notice.objects.keep(account, message | changes)


def changed(**about):
    return REFUSED | {ABOUT: REFUSED[ABOUT] | about}


def test_an_event_is_kept_with_what_it_says(account):
    keep(account, REFUSED)
    notice = Notice.objects.get()
    assert (notice.event, notice.out_product_id, notice.status) == ("open_product_spu_audit", "TEA-0007", 3)
    assert notice.reason == "主图含有联系方式"
    assert notice.created_at == dt.datetime.fromtimestamp(1795226400, dt.UTC)


def test_an_event_is_kept_once(account):
    assert [keep(account, REFUSED) for _ in range(3)] == [True, False, False]
    assert Notice.objects.count() == 1


def test_the_same_event_in_xml_and_json_is_kept_once(account):
    about = {name: str(value) for name, value in REFUSED[ABOUT].items()}
    keep(account, REFUSED)
    assert not keep(account, REFUSED, CreateTime="1795226400", **{ABOUT: about})


@pytest.mark.parametrize(
    "other",
    [
        changed(status=4),
        changed(product_id=30112345678901235),
        REFUSED | {"CreateTime": 1795226401},
        REFUSED | {"Event": "open_product_spu_status_update"},
    ],
)
def test_another_event_is_kept_beside_it(account, other):
    keep(account, REFUSED)
    assert keep(account, other)


def test_two_accounts_may_hear_of_the_same(account):
    other = Account.objects.create(name="另一家", appid="wx00000000000000aa", secret="s", practice=True)
    assert keep(account, REFUSED) and keep(other, REFUSED)


def test_a_number_of_the_message_tells_it_from_all_others(account):
    assert keep(account, ORDER, MsgId=1)
    assert not keep(account, ORDER, MsgId="1", CreateTime=1)
    assert keep(account, ORDER, MsgId=2)


def test_events_that_nobody_knows_are_told_apart_by_all_they_say(account):
    assert keep(account, ORDER)
    assert not keep(account, dict(reversed(ORDER.items())))
    assert keep(account, ORDER, order={"id": 8})


def test_what_is_no_event_is_not_kept(account):
    assert not keep(account, {"MsgType": "text", "Content": "还有货吗"})
    assert not Notice.objects.exists()


@pytest.mark.parametrize("moment", [None, "", "soon", -1, 0, 10**30, "1e99"])
def test_a_time_that_makes_no_sense_is_left_out(account, moment):
    keep(account, REFUSED, CreateTime=moment)
    assert Notice.objects.get().created_at is None


@pytest.mark.parametrize("status", [2**31, -(2**40), 10**29])
def test_a_status_that_no_column_holds_is_left_out(account, status):
    keep(account, changed(status=status))
    assert Notice.objects.get().status is None


def test_one_of_several_workers_takes_a_message(account):
    keep(account, REFUSED)
    notice = Notice.objects.get()
    assert [notice.take(), notice.take()] == [True, False]


# --- Forgetting ---


@pytest.fixture
def both(account):
    keep(account, REFUSED)
    keep(account, ORDER)


def age(days, **fields):
    Notice.objects.update(
        **{"received_at": timezone.now() - dt.timedelta(days=days), "handled_at": timezone.now()} | fields
    )


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (29, {"trade_paid", "open_product_spu_audit"}),
        (31, {"open_product_spu_audit"}),
        (ATTEMPTS_KEPT.days + 1, set()),
    ],
)
def test_messages_about_products_are_kept_longest(both, days, left):
    age(days)
    prune()
    assert set(Notice.objects.values_list("event", flat=True)) == left


def test_what_is_not_handled_yet_is_kept(both):
    age(1000, handled_at=None)
    assert (prune(), Notice.objects.count()) == (0, 2)
