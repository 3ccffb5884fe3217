"""Stock: changed without review."""

from shopadmin.wechat.mini_store.keys import Endpoints, ProductKey, SkuKey
from shopadmin.wechat.reading import required_int, required_mapping


class StockAPI(Endpoints):
    """Errors of both: 100002 (no such product), 100004 (no such SKU)."""

    UPDATE = "/product/stock/update"
    GET = "/product/stock/get"

    SET, CHANGE = 1, 2

    def set(self, product: ProductKey, sku: SkuKey, pieces: int) -> None:
        """POST /product/stock/update, type 1: from now on there are so many, at least 1.

        May be repeated, but forgets what was sold in between. WeChat refuses 0 here.
        """
        if pieces < 1:
            raise ValueError("WeChat does not set a stock of 0; take away what is left instead")
        self._update(product, sku, self.SET, pieces)

    def change(self, product: ProductKey, sku: SkuKey, pieces: int) -> None:
        """POST /product/stock/update, type 2: so many more, or fewer. Repeating it changes it twice."""
        self._update(product, sku, self.CHANGE, pieces)

    def get(self, product: ProductKey, sku: SkuKey) -> int:
        """POST /product/stock/get: how many there are to buy."""
        answer = self._post(self.GET, {**product.wire(), **sku.wire()})
        return required_int(required_mapping(answer, "data"), "stock_num")

    def _update(self, product: ProductKey, sku: SkuKey, kind: int, pieces: int) -> None:
        self._post(self.UPDATE, {**product.wire(), **sku.wire(), "type": kind, "stock_num": pieces})
