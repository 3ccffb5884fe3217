from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from audits.admin.readonly import ReadOnlyAdmin
from audits.admin.words import LOOKS, NOTHING, outcome, pill, status_pill
from audits.models import Batch, Push, Quota
from audits.operations import Operation
from audits.services import Planned, planned, submit
from audits.states import PushStatus

# Rows shown of a plan or a batch; the counts above them cover all.
MOST_ROWS = 500


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
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
        return (
            format_html_join(
                " ",
                "{}",
                (
                    (pill(LOOKS[status], f"{status.label} {counts[status]}"),)
                    for status in PushStatus
                    if status in counts
                ),
            )
            or NOTHING
        )

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
        batch = _find(unquote(object_id))
        if batch is not None and batch.confirmed_at is None:
            return HttpResponseRedirect(reverse("admin:audits_batch_plan", args=[batch.pk]))
        extra: dict[str, Any] = extra_context or {}
        if batch is not None:
            pushes = batch.pushes.select_related("target_type", "account").order_by("id")[:MOST_ROWS]
            extra |= {
                "title": batch,
                "subtitle": None,
                "working": batch.working,
                "rows": [(push, status_pill(push), *outcome(push)) for push in pushes],
                "count": batch.pushes.count(),
                "most": MOST_ROWS,
                "record_url": f"admin:{batch.target_type.app_label}_{batch.target_type.model}_change",
                "list_url": _list_url(batch),
            }
        return super().change_view(request, object_id, form_url, extra)

    # --- looking at a plan, and confirming it ---------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        plan = path(
            "<int:batch_id>/plan/", self.admin_site.admin_view(self.plan_view), name="audits_batch_plan"
        )
        return [plan, *super().get_urls()]

    def plan_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """GET shows what would be sent and what is left out; POST sends exactly what may be sent now."""
        batch = _find(str(batch_id))
        if batch is None:
            raise Http404
        self._require_permission(request, batch)
        page = HttpResponseRedirect(self._after(request, batch))
        if batch.confirmed_at is not None:
            return page
        if request.method == "POST":
            count = submit(batch, by=request.user)
            self.message_user(request, *_told(count))
            return page
        return self._show_plan(request, batch)

    def _after(self, request: HttpRequest, batch: Batch) -> str:
        """Where to go once it is confirmed: to its progress, for those who may see the journal."""
        if self.has_view_permission(request):
            return reverse("admin:audits_batch_change", args=[batch.pk])
        return _list_url(batch)

    def _require_permission(self, request: HttpRequest, batch: Batch) -> None:
        model: Any = batch.target_type.model_class()
        owner: Any = self.admin_site.get_model_admin(model)
        if not owner.may_push(request, Operation(batch.operation)):
            raise PermissionDenied

    def _show_plan(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        rows = planned(batch)
        sending = [row for row in rows if row.plan.sends]
        context = {
            **self.admin_site.each_context(request),
            "title": batch.get_operation_display(),
            "opts": batch.target_type.model_class()._meta,  # type: ignore[union-attr]
            "batch": batch,
            "sending": sending[:MOST_ROWS],
            "skipping": [row for row in rows if not row.plan.sends][:MOST_ROWS],
            "count": len(sending),
            "skipped": len(rows) - len(sending),
            "most": MOST_ROWS,
            "irreversible": batch.operation == Operation.DELETE,
            "quotas": _quotas(Operation(batch.operation), sending),
            "list_url": _list_url(batch),
        }
        return TemplateResponse(request, "admin/audits/batch/plan.html", context)


def _find(number: str) -> Batch | None:
    if not number.isdecimal():
        return None
    return Batch.objects.filter(pk=int(number)).select_related("target_type").first()


def _list_url(batch: Batch) -> str:
    return reverse(f"admin:{batch.target_type.app_label}_{batch.target_type.model}_changelist")


def _told(count: int) -> tuple[str, int]:
    if not count:
        return gettext("Nothing was sent: none of the selected records may be sent now."), messages.WARNING
    text = ngettext("%(count)s push is on its way.", "%(count)s pushes are on their way.", count)
    return text % {"count": count}, messages.SUCCESS


def _quotas(operation: Operation, rows: list[Planned]) -> list[dict[str, Any]]:
    """Per account: what sending all of it would take from today's quota, and what is left of that."""
    counts: dict[Any, int] = {}
    for row in rows:
        counts[row.record.account] = counts.get(row.record.account, 0) + 1
    found = []
    for account, count in counts.items():
        model = type(next(row.record for row in rows))
        group = model.OPERATIONS[operation][-1].quota
        if group is None:
            continue
        left = Quota.objects.today(account.pk, group).left
        found.append(
            {
                "account": account,
                "count": count,
                "left": left,
                "today": min(left, count),
                "later": max(0, count - left),
            }
        )
    return found
