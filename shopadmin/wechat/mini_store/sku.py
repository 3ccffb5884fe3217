"""SKUs: the variants of a product, with their prices. Stock is set apart, see ``stock``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shopadmin.wechat.mini_store.keys import Endpoints, ProductKey, SkuKey
from shopadmin.wechat.reading import (
    Answer,
    as_id,
    as_int,
    as_text,
    required_id,
    required_mapping,
    rows,
    unreadable,
    wire_id,
)


@dataclass(frozen=True)
class RemoteSku:
    """A SKU as WeChat shows it. Prices are fen. ``barcode`` may have lost leading zeros at WeChat.

    ``status`` (5 on sale, 21 deleted) comes from ``get`` only.
    """

    sku_id: str
    out_sku_id: str
    product_id: str
    out_product_id: str
    thumb_img: str
    sale_price: int | None
    market_price: int | None
    stock_num: int | None
    sku_code: str
    barcode: str
    attrs: list[tuple[str, str]]
    status: int | None


class SkuAPI(Endpoints):
    """One method per interface. Writes change the draft.

    Common errors: 9401002 (no such product), 9401005 (out_sku_id is taken), 9401006 (no such SKU), 9401020
    (a parameter is wrong), 9401025 (may not be edited now), 9401054 (price is 0), 9401055 (the market
    price is not above the selling price).
    """

    ADD = "/product/sku/add"
    BATCH_ADD = "/product/sku/batch_add"
    UPDATE = "/product/sku/update"
    UPDATE_PRICE = "/product/sku/update_price"
    DEL = "/product/sku/del"
    GET = "/product/sku/get"
    GET_LIST = "/product/sku/get_list"

    # Not stated by WeChat, so few enough to read back after any error.
    MAX_BATCH = 20

    def add(self, product: ProductKey, sku: Mapping[str, Any]) -> str:
        """POST /product/sku/add: add one SKU; its new id.

        ``sku``: out_sku_id, sale_price (fen), stock_num, sku_attrs, optionally market_price (fen),
        thumb_img, sku_code, barcode.
        """
        answer = self._post(self.ADD, {**product.wire(), **sku})
        return required_id(required_mapping(answer, "data"), "sku_id")

    def batch_add(self, product: ProductKey, skus: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """POST /product/sku/batch_add: add up to 20 SKUs; their new ids by out_sku_id.

        What it does when one of them is wrong is not documented: read back after any error.
        """
        if len(skus) > self.MAX_BATCH:
            raise ValueError(f"{len(skus)} SKUs; at most {self.MAX_BATCH} go into one call")
        answer = self._post(self.BATCH_ADD, {"skus": [{**product.wire(), **sku} for sku in skus]})
        return {as_text(row.get("out_sku_id")): required_id(row, "sku_id") for row in rows(answer, "data")}

    def update(self, product: ProductKey, key: SkuKey, sku: Mapping[str, Any]) -> None:
        """POST /product/sku/update: replace a SKU's fields (as for ``add``; out_sku_id cannot change)."""
        body = {name: value for name, value in sku.items() if name != "out_sku_id"}
        self._post(self.UPDATE, {**product.wire(), **body, **key.wire()})

    def update_price(
        self, product: ProductKey, key: SkuKey, sale_price: int, market_price: int | None = None
    ) -> None:
        """POST /product/sku/update_price: change only the prices (fen).

        Costs no quota for a product on sale. Whether it acts online at once is not documented: read back.
        """
        prices = {"sale_price": sale_price} | ({} if market_price is None else {"market_price": market_price})
        self._post(self.UPDATE_PRICE, {**product.wire(), **key.wire(), **prices})

    def delete(self, product: ProductKey, key: SkuKey) -> None:
        """POST /product/sku/del: remove a SKU from the draft."""
        self._post(self.DEL, {**product.wire(), **key.wire()})

    def get(self, key: SkuKey, *, draft: bool, real_stock: bool = True) -> RemoteSku:
        """POST /product/sku/get: one SKU; ``real_stock`` is what buyers can buy, else the draft's number."""
        body = {**key.wire(), "need_edit_sku": int(draft), "need_real_stock": int(real_stock)}
        answer = self._post(self.GET, body)
        return _remote(answer, required_mapping(answer, "data"))

    def get_list(self, product_id: str, *, draft: bool, real_stock: bool = True) -> list[RemoteSku]:
        """POST /product/sku/get_list: all SKUs of a product, which only WeChat's id can name here."""
        flags = {"need_edit_sku": int(draft), "need_real_stock": int(real_stock)}
        answer = self._post(self.GET_LIST, {"product_id": wire_id(product_id), **flags})
        return [_remote(answer, row) for row in rows(answer, "skus")]


def _remote(answer: Answer, row: Answer) -> RemoteSku:
    sku_id = as_id(row.get("sku_id"))
    if not sku_id:
        raise unreadable(answer, "sku_id")
    return RemoteSku(
        sku_id=sku_id,
        out_sku_id=as_text(row.get("out_sku_id")),
        product_id=as_id(row.get("product_id")),
        out_product_id=as_text(row.get("out_product_id")),
        thumb_img=as_text(row.get("thumb_img")),
        sale_price=as_int(row.get("sale_price")),
        market_price=as_int(row.get("market_price")),
        stock_num=as_int(row.get("stock_num")),
        sku_code=as_text(row.get("sku_code")),
        # Documented as text, answered as a number.
        barcode=as_id(row.get("barcode")),
        attrs=[
            (as_text(pair.get("attr_key")), as_text(pair.get("attr_value")))
            for pair in rows(row, "sku_attrs")
        ],
        status=as_int(row.get("status")),
    )
