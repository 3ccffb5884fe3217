"""A ZIP file with one table or two and the pictures. Nothing of it is unpacked onto the disk."""

import contextlib
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import IO, Self

from django.utils.translation import gettext as _

from goods.importing.covers import too_large
from goods.importing.errors import CellError, ImportFileError
from goods.pictures import BYTES_MOST

ENTRIES_MOST = 25_000
DIRECTORY_MOST = 8_000_000
UNPACKED_MOST = 400_000_000
TABLE_MOST = 20_000_000
# What a ZIP file ends with, the longest comment behind it, and what stands before it if it is of ZIP64.
END, END_SIZE, COMMENT_MOST, END_64, END_64_SIZE = b"PK\x05\x06", 22, 65_535, b"PK\x06\x07", 20

TABLES = {".csv", ".xlsx", ".xls"}
PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"}
WORKBOOK = "[Content_Types].xml"
# What macOS, Windows and Excel leave behind.
LITTER = re.compile(r"(^|/)(__macosx/|\.[^./]|~\$|thumbs\.db$|desktop\.ini$)")
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
UTF8_NAME, ENCRYPTED = 0x800, 0x1

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


class Archive:
    """The members of a ZIP file by name; ImportFileError for one that is damaged or a bomb."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            _check_directory(file)
            self._zip = zipfile.ZipFile(file)
        except UNREADABLE:
            raise ImportFileError(_("The ZIP file is damaged. Pack it again.")) from None
        self.is_workbook = WORKBOOK in self._zip.NameToInfo
        infos = [info for info in self._zip.infolist() if info.filename and not info.is_dir()]
        self._members = {
            name: info for name, info in zip(_names(infos), infos, strict=True) if _counts(name, info)
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self._zip.close()

    def names(self) -> list[str]:
        return list(self._members)

    def check(self) -> None:
        """ImportFileError for more than a worker should unpack, or what it cannot."""
        infos = self._zip.infolist()
        if len(infos) > ENTRIES_MOST:
            text = _("The ZIP file has more than %(most)s files. Divide it.")
            raise ImportFileError(text % {"most": ENTRIES_MOST})
        if sum(info.file_size for info in infos) > UNPACKED_MOST:
            raise ImportFileError(_("The ZIP file is too large when unpacked. Divide it."))
        if any(info.flag_bits & ENCRYPTED for info in infos):
            text = _("The ZIP file is protected by a password. Pack it again without one.")
            raise ImportFileError(text)
        if any(info.compress_type not in METHODS for info in infos):
            text = _("The ZIP file is packed in an unusual way. Pack it again with Windows or macOS itself.")
            raise ImportFileError(text)

    def table_names(self) -> list[str]:
        return [name for name in self._members if _suffix(name) in TABLES]

    def table_name(self) -> str:
        names = self.table_names()
        if not names:
            raise ImportFileError(_("There is no table in the ZIP file. Put one Excel or CSV file into it."))
        if len(names) > 1:
            text = _("There are several tables in the ZIP file: %(names)s. Leave one of them.")
            raise ImportFileError(text % {"names": ", ".join(sorted(names)[:5])})
        return names[0]

    def table(self) -> bytes:
        """The contents of the one table; ImportFileError if there is none, or another."""
        return self.read_table(self.table_name())

    def read_table(self, name: str) -> bytes:
        if self._members[name].file_size > TABLE_MOST:
            text = _("The table %(name)s is larger than %(most)s MB. Split it.")
            raise ImportFileError(text % {"name": name, "most": TABLE_MOST // 1_000_000})
        try:
            return self.read(name)
        except UNREADABLE:
            raise ImportFileError(_("The ZIP file is damaged. Pack it again.")) from None

    def size(self, name: str) -> int:
        return self._members[name].file_size

    def read(self, name: str) -> bytes:
        """A member; never more than it says it has. KeyError, or one of UNREADABLE."""
        with self._zip.open(self._members[name]) as member:
            return member.read(self._members[name].file_size + 1)


class Packed:
    """The pictures of an archive, found by path, by file name, or by the number of a product or a SKU."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        table = next(iter(archive.table_names()), "")
        self._folder = _path(table.rpartition("/")[0] + "/")
        self._by_path: dict[str, list[str]] = {}
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for name in archive.names():
            if _suffix(name) not in TABLES:
                self._note(name)

    def find(self, text: str, number: str) -> str:
        if not text:
            return _only(self._by_stem.get(_key(number), []), number)
        path = _path(text.replace("\\", "/"))
        name = path.rpartition("/")[2]
        for places, key in (
            (self._by_path, self._folder + path),
            (self._by_path, path),
            (self._by_name, name),
            (self._by_stem, name),
        ):
            if found := places.get(key):
                return _only(found, text)
        raise CellError("cover", _("There is no such picture in the ZIP file: %(path)s") % {"path": text})

    def read(self, source: str) -> bytes:
        try:
            if self.archive.size(source) > BYTES_MOST:
                raise too_large(source)
            return self.archive.read(source)
        except (*UNREADABLE, KeyError):
            raise CellError(
                "cover", _("The picture is damaged in the ZIP file: %(path)s") % {"path": source}
            ) from None

    def _note(self, path: str) -> None:
        name = path.rpartition("/")[2]
        self._by_path.setdefault(_path(path), []).append(path)
        self._by_name.setdefault(_key(name), []).append(path)
        if _suffix(name) in PICTURES:
            self._by_stem.setdefault(_key(PurePosixPath(name).stem), []).append(path)


@contextlib.contextmanager
def opened(file: IO[bytes], filename: str) -> Iterator[Archive | None]:
    """None for what is no archive of a table and pictures: a workbook is a ZIP file as well."""
    if _suffix(filename) != ".zip":
        yield None
        return
    with Archive(file) as archive:
        archive.check()
        yield None if archive.is_workbook else archive


def _check_directory(file: IO[bytes]) -> None:
    """The library reads the whole list of members at once, however long a crafted one claims to be."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END_SIZE - COMMENT_MOST - END_64_SIZE))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_SIZE:
        raise zipfile.BadZipFile
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    if length > DIRECTORY_MOST or tail[max(0, at - END_64_SIZE) : at].startswith(END_64):
        raise ImportFileError(
            _("The ZIP file has more than %(most)s files. Divide it.") % {"most": ENTRIES_MOST}
        )


def _names(infos: Iterable[zipfile.ZipInfo]) -> list[str]:
    """As whoever packed them saw them: Windows writes Chinese names in GBK, and says nothing about it."""
    raw = [_raw_name(info) for info in infos]
    # All of them tell more than one does: two characters of GBK may look like UTF-8.
    encoding = _encoding([name for name in raw if name is not None])
    texts = [
        info.filename if name is None else name.decode(encoding)
        for info, name in zip(infos, raw, strict=True)
    ]
    return [text.replace("\\", "/") for text in texts]


def _raw_name(info: zipfile.ZipInfo) -> bytes | None:
    """None if the library knows how to read it."""
    if info.flag_bits & UTF8_NAME:
        return None
    with contextlib.suppress(UnicodeEncodeError):
        return info.filename.encode("cp437")
    return None


def _encoding(names: list[bytes]) -> str:
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            for name in names:
                name.decode(encoding)
            return encoding
    return "cp437"


def _counts(name: str, info: zipfile.ZipInfo) -> bool:
    """A link's content is a path to somewhere else: it is neither a table nor a picture."""
    return not stat.S_ISLNK(info.external_attr >> 16) and not LITTER.search(name.casefold())


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _key(text: str) -> str:
    """What is written alike is meant alike: macOS takes letters with accents apart, and writes them so."""
    return unicodedata.normalize("NFKC", text).casefold()


def _path(text: str) -> str:
    return _key(text).removeprefix("./").lstrip("/")


def _only(found: list[str], text: str) -> str:
    if len(found) > 1:
        raise CellError(
            "cover",
            _("Several pictures in the ZIP file are called %(path)s. Leave one, or write the folder as well.")
            % {"path": text},
        )
    return found[0] if found else ""
