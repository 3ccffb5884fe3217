"""Tables as files that are safe to open in Excel, written row by row."""

import csv
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any
from xml.sax.saxutils import escape

# Excel takes such a cell of a CSV file for a formula. An apostrophe before it makes it text; one that stood
# there already gets a second one, so that reading can always take exactly one away.
FORMULA = re.compile(r"'*[=+\-@\t\r]")

# By which Excel recognises UTF-8.
BOM = b"\xef\xbb\xbf"

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

LONGEST_CELL = 32_767
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# Everything in a workbook of one sheet but the sheet itself. Number format 49 is text.
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KINDS}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KINDS}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{KINDS}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class _Echo:
    """What csv writes into: it hands back what it is given."""

    def write(self, text: str) -> str:
        return text


def safe_cell(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def csv_chunks(rows: Iterable[list[str]]) -> Iterator[bytes]:
    """CSV as it goes over the wire, a row at a time."""
    writer = csv.writer(_Echo())
    yield BOM
    for row in rows:
        text: Any = writer.writerow([safe_cell(cell) for cell in row])
        yield text.encode(errors="replace")


def xlsx_file(rows: Iterable[list[str]]) -> IO[bytes]:
    """Every cell as text, so that Excel neither calculates nor shortens anything.

    Written by hand: a hundred thousand rows take seconds so, and no memory.
    """
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the answer that sends it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in PARTS.items():
            archive.writestr(name, HEAD + text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for row in rows:
                sheet.write(f"<row>{''.join(map(_cell, row))}</row>".encode())
            sheet.write(b"</sheetData></worksheet>")
    file.seek(0)
    return file


def _cell(text: str) -> str:
    kept = escape(NOT_IN_XML.sub("", text)[:LONGEST_CELL], {"\r": "&#13;"})
    return f'<c s="1" t="inlineStr"><is><t xml:space="preserve">{kept}</t></is></c>'
