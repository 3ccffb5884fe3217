"""Which column of a table is which field: the headings we know, in Chinese and English."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _

from goods.importing.errors import ImportFileError
from goods.importing.lines import Line
from goods.importing.sheet import Sheet
from goods.models import LiveGoods

# In the order of preference where a file has several: a product_sn is not always unique.
HEADINGS = {
    "product_no": (
        "product_no", "商品编号", "商品货号", "货号", "product_id", "product_sn",
    ),
    "name": ("name", "商品名称", "名称"),
    "price_type": ("price_type", "价格类型"),
    "price": ("price", "价格", "price_yuan"),
    "price2": ("price2", "价格2"),
    "original_price": ("original_price_yuan", "原价", "original_price"),
    "url": ("url", "path", "页面路径", "小程序路径"),
    "third_party_appid": ("third_party_appid", "小程序appid"),
    "cover": ("cover", "封面", "图片"),
}  # fmt: skip
NOTE_HEADINGS = ("what to do", "怎么改")

# Not part of the heading: spaces, marks, and a unit that is the one we mean anyway.
DECORATION = re.compile(r"\((元|yuan|rmb|¥|必填|选填)\)|[\s_*:]|\ufeff")
# What makes a column one of an attribute, whatever its name.
ATTRIBUTE = re.compile(r"(?:规格|属性|attr|attribute)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """The columns that one kind of table may have: their fields, and under which headings.

    ``record`` has the fields, of which ``names`` are called otherwise there; "" is no field at all.
    ``attributes`` are headings of columns that hold an attribute of their own.
    """

    headings: Mapping[str, tuple[str, ...]]
    record: type[models.Model]
    names: Mapping[str, str] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()

    def labels(self, name: str) -> list[str]:
        """The field's name on our pages, by which an exported list calls the column."""
        own = self.names.get(name, name)
        if not own:
            return []
        return in_every_language(lambda: str(self.record._meta.get_field(own).verbose_name))  # type: ignore[union-attr]

    def keys(self, name: str) -> list[str]:
        return [heading_key(heading) for heading in (*self.headings[name], *self.labels(name))]


GOODS = Layout(HEADINGS, LiveGoods, {"original_price": ""})


@dataclass(frozen=True)
class Columns:
    """Where each field stands in a row; ``attributes`` are columns by the attribute that they hold."""

    places: dict[str, int]
    notes: set[int]
    ignored: list[str] = field(default_factory=list)
    headed: set[int] = field(default_factory=set)
    attributes: dict[str, int] = field(default_factory=dict)

    def cells(self, line: Line) -> dict[str, str]:
        """The row's cells that are not empty, by field."""
        found = {name: line.cell(place).strip() for name, place in self.places.items()}
        return {name: text for name, text in found.items() if text}

    def stray(self, line: Line) -> str:
        """The first text of the row that stands below no heading."""
        texts = (text.strip() for index, text in enumerate(line.cells) if index not in self.headed)
        return next((text for text in texts if text), "")


def note_heading() -> str:
    """The heading of the column in which a fix-only file says what is wrong."""
    return _("what to do")


def match_columns(sheet: Sheet, layout: Layout = GOODS) -> Columns:
    """Find the fields among the headings; ImportFileError if there is nothing to import by."""
    keys = [heading_key(heading) for heading in sheet.headings]
    places = {}
    for name in layout.headings:
        if known := [key for key in layout.keys(name) if key in keys]:
            places[name] = keys.index(known[0])
    _check(sheet, places)
    note_keys = _note_keys()
    notes = {index for index, key in enumerate(keys) if key in note_keys}
    attributes = _attributes(sheet, layout, {*places.values(), *notes})
    used = {*places.values(), *notes, *attributes.values()}
    ignored = [
        heading.strip() for index, heading in enumerate(sheet.headings) if keys[index] and index not in used
    ]
    headed = {index for index, key in enumerate(keys) if key}
    return Columns(places, notes, ignored, headed, attributes)


def _attributes(sheet: Sheet, layout: Layout, used: set[int]) -> dict[str, int]:
    """The columns of attributes by name: a known one, or any that says so, as in 规格:香型."""
    known = {heading_key(name) for name in layout.attributes}
    found: dict[str, int] = {}
    for index, heading in enumerate(sheet.headings if layout.attributes else []):
        text = unicodedata.normalize("NFKC", heading).strip()
        marked = ATTRIBUTE.match(text)
        name = text[marked.end() :].strip() if marked else text
        if index not in used and name and (marked or heading_key(text) in known):
            found.setdefault(name, index)
    return found


def _check(sheet: Sheet, places: dict[str, int]) -> None:
    found = ", ".join(heading.strip() for heading in sheet.headings if heading.strip())
    if "product_no" not in places:
        raise ImportFileError(
            _(
                "No column for the product number. Name it product_no or 商品编号. "
                "The first row has: %(headings)s."
            )
            % {"headings": found[:300]}
        )
    if len(places) == 1:
        raise ImportFileError(
            _("Besides the product number there is no column to import. The first row has: %(headings)s.")
            % {"headings": found[:300]}
        )


def heading_key(heading: str) -> str:
    """What is left of a heading when it is compared."""
    return DECORATION.sub("", unicodedata.normalize("NFKC", heading).casefold())


def _note_keys() -> set[str]:
    headings = {*NOTE_HEADINGS, *in_every_language(note_heading)}
    return {heading_key(heading) for heading in headings}


def in_every_language(text: Callable[[], str]) -> list[str]:
    """The file may have been written in another language."""
    texts = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            texts.append(text())
    return texts
