"""The page that shows what a batch would send, before it sends anything."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext

from audits.admin.batch_pages import find_batch, list_url
from audits.admin.operation_words import called
from audits.admin.plan_approval import ApprovalPages
from audits.admin.plan_rows import Chosen, approval, costs, filters, page_of_rows
from audits.admin.plan_words import told
from audits.models import Batch
from audits.operations import Effect
from audits.services import PlanMoved, plan_again, show, submit


class PlanPage(ApprovalPages):
    def plan_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """GET shows what would be sent, and keeps that; POST ``do`` is the name of one of ACTS."""
        batch = self._found(request, batch_id)
        if batch.confirmed_at is not None:
            return HttpResponseRedirect(self.page_after(request, batch))
        if request.method == "POST":
            act = ACTS.get(request.POST.get("do", "confirm"))
            if act is None:
                raise Http404
            if batch.awaits_approval and act not in DECISIONS:
                return self._too_late(request, batch)
            return act(self, request, batch)
        show(batch)
        return self._show_plan(request, batch)

    def _found(self, request: HttpRequest, batch_id: int) -> Batch:
        batch = find_batch(str(batch_id))
        if batch is None:
            raise Http404
        if not (self.may_push_batch(request, batch) or self.may_approve(request, batch)):
            raise PermissionDenied
        return batch

    def _show_plan(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        rows, excluded, chosen = batch.rows(), set(batch.excluded), Chosen.of(request.GET)
        sending = [row for row in rows if row.sends and row.pk not in excluded]
        asking = approval(sending)
        owner = self.owner(batch)
        links = owner.has_view_or_change_permission(request)
        may_push = self.may_push_batch(request, batch)
        context = {
            **self.admin_site.each_context(request),
            "title": called(batch.target_type.model_class(), batch.operation),
            "opts": owner.opts,
            "batch": batch,
            "count": len(sending),
            "skipped": len(rows) - len(sending),
            "deleted": sum(row.effect == Effect.DELETE for row in sending),
            "created": sum(row.effect == Effect.CREATE for row in sending),
            "needs_approval": asking.count,
            "may_need_approval": asking.maybe,
            "costs": costs(batch, sending),
            "filters": filters(rows, excluded, chosen),
            "chosen": chosen,
            "page": page_of_rows(batch, rows, chosen),
            "may_change": may_push and not batch.awaits_approval,
            "may_approve": self.may_approve(request, batch),
            "asked_by_me": batch.asked_by(request.user),
            "decisions": self._decisions(batch),
            "list_url": list_url(batch) if links else "",
            "record_url": f"admin:{owner.opts.app_label}_{owner.opts.model_name}_change" if links else "",
            "batch_links": self.has_view_permission(request),
        }
        return TemplateResponse(request, "admin/audits/batch/plan.html", context)

    def _decisions(self, batch: Batch) -> list[LogEntry]:
        """Who asked, who declined: the latest first."""
        kind = ContentType.objects.get_for_model(Batch)
        entries = LogEntry.objects.filter(content_type=kind, object_id=str(batch.pk)).select_related("user")
        return list(entries.order_by("-pk")[:3])

    # --- what can be done with it -----------------------------------------------------------------

    def _confirm(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        """Send exactly what was shown, or ask for the approval of it."""
        self.require_permission(request, batch)
        if not batch.plan and batch.selection:
            text = gettext("Nothing was sent: look at the plan first.")
            return self._back(request, batch, text, messages.WARNING)
        try:
            count = submit(batch, by=request.user, seen=request.POST.get("seen"))
        except PlanMoved:
            return self._look_again(request, batch)
        batch.refresh_from_db()
        if batch.awaits_approval:
            mine = batch.asked_by(request.user)
            return self._asked(request, batch) if mine else self._too_late(request, batch)
        self.message_user(request, *told(batch, count, self._links(request, batch)))
        return HttpResponseRedirect(self.page_after(request, batch))

    def _exclude(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        self.require_permission(request, batch)
        return self._left_out_by_hand(request, batch, batch.exclude(request.POST.getlist("row")))

    def _exclude_all(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        self.require_permission(request, batch)
        return self._left_out_by_hand(request, batch, batch.exclude(_all_shown(request, batch)))

    def _include(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        self.require_permission(request, batch)
        return self._taken_back(request, batch, batch.include(request.POST.getlist("row")))

    def _include_all(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        self.require_permission(request, batch)
        return self._taken_back(request, batch, batch.include(_all_shown(request, batch)))

    def _left_out_by_hand(self, request: HttpRequest, batch: Batch, count: int) -> HttpResponse:
        text = ngettext("%(count)s record was left out.", "%(count)s records were left out.", count)
        return self._done(request, batch, count, text)

    def _taken_back(self, request: HttpRequest, batch: Batch, count: int) -> HttpResponse:
        text = ngettext("%(count)s record was taken back.", "%(count)s records were taken back.", count)
        return self._done(request, batch, count, text)

    def _done(self, request: HttpRequest, batch: Batch, count: int, text: str) -> HttpResponse:
        if count:
            return self._back(request, batch, text % {"count": count}, messages.SUCCESS)
        return self._back(request, batch, gettext("Nothing changed: no row was ticked."), messages.WARNING)

    def _plan_anew(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        self.require_permission(request, batch)
        batch.forget_plan()
        return self._back(request, batch, gettext("This is the plan as of now."), messages.SUCCESS)

    # --- what was left out ------------------------------------------------------------------------

    def left_out_view(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """GET names what had changed when the plan was confirmed; POST makes a new plan of just that."""
        batch = find_batch(str(batch_id))
        if batch is None:
            raise Http404
        may_push = self.may_push_batch(request, batch)
        if not may_push and (request.method == "POST" or not self.has_view_permission(request)):
            raise PermissionDenied
        if request.method == "POST":
            again = plan_again(batch, by=request.user)
            if again is not None:
                return HttpResponseRedirect(reverse("admin:audits_batch_plan", args=[again.pk]))
            self.message_user(request, gettext("There is nothing left to plan again."), messages.WARNING)
        owner = self.owner(batch)
        links = owner.has_view_or_change_permission(request)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Changed after the plan was made"),
            "opts": owner.opts,
            "batch": batch,
            "may_push": may_push,
            "batch_url": self._links(request, batch).get("batch", ""),
            "record_url": f"admin:{owner.opts.app_label}_{owner.opts.model_name}_change" if links else "",
        }
        return TemplateResponse(request, "admin/audits/batch/plan_left_out.html", context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("approvals/", view(self.approvals_view), name="audits_batch_approvals"),
            path("<int:batch_id>/left-out/", view(self.left_out_view), name="audits_batch_left_out"),
            *super().get_urls(),
        ]


def _all_shown(request: HttpRequest, batch: Batch) -> list[Any]:
    """Every row that would be sent among those that the page's filter shows, on all its pages."""
    chosen, excluded = Chosen.of(request.GET), set(batch.excluded)
    return [row.pk for row in batch.rows() if row.sends and chosen.shows(row, excluded)]


# What is left to do with a plan that waits for approval.
DECISIONS = (PlanPage._approve, PlanPage._decline)

# The buttons of a plan: what a POST may ask for.
ACTS: dict[str, Callable[[PlanPage, HttpRequest, Batch], HttpResponse]] = {
    "confirm": PlanPage._confirm,
    "exclude": PlanPage._exclude,
    "exclude_all": PlanPage._exclude_all,
    "include": PlanPage._include,
    "include_all": PlanPage._include_all,
    "plan": PlanPage._plan_anew,
    "approve": PlanPage._approve,
    "decline": PlanPage._decline,
}
