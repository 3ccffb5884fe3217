"""Requests to the Mini Store in which everything is right, except for what a test changes."""

from typing import Any

from tests.simulator.conftest import Wechat

LINK = "https://mmecimage.cn/p/wx0123456789abcdef/Hq7ZpQ2tRk9w"
NO_BRAND = 2_100_000_000
NEW, ON_SALE, RECYCLED, DELETED, DELISTED, SOLD_OUT, REMOVED = 0, 5, 6, 9, 11, 12, 13
EDITING, UNDER_REVIEW, REFUSED, PASSED = 1, 2, 3, 4


def ask(wechat: Wechat, path: str, **fields: Any) -> dict[str, Any]:
    """Call /product/<path> with these fields."""
    return wechat.post(f"/product/{path}", fields)


def category(wechat: Wechat, *names: str) -> list[dict[str, int]]:
    """The cats of a branch, found level by level as the interface offers them."""
    cats, parent = [], 0
    for level, name in enumerate(names, start=1):
        rows = ask(wechat, "category/get", f_cat_id=parent)["cat_list"]
        parent = next(row["cat_id"] for row in rows if row["name"] == name)
        cats.append({"cat_id": parent, "level": level})
    return cats


def white_tea(wechat: Wechat) -> list[dict[str, int]]:
    """The branch that the requests here use."""
    return category(wechat, "食品饮料", "茶叶", "白茶")


def template_id(wechat: Wechat) -> int:
    """The first freight template of the shop."""
    return int(ask(wechat, "delivery/get_freight_template")["template_list"][0]["template_id"])


def sku_fields(key: str = "TEA-7-100", **changes: Any) -> dict[str, Any]:
    """A SKU; None leaves a field out."""
    fields = {
        "out_sku_id": key,
        "thumb_img": LINK,
        "sale_price": 8800,
        "market_price": 12800,
        "stock_num": 40,
        "sku_code": "BC100",
        "barcode": "0690123456784",
        "sku_attrs": [{"attr_key": "净含量", "attr_value": "100g"}],
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def spu_fields(wechat: Wechat, **changes: Any) -> dict[str, Any]:
    """A product with one SKU; None leaves a field out."""
    key = changes.get("out_product_id", "TEA-7")
    fields = {
        "out_product_id": key,
        "title": "山野白茶 2026春 罐装",
        "sub_title": "高山荒野茶",
        "head_img": [LINK],
        "desc_info": {"imgs": [LINK]},
        "brand_id": NO_BRAND,
        "cats": changes.get("cats") or white_tea(wechat),
        "attrs": [{"attr_key": "产地", "attr_value": "福建福鼎"}],
        "model": "BC-100",
        "express_info": {"template_id": template_id(wechat)},
        "product_type": 1,
        "skus": [sku_fields(f"{key}-100", out_product_id=key)],
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def add(wechat: Wechat, **changes: Any) -> dict[str, Any]:
    """spu/add."""
    return ask(wechat, "spu/add", **spu_fields(wechat, **changes))


def added(wechat: Wechat, **changes: Any) -> int:
    """The id of a new product."""
    return int(add(wechat, **changes)["data"]["product_id"])


def update(wechat: Wechat, product_id: int, **changes: Any) -> dict[str, Any]:
    """spu/update of all fields."""
    changes = {"skus": None, "out_product_id": None, **changes}
    return ask(wechat, "spu/update", product_id=product_id, **spu_fields(wechat, **changes))


def listed(sim: Any, wechat: Wechat, **changes: Any) -> int:
    """The id of a product that is on sale."""
    product_id = added(wechat, **changes)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.review(product_id, approve=True)
    return product_id


def draft(wechat: Wechat, product_id: int) -> dict[str, Any]:
    """The draft copy."""
    answer = ask(wechat, "spu/get", product_id=product_id, need_edit_spu=1)
    return dict(answer["data"]["spu"])


def online(wechat: Wechat, product_id: int) -> dict[str, Any]:
    """The online copy."""
    return dict(ask(wechat, "spu/get", product_id=product_id)["data"]["spu"])


def skus(wechat: Wechat, product_id: int, *, edit: int = 1, real: int = 0) -> list[dict[str, Any]]:
    """sku/get_list."""
    answer = ask(wechat, "sku/get_list", product_id=product_id, need_edit_sku=edit, need_real_stock=real)
    return list(answer["skus"])


def first_sku(wechat: Wechat, product_id: int) -> int:
    """The id of the first SKU of the draft."""
    return int(skus(wechat, product_id)[0]["sku_id"])
