"""Daily and per-minute limits of an account, as the gateway counts them."""

from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.routes import Route
from shopadmin.simulator.shop import Shop
from shopadmin.simulator.wire import Refusal


def daily_limit(path: str, route: Route, settings: Settings) -> int:
    """Calls a day: the knob if it is turned, else the documented number."""
    return settings.quotas.get(path, route.daily)


def count_call(shop: Shop, path: str, route: Route, settings: Settings) -> None:
    """Count one call, or refuse it: 45011 for the minute, 45009 for the day.

    It counts before the business rules look at the call, so a call they refuse is used up as well.
    """
    counters = shop.counters
    per_minute = settings.rate_limits.get(path)
    if per_minute is not None and counters.calls_this_minute.get(path, 0) >= per_minute:
        raise Refusal(45011, "api minute-quota reach limit, must slower, retry next minute")
    if counters.calls.get(path, 0) >= daily_limit(path, route, settings):
        raise Refusal(45009, "reach max api daily quota limit")
    counters.calls_this_minute[path] = counters.calls_this_minute.get(path, 0) + 1
    counters.calls[path] = counters.calls.get(path, 0) + 1
