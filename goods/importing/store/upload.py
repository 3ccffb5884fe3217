"""An upload of products and SKUs, opened: its one or two tables, and their rows together by product."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from goods.importing.archive import Archive, Packed
from goods.importing.covers import Pictures
from goods.importing.finding import Finding, SheetTable
from goods.importing.sheet import Sheet, parse_sheets, read_contents
from goods.importing.store.checker import Checker
from goods.importing.store.groups import Group
from goods.importing.store.images import LINK, Images
from goods.importing.store.layouts import tables_of
from goods.models import ImportRun
from shopadmin.wechat.models import Account


def open_upload(run: ImportRun, pictures: Packed | None) -> "StoreWork":
    """ImportFileError if it is no list of products, of SKUs, or one of each."""
    sheets: list[tuple[str, Sequence[Sheet]]] = []
    if pictures:
        sheets += sheets_of_archive(pictures.archive)
    else:
        sheets.append((run.filename, sheets_of(Path(run.file.path))))
    if run.second_file:
        sheets.append((run.second_filename, sheets_of(Path(run.second_file.path))))
    return StoreWork(run.account, tables_of(sheets), pictures)


def sheets_of_archive(archive: Archive) -> list[tuple[str, list[Sheet]]]:
    names = archive.table_names() or [archive.table_name()]  # which says that there is none
    return [(name, parse_sheets(archive.read_table(name))) for name in names]


def sheets_of(path: Path) -> list[Sheet]:
    return parse_sheets(read_contents(path))


class StoreWork:
    """The rows of an upload; a part is some of its products, each with all its rows."""

    def __init__(self, account: Account, tables: Sequence[SheetTable], pictures: Pictures | None) -> None:
        self.tables = tables
        self.count = sum(len(table.sheet.lines) for table in tables)
        self.ignored = list(dict.fromkeys(chain.from_iterable(map(_ignored, tables))))
        if pictures is None:
            self.ignored += [heading for table in tables for heading in _files_named(table)]
        self.images = Images(account, pictures)
        self.checker = Checker(account, tables, self.images)

    def parts(self, start: int, most: int) -> Iterator[list[Group]]:
        part: list[Group] = []
        position = 0
        for group in self.checker.groups:
            position += len(group)
            if position <= start:
                continue
            part.append(group)
            if sum(map(len, part)) >= most:
                yield part
                part = []
        if part:
            yield part

    def look_at_pictures(self, part: Iterable[Group]) -> None:
        self.checker.look_at_pictures(part)

    def check(self, part: Sequence[Group]) -> list[Finding]:
        return self.checker.check(part)


def _ignored(table: SheetTable) -> list[str]:
    return table.columns.ignored


def _files_named(table: SheetTable) -> list[str]:
    """Headings of columns that name files, which only a ZIP file brings."""
    found = []
    for name in ("head_imgs", "desc_imgs", "picture"):
        place = table.columns.places.get(name)
        cells = (line.cell(place).strip() for line in table.sheet.lines) if place is not None else ()
        if place is not None and any(cell and not LINK.fullmatch(cell) for cell in cells):
            found.append(table.sheet.headings[place].strip())
    return found
