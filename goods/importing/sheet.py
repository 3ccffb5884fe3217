"""A merchant's file as rows of text, whichever program wrote it; and such rows as a file again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from goods.importing import csv_format, xlsx_format
from goods.importing.errors import ImportFileError
from goods.importing.lines import Line

ROWS_MOST = 20_000
LINES_MOST = ROWS_MOST + 2  # the headings, and one row too many
BYTES_MOST = 50_000_000

ZIP = b"PK\x03\x04"
OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Sheet:
    """``suffix`` tells the format: .csv or .xlsx. ``title`` is what a workbook calls it."""

    suffix: str
    headings: list[str]
    lines: list[Line]
    title: str = ""


def read_sheet(path: Path) -> Sheet:
    """The heading row and every row below it that is not empty; ImportFileError if there is none."""
    return parse_sheet(read_contents(path))


def parse_sheet(data: bytes) -> Sheet:
    """The same from a file's contents."""
    if not data.strip():
        raise ImportFileError(_("The file is empty."))
    if data.startswith(ZIP):
        return _sheet(".xlsx", xlsx_format.read(data, LINES_MOST))
    _refuse_old_office(data)
    return _sheet(".csv", csv_format.read(data, LINES_MOST))


def parse_sheets(data: bytes) -> list[Sheet]:
    """Every sheet of a workbook that has rows, or the one table that a CSV file is."""
    if not data.startswith(ZIP):
        return [parse_sheet(data)]
    sheets = xlsx_format.read_all(data, LINES_MOST)
    filled = [(title, lines) for title, lines in sheets if len(lines) > 1] or sheets[:1]
    return [_sheet(".xlsx", lines, title) for title, lines in filled]


def first_look(data: bytes) -> None:
    """ImportFileError for what is no table at all, without reading its rows."""
    if not data.strip():
        raise ImportFileError(_("The file is empty."))
    if data.startswith(ZIP):
        xlsx_format.check_archive(data)
    else:
        _refuse_old_office(data)
        csv_format.decoded(data)


def write_workbook(sheets: Mapping[str, tuple[list[str], list[list[str]]]]) -> bytes:
    """A workbook of several sheets: title -> headings and rows."""
    return xlsx_format.write_all({title: [headings, *rows] for title, (headings, rows) in sheets.items()})


def write_sheet(suffix: str, headings: list[str], rows: Iterable[list[str]]) -> bytes:
    """A file of the format that ``suffix`` names; read again it has the same cells."""
    if suffix == ".xlsx":
        return xlsx_format.write([headings, *rows])
    return csv_format.write([headings, *rows])


def _refuse_old_office(data: bytes) -> None:
    if not data.startswith(OLD_OFFICE):
        return
    if ENCRYPTED in data:
        raise ImportFileError(_("The file is protected by a password. Save it without one and import that."))
    raise ImportFileError(_("This is an old Excel file (.xls). Open it, save it as .xlsx, and import that."))


def read_contents(path: Path) -> bytes:
    """The bytes of a table; ImportFileError for what cannot be read, or is too large."""
    try:
        if path.stat().st_size > BYTES_MOST:
            most = BYTES_MOST // 1_000_000
            raise ImportFileError(_("The file is larger than %(most)s MB. Split it.") % {"most": most})
        data = path.read_bytes()
    except FileNotFoundError:
        raise ImportFileError(_("There is no file %(path)s.") % {"path": path}) from None
    except OSError as error:
        raise ImportFileError(
            _("The file %(path)s cannot be read: %(reason)s.") % {"path": path, "reason": error.strerror}
        ) from None
    return data


def _sheet(suffix: str, lines: list[Line], title: str = "") -> Sheet:
    if not lines:
        raise ImportFileError(_("The file is empty."))
    if len(lines) == 1:
        raise ImportFileError(_("The file has no rows below the headings."))
    if len(lines) == LINES_MOST:
        raise ImportFileError(_("The file has more than %(most)s rows. Split it.") % {"most": ROWS_MOST})
    return Sheet(suffix, lines[0].cells, lines[1:], title)
