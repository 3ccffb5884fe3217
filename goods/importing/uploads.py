"""An upload as a worker needs it: its table, the pictures beside it, and those that were stored."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from goods.importing.archive import Packed, opened
from goods.importing.covers import usable
from goods.importing.errors import CellError, ImportFileError
from goods.importing.sheet import Sheet, parse_sheet, read_sheet
from goods.models import ImportRow, LiveGoods
from goods.pictures import make_thumbnail, thumbnail_name


@contextlib.contextmanager
def pictures_of(path: Path) -> Iterator[Packed | None]:
    """The pictures of an upload; None if it is a table only."""
    if path.suffix != ".zip":
        yield None
        return
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
        except OSError:
            raise ImportFileError(_("There is no file %(path)s.") % {"path": path.name}) from None
        archive = stack.enter_context(opened(file, path.name))
        yield Packed(archive) if archive else None


def upload_sheet(path: Path, pictures: Packed | None) -> Sheet:
    return parse_sheet(pictures.archive.table()) if pictures else read_sheet(path)


@dataclass
class SavedCovers:
    """Pictures of some rows, stored before the rows are: name or problem by the row's number."""

    names: dict[int, str] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)

    def save(self, row: ImportRow, pictures: Packed) -> None:
        source = row.changes["cover"][1]
        try:
            data = pictures.read(source)
            cover: Any = LiveGoods._meta.get_field("cover")
            name = cover.generate_filename(None, usable(source, data).filename)
        except CellError as error:
            self.problems[row.number] = error.text
            return
        self.names[row.number] = name = cover.storage.save(name, ContentFile(data), cover.max_length)
        make_thumbnail(cover.storage, name)

    def remove_unused(self) -> None:
        cover: Any = LiveGoods._meta.get_field("cover")
        for number in set(self.names) - self.used:
            name = self.names.pop(number)
            cover.storage.delete(name)
            cover.storage.delete(thumbnail_name(name))


@contextlib.contextmanager
def saved_covers(rows: Iterable[ImportRow], pictures: Packed | None) -> Iterator[SavedCovers]:
    """Pictures take a while: they are stored before the transaction of the rows. What is not used goes."""
    covers = SavedCovers()
    try:
        if pictures:
            for row in rows:
                if "cover" in row.changes:
                    covers.save(row, pictures)
        yield covers
    except BaseException:
        covers.used.clear()
        raise
    finally:
        covers.remove_unused()
