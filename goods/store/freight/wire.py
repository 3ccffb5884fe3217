"""Between our fields of a freight template and WeChat's: the only place that knows their names, and the fen.

Here amounts are pieces or kilograms and prices are yuan, both as text (``"1.5"``, ``"8.00"``; "" for none),
so that JSON keeps them exactly. Places are lists of names, see ``goods.store.regions``.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from goods.store.wire import fen, yuan_text
from shopadmin.wechat.reading import as_decimal, as_int, as_text, mapping, rows, texts

if TYPE_CHECKING:
    from goods.models import FreightTemplate

Place = list[str]
PLACE = ("province_name", "city_name", "county_name")

# What WeChat has of a template that is told nothing about it.
EMPTY: Mapping[str, Any] = {
    "dispatch": [], "delivery_ids": [], "charge_rules": [], "free_rules": [], "not_send": [],
    "is_default": False,
}  # fmt: skip


def amount_text(amount: Decimal | None) -> str:
    """Pieces or kilograms as our JSON keeps them: without zeros that say nothing."""
    return "" if amount is None else f"{amount.normalize():f}"


def price_text(yuan: Decimal | None) -> str:
    return "" if yuan is None else yuan_text(fen(yuan))


# --- to WeChat ----------------------------------------------------------------------------------------


def template_fields(template: "FreightTemplate") -> dict[str, Any]:
    """All of a template for ``insert`` and ``update``, without its id."""
    fields: dict[str, Any] = {
        "name": template.name,
        "valuation_type": template.valuation_type,
        "send_time": template.send_time,
        "delivery_type": template.delivery_type,
        # One empty text is WeChat's way to say that any courier will do.
        "delivery_id": list(template.delivery_ids) or [""],
        "shipping_method": template.shipping_method,
        "all_condition_free_detail": {
            "condition_free_detail_list": [_free_rule(rule) for rule in template.free_rules]
        },
        "all_freight_calc_method": {
            "freight_calc_method_list": [_charge_rule(rule) for rule in template.charge_rules]
        },
        "is_default": int(template.is_default),
        "not_send_area": {"address_info": _wire_places(template.not_send)},
    }
    if template.dispatch:
        fields["address_info"] = _wire_place(template.dispatch)
    return fields


def _wire_place(place: Sequence[str]) -> dict[str, str]:
    return dict(zip(PLACE, place, strict=False))


def _wire_places(places: Iterable[Sequence[str]]) -> list[dict[str, str]]:
    return [_wire_place(place) for place in places]


def _charge_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "address_info": _wire_places(rule["places"]),
        # The one flag of the family that is a boolean.
        "is_default": bool(rule["is_default"]),
        "first_val_amount": _number(rule["first_amount"]),
        "first_price": fen(Decimal(rule["first_price"])),
        "second_val_amount": _number(rule["more_amount"]),
        "second_price": fen(Decimal(rule["more_price"])),
    }
    return row | ({"delivery_id": rule["courier"]} if rule.get("courier") else {})


def _free_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    pieces, weight, amount = (rule.get(name, "") for name in ("min_pieces", "min_weight", "min_amount"))
    row: dict[str, Any] = {
        "address_infos": _wire_places(rule["places"]),
        "valuation_flag": int(bool(pieces or weight)),
        "amount_flag": int(bool(amount)),
    }
    if pieces:
        row["min_piece"] = _number(pieces)
    if weight:
        row["min_weight"] = _number(weight)
    if amount:
        row["min_amount"] = fen(Decimal(amount))
    return row


def _number(text: str) -> int | float:
    """Pieces or kilograms as JSON takes them; a float prints the same digits again."""
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


# --- from WeChat --------------------------------------------------------------------------------------


def snapshot(content: Mapping[str, Any]) -> dict[str, Any]:
    """A template as WeChat writes it, under our names. What it does not tell is left out."""
    return {ours: read(content[theirs]) for ours, (theirs, read) in READ.items() if theirs in content}


def sent(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same of what was sent, which replaces everything: what is not told is empty."""
    return {**EMPTY, **snapshot(content)}


def made_at(content: Mapping[str, Any]) -> dt.datetime | None:
    """When the template was made, by WeChat's clock."""
    seconds = as_int(content.get("create_time"))
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None
    except (OverflowError, OSError, ValueError):
        return None


def _place(row: Any) -> Place:
    names = [as_text(row.get(name)).strip() for name in PLACE] if isinstance(row, Mapping) else []
    while names and not names[-1]:
        names.pop()
    return names


def _places(found: Iterable[Any]) -> list[Place]:
    return [place for row in found if (place := _place(row))]


def _flag(value: Any) -> bool:
    return value is True or as_int(value) == 1


def _couriers(value: Any) -> list[str]:
    return [courier for courier in texts({"found": value}, "found") if courier]


def _charge_rules(value: Any) -> list[dict[str, Any]]:
    return [
        {
            "places": _places(rows(row, "address_info")),
            "is_default": _flag(row.get("is_default")),
            "first_amount": amount_text(as_decimal(row.get("first_val_amount"))),
            "first_price": yuan_text(as_int(row.get("first_price"))),
            "more_amount": amount_text(as_decimal(row.get("second_val_amount"))),
            "more_price": yuan_text(as_int(row.get("second_price"))),
            "courier": as_text(row.get("delivery_id")),
        }
        for row in rows(value or {}, "freight_calc_method_list")
    ]


def _free_rules(value: Any) -> list[dict[str, Any]]:
    return [_read_free_rule(row) for row in rows(value or {}, "condition_free_detail_list")]


def _read_free_rule(row: Mapping[str, Any]) -> dict[str, Any]:
    """A condition counts unless its flag says that it is not set, or it is 0."""
    by_size, by_amount = (
        row.get(flag) is None or _flag(row[flag]) for flag in ("valuation_flag", "amount_flag")
    )
    pieces, weight = (as_decimal(row.get(name)) if by_size else None for name in ("min_piece", "min_weight"))
    fen_least = as_int(row.get("min_amount")) if by_amount else None
    return {
        "places": _places(rows(row, "address_infos")),
        "min_pieces": amount_text(pieces or None),
        "min_weight": amount_text(weight or None),
        "min_amount": yuan_text(fen_least or None),
    }


READ: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "name": ("name", as_text),
    "valuation_type": ("valuation_type", as_int),
    "dispatch": ("address_info", _place),
    "send_time": ("send_time", as_int),
    "delivery_type": ("delivery_type", as_int),
    "delivery_ids": ("delivery_id", _couriers),
    "shipping_method": ("shipping_method", as_int),
    "charge_rules": ("all_freight_calc_method", _charge_rules),
    "free_rules": ("all_condition_free_detail", _free_rules),
    "not_send": (
        "not_send_area",
        lambda value: _places(rows(mapping({"area": value}, "area"), "address_info")),
    ),
    "is_default": ("is_default", _flag),
}


# --- comparing ------------------------------------------------------------------------------------------


def same(field: str, one: Any, other: Any) -> bool:
    """Two values mean the same; neither rules nor places nor couriers have an order."""
    return bool(meaning(field, one) == meaning(field, other))


def meaning(field: str, value: Any) -> Any:
    """What a value says, in a form that is equal for equal ones."""
    match field:
        case "charge_rules" | "free_rules":
            return sorted(_rule_meant(rule) for rule in value or [])
        case "not_send" | "delivery_ids":
            return sorted(value or [])
        case "is_default":
            return bool(value)
    return value or None


def _rule_meant(rule: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted((name, _text_meant(value)) for name, value in rule.items() if value)


def _text_meant(value: Any) -> str:
    if isinstance(value, list):
        return repr(sorted(value))
    number = None if isinstance(value, bool) else as_decimal(value)
    return str(value) if number is None else amount_text(number)
