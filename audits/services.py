"""The acts that span journal and queue: asking WeChat for something, and going on with it."""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from audits.doorbell import ring
from audits.models import Batch, Push
from audits.models.batch import Person
from audits.operations import Operation
from audits.planning import (
    Checked,
    Planned,
    already_at_work,
    busy_in,
    changed_since,
    check,
    compact,
    left_out,
    parts,
    planned,
)

__all__ = [
    "PlanMoved",
    "Planned",
    "approve",
    "create_batch",
    "plan_again",
    "planned",
    "repeat_failed",
    "resume",
    "show",
    "submit",
]


class PlanMoved(Exception):
    """The plan is not the one that was looked at: it was changed in another window."""


def create_batch(
    model: type[models.Model], ids: Iterable[Any], operation: Operation, *, by: Person = None
) -> Batch:
    """Keep a selection for somebody to look at; nothing is sent before ``submit``."""
    person_id, name = _identity(by)
    return Batch.objects.create(
        operation=operation,
        target_type=ContentType.objects.get_for_model(model),
        selection=list(dict.fromkeys(ids)),
        created_by_id=person_id,
        created_by_name=name,
    )


def _identity(person: Person) -> tuple[int | None, str]:
    """Key and name: the name stays in the journal when the person is deleted."""
    if person is None or not person.is_authenticated:
        return None, ""
    return person.pk, person.get_username()


def show(batch: Batch) -> None:
    """Plan it for whoever looks first, and keep that: it is what will be confirmed."""
    if not batch.plan:
        batch.keep_plan(compact(batch, planned(batch)))


def submit(batch: Batch, *, by: Person = None, seen: str | None = None) -> int:
    """Write the pushes of a batch and ring; returns how many there are.

    If its plan was shown, exactly that is sent; what has changed since is left out and kept in
    ``left_out``. ``seen`` is the fingerprint of the plan that was confirmed: PlanMoved if it is another by
    now. ``by`` is who confirmed it, if that is not who made the selection. Where an account wants a second
    person to agree, what a person confirms is only asked for: see ``Batch.awaits_approval``.

    All or nothing: a rollback sends nothing, and what is committed gets sent even if the ring is
    lost. A record that somebody else's push reached first is left out by the database's constraint.
    """
    person = by is not None and by.is_authenticated
    with transaction.atomic():
        if not batch.hold():
            return batch.pushes.count()
        if seen is not None and seen != batch.fingerprint:
            raise PlanMoved
        checked = check(batch)
        if person and checked.needs_approval:
            show(batch)
            batch.ask_approval(by=by)
            return 0
        batch.confirm()
        who = _identity(by) if by else (batch.created_by_id, batch.created_by_name)
        return _write(batch, checked, *who)


def approve(batch: Batch, *, by: Person) -> int | None:
    """Send what somebody else asked for, in their name; None if it is not there to be approved by ``by``."""
    with transaction.atomic():
        if not batch.approve(by=by):
            return None
        return _write(batch, check(batch), batch.approval_asked_by_id, batch.approval_asked_by_name)


def _write(batch: Batch, checked: Checked, person_id: int | None, name: str) -> int:
    pushes = [_push(batch, row, person_id, name) for row in checked.sending]
    Push.objects.bulk_create(pushes, batch_size=500, ignore_conflicts=True)
    left_out = [*checked.left_out, *_overtaken(batch, checked), *_answered(batch, checked)]
    if left_out:
        batch.note_left_out(left_out)
    transaction.on_commit(ring, robust=True)
    return batch.pushes.count()


def _overtaken(batch: Batch, checked: Checked) -> list[dict[str, Any]]:
    """The records that somebody else's push reached first, and is still at work on."""
    written = set(batch.pushes.values_list("target_id", flat=True))
    missing = [row.record for row in checked.sending if row.record.pk not in written]
    busy = busy_in(batch.target_type, [record.pk for record in missing])
    return [left_out(record, already_at_work(busy.get(record.pk))) for record in missing]


def _answered(batch: Batch, checked: Checked) -> list[dict[str, Any]]:
    """The records that somebody else's push has reached and left again since we planned.

    Our plan for them is of yesterday, but nothing kept it out: the constraint knows open pushes only. From
    the moment ours are written nobody else can push, so now is the time to look.
    """
    manager = batch.target_type.model_class()._default_manager  # type: ignore[union-attr]
    now = {
        pk: at
        for part in parts([row.record.pk for row in checked.sending])
        for pk, at in manager.filter(pk__in=part).values_list("pk", "pushed_at")
    }
    moved = [row.record for row in checked.sending if now.get(row.record.pk) != row.record.pushed_at]
    ours = batch.pushes.filter(target_id__in=[record.pk for record in moved])
    gone = set(ours.values_list("target_id", flat=True))
    ours.delete()
    return [left_out(record, changed_since()) for record in moved if record.pk in gone]


def plan_again(batch: Batch, *, by: Person = None) -> Batch | None:
    """A new selection of what was left out for having changed; None if nothing was, or nothing is there."""
    model = batch.target_type.model_class()
    ids = [row["id"] for row in batch.left_out]
    if model is None or not model._default_manager.filter(pk__in=ids).exists():
        return None
    return create_batch(model, ids, Operation(batch.operation), by=by)


def resume(batch: Batch) -> bool:
    """Let workers take a paused batch again, and ring; False if it was not paused."""
    with transaction.atomic():
        resumed = batch.resume()
        if resumed:
            transaction.on_commit(ring, robust=True)
    return resumed


def repeat_failed(batch: Batch, *, by: Person = None) -> Batch | None:
    """A new selection of the records that were refused, for somebody to look at; None if there are none."""
    model = batch.target_type.model_class()
    ids = batch.refused_ids()
    if model is None or not ids:
        return None
    return create_batch(model, ids, Operation(batch.operation), by=by)


def _push(batch: Batch, row: Planned, person_id: int | None, name: str) -> Push:
    return Push(
        batch=batch,
        account_id=row.record.account_id,
        target_type=batch.target_type,
        target_id=row.record.pk,
        target_repr=str(row.record)[:200],
        operation=batch.operation,
        body=row.plan.body,
        requested_by_id=person_id,
        requested_by_name=name,
    )
