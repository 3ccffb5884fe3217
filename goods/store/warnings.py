"""What looks like a slip of the pen in products and SKUs. Nothing here forbids anything: staff decide."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from audits.operations import Text
from audits.planning import parts
from shopadmin.wechat.reading import as_decimal

if TYPE_CHECKING:
    from goods.models import Sku, Spu

# A digit too many or too few, or a comma in the wrong place, makes at least this factor.
JUMP = 10
# Half price, or half as much again, is more than an ordinary promotion: a second person looks at it.
LARGE = Decimal("0.5")
FEN = 100
# SKUs of one product whose prices are so far apart are hardly of one product.
APART = 20


def _prices(skus: Iterable["Sku"]) -> Iterator[tuple["Sku", Decimal | None, Decimal]]:
    """Each SKU with the selling price that WeChat has and ours, where they are not the same."""
    for sku in skus:
        old = as_decimal(sku.remote.get("sale_price"))
        if sku.sale_price and old != sku.sale_price:
            yield sku, old, sku.sale_price


def large_change(skus: Iterable["Sku"]) -> bool:
    """A price differs from WeChat's by half of that or more, or nobody knows by how much."""
    return any(not old or abs(new - old) >= old * LARGE for _sku, old, new in _prices(skus))


def price_warnings(skus: Iterable["Sku"]) -> Iterator[Text]:
    """What is odd about prices beside those that WeChat has."""
    for sku, old, new in _prices(skus):
        values = {"sku": sku, "old": f"¥{old or 0:,.2f}", "new": f"¥{new:,.2f}"}
        if not old:
            continue
        if new == old * FEN:
            yield (
                _(
                    "%(sku)s: %(new)s is exactly 100 times WeChat's price (%(old)s). Was it typed in fen? "
                    "Enter yuan."
                )
                % values
            )
        elif new >= old * JUMP:
            yield _("%(sku)s: the price becomes ten times as high or more: %(old)s → %(new)s.") % values
        elif old >= new * JUMP:
            yield _("%(sku)s: the price falls to a tenth or less: %(old)s → %(new)s.") % values


def stock_warnings(skus: Iterable["Sku"]) -> Iterator[Text]:
    for sku in skus:
        if sku.stock_change and sku.real_stock is not None and sku.real_stock + sku.stock_change < 0:
            yield (
                _("%(sku)s: only %(count)s are left, so fewer can be taken away.")
                % {"sku": sku, "count": sku.real_stock}
            )


def among_others(records: Sequence["Spu"]) -> dict[Any, list[Text]]:
    """What is odd about products beside the others of their accounts, by key. One query."""
    found: dict[Any, list[Text]] = defaultdict(list)
    for pk, other in _twins(records):
        found[pk].append(
            _("Another record has the same title: %(record)s. Is it there twice?") % {"record": other}
        )
    for spu in records:
        prices = [sku.sale_price for sku in spu.kept_skus() if sku.sale_price]
        if prices and max(prices) >= min(prices) * APART:
            found[spu.pk].append(
                _("Its prices are far apart: ¥%(least)s to ¥%(most)s. Is one of them wrong?")
                % {"least": f"{min(prices):,.2f}", "most": f"{max(prices):,.2f}"}
            )
    return found


def _twins(records: Sequence["Spu"]) -> Iterator[tuple[Any, str]]:
    """Key of a record, and the number of another one of the account with the same title."""
    manager = type(records[0])._default_manager
    accounts = {spu.account_id for spu in records}
    same: dict[tuple[Any, str], list[tuple[Any, str]]] = defaultdict(list)
    for titles in parts(list({spu.title for spu in records})):
        rows = manager.filter(account__in=accounts, title__in=titles, deleted_at=None).order_by("pk")
        for pk, number, account, title in rows.values_list("pk", "out_product_id", "account_id", "title"):
            same[account, title].append((pk, number or f"#{pk}"))
    for spu in records:
        others = same[spu.account_id, spu.title]
        if other := next((number for pk, number in others if pk != spu.pk), ""):
            yield spu.pk, other
