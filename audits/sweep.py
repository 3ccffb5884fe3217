"""Bringing on the rows that a dead worker, broker or machine left behind."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_noop

from audits.models import Attempt, Push
from audits.operations import Operation, Step
from audits.states import PushStatus
from shopadmin.wechat.errors import Kind, WeChatError


def sweep_stranded() -> dict[str, int]:
    """Settle every push whose lease ran out and queue what has waited long enough. Safe to run anywhere."""
    counts = {"released": Push.objects.release_waiting(), "queued": 0, "unsure": 0}
    for push in Push.objects.stale().select_related("account"):
        with transaction.atomic():
            outcome = settle_stranded(push)
        if outcome:
            counts[outcome] += 1
    return counts


def settle_stranded(push: Push) -> str:
    """A claimed push whose worker is gone: never called, or harmless to repeat -> queued; else -> unsure."""
    attempt = push.attempts.order_by("-id").first()
    in_doubt = attempt is not None and not attempt.is_closed and not _repeatable(push, attempt)
    if not (push.doubt() if in_doubt else push.move_to(PushStatus.QUEUED)):
        return ""
    if attempt is not None and not attempt.is_closed:
        attempt.close(
            error=WeChatError(Kind.NO_ANSWER, gettext_noop("the worker ended before the answer came"))
        )
    return "unsure" if in_doubt else "queued"


def _repeatable(push: Push, attempt: Attempt) -> bool:
    if push.target is None:
        return False
    steps: Sequence[Step] = push.target.steps(Operation(push.operation), push.body)
    return next((step.repeatable for step in steps if step.name == attempt.step), False)
