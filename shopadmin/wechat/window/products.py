"""Products of the Channels window as WeChat shows them, and how they are read.

WeChat's ``product_id`` is two things: the id in its shop for an own product, the cps id for a promoted
one, whose id in its shop then stands under ``out_product_id``. Here every product has a ``kind``, and
each id has one name: ``product_id`` is always the product in its shop, ``cps_id`` the promotion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shopadmin.wechat.reading import (
    Answer,
    as_bool,
    as_id,
    as_int,
    as_text,
    mapping,
    one_or_many,
    unreadable,
)

OWN_SOURCE, CPS_SOURCE = 1, 2


class ProductKind(StrEnum):
    """Own: of a shop bound to this Channels account. Cps: another merchant's, promoted for commission."""

    OWN = "own"
    CPS = "cps"


@dataclass(frozen=True)
class PagePath:
    """The pages that show a product, and the appid that owns both."""

    appid: str
    half_page_path: str
    full_page_path: str


@dataclass(frozen=True)
class BannedDetails:
    """Why selling is forbidden: ``reason`` 0 category or product, 1 apply for the category named here
    first, 2 its branch is not in business."""

    reason: int | None
    need_apply_category_id: str
    need_apply_category_name: str


@dataclass(frozen=True)
class BranchInfo:
    """The branch a product belongs to; ``branch_status`` 0 open, 1 closed."""

    branch_id: str
    branch_name: str
    branch_status: int | None


@dataclass(frozen=True)
class LimitDiscountInfo:
    """A limited-time discount: price in fen, end as Unix milliseconds, stock left for it."""

    is_effect: bool
    discount_price: int | None
    end_time_ms: int | None
    stock: int | None


@dataclass(frozen=True)
class RemoteWindowProduct:
    """One product with everything WeChat tells. Prices are fen: the highest market and lowest selling one
    of its SKUs.

    ``product_id`` is the product in its shop, ``cps_id`` the promotion ("" for own products).
    ``out_product_id`` is the merchant's own id, which only own products tell. ``appid`` is the shop's,
    seldom told for cps products. ``status`` is 1 on the window, 2 not on it, 3 deleted in its shop;
    ``cps_item_type`` 0 ordinary, 1 targeted, 2 exclusive, 3 group leader. The objects are None where
    WeChat has none; cps products never have them.
    """

    kind: ProductKind
    product_id: str
    cps_id: str
    out_product_id: str
    appid: str
    title: str
    img_url: str
    third_category_id: str
    leaf_category_id: str
    status: int | None
    market_price: int | None
    selling_price: int | None
    stock: int | None
    sales: int | None
    platform_id: int | None
    platform_name: str
    is_hide_for_window: bool
    banned: bool
    page_path: PagePath | None
    banned_details: BannedDetails | None
    branch_info: BranchInfo | None
    limit_discount_info: LimitDiscountInfo | None
    cps_item_type: int | None
    product_promotion_link: str


@dataclass(frozen=True)
class Found:
    """What is known under one id: the own product, if there is one, and the cps plans that promote it.

    ``product`` is None where only plans were found, and may be one of them, since the documents leave
    open what WeChat writes there: ask for its ``kind``.
    """

    product: RemoteWindowProduct | None
    cps_products: list[RemoteWindowProduct]


@dataclass(frozen=True)
class ListedProduct:
    """What the list tells of a product: ids only. ``appid`` is told for own products."""

    kind: ProductKind
    product_id: str
    cps_id: str
    appid: str
    product_source: int | None

    @property
    def key(self) -> tuple[ProductKind, str]:
        """What makes it one and the same product on several pages."""
        return self.kind, self.cps_id if self.kind is ProductKind.CPS else self.product_id


@dataclass(frozen=True)
class Page:
    """One page of the list. ``last_buffer`` leads to the next one, "" if there is none that WeChat knows
    of. ``total`` is WeChat's count of all pages, None where it was not asked or did not tell."""

    products: list[ListedProduct]
    last_buffer: str
    total: int | None


def read_found(answer: Answer, *, asked: str, appid: str, with_cps: bool) -> Found:
    """The answer to ``get`` with these arguments."""
    plans = [_product(answer, row, ProductKind.CPS) for row in one_or_many(answer, "cps_products")]
    row = mapping(answer, "product")
    if not row and not with_cps:
        raise unreadable(answer, "product")
    if not row:
        return Found(None, plans)
    own = not with_cps or _is_own(row, plans, asked=asked, appid=appid)
    return Found(_product(answer, row, ProductKind.OWN if own else ProductKind.CPS), plans)


def read_page(answer: Answer) -> Page:
    """The answer to ``list/get``."""
    products = [_listed(answer, row) for row in one_or_many(answer, "products")]
    return Page(products, as_text(answer.get("last_buffer")), as_int(answer.get("total_num")))


def _is_own(row: Answer, plans: Sequence[RemoteWindowProduct], *, asked: str, appid: str) -> bool:
    """Whether ``product`` is the own product. No field says so; this is what tells one from a cps plan."""
    number, source = _id(row.get("product_id")), _id(row.get("out_product_id"))
    item_type = as_int(row.get("cps_item_type"))
    # One number may be an own product's and a promotion's: it is the plan if it promotes the same.
    is_plan = any((number, source) == (plan.cps_id, plan.product_id) for plan in plans)
    if number != asked or is_plan or item_type:
        return False
    # A 0 is an ordinary plan, or a field that was not set. Cps products seldom name the shop.
    if as_text(row.get("appid")):
        return True
    return item_type is None and bool(appid)


def _listed(answer: Answer, row: Answer) -> ListedProduct:
    source, out = as_int(row.get("product_source")), _id(row.get("out_product_id"))
    by_source = {OWN_SOURCE: ProductKind.OWN, CPS_SOURCE: ProductKind.CPS}
    # Only cps products have an out_product_id here.
    kind = by_source.get(source or 0, ProductKind.CPS if out else ProductKind.OWN)
    number = _id(row.get("product_id"))
    if not number:
        raise unreadable(answer, "products[].product_id")
    cps = kind is ProductKind.CPS
    return ListedProduct(
        kind=kind,
        product_id=out if cps else number,
        cps_id=number if cps else "",
        appid=as_text(row.get("appid")),
        product_source=source,
    )


def _product(answer: Answer, row: Answer, kind: ProductKind) -> RemoteWindowProduct:
    number, cps = _id(row.get("product_id")), kind is ProductKind.CPS
    if not number:
        raise unreadable(answer, "product_id")
    return RemoteWindowProduct(
        kind=kind,
        product_id=_id(row.get("out_product_id")) if cps else number,
        cps_id=number if cps else "",
        out_product_id="" if cps else as_id(row.get("out_product_id")),
        appid=as_text(row.get("appid")),
        title=as_text(row.get("title")),
        img_url=as_text(row.get("img_url")),
        third_category_id=as_id(row.get("third_category_id")),
        leaf_category_id=as_id(row.get("leaf_category_id")),
        status=as_int(row.get("status")),
        market_price=as_int(row.get("market_price")),
        selling_price=as_int(row.get("selling_price")),
        stock=as_int(row.get("stock")),
        sales=as_int(row.get("sales")),
        platform_id=as_int(row.get("platform_id")),
        platform_name=as_text(row.get("platform_name")),
        is_hide_for_window=as_bool(row.get("is_hide_for_window")),
        banned=as_bool(row.get("banned")),
        page_path=_page_path(mapping(row, "page_path")),
        banned_details=_banned_details(mapping(row, "banned_details")),
        branch_info=_branch_info(mapping(row, "branch_info")),
        limit_discount_info=_discount_info(mapping(row, "limit_discount_info")),
        cps_item_type=as_int(row.get("cps_item_type")),
        product_promotion_link=as_text(row.get("product_promotion_link")),
    )


def _page_path(row: Answer) -> PagePath | None:
    if not row:
        return None
    names = ("appid", "half_page_path", "full_page_path")
    return PagePath(*(as_text(row.get(name)) for name in names))


def _banned_details(row: Answer) -> BannedDetails | None:
    if not row:
        return None
    return BannedDetails(
        reason=as_int(row.get("reason")),
        need_apply_category_id=as_id(row.get("need_apply_category_id")),
        need_apply_category_name=as_text(row.get("need_apply_category_name")),
    )


def _branch_info(row: Answer) -> BranchInfo | None:
    if not row:
        return None
    return BranchInfo(
        branch_id=as_id(row.get("branch_id")),
        branch_name=as_text(row.get("branch_name")),
        branch_status=as_int(row.get("branch_status")),
    )


def _discount_info(row: Answer) -> LimitDiscountInfo | None:
    if not row:
        return None
    return LimitDiscountInfo(
        is_effect=as_bool(row.get("is_effect")),
        discount_price=as_int(row.get("discount_price")),
        end_time_ms=as_int(row.get("end_time_ms")),
        stock=as_int(row.get("stock")),
    )


def _id(value: Any) -> str:
    """A window id, which is a number: "" for anything else, for 0, and for a float, which lost digits."""
    found = "" if isinstance(value, float) else as_id(value)
    return found if found.isascii() and found.isdigit() and int(found) else ""
