"""What it takes to read a whole Channels window: its list, then its products, one call each."""

import time

from audits.models import Reading
from goods.models import WindowProduct
from goods.window import refresh
from shopadmin.wechat.models import Account
from shopadmin.wechat.window import WindowAPI
from tests.bench.figures import knob

OWN, PROMOTED = 2000, 500
PLANS = 2


def window(account: Account, latency: float) -> dict[str, float]:
    """Own products, and promoted ones of other shops with two plans each: 3,000 in all.

    The list is read at the latency of all figures. For the products WeChat answers at once, so that what
    is measured is our own part; at ``latency`` a call each takes as much longer as there are calls.
    """
    knob("window", action="create", appid=account.appid, count=OWN)
    for source in range(1, PROMOTED + 1):
        for _ in range(PLANS):
            knob("window", action="create", appid=account.appid, kind="cps", product_id=source)
    reading = Reading.objects.request(account, "window")
    begun = time.monotonic()
    refresh.pull(reading)
    listing = time.monotonic() - begun
    reading.refresh_from_db()
    listed = WindowProduct.objects.count()
    knob("settings", latency=0)
    begun, calls = time.monotonic(), 0
    while WindowProduct.objects.filter(refreshed_at=None).exists():
        calls += refresh.look_due(account)
    seconds = time.monotonic() - begun
    knob("settings", latency=latency)
    second = Reading.objects.request(account, "window")
    refresh.pull(second)
    return {
        f"calls to list a window of {listed} products": reading.calls,
        "the least that WeChat allows for them": -(-listed // WindowAPI.MAX_PAGE_SIZE),
        "seconds to list them": round(listing, 2),
        "calls to read them one by one": calls,
        "seconds to read them, of our own": round(seconds, 2),
        "to be read again after a second pull the same night": WindowProduct.objects.filter(
            look_at__isnull=False
        ).count(),
    }
