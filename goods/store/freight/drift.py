"""Freight templates here beside those at WeChat: what differs, and what can be done about it."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from audits.operations import Operation
from goods.models.mirror import Compared
from goods.store.choices import Valuation
from goods.store.freight import plans, wire

if TYPE_CHECKING:
    from goods.models import FreightTemplate

# What our columns of codes hold.
CODE_END = 32_768


def taken(template: "FreightTemplate", field: str) -> Any:
    """WeChat's value as our field takes it."""
    value = template.remote.get(field)
    if field == "valuation_type":
        return value or Valuation.PIECES
    if field in ("send_time", "delivery_type", "shipping_method"):
        return value if value and 0 < value < CODE_END else None
    return value or wire.EMPTY.get(field, "")


def compare(template: "FreightTemplate") -> list[Compared]:
    """What both sides have, in the order of the form."""
    return [_field(template, field) for field in template.SHARED]


def _field(template: "FreightTemplate", field: str) -> Compared:
    differs = template.differs(field)
    return Compared(
        name=field,
        label=plans.label(template, field),
        ours=plans.ours(template, field),
        theirs=plans.theirs(template, field),
        fields=(field,),
        differs=differs,
        drifted=field in template.drift,
        no_taking=_untakable(template, field) if differs else "",
        no_sending=template.forbidden(Operation.UPDATE) if differs else "",
    )


def _untakable(template: "FreightTemplate", field: str) -> str:
    needed = field in ("name", "send_time", "delivery_type", "shipping_method")
    if field not in template.remote or (needed and not taken(template, field)):
        return _("WeChat names no value.")
    return ""
