"""What looks like a slip of the pen in live goods. Nothing here forbids anything: staff decide."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Avg
from django.utils.translation import gettext as _

from audits.operations import Text
from audits.planning import parts
from goods.live.choices import PriceType
from shopadmin.wechat.reading import as_decimal

if TYPE_CHECKING:
    from goods.models import LiveGoods

# A digit too many or too few, or a comma in the wrong place, makes at least this factor.
JUMP = 10
# Half price, or half as much again, is more than an ordinary promotion: a second person looks at it.
LARGE = Decimal("0.5")
FEN = 100
# A price typed in fen is a hundred times too high, so this finds what costs a third of the average or more.
IMPLAUSIBLE = 30


def prices(goods: "LiveGoods") -> Iterator[tuple[Decimal, Decimal]]:
    """Pairs of what WeChat has and what we have, as far as both are known."""
    for before, after in _pairs(goods):
        if before and after:
            yield before, after


def _pairs(goods: "LiveGoods") -> Iterator[tuple[Decimal | None, Decimal | None]]:
    """What WeChat has and what we have: field by field, or what buyers pay if the kind of price changed."""
    theirs = goods.remote
    if theirs.get("price_type") == goods.price_type:
        fields = ["price"] if goods.price_type == PriceType.FIXED else ["price", "price2"]
        pairs = [(theirs.get(field), getattr(goods, field)) for field in fields]
    else:
        pairs = [
            (
                _paid(theirs.get("price_type"), theirs.get("price"), theirs.get("price2")),
                _paid(goods.price_type, goods.price, goods.price2),
            )
        ]
    for old, new in pairs:
        yield as_decimal(old), as_decimal(new)


def _paid(price_type: Any, price: Any, price2: Any) -> Any:
    return price2 if price_type == PriceType.DISCOUNT else price


def large_change(goods: "LiveGoods") -> bool:
    """A price differs from WeChat's by half of that or more, or nobody knows by how much."""
    return any(new and (not old or abs(new - old) >= old * LARGE) for old, new in _pairs(goods))


def price_warnings(goods: "LiveGoods") -> Iterator[Text]:
    """What is odd about a price beside the one that WeChat has."""
    for old, new in prices(goods):
        values = {"old": f"¥{old:,.2f}", "new": f"¥{new:,.2f}"}
        if new == old * FEN:
            yield (
                _("%(new)s is exactly 100 times WeChat's price (%(old)s). Was it typed in fen? Enter yuan.")
                % values
            )
        elif new >= old * JUMP:
            yield _("The price becomes ten times as high or more: %(old)s → %(new)s.") % values
        elif old >= new * JUMP:
            yield _("The price falls to a tenth or less: %(old)s → %(new)s.") % values


def among_others(records: Sequence["LiveGoods"]) -> dict[Any, list[Text]]:
    """What is odd about products beside the others of their accounts, by key. At most two queries."""
    found: dict[Any, list[Text]] = defaultdict(list)
    for pk, other in _twins(records):
        found[pk].append(
            _("Another record has the same name and page: %(record)s. Is it there twice?") % {"record": other}
        )
    for pk, price in _maybe_fen([goods for goods in records if not goods.at_wechat or goods.missing_since]):
        found[pk].append(
            _(
                "%(price)s is more than %(times)s times what this shop's products cost on average. "
                "Was it typed in fen? Enter yuan."
            )
            % {"price": f"¥{price:,.2f}", "times": IMPLAUSIBLE}
        )
    return found


def _twins(records: Sequence["LiveGoods"]) -> Iterator[tuple[Any, str]]:
    """Key of a record, and the number of another one of the account with the same name and page."""
    manager = type(records[0])._default_manager
    accounts = {goods.account_id for goods in records}
    same: dict[tuple[Any, ...], list[tuple[Any, str]]] = defaultdict(list)
    for names in parts(list({goods.name for goods in records})):
        rows = manager.filter(account__in=accounts, name__in=names).order_by("pk")
        for pk, number, *key in rows.values_list("pk", "product_no", "account_id", "name", "url"):
            same[tuple(key)].append((pk, number or f"#{pk}"))
    for goods in records:
        others = same[goods.account_id, goods.name, goods.url]
        other = next((number for pk, number in others if pk != goods.pk), "")
        if other:
            yield goods.pk, other


def _maybe_fen(drafts: Sequence["LiveGoods"]) -> Iterator[tuple[Any, Decimal]]:
    """New products with a price that looks like fen.

    That is a whole number of yuan ending in 0, as prices of full yuan and of x.90 become in fen, and far
    above the average of what the account has at WeChat; what is only here may all be wrong the same way.
    """
    odd = [goods for goods in drafts if goods.price and goods.price % 10 == 0]
    if not odd:
        return
    at_wechat = type(odd[0])._default_manager.filter(account__in={goods.account_id for goods in odd})
    averages = dict(
        at_wechat.exclude(goods_id="").order_by().values_list("account_id").annotate(Avg("price"))
    )
    for goods in odd:
        average = averages.get(goods.account_id)
        if goods.price is not None and average and goods.price > average * IMPLAUSIBLE:
            yield goods.pk, goods.price
