from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from audits.admin.batch_pages import find_batch, list_url
from audits.admin.plan import PlanPage
from audits.admin.words import LOOKS, NOTHING, outcome, pill, status_pill
from audits.models import Batch, Push
from audits.models.batch import STOPPABLE
from audits.operations import Text
from audits.services import repeat_failed, resume
from audits.states import OPEN, PushStatus

# Rows shown of a batch; the counts above them cover all.
MOST_ROWS = 500


@admin.register(Batch)
class BatchAdmin(PlanPage):
    list_display = ["__str__", "kind", "progress", "created_by_name", "confirmed_at"]
    list_filter = ["operation"]
    date_hierarchy = "confirmed_at"
    list_select_related = ["target_type"]
    change_form_template = "admin/audits/batch/progress.html"
    fields = ["operation", "kind", "created_by_name", "confirmed_at", "progress"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        return Batch.objects.confirmed()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    @admin.display(description=_("kind of record"))
    def kind(self, batch: Batch) -> str:
        model = batch.target_type.model_class()
        return str(model._meta.verbose_name_plural) if model else batch.target_type.name

    @admin.display(description=_("progress"))
    def progress(self, batch: Batch) -> SafeString:
        counts = getattr(batch, "tally", None)
        if counts is None:
            counts = batch.counts()
        pills = [
            pill(LOOKS[status], f"{status.label} {counts[status]}")
            for status in PushStatus
            if status in counts
        ]
        if _is_paused(batch, counts):
            pills.append(pill("wait", _("paused")))
        return format_html_join(" ", "{}", ((one,) for one in pills)) or NOTHING

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Count the pushes of all the batches of a page at once."""
        page = super().get_changelist_instance(request)
        tallies: dict[int, dict[str, int]] = {batch.pk: {} for batch in page.result_list}
        pushes = Push.objects.filter(batch__in=tallies).order_by()
        for batch_id, status, count in pushes.values_list("batch_id", "status").annotate(Count("id")):
            tallies[batch_id][status] = count
        for batch in page.result_list:
            batch.tally = tallies[batch.pk]
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
        if batch is not None:
            counts = batch.counts()
            pushes = batch.pushes.select_related("target_type", "account").order_by("id")[:MOST_ROWS]
            extra |= {
                "title": batch,
                "subtitle": None,
                "working": batch.working,
                "batch": batch,
                "paused": _is_paused(batch, counts),
                "controls": self._controls(request, batch, counts),
                "rows": [(push, status_pill(push), *_outcome(push, batch)) for push in pushes],
                "count": sum(counts.values()),
                "most": MOST_ROWS,
                "record_url": f"admin:{batch.target_type.app_label}_{batch.target_type.model}_change",
                "list_url": list_url(batch),
            }
        return super().change_view(request, object_id, form_url, extra)

    # --- stopping it, going on, trying again ----------------------------------------------------

    def _controls(self, request: HttpRequest, batch: Batch, counts: dict[str, int]) -> list[tuple[str, Text]]:
        """The buttons that make sense now, for whoever may send such a batch."""
        left = any(counts.get(status) for status in STOPPABLE)
        possible = {
            "pause": not batch.paused_at and any(counts.get(status) for status in OPEN),
            "resume": _is_paused(batch, counts),
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


def _is_paused(batch: Batch, counts: dict[str, int]) -> bool:
    """A batch in which everything is finished is not called paused any more."""
    return bool(batch.paused_at) and any(counts.get(status) for status in OPEN)


def _outcome(push: Push, batch: Batch) -> tuple[Text, Text]:
    happened, todo = outcome(push)
    if batch.paused_at and push.status in STOPPABLE:
        return happened, _("Paused: it is sent once the batch is resumed.")
    return happened, todo


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
