"""WeChat's rules for the fields of live goods, each as a function that says what is wrong, or nothing.

The messages are for shop staff: what is wrong, and what to do.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from goods.live.choices import PriceType

NAME_UNITS_MIN = 6
NAME_UNITS_MAX = 28
URL_MAX = 255
APPID = re.compile(r"wx[0-9a-f]{16}")
# Unassigned and invisible characters; what makes an emoji of the character before it.
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
EMOJI_MARKS = "\ufe0f\u20e3"
URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*")


def name_units(name: str) -> int:
    """Length as WeChat counts it: a half-width character is 1 unit, every other one 2."""
    return sum(1 if ord(character) < 128 else 2 for character in name)


def name_problems(name: str) -> Iterator[str]:
    units = name_units(name)
    if not name.strip():
        yield _("Enter a name.")
        return
    if units > NAME_UNITS_MAX:
        yield _(
            "Name too long: %(units)s of at most 28 (a Chinese character counts 2, a letter or digit 1)."
        ) % {"units": units}
    if units < NAME_UNITS_MIN:
        yield _("The name is too short: WeChat wants at least 3 Chinese characters or 6 letters.")
    if name.strip() != name:
        yield _("Remove the spaces before or after the name.")
    if name.isdigit():
        yield _("A name of digits only is refused: add a word.")
    if any(unicodedata.category(character) in HIDDEN or _is_emoji(character) for character in name):
        yield _("Remove emoji and invisible characters from the name.")


def _is_emoji(character: str) -> bool:
    """A symbol, but not one of those that stand for units and letters (° ℃ ㎡ ㈱)."""
    letterlike = character < "\u2190" or "\u3200" <= character < "\u3400"
    return character in EMOJI_MARKS or (unicodedata.category(character) == "So" and not letterlike)


def price_problems(
    price_type: int | None, price: Decimal | None, price2: Decimal | None
) -> Iterator[tuple[str, str]]:
    """Pairs of field and message. ``price`` and ``price2`` are yuan."""
    if price_type not in set(PriceType):
        yield "price_type", _("Choose how the price is shown.")
        return
    if price is None:
        yield "price", _("Enter the price in yuan.")
    elif price <= 0:
        yield "price", _("The price must be more than 0.")
    if price_type == PriceType.FIXED:
        return
    if price2 is None:
        yield "price2", _("This kind of price needs a second price.")
    elif price2 <= 0:
        yield "price2", _("The price must be more than 0.")
    elif price is not None and price_type == PriceType.RANGE and price >= price2:
        yield "price2", _("The highest price must be above the lowest price.")
    elif price is not None and price_type == PriceType.DISCOUNT and price <= price2:
        yield "price2", _("The present price must be below the original price.")


def url_problems(url: str) -> Iterator[str]:
    path, _question_mark, query = url.partition("?")
    if not path.strip():
        yield _("Enter the page of the Mini Program that sells this product.")
        return
    if ":" in path:
        yield _(
            "Enter the page path inside the Mini Program, such as pages/goods/detail?id=88, "
            "not a web address."
        )
        return
    if url.startswith("/"):
        yield _("Remove the slash at the beginning: pages/goods/detail?id=88.")
    if len(url) > URL_MAX:
        yield _("The page path is longer than %(most)s characters.") % {"most": URL_MAX}
    if "%" in path:
        yield _("Write the path itself with plain slashes; only values after the question mark are encoded.")
    if not URL_CHARACTERS.fullmatch(url):
        yield (
            _("Spaces, Chinese and special characters in the page path must be percent-encoded (%%E4…).") % {}
        )
    elif "://" in query or any("/" in part for part in _raw_values(query) if part.startswith("http")):
        yield (
            _(
                "A web address as a value after the question mark must be percent-encoded "
                "(https%%3A%%2F%%2F…)."
            )
            % {}
        )


def _raw_values(query: str) -> list[str]:
    return [pair.partition("=")[2] for pair in query.split("&")]


def appid_problems(appid: str) -> Iterator[str]:
    if appid and not APPID.fullmatch(appid):
        yield _("The appid of the other Mini Program begins with wx, followed by 16 digits or letters a–f.")
