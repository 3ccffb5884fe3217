"""Imports in the browser, as a worker brings them on: first compared, then stored as they were shown.

What belongs to one kind of record is in ``FAMILIES``.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import translation

from goods.importing import live
from goods.importing.archive import Packed
from goods.importing.errors import ImportFileError
from goods.importing.finding import Finding, Work
from goods.importing.fix_file import fix_files
from goods.importing.importer import CHUNK
from goods.importing.kept import import_rows
from goods.importing.report import RowProblem
from goods.importing.store import storing, upload
from goods.importing.uploads import pictures_of
from goods.models import ImportRow, ImportRun
from goods.models.import_run import ImportStatus, LostRun, RowKind, Table
from shopadmin.wechat.models import Family

# Well below what a task may take, so that one worker is not lost to the pushes for long.
SECONDS = 25

# Making a large picture small takes a second at worst.
CHUNK_WITH_PICTURES = 10


@dataclass(frozen=True)
class Kind:
    """How uploads of one family are opened, and how their rows are stored."""

    open: Callable[[ImportRun, Packed | None], Work]
    next_rows: Callable[[ImportRun, int], list[ImportRow]]
    store: Callable[[ImportRun, list[ImportRow], Packed | None], None]


FAMILIES: Mapping[str, Kind] = {
    Family.LIVE_GOODS: Kind(live.GoodsWork, live.next_rows, live.store),
    Family.MINI_STORE: Kind(upload.open_upload, storing.next_rows, storing.store),
}


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
    work = FAMILIES[run.family].open(run, pictures)
    run.advance(run.position, rows=work.count, ignored_columns=work.ignored)
    for part in work.parts(run.position, _chunk(pictures)):
        work.look_at_pictures(part)
        with transaction.atomic():
            found = work.check(part)
            ImportRow.objects.bulk_create(import_rows(found, run.position, run))
            run.advance(run.position + len(found), **_counts(run, found))
        if time.monotonic() > deadline:
            return run.hand_over()
    run.mark_checked()
    return None


def _path(run: ImportRun) -> Path:
    return Path(run.file.path)


def _chunk(pictures: object) -> int:
    return CHUNK_WITH_PICTURES if pictures else CHUNK


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


# --- storing ----------------------------------------------------------------------------------------


def store(run: ImportRun, deadline: float) -> None:
    """Store what was shown, chunk by chunk; a chunk and how far we are are written together."""
    with pictures_of(_path(run)) as pictures:
        return _store(run, deadline, pictures)


def _store(run: ImportRun, deadline: float, pictures: Packed | None) -> None:
    kind = FAMILIES[run.family]
    while rows := kind.next_rows(run, _chunk(pictures)):
        kind.store(run, rows, pictures)
        if time.monotonic() > deadline:
            return run.hand_over()
    run.mark_done()
    return None


STEPS: Mapping[ImportStatus, Callable[[ImportRun, float], None]] = {
    ImportStatus.CHECKING: check,
    ImportStatus.STORING: store,
}


# --- the rows to correct ----------------------------------------------------------------------------


def fix_file(run: ImportRun) -> tuple[str, bytes]:
    """Name and contents of a file with the rows to correct, of the same format as the upload."""
    with pictures_of(_path(run)) as pictures:
        tables = FAMILIES[run.family].open(run, pictures).tables
    rows = run.to_correct().values_list("table", "number", "product_no", "name", "problems", "left_out")
    problems = []
    for table, number, product_no, name, pairs, left_out in rows:
        pairs = [*pairs, *([("", left_out)] if left_out else [])]
        problems += [RowProblem(number, product_no, name, field, text, Table(table)) for field, text in pairs]
    suffix, data = fix_files(tables, problems)
    return f"{Path(run.filename).stem}-fix{suffix}", data
