"""Who changed a field while somebody else had the form open."""

import datetime as dt
import json
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

ENTRIES_READ = 20
# The entry is written with the change; a later change that has no entry is somebody else's.
TOGETHER = dt.timedelta(minutes=1)


def changed_by(record: Model, label: Any) -> str:
    """Who and when, in words; only when, if the history does not know who it was."""
    changed_at: dt.datetime = record.updated_at  # type: ignore[attr-defined]
    entry = _entry(record, label)
    if entry is None or changed_at - entry.action_time > TOGETHER:
        return _("at %(time)s (by whom is not recorded)") % {"time": _clock(changed_at)}
    who = entry.user.get_full_name() or entry.user.get_username()
    return _("by %(who)s at %(time)s") % {"who": who, "time": _clock(entry.action_time)}


def _entry(record: Model, label: Any) -> LogEntry | None:
    """The newest entry that names the field, or says in words only what was done (an import)."""
    with override(None):
        # Entries keep the names of fields in the language of the source.
        source = str(label)
    kind = ContentType.objects.get_for_model(record)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(record.pk), action_flag=CHANGE)
    for entry in entries.select_related("user").order_by("-action_time", "-pk")[:ENTRIES_READ]:
        if _names(entry.change_message, source):
            return entry
    return None


def _names(message: str, label: str) -> bool:
    try:
        changes = json.loads(message)
    except ValueError:
        return True
    if not isinstance(changes, list):
        return True
    return any(label in change.get("changed", {}).get("fields", []) for change in changes)


def _clock(moment: dt.datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d %H:%M}"
