"""Each operation on live goods, from the confirmed plan to the record, over real HTTP."""

from decimal import Decimal

import pytest

from audits.models import Push
from audits.operations import Operation
from audits.states import PushStatus
from goods.live import refresh
from goods.models import LiveGoods


@pytest.fixture
def added(make_goods, send):
    goods = make_goods()
    send("add", goods)
    return goods


@pytest.fixture
def approved(added, sim):
    sim.verdict(int(added.goods_id), approve=True)
    return reread(added)


@pytest.fixture
def rejected(added, sim):
    sim.verdict(int(added.goods_id), approve=False)
    return reread(added)


def reread(goods: LiveGoods) -> LiveGoods:
    refresh.request_look([goods.pk])
    refresh.look_due(goods.account, scheduled=False)
    goods.refresh_from_db()
    return goods


def the_push(batch) -> Push:
    return batch.pushes.get()


def test_added_goods_are_under_review_with_both_ids(added, sim):
    assert (added.audit_status, bool(added.goods_id), bool(added.audit_id)) == (1, True, True)


def test_an_approval_is_read_back(approved):
    assert approved.audit_status == 2


def test_a_withdrawn_review_leaves_the_goods_unaudited(added, send):
    send("withdraw", added)
    assert added.audit_status == 0


def test_a_new_price_of_approved_goods_reaches_wechat(approved, send, sim):
    approved.price = Decimal("45.50")
    approved.save()
    send("update", approved)
    assert remote(sim, approved)["price"] == 45.5


def test_approved_goods_stay_approved_after_a_price_change(approved, send):
    approved.price = Decimal("45.50")
    approved.save()
    send("update", approved)
    assert approved.audit_status == 2


def test_resubmitting_sends_the_correction_first(rejected, send, sim):
    rejected.name = "云南小粒咖啡新版"
    rejected.save()
    send("resubmit", rejected)
    assert remote(sim, rejected)["name"] == "云南小粒咖啡新版"


def test_resubmitted_goods_get_a_new_audit_id(rejected, send):
    before = rejected.audit_id
    send("resubmit", rejected)
    assert rejected.audit_status == 1 and rejected.audit_id not in ("", before)


def test_deleted_goods_lose_their_ids_on_the_record_and_keep_them_in_the_journal(approved, send):
    goods_id = approved.goods_id
    batch = send("delete", approved)
    assert (approved.goods_id, the_push(batch).remote_id) == ("", goods_id)


def test_an_update_sends_only_what_changed(rejected, send, sim):
    rejected.url = "pages/goods/detail?id=999"
    rejected.save()
    send("update", rejected)
    body = sim.calls("/wxaapi/broadcast/goods/update")[-1]["body"]
    assert set(body["goodsInfo"]) == {"goodsId", "url"}


def test_goods_made_in_the_console_are_refused_before_any_call(account, sim):
    goods = console_goods(account)
    assert goods.blocked(Operation.DELETE)


def console_goods(account) -> LiveGoods:
    from audits.models import Reading

    refresh.pull(Reading.objects.request(account, "live_goods"))
    return LiveGoods.objects.filter(account=account, third_party_tag=0).first()


def remote(sim, goods):
    return next(row for row in sim.goods(goods.account.appid) if str(row["goods_id"]) == goods.goods_id)


def test_a_refusal_is_written_to_push_and_record(make_goods, send, sim):
    goods = make_goods()
    sim.next("errcode", path="/wxaapi/broadcast/goods/add", errcode=300004)
    batch = send("add", goods)
    assert (the_push(batch).status, goods.errcode) == (PushStatus.REFUSED, 300004)
