"""Finding out at WeChat what became of a push on a product whose answer never came."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from audits.operations import Look, Verdict
from goods.store.choices import EditStatus
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.mini_store import ProductKey, SkuKey
from shopadmin.wechat.mini_store.spu import RemoteSpu

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import Spu

# The choice of a person who says that a change of stock has arrived.
APPLIED = "applied"


def reconcile(spu: "Spu", push: "Push", look: Look) -> Verdict:
    """What became of the latest call. Raises WeChatError when WeChat could not be asked."""
    attempt = push.attempts.order_by("-id").first()
    kind, _colon, about = (attempt.step if attempt else "add").partition(":")
    return LOOKS[kind](spu, push, look, about)


def _draft(look: Look, key: ProductKey) -> RemoteSpu | None:
    try:
        return look.client.mini_store.spu.get(key, draft=True)
    except WeChatError as error:
        if error.kind is Kind.NOT_FOUND:
            return None
        raise


def _added(spu: "Spu", push: "Push", look: Look, about: str) -> Verdict:
    """Our number is used once in a shop, and was free before: a product with it is this one."""
    number = push.body.get("out_product_id") or spu.out_product_id
    remote = _draft(look, ProductKey(out_product_id=number))
    if remote is None or remote.product_id == push.body.get("replaces"):
        return Verdict(absent=True)
    return Verdict(done=True, result=remote.product_id)


def _listed(spu: "Spu", push: "Push", look: Look, about: str) -> Verdict:
    """Another state than before, of the draft or on sale, means that the submission arrived."""
    remote = _draft(look, spu.key)
    state = remote.edit_status if remote else None
    moved = remote is not None and (state, remote.status) != (spu.audit_status, spu.status)
    arrived = state == EditStatus.AUDITING or (state is not None and moved)
    return Verdict(done=True) if arrived else Verdict(absent=True)


def _skus_added(spu: "Spu", push: "Push", look: Look, about: str) -> Verdict:
    """By our numbers. Those that are there are kept; when it is sent again, only the others go."""
    entries = _entries(push)
    first, _dash, last = about.partition("-")
    wanted = {entry["out_sku_id"] for entry in entries[int(first) - 1 : int(last)]}
    remote = look.client.mini_store.sku.get_list(spu.product_id, draft=True)
    found = {row.out_sku_id: row.sku_id for row in remote if row.out_sku_id in wanted}
    if wanted <= found.keys():
        return Verdict(done=True, result=found)
    for sku in spu.skus.filter(out_sku_id__in=found):
        sku.sku_id, sku.missing_since = found[sku.out_sku_id], None
        sku.save(update_fields=["sku_id", "missing_since"])
    return Verdict(absent=True)


def _entries(push: "Push") -> list[Mapping[str, Any]]:
    return list(push.body.get("skus") or push.body.get("add") or ())


def arrived(before: int, change: int, now: int) -> bool | None:
    """Whether a change of stock is in what there is now, which buyers may have lessened; None: who knows.

    What was added shows as more than before. What was taken away and what was sold look the same, unless
    there are too many left for it. Exactly as many as before, or as there should be, is taken for what it
    looks like: for that to be wrong buyers must have bought just as many as the change within the minute.
    """
    if now == before + change or (change > 0 and now > before):
        return True
    if now == before or before + change < now < before:
        return False
    return None


def _stock_changed(spu: "Spu", push: "Push", look: Look, code: str) -> Verdict:
    """By what there is and what there was; where that leaves it open a person decides."""
    entry = next(entry for entry in push.body["stocks"] if entry["code"] == code)
    sku = spu.skus.filter(pk=entry["pk"]).first()
    if sku is None:
        # It was deleted here meanwhile, so nothing is left to be kept true.
        return Verdict(done=True)
    before = sku.stock_before or 0
    change = -before if entry.get("empty") else int(entry["change"])
    now = look.client.mini_store.stock.get(spu.key, SkuKey(sku.sku_id, sku.out_sku_id))
    found = arrived(before, change, now)
    if found:
        return Verdict(done=True, result=now)
    if found is False:
        # Later looks compare with what there is now.
        spu.skus.filter(pk=sku.pk).update(stock_before=now)
        return Verdict(absent=True)
    told = {"id": APPLIED, "name": str(sku), "before": before, "change": change, "now": now}
    return Verdict(candidates=(told,))


LOOKS: Mapping[str, Callable[["Spu", "Push", Look, str], Verdict]] = {
    "add": _added,
    "list": _listed,
    "add_skus": _skus_added,
    "stock_change": _stock_changed,
}
