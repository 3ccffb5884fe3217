"""What needs somebody now: the first thing on the start page, the most urgent first."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audits.admin.words import LOOKS
from audits.models import Batch, Push
from audits.operations import Text
from audits.states import PushStatus
from goods.live.choices import AuditStatus
from goods.models import LiveGoods, Spu
from goods.store.choices import EditStatus
from shopadmin.dashboard_viewer import Viewer
from shopadmin.wechat.errcodes import explain
from shopadmin.wechat.models import Account

# WeChat promises no time. After a day somebody should know of it.
STUCK_AFTER = dt.timedelta(hours=24)

# Causes shown of each kind of record, the most frequent first.
CAUSES = 12

# Waiting pushes whose time is looked at: those of one quota wait for the same moment.
WAITING_READ = 500

# The number that a kind of record has while WeChat reviews it.
UNDER_REVIEW: Mapping[Any, int] = {LiveGoods: AuditStatus.AUDITING, Spu: EditStatus.AUDITING}


@dataclass(frozen=True)
class Need:
    """So many of something, what it is, what to do about it, and where."""

    count: int
    what: Text
    look: str
    label: Text
    url: str = ""
    todo: Text = ""


def needs(
    viewer: Viewer, accounts: Sequence[Account], open_counts: Mapping[str, int], figures: Mapping[Any, Any]
) -> list[Need]:
    """``open_counts`` are the pushes by state, empty for who may not see them; ``figures`` by record."""
    found = [
        *_accounts(viewer, accounts),
        *_pushes(viewer, open_counts),
        *_approvals(viewer),
        *_asked(viewer),
    ]
    for model, owner in viewer.mirrors():
        found += [
            *_refused(viewer, model),
            *_bad_figures(model, figures.get(model, ())),
            *_stuck(viewer, model, owner),
        ]
    found += _waiting(viewer, open_counts)
    for model, _owner in viewer.mirrors():
        found += _drifted(viewer, model)
    return found


def _accounts(viewer: Viewer, accounts: Sequence[Account]) -> Iterator[Need]:
    for account in accounts:
        if account.has_problem:
            yield Need(
                1,
                account.name,
                "bad",
                _("account in trouble"),
                viewer.form_of(account),
                account.problem_summary,
            )


def _pushes(viewer: Viewer, counts: Mapping[str, int]) -> Iterator[Need]:
    says = {
        PushStatus.NEEDS_PERSON: _("Several products at WeChat could be this one. Compare them and decide."),
        PushStatus.UNSURE: _("The answer got lost. We look at WeChat by ourselves; nothing is sent twice."),
    }
    for status, todo in says.items():
        if count := counts.get(status, 0):
            url = viewer.list_of(Push, status__exact=status.value)
            yield Need(count, noun(Push, count), LOOKS[status], status.label, url, todo)


def _approvals(viewer: Viewer) -> Iterator[Need]:
    if not viewer.may("audits.approve_batch"):
        return
    others = Batch.objects.awaiting_approval().exclude(approval_asked_by=viewer.request.user.pk)
    if count := others.count():
        url = viewer.page("admin:audits_batch_approvals")
        todo = _("Look at the plan, then agree or not.")
        yield Need(count, noun(Batch, count), "wait", _("waits for approval"), url, todo)


def _asked(viewer: Viewer) -> Iterator[Need]:
    """The viewer's own plans, which somebody else has to agree to: the way back to the oldest of them."""
    own = Batch.objects.awaiting_approval().filter(approval_asked_by=viewer.request.user.pk)
    if ids := list(own.values_list("pk", flat=True)):
        url = reverse("admin:audits_batch_plan", args=[ids[0]])
        todo = _("Somebody else has to agree. You can take the request back.")
        yield Need(len(ids), noun(Batch, len(ids)), "wait", _("your plans wait for approval"), url, todo)


def _refused(viewer: Viewer, model: Any) -> Iterator[Need]:
    """What WeChat said no to, by its error code."""
    refused = model.objects.exclude(errcode=0).exclude(errcode=None)
    rows = (
        refused.order_by().values_list("errcode").annotate(number=Count("pk")).order_by("-number", "errcode")
    )
    for code, count in rows[:CAUSES]:
        known = explain(code, model.FAMILY)
        url = viewer.list_of(model, errcode=code)
        yield Need(count, f"{known.meaning} ({code})", "bad", PushStatus.REFUSED.label, url, known.advice)


def _bad_figures(model: Any, figures: Sequence[Any]) -> Iterator[Need]:
    for figure in figures:
        if figure.look == "bad" and figure.count:
            yield Need(figure.count, noun(model, figure.count), "bad", figure.label, figure.url)


def _stuck(viewer: Viewer, model: Any, owner: Any) -> Iterator[Need]:
    status = UNDER_REVIEW.get(model)
    if status is None:
        return
    # To the minute, so that the address says the same as the number.
    before = (timezone.now() - STUCK_AFTER).replace(second=0, microsecond=0)
    # Whatever is under review is looked at again, so an index of these few leads there.
    stuck = model.objects.at_wechat().filter(
        look_at__isnull=False, audit_status=status, submitted_at__lt=before
    )
    if count := stuck.count():
        query = {"state": status, "submitted_at__lt": before.isoformat()}
        if not owner.lookup_allowed("submitted_at__lt", query["submitted_at__lt"], viewer.request):
            # All under review, these among them.
            del query["submitted_at__lt"]
        yield Need(
            count,
            noun(model, count),
            "wait",
            _("under review for more than 24 hours"),
            viewer.list_of(model, **query),
            _("It is read again by itself. If it is urgent, look in WeChat's console."),
        )


def _waiting(viewer: Viewer, counts: Mapping[str, int]) -> Iterator[Need]:
    count = counts.get(PushStatus.WAITING, 0)
    if not count:
        return
    some = Push.objects.filter(status=PushStatus.WAITING).order_by()[:WAITING_READ]
    until = some.aggregate(first=Min("not_before"))["first"]
    todo = _("It goes on by itself at %(time)s.") % {"time": clock(until)} if until else ""
    url = viewer.list_of(Push, status__exact=PushStatus.WAITING.value)
    yield Need(count, noun(Push, count), "wait", _("waits for new calls of the quota"), url, todo)


def _drifted(viewer: Viewer, model: Any) -> Iterator[Need]:
    kinds = {
        "changed": (model.objects.drifted(), _("changed at WeChat"), _("Take over theirs, or send ours.")),
        "missing": (
            model.objects.filter(missing_since__isnull=False),
            _("missing at WeChat"),
            _("It was probably deleted in the live console. Ask there first."),
        ),
    }
    for kind, (rows, label, todo) in kinds.items():
        if count := rows.count():
            url = viewer.list_of(model, drift=kind)
            yield Need(count, noun(model, count), "doubt", label, url, todo)


def clock(moment: dt.datetime) -> str:
    """A time of today, or with its day, as the shop's clocks show it."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return date_format(local, "H:i")
    return f"{date_format(local, 'MONTH_DAY_FORMAT')} {date_format(local, 'H:i')}"


def noun(model: Any, count: int) -> str:
    return str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural)


def title_of(model: Any) -> str:
    return str(capfirst(model._meta.verbose_name_plural))
