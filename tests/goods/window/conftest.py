"""A Channels window at the pretend WeChat, and what we know of it."""

from collections.abc import Callable
from typing import Any

import pytest

from audits.models import Reading
from goods.models import WindowProduct
from goods.window import refresh
from shopadmin.simulator.server import Simulator
from shopadmin.wechat.models import Account

# The shop whose products are in the window that the simulator starts with.
SHOP = "wx5d2e90c4ab17f386"


@pytest.fixture
def account(account: Account) -> Account:
    account.families = ["window"]
    account.save()
    return account


def pull(account: Account) -> Reading:
    """Read the list and then everything that is due, as the worker does."""
    reading = listing(account)
    refresh.look_due(account, seconds=300)
    return reading


def listing(account: Account) -> Reading:
    """Read the list only."""
    reading = Reading.objects.request(account, "window")
    refresh.pull(reading)
    reading.refresh_from_db()
    return reading


def look(account: Account, **how: Any) -> int:
    """Read everything that we know once more; returns the number of calls."""
    WindowProduct.objects.update(look_at="2026-01-01T00:00:00Z")
    return refresh.look_due(account, **how)


def drop(sim: Simulator, product: dict[str, Any]) -> None:
    """The product leaves the window for good."""
    sim.drop_window(product["product_id"] if not product["cps_id"] else 0, cps_id=product["cps_id"])


@pytest.fixture
def pulled(account: Account, sim: Simulator) -> dict[str, WindowProduct]:
    """The whole window as we have it after a pull, by title and kind."""
    pull(account)
    return {f"{product.title}/{product.kind}": product for product in WindowProduct.objects.all()}


@pytest.fixture
def empty(sim: Simulator) -> Simulator:
    """A WeChat whose window has nothing in it."""
    for product in sim.window():
        drop(sim, product)
    return sim


@pytest.fixture
def shown(account: Account, empty: Simulator) -> Callable[..., WindowProduct]:
    """A product that is in the window and read; ``ban`` and ``discount`` are what happens to it there."""

    def do(*, ban: int | None = None, discount: float | None = None, **fields: Any) -> WindowProduct:
        (number,) = empty.make_window(**fields)
        ids = {"cps_id": number} if fields.get("kind") == "cps" else {"product_id": number}
        if ban is not None:
            empty.ban_window(**ids, reason=ban)
        if discount is not None:
            empty.discount_window(number, seconds=discount)
        pull(account)
        name = "cps_id" if "cps_id" in ids else "product_id"
        return WindowProduct.objects.get(**{name: str(number)}, kind=fields.get("kind", "own"))

    return do


@pytest.fixture
def planned(account: Account, empty: Simulator) -> Callable[..., WindowProduct]:
    """A record of ours for a product of the bound shop that is not in the window yet."""

    def do(**fields: Any) -> WindowProduct:
        (number,) = empty.make_window(placed=False)
        values = {"account": account, "appid": SHOP, "product_id": str(number)} | fields
        return WindowProduct.objects.create(**values)

    return do


def reread(product: WindowProduct) -> WindowProduct:
    product.refresh_from_db()
    return product
