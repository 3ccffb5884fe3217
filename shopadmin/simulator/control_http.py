"""The knobs over HTTP: JSON under /_sim/, and plain forms for the buttons of the page."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from shopadmin.simulator.clock import BEIJING
from shopadmin.simulator.control import Control
from shopadmin.simulator.wire import JSON, PLAIN, Reply, Request, dumps

Fields = dict[str, Any]
_FORM = "application/x-www-form-urlencoded"
_GOODS_ACTIONS = ("create", "change", "delete")


def respond(control: Control, request: Request) -> Reply:
    """The answer to a request under /_sim/."""
    if not _same_origin(request):
        return Reply(403, b"Another site may not turn the knobs of this simulator.\n", PLAIN)
    act = _ACTIONS.get((request.method, request.path))
    if act is None:
        known = sorted(f"{method} {path}" for method, path in _ACTIONS)
        return _answer({"error": "There is no such knob.", "knobs": known}, 404)
    try:
        result = act(control, _fields(request))
    except LookupError as error:
        return _answer({"error": f"Not found: {error.args[0] if error.args else error}"}, 404)
    except (ValueError, TypeError) as error:
        return _answer({"error": str(error)}, 400)
    if _is_form(request):
        return Reply(303, headers={"Location": "/"})
    return _answer(result)


def _answer(value: object, status: int = 200) -> Reply:
    return Reply(status, dumps(value), JSON)


def _same_origin(request: Request) -> bool:
    """A browser names the page a request comes from; a page of another server has no business here."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _is_form(request: Request) -> bool:
    # curl -d calls everything a form, JSON as well.
    return request.content_type == _FORM and not request.body.lstrip().startswith(b"{")


def _fields(request: Request) -> Fields:
    if request.method == "GET":
        return dict(request.query)
    if _is_form(request):
        return dict(parse_qsl(request.body.decode()))
    if not request.body:
        return {}
    value = json.loads(request.body)
    if not isinstance(value, dict):
        raise ValueError("The body must be a JSON object.")
    return value


def _state(control: Control, _fields: Fields) -> object:
    return control.state()


def _reset(control: Control, _fields: Fields) -> object:
    control.reset()
    return {"ok": True}


def _settings(control: Control, fields: Fields) -> object:
    return control.settings(**fields)


def _next(control: Control, fields: Fields) -> object:
    return {"next": control.next(**fields)}


def _clear_next(control: Control, _fields: Fields) -> object:
    control.clear_next()
    return {"next": []}


def _clock(control: Control, fields: Fields) -> object:
    if "set" in fields:
        moment = fields["set"]
        if isinstance(moment, str):
            parsed = datetime.fromisoformat(moment)
            moment = (parsed if parsed.tzinfo else parsed.replace(tzinfo=BEIJING)).timestamp()
        control.set_clock(float(moment))
    return {"now": control.advance(float(fields.get("advance", 0)))}


def _goods(control: Control, fields: Fields) -> object:
    action = fields.pop("action", "create")
    if action not in _GOODS_ACTIONS:
        raise ValueError(f"action must be one of {', '.join(_GOODS_ACTIONS)}.")
    if action == "create":
        return {"goodsIds": control.make_goods(**fields)}
    goods_id = int(fields.pop("goodsId"))
    if action == "change":
        control.change_goods(goods_id, **fields)
    else:
        control.drop_goods(goods_id)
    return {"ok": True}


def _verdict(control: Control, fields: Fields) -> object:
    approve = fields["approve"] in (True, "true")
    if "product_id" in fields:
        control.review(int(fields["product_id"]), approve, fields.get("reason", ""))
    else:
        control.verdict(int(fields["goodsId"]), approve)
    return {"ok": True}


def _spus(control: Control, fields: Fields) -> object:
    action = fields.pop("action", "create")
    if action == "create":
        return {"product_ids": control.make_spus(**fields)}
    act = _one_of(
        {
            "change": control.change_spu,
            "remove": control.remove_spu,
            "restore": control.restore_spu,
            "recycle": control.recycle_spu,
            "withdraw": control.withdraw,
            "delete": control.drop_spu,
        },
        action,
    )
    act(int(fields.pop("product_id")), **fields)
    return {"ok": True}


def _skus(control: Control, fields: Fields) -> object:
    act = _one_of({"change": control.change_sku, "sell": control.sell}, fields.pop("action", "change"))
    act(int(fields.pop("sku_id")), **fields)
    return {"ok": True}


def _templates(control: Control, fields: Fields) -> object:
    act = _one_of({"delete": control.drop_template}, fields.pop("action", ""))
    act(int(fields.pop("template_id")), **fields)
    return {"ok": True}


def _window(control: Control, fields: Fields) -> object:
    action = fields.pop("action", "create")
    ids: Fields = {name: int(fields.pop(name)) for name in ("product_id", "cps_id") if name in fields}
    if action == "create":
        return {"ids": control.make_window(**ids, **fields)}
    act = _one_of(
        {
            "change": control.change_window,
            "ban": control.ban_window,
            "unban": control.unban_window,
            "discount": control.discount_window,
            "end_discount": control.end_discount,
            "source": control.set_source,
            "drop": control.drop_window,
            "empty": control.empty_window,
            "bind": control.bind_shop,
            "unbind": control.unbind_shop,
        },
        action,
    )
    act(**ids, **fields)
    return {"ok": True}


def _set_callback(control: Control, fields: Fields) -> object:
    control.set_callback(**fields)
    return {"ok": True}


def _push(control: Control, fields: Fields) -> object:
    control.push(**fields)
    return {"ok": True}


def _pushes(control: Control, _fields: Fields) -> object:
    return {"pushes": control.pushes()}


def _one_of(actions: dict[str, Callable[..., None]], name: str) -> Callable[..., None]:
    if name not in actions:
        raise ValueError(f"action must be one of {', '.join(actions)}.")
    return actions[name]


def _ripen(control: Control, _fields: Fields) -> object:
    return {"decided": control.ripen()}


def _accounts(control: Control, fields: Fields) -> object:
    control.add_account(**fields)
    return {"ok": True}


def _revoke(control: Control, fields: Fields) -> object:
    return {"revoked": control.revoke_tokens(fields.get("appid"))}


def _calls(control: Control, fields: Fields) -> object:
    return {"calls": control.calls(fields.get("path"), int(fields.get("since", 0)))}


def _clear_calls(control: Control, _fields: Fields) -> object:
    control.clear_calls()
    return {"calls": []}


_ACTIONS: dict[tuple[str, str], Callable[[Control, Fields], object]] = {
    ("GET", "/_sim/state"): _state,
    ("POST", "/_sim/reset"): _reset,
    ("GET", "/_sim/settings"): lambda control, _fields: control.settings(),
    ("POST", "/_sim/settings"): _settings,
    ("POST", "/_sim/next"): _next,
    ("DELETE", "/_sim/next"): _clear_next,
    ("POST", "/_sim/clock"): _clock,
    ("POST", "/_sim/goods"): _goods,
    ("POST", "/_sim/spus"): _spus,
    ("POST", "/_sim/skus"): _skus,
    ("POST", "/_sim/templates"): _templates,
    ("POST", "/_sim/window"): _window,
    ("POST", "/_sim/verdict"): _verdict,
    ("POST", "/_sim/ripen"): _ripen,
    ("POST", "/_sim/accounts"): _accounts,
    ("POST", "/_sim/tokens/revoke"): _revoke,
    ("POST", "/_sim/callback"): _set_callback,
    ("POST", "/_sim/push"): _push,
    ("GET", "/_sim/push"): _pushes,
    ("GET", "/_sim/calls"): _calls,
    ("DELETE", "/_sim/calls"): _clear_calls,
}
