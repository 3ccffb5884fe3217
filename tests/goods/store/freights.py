"""Rules of freight templates as the records keep them, for tests."""

from typing import Any


def charge(
    places: list[list[str]], *numbers: str, courier: str = "", default: bool = False
) -> dict[str, Any]:
    first_amount, first_price, more_amount, more_price = numbers
    return {
        "places": places, "is_default": default, "first_amount": first_amount,
        "first_price": f"{float(first_price):.2f}", "more_amount": more_amount,
        "more_price": f"{float(more_price):.2f}", "courier": courier,
    }  # fmt: skip


def everywhere(*numbers: str) -> dict[str, Any]:
    return charge([], *numbers, default=True)


def free(places: list[list[str]], **conditions: str) -> dict[str, Any]:
    return {"places": places, "min_pieces": "", "min_weight": "", "min_amount": "", **conditions}
