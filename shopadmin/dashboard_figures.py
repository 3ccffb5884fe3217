"""The numbers of the start page: pushes by hour, calls of today, how long reviews take."""

import datetime as dt
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from audits.admin.operation_words import submitting
from audits.admin.quota import GROUPS
from audits.models import Push, Quota, StatusChange, quota_day
from audits.models.quota import RESERVE
from audits.states import PushStatus
from shopadmin import charts
from shopadmin.dashboard_needs import UNDER_REVIEW
from shopadmin.dashboard_viewer import Viewer
from shopadmin.wechat.models import Account

HOUR = dt.timedelta(hours=1)
HOURS = 24

REVIEW_DAYS = 30
# Ended reviews that are looked at, the latest ones; and how many make a figure that means something.
REVIEWS_READ = 1000
REVIEWS_ENOUGH = 10


# --- pushes by hour ---------------------------------------------------------------------------------


@dataclass
class Hour:
    """What was finished within one hour, and the lists of it."""

    start: dt.datetime
    done: int = 0
    refused: int = 0
    done_url: str = ""
    refused_url: str = ""


def pushes_by_hour(viewer: Viewer) -> dict[str, Any] | None:
    """The last 24 hours as a chart and as a table; None for who may not see pushes."""
    if not viewer.sees(Push):
        return None
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    since = now - (HOURS - 1) * HOUR
    hours = [_hour(viewer, since + number * HOUR) for number in range(HOURS)]
    for start, status, count in Push.objects.finished_per_hour(since):
        place = (start - since) // HOUR
        if 0 <= place < HOURS:
            setattr(hours[place], status, count)
    done, refused = sum(hour.done for hour in hours), sum(hour.refused for hour in hours)
    span = {"finished_at__gte": since.isoformat()}
    return {
        "chart": _chart(hours, done, refused) if done + refused else "",
        "hours": [hour for hour in reversed(hours) if hour.done or hour.refused],
        "done": done,
        "refused": refused,
        "done_url": viewer.list_of(Push, status__exact=PushStatus.DONE.value, **span),
        "refused_url": viewer.list_of(Push, status__exact=PushStatus.REFUSED.value, **span),
    }


def _hour(viewer: Viewer, start: dt.datetime) -> Hour:
    span = {"finished_at__gte": start.isoformat(), "finished_at__lt": (start + HOUR).isoformat()}
    done = viewer.list_of(Push, status__exact=PushStatus.DONE.value, **span)
    refused = viewer.list_of(Push, status__exact=PushStatus.REFUSED.value, **span)
    return Hour(timezone.localtime(start), done_url=done, refused_url=refused)


def _chart(hours: Sequence[Hour], done: int, refused: int) -> SafeString:
    busiest = max(hours, key=lambda hour: hour.done + hour.refused)
    description = _("Pushes: %(done)s done, %(refused)s refused; the most of them from %(time)s on.") % {
        "done": done,
        "refused": refused,
        "time": f"{busiest.start:%H:%M}",
    }
    words = _("Pushes from %(time)s: %(done)s done, %(refused)s refused")
    bars = [
        charts.Column(
            f"{hour.start:%H:%M}",
            hour.done,
            hour.refused,
            words % {"time": f"{hour.start:%H:%M}", "done": hour.done, "refused": hour.refused},
        )
        for hour in hours
    ]
    return charts.columns("pushes", _("Pushes per hour, the last 24 hours"), description, bars)


# --- calls of today -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Calls:
    """One group of interfaces: how much of the day's calls is used."""

    purpose: str
    used: int
    limit: int
    url: str
    bar: SafeString
    full: bool


def calls_of_today(viewer: Viewer, accounts: Sequence[Account]) -> list[tuple[str, list[Calls]]]:
    """By account, what has been used today. Groups that nothing was asked of have no row yet."""
    if not viewer.sees(Quota):
        return []
    names = {account.pk: account.name for account in accounts}
    # All three, because the index that finds these rows wants them.
    rows = Quota.objects.filter(account__in=list(names), group__in=list(GROUPS), day=quota_day())
    places = {pk: place for place, pk in enumerate(names)}
    ordered = sorted(rows, key=lambda row: (places[row.account_id], list(GROUPS).index(row.group)))
    return [
        (names[account_id], [_calls(viewer, row) for row in group])
        for account_id, group in groupby(ordered, key=lambda row: row.account_id)
    ]


def _calls(viewer: Viewer, row: Quota) -> Calls:
    purpose = str(GROUPS[row.group])
    full = row.used >= row.limit
    words = _("%(purpose)s: %(used)s of %(limit)s calls used") % {
        "purpose": purpose,
        "used": row.used,
        "limit": row.limit,
    }
    reserve = row.limit - int(row.limit * RESERVE)
    return Calls(
        purpose,
        row.used,
        row.limit,
        viewer.list_of(Quota, account__id__exact=row.account_id, group=row.group),
        charts.bar(row.used, row.limit, look="full" if full else "used", words=words, mark=reserve),
        full,
    )


# --- reviews ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reviews:
    """How long WeChat's reviews of one kind of record took lately."""

    model: Any
    ended: int
    median: str = ""
    ninety: str = ""

    @property
    def enough(self) -> bool:
        return self.ended >= REVIEWS_ENOUGH


def reviews(viewer: Viewer) -> list[Reviews]:
    return [_reviews(model) for model, _owner in viewer.mirrors() if model in UNDER_REVIEW]


def _reviews(model: Any) -> Reviews:
    took = _waiting_times(model)
    if len(took) < REVIEWS_ENOUGH:
        return Reviews(model, len(took))
    tenths = statistics.quantiles(took, n=10, method="inclusive")
    return Reviews(model, len(took), _words(statistics.median(took)), _words(tenths[8]))


def _waiting_times(model: Any) -> list[float]:
    """Seconds from a submission by us to the change that ended its review, of the latest reviews."""
    kind = ContentType.objects.get_for_model(model)
    latest = StatusChange.objects.filter(target_type=kind).order_by("-id").values("pk")[:REVIEWS_READ]
    submissions = Push.objects.filter(
        target_type=kind,
        target_id=OuterRef("target_id"),
        operation__in=submitting(model),
        status=PushStatus.DONE,
        finished_at__lte=OuterRef("seen_at"),
    ).order_by("-id")
    ended = StatusChange.objects.filter(
        pk__in=latest,
        before=UNDER_REVIEW[model],
        seen_at__gte=timezone.now() - dt.timedelta(days=REVIEW_DAYS),
    ).annotate(submitted=Subquery(submissions.values("finished_at")[:1]))
    spans = ended.order_by().values_list("submitted", "seen_at")
    return [(seen - submitted).total_seconds() for submitted, seen in spans if submitted]


def _words(seconds: float) -> str:
    now = timezone.now()
    return timesince(now - dt.timedelta(seconds=max(60.0, seconds)), now, depth=1)
