"""How the Channels window reads a request: ids as text, flags, numbers, and which shop is meant."""

from typing import Any

from shopadmin.simulator.routes import Call
from shopadmin.simulator.wire import Refusal

FAMILY = "window"
OK = {"errcode": 0, "errmsg": "ok"}
WRONG_PARAMETER = 40097
NOT_IN_WINDOW, NOT_TO_BE_CHANGED, NOT_BOUND = 10022003, 10022007, 10022008
_LARGEST_ID = 2**64 - 1


def wrong(text: str, errcode: int = WRONG_PARAMETER) -> Refusal:
    """40097, or the errcode given, and what is wrong."""
    return Refusal(errcode, f"invalid parameter, {text}")


def product_id(fields: dict[str, Any]) -> int:
    """The product meant: an unsigned 64-bit number in quotes."""
    value = fields.get("product_id")
    digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20
    if not digits or not 0 < int(str(value)) <= _LARGEST_ID:
        raise wrong("product_id must be a string of digits")
    return int(str(value))


def text(fields: dict[str, Any], name: str) -> str:
    """A string, "" if it is not sent."""
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise wrong(f"{name} must be a string")
    return value or ""


def flag(fields: dict[str, Any], name: str) -> bool:
    """A boolean, or 0 or 1 as an older client sends it; false if it is not sent."""
    value = fields.get(name, False)
    if type(value) not in (bool, int) or value not in (0, 1):
        raise wrong(f"{name} must be a boolean")
    return bool(value)


def number(fields: dict[str, Any], name: str, low: int, default: int | None = None) -> int:
    """A whole JSON number from ``low``; 40097 for anything else, or if it is missing without a default."""
    value = fields.get(name, default)
    if type(value) is not int or not low <= value <= _LARGEST_ID:
        raise wrong(f"{name} must be a number from {low}")
    return value


def shop_appid(call: Call, *, required: bool) -> str:
    """The shop meant, which has to be bound to the window's owner; "" if none is sent and none has to be."""
    appid = text(call.fields, "appid")
    if required and not appid:
        raise wrong("appid is required")
    if appid and appid not in call.shop.window.shops:
        raise Refusal(NOT_BOUND, "appid is not bound to this finder")
    return appid
