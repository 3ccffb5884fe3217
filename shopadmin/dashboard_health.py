"""Is it running: workers, queue, and when WeChat was last read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from audits import heartbeat
from audits.admin.words import advice
from audits.models import Push, Reading
from audits.states import PushStatus
from shopadmin.dashboard_needs import clock
from shopadmin.dashboard_viewer import Viewer
from shopadmin.health import schedules_late
from shopadmin.wechat.models import Account


def workers(alive: Sequence[heartbeat.Worker]) -> dict[str, Any]:
    """The workers by name, and whether what is to run by the clock does."""
    now = timezone.now()
    return {
        "alive": [(worker.name, round(max(0.0, (now - worker.seen).total_seconds()))) for worker in alive],
        "late": bool(alive) and schedules_late(),
    }


def queue(viewer: Viewer, open_counts: Mapping[str, int]) -> dict[str, Any] | None:
    """What is to be sent now; None for who may not see pushes."""
    if not viewer.sees(Push):
        return None
    queued = open_counts.get(PushStatus.QUEUED, 0)
    due = (
        Push.objects.due().order_by("not_before").values_list("not_before", flat=True).first()
        if queued
        else None
    )
    return {
        "states": [
            (status.label, open_counts.get(status, 0), viewer.list_of(Push, status__exact=status.value))
            for status in (PushStatus.QUEUED, PushStatus.SENDING)
        ],
        "oldest": timesince(due, depth=1) if due else "",
    }


@dataclass(frozen=True)
class LastRead:
    """When all of one family of one account was last read, and how it went."""

    account: str
    family: str
    words: str
    failed: bool
    url: str


def last_read(viewer: Viewer, accounts: Sequence[Account]) -> list[LastRead]:
    # Of several kinds of one family the most important one stands for all.
    models = {model.FAMILY: model for model, _owner in reversed(viewer.mirrors())}
    names = {account.pk: account.name for account in accounts}
    rows = Reading.objects.filter(family__in=list(models), account__in=list(names))
    found = [
        LastRead(
            names[row.account_id],
            row.get_family_display(),
            _reading_in_words(row),
            bool(row.errmsg),
            viewer.list_of(models[row.family], account__id__exact=row.account_id),
        )
        for row in rows
    ]
    return sorted(found, key=lambda row: (row.account, row.family))


def _reading_in_words(row: Reading) -> str:
    if row.errmsg:
        meaning, todo = advice(row.family, row.errcode, row.errmsg)
        return " ".join(filter(None, (_("It could not be read:"), meaning, todo)))
    if row.finished_at is None:
        return _("being read…")
    return _("%(time)s: %(created)s new, %(updated)s changed, %(missing)s missing") % {
        "time": clock(row.finished_at),
        "created": row.created,
        "updated": row.updated,
        "missing": row.missing,
    }
