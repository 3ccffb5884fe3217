"""Files into products and SKUs at once: created or updated by their numbers, in chunks stored whole."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from goods.importing.covers import Folder, Pictures
from goods.importing.errors import ImportFileError
from goods.importing.finding import Finding
from goods.importing.fix_file import fix_files, keep_fix_file
from goods.importing.importer import CHUNK
from goods.importing.kept import import_rows
from goods.importing.records import log_saved
from goods.importing.report import Report
from goods.importing.sheet import Sheet
from goods.importing.store.layouts import tables_of
from goods.importing.store.storing import kept_pictures, store_rows
from goods.importing.store.upload import StoreWork, sheets_of, sheets_of_archive
from goods.importing.uploads import pictures_of
from goods.models.import_run import RowKind
from shopadmin.wechat.models import Account

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

STORED = (RowKind.CREATE, RowKind.CHANGE)


def import_store(
    paths: Sequence[Path],
    account: Account,
    user: "AbstractUser | None" = None,
    *,
    fix_file: Path | None = None,
    dry_run: bool = False,
) -> Report:
    """Import a list of products, of SKUs, or one of each; they may be in one workbook or ZIP file.

    ImportFileError if a file cannot be read, and then nothing is stored. ``fix_file`` is where the rows to
    correct are written, if there are any: its suffix becomes the one that fits.
    """
    if fix_file and not fix_file.parent.is_dir():
        raise ImportFileError(_("There is no folder %(path)s.") % {"path": fix_file.parent})
    with _opened(paths, account) as (work, pictures):
        report = Report(rows=work.count, ignored_columns=work.ignored, dry_run=dry_run)
        for part in work.parts(0, CHUNK):
            work.look_at_pictures(part)
            with transaction.atomic():
                found = work.check(part)
            if not dry_run:
                _store(account, found, pictures, paths[0].name, user)
            for one in found:
                report.count(one)
        if fix_file and report.problems and not dry_run:
            _write_fix_file(report, work, fix_file)
    return report


@contextlib.contextmanager
def _opened(paths: Sequence[Path], account: Account) -> Iterator[tuple[StoreWork, Pictures]]:
    """What the files hold, and where their pictures are: in a ZIP file, or else in the folder."""
    sheets: list[tuple[str, list[Sheet]]] = []
    pictures: Pictures = Folder(paths[0].parent)
    with contextlib.ExitStack() as stack:
        for path in paths:
            packed = stack.enter_context(pictures_of(path))
            sheets += sheets_of_archive(packed.archive) if packed else [(path.name, sheets_of(path))]
            pictures = packed or pictures
        yield StoreWork(account, tables_of(sheets), pictures), pictures


def _store(
    account: Account, found: Sequence[Finding], pictures: Pictures, name: str, user: "AbstractUser | None"
) -> None:
    """What cannot be stored after all becomes a row that is not imported."""
    to_store = [one for one in found if one.kind in STORED]
    rows = import_rows(to_store)
    kept = kept_pictures(account, rows, pictures)
    with transaction.atomic():
        log_saved(store_rows(account, rows, kept), name, user)
    for row, one in zip(rows, to_store, strict=True):
        if row.left_out:
            one.refuse([("", row.left_out)])


def _write_fix_file(report: Report, work: StoreWork, path: Path) -> None:
    suffix, data = fix_files(work.tables, report.problems)
    try:
        report.fix_file = keep_fix_file(path.with_suffix(suffix), data)
    except OSError as error:
        report.fix_file_error = _(
            "The file for the rows to correct cannot be written: %(reason)s. "
            "Import again with another place for it."
        ) % {"reason": error.strerror}
