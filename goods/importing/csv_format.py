"""CSV as Excel writes and reads it in China: UTF-8 or GB18030, and no cell that Excel would calculate."""

import csv
import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from audits.tables import csv_chunks
from goods.importing.errors import ImportFileError
from goods.importing.lines import Line, numbered

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = ",;\t"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# See audits.tables.safe_cell, which puts one apostrophe there.
ESCAPED = re.compile(r"'+[=+\-@\t\r]")


def read(data: bytes, most: int) -> list[Line]:
    """The first ``most`` records that are not empty."""
    text = decoded(data)
    records = _records(text, _delimiter(text))
    try:
        return numbered(([_unescaped(cell) for cell in record] for record in records), most)
    except csv.Error:
        raise ImportFileError(
            _("Quotation marks do not come in pairs: see line %(line)s of the file, or the rows above it.")
            % {"line": records.line_num}
        ) from None


def write(rows: Iterable[list[str]]) -> bytes:
    """With the mark by which Excel recognises UTF-8, and no cell that Excel would calculate."""
    return b"".join(csv_chunks(rows))


def _unescaped(cell: str) -> str:
    return cell[1:] if ESCAPED.match(cell) else cell


def decoded(data: bytes) -> str:
    """The text of a file in any encoding that Excel writes in China; ImportFileError if it is none."""
    encodings = ("utf-16",) if data.startswith(UTF_16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ImportFileError(_("The file is neither CSV nor XLSX. Save it in Excel as .xlsx and import that."))


def _records(text: str, delimiter: str) -> "Reader":
    # strict: without it an unclosed quotation mark would swallow the rows below in silence.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _delimiter(text: str) -> str:
    """The one that divides the headings into the most cells."""

    def cells(delimiter: str) -> int:
        try:
            return next((len(record) for record in _records(text, delimiter) if any(record)), 0)
        except csv.Error:
            return 0

    return max(DELIMITERS, key=cells)
