"""One row of a file: which values it sets, and what in it cannot be read."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from goods.importing.columns import Columns
from goods.importing.covers import Cover, Covers
from goods.importing.errors import CellError
from goods.importing.lines import Line
from goods.importing.prices import PriceCells, price_values, read_kind, read_price
from goods.models import LiveGoods

PRICES = ("price_type", "price", "price2")
URL_TEMPLATE = "pages/goods/detail?id={product_no}"

# Excel shows long numbers so, and writes them so into a CSV file: their digits are lost.
SHORTENED = re.compile(r"[0-9](\.[0-9]+)?e\+[0-9]+", re.IGNORECASE)
EXCEL_ERRORS = {"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!"}


@dataclass
class Wanted:
    """What a row wants its record to be. ``problems`` are pairs of field and text."""

    values: dict[str, Any] = field(default_factory=dict)
    cover: Cover | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)

    def apply_to(self, goods: LiveGoods) -> list[str]:
        """Set the values; returns the fields that are different now. The cover is only named."""
        changed = [name for name, value in self.values.items() if _stripped(getattr(goods, name)) != value]
        for name in changed:
            setattr(goods, name, self.values[name])
        return [*changed, "cover"] if self.cover else changed

    def unread(self) -> set[str]:
        """Fields about which nothing can be said, since their cell cannot be read."""
        fields = {name for name, _text in self.problems}
        return fields | set(PRICES) if fields & {*PRICES, "original_price"} else fields


def read_number(cells: dict[str, str]) -> str:
    """The product number, by which everything is found again; CellError without a trustworthy one."""
    number = cells.get("product_no", "")
    if not number:
        raise CellError("product_no", _("Enter the product number."))
    trust("product_no", number)
    return number


def trust(field: str, number: str) -> None:
    """CellError for a number that Excel has spoilt."""
    refuse_excel_error(field, number)
    if SHORTENED.fullmatch(number):
        raise CellError(
            field,
            _(
                "Excel has shortened this number (%(text)s). "
                "Format the column as text and enter the number again."
            )
            % {"text": number},
        )


def refuse_stray(columns: Columns, line: Line) -> None:
    """CellError for text that stands below no heading."""
    if stray := columns.stray(line):
        raise CellError(
            "",
            _(
                "“%(text)s” stands below no heading. If a comma divided a text, put the text in "
                "quotation marks; otherwise give the column a heading."
            )
            % {"text": stray[:40]},
        )


def same_number(row: int) -> CellError:
    """Another row has this product number already."""
    return CellError(
        "product_no",
        _("Row %(row)s has the same product number. Change the number, or remove one of the two rows.")
        % {"row": row},
    )


def read_row(
    cells: dict[str, str], goods: LiveGoods | None, covers: Covers | None, url_template: str
) -> Wanted:
    """An empty cell leaves the field of a record as it is; a new record gets a page path by the template.

    Without ``covers`` the pictures that cells name are left out.
    """
    wanted = Wanted()
    for name in ("name", "url", "third_party_appid"):
        if name in cells:
            wanted.values[name] = cells[name]
    if "url" not in cells and goods is None:
        wanted.values["url"] = url_template.replace("{product_no}", quote(cells["product_no"], safe=""))
    for name, text in cells.items():
        try:
            refuse_excel_error(name, text)
        except CellError as error:
            wanted.problems.append((error.field, error.text))
    if not wanted.problems:
        _read_prices(wanted, cells, goods)
        if covers is not None:
            _read_cover(wanted, cells, goods, covers)
    return wanted


def _read_prices(wanted: Wanted, cells: dict[str, str], goods: LiveGoods | None) -> None:
    found: dict[str, Any] = {}
    try:
        if "price_type" in cells:
            found["kind"] = read_kind(cells["price_type"])
    except CellError as error:
        wanted.problems.append((error.field, error.text))
    for name in ("price", "price2", "original_price"):
        try:
            if name in cells:
                found[name] = read_price(name, cells[name])
        except CellError as error:
            wanted.problems.append((error.field, error.text))
    if wanted.problems:
        return
    try:
        original = found.pop("original_price", None)
        wanted.values |= price_values(PriceCells(**found, original=original), goods)
    except CellError as error:
        wanted.problems.append((error.field, error.text))


def _read_cover(wanted: Wanted, cells: dict[str, str], goods: LiveGoods | None, covers: Covers) -> None:
    try:
        wanted.cover = covers.wanted(cells.get("cover", ""), cells["product_no"], goods)
    except CellError as error:
        wanted.problems.append((error.field, error.text))


def _stripped(value: Any) -> Any:
    """Cells are read without the spaces around them, so those make no difference."""
    return value.strip() if isinstance(value, str) else value


def refuse_excel_error(name: str, text: str) -> None:
    if text in EXCEL_ERRORS:
        raise CellError(
            name,
            _("Excel could not calculate this cell (%(text)s). Write the value itself.") % {"text": text},
        )
