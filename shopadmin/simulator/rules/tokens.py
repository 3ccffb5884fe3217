"""Access tokens: /cgi-bin/token and /cgi-bin/stable_token."""

import re
import secrets
from typing import Any

from shopadmin.simulator.routes import Body, Call, Route
from shopadmin.simulator.rules.limits import count_call
from shopadmin.simulator.shop import Shop, Token, TokenKind
from shopadmin.simulator.wire import Refusal

CLASSIC_PATH = "/cgi-bin/token"
STABLE_PATH = "/cgi-bin/stable_token"
OVERLAP = 300
FORCED_PER_DAY = 20
FORCED_PAUSE = 30
_APPID = re.compile(r"wx[0-9a-f]{16}")


def classic(call: Call) -> dict[str, Any]:
    """GET /cgi-bin/token - every call makes a new token, the one before works on for a while."""
    shop = _identify(call, dict(call.request.query))
    count_call(shop, CLASSIC_PATH, ROUTES[CLASSIC_PATH], call.settings)
    _retire(call, shop, TokenKind.CLASSIC, call.now + _overlap(call))
    return _answer(call, _issue(call, shop, TokenKind.CLASSIC))


def stable(call: Call) -> dict[str, Any]:
    """POST /cgi-bin/stable_token - the same token until little of it is left, or a forced new one."""
    shop = _identify(call, call.fields)
    forced = call.fields.get("force_refresh", False)
    if not isinstance(forced, bool):
        raise Refusal(47001, "data format error, force_refresh must be a boolean")
    count_call(shop, STABLE_PATH, ROUTES[STABLE_PATH], call.settings)
    current = call.world.tokens.get(shop.current_tokens.get(TokenKind.STABLE, ""))
    if forced:
        return _answer(call, _forced(call, shop, current))
    if current is not None and current.expires_at - call.now >= _overlap(call):
        return _answer(call, current)
    _retire(call, shop, TokenKind.STABLE, call.now + _overlap(call))
    return _answer(call, _issue(call, shop, TokenKind.STABLE))


def _forced(call: Call, shop: Shop, current: Token | None) -> Token:
    too_soon = call.now - shop.forced_at < FORCED_PAUSE
    if current is not None and too_soon and current.works(call.now):
        return current
    if shop.counters.forced_refreshes >= FORCED_PER_DAY:
        raise Refusal(45009, "reach max force_refresh daily quota limit")
    shop.counters.forced_refreshes += 1
    shop.forced_at = call.now
    _retire(call, shop, TokenKind.STABLE, call.now)
    return _issue(call, shop, TokenKind.STABLE)


def _identify(call: Call, given: dict[str, Any]) -> Shop:
    """The account that appid and secret belong to, checked in the documented order."""
    if given.get("grant_type") != "client_credential":
        raise Refusal(40002, "invalid grant_type")
    appid, secret = given.get("appid"), given.get("secret")
    if not appid:
        raise Refusal(41002, "appid missing")
    if not secret:
        raise Refusal(41004, "appsecret missing")
    shop = call.world.shops.get(str(appid))
    if shop is None and call.settings.open_accounts and _APPID.fullmatch(str(appid)):
        shop = call.world.open_shop(str(appid), str(secret))
        shop.counters.roll(call.now)
    if shop is None:
        raise Refusal(40013, "invalid appid")
    if secret != shop.secret:
        raise Refusal(40125, "invalid appsecret")
    _check_ip(call)
    return shop


def _check_ip(call: Call) -> None:
    allowed, ip = call.settings.ip_whitelist, call.request.client_ip
    if allowed and ip not in allowed:
        raise Refusal(40164, f"invalid ip {ip} ipv6 ::ffff:{ip}, not in whitelist")


def _overlap(call: Call) -> float:
    # A lifetime turned down for a test must leave the token some time in which it is simply valid.
    return min(OVERLAP, call.settings.token_lifetime / 2)


def _retire(call: Call, shop: Shop, kind: TokenKind, works_until: float) -> None:
    """The account's present token gives way; one that no longer works is not brought back by that."""
    token = call.world.tokens.get(shop.current_tokens.get(kind, ""))
    if token is not None and token.works(call.now):
        token.works_until = works_until


def _issue(call: Call, shop: Shop, kind: TokenKind) -> Token:
    value = f"93_{secrets.token_urlsafe(99)}"
    token = Token(value, shop.appid, kind, call.now + call.settings.token_lifetime)
    call.world.keep_token(token)
    shop.current_tokens[kind] = value
    return token


def _answer(call: Call, token: Token) -> dict[str, Any]:
    return {"access_token": token.value, "expires_in": int(token.expires_at - call.now)}


ROUTES = {
    CLASSIC_PATH: Route("GET", classic, Body.NONE, daily=2000, needs_token=False),
    STABLE_PATH: Route("POST", stable, daily=500_000, needs_token=False),
}
