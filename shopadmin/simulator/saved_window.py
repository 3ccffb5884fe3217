"""The Channels window in the file that keeps the memory."""

from dataclasses import fields
from typing import Any

from shopadmin.simulator.window import Kind, Place, Source, Window, WindowProduct

_NAMES = [entry.name for entry in fields(WindowProduct)]


def saved_window(window: Window) -> dict[str, Any]:
    """What is to be saved of it."""
    return {
        "shops": dict(window.shops),
        "last_seq": window.last_seq,
        "products": [
            {name: getattr(product, name) for name in _NAMES} for product in window.products.values()
        ],
    }


def load_window(window: Window, saved: dict[str, Any]) -> None:
    """Put back what was saved, in the same order and places."""
    window.shops, window.last_seq = dict(saved["shops"]), saved["last_seq"]
    for entry in saved["products"]:
        product = WindowProduct(
            **entry
            | {
                "kind": Kind(entry["kind"]),
                "source": Source(entry["source"]),
                "place": Place(entry["place"]),
            }
        )
        window.products[product.kind, product.number] = product
