"""The page that shows what a batch would send, before it sends anything."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext

from audits.admin.batch_pages import BatchPages, find_batch, list_url
from audits.models import Batch, Quota
from audits.operations import Operation
from audits.services import Planned, planned, submit

# Rows shown of a plan; the counts above them cover all.
MOST_ROWS = 500


class PlanPage(BatchPages):
    def plan_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """GET shows what would be sent and what is left out; POST sends exactly what may be sent now."""
        batch = find_batch(str(batch_id))
        if batch is None:
            raise Http404
        self.require_permission(request, batch)
        page = HttpResponseRedirect(self.page_after(request, batch))
        if batch.confirmed_at is not None:
            return page
        if request.method == "POST":
            count = submit(batch, by=request.user)
            self.message_user(request, *_told(count))
            return page
        return self._show_plan(request, batch)

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
            "list_url": list_url(batch),
        }
        return TemplateResponse(request, "admin/audits/batch/plan.html", context)


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
