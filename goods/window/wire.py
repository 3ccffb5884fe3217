"""From WeChat's window products to our fields: the only place that knows both. Prices arrive in fen."""

import datetime as dt
from decimal import Decimal
from typing import Any

from goods.store.wire import yuan
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.window import RemoteWindowProduct

# What a look writes; everything that WeChat tells.
FIELDS = (
    "appid", "out_product_id", "title", "img_url", "third_category_id", "leaf_category_id", "status",
    "market_price", "selling_price", "stock", "sales", "platform_id", "platform_name", "is_hide_for_window",
    "banned", "banned_reason", "need_apply_category_id", "need_apply_category_name", "page_appid",
    "half_page_path", "full_page_path", "branch_id", "branch_name", "branch_status", "discount_running",
    "discount_price", "discount_end", "discount_stock", "cps_item_type", "product_promotion_link",
)  # fmt: skip

# What the columns hold.
LARGEST_PRICE = Decimal(10**10)
LARGEST_COUNT = 2**63 - 1
LARGEST_SMALL = 2**31 - 1

NOT_BOUND = 10022008


def fields(remote: RemoteWindowProduct) -> dict[str, Any]:
    """A product under our names. What the answer lacks is empty, except the shop's appid of a cps product."""
    ban, branch, page = remote.banned_details, remote.branch_info, remote.page_path
    found = {
        "out_product_id": remote.out_product_id,
        "title": remote.title,
        "img_url": remote.img_url,
        "third_category_id": remote.third_category_id,
        "leaf_category_id": remote.leaf_category_id,
        "status": small(remote.status),
        "market_price": _price(remote.market_price),
        "selling_price": _price(remote.selling_price),
        "stock": _count(remote.stock),
        "sales": _count(remote.sales),
        "platform_id": _count(remote.platform_id),
        "platform_name": remote.platform_name,
        "is_hide_for_window": remote.is_hide_for_window,
        "banned": remote.banned,
        "banned_reason": small(ban.reason) if ban else None,
        "need_apply_category_id": ban.need_apply_category_id if ban else "",
        "need_apply_category_name": ban.need_apply_category_name if ban else "",
        "page_appid": page.appid if page else "",
        "half_page_path": page.half_page_path if page else "",
        "full_page_path": page.full_page_path if page else "",
        "branch_id": branch.branch_id if branch else "",
        "branch_name": branch.branch_name if branch else "",
        "branch_status": small(branch.branch_status) if branch else None,
        "cps_item_type": small(remote.cps_item_type),
        "product_promotion_link": remote.product_promotion_link,
        **_discount(remote),
    }
    return found | ({"appid": remote.appid} if remote.appid else {})


def _discount(remote: RemoteWindowProduct) -> dict[str, Any]:
    discount = remote.limit_discount_info
    return {
        "discount_running": bool(discount and discount.is_effect),
        "discount_price": _price(discount.discount_price) if discount else None,
        "discount_end": moment(discount.end_time_ms) if discount else None,
        "discount_stock": _count(discount.stock) if discount else None,
    }


def moment(milliseconds: int | None) -> dt.datetime | None:
    """A time of WeChat's; None for none, and for one that no calendar has."""
    if not milliseconds:
        return None
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
    except (OverflowError, OSError, ValueError):
        return None


def says_absent(error: WeChatError) -> bool:
    """WeChat says that the window has no such product, or none of its shop, which is not bound to it."""
    return error.kind is Kind.NOT_FOUND or error.errcode == NOT_BOUND


def small(number: int | None) -> int | None:
    """A value of one of WeChat's enumerations, however strange."""
    return number if number is not None and abs(number) <= LARGEST_SMALL else None


def _price(fen: int | None) -> Decimal | None:
    if fen is None:
        return None
    price = yuan(fen)
    return price if abs(price) < LARGEST_PRICE else None


def _count(number: int | None) -> int | None:
    return number if number is not None and abs(number) <= LARGEST_COUNT else None
