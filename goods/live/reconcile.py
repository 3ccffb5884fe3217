"""Finding out at WeChat what became of a push whose answer never came."""

from itertools import chain
from typing import TYPE_CHECKING

from audits.operations import Look, Operation, Verdict
from goods.live import wire
from goods.live.choices import AuditStatus
from goods.live.library import read_pages, status_of
from goods.live.plans import same_price
from shopadmin.wechat.live_goods import Added, RemoteLiveGoods

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import LiveGoods


LIBRARY = "live goods"
AS_REVIEWS_GO = (AuditStatus.NOT_AUDITED, AuditStatus.AUDITING, AuditStatus.APPROVED, AuditStatus.REJECTED)


def reconcile(goods: "LiveGoods", push: "Push", look: Look) -> Verdict:
    """What became of the push. Raises WeChatError when WeChat could not be asked."""
    return LOOKS[Operation(push.operation)](goods, push, look)


def _added(goods: "LiveGoods", push: "Push", look: Look) -> Verdict:
    """Equal name, page and price among the products that we do not know: that is ours."""
    sent = wire.local_fields(push.body["goodsInfo"])
    library = _library(goods, look)
    found = {remote.goods_id: remote for remote in library if _alike(remote, sent)}
    known = type(goods)._default_manager.filter(account=goods.account, goods_id__in=found)
    for goods_id in known.values_list("goods_id", flat=True):
        del found[goods_id]
    if not found:
        return Verdict(absent=True)
    if len(found) == 1:
        return Verdict(done=True, result=Added(next(iter(found)), ""))
    return Verdict(candidates=tuple({"id": pk, **wire.snapshot(remote)} for pk, remote in found.items()))


def _library(goods: "LiveGoods", look: Look) -> list[RemoteLiveGoods]:
    """The account's whole library, read once however many pushes are in doubt.

    In the order in which reviews go, so that a product decided meanwhile appears twice, not never.
    """
    if LIBRARY not in look.read:
        pages = (read_pages(goods.account, look.client, status) for status in AS_REVIEWS_GO)
        look.read[LIBRARY] = [remote for page in chain.from_iterable(pages) for remote in page]
    library: list[RemoteLiveGoods] = look.read[LIBRARY]
    return library


def _alike(remote: RemoteLiveGoods, sent: dict[str, object]) -> bool:
    return (
        remote.third_party_tag in (1, 2, None)
        and (remote.name, remote.url) == (sent["name"], sent["url"])
        and same_price(sent["price"], remote.price)
    )


def _withdrawn(goods: "LiveGoods", push: "Push", look: Look) -> Verdict:
    status = status_of(goods, look.client)
    return Verdict(done=True) if status == AuditStatus.NOT_AUDITED else Verdict(absent=True)


def _submitted(goods: "LiveGoods", push: "Push", look: Look) -> Verdict:
    """Another state than before the submission means that it arrived; its number is lost."""
    status = status_of(goods, look.client)
    arrived = status not in (None, AuditStatus.NOT_AUDITED, goods.audit_status)
    return Verdict(done=True, result="") if arrived else Verdict(absent=True)


LOOKS = {Operation.ADD: _added, Operation.WITHDRAW: _withdrawn, Operation.RESUBMIT: _submitted}
