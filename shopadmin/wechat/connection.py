"""What is wrong with an account's connection, in words for the people who can put it right."""

import ipaddress
import re
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shopadmin.wechat.errcodes import explain, find
from shopadmin.wechat.errors import Kind

UNREADABLE_SECRET = "the stored secret cannot be decrypted"  # noqa: S105 - a sentence, not a secret

_WRONG_SECRET = gettext_lazy(
    "The AppSecret is wrong. Copy it again from the WeChat console; if it was reset there, "
    "enter the new one here."
)
_RESTRICTED = gettext_lazy(
    "WeChat has frozen or restricted this account. The notices in the WeChat console say why."
)
_REFUSED_ADDRESS = gettext_lazy(
    "The account's administrator refused this server's address. Talk to the administrator, "
    "wait (an hour, after two refusals a day), and test again."
)
_CONFIRM_ADDRESS = gettext_lazy(
    "WeChat has asked the account's administrator to confirm this server's address. "
    "Have it confirmed in WeChat, then test again."
)
_NOT_ALLOWED = gettext_lazy(
    "The credentials are right, but WeChat does not let this account use this family of interfaces. "
    "Switch the function on in the WeChat console, or take the family away here."
)
_WHITELIST = gettext_lazy(
    "WeChat does not accept calls from this server's address (%(address)s). "
    "Add it to the IP whitelist in the WeChat console."
)

BY_CODE = {
    40001: _WRONG_SECRET,
    40125: _WRONG_SECRET,
    40013: gettext_lazy("WeChat does not know this AppID. Compare it with the one in the WeChat console."),
    40164: _WHITELIST,
    40243: gettext_lazy("The AppSecret is frozen. An administrator unfreezes it in the WeChat console."),
    41002: gettext_lazy("The AppID is missing. Enter it here."),
    41004: gettext_lazy("The AppSecret is missing. Enter it here."),
    45035: _WHITELIST,
    48001: _NOT_ALLOWED,
    50002: _RESTRICTED,
    50004: _RESTRICTED,
    50007: _RESTRICTED,
    61004: _WHITELIST,
    61024: gettext_lazy(
        "A third-party platform manages this AppID and must make its calls. Use an AppID of your own."
    ),
    89501: _CONFIRM_ADDRESS,
    89503: _CONFIRM_ADDRESS,
    89506: _REFUSED_ADDRESS,
    89507: _REFUSED_ADDRESS,
}

BY_KIND = {
    Kind.TOKEN: gettext_lazy(
        "WeChat refuses the access token, even a new one. Probably another program fetches tokens "
        "with the same AppID, or the AppSecret was reset."
    ),
    Kind.BUSY: gettext_lazy("WeChat is busy. Try again in a minute."),
    Kind.QUOTA: gettext_lazy(
        "The account's calls of today are used up. Try again after midnight, Beijing time."
    ),
    Kind.NOT_SENT: gettext_lazy(
        "WeChat could not be reached: %(detail)s. Check this server's network connection."
    ),
    Kind.NO_ANSWER: gettext_lazy("WeChat did not answer properly: %(detail)s. Try again in a few minutes."),
    Kind.PERMISSION: gettext_lazy(
        "The server at the configured address refuses WeChat calls: %(detail)s. Check WECHAT_API_BASE."
    ),
}

_LOST_KEY = gettext_lazy(
    "The stored AppSecret cannot be decrypted: its key is missing from FIELD_ENCRYPTION_KEYS. "
    "Put the key back, or enter the AppSecret again."
)


def in_plain_words(kind: Kind, errcode: int | None, errmsg: str, families: Iterable[str] = ()) -> str:
    """What happened and what to do, in the reader's language, with the code that WeChat gave.

    ``families`` are those whose tables of error codes may know it.
    """
    if errmsg == UNREADABLE_SECRET:
        return str(_LOST_KEY)
    sentence = BY_CODE.get(errcode or 0) if kind is Kind.PERMISSION else None
    if sentence is None and (errcode is None or kind in (Kind.TOKEN, Kind.BUSY, Kind.QUOTA)):
        sentence = BY_KIND.get(kind)
    if sentence is None:
        return errmsg if errcode is None else _from_the_table(errcode, errmsg, families)
    address = _address_in(errmsg) or _("unknown")
    words = str(sentence) % {"address": address, "detail": _(errmsg) if errmsg else ""}
    return words if errcode is None else _("%(words)s (error %(code)s)") % {"words": words, "code": errcode}


def _from_the_table(errcode: int, errmsg: str, families: Iterable[str]) -> str:
    known = (find(errcode, family) for family in families)
    entry = next((row for row in known if row), None) or explain(errcode)
    words = {"meaning": entry.meaning, "advice": entry.advice, "code": errcode, "errmsg": errmsg}
    return _("%(meaning)s. %(advice)s (error %(code)s: %(errmsg)s)") % words


def _address_in(errmsg: str) -> str:
    """The caller's address as WeChat saw it, for example from "invalid ip 203.0.113.7, not in whitelist"."""
    for word in re.findall(r"[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]*[0-9a-fA-F]", errmsg):
        try:
            return str(ipaddress.ip_address(word))
        except ValueError:
            continue
    return ""
