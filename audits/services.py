"""The acts that span journal and queue: asking WeChat for something, and going on with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.translation import gettext as _

from audits.doorbell import ring
from audits.models import Batch, Push
from audits.models.batch import Person
from audits.operations import Operation, Plan, Text


@dataclass(frozen=True)
class Planned:
    """A selected record beside what the operation would do to it."""

    record: Any
    plan: Plan


def create_batch(
    model: type[models.Model], ids: Iterable[Any], operation: Operation, *, by: Person = None
) -> Batch:
    """Keep a selection for somebody to look at; nothing is sent before ``submit``."""
    person_id, name = _identity(by)
    return Batch.objects.create(
        operation=operation,
        target_type=ContentType.objects.get_for_model(model),
        selection=list(ids),
        created_by_id=person_id,
        created_by_name=name,
    )


def _identity(person: Person) -> tuple[int | None, str]:
    """Key and name: the name stays in the journal when the person is deleted."""
    if person is None or not person.is_authenticated:
        return None, ""
    return person.pk, person.get_username()


def planned(batch: Batch) -> list[Planned]:
    """What the batch would do now, record by record, in the order they were created.

    A record with an open push is left out: it says which batch is already at work on it.
    """
    model: Any = batch.target_type.model_class()
    operation = Operation(batch.operation)
    busy = dict(
        Push.objects.open()
        .filter(target_type=batch.target_type, target_id__in=batch.selection)
        .values_list("target_id", "batch_id")
    )
    records = model.objects.filter(pk__in=batch.selection).select_related("account").order_by("pk")
    return [
        Planned(
            record,
            record.plan(operation) if record.pk not in busy else Plan(_already_at_work(busy[record.pk])),
        )
        for record in records
    ]


def _already_at_work(batch_id: int) -> Text:
    return _("It is already being sent (batch #%(batch)s). Wait for the result.") % {"batch": batch_id}


def submit(batch: Batch, *, by: Person = None) -> int:
    """Write the pushes of a looked-at batch and ring; returns how many there are.

    ``by`` is who confirmed it, if that is not who made the selection.

    All or nothing: a rollback sends nothing, and what is committed gets sent even if the ring is
    lost. A record that somebody else's push reached first is left out by the database's constraint.
    """
    with transaction.atomic():
        if not batch.confirm():
            return batch.pushes.count()
        pushes = [_push(batch, row, by) for row in planned(batch) if row.plan.sends]
        Push.objects.bulk_create(pushes, batch_size=500, ignore_conflicts=True)
        transaction.on_commit(ring, robust=True)
        return batch.pushes.count()


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


def _push(batch: Batch, row: Planned, by: Person) -> Push:
    person_id, name = _identity(by) if by else (batch.created_by_id, batch.created_by_name)
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
