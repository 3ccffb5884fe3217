"""WeChat's rules for SPUs and SKUs, each as a function that says what is wrong, or nothing.

The messages are for shop staff: what is wrong, and what to do. Every character counts one here.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from goods.store.choices import CouponValid, CouponVerify, ProductType
from goods.store.wire import BEIJING

if TYPE_CHECKING:
    from goods.models import Sku, Spu

TITLE_MOST = 60
SUB_TITLE_MOST = 18
HEAD_IMGS_MOST = 9
DESC_IMGS_MOST = 20
CATS = 3
OUT_ID_MOST = 32
OUT_ID = re.compile(r"[!-~]+")
SKU_CODE_MOST = 20
ATTR_MOST = 40
VALUES_MOST = 100
PRICE_MOST = Decimal(10_000_000)
STOCK_MOST = 10_000_000
COUPON_DAYS_MOST = 365


def title_problems(title: str) -> Iterator[str]:
    if not title.strip():
        yield _("Enter a title.")
    elif len(title) > TITLE_MOST:
        yield _("Title too long: %(count)s of at most %(most)s characters.") % {
            "count": len(title),
            "most": TITLE_MOST,
        }


def sub_title_problems(sub_title: str) -> Iterator[str]:
    if len(sub_title) > SUB_TITLE_MOST:
        yield _("Sub-title too long: %(count)s of at most %(most)s characters.") % {
            "count": len(sub_title),
            "most": SUB_TITLE_MOST,
        }


def out_id_problems(number: str) -> Iterator[str]:
    """Of ``out_product_id`` and ``out_sku_id``."""
    if not number:
        yield _("Enter your own number.")
    elif len(number) > OUT_ID_MOST:
        yield _("The number has %(count)s characters; at most %(most)s are possible.") % {
            "count": len(number),
            "most": OUT_ID_MOST,
        }
    elif not OUT_ID.fullmatch(number):
        yield _("Use letters, digits and signs only in the number, without spaces or Chinese.")


def picture_problems(head_imgs: Sequence[Any], desc_imgs: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Pairs of field and message."""
    if not head_imgs:
        yield "head_imgs", _("Choose at least one main picture.")
    if len(head_imgs) > HEAD_IMGS_MOST:
        yield "head_imgs", _("At most %(most)s main pictures: remove some.") % {"most": HEAD_IMGS_MOST}
    if len(desc_imgs) > DESC_IMGS_MOST:
        yield "desc_imgs", _("At most %(most)s detail pictures: remove some.") % {"most": DESC_IMGS_MOST}


def cats_problems(cats: Sequence[str]) -> Iterator[str]:
    if len(cats) != CATS or not all(cats):
        yield _("Choose a category down to the third level.")


def attr_problems(attrs: Sequence[Sequence[str]]) -> Iterator[str]:
    """Of attributes of products as well as of SKUs."""
    for name, value in attrs:
        if not name.strip() or not value.strip():
            yield _("Every attribute needs a name and a value.")
            return
    if any(len(text) > ATTR_MOST for pair in attrs for text in pair):
        yield _("Names and values of attributes have at most %(most)s characters.") % {"most": ATTR_MOST}
    if len({name for name, _value in attrs}) < len(attrs):
        yield _("The same attribute is there twice.")


def coupon_problems(spu: "Spu") -> Iterator[tuple[str, str]]:
    """Pairs of field and message, of a product that is a coupon code."""
    if spu.product_type != ProductType.COUPON:
        return
    if spu.coupon_verify_type not in set(CouponVerify):
        yield "coupon_verify_type", _("Choose on which days the code can be redeemed.")
    if spu.coupon_valid_type == CouponValid.DAYS:
        if not spu.coupon_days or not 1 <= spu.coupon_days <= COUPON_DAYS_MOST:
            yield "coupon_days", _("Enter a number of days from 1 to 365.")
    elif spu.coupon_valid_type == CouponValid.PERIOD:
        yield from _period_problems(spu.coupon_start, spu.coupon_end)
    else:
        yield "coupon_valid_type", _("Choose how long the code is valid.")


def _period_problems(start: dt.date | None, end: dt.date | None) -> Iterator[tuple[str, str]]:
    today = timezone.localdate(timezone=BEIJING)
    if start is None:
        yield "coupon_start", _("Enter the first day.")
    if end is None:
        yield "coupon_end", _("Enter the last day.")
    elif start is not None and end < start:
        yield "coupon_end", _("The last day is before the first one.")
    elif end < today:
        yield "coupon_end", _("The last day is over.")
    elif end > today + dt.timedelta(days=COUPON_DAYS_MOST - 1):
        yield "coupon_end", _("The last day may be at most 365 days from now.")


# --- SKUs ---------------------------------------------------------------------------------------------


def sku_problems(sku: "Sku") -> Iterator[tuple[str, str]]:
    """Pairs of field and message, of one SKU by itself."""
    if not sku.sku_id:
        for text in out_id_problems(sku.out_sku_id):
            yield "out_sku_id", text
    for text in attr_problems(sku.attrs):
        yield "attrs", text
    yield from price_problems(sku.sale_price, sku.market_price)
    if sku.stock is None or sku.stock < 0:
        yield "stock", _("Enter how many there are, 0 or more.")
    elif sku.stock > STOCK_MOST:
        yield "stock", _("At most 10 million pieces.")
    if len(sku.sku_code) > SKU_CODE_MOST:
        yield "sku_code", _("The article number has at most %(most)s characters.") % {"most": SKU_CODE_MOST}


def price_problems(sale: Decimal | None, market: Decimal | None) -> Iterator[tuple[str, str]]:
    """Pairs of field and message; both in yuan."""
    if sale is None:
        yield "sale_price", _("Enter the selling price in yuan.")
    elif sale <= 0:
        yield "sale_price", _("The price must be more than 0.")
    elif sale > PRICE_MOST:
        yield "sale_price", _("The price may be at most 10 million yuan.")
    if market is None:
        return
    if market > PRICE_MOST:
        yield "market_price", _("The price may be at most 10 million yuan.")
    elif sale is not None and market <= sale:
        yield (
            "market_price",
            _("The market price must be above the selling price. Raise it or leave it empty."),
        )


def together_problems(skus: Sequence["Sku"]) -> Iterator[str]:
    """What is wrong with the SKUs of one product beside each other."""
    if not skus:
        yield _("Add at least one SKU.")
        return
    names = [tuple(name for name, _value in sku.attrs) for sku in skus]
    if len(set(names)) > 1:
        yield _("All SKUs need the same attributes in the same order.")
    twice = [
        combination for combination, count in Counter(_combination(sku) for sku in skus).items() if count > 1
    ]
    if twice:
        shown = " / ".join(value for _name, value in twice[0]) or "–"
        yield _("Two SKUs have the same attributes: %(values)s.") % {"values": shown}
    values: dict[str, set[str]] = {}
    for sku in skus:
        for name, value in sku.attrs:
            values.setdefault(name, set()).add(value)
    if any(len(found) > VALUES_MOST for found in values.values()):
        yield _("An attribute has at most %(most)s different values.") % {"most": VALUES_MOST}
    numbers = Counter(sku.out_sku_id for sku in skus if sku.out_sku_id)
    if double := next((number for number, count in numbers.items() if count > 1), ""):
        yield _("Two SKUs have the same number: %(number)s.") % {"number": double}


def _combination(sku: "Sku") -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in sku.attrs)
