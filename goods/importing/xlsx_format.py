"""XLSX: the cells of its sheets as the text that staff see in Excel."""

import contextlib
import datetime as dt
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from goods.importing.errors import ImportFileError
from goods.importing.lines import Line, numbered

UNPACKED_MOST = 100_000_000
# Excel keeps 15 digits of a number; what it shows after them is made up.
DIGITS_KEPT = 15
NOTE_WIDTH = 80

# What openpyxl raises for files that are damaged or something else.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, ParseError,
    KeyError, IndexError, ValueError, TypeError, AttributeError, EOFError, OSError, RuntimeError,
)  # fmt: skip


def read(data: bytes, most: int) -> list[Line]:
    """The first ``most`` rows of the first sheet that are not empty; a formula counts as its last result."""
    check_archive(data)
    with _told_in_one_sentence(), warnings.catch_warnings():
        # About styles and lists that are not read anyway.
        warnings.simplefilter("ignore")
        with _opened(data) as book:
            return numbered(_rows(book.worksheets[0]), most) if book.worksheets else []


def read_all(data: bytes, most: int) -> list[tuple[str, list[Line]]]:
    """The same of every sheet, with its title."""
    check_archive(data)
    with _told_in_one_sentence(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _opened(data) as book:
            return [(sheet.title, numbered(_rows(sheet), most)) for sheet in book.worksheets]


def check_archive(data: bytes) -> None:
    """ImportFileError if it is no workbook, or would fill the memory when unpacked."""
    with _told_in_one_sentence(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(info.file_size for info in archive.infolist()) > UNPACKED_MOST:
            raise ImportFileError(_("The file is too large when unpacked. Split it."))
        archive.getinfo("[Content_Types].xml")


@contextlib.contextmanager
def _told_in_one_sentence() -> Iterator[None]:
    try:
        yield
    except UNREADABLE:
        raise ImportFileError(
            _("The file is damaged or no Excel file. Open it in Excel, save it as .xlsx, and import that.")
        ) from None


def write(rows: Iterable[list[str]]) -> bytes:
    """Every cell as text, so that Excel neither calculates nor shortens anything; the last column is wide."""
    return write_all({"Sheet1": rows})


def write_all(sheets: Mapping[str, Iterable[list[str]]]) -> bytes:
    """The same with several sheets, by title."""
    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        lines = list(rows)
        sheet = book.create_sheet(title)
        sheet.column_dimensions[get_column_letter(len(lines[0]))].width = NOTE_WIDTH
        for line in lines:
            sheet.append([_text_cell(sheet, text) for text in line])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@contextlib.contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        yield book
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[list[str]]:
    # Some programs write a wrong size into the file; rows and cells beyond it would be lost.
    sheet.reset_dimensions()
    for row in sheet.iter_rows():
        yield [cell_text(cell.value, str(getattr(cell, "number_format", ""))) for cell in row]


def cell_text(value: object, number_format: str = "") -> str:
    """What Excel shows in a cell wide enough; a number of more digits than Excel keeps has an exponent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, number_format)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)


def _number(value: int | float, number_format: str) -> str:
    if abs(value) >= 10**DIGITS_KEPT:
        return f"{Decimal(value):.{DIGITS_KEPT - 1}E}"
    number = Decimal(f"{value:.{DIGITS_KEPT}g}")
    if number != number.to_integral_value():
        return f"{number:f}"
    # Product numbers with leading zeros are often numbers in a format such as 00000.
    width = len(number_format) if set(number_format) == {"0"} else 1
    return str(int(number)).zfill(width)


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.number_format = "@"
    # openpyxl has guessed a formula from a leading =.
    cell.data_type = "s"
    return cell
