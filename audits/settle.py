"""Writing down what a call brought: Attempt, Push and record in one transaction."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from random import SystemRandom
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from audits.models import Attempt, Push, Quota, StatusChange, next_window
from audits.models.quota import TOO_OFTEN
from audits.operations import Operation, Record, Recovery, Step
from audits.states import PushStatus
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.quota import QuotaGroup

logger = logging.getLogger(__name__)

# A push that keeps failing is handed back to people after so many calls of the same step.
MOST_TRIES = 8
# "Too often" to so many calls in a row is more than a busy moment, where WeChat counts by the hour.
HOUR_IS_OVER_AFTER = 2
ACCOUNT_PAUSE = dt.timedelta(minutes=2)
random = SystemRandom()


def settle(
    push: Push,
    record: Record,
    step: Step | None = None,
    attempt: Attempt | None = None,
    *,
    result: Any = None,
    error: WeChatError | None = None,
    recover: bool = True,
) -> bool:
    """Absorb one answer; True when the push goes on with a further step.

    Guarded by the lease: if the push was taken away meanwhile, the answer is kept as evidence only. One
    that was given up for lost still counts until the call is repeated.
    """
    absorbing = [PushStatus.SENDING, PushStatus.UNSURE, *([PushStatus.QUEUED] if error is None else [])]
    with transaction.atomic():
        ours = (
            Push.objects.select_for_update()
            .filter(pk=push.pk, lease_token=push.lease_token, status__in=absorbing)
            .first()
        )
        if attempt is not None:
            attempt.close(answer=_readable(result), error=error, late=ours is None)
        if ours is None:
            logger.error("push %s: an answer came after the push had been given to another worker", push.pk)
            return False
        push.status = ours.status
        if error is None:
            assert step is not None  # noqa: S101 - a result belongs to a step
            return settle_result(push, record, step, result)
        return _fail(push, record, step, error, recover=recover)


def settle_result(push: Push, record: Record, step: Step, result: Any) -> bool:
    """A step is known to have succeeded; True when the push goes on with the next one at once."""
    _save(record, lambda: step.absorb(record, push, result))
    push.done_steps = [*push.done_steps, step.name]
    return _go_on(push, record)


def _go_on(push: Push, record: Record) -> bool:
    """After a step that is done: True when the next one follows at once."""
    steps = record.steps(Operation(push.operation), push.body)
    if any(s.name not in push.done_steps and s.wanted(record, push) for s in steps):
        if push.status in (PushStatus.UNSURE, PushStatus.NEEDS_PERSON):
            push.move_to(
                PushStatus.QUEUED, done_steps=push.done_steps, candidates=[], not_before=timezone.now()
            )
        else:
            Push.objects.filter(pk=push.pk).update(done_steps=push.done_steps)
        return push.status == PushStatus.SENDING
    finish(push, record)
    return False


def finish(push: Push, record: Record) -> None:
    """All steps are done."""
    _save(record, lambda: record.mark_done(Operation(push.operation)))
    push.move_to(
        PushStatus.DONE,
        done_steps=push.done_steps,
        remote_id=push.remote_id or record.remote_id(),
        errcode=0,
        errmsg="",
    )


def _fail(push: Push, record: Record, step: Step | None, error: WeChatError, *, recover: bool) -> bool:
    outcome = _recover(push, record, step, error) if step is not None else None
    if outcome is Recovery.DONE:
        finish(push, record)
        return False
    if outcome is Recovery.NEXT and step is not None:
        push.done_steps = [*push.done_steps, step.name]
        return _go_on(push, record)
    if outcome is Recovery.REFUSE:
        _refuse(push, record, step, error)
        return False
    if outcome is Recovery.AGAIN and recover:
        push.done_steps = []
        Push.objects.filter(pk=push.pk).update(done_steps=[])
        return True
    if outcome is Recovery.BACK and recover:
        push.done_steps = push.done_steps[:-1]
        Push.objects.filter(pk=push.pk).update(done_steps=push.done_steps)
        return True
    if step is not None and step.quota:
        Quota.objects.correct(push.account_id, step.quota, error, at=_begun(push, step))
    NEXT[error.kind](push, record, step, error)
    return False


def _begun(push: Push, step: Step | None) -> dt.datetime:
    """When the call that failed began, which may have been on another day; without a step there was none."""
    attempt = push.attempts.last() if step is not None else None
    return attempt.started_at if attempt is not None else timezone.now()


def _recover(push: Push, record: Record, step: Step, error: WeChatError) -> Recovery | None:
    outcome: list[Recovery | None] = []

    def change() -> list[str]:
        found, fields = step.recover(record, push, error)
        outcome.append(found)
        return fields

    _save(record, change)
    return outcome[0]


# --- what happens next, by kind of error ----------------------------------------------------------


def _refuse(push: Push, record: Record, step: Step | None, error: WeChatError) -> None:
    _save(record, lambda: record.mark_refused(error.errcode, error.errmsg))
    push.move_to(
        PushStatus.REFUSED,
        done_steps=push.done_steps,
        remote_id=record.remote_id(),
        errcode=error.errcode,
        errmsg=error.errmsg,
    )


def _wait_for_account(push: Push, record: Record, step: Step | None, error: WeChatError) -> None:
    postpone(push, PushStatus.WAITING, until=timezone.now() + ACCOUNT_PAUSE, error=error)


def _wait_for_window(push: Push, record: Record, step: Step | None, error: WeChatError) -> None:
    begun = _begun(push, step)
    if step is not None and step.quota:
        until = Quota.objects.opens(push.account_id, step.quota, at=begun)
    else:
        until = next_window(begun)
    postpone(push, PushStatus.WAITING, until=until, error=error)


def _slow_down(push: Push, record: Record, step: Step | None, error: WeChatError) -> None:
    if step is not None and step.quota and step.quota.per_hour and error.errcode in TOO_OFTEN:
        _wait_for_hour(push, step, step.quota, error)
    elif _tries(push, step) >= MOST_TRIES:
        _refuse(push, record, step, error)
    else:
        postpone(push, PushStatus.WAITING, until=_later(_tries(push, step), at_least=60), error=error)


def _wait_for_hour(push: Push, step: Step, group: QuotaGroup, error: WeChatError) -> None:
    """Once it may be chance; twice the hour is used up, by others too."""
    at, tries = _begun(push, step), _tries(push, step)
    if tries < HOUR_IS_OVER_AFTER:
        until = _later(tries, at_least=60)
    else:
        Quota.objects.exhaust_hour(push.account_id, group, at=at)
        until = Quota.objects.opens(push.account_id, group, at=at)
    postpone(push, PushStatus.WAITING, until=until, error=error)


def _queue_again(push: Push, record: Record, step: Step | None, error: WeChatError) -> None:
    """Nothing was executed: repeat for as long as it takes, ever less often.

    Without a step there was no token, and a failure to get one is remembered for a minute.
    """
    until = _later(_tries(push, step), at_least=1 if step else 60)
    postpone(push, PushStatus.QUEUED, until=until, error=error)


def _look_first(push: Push, record: Record, step: Step | None, error: WeChatError) -> None:
    """It may have been executed: what does no harm twice is repeated, for the rest we look at WeChat."""
    if push.status == PushStatus.UNSURE:
        return
    if step is None or not step.repeatable:
        push.doubt(done_steps=push.done_steps, errcode=error.errcode, errmsg=error.errmsg)
    elif _tries(push, step) >= MOST_TRIES:
        _refuse(push, record, step, error)
    else:
        _queue_again(push, record, step, error)


NEXT = {
    Kind.TOKEN: _wait_for_account,
    Kind.BUSY: _slow_down,
    Kind.QUOTA: _wait_for_window,
    Kind.INPUT: _refuse,
    Kind.PERMISSION: _refuse,
    Kind.NOT_FOUND: _refuse,
    Kind.STATE: _refuse,
    Kind.NOT_SENT: _queue_again,
    Kind.NO_ANSWER: _look_first,
    Kind.UNKNOWN: _look_first,
}


def _tries(push: Push, step: Step | None) -> int:
    """How often this call was made: a push of many steps is not worn out by those that succeeded."""
    return push.tries if step is None else push.attempts.filter(step=step.name).count()


def postpone(push: Push, status: PushStatus, *, until: dt.datetime, error: WeChatError | None = None) -> None:
    """Put the push back with its finished steps kept; it starts by itself at ``until``."""
    push.done_steps = lasting_steps(push)
    push.move_to(
        status,
        not_before=until,
        done_steps=push.done_steps,
        errcode=error.errcode if error else None,
        errmsg=error.errmsg if error else "",
    )


def lasting_steps(push: Push) -> list[str]:
    """The steps done, without a latest one whose findings are out of date when the push goes on."""
    done: list[str] = push.done_steps
    record: Any = push.target
    if not done or record is None:
        return done
    steps = record.steps(Operation(push.operation), push.body)
    return done[:-1] if any(step.fleeting and step.name == done[-1] for step in steps) else done


def give_up(push: Push) -> None:
    """Its record is gone, so there is nothing left to send it for."""
    push.move_to(PushStatus.REFUSED, errmsg=gettext_noop("The record was deleted here."))


def _later(tries: int, *, at_least: float) -> dt.datetime:
    seconds = min(300.0, at_least * 2 ** min(tries, 8))
    return timezone.now() + dt.timedelta(seconds=seconds * random.uniform(1, 1.5))


def _save(record: Any, change: Callable[[], list[str]]) -> None:
    """Save what ``change`` changed, and keep the history of the audit status."""
    before = record.audit_status
    fields = change()
    if fields:
        record.save(update_fields=fields)
    if record.audit_status != before:
        StatusChange.objects.create(
            target_type=ContentType.objects.get_for_model(type(record)),
            target_id=record.pk,
            before=before,
            after=record.audit_status,
        )


def _readable(result: Any) -> Any:
    """As the journal keeps it: what JSON has no word for becomes text."""
    if is_dataclass(result) and not isinstance(result, type):
        return _readable(asdict(result))
    if isinstance(result, dict):
        return {str(name): _readable(value) for name, value in result.items()}
    if isinstance(result, (list, tuple)):
        return [_readable(value) for value in result]
    return result if result is None or isinstance(result, (str, int)) else str(result)
