"""Prices of products and SKUs in a table: what buyers pay, and what is crossed out beside it.

``price`` is what buyers pay, unless a promotion price below it is; ``original`` is what is crossed out.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from goods.importing.errors import CellError
from goods.models import Sku


@dataclass(frozen=True)
class PriceCells:
    """What a row says about the price; None where it says nothing."""

    price: Decimal | None = None
    promotion: Decimal | None = None
    original: Decimal | None = None


def price_values(cells: PriceCells, known: Sku | None) -> dict[str, Decimal | None]:
    """The price fields that a row sets; ``known`` is the SKU as it is, if there is one.

    What the row leaves open stays as it is. A market price that is not above the selling price says nothing.
    """
    if cells == PriceCells():
        return {}
    market = known.market_price if known else None
    usual = cells.price
    if usual is None and known is not None:
        usual = known.sale_price if cells.promotion is None else market or known.sale_price
    if cells.promotion is not None and (usual is None or cells.promotion < usual):
        sale, crossed_out = cells.promotion, (cells.original, usual)
    elif usual is not None:
        sale, crossed_out = usual, (cells.original, market if cells.original is None else None)
    else:
        raise CellError("sale_price", _("Enter the present price beside the original price."))
    above = [price for price in crossed_out if price is not None and price > sale]
    return {"sale_price": sale, "market_price": above[0] if above else None}
