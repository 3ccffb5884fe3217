"""Reading WeChat's answers: numbers may come as text, fields may be missing, new ones may appear."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from shopadmin.wechat.errors import Kind, WeChatError

# Longer than any id of WeChat's, and what our columns hold.
LONGEST_ID = 64

Answer = Mapping[str, Any]


def as_decimal(value: object) -> Decimal | None:
    """A number or a text that is one; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        # str() of a float is its shortest exact form: 49.9 stays 49.9.
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def as_int(value: object) -> int | None:
    """A whole number or a text that is one; None for anything else."""
    number = as_decimal(value)
    if number is None or number.adjusted() > 30 or number != number.to_integral_value():
        return None
    return int(number)


def as_bool(value: object) -> bool:
    """A flag, however WeChat wrote it; a missing one is off."""
    return value in (True, 1, "1", "true")


def as_id(value: object) -> str:
    """An id as text, however WeChat wrote it (uint64 fits neither BIGINT nor JavaScript); "" for none."""
    number = as_int(value)
    found = value.strip() if isinstance(value, str) else "" if number is None else str(number)
    return found if len(found) <= LONGEST_ID else ""


def as_text(value: object) -> str:
    """A text; "" when it is missing or something else."""
    return value if isinstance(value, str) else ""


def wire_id(value: str) -> int | str:
    """An id as WeChat wants it: a JSON number when it consists of digits."""
    return int(value) if value.isascii() and value.isdigit() else value


def first_of(row: Answer, *names: str) -> Any:
    """The value under the first of several spellings that is there."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def unreadable(answer: Answer, field: str) -> WeChatError:
    """The error for an answer that says success, but lacks what success means."""
    return WeChatError(Kind.NO_ANSWER, f'the answer has no usable "{field}"', answer=dict(answer))


def required_id(answer: Answer, field: str) -> str:
    found = as_id(answer.get(field))
    if not found:
        raise unreadable(answer, field)
    return found


def required_int(answer: Answer, field: str) -> int:
    found = as_int(answer.get(field))
    if found is None:
        raise unreadable(answer, field)
    return found


def required_text(answer: Answer, field: str) -> str:
    found = as_text(answer.get(field))
    if not found:
        raise unreadable(answer, field)
    return found


def rows(answer: Answer, field: str) -> list[dict[str, Any]]:
    """A list of objects; a missing one is empty."""
    found = answer.get(field)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise unreadable(answer, field)
    return found


def one_or_many(answer: Answer, field: str) -> list[dict[str, Any]]:
    """A list of objects that WeChat calls an object: one alone may stand without the list; ``{}`` is none."""
    found = answer.get(field)
    if isinstance(found, dict):
        return [found] if found else []
    return rows(answer, field)


def mapping(answer: Answer, field: str) -> dict[str, Any]:
    """An object; a missing one, or something else, is empty."""
    found = answer.get(field)
    return found if isinstance(found, dict) else {}


def required_mapping(answer: Answer, field: str) -> dict[str, Any]:
    found = answer.get(field)
    if not isinstance(found, dict):
        raise unreadable(answer, field)
    return found


def texts(answer: Answer, field: str) -> list[str]:
    """A list of texts; a missing one, or something else, is empty."""
    found = answer.get(field)
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []
