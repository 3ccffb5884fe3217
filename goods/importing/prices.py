"""Prices of a file: how people write them, and which of WeChat's three kinds they mean.

Without a kind, ``price`` is what buyers pay and ``original_price`` what is crossed out. With a kind,
``price`` and ``price2`` are those of the record (for a discount: original and present price).
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from goods.importing.columns import in_every_language
from goods.importing.errors import CellError
from goods.live.choices import PriceType
from goods.models import LiveGoods

DECIMALS = 2
NUMBER = re.compile(r"(?:¥|rmb|cny)?(-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(?:元|yuan|rmb|cny)?")
KINDS = {
    "1": PriceType.FIXED, "一口价": PriceType.FIXED, "固定价格": PriceType.FIXED, "fixed": PriceType.FIXED,
    "2": PriceType.RANGE, "价格区间": PriceType.RANGE, "range": PriceType.RANGE,
    "3": PriceType.DISCOUNT, "折扣价": PriceType.DISCOUNT, "显示折扣价": PriceType.DISCOUNT,
    "discount": PriceType.DISCOUNT,
}  # fmt: skip

Values = dict[str, int | Decimal | None]


@dataclass(frozen=True)
class PriceCells:
    """What a row says about the price; None where it says nothing."""

    kind: PriceType | None = None
    price: Decimal | None = None
    price2: Decimal | None = None
    original: Decimal | None = None


def read_price(field: str, text: str) -> Decimal:
    """Yuan from ¥1,299.00, 1299元, １２９９ and the like; CellError at the field otherwise."""
    match = NUMBER.fullmatch(_plain(text))
    if match is None:
        raise CellError(
            field,
            _("“%(text)s” is not a price. Write yuan as a number, such as 1299.00.") % {"text": text[:40]},
        )
    number = match[1].replace(",", "")
    if number.startswith("-"):
        raise CellError(field, _("A price cannot be negative."))
    if len(number.partition(".")[2]) > DECIMALS:
        raise CellError(field, _("A price has at most two decimals: “%(text)s”.") % {"text": text[:40]})
    return Decimal(number)


def read_kind(text: str) -> PriceType:
    """The kind of price from its number or its name."""
    kind = KINDS.get(_plain(text)) or _labelled().get(_plain(text))
    if kind is None:
        raise CellError(
            "price_type",
            _(
                "“%(text)s” is no kind of price: write 1 (one price), 2 (from – to) "
                "or 3 (original and present price)."
            )
            % {"text": text[:40]},
        )
    return kind


def price_values(cells: PriceCells, goods: LiveGoods | None) -> Values:
    """The price fields that a row sets; ``goods`` is the record as it is, if there is one."""
    if cells == PriceCells():
        return {}
    if cells.kind is not None:
        return _of_kind(cells, cells.kind, goods)
    if cells.price2 is not None:
        if cells.original is not None or goods is None or goods.price_type == PriceType.FIXED:
            raise CellError(
                "price_type",
                _("Two prices, but not of which kind: write 2 (from – to) or 3 (original and present)."),
            )
        return _given(price=cells.price, price2=cells.price2)
    if goods is not None and goods.price_type == PriceType.RANGE and cells.original is None:
        return _given(price=cells.price)
    return _by_original(cells, goods)


def _of_kind(cells: PriceCells, kind: PriceType, goods: LiveGoods | None) -> Values:
    price, price2 = cells.price, cells.price2
    if kind == PriceType.DISCOUNT and cells.original is not None:
        if price2 is None:
            price2 = price
        elif price not in (None, cells.original):
            raise CellError(
                "price", _("The original price stands there twice, and differently. Leave one empty.")
            )
        price = cells.original
    values = {"price_type": kind, **_given(price=price, price2=price2)}
    if kind == PriceType.FIXED:
        # Of one price the second is not in use: what stands there is no reason for a change.
        values["price2"] = goods.price2 if goods and goods.price_type == PriceType.FIXED else None
    return values


def _by_original(cells: PriceCells, goods: LiveGoods | None) -> Values:
    """What the row leaves open stays as it is; an original price above the present one makes a discount."""
    original, price = cells.original, cells.price
    if goods is not None and goods.price_type == PriceType.DISCOUNT:
        original = goods.price if original is None else original
        price = goods.price2 if price is None else price
    elif goods is not None and goods.price_type == PriceType.FIXED:
        price = goods.price if price is None else price
    if price is None:
        raise CellError("price", _("Enter the present price beside the original price."))
    if original is not None and original > price:
        return {"price_type": PriceType.DISCOUNT, "price": original, "price2": price}
    return {"price_type": PriceType.FIXED, "price": price, "price2": None}


def _given(**values: Decimal | None) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def _labelled() -> dict[str, PriceType]:
    """The kinds by their names on our pages, as an exported list has them."""
    return {
        _plain(label): kind
        for kind in PriceType
        for label in in_every_language(lambda kind=kind: str(kind.label))  # type: ignore[misc]
    }


def _plain(text: str) -> str:
    """Half-width, lower case, without spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()
