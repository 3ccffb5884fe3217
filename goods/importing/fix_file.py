"""The fix-only file: the bad rows of a file as they were, and a last column that says what to do."""

import contextlib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from itertools import count, groupby
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from goods.importing.columns import Columns, note_heading
from goods.importing.errors import ImportFileError
from goods.importing.finding import SheetTable
from goods.importing.report import RowProblem
from goods.importing.sheet import ZIP, Sheet, parse_sheets, write_sheet, write_workbook

MARK = re.compile(r"-fix(-[0-9]+)?$")


def default_fix_file(path: Path) -> Path:
    """In the current folder; of a fix-only file, under the name that it was made for."""
    suffix = ".csv"
    # Whatever is wrong with the file, reading it will tell.
    with contextlib.suppress(OSError), path.open("rb") as file:
        suffix = ".xlsx" if file.read(len(ZIP)) == ZIP else ".csv"
    return Path.cwd() / f"{MARK.sub('', path.stem)}-fix{suffix}"


def check_fix_file(path: Path, sheet: Sheet) -> None:
    """The suffix promises a format; a folder that is not there would be noticed too late."""
    if path.suffix.lower() != sheet.suffix:
        raise ImportFileError(
            _(
                "The file for the rows to correct has the format of the imported one: "
                "its name has to end in %(suffix)s."
            )
            % {"suffix": sheet.suffix}
        )
    if not path.parent.is_dir():
        raise ImportFileError(_("There is no folder %(path)s.") % {"path": path.parent})


def write_fix_file(path: Path, sheet: Sheet, columns: Columns, problems: Sequence[RowProblem]) -> Path:
    """Write the rows that have problems, and return where.

    A file that is there already may be in somebody's hands: it is kept, and a number is added to the
    name, unless it says exactly the same.
    """
    headings, rows = fix_table(sheet, columns, problems)
    return keep_fix_file(path, write_sheet(sheet.suffix, headings, rows))


def keep_fix_file(path: Path, data: bytes) -> Path:
    """Write it where nothing else is, and return where; see ``write_fix_file``."""
    for candidate in _candidates(path):
        if _written(candidate, data) or _says(candidate, data):
            return candidate
    raise AssertionError("the numbers never end")


def fix_files(tables: Sequence[SheetTable], problems: Sequence[RowProblem]) -> tuple[str, bytes]:
    """Suffix and contents of one file with the rows to correct of every table.

    Of two tables, sheets of one workbook stay that; others go into a ZIP file.
    """
    found = []
    for table in tables:
        if own := [problem for problem in problems if problem.table == table.table]:
            found.append((table, fix_table(table.sheet, table.columns, own)))
    if len(found) == 1:
        table, (headings, rows) = found[0]
        return table.sheet.suffix, write_sheet(table.sheet.suffix, headings, rows)
    if len({table.filename for table, _fixed in found}) == 1:
        return ".xlsx", write_workbook({table.sheet.title: fixed for table, fixed in found})
    return ".zip", _packed(found)


def _packed(found: Sequence[tuple[SheetTable, tuple[list[str], list[list[str]]]]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, (headings, rows) in found:
            stem = MARK.sub("", PurePosixPath(table.filename).stem)
            # Always of the same time: what says the same is the same file.
            info = zipfile.ZipInfo(f"{stem}-fix{table.sheet.suffix}")
            archive.writestr(info, write_sheet(table.sheet.suffix, headings, rows), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def fix_table(
    sheet: Sheet, columns: Columns, problems: Sequence[RowProblem]
) -> tuple[list[str], list[list[str]]]:
    """Rows and headings without the advice of an earlier fix-only file, and as wide as the widest of them."""
    advice = {row: " ".join(p.advice() for p in found) for row, found in groupby(problems, lambda p: p.row)}
    lines = [line for line in sheet.lines if line.number in advice]
    width = max(len(sheet.headings), *(len(line.cells) for line in lines))
    kept = [index for index in range(width) if index not in columns.notes]
    headings = [sheet.headings[index] if index < len(sheet.headings) else "" for index in kept]
    rows = []
    for line in lines:
        row = _("Row %(row)s.") % {"row": line.number}
        rows.append([*(line.cell(index) for index in kept), f"{row} {advice[line.number]}"])
    return [*headings, note_heading()], rows


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    stem = MARK.sub("", path.stem)
    mark = "-fix" if stem != path.stem else ""
    yield from (path.with_name(f"{stem}{mark}-{number}{path.suffix}") for number in count(2))


def _written(path: Path, data: bytes) -> bool:
    """False if there is such a file; half a file is not left behind."""
    try:
        file = path.open("xb")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return True


def _says(path: Path, data: bytes) -> bool:
    """A workbook has the time of its making in it, and says the same all the same."""
    there = path.read_bytes()
    if there == data:
        return True
    try:
        return parse_sheets(there) == parse_sheets(data)
    except ImportFileError:
        return False
