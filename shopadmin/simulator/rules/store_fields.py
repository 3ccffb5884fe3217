"""How the Mini Store reads a request: numbers, texts and flags, and which product or SKU is meant."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from shopadmin.simulator.routes import Call
from shopadmin.simulator.store import EditStatus, Spu, SpuStatus
from shopadmin.simulator.wire import Refusal

FAMILY = "store"
OK = {"errcode": 0, "errmsg": "ok"}
WRONG_PARAMETER = 9401020
NO_SPU, NO_SKU = 9401002, 9401006
_LONGEST_ID = 20
# What answers when the state forbids a change: not now, and not at all.
SPU_STATE, SKU_STATE = (9401023, 9401022), (9401025, 9401024)


def wrong(text: str) -> Refusal:
    """9401020 and what is wrong."""
    return Refusal(WRONG_PARAMETER, f"invalid parameter, {text}")


def number(
    fields: Mapping[str, Any], name: str, low: int = 0, high: int | None = None, default: int | None = None
) -> int:
    """A whole JSON number within bounds; 9401020 for anything else, or if it is missing without a default."""
    value = fields.get(name, default)
    if type(value) is not int or value < low or (high is not None and value > high):
        raise wrong(f"{name} must be a number from {low}" + (f" to {high}" if high is not None else ""))
    return value


def flag(fields: Mapping[str, Any], name: str) -> bool:
    """0 or 1, 0 if it is not sent."""
    return number(fields, name, 0, 1, default=0) == 1


def text(fields: Mapping[str, Any], name: str, longest: int | None = None) -> str:
    """A string, "" if it is not sent; 9401020 for another type or if it is too long."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong(f"{name} must be a string")
    if longest is not None and len(value) > longest:
        raise wrong(f"{name} is longer than {longest}")
    return value


def filled(fields: Mapping[str, Any], name: str, longest: int | None = None) -> str:
    """A string that is not empty."""
    value = text(fields, name, longest)
    if not value:
        raise wrong(f"{name} is required")
    return value


def items(value: object, name: str) -> list[dict[str, Any]]:
    """A list of objects."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise wrong(f"{name} must be a list of objects")
    return value


def strings(value: object, name: str) -> list[str]:
    """A list of strings, empty if it is not sent."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise wrong(f"{name} must be a list of strings")
    return value


def part(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside the request, empty if it is not sent."""
    value = fields.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong(f"{name} must be an object")
    return value


def given_id(fields: Mapping[str, Any], name: str) -> int:
    """WeChat's own id as a number or in quotes, 0 if it is not sent."""
    value = fields.get(name)
    if value in (None, "", 0):
        return 0
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LONGEST_ID:
        return int(value)
    if type(value) is not int:
        raise wrong(f"{name} must be a number")
    return value


def find_spu(call: Call, fields: Mapping[str, Any], unknown: int = NO_SPU) -> Spu:
    """The product meant; of two ids that contradict each other product_id wins."""
    store = call.shop.store
    product_id, key = given_id(fields, "product_id"), text(fields, "out_product_id")
    if not product_id and not key:
        raise wrong("product_id or out_product_id is required")
    spu = store.spus.get(product_id or store.keys.get(key, 0))
    if spu is None or spu.status is SpuStatus.DELETED:
        raise Refusal(unknown, "spu is not exist")
    return spu


def find_sku(call: Call, fields: Mapping[str, Any], spu: Spu | None, unknown: int = NO_SKU) -> int:
    """The id of the SKU meant, which belongs to this product if one is named."""
    store = call.shop.store
    sku_id, key = given_id(fields, "sku_id"), text(fields, "out_sku_id")
    if not sku_id and not key:
        raise wrong("sku_id or out_sku_id is required")
    sku_id = sku_id or store.sku_keys.get(key, 0)
    owner = store.owners.get(sku_id)
    if owner is None or (spu is not None and owner != spu.product_id):
        raise Refusal(unknown, "sku is not exist")
    return sku_id


def check_changeable(call: Call, spu: Spu, codes: tuple[int, int]) -> None:
    """A draft under review, or a product in the recycle bin, cannot be changed."""
    not_now, not_at_all = codes
    if spu.edit_status is EditStatus.UNDER_REVIEW:
        raise Refusal(not_now, "is auditing, can't edit")
    if spu.status is SpuStatus.RECYCLED:
        raise Refusal(not_at_all, "is in the recycle bin, can't change")
    if spu.status is SpuStatus.REMOVED and call.settings.removed_is_final:
        raise Refusal(not_now, "is removed by the system, can't edit")


def check_link(link: str) -> None:
    """9401050 unless it is one of WeChat's own picture links."""
    try:
        url = urlsplit(link)
        host = url.hostname
    except ValueError:
        raise Refusal(9401050, "img url illegal") from None
    short = host in ("mmbizurl.cn", "mmecimage.cn") and url.path.startswith("/p/")
    long = host == "store.mp.video.tencent-cloud.com"
    if url.scheme not in ("http", "https") or not (short or long):
        raise Refusal(9401050, "img url illegal")


def attributes(
    fields: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any], str], str]
) -> list[dict[str, str]]:
    """A list of attr_key and attr_value; it must be sent, but may be empty."""
    rows = items(fields.get(name), name)
    return [{"attr_key": read(row, "attr_key"), "attr_value": read(row, "attr_value")} for row in rows]
