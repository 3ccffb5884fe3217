"""How the Channels window writes its answers: with the odd types of the samples, or those of the tables."""

from typing import Any

from shopadmin.simulator.routes import Call
from shopadmin.simulator.window import Kind, WindowProduct

OWN_SOURCE, CPS_SOURCE = 1, 2
NEEDS_CATEGORY = 1


def list_row(call: Call, product: WindowProduct) -> dict[str, Any]:
    """One product as the list shows it: ids only."""
    if product.kind is Kind.OWN:
        return {**_ids(call, product), "appid": product.appid, "product_source": OWN_SOURCE}
    return {**_ids(call, product), **_cps_appid(call, product), "product_source": CPS_SOURCE}


def detail_row(call: Call, product: WindowProduct) -> dict[str, Any]:
    """An own product with everything there is to say."""
    optional = {
        "banned_details": _banned_details(product),
        "branch_info": _branch_info(product),
        "limit_discount_info": _discount_info(call, product),
    }
    return {
        **_common(call, product),
        "out_product_id": product.out_product_id,
        "appid": product.appid,
        "page_path": {
            "appid": product.appid,
            "half_page_path": f"pages/half/detail?id={product.product_id}",
            "full_page_path": f"pages/detail?id={product.product_id}",
        },
        **_optional(call, optional),
    }


def plan_row(call: Call, product: WindowProduct) -> dict[str, Any]:
    """A cps product."""
    return {
        **_common(call, product),
        **_cps_appid(call, product),
        "cps_item_type": product.cps_item_type,
        "product_promotion_link": product.promotion_link,
    }


def one_or_many(call: Call, rows: list[dict[str, Any]]) -> object:
    """A list; where the table calls it an object, one alone is written as such."""
    return rows[0] if call.settings.window_documented_types and len(rows) == 1 else rows


def _common(call: Call, product: WindowProduct) -> dict[str, Any]:
    documented = call.settings.window_documented_types
    category = str(product.category_id) if documented else product.category_id
    return {
        **_ids(call, product),
        "title": product.title,
        "img_url": product.img_url,
        "third_category_id": category,
        "leaf_category_id": category,
        "status": int(product.status),
        "market_price": product.market_price,
        "selling_price": product.selling_price,
        "stock": product.stock,
        "sales": product.sales,
        "platform_id": product.platform_id,
        "platform_name": product.platform_name,
        "is_hide_for_window": product.hidden if documented else int(product.hidden),
        "banned": product.ban is not None,
    }


def _ids(call: Call, product: WindowProduct) -> dict[str, Any]:
    if product.kind is Kind.OWN:
        return {"product_id": _id(call, product.product_id)}
    return {
        "product_id": _id(call, product.cps_id),
        "out_product_id": _id(call, product.product_id),
    }


def _id(call: Call, number: int) -> str | int:
    return number if call.settings.window_ids_as_numbers else str(number)


def _cps_appid(call: Call, product: WindowProduct) -> dict[str, str]:
    return {"appid": product.appid} if call.settings.window_cps_appid else {}


def _optional(call: Call, objects: dict[str, dict[str, Any] | None]) -> dict[str, Any]:
    """Objects that are there, and the others as ``window_absent_objects`` says."""
    absent: dict[str, dict[str, Any] | None] = {"null": None, "empty": {}}
    how = call.settings.window_absent_objects
    shown = {name: value for name, value in objects.items() if value is not None or how in absent}
    return {name: absent[how] if value is None else value for name, value in shown.items()}


def _banned_details(product: WindowProduct) -> dict[str, Any] | None:
    if product.ban is None:
        return None
    if product.ban != NEEDS_CATEGORY:
        return {"reason": product.ban}
    return {
        "reason": product.ban,
        "need_apply_category_id": str(product.category_id),
        "need_apply_category_name": product.category_name,
    }


def _branch_info(product: WindowProduct) -> dict[str, Any] | None:
    if not product.branch_id:
        return None
    return {
        "branch_id": product.branch_id,
        "branch_name": product.branch_name,
        "branch_status": product.branch_status,
    }


def _discount_info(call: Call, product: WindowProduct) -> dict[str, Any] | None:
    if product.discount_price is None:
        return None
    end = int(product.discount_until * 1000)
    return {
        "is_effect": call.now < product.discount_until and product.discount_stock > 0,
        "discount_price": product.discount_price,
        "end_time_ms": str(end) if call.settings.window_documented_types else end,
        "stock": product.discount_stock,
    }
