"""The Channels window (/channels/ec/window/product/*): own products follow their shop, cps ones are read."""

import base64
import binascii
import secrets
from typing import Any

from shopadmin.simulator.routes import Call, Route
from shopadmin.simulator.rules import window_fields as rule
from shopadmin.simulator.rules.window_answers import detail_row, list_row, one_or_many, plan_row
from shopadmin.simulator.window import Kind, Place, Source, WindowProduct, WindowStatus
from shopadmin.simulator.wire import Refusal

MAX_PAGE_SIZE = 200
_SALT, _POSITION = 4, 8


def add(call: Call) -> dict[str, Any]:
    """POST /channels/ec/window/product/add - into the window, or only another hide flag if it is there."""
    product = _own_product(call)
    hidden = rule.flag(call.fields, "is_hide_for_window")
    if call.settings.window_add_does_nothing:
        return dict(rule.OK)
    product.hidden = hidden
    if product.place is not Place.ON:
        product.place = Place.ON
        call.shop.window.keep(product)
    return dict(rule.OK)


def off(call: Call) -> dict[str, Any]:
    """POST /channels/ec/window/product/off - nothing, unless it works as in former times."""
    product = _own_product(call)
    if product.place is Place.NEVER:
        raise Refusal(rule.NOT_IN_WINDOW, "product is not in the window")
    if call.settings.window_off_is_legacy:
        product.place = Place.OFF
    return dict(rule.OK)


def get(call: Call) -> dict[str, Any]:
    """POST /channels/ec/window/product/get - an own product, and on demand the plans that promote it."""
    with_cps = rule.flag(call.fields, "need_cps_product")
    number = rule.product_id(call.fields)
    appid = rule.shop_appid(call, required=not with_cps)
    window = call.shop.window
    product = window.find(Kind.OWN, number)
    if product is None or product.place is Place.NEVER or appid not in ("", product.appid):
        product = None
    plan = window.find(Kind.CPS, number)
    plans = ([plan] if plan else window.plans_of(number)) if with_cps else []
    if product is None and not plans:
        raise Refusal(rule.NOT_IN_WINDOW, "product is not in the window")
    answer = {**rule.OK, **_product(call, product, plans)}
    if with_cps:
        answer["cps_products"] = [plan_row(call, plan) for plan in plans]
    return answer


def _product(call: Call, product: WindowProduct | None, plans: list[WindowProduct]) -> dict[str, Any]:
    """``product``: where there are only plans, three answers are possible."""
    if product is not None:
        return {"product": detail_row(call, product)}
    if call.settings.window_cps_product == "absent":
        return {}
    return {"product": plan_row(call, plans[0]) if call.settings.window_cps_product == "filled" else {}}


def get_list(call: Call) -> dict[str, Any]:
    """POST /channels/ec/window/product/list/get - ids, the latest product first.

    A page by number is cut from the list as it is now, so whatever comes or goes meanwhile shifts it. A
    page by last_buffer goes on after the last product that was told, wherever that stands now.
    """
    fields, settings = call.fields, call.settings
    page_size, buffer = _page_size(call), rule.text(fields, "last_buffer")
    found = _found(call)
    if buffer:
        if settings.window_refuse_both_pagings and "page_index" in fields:
            raise rule.wrong("page_index and last_buffer are both set", settings.window_limit_errcode)
        position = _position(buffer)
        rest = [product for product in found if product.seq < position]
    else:
        start = (_page_index(call, page_size) - 1) * page_size
        position, rest = 0, found[start:]
    page = rest[:page_size]
    goes_on = len(rest) > page_size or settings.window_list_end == "empty_page"
    answer = {
        **rule.OK,
        "products": one_or_many(call, [list_row(call, product) for product in page]),
        "last_buffer": _new_buffer(page[-1].seq if page else position) if goes_on else "",
    }
    if rule.flag(fields, "need_total_num"):
        answer["total_num"] = len(found)
    return answer


def _found(call: Call) -> list[WindowProduct]:
    """What the list is about: of a shop, else the cps products if asked for, else all; and of a branch."""
    fields, appid = call.fields, rule.shop_appid(call, required=False)
    only_cps = rule.flag(fields, "query_cps_product") and not appid
    branch_id = rule.number(fields, "branch_id", 0, default=0)
    return [
        product
        for product in call.shop.window.latest_first()
        if (product.status is WindowStatus.ON_WINDOW or call.settings.window_lists_all)
        and (not appid or (product.kind is Kind.OWN and product.appid == appid))
        and (not only_cps or product.kind is Kind.CPS)
        and (not branch_id or product.branch_id == branch_id)
    ]


def _page_size(call: Call) -> int:
    page_size = rule.number(call.fields, "page_size", 1)
    if page_size > MAX_PAGE_SIZE:
        raise rule.wrong(f"page_size is larger than {MAX_PAGE_SIZE}", call.settings.window_limit_errcode)
    return page_size


def _page_index(call: Call, page_size: int) -> int:
    page_index = rule.number(call.fields, "page_index", 1, default=1)
    if page_size * page_index > call.settings.window_page_limit:
        raise rule.wrong("page_size * page_index is too large", call.settings.window_limit_errcode)
    return page_index


def _new_buffer(position: int) -> str:
    """An opaque cursor, another one every time."""
    return base64.b64encode(secrets.token_bytes(_SALT) + position.to_bytes(_POSITION)).decode()


def _position(buffer: str) -> int:
    try:
        raw = base64.b64decode(buffer, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _SALT + _POSITION:
        raise rule.wrong("last_buffer is unknown")
    return int.from_bytes(raw[_SALT:])


def _own_product(call: Call) -> WindowProduct:
    """The own product that is to be changed: 10022007 for a cps id, 10022008, 10022003."""
    number, window = rule.product_id(call.fields), call.shop.window
    product = window.find(Kind.OWN, number)
    if product is None and window.find(Kind.CPS, number):
        raise Refusal(rule.NOT_TO_BE_CHANGED, "product of the selection centre can not be operated")
    appid = rule.shop_appid(call, required=True)
    if product is None or product.appid != appid or product.source is Source.DELETED:
        raise Refusal(rule.NOT_IN_WINDOW, "product is not exist")
    return product


ROUTES = {
    "/channels/ec/window/product/add": Route("POST", add, family=rule.FAMILY),
    "/channels/ec/window/product/get": Route("POST", get, family=rule.FAMILY),
    "/channels/ec/window/product/list/get": Route("POST", get_list, family=rule.FAMILY),
    "/channels/ec/window/product/off": Route("POST", off, family=rule.FAMILY),
}
