"""Where a second person has to agree: asking, approving, declining, and what is waiting for it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from audits.admin.batch_pages import BatchPages
from audits.admin.plan_words import told
from audits.models import Batch
from audits.services import approve

# Rows of the list of what waits for approval.
MOST_WAITING = 100


class ApprovalPages(BatchPages):
    def approvals_view(self, request: HttpRequest) -> HttpResponse:
        """What waits for a second person, the longest waiting first."""
        if not self.has_approve_permission(request):
            raise PermissionDenied
        waiting = Batch.objects.awaiting_approval().defer("selection").select_related("target_type")
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Waiting for approval"),
            "opts": self.opts,
            "rows": [self._waiting(request, batch) for batch in waiting[:MOST_WAITING]],
        }
        return TemplateResponse(request, "admin/audits/batch/plan_approvals.html", context)

    def _waiting(self, request: HttpRequest, batch: Batch) -> dict[str, object]:
        excluded = set(batch.excluded)
        sending = [row for row in batch.rows() if row.sends and row.pk not in excluded]
        return {
            "batch": batch,
            "kind": self.owner(batch).opts.verbose_name_plural,
            "url": _plan_url(batch),
            "count": len(sending),
            "grave": sum(row.approval for row in sending),
            "mine": batch.asked_by(request.user),
        }

    def _asked(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        self.log_change(request, batch, gettext("Asked for approval."))
        text = gettext(
            "Nothing was sent yet: somebody else has to approve it first. The plan stays as it is."
        )
        return self._back(request, batch, text, messages.SUCCESS)

    def _approve(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        """Send it in the name of whoever asked. The plan has been frozen since then."""
        if not self.may_approve(request, batch):
            raise PermissionDenied
        if self._seen_another(request, batch):
            return self._look_again(request, batch)
        with transaction.atomic():
            count = approve(batch, by=request.user)
            if count is not None:
                self.log_change(request, batch, gettext("Approved."))
        if count is None:
            return self._too_late(request, batch)
        self.message_user(request, *told(batch, count, self._links(request, batch)))
        return HttpResponseRedirect(self.page_after(request, batch))

    def _decline(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        """Give it back: by a second person, or by whoever asked."""
        mine = batch.asked_by(request.user)
        if not (mine or self.may_approve(request, batch)):
            raise PermissionDenied
        with transaction.atomic():
            declined = batch.decline()
            if declined:
                text = (
                    gettext("The request was taken back.") if mine else gettext("Declined. Nothing was sent.")
                )
                self.log_change(request, batch, text)
        if not declined:
            return self._too_late(request, batch)
        self.message_user(request, _with_link(text, batch), messages.SUCCESS)
        return HttpResponseRedirect(self._after_decision(request, batch))

    def _too_late(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        self.message_user(request, gettext("Nothing changed: it has been decided already."), messages.WARNING)
        return HttpResponseRedirect(self._after_decision(request, batch))

    def _after_decision(self, request: HttpRequest, batch: Batch) -> str:
        return _plan_url(batch) if self.may_push_batch(request, batch) else _approvals()

    # --- what the buttons of a plan share ---------------------------------------------------------

    def _seen_another(self, request: HttpRequest, batch: Batch) -> bool:
        """The plan is not the one on the page with this button."""
        return request.POST.get("seen") != batch.fingerprint

    def _look_again(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        text = gettext("Nothing was sent: the plan was changed in another window. Look at it again.")
        return self._back(request, batch, text, messages.WARNING)

    def _back(self, request: HttpRequest, batch: Batch, text: str, level: int) -> HttpResponse:
        """To the plan again, with the same filter."""
        self.message_user(request, text, level)
        query = request.META.get("QUERY_STRING", "")
        return HttpResponseRedirect(_plan_url(batch) + (f"?{query}" if query else ""))

    def _links(self, request: HttpRequest, batch: Batch) -> dict[str, str]:
        """The pages about the batch that this person may open."""
        pages = {}
        if self.may_push_batch(request, batch) or self.has_view_permission(request):
            pages["left_out"] = reverse("admin:audits_batch_left_out", args=[batch.pk])
        if self.has_view_permission(request):
            pages["batch"] = reverse("admin:audits_batch_change", args=[batch.pk])
        return pages


def _with_link(text: str, batch: Batch) -> SafeString:
    return format_html('{} <a href="{}">{}</a>', text, _plan_url(batch), gettext("Show the plan"))


def _plan_url(batch: Batch) -> str:
    return reverse("admin:audits_batch_plan", args=[batch.pk])


def _approvals() -> str:
    return reverse("admin:audits_batch_approvals")
