"""Requests to the Channels window in which everything is right, except for what a test changes."""

from typing import Any

from shopadmin.simulator.window_seed import BOUND_APPID
from tests.simulator.conftest import Wechat

ON_WINDOW, NOT_ON_WINDOW, DELETED = 1, 2, 3
PATHS = ["add", "get", "list/get", "off"]


def ask(wechat: Wechat, path: str, **fields: Any) -> dict[str, Any]:
    """Call /channels/ec/window/product/<path> with these fields; None leaves one out."""
    body = {name: value for name, value in fields.items() if value is not None}
    return wechat.post(f"/channels/ec/window/product/{path}", body)


def act(wechat: Wechat, path: str, product_id: object, **fields: Any) -> dict[str, Any]:
    """add, get or off for a product of the bound shop."""
    return ask(wechat, path, **{"product_id": str(product_id), "appid": BOUND_APPID, **fields})


def product(wechat: Wechat, product_id: object, **fields: Any) -> dict[str, Any]:
    """The own product as get shows it."""
    return dict(act(wechat, "get", product_id, **fields)["product"])


def plans(wechat: Wechat, product_id: object) -> list[dict[str, Any]]:
    """The cps products under a shop product id or a cps id."""
    answer = ask(wechat, "get", product_id=str(product_id), need_cps_product=True)
    return list(answer["cps_products"])


def listed(wechat: Wechat, **fields: Any) -> dict[str, Any]:
    """One page of the list."""
    return ask(wechat, "list/get", **{"page_size": 200, **fields})


def ids(page: dict[str, Any]) -> list[int]:
    """The ids of a page."""
    return [int(row["product_id"]) for row in page["products"]]
