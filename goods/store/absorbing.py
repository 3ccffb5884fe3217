"""Writing down what WeChat shows of a product and its SKUs, whoever asked for it."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from goods.store import wire
from shopadmin.wechat.mini_store.sku import RemoteSku
from shopadmin.wechat.mini_store.spu import RemoteSpu

if TYPE_CHECKING:
    from goods.models import Sku, Spu

GONE_STATUS = 21


def absorb_spu(spu: "Spu", remote: RemoteSpu, *, draft: bool) -> list[str]:
    """One copy of a product; returns the fields of the product to save."""
    states = spu.mark_states(remote.status, remote.edit_status)
    if not spu.out_product_id and remote.out_product_id:
        spu.out_product_id = remote.out_product_id
        states.append("out_product_id")
    snapshot = wire.spu_snapshot(remote)
    if draft:
        return [*states, *spu.mark_read(snapshot)]
    untold = {name: spu.online[name] for name in wire.UNTOLD if name in spu.online}
    spu.online = untold | snapshot
    return [*states, "online"]


def absorb_skus(
    spu: "Spu", remote: Sequence[RemoteSku], *, draft: bool, at: dt.datetime, adding: bool = False
) -> list[str]:
    """One copy of a product's SKUs; saves those that changed, and returns the fields of the product to save.

    What exists only at WeChat gets a record. What lacks in the draft is gone there; while the product is
    just being added, it is still to come.
    """
    ours: list[Sku] = list(spu.skus.all())
    by_id = {sku.sku_id: sku for sku in ours if sku.sku_id}
    by_number = {sku.out_sku_id: sku for sku in ours if sku.out_sku_id}
    changed: list[Sku] = []
    seen = set[int]()
    for row in remote:
        sku = by_id.get(row.sku_id) or by_number.get(row.out_sku_id)
        if row.status == GONE_STATUS or (sku is None and not draft):
            continue
        if sku is None:
            _create(spu, row, position=len(ours) + len(seen), at=at)
            continue
        seen.add(sku.pk)
        before = _state(sku)
        sku.mark_copy(row.sku_id, wire.sku_snapshot(row), row.stock_num, draft=draft, at=at)
        if _state(sku) != before:
            changed.append(sku)
    if draft and not adding:
        for sku in ours:
            if sku.at_wechat and sku.pk not in seen:
                sku.mark_gone()
                changed.append(sku)
    for sku in changed:
        sku.note_prices()
    spu.skus.model.objects.bulk_update(changed, READ_FIELDS, batch_size=200)
    spu.skus.filter(pk__in=seen).update(refreshed_at=at)
    spu.forget_skus()
    return spu.mark_skus_read() if draft else []


# What a look may change, and nothing else: staff may be editing the rest meanwhile.
READ_FIELDS = (
    "sku_id", "missing_since", "stock", "real_stock", "stock_before", "remote", "drift",
    "online", "price_differs",
)  # fmt: skip


def _state(sku: "Sku") -> list[object]:
    return [getattr(sku, name) for name in READ_FIELDS]


def _create(spu: "Spu", row: RemoteSku, *, position: int, at: dt.datetime) -> None:
    """A SKU that was made in the console; our number for it only if no other one has it here."""
    manager = spu.skus
    taken = row.out_sku_id and manager.model.objects.filter(
        account=spu.account_id, out_sku_id=row.out_sku_id
    ).exists()  # fmt: skip
    sku = manager.model(spu=spu, account_id=spu.account_id, position=position)
    sku.out_sku_id = "" if taken else row.out_sku_id
    sku.mark_copy(row.sku_id, wire.sku_snapshot(row), row.stock_num, draft=True, at=at)
    sku.stock = row.stock_num or 0
    sku.mark_taken()
    sku.save()
