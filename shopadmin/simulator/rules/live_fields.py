"""The fields of live goods: what each may hold and which errcode answers when it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from shopadmin.simulator.audit import forbidden_word
from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.routes import Call
from shopadmin.simulator.wire import Refusal

MIN_UNITS = 6
MAX_UNITS = 28
MAX_SIDE = 300
PRICE_FIELDS = ("priceType", "price", "price2")
FIXED, RANGE, DISCOUNT = 1, 2, 3
_UNSENT: tuple[object, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Prices:
    """The three price fields, which are only right or wrong together."""

    price_type: int
    price: Decimal
    price2: Decimal


def required(fields: Mapping[str, Any], names: tuple[str, ...]) -> None:
    """200002 for the first of these that is missing or empty."""
    for name in names:
        if fields.get(name) in _UNSENT:
            raise Refusal(200002, f"{name} must not be empty")


def number(fields: Mapping[str, Any], name: str) -> int:
    """A whole JSON number; 200002 if it is missing or is anything else."""
    required(fields, (name,))
    value = fields[name]
    if type(value) is not int:
        raise Refusal(200002, f"{name} must be a number")
    return value


def text(fields: Mapping[str, Any], name: str) -> str:
    """A string, "" if it is not sent; 200002 for another type."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refusal(200002, f"{name} must be a string")
    return value


def check_name(name: str, settings: Settings) -> None:
    """300002 for the length, 300004 for what may not be in a name."""
    if not MIN_UNITS <= name_units(name) <= MAX_UNITS:
        raise Refusal(300002, "name length invalid")
    if name.isdigit():
        raise Refusal(300004, "goods name illegal")
    if settings.forbidden_at_once and forbidden_word(name, settings):
        raise Refusal(300004, "goods name illegal")


def name_units(name: str) -> int:
    """The length as WeChat counts it: 1 for ASCII, 2 for everything else."""
    return sum(1 if ord(character) < 128 else 2 for character in name)


def check_prices(price_type: object, price: object, price2: object) -> Prices:
    """300003 unless the prices are positive, in whole fen and in the order their type asks for."""
    if type(price_type) is not int or price_type not in (FIXED, RANGE, DISCOUNT):
        raise Refusal(300003, "goods price invalid, priceType must be 1, 2 or 3")
    first = _yuan(price)
    second = Decimal(0) if price2 is None else _yuan(price2)
    fits = {FIXED: second == 0, RANGE: first < second, DISCOUNT: first > second > 0}[price_type]
    if first <= 0 or not fits:
        raise Refusal(300003, "goods price invalid")
    return Prices(price_type, first, second)


def _yuan(value: object) -> Decimal:
    # A JSON fraction has been read as Decimal, so that its decimals can be counted as they were sent.
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Refusal(300003, "goods price invalid, not a number")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise Refusal(300003, "goods price invalid, not a number") from None
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or not -2 <= exponent <= 0:
        raise Refusal(300003, "goods price invalid, at most 2 decimals")
    return amount


def check_url(url: str, settings: Settings) -> None:
    """300007 unless it is the path of a page, without a leading slash and not encoded as a whole."""
    path, _, query = url.partition("?")
    malformed = not path or path.startswith("/") or "%" in path or ":" in path
    if malformed or "://" in query or any(character.isspace() for character in url):
        raise Refusal(300007, "goods url invalid")
    if settings.pages and path not in settings.pages:
        raise Refusal(300007, "goods url invalid, page not found in the published version")


def check_picture(call: Call, media_id: str) -> None:
    """300006 unless it is a living media id of this account, 300018 if the picture is too large."""
    media = call.shop.media.get(media_id)
    if media is None or not media.alive(call.now):
        raise Refusal(300006, "goods img upload fail")
    if max(media.width, media.height) > MAX_SIDE:
        raise Refusal(300018, f"product image width or height more than {MAX_SIDE}px")


def goods_key(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The url parameters that identify the product; 200002 unless it is a list of strings."""
    value = fields.get("goodsKey")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refusal(200002, "goodsKey must be Array<string>")
    return tuple(value)
