"""What a rules module offers: paths, each with its method, its handler and the gates before it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.shop import Shop
from shopadmin.simulator.wire import Reply, Request
from shopadmin.simulator.world import World

# Where no document names a daily limit there still is one, which nobody meets by accident.
UNDOCUMENTED_LIMIT = 1_000_000


class Body(Enum):
    """What the gate makes of the request body before the handler sees it."""

    NONE = "none"
    JSON = "json"
    RAW = "raw"


@dataclass(slots=True)
class Call:
    """One admitted call, as a handler gets it. The world's lock is held."""

    request: Request
    world: World
    now: float
    routes: Mapping[str, "Route"]
    fields: dict[str, Any] = field(default_factory=dict)
    account: Shop | None = None

    @property
    def shop(self) -> Shop:
        """The account the token belongs to; only routes that need no token are without one."""
        if self.account is None:
            raise RuntimeError(f"{self.request.path} has no token and so no account")
        return self.account

    @property
    def settings(self) -> Settings:
        """The knobs as they stand."""
        return self.world.settings


Handler = Callable[[Call], dict[str, Any] | Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One interface. ``family`` is what an account must have switched on, ``daily`` its calls per day."""

    method: str
    handler: Handler
    body: Body = Body.JSON
    family: str = ""
    daily: int = UNDOCUMENTED_LIMIT
    needs_token: bool = True
    # Counted under another path, for a second name of the same interface.
    counted_as: str = ""
    wrong_method: int | None = None
    # The setting that must be on for the path to exist.
    switch: str = ""
