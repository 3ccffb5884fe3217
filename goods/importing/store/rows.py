"""One row of a table of products or of SKUs: which values it sets, and what in it cannot be read."""

import contextlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from goods.importing.errors import CellError
from goods.importing.finding import Problems
from goods.importing.prices import read_price
from goods.importing.rows import refuse_excel_error
from goods.importing.store.images import Images
from goods.importing.store.lookup import Lookup
from goods.importing.store.prices import PriceCells, price_values
from goods.models import Sku, Spu
from goods.store.choices import NO_BRAND
from goods.store.rules import SKU_CODE_MOST

STOCK = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0+)?[件个只条台部双]?")
PAIR = re.compile(r"\s*[:=]\s*")
PAIRS = re.compile(r"[;,|\n、]+")
NAMES = ("key", "name", "attr_key")
VALUES = ("value", "attr_value")


@dataclass
class Wanted:
    """What a row wants its record to be.

    ``problems`` keep the row out; with ``doubts`` a new product becomes a draft to correct; ``notes`` only
    tell. The first two are pairs of field and text.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problems: Problems = field(default_factory=list)
    doubts: Problems = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """What cannot be read is a problem of the row."""
        try:
            yield
        except CellError as error:
            self.problems.append((error.field, error.text))

    def take(self, name: str, cells: dict[str, str], read: Callable[[str], Any] = str) -> None:
        if name in cells:
            with self.reading():
                self.values[name] = read(cells[name])


def read_product(cells: dict[str, str], spu: Spu, lookup: Lookup, images: Images | None) -> Wanted:
    """The fields of a product; its own price and stock are not among them.

    An empty cell leaves a field as it is. Without ``images`` only links to pictures count.
    """
    wanted = Wanted()
    _refuse_errors(wanted, cells)
    for name in ("title", "sub_title", "model_name"):
        wanted.take(name, cells)
    _read_category(wanted, cells, spu, lookup)
    _read_brand(wanted, cells, spu, lookup)
    _read_template(wanted, cells, spu, lookup)
    if images is not None and not wanted.problems:
        number = cells["product_no"]
        with wanted.reading():
            if found := images.several("head_imgs", cells.get("head_imgs", ""), number):
                wanted.values["head_imgs"] = found
        with wanted.reading():
            if found := images.several("desc_imgs", cells.get("desc_imgs", ""), ""):
                wanted.values["desc_imgs"] = found
    return wanted


def read_own_sku(cells: dict[str, str], known: Sku | None) -> Wanted:
    """Price and stock of a product that has no SKUs but the one that these make."""
    wanted = Wanted()
    _read_prices(wanted, cells, known)
    wanted.take("stock", cells, read_stock)
    return wanted


def read_sku(
    cells: dict[str, str], attrs: list[list[str]], known: Sku | None, images: Images | None
) -> Wanted:
    """The fields of a SKU; ``attrs`` are those that have columns of their own."""
    wanted = Wanted()
    _refuse_errors(wanted, cells)
    _read_prices(wanted, cells, known)
    wanted.take("stock", cells, read_stock)
    wanted.take("barcode", cells)
    with wanted.reading():
        if pairs := [*(read_attrs(cells["attrs"]) if "attrs" in cells else []), *attrs]:
            wanted.values["attrs"] = pairs
    code = cells["sku_code"]
    if known is None and len(code) <= SKU_CODE_MOST:
        wanted.values["sku_code"] = code
    if known is not None and known.removed:
        wanted.values["removed"] = False
    if known is not None and known.stock_change is not None and wanted.values.get("stock") != known.stock:
        wanted.values["stock_change"] = None
    if images is not None and not wanted.problems:
        with wanted.reading():
            if picture := images.one("picture", cells.get("picture", ""), code):
                wanted.values["picture"] = picture
    return wanted


def read_stock(text: str) -> int:
    match = STOCK.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    if match is None:
        raise CellError(
            "stock", _("“%(text)s” is not a number of pieces. Write it as 100.") % {"text": text[:40]}
        )
    return int(match[1].replace(",", ""))


def read_attrs(text: str) -> list[list[str]]:
    """Pairs of name and value from [{"key": "颜色", "value": "黑色"}, …] or 颜色:黑色;容量:32G."""
    plain = text.strip()
    pairs = _of_json(plain) if plain.startswith(("[", "{")) else _of_text(plain)
    if pairs is None:
        raise CellError(
            "attrs",
            _("“%(text)s” cannot be read. Write attributes as 颜色:黑色;尺码:M, or give each a column.")
            % {"text": text[:40]},
        )
    return pairs


def _of_text(text: str) -> list[list[str]] | None:
    parts = [part.strip() for part in PAIRS.split(unicodedata.normalize("NFKC", text)) if part.strip()]
    pairs = [PAIR.split(part, maxsplit=1) for part in parts]
    return pairs if all(len(pair) == 2 and all(pair) for pair in pairs) else None


def _of_json(text: str) -> list[list[str]] | None:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(rows, dict):
        rows = [{"key": key, "value": value} for key, value in rows.items()]
    pairs = [_pair(row) for row in rows]
    return [pair for pair in pairs if pair] if all(pairs) else None


def _pair(row: Any) -> list[str]:
    if not isinstance(row, dict):
        return []
    name = next((row[key] for key in NAMES if key in row), None)
    value = next((row[key] for key in VALUES if key in row), None)
    if not isinstance(name, str) or not isinstance(value, str | int | float):
        return []
    return [name.strip(), str(value).strip()]


def _read_prices(wanted: Wanted, cells: dict[str, str], known: Sku | None) -> None:
    found: dict[str, Any] = {}
    for name, kind in (
        ("sale_price", "price"),
        ("promotion_price", "promotion"),
        ("original_price", "original"),
    ):
        with wanted.reading():
            if name in cells:
                found[kind] = read_price(name, cells[name])
    if not wanted.problems:
        with wanted.reading():
            wanted.values |= price_values(PriceCells(**found), known)


def _read_category(wanted: Wanted, cells: dict[str, str], spu: Spu, lookup: Lookup) -> None:
    """A text that is no category keeps no product out, and takes none from it."""
    if "category" not in cells:
        return
    try:
        wanted.values["cats"] = lookup.categories.find(cells["category"])
    except CellError as error:
        if not spu.cats:
            wanted.doubts.append((error.field, error.text))


def _read_brand(wanted: Wanted, cells: dict[str, str], spu: Spu, lookup: Lookup) -> None:
    """A brand counts if WeChat has granted it for the category."""
    cats = wanted.values.get("cats") or spu.cats
    if "brand" not in cells or not cats:
        return
    if brand_id := lookup.brands.find(cells["brand"], cats):
        wanted.values["brand_id"] = brand_id
    elif spu.brand_id == NO_BRAND:
        wanted.notes.append(
            _("The brand “%(brand)s” is not granted for this category: imported without a brand.")
            % {"brand": cells["brand"][:40]}
        )


def _read_template(wanted: Wanted, cells: dict[str, str], spu: Spu, lookup: Lookup) -> None:
    if "freight_template" in cells:
        try:
            wanted.values["freight_template"] = lookup.template(cells["freight_template"])
        except CellError as error:
            wanted.doubts.append((error.field, error.text))
    elif spu.pk is None and (usual := lookup.usual_template()):
        wanted.values["freight_template"] = usual


def _refuse_errors(wanted: Wanted, cells: dict[str, str]) -> None:
    for name, text in cells.items():
        with wanted.reading():
            refuse_excel_error(FIELDS.get(name, name), text)


# Cells whose fields have another name.
FIELDS = {"category": "cats", "brand": "brand_id", "sku_code": "out_sku_id"}
