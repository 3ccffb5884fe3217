"""The knobs, as Python methods. control_http.py offers the same over HTTP."""

import threading
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shopadmin.simulator import knobs
from shopadmin.simulator.calls import CallLog
from shopadmin.simulator.faults import Faults, ordered
from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.push_control import PushControl
from shopadmin.simulator.rules import ROUTES
from shopadmin.simulator.shop import Goods, Origin, Shop, Status
from shopadmin.simulator.store_control import StoreControl, shown_spu
from shopadmin.simulator.window_control import WindowControl, shown_window
from shopadmin.simulator.world import DEFAULT_APPID, World, placeholder

FAMILIES = frozenset(route.family for route in ROUTES.values() if route.family)
_ORIGINS = {"api": Origin.API, "console": Origin.CONSOLE}
_NUMBER = (int, float, Decimal)
_CHANGEABLE: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "url": str,
    "price_type": int,
    "price": _NUMBER,
    "price2": _NUMBER,
    "audit_status": int,
    "third_party_appid": str,
}


class Control(StoreControl, WindowControl, PushControl):
    """Everything a test or a trainer may do behind WeChat's back."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._first_settings = settings or Settings()
        self.stopping = threading.Event()
        self.world = World(self._first_settings, self.stopping)
        self.faults = Faults()
        self.log = CallLog()

    # --- Behaviour ---

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Turn settings and return all of them; ValueError for one that does not exist or fit."""
        for name in {*changes.get("quotas", ()), *changes.get("rate_limits", ())} - {knobs.SUBMISSIONS}:
            if name not in ROUTES:
                raise ValueError(f"There is no interface {name!r} to limit.")
        with self.world.lock:
            self.world.settings = knobs.changed(self.world.settings, changes)
            return knobs.as_dict(self.world.settings)

    def next(
        self, do: str, *, path: str = "", times: int = 1, skip: int = 0, **options: Any
    ) -> list[dict[str, Any]]:
        """Order what happens to one of the next calls; the queue of orders is returned."""
        self.faults.add(ordered({"do": do, "path": path, "times": times, "skip": skip, **options}))
        return self.faults.listing()

    def clear_next(self) -> None:
        """Forget all ordered answers."""
        self.faults.clear()

    def reset(self) -> None:
        """Back to the first day: goods, tokens, quotas, knobs, clock and log. Ids go on counting."""
        with self.world.lock:
            self.world.reset(self._first_settings)
            self.world.version += 1
        self.faults.clear()
        self.log.clear()
        self.world.pusher.clear()

    # --- Time ---

    def advance(self, seconds: float) -> float:
        """Move the clock and let happen what falls due; the new time in Unix seconds."""
        with self.world.lock:
            self.world.clock.advance(seconds)
            self._moved()
            return self.world.clock.now()

    def set_clock(self, moment: float) -> float:
        """Set the clock to this Unix time; the new time."""
        with self.world.lock:
            self.world.clock.set(moment)
            self._moved()
            return self.world.clock.now()

    def now(self) -> float:
        """The simulated time in Unix seconds."""
        return self.world.clock.now()

    def _moved(self) -> None:
        self.world.version += 1
        self.world.catch_up()

    # --- Audits ---

    def ripen(self) -> int:
        """End all running audits and reviews now, by the usual rules; how many were decided."""
        with self.world.lock:
            self.world.version += 1
            return self.world.ripen_all()

    def verdict(self, goods_id: int, approve: bool) -> None:
        """Decide one audit at once. LookupError: no such goods. ValueError: not under audit."""
        with self.world.lock:
            self.world.catch_up()
            _, goods = self.world.find_goods(goods_id)
            if goods.status is not Status.AUDITING:
                raise ValueError(f"Goods {goods_id} are not under audit.")
            goods.end_audit(Status.APPROVED if approve else Status.REJECTED)
            self.world.version += 1

    # --- Accounts and tokens ---

    def add_account(self, appid: str, secret: str, families: Mapping[str, bool] | None = None) -> None:
        """Open an account, or change the secret and the families of one that exists."""
        if not appid or not secret:
            raise ValueError("An account needs an appid and a secret.")
        unknown = set(families or {}) - FAMILIES
        if unknown:
            raise ValueError(
                f"There is no family {min(unknown)!r}. There are: {', '.join(sorted(FAMILIES))}."
            )
        with self.world.lock:
            shop = self.world.shops.get(appid) or self.world.open_shop(appid, secret)
            if shop.secret != secret:
                shop.secret = secret
                self.revoke_tokens(appid)
            for family, on in (families or {}).items():
                (shop.switched_off.discard if on else shop.switched_off.add)(family)
            self.world.version += 1

    def revoke_tokens(self, appid: str | None = None) -> int:
        """Make the tokens of one account, or of all, unknown (40001); how many there were."""
        with self.world.lock:
            gone = [token for token in self.world.tokens.values() if appid in (None, token.appid)]
            for token in gone:
                del self.world.tokens[token.value]
            self.world.version += 1
            return len(gone)

    # --- Goods ---

    def goods(self, appid: str = DEFAULT_APPID) -> list[dict[str, Any]]:
        """What the account has in its library, by ascending id."""
        with self.world.lock:
            self.world.catch_up()
            return [shown_goods(goods) for goods in self.world.shop(appid).goods.values()]

    def make_goods(
        self, *, appid: str = DEFAULT_APPID, origin: str = "console", count: int = 1, **fields: Any
    ) -> list[int]:
        """Put goods into the library as if made in the console, or by API; their ids."""
        if origin not in _ORIGINS or type(count) is not int or count < 1:
            raise ValueError("origin is console or api, count a whole number from 1.")
        with self.world.lock:
            shop = self.world.shop(appid)
            picture = self.world.store_picture(shop, placeholder(len(shop.goods)), self.now()).media_id
            made = [self._made(picture, origin, fields) for _ in range(count)]
            shop.goods.update({goods.goods_id: goods for goods in made})
            for goods in made:
                self._start_audit(shop, goods)
            self.world.version += 1
            return [goods.goods_id for goods in made]

    def _made(self, picture: str, origin: str, fields: dict[str, Any]) -> Goods:
        zero = Decimal(0)
        goods = Goods(0, "", picture, "", 1, zero, zero, Status.APPROVED, _ORIGINS[origin])
        given = {"price_type": 1, "price": 10, **fields}
        _change(goods, given)
        goods.goods_id = number = self.world.new_goods_id()
        goods.name = goods.name or f"Console goods {number}"
        goods.url = goods.url or f"pages/goods/detail?id={number}"
        return goods

    def _start_audit(self, shop: Shop, goods: Goods) -> None:
        """What the API submitted ripens; what the console submitted waits for a verdict."""
        if goods.status is Status.AUDITING and goods.origin is Origin.API:
            due = self.now() + self.world.settings.audit_delay
            shop.start_audit(goods, self.world.new_audit_id(), due)

    def change_goods(self, goods_id: int, **fields: Any) -> None:
        """Change goods as if somebody had done it in the console; no rule is asked."""
        with self.world.lock:
            _change(self.world.find_goods(goods_id)[1], fields)
            self.world.version += 1

    def drop_goods(self, goods_id: int) -> None:
        """Delete goods as if somebody had done it in the console."""
        with self.world.lock:
            shop, _ = self.world.find_goods(goods_id)
            del shop.goods[goods_id]
            self.world.version += 1

    # --- Looking ---

    def calls(self, path: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """What was called, the oldest first; only WeChat's own paths are in the log."""
        return self.log.listing(path, since)

    def clear_calls(self) -> None:
        """Forget what was called."""
        self.log.clear()

    def state(self) -> dict[str, Any]:
        """Everything this WeChat knows, without secrets and with masked tokens."""
        with self.world.lock:
            self.world.catch_up()
            return {
                "now": self.now(),
                "settings": knobs.as_dict(self.world.settings),
                "next": self.faults.listing(),
                "accounts": {appid: self._shown_shop(shop) for appid, shop in self.world.shops.items()},
            }

    def _shown_shop(self, shop: Shop) -> dict[str, Any]:
        counters, now = shop.counters, self.now()
        tokens = [token for token in self.world.tokens.values() if token.appid == shop.appid]
        return {
            "callback": shop.callback and shop.callback.shown(),
            "families": {family: family not in shop.switched_off for family in sorted(FAMILIES)},
            "counters": {
                "day": counters.day,
                "calls": dict(counters.calls),
                knobs.SUBMISSIONS: counters.submissions,
                "forced_refreshes": counters.forced_refreshes,
                "resets": counters.resets,
                "spu_writes_today": counters.spu_writes_today,
                "spu_writes_this_hour": counters.spu_writes_this_hour,
            },
            "tokens": [
                {
                    "token": f"{token.value[:6]}***",
                    "kind": str(token.kind),
                    "expires_in": int(token.expires_at - now),
                    "works": token.works(now),
                }
                for token in tokens
            ],
            "media": [
                {
                    "media_id": media.media_id,
                    "created_at": media.created_at,
                    "size": media.size,
                    "width": media.width,
                    "height": media.height,
                    "alive": media.alive(now),
                }
                for media in shop.media.values()
            ],
            "goods": [shown_goods(goods) for goods in shop.goods.values()],
            "spus": [shown_spu(spu) for spu in shop.store.spus.values()],
            "templates": list(shop.store.templates.values()),
            "window_shops": dict(shop.window.shops),
            "window": [shown_window(product) for product in reversed(shop.window.products.values())],
        }


def shown_goods(goods: Goods) -> dict[str, Any]:
    """One item as JSON, under plain names of our own."""
    return {
        "goods_id": goods.goods_id,
        "name": goods.name,
        "url": goods.url,
        "picture": goods.picture,
        "price_type": goods.price_type,
        "price": float(goods.price),
        "price2": float(goods.price2),
        "audit_status": int(goods.status),
        "audit_id": goods.audit_id,
        "origin": goods.origin.name.lower(),
        "third_party_appid": goods.third_party_appid,
        "goods_key": list(goods.goods_key),
    }


def _change(goods: Goods, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name not in _CHANGEABLE:
            raise ValueError(f"Goods have no field {name!r}. They have: {', '.join(_CHANGEABLE)}.")
        if name == "audit_status":
            goods.end_audit(Status(value))
        else:
            setattr(goods, name, _converted(name, value))


def _converted(name: str, value: object) -> object:
    expected = _CHANGEABLE[name]
    if isinstance(value, bool) or not isinstance(value, expected):
        raise ValueError(f"{name} does not take {value!r}.")
    return Decimal(str(value)) if name in ("price", "price2") else value
