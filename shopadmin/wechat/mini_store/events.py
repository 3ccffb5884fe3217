"""What WeChat pushes about the products of a Mini Store. It is the only way to learn why one was refused.

Messages may come twice, late, in any order or never: they say where to look, not what is so.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shopadmin.wechat.reading import as_id, as_int, as_text, mapping

# Newer and older name of what the message is about. The older one serves for both kinds.
OBJECTS = ("OpenProductSpuStatusUpdate", "OpenProductSpuAudit")
REVIEW_EVENT = "open_product_spu_audit"
STATUS_EVENT = "open_product_spu_status_update"

PASSED, REFUSED = 4, 3
REMOVED, ON_SALE = 13, 5


class EventKind(StrEnum):
    """What the number in ``status`` is about. WeChat uses one name for both."""

    REVIEW = "review"
    STATUS = "status"
    UNKNOWN = "unknown"


KINDS = {
    PASSED: EventKind.REVIEW,
    REFUSED: EventKind.REVIEW,
    REMOVED: EventKind.STATUS,
    ON_SALE: EventKind.STATUS,
}


@dataclass(frozen=True)
class ReviewEvent:
    """A review ended, or WeChat took a product off sale or put it back.

    ``status`` is 4 for passed, 3 for refused, 13 for taken off sale, 5 for put back. ``reason`` is WeChat's
    text for staff. ``spu_status`` is the online status, if the message tells it. One of the ids may be "".
    """

    product_id: str
    out_product_id: str
    kind: EventKind
    status: int | None
    reason: str
    spu_status: int | None


def read_review_event(message: dict[str, Any]) -> ReviewEvent | None:
    """The event in any of its three forms, whatever ``Event`` says; None if the message names no product."""
    about = next((found for name in OBJECTS if (found := mapping(message, name))), {})
    product_id, out_product_id = as_id(about.get("product_id")), as_id(about.get("out_product_id"))
    if not product_id and not out_product_id:
        return None
    status = as_int(about.get("status"))
    return ReviewEvent(
        product_id=product_id,
        out_product_id=out_product_id,
        kind=KINDS.get(status, EventKind.UNKNOWN) if status is not None else EventKind.UNKNOWN,
        status=status,
        reason=as_text(about.get("reason")) or as_text(about.get("reject_reason")),
        spu_status=as_int(about.get("spu_status")),
    )
