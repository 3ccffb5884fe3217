"""Values of freight templates as people read them, ours and WeChat's alike (both as snapshots have them)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from audits.operations import Text
from goods.store import regions, words
from goods.store.choices import Valuation

if TYPE_CHECKING:
    from goods.models import FreightTemplate

NOTHING = words.NOTHING


def show(template: "FreightTemplate", field: str, value: Any, valuation: Any) -> Text:
    """A field's value in words; ``valuation`` is what amounts beside it count in."""
    if field in ("send_time", "delivery_type", "shipping_method"):
        return code(value)
    if field == "is_default":
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return NOTHING
    match field:
        case "valuation_type":
            known = value in set(Valuation)
            return Valuation(value).label if known else _("unknown (%(value)s)") % {"value": value}
        case "dispatch":
            return regions.show(value)
        case "not_send":
            return places(value)
        case "delivery_ids":
            return _(", ").join(template.courier_name(courier) for courier in value)
        case "charge_rules":
            return _lines(charge_line(template, rule, valuation) for rule in value)
        case "free_rules":
            return _lines(free_line(rule) for rule in value)
    return str(value)


def code(value: Any) -> str:
    """A number whose meaning WeChat does not publish."""
    return NOTHING if value in (None, "") else _("code %(number)s") % {"number": value}


def places(found: Iterable[Sequence[str]]) -> str:
    return _(", ").join(regions.show(place) for place in found)


def _lines(found: Iterable[str]) -> Text:
    return format_html_join("", "<div>{}</div>", ((line,) for line in found))


def _unit(valuation: Any) -> Callable[[str], str]:
    """Pieces or kilograms, for an amount."""
    text = _("%(amount)s kg") if valuation == Valuation.WEIGHT else _("%(amount)s pc.")
    return lambda amount: text % {"amount": amount or NOTHING}


def charge_line(template: "FreightTemplate", rule: Mapping[str, Any], valuation: Any) -> str:
    unit = _unit(valuation)
    line = _("%(where)s: first %(first)s %(first_price)s, each further %(more)s %(more_price)s") % {
        "where": _("everywhere else") if rule["is_default"] else places(rule["places"]) or NOTHING,
        "first": unit(rule["first_amount"]),
        "first_price": words.price(rule["first_price"]),
        "more": unit(rule["more_amount"]),
        "more_price": words.price(rule["more_price"]),
    }
    courier = rule.get("courier")
    return f"{line} ({template.courier_name(courier)})" if courier else line


def free_line(rule: Mapping[str, Any]) -> str:
    conditions = []
    if pieces := rule.get("min_pieces"):
        conditions.append(_unit(Valuation.PIECES)(pieces))
    if weight := rule.get("min_weight"):
        conditions.append(_unit(Valuation.WEIGHT)(weight))
    if amount := rule.get("min_amount"):
        conditions.append(words.price(amount))
    return _("%(where)s: from %(conditions)s") % {
        "where": places(rule["places"]) or NOTHING,
        "conditions": _(", ").join(conditions) or NOTHING,
    }
