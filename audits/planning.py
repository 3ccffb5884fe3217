"""What a batch would do: planned record by record, kept as it was shown, compared when it is confirmed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from audits.models import Batch, Push
from audits.operations import Effect, Operation, Plan, PlanRow, Step, Text
from shopadmin.wechat.models import Account

# Keys of one query: databases take only so many parameters.
KEYS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Planned:
    """A selected record beside what the operation would do to it; ``busy`` is the batch at work on it."""

    record: Any
    plan: Plan
    busy: int | None = None


@dataclass
class Checked:
    """A plan compared with the one that was shown: what is the same, and what has changed since."""

    sending: list[Planned] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)

    @property
    def needs_approval(self) -> bool:
        return any(needs_approval(row) for row in self.sending)


def parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The keys in portions that one query can take."""
    for start in range(0, len(keys), KEYS_AT_ONCE):
        yield keys[start : start + KEYS_AT_ONCE]


def planned(batch: Batch, ids: Sequence[Any] | None = None) -> list[Planned]:
    """What the batch would do now to all its records or to some, in the order they were selected.

    A record with an open push waits: it says which batch is already at work on it.
    """
    wanted = list(dict.fromkeys(batch.selection if ids is None else ids))
    operation = Operation(batch.operation)
    # In this order: a push that ends in between leaves its traces in the record.
    busy = busy_in(batch.target_type, wanted)
    records = _records(batch, wanted)
    rows = [_plan(records[pk], operation, busy.get(pk)) for pk in wanted if pk in records]
    return _compared(rows)


def _records(batch: Batch, ids: Sequence[Any]) -> dict[Any, Any]:
    """By key. All share the object of their account: its secret is decrypted whenever it is read."""
    model: Any = batch.target_type.model_class()
    found = [
        record for part in parts(ids) for record in model._default_manager.for_plan().filter(pk__in=part)
    ]
    accounts = Account.objects.in_bulk({record.account_id for record in found})
    for record in found:
        record.account = accounts[record.account_id]
    model.load_for_plans(found)
    return {record.pk: record for record in found}


def busy_in(kind: ContentType, ids: Sequence[Any]) -> dict[Any, int]:
    """The batch that is at work on a record, for those that have one."""
    pushes = Push.objects.open().filter(target_type=kind)
    return {
        pk: batch_id
        for part in parts(ids)
        for pk, batch_id in pushes.filter(target_id__in=part).values_list("target_id", "batch_id")
    }


def _plan(record: Any, operation: Operation, busy: int | None) -> Planned:
    plan: Plan = record.plan(operation)
    if busy is not None:
        plan = replace(plan, reason=already_at_work(busy), effect=Effect.WAITS)
    return Planned(record, plan, busy)


def already_at_work(batch_id: int | None) -> str:
    return _("It is already being sent (batch #%(batch)s). Wait for the result.") % {"batch": batch_id}


def _compared(rows: list[Planned]) -> list[Planned]:
    """The same with the warnings that only show beside other records; each check looks once for all."""
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        if row.plan.sends and row.plan.together:
            groups[row.plan.together].append(row.record)
    found = {look: look(records) for look, records in groups.items()}
    return [_warned(row, found.get(row.plan.together, {}).get(row.record.pk)) for row in rows]


def _warned(row: Planned, warnings: list[Text] | None) -> Planned:
    if not warnings:
        return row
    return replace(row, plan=replace(row.plan, warnings=(*row.plan.warnings, *warnings)))


# --- kept as it was shown --------------------------------------------------------------------------------


def needs_approval(row: Planned) -> bool:
    return bool(row.plan.sends and row.plan.grave and row.record.account.second_person)


def compact(batch: Batch, rows: list[Planned]) -> list[PlanRow]:
    """A plan as ``Batch.plan`` keeps it."""
    return [
        PlanRow(
            row.record.pk,
            row.plan.effect.value,
            digest(row),
            bool(row.plan.warnings),
            needs_approval(row),
            row.record.account_id,
            _steps(batch, row),
        )
        for row in rows
    ]


def _steps(batch: Batch, row: Planned) -> list[str]:
    if not row.plan.sends:
        return []
    steps: Sequence[Step] = row.record.steps(Operation(batch.operation), row.plan.body)
    return [step.name for step in steps if step.wanted(row.record, row.plan)]


def digest(row: Planned) -> str:
    """Differs when something else would be sent, or to something else at WeChat.

    Of what is not sent only the fact counts: its reason is told in the language of whoever looks.
    """
    told = [row.plan.effect, row.plan.body, row.record.remote_id()] if row.plan.sends else [row.plan.effect]
    text = json.dumps(told, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def check(batch: Batch) -> Checked:
    """Plan once more: what may be sent is exactly what was shown, without what was taken out by hand.

    If no plan was shown (a command confirms without looking), it is what may be sent now.
    """
    excluded = set(batch.excluded)
    rows = planned(batch, [pk for pk in batch.selection if pk not in excluded])
    if not batch.plan:
        return Checked([row for row in rows if row.plan.sends])
    shown = {row.pk: row for row in batch.rows()}
    checked = Checked()
    for row in rows:
        before = shown.pop(row.record.pk, None)
        if before is not None and before.sends and row.plan.sends and before.digest == digest(row):
            checked.sending.append(row)
        elif row.plan.sends or (before is not None and before.sends):
            checked.left_out.append(left_out(row.record, _why(row, before)))
    checked.left_out += [
        {"id": pk, "name": f"#{pk}", "reason": _("It does not exist here any more.")}
        for pk, row in shown.items()
        if row.sends and pk not in excluded
    ]
    return checked


def _why(row: Planned, before: PlanRow | None) -> str:
    if not row.plan.sends:
        return str(row.plan.reason)
    if before is None or not before.sends:
        return _("When the plan was made it could not be sent; now it can.")
    return changed_since()


def changed_since() -> str:
    return _("It was changed after the plan was made.")


def left_out(record: Any, reason: str) -> dict[str, Any]:
    """A record that was not sent, as ``Batch.left_out`` keeps it."""
    return {"id": record.pk, "name": str(record), "reason": reason}
