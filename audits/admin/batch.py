from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import conditional_page

from audits.admin.batch_pages import find_batch, list_url
from audits.admin.plan import PlanPage
from audits.admin.progress import (
    PAGE_SIZE,
    Chosen,
    Tally,
    causes,
    headline,
    is_paused,
    outcomes,
    page_of_rows,
    rejected,
    tally,
    waiting_words,
)
from audits.admin.words import LOOKS, pill, when
from audits.models import Batch, Push
from audits.models.batch import BULKY, STOPPABLE
from audits.operations import Text
from audits.services import repeat_failed, resume
from audits.states import OPEN, PushStatus

# The states that the list of batches names; the rest is in the bar.
WORTH_TELLING = (
    PushStatus.WAITING,
    PushStatus.UNSURE,
    PushStatus.NEEDS_PERSON,
    PushStatus.REFUSED,
    PushStatus.CANCELLED,
)


class WorkFilter(admin.SimpleListFilter):
    """Batches by what became of their pushes."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("working", _("not finished")), ("refused", _("with refusals")), ("done", _("all finished"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Batch]) -> QuerySet[Batch]:
        pushes = Push.objects.filter(batch=OuterRef("pk"))
        match self.value():
            case "working":
                return queryset.filter(Exists(pushes.open()))
            case "refused":
                return queryset.filter(Exists(pushes.filter(status=PushStatus.REFUSED)))
            case "done":
                return queryset.exclude(Exists(pushes.open()))
        return queryset


@admin.register(Batch)
class BatchAdmin(PlanPage):
    list_display = ["__str__", "kind", "progress", "created_by_name", "confirmed_at"]
    list_filter = ["operation", WorkFilter]
    date_hierarchy = "confirmed_at"
    list_select_related = ["target_type"]
    change_form_template = "admin/audits/batch/progress.html"
    # The template shows a batch in its own way.
    fields = ["operation"]
    readonly_fields = ["operation"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        return Batch.objects.confirmed().defer(*BULKY)

    @admin.display(description=_("kind of record"))
    def kind(self, batch: Batch) -> str:
        return kind_of_record(batch)

    @admin.display(description=_("progress"))
    def progress(self, batch: Batch) -> SafeString:
        """In short: how much is finished, and the states that somebody should know of."""
        found = Tally(counts=getattr(batch, "counted", {}))
        pills = [
            pill(LOOKS[status], f"{status.label} {found.counts[status]}")
            for status in WORTH_TELLING
            if status in found.counts
        ]
        if is_paused(batch, found.counts):
            pills.append(pill("wait", _("paused")))
        return format_html(
            '<span class="bar"><progress max="{}" value="{}" aria-hidden="true"></progress> {}</span> {}',
            found.total or 1,
            found.finished,
            gettext("%(finished)s of %(total)s") % {"finished": found.finished, "total": found.total},
            format_html_join(" ", "{}", ((one,) for one in pills)),
        )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Count the pushes of all the batches of a page at once."""
        page = super().get_changelist_instance(request)
        counted: dict[int, dict[str, int]] = {batch.pk: {} for batch in page.result_list}
        pushes = Push.objects.filter(batch__in=counted).order_by()
        for batch_id, status, count in pushes.values_list("batch_id", "status").annotate(Count("id")):
            counted[batch_id][status] = count
        for batch in page.result_list:
            batch.counted = counted[batch.pk]
        return page

    # --- the page of one batch ----------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        batch = find_batch(unquote(object_id))
        if batch is not None and batch.confirmed_at is None:
            return HttpResponseRedirect(reverse("admin:audits_batch_plan", args=[batch.pk]))
        extra: dict[str, Any] = extra_context or {}
        if batch is not None and self.has_view_permission(request):
            extra |= self._page(request, batch) | {"title": batch, "subtitle": None}
        return super().change_view(request, object_id, form_url, extra)

    @method_decorator(conditional_page)
    def progress_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """What moves on a batch's page, for its script to replace; 304 as long as nothing moves."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = find_batch(str(batch_id))
        if batch is None or batch.confirmed_at is None:
            raise Http404
        return render(request, "admin/audits/batch/progress_parts.html", self._page(request, batch))

    def _page(self, request: HttpRequest, batch: Batch) -> dict[str, Any]:
        found, chosen = tally(batch), Chosen.of(request.GET)
        model: Any = batch.target_type.model_class()
        owner: Any = self.admin_site.get_model_admin(model)
        links = bool(owner.has_view_or_change_permission(request))
        rows, more = page_of_rows(batch, chosen, links=links)
        return {
            "batch": batch,
            "kind": kind_of_record(batch),
            "found": found,
            "headline": headline(batch, found),
            "waiting": waiting_words(batch, found),
            "pace": _pace(batch, found),
            "paused": is_paused(batch, found.counts),
            "may_push": self.may_push_batch(request, batch),
            "controls": self._controls(request, batch, found.counts),
            "outcomes": outcomes(found, chosen),
            "causes": causes(batch) if found.counts.get(PushStatus.REFUSED) else [],
            "rejected": rejected(batch) if found.counts.get(PushStatus.DONE) else None,
            "chosen": chosen,
            "rows": rows,
            "first_row": (chosen.page - 1) * PAGE_SIZE + 1,
            "last_row": (chosen.page - 1) * PAGE_SIZE + len(rows),
            "previous": chosen.query(page=chosen.page - 1) if chosen.page > 1 else "",
            "next": chosen.query(page=chosen.page + 1) if more else "",
            "confirmed": when(batch.confirmed_at) if batch.confirmed_at else "",
            "list_url": list_url(batch) if links else "",
            "progress_url": reverse("admin:audits_batch_progress", args=[batch.pk]) + chosen.query(),
        }

    # --- stopping it, going on, trying again ----------------------------------------------------

    def _controls(self, request: HttpRequest, batch: Batch, counts: dict[str, int]) -> list[tuple[str, Text]]:
        """The buttons that make sense now, for whoever may send such a batch."""
        left = any(counts.get(status) for status in STOPPABLE)
        possible = {
            "pause": not batch.paused_at and any(counts.get(status) for status in OPEN),
            "resume": is_paused(batch, counts),
            "cancel": left,
            "repeat": bool(counts.get(PushStatus.REFUSED)),
        }
        if not self.may_push_batch(request, batch):
            return []
        return [(name, label) for name, (label, _act) in CONTROLS.items() if possible[name]]

    def control_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """POST ``do``: the name of one of CONTROLS. Changes the journal only; nothing is sent from here."""
        batch = find_batch(str(batch_id))
        if batch is None:
            raise Http404
        self.require_permission(request, batch)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        _label, act = CONTROLS.get(request.POST.get("do", ""), (None, None))
        if act is None:
            raise Http404
        with transaction.atomic():
            return act(self, request, batch)

    def _pause(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        done = batch.pause(by=request.user)
        text = gettext(
            "Paused. What is already on its way is finished; nothing more is sent until you resume."
        )
        return self._tell(request, batch, done, text, gettext("Nothing changed: there is nothing to pause."))

    def _resume(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        text = gettext("Resumed. Sending goes on.")
        return self._tell(
            request, batch, resume(batch), text, gettext("Nothing changed: the batch was not paused.")
        )

    def _cancel(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        count = batch.cancel(by=request.user)
        text = ngettext("%(count)s push was cancelled.", "%(count)s pushes were cancelled.", count)
        return self._tell(
            request,
            batch,
            count > 0,
            text % {"count": count} + _still_open(batch),
            gettext("Nothing was left to cancel.") + _still_open(batch),
        )

    def _repeat(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        again = repeat_failed(batch, by=request.user)
        if again is None:
            return self._tell(request, batch, False, "", gettext("Nothing of this batch was refused."))
        return HttpResponseRedirect(reverse("admin:audits_batch_plan", args=[again.pk]))

    def _tell(self, request: HttpRequest, batch: Batch, done: bool, text: str, idle: str) -> HttpResponse:
        """Say what was done and keep who did it, or say why nothing was."""
        if done:
            self.log_change(request, batch, text)
            self.message_user(request, text, messages.SUCCESS)
        else:
            self.message_user(request, idle, messages.WARNING)
        return HttpResponseRedirect(self.page_after(request, batch))

    # --- where these pages are -----------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:batch_id>/plan/", view(self.plan_view), name="audits_batch_plan"),
            path("<int:batch_id>/progress/", view(self.progress_view), name="audits_batch_progress"),
            path("<int:batch_id>/control/", view(self.control_view), name="audits_batch_control"),
            *super().get_urls(),
        ]


# Buttons of a batch's page, in their order: what each is called, and what it does.
CONTROLS: dict[str, tuple[Text, Callable[[BatchAdmin, HttpRequest, Batch], HttpResponse]]] = {
    "pause": (_("Pause"), BatchAdmin._pause),
    "resume": (_("Resume"), BatchAdmin._resume),
    "cancel": (_("Cancel what is not sent yet"), BatchAdmin._cancel),
    "repeat": (_("Repeat what was refused…"), BatchAdmin._repeat),
}


def kind_of_record(batch: Batch) -> str:
    model = batch.target_type.model_class()
    return str(model._meta.verbose_name_plural) if model else batch.target_type.name


def _pace(batch: Batch, found: Tally) -> str:
    """How soon a look at it is worth while: it moves by itself, somebody may move it, it is over."""
    if not found.open:
        return "over"
    return "working" if batch.working else "slow"


def _still_open(batch: Batch) -> str:
    """How many pushes go on although the batch was cancelled, as a further sentence."""
    count = batch.pushes.filter(status__in=OPEN).count()
    if not count:
        return ""
    text = ngettext(
        "%(count)s was already on its way and goes on.",
        "%(count)s were already on their way and go on.",
        count,
    )
    return " " + text % {"count": count}
