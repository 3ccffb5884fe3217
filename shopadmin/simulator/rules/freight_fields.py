"""The fields of a freight template. The documents name no codes of their own, so every mistake is 9401020."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shopadmin.simulator.rules import store_fields as rule
from shopadmin.simulator.store_seed import COURIERS

BY_PIECE, BY_WEIGHT = 1, 2
NOT_FREE = 2
# Codes of send_time, delivery_type and shipping_method; no document lists them.
LAST_CODE = 20
_PLACES = ("province_name", "city_name", "county_name")


def read_template(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Everything but the id and the times."""
    valuation = rule.number(fields, "valuation_type", BY_PIECE, BY_WEIGHT)
    charges = _charge_rules(fields)
    read = {
        "name": rule.filled(fields, "name"),
        "valuation_type": valuation,
        "send_time": rule.number(fields, "send_time", 1, LAST_CODE),
        "address_info": _place(rule.part(fields, "address_info")),
        "delivery_type": rule.number(fields, "delivery_type", 1, LAST_CODE),
        "delivery_id": _couriers(fields),
        "shipping_method": rule.number(fields, "shipping_method", 1, LAST_CODE),
        "all_condition_free_detail": {"condition_free_detail_list": _free_rules(fields, valuation)},
        "all_freight_calc_method": {"freight_calc_method_list": charges},
        "is_default": int(rule.flag(fields, "is_default")),
        "not_send_area": {"address_info": _places(rule.part(fields, "not_send_area"), "address_info")},
    }
    if read["shipping_method"] == NOT_FREE and sum(charge["is_default"] for charge in charges) != 1:
        raise rule.wrong("all_freight_calc_method must have one default rule")
    return read


def _couriers(fields: Mapping[str, Any]) -> list[str]:
    couriers = rule.strings(fields.get("delivery_id"), "delivery_id")
    if not set(couriers) <= {*COURIERS, ""}:
        raise rule.wrong("delivery_id is unknown")
    return couriers


def _free_rules(fields: Mapping[str, Any], valuation: int) -> list[dict[str, Any]]:
    """'Free from' rules: each says from how many pieces or kilograms, or from which amount."""
    rows = rule.part(fields, "all_condition_free_detail").get("condition_free_detail_list") or []
    limit = "min_piece" if valuation == BY_PIECE else "min_weight"
    rules = []
    for row in rule.items(rows, "condition_free_detail_list"):
        if row.get(limit) is None and row.get("min_amount") is None:
            raise rule.wrong(f"a free rule needs {limit} or min_amount")
        read: dict[str, Any] = {"address_infos": _places(row, "address_infos", required=True)}
        for name in ("min_piece", "min_weight", "min_amount"):
            if row.get(name) is not None:
                read[name] = _amount(row, name)
        for name in ("valuation_flag", "amount_flag"):
            read[name] = int(rule.flag(row, name))
        rules.append(read)
    return rules


def _charge_rules(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = rule.part(fields, "all_freight_calc_method").get("freight_calc_method_list") or []
    return [_charge_rule(row) for row in rule.items(rows, "freight_calc_method_list")]


def _charge_rule(row: Mapping[str, Any]) -> dict[str, Any]:
    is_default, places = row.get("is_default"), _places(row, "address_info")
    # The one flag of the family that is a boolean.
    if not isinstance(is_default, bool):
        raise rule.wrong("is_default of a charge rule must be a boolean")
    if not is_default and not places:
        raise rule.wrong("a charge rule needs address_info, unless it is the default rule")
    return {
        "address_info": places,
        "is_default": is_default,
        "delivery_id": rule.text(row, "delivery_id"),
        "first_val_amount": _amount(row, "first_val_amount"),
        "first_price": rule.number(row, "first_price"),
        "second_val_amount": _amount(row, "second_val_amount"),
        "second_price": rule.number(row, "second_price"),
    }


def _amount(fields: Mapping[str, Any], name: str) -> int | float:
    """Pieces, fen, or kilograms with decimals."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        raise rule.wrong(f"{name} must be a number")
    return float(value) if isinstance(value, Decimal) else value


def _places(fields: Mapping[str, Any], name: str, *, required: bool = False) -> list[dict[str, str]]:
    value = fields.get(name)
    if value is None and not required:
        return []
    return [_place(row) for row in rule.items(value, name)]


def _place(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: rule.text(fields, name) for name in _PLACES if fields}
