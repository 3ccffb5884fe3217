"""What every Channels window here starts with: a bound shop, and products in every state there is."""

from collections.abc import Callable
from typing import Any

from shopadmin.simulator.window import Kind, Place, Source, Window, WindowProduct

BOUND_APPID = "wx5d2e90c4ab17f386"
BOUND_NAME = "茶铺小店"
OTHER_APPID = "wx7b1d4f60e9a28c53"
OTHER_NAME = "山里人家"
DISCOUNT_SECONDS = 3 * 24 * 3600
_CATEGORY = {"category_id": 7310, "category_name": "茶叶"}
_BRANCH = {"branch_id": 90017, "branch_name": "西湖店"}
_OWN: tuple[dict[str, Any], ...] = (
    {"title": "高山乌龙茶 250克 礼盒装", "out_product_id": "TEA-0042", "place": Place.NEVER},
    {"title": "陈皮普洱 小青柑", "out_product_id": "TEA-0051", "source": Source.DELETED},
    {"title": "云南滇红 200克", "out_product_id": "TEA-0050", "source": Source.DELISTED},
    {"title": "安吉白茶 50克 门店自提", "out_product_id": "TEA-0049", **_BRANCH},
    {"title": "门店品鉴券", "out_product_id": "TEA-0048", "ban": 2, **_BRANCH, "branch_status": 1},
    {"title": "养生代用茶", "out_product_id": "TEA-0047", "ban": 1},
    {"title": "药食同源茶", "out_product_id": "TEA-0046", "ban": 0},
    {"title": "内部员工价 龙井", "out_product_id": "TEA-0045", "hidden": True},
    {"title": "限时抢购 茉莉花茶", "out_product_id": "TEA-0044", "discount_price": 9900, "discount_stock": 8},
    {"title": "正山小种 红茶 罐装", "out_product_id": "TEA-0043", "sales": 1204},
)
# Two plans for the last own product, and one for a product that the bound shop does not have.
_CPS: tuple[dict[str, Any], ...] = (
    {"cps_item_type": 0, "promotion_link": "v1=Qm9ndXNMaW5rMA"},
    {"cps_item_type": 1, "promotion_link": "v1=Qm9ndXNMaW5rMQ"},
)
_FOREIGN: dict[str, Any] = {
    "title": "东北黑木耳 500克",
    "cps_item_type": 2,
    "promotion_link": "v1=Qm9ndXNMaW5rMg",
}


def fill(window: Window, new_id: Callable[[], int], now: float) -> None:
    """Bind the shop and put its products and the promoted ones into the window."""
    window.shops[BOUND_APPID] = BOUND_NAME
    for fields in _OWN:
        window.keep(own_product(new_id(), **fields))
    for product in window.products.values():
        if product.discount_price is not None:
            product.discount_until = now + DISCOUNT_SECONDS
    same = {"title": product.title, "platform_name": product.platform_name}
    for fields in _CPS:
        window.keep(cps_product(new_id(), product.product_id, product.appid, **same, **fields))
    window.keep(cps_product(new_id(), new_id(), **_FOREIGN))


def own_product(product_id: int, appid: str = BOUND_APPID, **fields: Any) -> WindowProduct:
    """A product of the bound shop."""
    return WindowProduct(Kind.OWN, product_id, appid, **_usual(appid, BOUND_NAME) | fields)


def cps_product(cps_id: int, product_id: int, appid: str = OTHER_APPID, **fields: Any) -> WindowProduct:
    """A promotion plan for a product of some shop."""
    usual = _usual(appid, OTHER_NAME) | {"promotion_link": "v1=Qm9n"}
    return WindowProduct(Kind.CPS, product_id, appid, cps_id, **usual | fields)


def _usual(appid: str, shop: str) -> dict[str, Any]:
    return {
        "title": "橱窗商品",
        "img_url": f"https://mmecimage.cn/p/{appid}/HAbCdEf01",
        "market_price": 19900,
        "selling_price": 12800,
        "stock": 57,
        "platform_name": shop,
        **_CATEGORY,
    }
