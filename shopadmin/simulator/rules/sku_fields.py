"""The fields of a SKU: what each may hold and which errcode answers when it does not."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from shopadmin.simulator.rules import store_fields as rule
from shopadmin.simulator.store import Fields, Store
from shopadmin.simulator.wire import Refusal

MAX_KEY = 32
MAX_CODE = 20
MAX_ATTRIBUTE = 40
MAX_VALUES = 100
MAX_PRICE = 1_000_000_000


def new_key(store: Store, fields: Mapping[str, Any], taken: Iterable[str] = ()) -> str:
    """An out_sku_id that is free; 9401005 for one in use, ``taken`` being those of the same request."""
    key = rule.filled(fields, "out_sku_id")
    if key in store.sku_keys or key in taken:
        raise Refusal(9401005, "sku is exist")
    if len(key) > MAX_KEY:
        raise rule.wrong(f"out_sku_id is longer than {MAX_KEY}")
    return key


def read_sku(key: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of one SKU, with the own key it has for good."""
    thumb = rule.text(fields, "thumb_img")
    if thumb:
        rule.check_link(thumb)
    attribute = partial(rule.filled, longest=MAX_ATTRIBUTE)
    read = {
        "out_sku_id": key,
        "thumb_img": thumb,
        "stock_num": rule.number(fields, "stock_num"),
        "sku_code": rule.text(fields, "sku_code", MAX_CODE),
        "barcode": rule.text(fields, "barcode"),
        "sku_attrs": rule.attributes(fields, "sku_attrs", attribute),
    }
    return read | read_prices(fields)


def read_prices(fields: Mapping[str, Any]) -> dict[str, int]:
    """sale_price and market_price in fen, the latter 0 if it is not sent: 9401020, 9401054, 9401055."""
    sale = rule.number(fields, "sale_price", 0, MAX_PRICE)
    market = fields.get("market_price")
    if market is not None:
        market = rule.number(fields, "market_price", 0, MAX_PRICE)
    if sale == 0:
        raise Refusal(9401054, "sale_price is 0")
    if market is not None and sale >= market:
        raise Refusal(9401055, "sale_price must be less than market_price")
    return {"sale_price": sale, "market_price": market or 0}


def check_values(skus: Iterable[Fields]) -> None:
    """9401020 for more than 100 different values of one attribute within a product."""
    values: dict[str, set[str]] = {}
    for sku in skus:
        for attribute in sku["sku_attrs"]:
            values.setdefault(attribute["attr_key"], set()).add(attribute["attr_value"])
    for key, seen in values.items():
        if len(seen) > MAX_VALUES:
            raise rule.wrong(f"more than {MAX_VALUES} values of {key}")
