"""What the task queue runs. Every task here may run late, twice or never without harm."""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from audits.doorbell import ring
from audits.drain import Drain
from audits.models import Attempt, Batch, Notice
from audits.resolve import resolve_unsure
from audits.states import OPEN
from audits.sweep import sweep_stranded

DRAIN_SECONDS = 10
ATTEMPTS_KEPT = dt.timedelta(days=180)


def drain() -> int:
    """Send what is due until the journal is dry or the time is up; returns the number of calls."""
    worker = Drain(threads=settings.PUSH_THREADS, seconds=DRAIN_SECONDS)
    try:
        worker.run()
    finally:
        worker.hand_over()
    return worker.calls


def sweep() -> dict[str, int]:
    """Bring stranded rows on, whatever left them behind, and ring if something is due."""
    counts = sweep_stranded()
    ring()  # at once, because the looks at WeChat may take long
    counts["resolved"] = resolve_unsure()
    if counts["resolved"]:
        ring()
    return counts


def prune() -> int:
    """Forget old exchanges of finished pushes, old messages and plans that nobody confirmed.

    Returns the number of exchanges and messages.
    """
    Batch.objects.abandoned().delete()
    messages = Notice.objects.prunable(products_kept=ATTEMPTS_KEPT).delete()[0]
    old = Attempt.objects.filter(started_at__lt=timezone.now() - ATTEMPTS_KEPT)
    return messages + old.exclude(push__status__in=OPEN).delete()[0]


def canary() -> None:
    """Nothing: that it comes through is what audits.canary listens for."""
