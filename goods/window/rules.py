"""What is wrong with what staff enter for the window, as sentences; nothing for what is right."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

APPID = re.compile(r"wx[0-9a-f]{16}")
LARGEST_ID = 2**64 - 1


def product_id_problems(number: str) -> Iterator[str]:
    if not number:
        yield _("Enter the product's number in its shop.")
    elif not (number.isascii() and number.isdigit()) or not 0 < int(number[:30]) <= LARGEST_ID:
        yield _("The product number consists of digits only, 20 at most.")


def appid_problems(appid: str) -> Iterator[str]:
    if not APPID.fullmatch(appid):
        yield _("The shop's appid begins with wx, followed by 16 digits or letters a–f.")
