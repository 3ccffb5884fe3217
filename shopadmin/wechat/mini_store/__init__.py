"""Mini Store and standard transaction component: everything under ``/product/``.

Prices are fen (1 yuan = 100) here and at WeChat. Ids are text here and JSON numbers at WeChat. Products
have two copies: writes change the draft, a passed review makes it the online copy. ``key`` arguments
name a product or SKU by one of its two ids, see ``ProductKey`` and ``SkuKey``.
"""

from shopadmin.wechat.mini_store.catalogue import CatalogueAPI
from shopadmin.wechat.mini_store.freight import FreightAPI
from shopadmin.wechat.mini_store.images import ImagesAPI
from shopadmin.wechat.mini_store.keys import ProductKey, SkuKey
from shopadmin.wechat.mini_store.sku import SkuAPI
from shopadmin.wechat.mini_store.spu import SpuAPI
from shopadmin.wechat.mini_store.stock import StockAPI
from shopadmin.wechat.transport import Calls

__all__ = ["MiniStoreAPI", "ProductKey", "SkuKey"]


class MiniStoreAPI:
    """The interfaces of the family, by noun."""

    def __init__(self, calls: Calls) -> None:
        self.spu = SpuAPI(calls)
        self.sku = SkuAPI(calls)
        self.stock = StockAPI(calls)
        self.freight = FreightAPI(calls)
        self.catalogue = CatalogueAPI(calls)
        self.images = ImagesAPI(calls)
