"""Imports in the browser, as a worker brings them on: first compared, then stored as they were shown."""

import time
from collections.abc import Callable, Container, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import translation
from django.utils.translation import gettext as _

from goods.importing.archive import Packed
from goods.importing.checker import (
    Checker,
    Finding,
    busy_records,
    closed,
    invalid_fields,
    locked_records,
    version,
)
from goods.importing.columns import Columns, match_columns
from goods.importing.covers import Covers
from goods.importing.errors import ImportFileError
from goods.importing.fix_file import fix_table
from goods.importing.importer import CHUNK, create_all, log_saved, made_meanwhile
from goods.importing.report import RowProblem
from goods.importing.sheet import Sheet, write_sheet
from goods.importing.uploads import SavedCovers, pictures_of, saved_covers, upload_sheet
from goods.models import ImportRow, ImportRun, LiveGoods
from goods.models.import_run import ImportStatus, LostRun, RowKind

# Well below what a task may take, so that one worker is not lost to the pushes for long.
SECONDS = 25

# Making a large picture small takes a second at worst.
CHUNK_WITH_PICTURES = 10

NUMBER_KEPT, NAME_KEPT = 200, 300


def bring_on(seconds: float = SECONDS) -> int:
    """Work on the runs that are due, the oldest first; returns how many steps were done.

    What cannot be finished in time is handed over, a chunk further at least: the caller rings again.
    """
    deadline = time.monotonic() + seconds
    steps = 0
    while time.monotonic() < deadline and (run := ImportRun.objects.claim()):
        steps += 1
        with translation.override(run.language or settings.LANGUAGE_CODE):
            try:
                STEPS[ImportStatus(run.status)](run, deadline)
            except ImportFileError as error:
                run.mark_failed(str(error))
            except LostRun:
                continue
    return steps


def prune() -> int:
    """Remove uploads and rows that have been kept long enough; returns of how many imports."""
    old = list(ImportRun.objects.old()[:100])
    for run in old:
        run.forget_upload()
    return len(old)


# --- the check --------------------------------------------------------------------------------------


def check(run: ImportRun, deadline: float) -> None:
    """Compare every row with its record and keep what was found, chunk by chunk."""
    with pictures_of(_path(run)) as pictures:
        return _check(run, deadline, pictures)


def _check(run: ImportRun, deadline: float, pictures: Packed | None) -> None:
    sheet, columns = _table(run, pictures)
    covers = Covers(pictures) if pictures else None
    strict = sheet.suffix == ".csv"
    checker = Checker(run.account, columns, covers=covers, url_template=run.url_template, strict=strict)
    checker.skip(sheet.lines[: run.position])
    ignored = columns.ignored if covers else _ignored(sheet, columns)
    run.advance(run.position, rows=len(sheet.lines), ignored_columns=ignored)
    for start in range(run.position, len(sheet.lines), chunk := _chunk(covers)):
        lines = sheet.lines[start : start + chunk]
        checker.look_at_pictures(lines)
        with transaction.atomic():
            found = checker.check(lines)
            ImportRow.objects.bulk_create([_row(run, one) for one in found])
            run.advance(start + len(lines), **_counts(run, found))
        if time.monotonic() > deadline:
            return run.hand_over()
    run.mark_checked()
    return None


def _path(run: ImportRun) -> Path:
    return Path(run.file.path)


def _table(run: ImportRun, pictures: Packed | None) -> tuple[Sheet, Columns]:
    sheet = upload_sheet(_path(run), pictures)
    return sheet, match_columns(sheet)


def _chunk(covers: object) -> int:
    return CHUNK_WITH_PICTURES if covers else CHUNK


def _ignored(sheet: Sheet, columns: Columns) -> list[str]:
    """Pictures are files beside a table: only a ZIP file brings them."""
    place = columns.places.get("cover")
    named = place is not None and any(line.cell(place).strip() for line in sheet.lines)
    return [*columns.ignored, *([sheet.headings[place].strip()] if place is not None and named else [])]


def _counts(run: ImportRun, found: Sequence[Finding]) -> dict[str, int]:
    return {
        "creates": run.creates + sum(one.kind == RowKind.CREATE for one in found),
        "changes": run.changes + sum(one.kind == RowKind.CHANGE for one in found),
        "unchanged": run.unchanged + sum(one.kind == RowKind.UNCHANGED for one in found),
        "errors": run.errors + sum(one.kind == RowKind.ERROR for one in found),
        "to_fix": run.to_fix + sum(one.flagged for one in found),
        "warned": run.warned + sum(bool(one.warnings) for one in found),
        "without_cover": run.without_cover + sum(one.without_cover for one in found),
    }


def _row(run: ImportRun, found: Finding) -> ImportRow:
    known = found.record if found.record is not None and found.record.pk else None
    return ImportRow(
        run=run,
        number=found.row,
        kind=found.kind,
        product_no=found.number[:NUMBER_KEPT],
        name=found.name[:NAME_KEPT],
        record=known,
        version=found.version,
        changes={name: [_plain(old), _plain(new)] for name, (old, new) in found.changes.items()},
        problems=[list(pair) for pair in found.problems],
        warnings=found.warnings,
        flagged=found.flagged,
        warned=bool(found.warnings),
    )


def _plain(value: Any) -> str | int | None:
    """As JSON keeps it; prices as text."""
    if value is None or isinstance(value, str):
        return value
    return (
        int(value) if isinstance(value, int) else f"{value:.2f}" if isinstance(value, Decimal) else str(value)
    )


# --- storing ----------------------------------------------------------------------------------------


def store(run: ImportRun, deadline: float) -> None:
    """Store what was shown, chunk by chunk; a chunk and how far we are are written together."""
    with pictures_of(_path(run)) as pictures:
        return _store(run, deadline, pictures)


def _store(run: ImportRun, deadline: float, pictures: Packed | None) -> None:
    wanted = run.found.filter(kind__in=(RowKind.CREATE, RowKind.CHANGE)).order_by("number")
    while rows := list(wanted.filter(number__gt=run.position)[: _chunk(pictures)]):
        with saved_covers(rows, pictures) as covers, transaction.atomic():
            left_out = _store_rows(run, rows, covers)
            run.advance(
                rows[-1].number,
                stored=run.stored + len(rows) - left_out,
                left_out=run.left_out + left_out,
            )
        if time.monotonic() > deadline:
            return run.hand_over()
    run.mark_done()
    return None


def _store_rows(run: ImportRun, rows: list[ImportRow], covers: SavedCovers) -> int:
    """Returns how many were left out. Must run in a transaction."""
    records = locked_records(run.account, [row.product_no for row in rows])
    busy = busy_records(records.values())
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

STEPS: Mapping[ImportStatus, Callable[[ImportRun, float], None]] = {
    ImportStatus.CHECKING: check,
    ImportStatus.STORING: store,
}


# --- the rows to correct ----------------------------------------------------------------------------


def fix_file(run: ImportRun) -> tuple[str, bytes]:
    """Name and contents of a file with the rows to correct, of the same format as the upload."""
    with pictures_of(_path(run)) as pictures:
        sheet, columns = _table(run, pictures)
    rows = run.to_correct().values_list("number", "product_no", "name", "problems", "left_out")
    problems = []
    for number, product_no, name, pairs, left_out in rows:
        pairs = [*pairs, *([("", left_out)] if left_out else [])]
        problems += [RowProblem(number, product_no, name, field, text) for field, text in pairs]
    headings, lines = fix_table(sheet, columns, problems)
    return f"{Path(run.filename).stem}-fix{sheet.suffix}", write_sheet(sheet.suffix, headings, lines)
