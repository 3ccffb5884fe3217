"""Messages from WeChat about products: the reason is kept, the state is read, never believed."""

import datetime as dt
from typing import Any

from django.utils import timezone

from audits.models import Notice
from goods.models import Spu
from goods.store import refresh
from goods.tasks import notices
from shopadmin.simulator.server import Simulator
from shopadmin.wechat.models import Account


def tell(account: Account, spu: Spu, status: int, reason: str = "", *, at: dt.datetime | None = None) -> None:
    """As if WeChat had pushed it."""
    about = {"product_id": int(spu.product_id), "status": status, "reject_reason": reason}
    message = {
        "MsgType": "event",
        "Event": "open_product_spu_audit",
        "CreateTime": int((at or timezone.now()).timestamp()),
        "OpenProductSpuAudit": about,
    }
    assert Notice.objects.keep(account, message)
    notices()


def refused(spu: Spu, send: Any, sim: Simulator) -> Spu:
    send("add", spu)
    send("list", spu)
    sim.review(int(spu.product_id), approve=False, reason="主图含有联系方式")
    return spu


def test_the_reason_of_a_refusal_stands_with_the_product(
    make_spu: Any, send: Any, sim: Simulator, account: Account
) -> None:
    spu = refused(make_spu(), send, sim)
    tell(account, spu, 3, "主图含有联系方式")
    refresh.look_due(account)
    spu.refresh_from_db()
    assert (spu.audit_status, spu.reject_reason) == (3, "主图含有联系方式")


def test_a_message_is_not_believed(make_spu: Any, send: Any, sim: Simulator, account: Account) -> None:
    spu = make_spu()
    send("add", spu)
    send("list", spu)
    tell(account, spu, 4)
    refresh.look_due(account)
    spu.refresh_from_db()
    assert spu.audit_status == 2


def test_the_reason_of_an_earlier_review_is_not_told_for_a_later_one(
    make_spu: Any, send: Any, sim: Simulator, account: Account
) -> None:
    spu = refused(make_spu(), send, sim)
    refresh.look_due(account)
    send("list", spu)
    tell(account, spu, 3, "旧的原因", at=timezone.now() - dt.timedelta(hours=1))
    spu.refresh_from_db()
    assert spu.reject_reason == ""


def test_the_reason_goes_when_a_later_review_has_passed(
    make_spu: Any, send: Any, sim: Simulator, account: Account
) -> None:
    spu = refused(make_spu(), send, sim)
    tell(account, spu, 3, "主图含有联系方式")
    refresh.look_due(account)
    send("list", spu)
    sim.review(int(spu.product_id), approve=True)
    Spu.objects.look_now()
    refresh.look_due(account)
    spu.refresh_from_db()
    assert (spu.status, spu.reject_reason) == (5, "")


def test_why_wechat_took_it_off_sale_stands_with_the_product(
    make_spu: Any, send: Any, sim: Simulator, account: Account
) -> None:
    spu = make_spu()
    send("add", spu)
    send("list", spu)
    sim.review(int(spu.product_id), approve=True)
    sim.remove_spu(int(spu.product_id), reason="涉嫌虚假宣传")
    tell(account, spu, 13, "涉嫌虚假宣传")
    refresh.look_due(account)
    spu.refresh_from_db()
    assert (spu.status, spu.reject_reason) == (13, "涉嫌虚假宣传")


def test_a_message_about_an_unknown_product_does_no_harm(account: Account) -> None:
    tell(account, Spu(product_id="999"), 3, "?")
    assert Notice.objects.waiting().count() == 0
