"""What a Mini Store chooses from: categories, brands, its shelf; and what it says of itself."""

from typing import Any

from shopadmin.simulator.routes import Call, Route
from shopadmin.simulator.rules import store_fields as rule
from shopadmin.simulator.rules.live_answers import shown_id
from shopadmin.simulator.store_seed import BRANDS, CATEGORIES, COMPANY_SHOP, LOGO_KEY, SHELF, STORE_NAME


def get_categories(call: Call) -> dict[str, Any]:
    """POST /product/category/get - the children of one category; none where a qualification is missing."""
    if call.fields.get("f_cat_id") is None:
        raise rule.wrong("f_cat_id is required")
    parent = rule.given_id(call.fields, "f_cat_id")
    rows = [
        {
            "cat_id": shown_id(call.settings, category.cat_id),
            "f_cat_id": shown_id(call.settings, category.parent),
            "name": category.name,
        }
        for category in CATEGORIES.values()
        if category.parent == parent and (category.qualified or category.level < 3)
    ]
    return {**rule.OK, "cat_list": rows}


def get_brands(call: Call) -> dict[str, Any]:
    """POST /product/brand/get - one row for each brand and branch granted."""
    rows = [
        {
            "first_cat_id": shown_id(call.settings, first),
            "second_cat_id": shown_id(call.settings, second),
            "third_cat_id": shown_id(call.settings, third),
            "brand_info": {"brand_id": shown_id(call.settings, brand_id), "brand_name": name},
        }
        for brand_id, name, (first, second, third) in BRANDS
    ]
    return {**rule.OK, "brands": rows}


def get_shelf(call: Call) -> dict[str, Any]:
    """POST /product/store/get_shopcat - the shop's own shelf categories."""
    rows = [
        {
            "shopcat_id": shown_id(call.settings, shopcat_id),
            "shopcat_name": name,
            "f_shopcat_id": shown_id(call.settings, parent),
            "cat_level": level,
        }
        for shopcat_id, name, parent, level in SHELF
    ]
    return {**rule.OK, "shopcat_list": rows}


def get_info(call: Call) -> dict[str, Any]:
    """POST /product/store/get_info - name, logo and kind of the shop."""
    logo = f"https://mmecimage.cn/p/{call.shop.appid}/{LOGO_KEY}"
    return {**rule.OK, "data": {"store_name": STORE_NAME, "logo": logo, "type": COMPANY_SHOP}}


ROUTES = {
    "/product/category/get": Route("POST", get_categories, family=rule.FAMILY),
    "/product/brand/get": Route("POST", get_brands, family=rule.FAMILY),
    "/product/store/get_shopcat": Route("POST", get_shelf, family=rule.FAMILY),
    "/product/store/get_info": Route("POST", get_info, family=rule.FAMILY),
}
