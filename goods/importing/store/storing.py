"""Storing what was shown of an upload: a product with its SKUs is one whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from goods.importing.archive import Packed
from goods.importing.covers import Pictures
from goods.importing.errors import CellError
from goods.importing.records import being_sent, busy_records, log_saved, made_meanwhile
from goods.importing.store import records
from goods.importing.store.images import Token, keep_picture
from goods.models import FreightTemplate, ImportRow, ImportRun, Sku, Spu
from goods.models.import_run import RowKind, Table
from shopadmin.wechat.models import Account

PICTURES = ("head_imgs", "desc_imgs")
PRICES = ("sale_price", "market_price")


def next_rows(run: ImportRun, most: int) -> list[ImportRow]:
    """The rows to store next: whole products, so that they may be a few more."""
    rows = list(run.to_store_next()[:most])
    if rows:
        last = rows[-1]
        rest = run.to_store_next().filter(position__gt=last.position)
        for row in rest.iterator(chunk_size=most):
            if row.product_no != last.product_no:
                break
            rows.append(row)
    return rows


def store(run: ImportRun, rows: list[ImportRow], pictures: Packed | None) -> None:
    """Store some rows as they were shown, and note how far the run is."""
    kept = kept_pictures(run.account, rows, pictures)
    with transaction.atomic():
        saved = store_rows(run.account, rows, kept)
        log_saved(saved, run.filename, run.confirmed_by)
        ImportRow.objects.bulk_update(rows, ["left_out", "spu"])
        run.note_stored(rows, sum(bool(row.left_out) for row in rows))


@dataclass
class KeptPictures:
    """Pictures of some rows, kept before the rows are stored, since that takes a while."""

    keys: dict[Token, int] = field(default_factory=dict)
    problems: dict[Token, str] = field(default_factory=dict)

    def problem(self, row: ImportRow) -> str:
        return next((self.problems[token] for token in tokens(row) if token in self.problems), "")


def kept_pictures(account: Account, rows: Iterable[ImportRow], pictures: Pictures | None) -> KeptPictures:
    kept = KeptPictures()
    for token in dict.fromkeys(token for row in rows for token in tokens(row)):
        try:
            kept.keys[token] = keep_picture(account, token, pictures)
        except CellError as error:
            kept.problems[token] = error.text
    return kept


def tokens(row: ImportRow) -> list[Token]:
    """The pictures that a row sets."""
    several = [token for name in PICTURES if name in row.changes for token in row.changes[name][1]]
    return [*several, *([row.changes["picture"][1]] if "picture" in row.changes else [])]


@dataclass
class Stored:
    """A product while its rows are stored."""

    spu: Spu
    skus: list[Sku]
    version: str
    new: bool
    closed: str = ""
    fields: set[str] = field(default_factory=set)
    made: list[Sku] = field(default_factory=list)
    changed: dict[int, Sku] = field(default_factory=dict)
    sku_fields: set[str] = field(default_factory=set)
    gone: list[Sku] = field(default_factory=list)
    touched: bool = False


def store_rows(account: Account, rows: Sequence[ImportRow], kept: KeptPictures) -> dict[int, list[Any]]:
    """Store rows of whole products, and note at each why it is left out, or its product.

    Must run in a transaction. Returns the products that were made and changed, by kind of log entry.
    """
    found = _products(account, rows)
    codes = {row.sku_no or row.product_no for row in rows}
    owners = records.owners_of(account, codes)
    templates = _templates(rows)
    by_product = {number: list(part) for number, part in groupby(rows, key=lambda row: row.product_no)}
    for number, part in by_product.items():
        for row in part:
            if row.table == Table.PRODUCTS:
                row.left_out = _set_product(row, found[number], kept, owners, templates)
    _create_products([one for one in found.values() if one.new and one.touched], by_product)
    for number, part in by_product.items():
        for row in part:
            if row.table == Table.SKUS:
                row.left_out = _set_sku(row, found[number], kept, owners)
        _make_way(found[number])
    _save_skus(found, by_product)
    touched = [one for one in found.values() if one.touched and one.spu.pk]
    _save_products(touched)
    for row in rows:
        row.spu = None if row.left_out and not row.spu_id else _spu_or_none(found[row.product_no])
    return {
        ADDITION: [one.spu for one in touched if one.new],
        CHANGE: [one.spu for one in touched if not one.new],
    }


def _spu_or_none(one: Stored) -> Spu | None:
    return one.spu if one.spu.pk else None


def _products(account: Account, rows: Sequence[ImportRow]) -> dict[str, Stored]:
    """The products of the rows, with those that are to be made."""
    known = records.locked_products(account, {row.product_no for row in rows})
    busy = busy_records(Spu, known.values())
    found = {}
    for number in dict.fromkeys(row.product_no for row in rows):
        spu = known.get(number)
        if spu is None:
            spu = Spu(account=account, out_product_id=number, faulty=True)
            found[number] = Stored(spu, [], "", new=True)
        else:
            skus = list(spu.skus.all())
            version = records.spu_version(spu, records.own_sku(spu, skus))
            found[number] = Stored(spu, skus, version, new=False, closed=being_sent(spu, busy))
    return found


def _templates(rows: Iterable[ImportRow]) -> Mapping[int, FreightTemplate]:
    keys = {row.changes["freight_template"][1] for row in rows if "freight_template" in row.changes}
    return FreightTemplate.objects.in_bulk(keys - {None})


# --- rows of products -------------------------------------------------------------------------------


def _set_product(
    row: ImportRow,
    one: Stored,
    kept: KeptPictures,
    owners: dict[str, tuple[int, str]],
    templates: Mapping[int, FreightTemplate],
) -> str:
    """Why the row cannot be stored; empty if it can, and then its values are set."""
    if reason := _changed_meanwhile(row, one) or one.closed or kept.problem(row):
        return reason
    spu = one.spu
    ours = {name: new for name, (_old, new) in row.changes.items() if name in records.OWN_FIELDS}
    for name, (_old, new) in row.changes.items():
        if name not in ours:
            setattr(spu, name, _value(name, new, kept, templates))
            one.fields.add(name)
    if unfit := records.invalid_spu(spu):
        return " ".join(text for _name, text in unfit)
    own = records.own_sku(spu, one.skus)
    # A new product with rows of SKUs gets those, and has no price of its own.
    if ours and own is None:
        if reason := records.belongs_elsewhere(spu, spu.out_product_id, owners):
            return reason
        own = records.new_own_sku(spu)
        one.made.append(own)
    elif ours and own:
        one.changed[own.pk] = own
    one.sku_fields |= {*ours}
    if own:
        for name, new in ours.items():
            setattr(own, name, _value(name, new, kept, templates))
    one.touched = True
    return ""


def _changed_meanwhile(row: ImportRow, one: Stored) -> str:
    """Why it is not what was shown any more; empty if it is."""
    if row.kind == RowKind.CREATE:
        return "" if one.new else made_meanwhile()
    if one.new:
        return _("The product was deleted after the check.")
    if one.version != row.version:
        return _("Somebody has changed the product after the check. Import again to see what is different.")
    return ""


def _create_products(new: Sequence[Stored], by_product: Mapping[str, list[ImportRow]]) -> None:
    """All at once; one by one if somebody makes one of them at the same moment."""
    try:
        with transaction.atomic():
            Spu.objects.bulk_create([one.spu for one in new])
        return
    except IntegrityError:
        for one in new:
            one.spu.pk = None
    for one in new:
        try:
            with transaction.atomic():
                one.spu.save(force_insert=True)
        except IntegrityError:
            one.spu.pk, one.touched, one.made = None, False, []
            for row in by_product[one.spu.out_product_id]:
                row.left_out = row.left_out or made_meanwhile()


# --- rows of SKUs -----------------------------------------------------------------------------------


def _set_sku(row: ImportRow, one: Stored, kept: KeptPictures, owners: dict[str, tuple[int, str]]) -> str:
    """Why the row cannot be stored; empty if it can, and then its values are set."""
    if row.left_out:
        return row.left_out
    if one.spu.pk is None:
        return _("The product was deleted after the check.") if row.spu_id else _("Its product was left out.")
    if not row.spu_id and not one.new:
        return made_meanwhile()
    known = next((sku for sku in one.skus if sku.out_sku_id == row.sku_no), None)
    if reason := _sku_changed_meanwhile(row, known) or one.closed or kept.problem(row):
        return reason
    if reason := records.belongs_elsewhere(one.spu, row.sku_no, owners):
        return reason
    sku = known or Sku(spu=one.spu, account=one.spu.account, out_sku_id=row.sku_no)
    for name, (_old, new) in row.changes.items():
        if name == "picture":
            sku.picture_id = kept.keys[new]
        else:
            setattr(sku, name, _value(name, new, kept, {}))
    if unfit := records.invalid_sku(sku):
        return " ".join(text for _name, text in unfit)
    if known:
        one.changed[sku.pk] = sku
        one.sku_fields |= {*row.changes}
    else:
        one.made.append(sku)
    one.touched = True
    return ""


def _sku_changed_meanwhile(row: ImportRow, sku: Sku | None) -> str:
    if row.kind == RowKind.CREATE:
        return _("Somebody else has just made this SKU. Import again.") if sku else ""
    if sku is None:
        return _("The SKU was deleted after the check.")
    if records.sku_version(sku) != row.version:
        return _("Somebody has changed the SKU after the check. Import again to see what is different.")
    return ""


def _make_way(one: Stored) -> None:
    """The SKU that stood for the product goes; what WeChat has is taken out with the next changes sent."""
    own = records.own_sku(one.spu, one.skus)
    if own is None or not records.gives_way(own, one.made):
        return
    if own.sku_id:
        own.removed = True
        one.changed[own.pk] = own
        one.sku_fields.add("removed")
    else:
        one.gone.append(own)


def _save_skus(found: Mapping[str, Stored], by_product: Mapping[str, list[ImportRow]]) -> None:
    gone = [sku.pk for one in found.values() for sku in one.gone]
    Sku.objects.filter(pk__in=gone).delete()
    made = [sku for one in found.values() for sku in _placed(one)]
    taken = _create_skus(made)
    for one in found.values():
        one.made = [sku for sku in one.made if sku.pk]
        for row in by_product[one.spu.out_product_id] if taken else ():
            if row.sku_no in taken and not row.left_out:
                row.left_out = _("Somebody else has just made this SKU. Import again.")
    changed = [sku for one in found.values() for sku in one.changed.values()]
    for sku in changed:
        sku.note_prices()
        if sku.drift:
            sku.settle_drift()
    fields = {name for one in found.values() for name in one.sku_fields}
    fields |= {"price_differs"} if any(sku.sku_id for sku in changed) else set()
    fields |= {"drift"} if any(sku.remote for sku in changed) else set()
    _update(changed, fields)


def _update(records: Sequence[Model], fields: Iterable[str]) -> None:
    """Few fields at once: a statement that sets many of many records takes long to put together."""
    if not records:
        return
    manager = type(records[0])._default_manager
    if names := sorted(fields):
        manager.bulk_update(records, names)
    manager.filter(pk__in=[record.pk for record in records]).update(updated_at=timezone.now())


def _placed(one: Stored) -> list[Sku]:
    """The new SKUs, behind those that are there already."""
    start = max((sku.position for sku in one.skus), default=-1) + 1
    for place, sku in enumerate(one.made, start=start):
        sku.spu, sku.position = one.spu, place
    return one.made


def _create_skus(made: Sequence[Sku]) -> set[str]:
    """Returns the numbers that somebody else has taken at the same moment."""
    try:
        with transaction.atomic():
            Sku.objects.bulk_create(made)
        return set()
    except IntegrityError:
        for sku in made:
            sku.pk = None
    taken = set()
    for sku in made:
        try:
            with transaction.atomic():
                sku.save(force_insert=True)
        except IntegrityError:
            sku.pk = None
            taken.add(sku.out_sku_id)
    return taken


# --- what follows from it ---------------------------------------------------------------------------


def _save_products(touched: Sequence[Stored]) -> None:
    """Whether something is to be corrected, and what still differs from WeChat, is known only now."""
    states = {one.spu.pk: one.spu.faulty for one in touched}
    for one in touched:
        skus = [sku for sku in one.skus if sku not in one.gone] + one.made
        vars(one.spu)["_prefetched_objects_cache"] = {"skus": skus}
        one.spu.faulty = bool(one.spu.problems())
        if one.spu.drift:
            one.spu.settle_drift()
    known = [one for one in touched if not one.new]
    drifting = {"drift", "drifted_at"} if any(one.spu.remote for one in known) else set()
    _update([one.spu for one in known], drifting.union(*(one.fields for one in known)))
    for faulty in (True, False):
        turned = [one.spu.pk for one in touched if one.spu.faulty is faulty is not states[one.spu.pk]]
        Spu.objects.filter(pk__in=turned).update(faulty=faulty)


def _value(name: str, value: Any, kept: KeptPictures, templates: Mapping[int, FreightTemplate]) -> Any:
    """From what JSON keeps back to what a field holds."""
    if value is None:
        return None
    if name in PICTURES:
        return [kept.keys[token] for token in value]
    if name == "freight_template":
        return templates.get(value)
    return Decimal(value) if name in PRICES else value
