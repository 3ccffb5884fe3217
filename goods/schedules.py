"""The periodic tasks, by name. A name is the key: what is no longer listed here is removed."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule

PREFIX = "shopadmin."
BEIJING = ZoneInfo("Asia/Shanghai")


def every(minutes: int, func: str) -> dict[str, Any]:
    return {"func": func, "schedule_type": Schedule.MINUTES, "minutes": minutes}


def daily(hour: int, minute: int, func: str) -> dict[str, Any]:
    """Once a day at this time in Beijing."""
    return {"func": func, "schedule_type": Schedule.DAILY, "at": dt.time(hour, minute)}


# Without arguments: a schedule whose arguments do not parse stops all the others.
SCHEDULES: dict[str, dict[str, Any]] = {
    "sweep": every(1, "audits.tasks.sweep"),
    "look": every(1, "goods.tasks.look"),
    "notices": every(1, "goods.tasks.notices"),
    "imports": every(1, "goods.tasks.imports"),
    "pull": every(5, "goods.tasks.pull"),
    "nightly pull": daily(3, 15, "goods.tasks.pull_all"),
    # Where the nightly pull's own reading of them failed half-way.
    "categories": daily(3, 50, "goods.tasks.categories"),
    "prune": daily(4, 30, "audits.tasks.prune"),
    "prune sign-ins": daily(4, 45, "shopadmin.people.tasks.prune"),
}


def set_up_schedules() -> int:
    """Create, correct and remove schedules until they are as above; returns how many changed."""
    with transaction.atomic():
        stale = Schedule.objects.filter(name__startswith=PREFIX).exclude(
            name__in=[PREFIX + n for n in SCHEDULES]
        )
        changed: int = stale.delete()[0]
        for name, definition in SCHEDULES.items():
            changed += _set_up(PREFIX + name, dict(definition))
    return changed


def _set_up(name: str, definition: dict[str, Any]) -> bool:
    at = definition.pop("at", None)
    rows = list(Schedule.objects.select_for_update().filter(name=name).order_by("pk"))
    for double in rows[1:]:
        double.delete()
    row = rows[0] if rows else Schedule(name=name, next_run=_next_run(at))
    due_at = timezone.localtime(row.next_run, BEIJING).time()
    wrong = {field: value for field, value in definition.items() if getattr(row, field) != value}
    # A schedule that is right keeps its next run: a deployment must not postpone it.
    if row.pk and not wrong and (at is None or (due_at.hour, due_at.minute) == (at.hour, at.minute)):
        return len(rows) > 1
    for field, value in wrong.items():
        setattr(row, field, value)
    row.next_run = _next_run(at)
    row.save()
    return True


def _next_run(at: dt.time | None) -> dt.datetime:
    now = timezone.now()
    if at is None:
        return now
    today = dt.datetime.combine(timezone.localtime(now, BEIJING).date(), at, BEIJING)
    return today if today > now else today + dt.timedelta(days=1)
