"""What the operations are called once somebody has asked for them, by kind of record."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from audits.operations import Operation, Text

Words = Mapping[Operation, Text]

_ASKED: Words = {
    Operation.ADD: _("Submitted for review by %(who)s %(when)s."),
    Operation.UPDATE: _("Changes sent by %(who)s %(when)s."),
    Operation.WITHDRAW: _("Withdrawn from review by %(who)s %(when)s."),
    Operation.RESUBMIT: _("Submitted for review again by %(who)s %(when)s."),
    Operation.DELETE: _("Deleted at WeChat by %(who)s %(when)s."),
    Operation.LIST: _("Put on sale by %(who)s %(when)s."),
    Operation.DELIST: _("Taken off sale by %(who)s %(when)s."),
    Operation.PRICE: _("Prices sent by %(who)s %(when)s."),
    Operation.STOCK: _("Stock sent by %(who)s %(when)s."),
    Operation.OFF: _("Asked by %(who)s %(when)s to be taken out of the window."),
}
_ACCEPTED: Words = {
    Operation.ADD: _("WeChat accepted it %(when)s."),
    Operation.UPDATE: _("WeChat took the changes %(when)s."),
    Operation.WITHDRAW: _("WeChat ended the review %(when)s."),
    Operation.RESUBMIT: _("WeChat accepted it %(when)s."),
    Operation.DELETE: _("WeChat deleted it %(when)s."),
    Operation.LIST: _("WeChat accepted it for review %(when)s."),
    Operation.DELIST: _("WeChat took it off sale %(when)s."),
    Operation.PRICE: _("WeChat took the prices %(when)s."),
    Operation.STOCK: _("WeChat took the stock %(when)s."),
    Operation.OFF: _(
        "WeChat accepted that %(when)s; own products stay there as long as their shop sells them."
    ),
}
_DONE: Words = {
    Operation.ADD: _("It was submitted to WeChat for review."),
    Operation.UPDATE: _("WeChat took the changes."),
    Operation.WITHDRAW: _("It was withdrawn from review."),
    Operation.RESUBMIT: _("It was submitted to WeChat for review again."),
    Operation.DELETE: _("It was deleted at WeChat."),
    Operation.LIST: _("It was submitted to WeChat for review; once that has passed it is on sale."),
    Operation.DELIST: _("It was taken off sale."),
    Operation.PRICE: _("WeChat took the prices."),
    Operation.STOCK: _("WeChat took the stock."),
    Operation.OFF: _("WeChat accepted it; own products stay in the window as long as their shop sells them."),
}

# Adding may be a submission for review at once, or make a draft that is put on sale later, or neither.
_DRAFTED: Mapping[str, Text] = {
    "asked": _("Sent to WeChat as a draft by %(who)s %(when)s."),
    "done": _("It is at WeChat as a draft. “Put on sale” submits it for review."),
}
_ADDED: Mapping[str, Text] = {
    "asked": _("Added at WeChat by %(who)s %(when)s."),
    "done": _("It was added at WeChat."),
}

# What becomes of it is not told by the answer, but read back afterwards.
_SHOWN: Mapping[str, Text] = {
    "asked": _("Asked by %(who)s %(when)s to be put into the window."),
    "done": _("WeChat accepted it; its own page says whether it is in the window."),
}

# What adding is where products are shown in a window.
INTO_WINDOW = _("Put into the window")


def called(model: Any, operation: str) -> Text:
    """The operation itself, as a title or on a button."""
    into_window = operation == Operation.ADD and Operation.OFF in getattr(model, "OPERATIONS", {})
    return INTO_WINDOW if into_window else Operation(operation).label


def submitting(model: Any) -> tuple[Operation, ...]:
    """The operations that begin a review of such records."""
    return tuple(getattr(model, "SUBMITTING", ()))


def reviewed(model: Any, operation: str) -> bool:
    """WeChat reviews what such an operation has sent."""
    began = submitting(model)
    return operation in began or (operation == Operation.UPDATE and Operation.ADD in began)


def asked(model: Any, operation: str) -> Text:
    """Who asked for it and when; takes ``who`` and ``when``."""
    return _added(model, operation).get("asked") or _ASKED[Operation(operation)]


def accepted(model: Any, operation: str) -> Text:
    """That WeChat did it; takes ``when``."""
    return _ACCEPTED[Operation(operation)]


def done(model: Any, operation: str) -> Text:
    return _added(model, operation).get("done") or _DONE[Operation(operation)]


def _added(model: Any, operation: str) -> Mapping[str, Text]:
    if operation != Operation.ADD or Operation.ADD in submitting(model):
        return {}
    operations = getattr(model, "OPERATIONS", {})
    if Operation.OFF in operations:
        return _SHOWN
    return _DRAFTED if Operation.LIST in operations else _ADDED
