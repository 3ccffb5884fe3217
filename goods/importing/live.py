"""Live goods of an upload, as a worker brings them on: compared, then stored as they were shown."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from goods.importing.archive import Packed
from goods.importing.checker import Checker, closed, invalid_fields, locked_records, version
from goods.importing.columns import match_columns
from goods.importing.covers import Covers
from goods.importing.finding import Finding, SheetTable
from goods.importing.importer import create_all
from goods.importing.lines import Line
from goods.importing.records import busy_records, log_saved, made_meanwhile
from goods.importing.uploads import SavedCovers, saved_covers, upload_sheet
from goods.models import ImportRow, ImportRun, LiveGoods
from goods.models.import_run import RowKind, Table

# --- the check --------------------------------------------------------------------------------------


class GoodsWork:
    """One table of live goods; a part is some of its lines."""

    def __init__(self, run: ImportRun, pictures: Packed | None) -> None:
        sheet = upload_sheet(Path(run.file.path), pictures)
        columns = match_columns(sheet)
        self.table = SheetTable(Table.GOODS, run.filename, sheet, columns)
        self.tables = (self.table,)
        self.count = len(sheet.lines)
        covers = Covers(pictures) if pictures else None
        self.ignored = columns.ignored if covers else _ignored(self.table)
        self.checker = Checker(
            run.account, columns, covers=covers, url_template=run.url_template, strict=self.table.strict
        )

    def parts(self, start: int, most: int) -> Iterator[Sequence[Line]]:
        lines = self.table.sheet.lines
        self.checker.skip(lines[:start])
        for index in range(start, len(lines), most):
            yield lines[index : index + most]

    def look_at_pictures(self, part: Sequence[Line]) -> None:
        self.checker.look_at_pictures(part)

    def check(self, part: Sequence[Line]) -> list[Finding]:
        return [*self.checker.check(part)]


def _ignored(table: SheetTable) -> list[str]:
    """Pictures are files beside a table: only a ZIP file brings them."""
    sheet, columns = table.sheet, table.columns
    place = columns.places.get("cover")
    named = place is not None and any(line.cell(place).strip() for line in sheet.lines)
    return [*columns.ignored, *([sheet.headings[place].strip()] if place is not None and named else [])]


# --- storing ----------------------------------------------------------------------------------------


def next_rows(run: ImportRun, most: int) -> list[ImportRow]:
    """The rows to store next."""
    return list(run.to_store_next()[:most])


def store(run: ImportRun, rows: list[ImportRow], pictures: Packed | None) -> None:
    """Store some rows as they were shown, and note how far the run is."""
    with saved_covers(rows, pictures) as covers, transaction.atomic():
        run.note_stored(rows, _store_rows(run, rows, covers))


def _store_rows(run: ImportRun, rows: list[ImportRow], covers: SavedCovers) -> int:
    """Returns how many were left out. Must run in a transaction."""
    records = locked_records(run.account, [row.product_no for row in rows])
    busy = busy_records(LiveGoods, records.values())
    new: dict[int, LiveGoods] = {}
    changed: list[LiveGoods] = []
    for row in rows:
        known = records.get(row.product_no)
        record = known or LiveGoods(account=run.account, product_no=row.product_no)
        row.left_out = _changed_meanwhile(row, known) or _set_values(row, record, busy, covers)
        if row.left_out:
            continue
        if known:
            record.save(update_fields=list(row.changes))
            changed.append(record)
        else:
            new[row.number] = record
    taken = create_all(list(new.values()))
    for row in rows:
        if new.get(row.number) in taken:
            row.left_out = made_meanwhile()
            covers.used.discard(row.number)
            del new[row.number]
    log_saved({ADDITION: list(new.values()), CHANGE: changed}, run.filename, run.confirmed_by)
    return _note_rows(run, rows, new)


def _note_rows(run: ImportRun, rows: list[ImportRow], new: Container[int]) -> int:
    """Note which were left out, and the records of the new ones; returns how many were left out."""
    left_out = [row for row in rows if row.left_out]
    ImportRow.objects.bulk_update(left_out, ["left_out"])
    made = LiveGoods.objects.filter(account=run.account_id, product_no=OuterRef("product_no"))
    numbers = [row.number for row in rows if row.number in new]
    run.found.filter(number__in=numbers).update(record=Subquery(made.values("pk")[:1]))
    return len(left_out)


def _changed_meanwhile(row: ImportRow, goods: LiveGoods | None) -> str:
    """Why it is not what was shown any more; empty if it is."""
    if row.kind == RowKind.CREATE:
        return made_meanwhile() if goods else ""
    if goods is None:
        return _("The product was deleted after the check.")
    if version(goods) != row.version:
        return _("Somebody has changed the product after the check. Import again to see what is different.")
    return ""


def _set_values(row: ImportRow, record: LiveGoods, busy: set[int], covers: SavedCovers) -> str:
    """Why it cannot be stored; empty if it can."""
    if reason := closed(record, busy) or covers.problems.get(row.number, ""):
        return reason
    for name, (_old, new) in row.changes.items():
        value = covers.names[row.number] if name == "cover" else new
        setattr(record, name, READ.get(name, str)(value) if value is not None else None)
    if invalid := invalid_fields(record):
        return " ".join(text for _name, text in invalid)
    covers.used.add(row.number)
    return ""


# From what JSON keeps back to what a field holds; the others are text.
READ: Mapping[str, Callable[[Any], Any]] = {"price_type": int, "price": Decimal, "price2": Decimal}
