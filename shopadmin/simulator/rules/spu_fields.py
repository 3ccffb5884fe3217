"""The fields of a product: what each may hold and which errcode answers when it does not."""

from collections.abc import Mapping
from typing import Any

from shopadmin.simulator.routes import Call
from shopadmin.simulator.rules import store_fields as rule
from shopadmin.simulator.store_seed import BRANDS, CATEGORIES, NO_BRAND
from shopadmin.simulator.wire import Refusal

MAX_TITLE, MAX_SUB_TITLE = 60, 18
MAX_HEAD_IMG, MAX_DESC_IMG = 9, 20
PHYSICAL, COUPON = 1, 2
MAX_DAYS = 365
DAY = 24 * 3600
LEVELS = (1, 2, 3)
FIXED_PERIOD, DAYS_AFTER_PURCHASE = 1, 2


def product_type(fields: Mapping[str, Any]) -> int:
    """1 if it is not sent."""
    return rule.number(fields, "product_type", PHYSICAL, COUPON, default=PHYSICAL)


def read_spu(call: Call, fields: Mapping[str, Any], kind: int) -> dict[str, Any]:
    """The product-level fields of one copy, checked in WeChat's order."""
    read: dict[str, Any] = {
        "title": _title(fields),
        "sub_title": _sub_title(fields),
        "head_img": _head_img(fields),
        "desc_info": {"imgs": _desc_imgs(fields)},
    }
    for link in (*read["head_img"], *read["desc_info"]["imgs"]):
        rule.check_link(link)
    read["brand_id"] = rule.number(fields, "brand_id")
    read["attrs"] = rule.attributes(fields, "attrs", rule.filled)
    read["model"] = rule.text(fields, "model")
    read["cats"] = _cats(fields)
    _check_brand(read["brand_id"], read["cats"])
    read["express_info"] = _express(call, fields)
    if kind == COUPON:
        read["couponcode_info"] = _coupon(fields, call.now)
    return read


def _title(fields: Mapping[str, Any]) -> str:
    title = rule.text(fields, "title")
    if not title:
        raise Refusal(9401035, "title is empty")
    if len(title) > MAX_TITLE:
        raise Refusal(9401036, "title is too long")
    return title


def _sub_title(fields: Mapping[str, Any]) -> str:
    sub_title = rule.text(fields, "sub_title")
    if len(sub_title) > MAX_SUB_TITLE:
        raise Refusal(9401039, "sub_title is too long")
    return sub_title


def _head_img(fields: Mapping[str, Any]) -> list[str]:
    links = rule.strings(fields.get("head_img"), "head_img")
    if not links:
        raise Refusal(9401037, "head_img is empty")
    if len(links) > MAX_HEAD_IMG:
        raise Refusal(9401038, "too many head_img")
    return links


def _desc_imgs(fields: Mapping[str, Any]) -> list[str]:
    links = rule.strings(rule.part(fields, "desc_info").get("imgs"), "desc_info.imgs")
    if len(links) > MAX_DESC_IMG:
        raise Refusal(9401040, "too many desc_info.imgs")
    return links


def _cats(fields: Mapping[str, Any]) -> list[dict[str, int]]:
    """Three levels of one branch, in their order: 9401026, 9401032, 9401033."""
    rows = fields.get("cats")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refusal(9401026, "cats must have three levels")
    levels = {row.get("level"): row for row in rows if type(row.get("level")) is int}
    if len(rows) != len(LEVELS) or set(levels) != set(LEVELS):
        raise Refusal(9401026, "cats must have three levels")
    cats = [{"cat_id": rule.given_id(levels[level], "cat_id"), "level": level} for level in LEVELS]
    parent = 0
    for cat in cats:
        known = CATEGORIES.get(cat["cat_id"])
        if known is None or (known.level, known.parent) != (cat["level"], parent):
            raise Refusal(9401032, "cat is illegal")
        parent = known.cat_id
    if not CATEGORIES[parent].qualified:
        raise Refusal(9401033, "no qualification for this cat")
    return cats


def _check_brand(brand_id: int, cats: list[dict[str, int]]) -> None:
    if brand_id == NO_BRAND:
        return
    branches = {branch for known, _, branch in BRANDS if known == brand_id}
    if not branches:
        raise rule.wrong("brand_id is not granted to this shop")
    if tuple(cat["cat_id"] for cat in cats) not in branches:
        raise Refusal(100010, "cat does not belong to the brand")


def _express(call: Call, fields: Mapping[str, Any]) -> dict[str, int]:
    template_id = rule.given_id(rule.part(fields, "express_info"), "template_id")
    if template_id not in call.shop.store.templates:
        raise Refusal(9401034, "freight template is illegal")
    return {"template_id": template_id}


def _coupon(fields: Mapping[str, Any], now: float) -> dict[str, Any]:
    """couponcode_info; 110111 if something is missing or wrong, 110112 if it is valid for too long."""
    info = fields.get("couponcode_info")
    valid = info.get("valid_info") if isinstance(info, dict) else None
    if not isinstance(info, dict) or not isinstance(valid, dict):
        raise _bad_coupon("couponcode_info.valid_info")
    kind = _coupon_number(valid, "valid_type", FIXED_PERIOD, DAYS_AFTER_PURCHASE)
    read = {"verify_type": _coupon_number(info, "verify_type", 0, 1)}
    if kind == FIXED_PERIOD:
        start, end = _coupon_number(valid, "start_time", 1), _coupon_number(valid, "end_time", 1)
        if end <= start:
            raise _bad_coupon("end_time")
        too_long = end > now + MAX_DAYS * DAY
        period = {"start_time": start, "end_time": end}
    else:
        # One document has a misprint for the name; both are taken.
        name = "valid_day_num" if "valid_day_num" in valid else "valid_day_A"
        days = _coupon_number(valid, name, 1)
        too_long = days > MAX_DAYS
        period = {"valid_day_num": days}
    if too_long:
        raise Refusal(110112, "couponcode is valid for too long")
    return {**read, "valid_info": {"valid_type": kind, **period}}


def _coupon_number(fields: Mapping[str, Any], name: str, low: int, high: int | None = None) -> int:
    value = fields.get(name)
    if type(value) is not int or value < low or (high is not None and value > high):
        raise _bad_coupon(name)
    return value


def _bad_coupon(name: str) -> Refusal:
    return Refusal(110111, f"couponcode_info is incomplete or wrong: {name}")
