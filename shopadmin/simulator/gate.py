"""What a call passes before its own rules, in this order: path, method, token, body, permission, limits."""

import re
from typing import Any, NoReturn

from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.routes import Body, Call, Route
from shopadmin.simulator.rules import ROUTES
from shopadmin.simulator.rules.limits import count_call
from shopadmin.simulator.shop import Shop
from shopadmin.simulator.wire import PLAIN, Refusal, Reply, Request, json_reply, parsed
from shopadmin.simulator.world import World

_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}")
_STRICT_FAMILY = "/wxaapi/"
_STORE = "/product/"
_FREIGHT = "/product/delivery/"


def answer(request: Request, world: World) -> Reply:
    """WeChat's answer to this request. The caller holds the world's lock."""
    if request.chunked:
        return Reply(412, close=True)
    route = ROUTES.get(request.path)
    if route is not None and route.switch and not getattr(world.settings, route.switch):
        route = None
    if route is None and request.path.startswith(_STRICT_FAMILY):
        return Reply(404, b"Not Found", PLAIN)
    world.catch_up()
    now = world.clock.now()
    try:
        payload = _admitted(Call(request, world, now, ROUTES), route)
    except Refusal as refusal:
        payload = refusal.payload(now)
    if isinstance(payload, Reply):
        return payload
    return _written(payload, request.path, world.settings)


def _written(payload: dict[str, Any], path: str, settings: Settings) -> Reply:
    """The answer as JSON, with the oddities that are switched on."""
    if settings.omit_errmsg and path.startswith(_STORE):
        payload = {name: value for name, value in payload.items() if name != "errmsg"}
    as_string = settings.errcode_as_string or (
        settings.freight_errcode_as_string and path.startswith(_FREIGHT)
    )
    return json_reply(payload, settings.content_type, errcode_as_string=as_string)


def _admitted(call: Call, route: Route | None) -> dict[str, Any] | Reply:
    if route is None:
        raise Refusal(40066, "invalid url")
    if call.request.method != route.method:
        _refuse_method(route)
    if route.needs_token:
        call.account = token_owner(call.request, call.world, call.now)
    call.fields = _fields(call, route)
    if route.needs_token:
        if route.family in call.shop.switched_off:
            raise Refusal(48001, "api unauthorized")
        count_call(call.shop, route.counted_as or call.request.path, route, call.settings)
    return route.handler(call)


def _refuse_method(route: Route) -> NoReturn:
    if route.wrong_method is not None:
        raise Refusal(route.wrong_method, "system error")
    if route.method == "GET":
        raise Refusal(43001, "require GET method")
    raise Refusal(43002, "require POST method")


def token_owner(request: Request, world: World, now: float) -> Shop:
    """The account of the token: 41001 without one, 40001 if it is not known (any more), 42001 expired."""
    value = request.query.get("access_token", "")
    if not value:
        raise Refusal(41001, "access_token missing")
    token = world.tokens.get(value)
    shop = world.shops.get(token.appid) if token else None
    if token is None or shop is None:
        raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
    if token.works(now):
        return shop
    if now >= token.expires_at:
        raise Refusal(42001, "access_token expired")
    raise Refusal(40001, "invalid credential, access_token is invalid or not latest")


def _fields(call: Call, route: Route) -> dict[str, Any]:
    """The JSON object of the body, or nothing where the route reads none."""
    request = call.request
    if route.body is not Body.JSON:
        return {}
    if "content-encoding" in request.headers:
        raise Refusal(40221, "invalid Content-Encoding")
    strict = request.path.startswith(_STRICT_FAMILY)
    if strict and request.content_type != "application/json":
        return {}
    if not request.body:
        raise Refusal(44002, "empty post data")
    if strict and call.settings.refuse_unicode_escapes and _ESCAPE.search(request.body):
        raise Refusal(47002, "do NOT use json unicode encode, use utf8 encoded text")
    return parsed(request.body)
