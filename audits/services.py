"""The acts that span journal and queue: asking WeChat for something, and going on with it."""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from audits.doorbell import ring
from audits.models import Batch, Push
from audits.models.batch import Person
from audits.operations import Operation
from audits.planning import Checked, Planned, already_at_work, busy_in, check, compact, planned

__all__ = [
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


def submit(batch: Batch, *, by: Person = None) -> int:
    """Write the pushes of a batch and ring; returns how many there are.

    If its plan was shown, exactly that is sent; what has changed since is left out and kept in
    ``left_out``. ``by`` is who confirmed it, if that is not who made the selection. Where an account wants
    a second person to agree, what a person confirms is only asked for: see ``Batch.awaits_approval``.

    All or nothing: a rollback sends nothing, and what is committed gets sent even if the ring is
    lost. A record that somebody else's push reached first is left out by the database's constraint.
    """
    person = by is not None and by.is_authenticated
    with transaction.atomic():
        if not batch.hold():
            return batch.pushes.count()
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
    count = batch.pushes.count()
    left_out = checked.left_out + (_overtaken(batch, pushes) if count < len(pushes) else [])
    if left_out:
        batch.note_left_out(left_out)
    transaction.on_commit(ring, robust=True)
    return count


def _overtaken(batch: Batch, pushes: list[Push]) -> list[dict[str, Any]]:
    """The records that somebody else's push reached while this batch was being written."""
    missing = {push.target_id for push in pushes} - set(batch.pushes.values_list("target_id", flat=True))
    busy = busy_in(batch.target_type, list(missing))
    return [
        {"id": push.target_id, "name": push.target_repr, "reason": already_at_work(busy.get(push.target_id))}
        for push in pushes
        if push.target_id in missing
    ]


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
