"""Who changed what, and when: Django's own log of the admin, to be read and nothing else."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.admin.readonly import ReadOnlyAdmin
from audits.operations import Text

NOTHING = "–"
DONE = {ADDITION: _("Added"), CHANGE: _("Changed"), DELETION: _("Deleted")}


class PersonFilter(admin.SimpleListFilter):
    title = _("person")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        people = User.objects.filter(pk__in=LogEntry.objects.order_by().values("user"))
        return [(str(person.pk), person.get_username()) for person in people.order_by("username")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        pk = self.value()
        return queryset.filter(user=int(pk)) if pk and pk in dict(self.lookup_choices) else queryset


class KindFilter(admin.SimpleListFilter):
    title = _("kind of record")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        kinds = ContentType.objects.filter(pk__in=LogEntry.objects.order_by().values("content_type"))
        return [(str(kind.pk), capfirst(_name(kind))) for kind in kinds]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        pk = self.value()
        return queryset.filter(content_type=int(pk)) if pk and pk in dict(self.lookup_choices) else queryset


class DoneFilter(admin.SimpleListFilter):
    title = _("what was done")
    parameter_name = "done"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(str(flag), text) for flag, text in DONE.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LogEntry]) -> QuerySet[LogEntry]:
        flag = self.value()
        return (
            queryset.filter(action_flag=int(flag)) if flag and flag in dict(self.lookup_choices) else queryset
        )


@admin.register(LogEntry)
class ChangeLogAdmin(ReadOnlyAdmin):
    list_display = ("action_time", "user", "done", "kind", "record", "details")
    list_filter = (DoneFilter, KindFilter, PersonFilter)
    list_display_links = None
    list_select_related = ("user", "content_type")
    date_hierarchy = "action_time"
    search_fields = ("object_repr", "change_message", "user__username")
    search_help_text = _("Name of a record or a person")
    fields = readonly_fields = ("action_time", "user", "done", "kind", "record", "details")

    @admin.display(description=_("what was done"), ordering="action_flag")
    def done(self, entry: LogEntry) -> Text:
        return DONE.get(entry.action_flag, NOTHING)

    @admin.display(description=_("kind of record"), ordering="content_type")
    def kind(self, entry: LogEntry) -> str:
        return _name(entry.content_type) if entry.content_type else NOTHING

    @admin.display(description=_("record"), ordering="object_repr")
    def record(self, entry: LogEntry) -> SafeString | str:
        kind = entry.content_type
        if kind is None or entry.object_id is None or entry.action_flag == DELETION:
            return entry.object_repr
        try:
            url = reverse(f"admin:{kind.app_label}_{kind.model}_change", args=[entry.object_id])
        except NoReverseMatch:  # this kind has no page (any more)
            return entry.object_repr
        return format_html('<a href="{}">{}</a>', url, entry.object_repr)

    @admin.display(description=_("details"))
    def details(self, entry: LogEntry) -> str:
        message = _with_labels_translated(entry.change_message)
        return LogEntry(change_message=message).get_change_message() or NOTHING


def _with_labels_translated(message: str) -> str:
    """Django keeps a field's label with a capital letter, while ours are translated without."""
    try:
        changes = json.loads(message)
    except json.JSONDecodeError:
        return message
    if not isinstance(changes, list):
        return message
    for change in changes:
        if "fields" in (changed := change.get("changed", {})):
            changed["fields"] = [_translated(label) for label in changed["fields"]]
    return json.dumps(changes)


def _translated(label: str) -> str:
    if not label:
        return label
    found = gettext(label)
    return found if found != label else capfirst(gettext(label[0].lower() + label[1:]))


def _name(kind: ContentType) -> str:
    model = kind.model_class()
    return str(model._meta.verbose_name) if model else kind.model
