"""How far a batch is: its counts, its time left, why WeChat refused, and a page of its rows."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, TextField, Value, When
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits.admin.explain import REVIEWS, Review
from audits.admin.operation_words import reviewed
from audits.admin.words import (
    LOOKS,
    family_of,
    field_to_fix,
    fix_label,
    form_link,
    outcome,
    own_words,
    pill,
    refusal,
    status_pill,
    waits_for_quota,
    when,
)
from audits.models import Batch, Push
from audits.models.batch import STOPPABLE
from audits.operations import Text
from audits.states import OPEN, PushStatus
from shopadmin.wechat.reading import as_int

PAGE_SIZE = 100

# The rate at which pushes finish is measured over this time.
LATELY = dt.timedelta(minutes=1)

# The value of ``errcode`` in an address for what has no code.
NO_CODE = "none"
LARGEST_CODE = 2**31


@dataclass(frozen=True)
class Tally:
    """The pushes of a batch by state, and what else one query tells of them."""

    counts: dict[str, int] = field(default_factory=dict)
    finished_lately: int = 0
    waiting_until: dt.datetime | None = None
    confirmed_by: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        return sum(self.counts.get(status, 0) for status in OPEN)

    @property
    def finished(self) -> int:
        return self.total - self.open

    @property
    def percent(self) -> int:
        """Rounded down: 100 means that nothing is left."""
        return self.finished * 100 // self.total if self.total else 100


def tally(batch: Batch) -> Tally:
    """Causes one SQL query."""
    lately = Q(finished_at__gte=timezone.now() - LATELY) & ~Q(status=PushStatus.CANCELLED)
    rows = list(
        batch.pushes.order_by()
        .values("status")
        .annotate(
            count=Count("id"),
            lately=Count("id", filter=lately),
            until=Min("not_before"),
            by=Max("requested_by_name"),
        )
    )
    return Tally(
        counts={row["status"]: row["count"] for row in rows},
        finished_lately=sum(row["lately"] for row in rows),
        waiting_until=next((row["until"] for row in rows if row["status"] == PushStatus.WAITING), None),
        confirmed_by=max((row["by"] for row in rows), default=""),
    )


# --- in words ---------------------------------------------------------------------------------------


def is_paused(batch: Batch, counts: Mapping[str, int]) -> bool:
    """A batch in which everything is finished is not called paused any more."""
    return bool(batch.paused_at) and any(counts.get(status) for status in OPEN)


def time_left(batch: Batch, found: Tally) -> str:
    """How long what can be sent now will take, at the rate of the last minute; "" where nothing moves."""
    left = found.counts.get(PushStatus.QUEUED, 0) + found.counts.get(PushStatus.SENDING, 0)
    if batch.paused_at or not left or batch.confirmed_at is None:
        return ""
    if not found.finished_lately:
        return _("time left not known yet")
    measured = min(LATELY, timezone.now() - batch.confirmed_at)
    seconds = left * max(measured.total_seconds(), 1) / found.finished_lately
    if seconds < 60:
        return _("less than a minute left")
    minutes = math.ceil(seconds / 60)
    if minutes < 120:
        text = ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes)
        return text % {"count": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("about %(count)s hour left", "about %(count)s hours left", hours) % {"count": hours}


def waiting_words(batch: Batch, found: Tally) -> str:
    """What waits, for what and until when; "" if nothing waits, or not for the clock alone."""
    count = found.counts.get(PushStatus.WAITING, 0)
    if not count or found.waiting_until is None or batch.paused_at:
        return ""
    words = {"count": count, "when": when(found.waiting_until)}
    if waits_for_quota(found.waiting_until):
        text = ngettext(
            "%(count)s waits for new quota until %(when)s and then goes on by itself.",
            "%(count)s wait for new quota until %(when)s and then go on by themselves.",
            count,
        )
    else:
        text = ngettext(
            "%(count)s waits until %(when)s and then goes on by itself.",
            "%(count)s wait until %(when)s and then go on by themselves.",
            count,
        )
    return text % words


def headline(batch: Batch, found: Tally) -> str:
    words = {"finished": found.finished, "total": found.total, "percent": found.percent}
    if not found.total:
        return _("Nothing was sent.")
    if not found.open:
        results = [
            f"{status.label} {found.counts[status]}" for status in PushStatus if status in found.counts
        ]
        return _("Finished: %(results)s.") % {"results": _(", ").join(results)}
    told = [_("%(finished)s of %(total)s finished (%(percent)s %%)") % words]
    left = _("paused") if is_paused(batch, found.counts) else time_left(batch, found)
    return " · ".join([*told, left] if left else told)


# --- the rows ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """Which rows the address asks for; what it says wrongly is left out."""

    status: str = ""
    errcode: str = ""
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Chosen":
        status, code = asked.get("state", ""), asked.get("errcode", "")
        number = as_int(code)
        known = code == NO_CODE or (number is not None and abs(number) < LARGEST_CODE)
        page = as_int(asked.get("page")) or 1
        return cls(status if status in PushStatus else "", code if known else "", max(1, min(page, 10**6)))

    def rows(self, batch: Batch) -> "QuerySet[Push]":
        rows: QuerySet[Push] = batch.pushes.order_by("id")
        if self.status:
            rows = rows.filter(status=self.status)
        if self.errcode:
            rows = rows.filter(errcode=None if self.errcode == NO_CODE else int(self.errcode))
        return rows

    def query(self, **changed: Any) -> str:
        """The same choice as the end of an address, with something changed."""
        values = {"state": self.status, "errcode": self.errcode, "page": self.page} | changed
        kept = {name: value for name, value in values.items() if value not in ("", 1)}
        return f"?{urlencode(kept)}" if kept else "?"


@dataclass(frozen=True)
class Row:
    """A push beside its result, what to do about it, and where."""

    push: Push
    pill: SafeString
    happened: Text
    todo: Text
    record_url: str
    fix_url: str = ""
    fix_label: str = ""
    words: str = ""
    review: SafeString | None = None


def page_of_rows(batch: Batch, chosen: Chosen, *, links: bool) -> tuple[list[Row], bool]:
    """One page, and whether there is a further one. Causes two SQL queries."""
    first = (chosen.page - 1) * PAGE_SIZE
    pushes = list(chosen.rows(batch)[first : first + PAGE_SIZE + 1])
    model = batch.target_type.model_class()
    on_view = pushes[:PAGE_SIZE]
    reviews = _review_pills(model, [push.target_id for push in on_view if push.status == PushStatus.DONE])
    rows = [
        replace(_row(batch, model, push, links=links), review=reviews.get(push.target_id)) for push in on_view
    ]
    return rows, len(pushes) > PAGE_SIZE


def _review_pills(model: Any, ids: list[int]) -> dict[int, SafeString]:
    """How far WeChat's review of these records is now; nothing of those that are in none."""
    known = REVIEWS.get(family_of(model), {})
    if not known or not ids:
        return {}
    found = model._default_manager.filter(pk__in=ids, audit_status__in=known)
    return {pk: pill(*known[number].value) for pk, number in found.values_list("pk", "audit_status")}


def _row(batch: Batch, model: Any, push: Push, *, links: bool) -> Row:
    push.target_type = batch.target_type
    happened, todo = outcome(push)
    if batch.paused_at and push.status in STOPPABLE:
        todo = _("Paused: it is sent once the batch is resumed.")
    url = form_link(model, push.target_id) if links else ""
    row = Row(push, status_pill(push), happened, todo, url)
    if push.status != PushStatus.REFUSED:
        return row
    wrong = field_to_fix(model, push.errcode)
    if wrong is None:
        # Without a field to name, WeChat's own words may be the only hint.
        return replace(row, words=own_words(push.errcode, push.errmsg))
    return replace(row, fix_url=f"{url}#{wrong.anchor}" if url else "", fix_label=fix_label(wrong))


# --- what became of it in the review -------------------------------------------------------------------


@dataclass(frozen=True)
class Rejected:
    """How many records that WeChat had taken its review has refused; ``query`` shows such in their list."""

    count: int
    query: str


def rejected(batch: Batch) -> Rejected | None:
    """Causes at most one SQL query."""
    model: Any = batch.target_type.model_class()
    known = REVIEWS.get(family_of(model), {})
    numbers = [number for number, review in known.items() if review is Review.REJECTED]
    if not numbers or not reviewed(model, batch.operation):
        return None
    done = batch.pushes.filter(status=PushStatus.DONE).order_by().values("target_id")
    count = model._default_manager.filter(audit_status__in=numbers, pk__in=done).count()
    return Rejected(count, "?" + urlencode({"state": numbers[0]})) if count else None


# --- why WeChat refused --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cause:
    """One reason for which WeChat refused, and how many pushes it was."""

    count: int
    errcode: int | None
    meaning: str
    todo: str
    rows_query: str
    fixable: bool

    @property
    def list_label(self) -> str:
        if not self.fixable:
            return _("Show in the list")
        return ngettext("Fix this %(count)s", "Fix these %(count)s", self.count) % {"count": self.count}

    @property
    def rows_label(self) -> str:
        return ngettext("Show it below", "Show them below", self.count)


def causes(batch: Batch) -> list[Cause]:
    """The refusals by cause, the most frequent first. Causes one SQL query.

    WeChat's words contain the number of the call, so its code alone makes a cause; where there is no code,
    the words are ours.
    """
    model = batch.target_type.model_class()
    words = Case(When(errcode=None, then=F("errmsg")), default=Value(""), output_field=TextField())
    refused = batch.pushes.filter(status=PushStatus.REFUSED).order_by()
    found = refused.annotate(words=words).values_list("errcode", "words").annotate(count=Count("id"))
    return [
        Cause(
            count,
            errcode,
            *refusal(family_of(model), errcode, said),
            Chosen(PushStatus.REFUSED, NO_CODE if errcode is None else str(errcode)).query(),
            field_to_fix(model, errcode) is not None,
        )
        for errcode, said, count in sorted(found, key=lambda row: (-row[2], row[0] or 0, row[1]))
    ]


# --- the counts as links --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """The number of pushes in one state, as a link that shows only these."""

    label: Text
    count: int
    look: str
    query: str
    current: bool


def outcomes(found: Tally, chosen: Chosen) -> list[Outcome]:
    everything = Outcome(_("all"), found.total, "", "?", not chosen.status)
    return [everything] + [
        Outcome(
            status.label,
            found.counts.get(status, 0),
            LOOKS[status],
            Chosen(status).query(),
            status == chosen.status,
        )
        for status in PushStatus
        if found.counts.get(status) or status == chosen.status
    ]
