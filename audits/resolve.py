"""Resolving pushes with an unknown outcome: by looking at WeChat, never by repeating blindly."""

import logging
import time
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from audits.models import Push
from audits.operations import Look, Operation, Step, Verdict
from audits.settle import give_up, lasting_steps, settle_result
from audits.states import PushStatus
from shopadmin.wechat.client import client_for
from shopadmin.wechat.errors import WeChatError

logger = logging.getLogger(__name__)

# Absent at this many looks, a minute apart, counts as proof that nothing was done.
LOOKS_FOR_PROOF = 2

# Well below the time after which a task is ended.
SECONDS = 30.0


def resolve_unsure(seconds: float = SECONDS) -> int:
    """Look up the pushes in doubt whose time has come, oldest first; returns how many got settled.

    An account whose WeChat cannot be asked is left for the next time.
    """
    due = Push.objects.unsure().filter(not_before__lte=timezone.now()).order_by("not_before")
    deadline, settled, silent = time.monotonic() + seconds, 0, set[int]()
    bugs: list[Exception] = []
    looks: dict[int, Look] = {}
    for push in due.select_related("account"):
        if time.monotonic() >= deadline:
            break
        if push.account_id in silent or not push.look():
            continue
        look = looks.setdefault(push.account_id, Look(client_for(push.account)))
        try:
            settled += _resolve(push, look)
        except WeChatError as error:
            logger.warning("push %s: could not look at WeChat: %s", push.pk, error)
            silent.add(push.account_id)
        except Exception as bug:  # noqa: BLE001 - raised below: one push must not keep the others in doubt
            logger.error("push %s: %s", push.pk, type(bug).__name__)
            bugs.append(bug)
    if bugs:
        raise bugs[0]
    return settled


def _resolve(push: Push, look: Look) -> bool:
    record: Any = push.target
    if record is None:
        give_up(push)
        return True
    verdict = record.reconcile(push, look)
    with transaction.atomic():
        ours = Push.objects.select_for_update().filter(pk=push.pk, status=PushStatus.UNSURE).first()
        if ours is None:
            return False
        return _apply(ours, record, verdict)


def _apply(push: Push, record: Any, verdict: Verdict) -> bool:
    if verdict.done:
        settle_result(push, record, step_in_doubt(push, record), verdict.result)
        return True
    if verdict.candidates:
        return push.move_to(PushStatus.NEEDS_PERSON, candidates=list(verdict.candidates))
    push.looks += 1
    if verdict.absent and push.looks >= LOOKS_FOR_PROOF:
        return push.move_to(
            PushStatus.QUEUED,
            looks=push.looks,
            done_steps=lasting_steps(push),
            not_before=timezone.now(),
        )
    Push.objects.filter(pk=push.pk).update(looks=push.looks)
    return False


def step_in_doubt(push: Push, record: Any) -> Step:
    """The step of the last call that left."""
    attempt = push.attempts.order_by("-id").first()
    steps: Sequence[Step] = record.steps(Operation(push.operation), push.body)
    return next((step for step in steps if attempt is not None and step.name == attempt.step), steps[-1])


def decide(push: Push, choice: str) -> bool:
    """A person says which candidate the record is; "" for none of them, so send again. False if too late."""
    record: Any = push.target
    chosen = next((c for c in push.candidates if choice and c["id"] == choice), None)
    if record is None or (choice and chosen is None):
        return False
    with transaction.atomic():
        ours = Push.objects.select_for_update().filter(pk=push.pk, status=PushStatus.NEEDS_PERSON).first()
        if ours is None:
            return False
        if chosen is None:
            return ours.move_to(
                PushStatus.QUEUED,
                candidates=[],
                done_steps=lasting_steps(ours),
                not_before=timezone.now(),
            )
        if type(record)._default_manager.filter(record.same_remote(choice)).exists():
            return False
        settle_result(ours, record, step_in_doubt(ours, record), record.adopted(ours, choice))
        return True
