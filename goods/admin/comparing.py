"""What WeChat has beside what we have, and the two ways to make them agree."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from audits.admin.actions import PushActions
from audits.admin.words import NOTHING, pill
from audits.operations import Operation

Told = tuple[str, int]


@dataclass(frozen=True)
class Choices:
    """What the person who looks at a record may do about a difference."""

    take: bool
    send: bool


class Comparing(PushActions):
    """The comparison on a record's form. A choice is a POST of its own, which saves nothing else."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        record: Any = super().get_object(request, object_id, from_field)
        if record is not None:
            record.choices = Choices(
                take=self.has_change_permission(request, record),
                send=self.may_push(request, Operation.UPDATE),
            )
        return record

    @admin.display(description=_("compared with WeChat"))
    def comparison(self, record: Any) -> SafeString:
        if not record.remote:
            return NOTHING
        missing = bool(getattr(record, "missing_since", None))
        rows = [] if missing else record.compared()
        context = {
            "missing": missing,
            "differing": [row for row in rows if row.differs],
            "equal": [row for row in rows if not row.differs],
            # Of some records WeChat has a draft, and beside it what buyers see.
            "two_copies": any(row.online for row in rows),
            "online_differs": any(row.online_differs for row in rows if not row.differs),
            "reason": getattr(record, "refusal", ""),
            "choices": getattr(record, "choices", Choices(take=False, send=False)),
        }
        return render_to_string("admin/goods/mirror_comparison.html", context)

    def drift_mark(self, record: Any) -> SafeString:
        """That somebody changed it at WeChat, and what; "" if nobody did."""
        if not record.drift:
            return SafeString("")
        labels = [row.label for row in record.compared() if row.drifted]
        return format_html(
            '<span class="drift">{} {}</span>',
            pill("wait", format_html('<span aria-hidden="true">≠</span> {}', _("changed at WeChat"))),
            format_html_join(", ", "{}", ((label,) for label in labels)),
        )

    # --- take theirs, send ours -------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<path:object_id>/take/", self.admin_site.admin_view(self.take_view), name=f"{name}_take"),
            path("<path:object_id>/send/", self.admin_site.admin_view(self.send_view), name=f"{name}_send"),
            *super().get_urls(),
        ]

    def take_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST makes a field of ours what WeChat has; nothing is sent."""
        record = self.get_object(request, object_id)
        if record is None or not self.has_change_permission(request, record):
            raise PermissionDenied
        if request.method == "POST":
            with transaction.atomic():
                locked = self.model._default_manager.select_for_update().get(pk=record.pk)
                text, level = self._take(request, locked)
            self.message_user(request, text, level)
        return HttpResponseRedirect(self._form_url(record))

    def _take(self, request: HttpRequest, record: Any) -> Told:
        rows = {row.name: row for row in record.compared() if row.differs}
        row = rows.get(request.POST.get("take", ""))
        if row is None or request.POST.get("seen") != glance(record):
            return gettext("It has changed meanwhile. Look again, then decide."), messages.WARNING
        if row.no_taking:
            return str(row.no_taking), messages.ERROR
        if record.open_push():
            return gettext("It is being sent: wait for the result."), messages.WARNING
        record.save(update_fields=record.mark_taken(row.fields))
        self.log_change(request, record, self._log_words(row.fields))
        # Values of several lines come as HTML.
        sentence = gettext("{field}: now as at WeChat, {value}.")
        return format_html(sentence, field=row.label, value=row.theirs), messages.SUCCESS

    def _log_words(self, names: Iterable[str]) -> Any:
        """The fields as a form's save logs them: in the source's language, translated where shown."""
        with override(None):
            labels = [capfirst(str(self.model.label_of(name))) for name in names]
        return [{"changed": {"fields": labels}}]

    def send_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST leads to the plan of an update of this one record; nothing is sent before it is confirmed."""
        record = self.get_object(request, object_id)
        possible = Operation.UPDATE in self.operations and self.may_push(request, Operation.UPDATE)
        if record is None or not possible:
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(self._form_url(record))
        return self.to_plan(request, self.model._default_manager.filter(pk=record.pk), Operation.UPDATE)

    def _form_url(self, record: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk])

    def choice_forms(self, record: Any) -> dict[str, Any]:
        """What the form's page needs so that the buttons of the comparison work."""
        if record.pk is None or not record.remote:
            return {}
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return {
            "take_url": reverse(f"{name}_take", args=[record.pk]),
            "send_url": reverse(f"{name}_send", args=[record.pk]),
            "seen": glance(record),
        }

    # --- many at once -----------------------------------------------------------------------------

    @admin.action(description=_("Take over WeChat's values"), permissions=["change"])
    def take_theirs(self, request: HttpRequest, queryset: QuerySet[Model]) -> None:
        taken = self.model._default_manager.filter(pk__in=queryset.order_by().values("pk")).take_theirs()
        groups: dict[tuple[str, ...], list[int]] = {}
        for pk, fields in taken.fields.items():
            groups.setdefault(tuple(fields), []).append(pk)
        for names, ids in groups.items():
            changed = self.model._default_manager.filter(pk__in=ids)
            LogEntry.objects.log_actions(request.user.pk or 0, changed, CHANGE, self._log_words(names))
        for text, level in _told(taken):
            self.message_user(request, text, level)


def glance(record: Any) -> str:
    """What a person sees when comparing, in short: of another one they have decided nothing."""
    values = [(name, *map(str, record.seen(name))) for name in record.SHARED]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def _told(taken: Any) -> list[Told]:
    told: list[Told] = []
    count = len(taken.fields)
    if count:
        text = ngettext(
            "%(count)s record now has WeChat's values.", "%(count)s records now have WeChat's values.", count
        )
        told.append((text % {"count": count}, messages.SUCCESS))
    if taken.busy:
        text = ngettext(
            "%(count)s record is being sent and was left alone.",
            "%(count)s records are being sent and were left alone.",
            taken.busy,
        )
        told.append((text % {"count": taken.busy}, messages.WARNING))
    if taken.doubtful:
        text = ngettext(
            "%(count)s record was left alone: its price at WeChat is ten times ours or more, or cannot be "
            "kept here. Open it and decide there.",
            "%(count)s records were left alone: their prices at WeChat are ten times ours or more, or cannot "
            "be kept here. Open them and decide there.",
            taken.doubtful,
        )
        told.append((text % {"count": taken.doubtful}, messages.WARNING))
    if not told:
        told.append((gettext("Nobody has changed the selected records at WeChat."), messages.WARNING))
    return told
