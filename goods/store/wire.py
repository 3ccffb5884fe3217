"""Between our fields and WeChat's: the only place that knows WeChat's names for SPUs and SKUs, and the fen.

Snapshots are what WeChat has under our names, as ``remote`` and ``online`` keep it: prices in yuan as text.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from goods.store.choices import CouponValid, ProductType
from shopadmin.wechat.mini_store.sku import RemoteSku
from shopadmin.wechat.mini_store.spu import RemoteSpu
from shopadmin.wechat.reading import as_int, wire_id

if TYPE_CHECKING:
    from goods.models import Sku, Spu

CENT = Decimal("0.01")
FEN = 100
BEIJING = ZoneInfo("Asia/Shanghai")

# WeChat does not show these in every answer: what we sent or last read is what we know.
UNTOLD = ("freight_template", "product_type", "coupon", "path")


def fen(yuan: Decimal) -> int:
    """An amount for WeChat: exact, or ValueError for one that has parts of a fen."""
    cents = yuan * FEN
    if cents != cents.to_integral_value():
        raise ValueError(f"{yuan} yuan is not a whole number of fen")
    return int(cents)


def yuan(fen: int) -> Decimal:
    """An amount of WeChat's, exact."""
    return (Decimal(fen) / FEN).quantize(CENT)


def yuan_text(fen: int | None) -> str:
    """The same as snapshots keep it; "" for none. A market price of 0 is none."""
    return "" if fen is None else str(yuan(fen))


def pairs(found: Any) -> list[list[str]]:
    """Attributes as our columns keep them: pairs of name and value, in their order."""
    return [[str(name), str(value)] for name, value in found]


def wire_pairs(attrs: Any) -> list[dict[str, str]]:
    return [{"attr_key": name, "attr_value": value} for name, value in attrs]


# --- SPU ----------------------------------------------------------------------------------------------


def spu_fields(spu: "Spu") -> dict[str, Any]:
    """The product-level fields for ``spu/add`` and ``spu/update``, all of them, without ids and pictures."""
    fields: dict[str, Any] = {
        "title": spu.title,
        "sub_title": spu.sub_title,
        "brand_id": wire_id(spu.brand_id),
        "cats": [{"cat_id": wire_id(cat), "level": level} for level, cat in enumerate(spu.cats, start=1)],
        "attrs": wire_pairs(spu.attrs),
        "model": spu.model_name,
        "express_info": {"template_id": wire_id(spu.template_id)},
        "product_type": spu.product_type,
    }
    if spu.product_type == ProductType.COUPON:
        fields["couponcode_info"] = coupon_info(spu)
    return fields


def coupon_info(spu: "Spu") -> dict[str, Any]:
    valid: dict[str, Any] = {"valid_type": spu.coupon_valid_type}
    if spu.coupon_valid_type == CouponValid.DAYS:
        valid["valid_day_num"] = spu.coupon_days
    else:
        valid["start_time"] = _begins(spu.coupon_start)
        valid["end_time"] = _ends(spu.coupon_end)
    return {"verify_type": spu.coupon_verify_type, "valid_info": valid}


def _begins(day: dt.date | None) -> int | None:
    """WeChat rounds to the first second of the day, in Beijing."""
    return int(dt.datetime.combine(day, dt.time(), BEIJING).timestamp()) if day else None


def _ends(day: dt.date | None) -> int | None:
    return int(dt.datetime.combine(day, dt.time(23, 59, 59), BEIJING).timestamp()) if day else None


def day_of(seconds: Any) -> dt.date | None:
    """The day in Beijing of a time of WeChat's."""
    moment = as_int(seconds)
    try:
        return dt.datetime.fromtimestamp(moment, BEIJING).date() if moment else None
    except (OverflowError, OSError, ValueError):
        return None


def sent_spu(fields: Mapping[str, Any], head_imgs: list[str], desc_imgs: list[str]) -> dict[str, Any]:
    """What was sent, as a snapshot."""
    return {
        "title": fields["title"],
        "sub_title": fields["sub_title"],
        "head_imgs": head_imgs,
        "desc_imgs": desc_imgs,
        "brand_id": str(fields["brand_id"]),
        "cats": [str(cat["cat_id"]) for cat in fields["cats"]],
        "attrs": [[pair["attr_key"], pair["attr_value"]] for pair in fields["attrs"]],
        "model_name": fields["model"],
        "freight_template": str(fields["express_info"]["template_id"]),
        "product_type": fields["product_type"],
        "coupon": fields.get("couponcode_info", {}),
    }


def spu_snapshot(remote: RemoteSpu) -> dict[str, Any]:
    """A copy as WeChat shows it. What it does not show is left out, see UNTOLD."""
    untold = {
        "freight_template": remote.express_template_id,
        "product_type": remote.product_type,
        "coupon": remote.coupon,
        "path": remote.path,
    }
    return {
        "title": remote.title,
        "sub_title": remote.sub_title,
        "head_imgs": remote.head_img,
        "desc_imgs": remote.desc_imgs,
        "brand_id": remote.brand_id,
        "cats": remote.cat_ids,
        "attrs": pairs(remote.attrs),
        "model_name": remote.model,
        **{name: value for name, value in untold.items() if value},
        "min_price": yuan_text(remote.min_price),
        "shopcats": remote.shopcat_ids,
        "sku_ids": sorted(remote.sku_ids),
    }


# --- SKU ----------------------------------------------------------------------------------------------


def sku_entry(sku: "Sku") -> dict[str, Any]:
    """A SKU as a push keeps it: WeChat's fields, and ours to find it and its picture again."""
    entry: dict[str, Any] = {
        "pk": sku.pk,
        "code": sku.code,
        "picture": sku.picture_id,
        "out_sku_id": sku.out_sku_id,
        "sale_price": fen(sku.sale_price) if sku.sale_price is not None else None,
        "stock_num": sku.stock,
        "sku_code": sku.sku_code,
        "barcode": sku.barcode,
        "sku_attrs": wire_pairs(sku.attrs),
    }
    if sku.market_price is not None:
        entry["market_price"] = fen(sku.market_price)
    return entry


OURS = ("pk", "code", "picture")


def sku_fields(entry: Mapping[str, Any], thumb_img: str) -> dict[str, Any]:
    """The part of an entry that goes to WeChat; what is empty is left out."""
    fields = {name: value for name, value in entry.items() if name not in OURS and value != ""}
    return fields | ({"thumb_img": thumb_img} if thumb_img else {})


def sent_sku(entry: Mapping[str, Any], thumb_img: str) -> dict[str, Any]:
    """What was sent, as a snapshot."""
    return {
        "out_sku_id": entry["out_sku_id"],
        "attrs": [[pair["attr_key"], pair["attr_value"]] for pair in entry["sku_attrs"]],
        "sale_price": yuan_text(entry["sale_price"]),
        "market_price": yuan_text(entry.get("market_price")),
        "sku_code": entry["sku_code"],
        "barcode": entry["barcode"],
        "thumb_img": thumb_img,
    }


def sku_snapshot(remote: RemoteSku) -> dict[str, Any]:
    """A copy as WeChat shows it; its stock is kept apart."""
    return {
        "out_sku_id": remote.out_sku_id,
        "attrs": pairs(remote.attrs),
        "sale_price": yuan_text(remote.sale_price),
        "market_price": yuan_text(remote.market_price or None),
        "sku_code": remote.sku_code,
        "barcode": remote.barcode,
        "thumb_img": remote.thumb_img,
    }
