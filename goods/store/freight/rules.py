"""WeChat's rules for freight templates, each as a function that says what is wrong, or nothing.

The messages are for shop staff: what is wrong, and what to do.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from goods.store import regions
from goods.store.choices import Valuation
from goods.store.wire import FEN
from shopadmin.wechat.reading import as_decimal

if TYPE_CHECKING:
    from goods.models import FreightTemplate

# WeChat does not publish its codes. One sample is not free and says 2; later interfaces begin with free.
FREE, NOT_FREE = 1, 2
CODES = ("send_time", "delivery_type", "shipping_method")
PRICE_MOST = Decimal(100_000)

Found = Iterator[tuple[str, str]]
Rule = Mapping[str, Any]


def problems(template: "FreightTemplate", couriers: Collection[str]) -> Found:
    """Pairs of field and message. ``couriers`` are those that WeChat knows; none if nobody has asked yet."""
    # What WeChat itself has named is right, whatever our list says.
    known = {tuple(place) for place in _all_places(template.remote)}
    if not template.name.strip():
        yield "name", _("Enter a name for the freight template.")
    if template.valuation_type not in set(Valuation):
        yield "valuation_type", _("Choose whether pieces or weight count.")
    for code in CODES:
        if not getattr(template, code):
            yield code, _("Enter WeChat's code, or copy a template of the shop.")
    if template.dispatch:
        for text in place_problems(template.dispatch, known):
            yield "dispatch", text
    unknown = sorted(set(template.delivery_ids) - set(couriers)) if couriers else []
    if unknown:
        yield (
            "delivery_ids",
            _("WeChat does not know these couriers: %(names)s.") % {"names": ", ".join(unknown)},
        )
    for text in charge_problems(template, known):
        yield "charge_rules", text
    for text in free_problems(template, known):
        yield "free_rules", text
    for text in places_problems(template.not_send, known):
        yield "not_send", text


def _all_places(values: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    yield values.get("dispatch") or []
    yield from values.get("not_send") or []
    for rule in [*(values.get("charge_rules") or []), *(values.get("free_rules") or [])]:
        yield from rule["places"]


# --- places -------------------------------------------------------------------------------------------


def place_problems(place: Sequence[str], known: Collection[tuple[str, ...]] = ()) -> Iterator[str]:
    if tuple(place) in known or regions.is_known(place):
        return
    shown = regions.show(place)
    proposals = regions.suggest(place)
    if proposals:
        yield _("“%(place)s” is no official name. Is it %(proposals)s?") % {
            "place": shown,
            "proposals": _(" or ").join(f"“{regions.show(one)}”" for one in proposals),
        }
    else:
        yield _(
            "“%(place)s” is not known. Write it as “福建省 宁德市 福鼎市”; the province alone will do."
        ) % {"place": shown}


def places_problems(
    places: Sequence[Sequence[str]], known: Collection[tuple[str, ...]] = ()
) -> Iterator[str]:
    """Of all places of one list."""
    for place in places:
        yield from place_problems(place, known)
    yield from _twice(places)


def _twice(places: Sequence[Sequence[str]]) -> Iterator[str]:
    for place, count in Counter(tuple(place) for place in places).items():
        if count > 1:
            yield _("%(place)s is there twice.") % {"place": regions.show(place)}


# --- what shipping costs --------------------------------------------------------------------------------


def charge_problems(template: "FreightTemplate", known: Collection[tuple[str, ...]] = ()) -> Iterator[str]:
    rules = template.charge_rules
    defaults = sum(bool(rule["is_default"]) for rule in rules)
    if not defaults and (rules or template.shipping_method == NOT_FREE):
        yield _("Add what shipping costs everywhere else: exactly one rule has to be for that.")
    elif defaults > 1:
        yield _("Only one rule may be for everywhere else.")
    for number, rule in enumerate(rules, start=1):
        for text in _charge_rule_problems(rule, template.valuation_type, known):
            yield _("Rule %(number)s: %(text)s") % {"number": number, "text": text}
    couriers = {rule.get("courier", "") for rule in rules}
    for courier in sorted(couriers):
        mine = [rule for rule in rules if rule.get("courier", "") == courier]
        yield from _twice([place for rule in mine for place in rule["places"]])


def _charge_rule_problems(rule: Rule, valuation: int, known: Collection[tuple[str, ...]]) -> Iterator[str]:
    if rule["is_default"] and rule["places"]:
        yield _("For everywhere else no places are named.")
    elif not rule["is_default"] and not rule["places"]:
        yield _("Enter the places, or choose everywhere else.")
    for place in rule["places"]:
        yield from place_problems(place, known)
    for name in ("first_amount", "more_amount"):
        yield from amount_problems(rule[name], whole=valuation == Valuation.PIECES)
    for name in ("first_price", "more_price"):
        yield from price_problems(rule[name])


def amount_problems(text: str, *, whole: bool) -> Iterator[str]:
    """Of pieces or kilograms."""
    amount = as_decimal(text)
    if amount is None or amount <= 0:
        yield _("Enter a number of pieces above 0.") if whole else _("Enter a weight in kg above 0.")
    elif whole and amount != amount.to_integral_value():
        yield _("Pieces are whole numbers.")


def price_problems(text: str, *, least: Decimal = Decimal(0)) -> Iterator[str]:
    """Of yuan; nothing may cost nothing."""
    price = as_decimal(text)
    if price is None or price < least:
        yield _("Enter the price in yuan.")
    elif price > PRICE_MOST:
        yield _("The price may be at most 100,000 yuan.")
    elif (price * FEN) != (price * FEN).to_integral_value():
        yield _("A price has at most two decimals.")


# --- from when on shipping is free ------------------------------------------------------------------------


def free_problems(template: "FreightTemplate", known: Collection[tuple[str, ...]] = ()) -> Iterator[str]:
    for number, rule in enumerate(template.free_rules, start=1):
        for text in _free_rule_problems(rule, template.valuation_type, known):
            yield _("Rule %(number)s: %(text)s") % {"number": number, "text": text}
    yield from _twice([place for rule in template.free_rules for place in rule["places"]])


def _free_rule_problems(rule: Rule, valuation: int, known: Collection[tuple[str, ...]]) -> Iterator[str]:
    if not rule["places"]:
        yield _("Enter the places.")
    for place in rule["places"]:
        yield from place_problems(place, known)
    by_piece = valuation == Valuation.PIECES
    pieces, weight, amount = (rule.get(name, "") for name in ("min_pieces", "min_weight", "min_amount"))
    if not amount and not (pieces if by_piece else weight):
        yield (
            _("Enter from how many pieces or from which amount shipping is free.")
            if by_piece
            else _("Enter from which weight or from which amount shipping is free.")
        )
    if pieces:
        yield from amount_problems(pieces, whole=True)
    if weight:
        yield from amount_problems(weight, whole=False)
    if amount:
        yield from price_problems(amount, least=Decimal("0.01"))
