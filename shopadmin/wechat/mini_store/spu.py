"""SPUs: products with their texts, pictures and categories. Their SKUs have interfaces of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from shopadmin.wechat.mini_store.keys import Endpoints, ProductKey
from shopadmin.wechat.quota import QuotaGroup
from shopadmin.wechat.reading import (
    Answer,
    as_id,
    as_int,
    as_text,
    mapping,
    required_id,
    required_mapping,
    rows,
    texts,
    unreadable,
)


@dataclass(frozen=True)
class RemoteSpu:
    """One copy of a product, the draft or the online one, as WeChat shows it.

    ``status`` is the online state (0 never on sale, 5 on sale, 6 recycle bin, 9 deleted, 11 taken off by
    the shop, 12 sold out, 13 taken off by WeChat), ``edit_status`` the draft's (0 new, 1 being edited,
    2 under review, 3 refused, 4 passed); both come with either copy. ``min_price`` is fen. ``sku_ids`` are
    ids only. ``express_template_id``, ``product_type`` and ``coupon`` are not documented in answers: empty
    when WeChat does not tell.
    """

    product_id: str
    out_product_id: str
    title: str
    sub_title: str
    model: str
    head_img: list[str]
    desc_imgs: list[str]
    brand_id: str
    cat_ids: list[str]
    attrs: list[tuple[str, str]]
    status: int | None
    edit_status: int | None
    min_price: int | None
    sku_ids: list[str]
    shopcat_ids: list[str]
    express_template_id: str
    product_type: int | None
    coupon: dict[str, Any]
    path: str


@dataclass(frozen=True)
class Page:
    """One page of a list, and WeChat's count of all pages' products (None: it did not tell)."""

    total: int | None
    spus: list[RemoteSpu]


class SpuAPI(Endpoints):
    """One method per interface. Every method may also raise the errors of any call (see WeChatError).

    Common errors: 9401002 (no such product), 9401020 (a parameter is wrong), 9401021 (no permission),
    9401023 (may not be edited now: under review, or removed by WeChat).
    """

    ADD = "/product/spu/add"
    UPDATE = "/product/spu/update"
    DEL = "/product/spu/del"
    GET = "/product/spu/get"
    GET_LIST = "/product/spu/get_list"
    SEARCH = "/product/spu/search"
    LISTING = "/product/spu/listing"
    DELISTING = "/product/spu/delisting"

    # Creating and changing count together, 200 an hour and 1000 a day; what the console does counts too, and
    # whether listing counts is not documented: so a tenth is left, and listing is counted along.
    # Prices and stock of what is on sale do not count.
    CHANGES = QuotaGroup("mini_store.changes", 900, per_hour=180)
    QUOTA: ClassVar[Mapping[str, QuotaGroup]] = {ADD: CHANGES, UPDATE: CHANGES, LISTING: CHANGES}
    MAX_PAGE_SIZE = 300
    MAX_SEARCH_PAGE_SIZE = 10_000

    def add(self, spu: Mapping[str, Any]) -> str:
        """POST /product/spu/add: create a product as a draft, optionally with its ``skus``; its new id.

        ``spu``: out_product_id, title, head_img, brand_id, cats, attrs, express_info, optionally sub_title,
        desc_info, model, product_type, couponcode_info, skus (prices in fen). The ids of the SKUs are not
        told: read them by ``SkuAPI.get_list``. Errors: 9401001 (out_product_id is taken), 100009 (made,
        but without its SKUs), 9401026 and 9401032-9401042 (fields), 9401050 (picture link), 9401054 and
        9401055 (prices), 110111 and 110112 (coupon).
        """
        return required_id(required_mapping(self._post(self.ADD, spu), "data"), "product_id")

    def update(self, spu: Mapping[str, Any]) -> None:
        """POST /product/spu/update: replace the product-level fields of the draft.

        ``spu`` as for ``add`` without ``skus``, with product_id or out_product_id; product_type has to be the
        one it was created with. Errors: those of ``add``.
        """
        self._post(self.UPDATE, spu)

    def delete(self, key: ProductKey) -> None:
        """POST /product/spu/del: delete both copies for good, past the recycle bin."""
        self._post(self.DEL, key.wire())

    def get(self, key: ProductKey, *, draft: bool) -> RemoteSpu:
        """POST /product/spu/get: one copy of a product.

        A product that never passed a review has no online copy: 9401002, or an answer without it
        (NO_ANSWER).
        """
        answer = self._post(self.GET, {**key.wire(), "need_edit_spu": int(draft)})
        return _remote(answer, required_mapping(required_mapping(answer, "data"), "spu"))

    def get_list(self, status: int, page: int, *, draft: bool, page_size: int = MAX_PAGE_SIZE) -> Page:
        """POST /product/spu/get_list: one copy of the products with this online ``status``; pages from 1."""
        body = {"status": status, "page": page, "page_size": page_size, "need_edit_spu": int(draft)}
        answer = self._post(self.GET_LIST, body)
        return Page(as_int(answer.get("total_num")), [_remote(answer, row) for row in rows(answer, "spus")])

    def search(self, keyword: str, page: int, page_size: int) -> Page:
        """POST /product/spu/search: products on sale whose title contains something like the keyword."""
        body = {"keyword": keyword, "source": 1, "page": page, "page_size": page_size}
        answer = self._post(self.SEARCH, body)
        return Page(as_int(answer.get("total_num")), [_remote(answer, row) for row in rows(answer, "spus")])

    def listing(self, key: ProductKey) -> None:
        """POST /product/spu/listing: submit the draft for review; when it passes the product is on sale.

        Not to be repeated while it is under review: WeChat may block an account that does.
        """
        self._post(self.LISTING, key.wire())

    def delisting(self, key: ProductKey) -> None:
        """POST /product/spu/delisting: take the product off sale, without review."""
        self._post(self.DELISTING, key.wire())


def _remote(answer: Answer, row: Answer) -> RemoteSpu:
    product_id = as_id(row.get("product_id"))
    if not product_id:
        raise unreadable(answer, "product_id")
    return RemoteSpu(
        product_id=product_id,
        out_product_id=as_text(row.get("out_product_id")),
        title=as_text(row.get("title")),
        sub_title=as_text(row.get("sub_title")),
        model=as_text(row.get("model")),
        head_img=texts(row, "head_img"),
        desc_imgs=texts(mapping(row, "desc_info"), "imgs"),
        brand_id=as_id(row.get("brand_id")),
        cat_ids=[as_id(cat.get("cat_id")) for cat in sorted(rows(row, "cats"), key=_level)],
        attrs=[
            (as_text(pair.get("attr_key")), as_text(pair.get("attr_value"))) for pair in rows(row, "attrs")
        ],
        status=as_int(row.get("status")),
        edit_status=as_int(row.get("edit_status")),
        min_price=as_int(row.get("min_price")),
        sku_ids=[as_id(sku.get("sku_id")) for sku in rows(row, "skus")],
        shopcat_ids=[as_id(cat.get("shopcat_id")) for cat in rows(row, "shopcat")],
        express_template_id=as_id(mapping(row, "express_info").get("template_id")),
        product_type=as_int(row.get("product_type")),
        coupon=dict(mapping(row, "couponcode_info")),
        path=as_text(row.get("path")),
    )


def _level(cat: Answer) -> int:
    return as_int(cat.get("level")) or 0
