"""What the page of a plan shows: its counts, one page of its rows, and what it takes of the quotas."""

import datetime as dt
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import QueryDict
from django.utils.translation import gettext as _

from audits.admin.quota import GROUPS
from audits.models import Batch, Push, Quota, quota_day
from audits.operations import Effect, Operation, PlanRow, Text
from audits.planning import Planned, digest, planned
from audits.states import PushStatus
from shopadmin.wechat.models import Account
from shopadmin.wechat.quota import QuotaGroup

PAGE_SIZE = 100

LOOKS = {
    Effect.CREATE: "good",
    Effect.CHANGE: "busy",
    Effect.DELETE: "bad",
    Effect.NOTHING: "off",
    Effect.WAITS: "wait",
    Effect.BLOCKED: "doubt",
}

# What stands in an address for what was taken out by hand, beside the values of Effect.
BY_HAND = "by-hand"


@dataclass(frozen=True)
class Chosen:
    """Which rows somebody wants to see, as the page's address says."""

    effect: str = ""
    warned: bool = False
    page: str = "1"

    @classmethod
    def of(cls, query: QueryDict) -> "Chosen":
        effect = query.get("effect", "")
        known = effect if effect in {*Effect.values, BY_HAND} else ""
        return cls(known, query.get("warned") == "1", query.get("page", "1"))

    def query(self, **other: Any) -> str:
        """The same page with something else chosen; another filter begins with its first page."""
        values = {"effect": self.effect, "warned": "1" if self.warned else "", "page": ""} | other
        return "?" + urlencode({name: value for name, value in values.items() if value})

    def shows(self, row: PlanRow, excluded: set[Any]) -> bool:
        out = row.pk in excluded
        if self.warned and not row.warned:
            return False
        if self.effect == BY_HAND:
            return out
        if self.effect or self.warned:
            return not out and self.effect in ("", row.effect)
        return True


@dataclass(frozen=True)
class Filter:
    """A count at the top, which is a link to the rows it counts."""

    label: Text
    count: int
    query: str
    chosen: bool
    look: str = "off"


@dataclass(frozen=True)
class Shown:
    """A row on view: as it is now, and whether that differs from what was shown first."""

    kept: PlanRow
    now: Planned | None
    excluded: bool

    @property
    def moved(self) -> bool:
        return self.now is None or self.kept.digest != digest(self.now)

    @property
    def sends(self) -> bool:
        """It goes along when the plan is confirmed."""
        return self.kept.sends and not self.excluded and not self.moved

    @property
    def effect(self) -> Effect:
        return self.now.plan.effect if self.now else Effect(self.kept.effect)

    @property
    def look(self) -> str:
        return LOOKS[self.effect]


def filters(rows: list[PlanRow], excluded: set[Any], chosen: Chosen) -> list[Filter]:
    """How many there are of each kind. What was taken out by hand is counted there only."""
    counts = Counter(row.effect for row in rows if row.pk not in excluded)
    all_ = Filter(
        _("All"), len(rows), chosen.query(effect="", warned=""), not chosen.effect and not chosen.warned
    )
    effects = [
        Filter(
            effect.label,
            counts[effect],
            chosen.query(effect=effect.value),
            chosen.effect == effect,
            LOOKS[effect],
        )
        for effect in Effect
        if counts[effect]
    ]
    out = sum(row.pk in excluded for row in rows)
    by_hand = Filter(_("Left out by hand"), out, chosen.query(effect=BY_HAND), chosen.effect == BY_HAND)
    warned = sum(row.warned for row in rows if row.pk not in excluded)
    odd = Filter(
        _("With warnings"), warned, chosen.query(warned="" if chosen.warned else "1"), chosen.warned, "wait"
    )
    return [all_, *effects, by_hand, *([odd] if warned or chosen.warned else [])]


@dataclass(frozen=True)
class RowsPage:
    """One page of the rows that are chosen, planned anew: only these are read from the database."""

    rows: list[Shown]
    total: int
    numbers: list[tuple[Any, str]]
    number: int

    @property
    def moved(self) -> int:
        """How many here were to be sent and will not be."""
        return sum(row.kept.sends and not row.excluded and row.moved for row in self.rows)


def page_of_rows(batch: Batch, rows: list[PlanRow], chosen: Chosen) -> RowsPage:
    excluded = set(batch.excluded)
    wanted = [row for row in rows if chosen.shows(row, excluded)]
    paginator = Paginator(wanted, PAGE_SIZE)
    page = paginator.get_page(chosen.page)
    on_view = list(page.object_list)
    now = {row.record.pk: row for row in planned(batch, [row.pk for row in on_view])}
    shown = [Shown(row, now.get(row.pk), row.pk in excluded) for row in on_view]
    numbers = [
        (number, chosen.query(page=number) if isinstance(number, int) else "")
        for number in paginator.get_elided_page_range(page.number)
    ]
    return RowsPage(shown, len(wanted), numbers if paginator.num_pages > 1 else [], page.number)


# --- whether somebody else has to agree --------------------------------------------------------------


@dataclass(frozen=True)
class Approval:
    """How many rows need a second person; if none is known to, whether one may when it is confirmed.

    An account may have been set to want one, or no longer, after the plan was shown: what that means
    for a deletion is clear, for a price it is not.
    """

    count: int
    maybe: bool


def approval(rows: list[PlanRow]) -> Approval:
    """Causes one SQL query."""
    careful = set(Account.objects.filter(second_person=True).values_list("pk", flat=True))
    watched = [row for row in rows if row.account in careful]
    count = sum(row.approval or row.effect == Effect.DELETE for row in watched)
    return Approval(count, not count and any(row.effect == Effect.CHANGE for row in watched))


# --- what it costs ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What a plan takes of one quota of one account, and when."""

    account: Account
    purpose: Text
    count: int
    left: int
    ahead: int
    limit: int
    per_hour: int = 0

    @property
    def hours(self) -> int:
        """How many hours those of today take where WeChat counts by the hour; 0 if they go at once."""
        behind = self.today + min(self.ahead, self.left)
        return math.ceil(behind / self.per_hour) if self.per_hour and behind > self.per_hour else 0

    @property
    def today(self) -> int:
        return min(self.count, max(0, self.left - self.ahead))

    @property
    def later(self) -> int:
        return self.count - self.today

    @property
    def last_day(self) -> dt.date | None:
        """The day on which the last of it goes, if that is later than tomorrow."""
        behind = self.later + max(0, self.ahead - self.left)
        days = math.ceil(behind / self.limit) if self.limit and self.later else 0
        return quota_day() + dt.timedelta(days=days) if days > 1 else None


def costs(batch: Batch, rows: list[PlanRow]) -> list[Cost]:
    """Per account and group of interfaces that WeChat counts together. Three queries, however many rows."""
    model: Any = batch.target_type.model_class()
    steps = {step.name: step.quota for step in model.OPERATIONS[Operation(batch.operation)]}
    calls: Counter[tuple[int, QuotaGroup]] = Counter()
    for row in rows:
        calls.update((row.account, group) for name in row.steps if (group := steps.get(name)))
    if not calls:
        return []
    accounts = Account.objects.in_bulk({account for account, _group in calls})
    today = Quota.objects.filter(account__in=accounts, day=quota_day())
    known = {(quota.account_id, quota.group): quota for quota in today}
    ahead = _queued_before(list(accounts))
    found = []
    for (account, group), count in calls.items():
        quota = known.get((account, group.name))
        limit, left = (quota.limit, quota.left) if quota else (group.per_day, group.per_day)
        purpose = GROUPS.get(group.name, group.name)
        before = ahead[account, group.name]
        found.append(Cost(accounts[account], purpose, count, left, before, limit, group.per_hour))
    return found


def _queued_before(accounts: list[int]) -> Counter[tuple[int, str]]:
    """Calls by account and group that other batches still have to make; they go first."""
    waiting = Push.objects.filter(status__in=(PushStatus.QUEUED, PushStatus.WAITING), account__in=accounts)
    grouped = waiting.order_by().values_list("account", "target_type", "operation").annotate(Count("id"))
    calls: Counter[tuple[int, str]] = Counter()
    for account, kind, operation, count in grouped:
        for group in _groups(kind, operation):
            calls[account, group.name] += count
    return calls


def _groups(kind: int, operation: str) -> list[QuotaGroup]:
    model: Any = ContentType.objects.get_for_id(kind).model_class()
    steps = model.OPERATIONS[Operation(operation)] if model else ()
    return [step.quota for step in steps if step.quota]
