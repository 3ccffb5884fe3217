"""What WeChat remembers of one account: its goods, pictures and counters."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, StrEnum

from shopadmin.simulator.clock import beijing_day, beijing_hour, beijing_month
from shopadmin.simulator.push import PushTarget
from shopadmin.simulator.store import Store
from shopadmin.simulator.window import Window

MEDIA_LIFETIME = 3 * 24 * 3600


class Status(IntEnum):
    """``audit_status`` of live goods."""

    UNAUDITED = 0
    AUDITING = 1
    APPROVED = 2
    REJECTED = 3


class Origin(IntEnum):
    """``third_party_tag``: who made the goods."""

    CONSOLE = 0
    API = 2


class TokenKind(StrEnum):
    """The two token endpoints, whose tokens do not disturb each other."""

    CLASSIC = "classic"
    STABLE = "stable"


@dataclass(slots=True)
class Goods:
    """One item of the live goods library."""

    goods_id: int
    name: str
    picture: str
    url: str
    price_type: int
    price: Decimal
    price2: Decimal
    status: Status = Status.UNAUDITED
    origin: Origin = Origin.API
    third_party_appid: str = ""
    goods_key: tuple[str, ...] = ()
    audit_id: int = 0
    # When the running audit ends by itself; None while nothing runs, or while only a person can end it.
    audit_due: float | None = None

    def end_audit(self, status: Status) -> None:
        """Leave the audit for this status, whoever decided it."""
        self.status = status
        self.audit_due = None


@dataclass(frozen=True, slots=True)
class Media:
    """One uploaded temporary picture. The bytes lie under ``digest``."""

    media_id: str
    created_at: int
    digest: str
    mime: str
    width: int
    height: int
    size: int

    def alive(self, now: float) -> bool:
        """Whether the id may still be used."""
        return now < self.created_at + MEDIA_LIFETIME


@dataclass(slots=True)
class Token:
    """One access token. ``works_until`` is set once a newer one has taken its place."""

    value: str
    appid: str
    kind: TokenKind
    expires_at: float
    works_until: float | None = None

    def works(self, now: float) -> bool:
        """Whether WeChat still takes it."""
        return now < (self.expires_at if self.works_until is None else self.works_until)


@dataclass(slots=True)
class Counters:
    """What an account has used of its quotas."""

    day: str = ""
    calls: dict[str, int] = field(default_factory=dict)
    submissions: int = 0
    forced_refreshes: int = 0
    minute: int = 0
    calls_this_minute: dict[str, int] = field(default_factory=dict)
    month: str = ""
    resets: int = 0
    hour: str = ""
    # Mini Store products created or updated, counted together.
    spu_writes_today: int = 0
    spu_writes_this_hour: int = 0

    def roll(self, now: float) -> None:
        """Forget the counts of a day, hour, minute or month that is over."""
        day, month, minute = beijing_day(now), beijing_month(now), int(now // 60)
        if day != self.day:
            self.day, self.submissions, self.forced_refreshes, self.spu_writes_today = day, 0, 0, 0
            self.calls.clear()
        if (hour := beijing_hour(now)) != self.hour:
            self.hour, self.spu_writes_this_hour = hour, 0
        if month != self.month:
            self.month, self.resets = month, 0
        if minute != self.minute:
            self.minute = minute
            self.calls_this_minute.clear()


@dataclass(slots=True)
class Shop:
    """One account with everything that belongs to it."""

    appid: str
    secret: str
    switched_off: set[str] = field(default_factory=set)
    goods: dict[int, Goods] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    store: Store = field(default_factory=Store)
    window: Window = field(default_factory=Window)
    # Product pictures by the last part of their link; they never lapse.
    pictures: dict[str, Media] = field(default_factory=dict)
    # Where messages are sent; None is nowhere.
    callback: PushTarget | None = None
    counters: Counters = field(default_factory=Counters)
    current_tokens: dict[TokenKind, str] = field(default_factory=dict)
    forced_at: float = 0.0
    # (due, goods id, audit id), the earliest first; entries of audits that were withdrawn are skipped.
    ripening: list[tuple[float, int, int]] = field(default_factory=list)

    @property
    def all_media(self) -> tuple[Media, ...]:
        """Every picture the account has."""
        return (*self.media.values(), *self.pictures.values())

    def start_audit(self, goods: Goods, audit_id: int, due: float) -> None:
        """Put the goods under audit until ``due``."""
        goods.status, goods.audit_id, goods.audit_due = Status.AUDITING, audit_id, due
        heapq.heappush(self.ripening, (due, goods.goods_id, audit_id))

    def ripen(self, now: float, judge: Callable[["Shop", Goods], Status]) -> int:
        """End every audit that is due by ``now``; the number of goods decided."""
        decided = 0
        while self.ripening and self.ripening[0][0] <= now:
            _, goods_id, audit_id = heapq.heappop(self.ripening)
            goods = self.goods.get(goods_id)
            if goods is None or goods.audit_due is None or goods.audit_id != audit_id:
                continue
            goods.end_audit(judge(self, goods))
            decided += 1
        return decided
