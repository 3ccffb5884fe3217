"""Cover pictures that a file names: files in its own folder, or below it."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from goods.importing.errors import CellError
from goods.models import LiveGoods
from goods.pictures import BYTES_MOST, usable_suffix


@dataclass(frozen=True)
class Cover:
    filename: str
    data: bytes


def find_cover(folder: Path, text: str, goods: LiveGoods | None) -> Cover | None:
    """The picture that a cell names; None if the record has it already, CellError if it is none."""
    data = _contents(folder, text)
    # Named by its content: the next import recognises it without reading the stored file.
    digest = hashlib.sha256(data).hexdigest()[:20]
    if goods is not None and PurePosixPath(goods.cover.name or "").name.startswith(digest):
        return None
    return Cover(digest + _suffix(data, text), data)


def _contents(folder: Path, text: str) -> bytes:
    root = folder.resolve()
    try:
        path = (root / text.replace("\\", "/")).resolve()
        if not path.is_relative_to(root):
            raise CellError(
                "cover",
                _("The picture has to be in the folder of the imported file: %(path)s") % {"path": text},
            )
        if not path.is_file():
            raise CellError(
                "cover",
                _("There is no such picture in the folder of the imported file: %(path)s") % {"path": text},
            )
        if path.stat().st_size > BYTES_MOST:
            raise CellError("cover", _("The picture is larger than 10 MB: %(path)s") % {"path": text})
        return path.read_bytes()
    except OSError as error:
        raise CellError(
            "cover",
            _("The picture %(path)s cannot be read: %(reason)s") % {"path": text, "reason": error.strerror},
        ) from None


def _suffix(data: bytes, text: str) -> str:
    suffix = usable_suffix(io.BytesIO(data))
    if not suffix:
        raise CellError(
            "cover", _("%(path)s is no picture that can be used. Choose a JPEG or PNG file.") % {"path": text}
        )
    return suffix
