"""Cover pictures that come with a table: which one a row means, and whether it can be used."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from django.utils.translation import gettext as _

from goods.importing.errors import CellError
from goods.models import LiveGoods
from goods.pictures import BYTES_MOST, usable_suffix


class Pictures(Protocol):
    """Where the pictures are. Both methods raise CellError."""

    def find(self, text: str, number: str) -> str:
        """The picture that a row means by its cell, or else by its product number; "" if it means none."""

    def read(self, source: str) -> bytes:
        """A picture by what ``find`` returned. One at a time: together they may not fit into memory."""


@dataclass(frozen=True)
class Cover:
    """A picture that can be used. ``filename`` is made of its content; ``source`` is how it is read again."""

    source: str
    filename: str
    digest: str = ""


class Folder:
    """Pictures in the folder of a table, or below it."""

    def __init__(self, path: Path) -> None:
        self.root = path.resolve()

    def find(self, text: str, number: str) -> str:
        return text

    def read(self, source: str) -> bytes:
        try:
            path = (self.root / source.replace("\\", "/")).resolve()
            if not path.is_relative_to(self.root):
                raise CellError(
                    "cover",
                    _("The picture has to be in the folder of the imported file: %(path)s")
                    % {"path": source},
                )
            if not path.is_file():
                raise CellError(
                    "cover",
                    _("There is no such picture in the folder of the imported file: %(path)s")
                    % {"path": source},
                )
            if path.stat().st_size > BYTES_MOST:
                raise too_large(source)
            return path.read_bytes()
        except OSError as error:
            raise CellError(
                "cover",
                _("The picture %(path)s cannot be read: %(reason)s")
                % {"path": source, "reason": error.strerror},
            ) from None


class Covers:
    """The covers of one file. A picture is looked at once, which takes a while for a large one."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures
        self._seen: dict[str, Cover | CellError] = {}

    def wanted(self, text: str, number: str, goods: LiveGoods | None) -> Cover | None:
        """What a row brings; None if that is nothing, or what the record has; CellError if it is no use."""
        # An exported list names the picture that the record has.
        if goods is not None and text == goods.cover.name:
            text = ""
        source = self.pictures.find(text, number)
        if not source:
            return None
        cover = self.look(source)
        # Named by its content: the next import recognises it without reading the stored file.
        stored = PurePosixPath(goods.cover.name or "").name if goods is not None else ""
        return None if stored.startswith(PurePosixPath(cover.filename).stem) else cover

    def look(self, source: str) -> Cover:
        if source not in self._seen:
            try:
                self._seen[source] = usable(source, self.pictures.read(source))
            except CellError as error:
                self._seen[source] = error
        found = self._seen[source]
        if isinstance(found, CellError):
            raise found
        return found


def usable(source: str, data: bytes) -> Cover:
    suffix = usable_suffix(io.BytesIO(data))
    if not suffix:
        raise CellError(
            "cover",
            _("%(path)s is no picture that can be used. Choose a JPEG or PNG file.") % {"path": source},
        )
    digest = hashlib.sha256(data).hexdigest()
    return Cover(source, digest[:20] + suffix, digest)


def too_large(source: str) -> CellError:
    return CellError("cover", _("The picture is larger than 10 MB: %(path)s") % {"path": source})
