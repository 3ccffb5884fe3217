"""A Channels window at the pretend WeChat, and what we know of it."""

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
    reading = Reading.objects.request(account, "window")
    refresh.pull(reading)
    refresh.look_due(account, seconds=300)
    reading.refresh_from_db()
    return reading


@pytest.fixture
def pulled(account: Account, sim: Simulator) -> dict[str, WindowProduct]:
    """The whole window as we have it after a pull, by title and kind."""
    pull(account)
    return {f"{product.title}/{product.kind}": product for product in WindowProduct.objects.all()}
