"""How products and SKUs are written into answers, with the switches for what the documents leave open."""

from typing import Any

from shopadmin.simulator.clock import beijing_time
from shopadmin.simulator.routes import Call
from shopadmin.simulator.rules.live_answers import shown_id
from shopadmin.simulator.store import Copy, Spu

# The Mini Store plugin's page; the same appid for every shop.
PAGE = "plugin-private://wx34345ae5855f892d/pages/productDetail/productDetail?productId="
SKU_ON_SALE, SKU_DELETED = 5, 21


def named(call: Call, spu: Spu) -> dict[str, Any]:
    """Both ids of a product."""
    return {
        "product_id": shown_id(call.settings, spu.product_id),
        "out_product_id": spu.out_product_id,
    }


def stamp(call: Call, name: str) -> dict[str, str]:
    """create_time or update_time: now, on a clock in Beijing."""
    return {name: beijing_time(call.now)}


def spu_row(call: Call, spu: Spu, copy: Copy) -> dict[str, Any]:
    """One copy of a product, without its page path."""
    settings, fields = call.settings, copy.fields
    row = {
        **named(call, spu),
        "title": fields["title"],
        "sub_title": fields["sub_title"],
        "head_img": fields["head_img"],
        "desc_info": fields["desc_info"],
        "brand_id": fields["brand_id"],
        "status": int(spu.status),
        "edit_status": int(spu.edit_status),
        "min_price": copy.min_price,
        "cats": fields["cats"],
        "attrs": fields["attrs"],
        "model": fields["model"],
        "shopcat": [{"shopcat_id": shopcat_id} for shopcat_id in spu.shopcats],
        "skus": [{"sku_id": shown_id(settings, sku_id)} for sku_id in copy.skus],
    }
    return row | _undocumented(call, spu, copy)


def listed_row(call: Call, spu: Spu, copy: Copy) -> dict[str, Any]:
    """One copy of a product as lists show it."""
    return spu_row(call, spu, copy) | {"path": f"{PAGE}{spu.product_id}"}


def spus_answer(call: Call, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """``spus``, which may be missing when there are none."""
    return {} if call.settings.omit_empty_spus and not rows else {"spus": rows}


def sku_row(call: Call, spu: Spu, copy: Copy, sku_id: int, stock: int) -> dict[str, Any]:
    """One SKU of one copy."""
    sku = copy.skus[sku_id]
    barcode = sku["barcode"]
    if call.settings.barcode_as_number and barcode.isdigit():
        barcode = int(barcode)
    return {
        **named(call, spu),
        "sku_id": shown_id(call.settings, sku_id),
        "out_sku_id": sku["out_sku_id"],
        "thumb_img": sku["thumb_img"],
        "sale_price": sku["sale_price"],
        "market_price": sku["market_price"],
        "stock_num": stock,
        "sku_code": sku["sku_code"],
        "barcode": barcode,
        "sku_attrs": sku["sku_attrs"],
    }


def _undocumented(call: Call, spu: Spu, copy: Copy) -> dict[str, Any]:
    if not call.settings.undocumented_fields:
        return {}
    names = ("express_info", "couponcode_info")
    shown = {name: copy.fields[name] for name in names if name in copy.fields}
    return {"product_type": spu.product_type, **shown}
