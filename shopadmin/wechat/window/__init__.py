"""Channels window: the four interfaces under ``/channels/ec/window/product/``.

The caller is the Channels account that owns the window; ``appid`` arguments name the shop a product comes
from, which has to be bound to it. Prices are fen (1 yuan = 100). Ids are text here and at WeChat. Own
products follow their shop: what is taken off sale there leaves the window by itself.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.quota import QuotaGroup
from shopadmin.wechat.transport import Calls
from shopadmin.wechat.window.products import (
    BannedDetails,
    BranchInfo,
    Found,
    LimitDiscountInfo,
    ListedProduct,
    Page,
    PagePath,
    ProductKind,
    RemoteWindowProduct,
    read_found,
    read_page,
)

__all__ = [
    "EVERYTHING",
    "BannedDetails",
    "BranchInfo",
    "Filter",
    "Found",
    "LimitDiscountInfo",
    "ListedProduct",
    "Page",
    "PagePath",
    "ProductKind",
    "RemoteWindowProduct",
    "WindowAPI",
]

FAMILY = "window"


@dataclass(frozen=True)
class Filter:
    """Which products a list is about: all, those of a shop, those of a branch, or only cps products.

    Whether "all" includes the cps products is not documented; who needs them asks for them as well.
    """

    appid: str = ""
    branch_id: str = ""
    only_cps: bool = False

    def wire(self) -> dict[str, Any]:
        """Never shop and cps together: WeChat would silently leave out the cps products."""
        if self.appid and self.only_cps:
            raise ValueError("a list is about the products of a shop or about cps products, not both")
        body: dict[str, Any] = {}
        if self.appid:
            body["appid"] = self.appid
        if self.branch_id:
            body["branch_id"] = int(self.branch_id)
        if self.only_cps:
            body["query_cps_product"] = True
        return body


EVERYTHING = Filter()


class WindowAPI:
    """One method per interface. Every method may also raise the errors of any call (see WeChatError).

    Common errors: 48001 (the function is not switched on), 10022001 (not a Channels account), 10022002 (the
    window is disabled for violations), 10022003 (not in the window), 10022008 (the shop is not bound).
    """

    ADD = "/channels/ec/window/product/add"
    GET = "/channels/ec/window/product/get"
    LIST = "/channels/ec/window/product/list/get"
    OFF = "/channels/ec/window/product/off"

    # WeChat names no daily allowance of these interfaces. An assumption keeps reads from running away;
    # what WeChat itself tells of its quota raises it.
    QUOTA: ClassVar[Mapping[str, QuotaGroup]] = {
        GET: QuotaGroup("window.get", 10_000),
        LIST: QuotaGroup("window.list", 10_000),
    }

    MAX_PAGE_SIZE = 200
    # Page numbers reach this far into a list; last_buffer reaches its end.
    MAX_BY_PAGE_NUMBER = 10_000
    # No window has that many pages: the list must be going round in circles.
    MAX_PAGES = 5000

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def add(self, product_id: str, appid: str, *, hide: bool = False) -> None:
        """POST /channels/ec/window/product/add: put an own product into the window.

        ``hide`` leaves it out of the public personal window page. What a repeated call does is not
        documented, nor whether success means that it is there: read it back. Errors: 10022003 (no such
        product), 10022007 (a cps product).
        """
        self._post(self.ADD, {"product_id": product_id, "appid": appid, "is_hide_for_window": hide})

    def get(self, product_id: str, appid: str = "", *, with_cps: bool) -> Found:
        """POST /channels/ec/window/product/get: an own product, and ``with_cps`` its cps plans.

        With them ``product_id`` may also be a cps id, which finds that plan only, and ``appid`` may be
        unknown. Errors: 10022003.
        """
        if not appid and not with_cps:
            raise ValueError("appid may only be left out when cps products are asked for")
        body = {"product_id": product_id, "need_cps_product": with_cps} | ({"appid": appid} if appid else {})
        answer = self._post(self.GET, body)
        return read_found(answer, asked=product_id, appid=appid, with_cps=with_cps)

    def get_list(
        self,
        which: Filter = EVERYTHING,
        *,
        page_index: int | None = None,
        last_buffer: str = "",
        page_size: int = MAX_PAGE_SIZE,
        need_total: bool = False,
    ) -> Page:
        """POST /channels/ec/window/product/list/get: one page of ids, the first one without a position.

        Further pages by number from 1, as long as page_size x page_index is at most 10,000, or by the
        ``last_buffer`` of the page before; a number counts from the top of the list as it then is.
        """
        if not 1 <= page_size <= self.MAX_PAGE_SIZE:
            raise ValueError(f"page_size {page_size}; WeChat takes 1 to {self.MAX_PAGE_SIZE}")
        body: dict[str, Any] = {**which.wire(), "page_size": page_size}
        if need_total:
            body["need_total_num"] = True
        return read_page(self._post(self.LIST, body | self._position(page_index, last_buffer, page_size)))

    def walk(
        self,
        which: Filter = EVERYTHING,
        *,
        page_size: int = MAX_PAGE_SIZE,
        around: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> Iterator[Page]:
        """The whole list, page by page, by ``last_buffer``; no product comes twice.

        Every call is made inside one ``around()``, where its cost can be paid, and only when the next page
        is asked for. ``total`` is that of the first page. WeChat does not say where the list ends: before
        anything is taken for gone, compare the number of products with it. NO_ANSWER if it never ends.
        """
        seen: set[tuple[ProductKind, str]] = set()
        total, buffer = None, ""
        for number in range(self.MAX_PAGES):
            with around():
                page = self.get_list(which, last_buffer=buffer, page_size=page_size, need_total=number == 0)
            total = page.total if number == 0 else total
            new = {product.key: product for product in page.products if product.key not in seen}
            seen.update(new)
            yield replace(page, products=list(new.values()), total=total)
            # A short page is the last one, unless more were announced.
            short = len(page.products) < page_size and len(seen) >= (total or 0)
            # One without anything new is empty, or shows that the list goes round in circles.
            if not new or short or page.last_buffer in ("", buffer):
                return
            buffer = page.last_buffer
        raise WeChatError(Kind.NO_ANSWER, f"the list has not ended after {self.MAX_PAGES} pages")

    def off(self, product_id: str, appid: str) -> None:
        """POST /channels/ec/window/product/off: by WeChat's own word without any effect nowadays.

        Success proves nothing: read it back, and take the product off sale in its shop to remove it.
        Errors: 10022003, 10022007 (a cps product).
        """
        self._post(self.OFF, {"product_id": product_id, "appid": appid})

    def _position(self, page_index: int | None, last_buffer: str, page_size: int) -> dict[str, Any]:
        if page_index is None:
            return {"last_buffer": last_buffer} if last_buffer else {}
        if last_buffer:
            raise ValueError("a page is named by page_index or by last_buffer, not both")
        if page_index < 1 or page_size * page_index > self.MAX_BY_PAGE_NUMBER:
            limit = self.MAX_BY_PAGE_NUMBER
            raise ValueError(f"page_index {page_index}; by number WeChat shows {limit} products")
        return {"page_index": page_index}

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._calls.post(path, body, family=FAMILY)
