"""Finding out at WeChat what became of a push whose answer never came."""

from typing import TYPE_CHECKING

from audits.operations import Operation, Verdict
from goods.live import wire
from goods.live.choices import AuditStatus
from goods.live.library import read_pages, status_of
from goods.live.plans import same_price
from shopadmin.wechat.client import WeChatClient
from shopadmin.wechat.live_goods import Added, RemoteLiveGoods

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import LiveGoods


LIKELY_FIRST = (AuditStatus.AUDITING, AuditStatus.NOT_AUDITED, AuditStatus.APPROVED, AuditStatus.REJECTED)


def look(goods: "LiveGoods", push: "Push", client: WeChatClient) -> Verdict:
    """What became of the push. Raises WeChatError when WeChat could not be asked."""
    return LOOKS[Operation(push.operation)](goods, push, client)


def _added(goods: "LiveGoods", push: "Push", client: WeChatClient) -> Verdict:
    """Equal name, page and price among the products that we do not know: that is ours.

    New ones are under review or already decided, so all states are searched, the likely ones first.
    """
    sent = wire.local_fields(push.body["goodsInfo"])
    found: dict[str, RemoteLiveGoods] = {}
    for status in LIKELY_FIRST:
        for page in read_pages(goods.account, client, status):
            found |= {remote.goods_id: remote for remote in page if _alike(remote, sent)}
    known = type(goods)._default_manager.filter(account=goods.account, goods_id__in=found)
    for goods_id in known.values_list("goods_id", flat=True):
        del found[goods_id]
    if not found:
        return Verdict(absent=True)
    if len(found) == 1:
        return Verdict(done=True, result=Added(next(iter(found)), ""))
    return Verdict(candidates=tuple({"id": pk, **wire.snapshot(remote)} for pk, remote in found.items()))


def _alike(remote: RemoteLiveGoods, sent: dict[str, object]) -> bool:
    return (
        remote.third_party_tag in (1, 2, None)
        and (remote.name, remote.url) == (sent["name"], sent["url"])
        and same_price(sent["price"], remote.price)
    )


def _withdrawn(goods: "LiveGoods", push: "Push", client: WeChatClient) -> Verdict:
    status = status_of(goods, client)
    return Verdict(done=True) if status == AuditStatus.NOT_AUDITED else Verdict(absent=True)


def _submitted(goods: "LiveGoods", push: "Push", client: WeChatClient) -> Verdict:
    """Another state than before the submission means that it arrived; its number is lost."""
    status = status_of(goods, client)
    arrived = status not in (None, AuditStatus.NOT_AUDITED, goods.audit_status)
    return Verdict(done=True, result="") if arrived else Verdict(absent=True)


LOOKS = {Operation.ADD: _added, Operation.WITHDRAW: _withdrawn, Operation.RESUBMIT: _submitted}
