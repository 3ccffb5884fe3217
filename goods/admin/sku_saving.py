"""Writing a table of SKUs: a few statements, however many rows were changed."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from goods.admin.sku_rows import Row
from goods.models import Sku, Spu
from goods.store.rules import OUT_ID_MOST

# Bulk writes do not pass ``Sku.save``: these go along.
NOTED = ("price_differs", "drift", "updated_at")


def save(rows: Sequence[Row], spu: Spu) -> bool:
    made = [row for row in rows if row.new and not row.blank and not row.removed]
    changed = [row for row in rows if row.sku and row.changed]
    if not made and not changed:
        return False
    changed = _taken_out(changed, spu)
    _change(changed)
    _make(made, rows, spu)
    return True


def _taken_out(rows: list[Row], spu: Spu) -> list[Row]:
    """What is only here is deleted; what WeChat has, or may have soon, waits for the next changes sent."""
    doomed = [row.sku for row in rows if row.changed.get("removed") and row.sku and not row.sku.at_wechat]
    if not doomed or spu.open_push():
        return rows
    gone = {sku.pk for sku in doomed}
    Sku.objects.filter(pk__in=gone).delete()
    return [row for row in rows if row.sku and row.sku.pk not in gone]


def _change(rows: list[Row]) -> None:
    changes = [(row.sku, row.changed) for row in rows if row.sku]
    if not changes:
        return
    now = timezone.now()
    for sku, values in changes:
        _set(sku, values)
        sku.note_prices()
        sku.settle_drift()
        sku.updated_at = now
    if renamed := [sku.pk for sku, values in changes if "out_sku_id" in values]:
        # Two rows may have exchanged their numbers.
        Sku.objects.filter(pk__in=renamed).update(out_sku_id="")
    names = {name for _sku, values in changes for name in values}
    Sku.objects.bulk_update([sku for sku, _values in changes], [*sorted(names), *NOTED])


def _make(made: list[Row], rows: Sequence[Row], spu: Spu) -> None:
    if not made:
        return
    number = _numbers(made, rows, spu)
    place = max((row.sku.position for row in rows if row.sku), default=-1) + 1
    skus: list[Sku] = []
    for row in made:
        sku = Sku(spu=spu, account_id=spu.account_id, position=place + len(skus))
        _set(sku, row.changed)
        sku.out_sku_id = sku.out_sku_id or next(number)
        skus.append(sku)
    Sku.objects.bulk_create(skus)


def _set(sku: Sku, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(sku, "picture_id" if name == "picture" else name, value)


def _numbers(made: list[Row], rows: Sequence[Row], spu: Spu) -> Any:
    """Numbers for rows that nobody gave one: the product's with a count, none of them used in the account."""
    base = spu.out_product_id or spu.product_id
    taken: set[str] = {row.cells["out_sku_id"] for row in rows}
    if any(not row.changed["out_sku_id"] for row in made):
        used = Sku.objects.filter(account=spu.account_id, out_sku_id__startswith=f"{base[: OUT_ID_MOST - 5]}")
        taken |= set(used.values_list("out_sku_id", flat=True))
    count = 0
    while True:
        count += 1
        tail = f"-{count}"
        number = base[: OUT_ID_MOST - len(tail)] + tail
        if number not in taken:
            yield number
