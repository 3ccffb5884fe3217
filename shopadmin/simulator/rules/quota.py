"""Looking at quotas and clearing them, and the addresses of the service."""

from typing import Any

from shopadmin.simulator.routes import Body, Call, Route
from shopadmin.simulator.rules.limits import daily_limit
from shopadmin.simulator.wire import Refusal

RESETS_PER_MONTH = 10


def look(call: Call) -> dict[str, Any]:
    """POST /cgi-bin/openapi/quota/get - how much of one interface's day is used."""
    path = call.fields.get("cgi_path")
    if isinstance(path, str) and path.startswith("/sns/"):
        raise Refusal(76022, "could not use this cgi_path, no permission")
    route = call.routes.get(path) if isinstance(path, str) else None
    if route is None or not isinstance(path, str):
        raise Refusal(76021, "cgi_path not found, please check")
    counted = route.counted_as or path
    limit = daily_limit(counted, route, call.settings)
    used = call.shop.counters.calls.get(counted, 0)
    answer: dict[str, Any] = {
        "errcode": 0,
        "errmsg": "ok",
        "quota": {"daily_limit": limit, "used": used, "remain": max(limit - used, 0)},
    }
    if counted in call.settings.rate_limits:
        answer["rate_limit"] = {"call_count": call.settings.rate_limits[counted], "refresh_second": 60}
    return answer


def clear(call: Call) -> dict[str, Any]:
    """POST /cgi-bin/clear_quota - the account's daily call counters start again; submissions do not."""
    if call.fields.get("appid") != call.shop.appid:
        raise Refusal(40013, "invalid appid")
    counters = call.shop.counters
    if counters.resets >= RESETS_PER_MONTH:
        raise Refusal(48006, "forbid to clear quota because of reaching the limit")
    counters.resets += 1
    counters.calls.clear()
    return {"errcode": 0, "errmsg": "ok"}


def addresses(_call: Call) -> dict[str, Any]:
    """GET /cgi-bin/get_api_domain_ip - documentation addresses, since there is nothing to connect to."""
    return {"ip_list": ["203.0.113.10", "198.51.100.0/25"]}


ROUTES = {
    "/cgi-bin/openapi/quota/get": Route("POST", look),
    "/cgi-bin/clear_quota": Route("POST", clear),
    "/cgi-bin/get_api_domain_ip": Route("GET", addresses, Body.NONE),
}
