"""What the pages of a batch share: finding it, who may send or approve it, where to go afterwards."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from audits.admin.readonly import ReadOnlyAdmin
from audits.models import Batch
from audits.operations import Operation


class BatchPages(ReadOnlyAdmin):
    def page_after(self, request: HttpRequest, batch: Batch) -> str:
        """Where to go once it is confirmed: to its progress, for those who may see the journal."""
        if self.has_view_permission(request):
            return reverse("admin:audits_batch_change", args=[batch.pk])
        if self.owner(batch).has_view_or_change_permission(request):
            return list_url(batch)
        return reverse(
            "admin:audits_batch_approvals" if self.has_approve_permission(request) else "admin:index"
        )

    def owner(self, batch: Batch) -> Any:
        """The admin of the records that the batch is about."""
        model: Any = batch.target_type.model_class()
        return self.admin_site.get_model_admin(model)

    def require_permission(self, request: HttpRequest, batch: Batch) -> None:
        if not self.may_push_batch(request, batch):
            raise PermissionDenied

    def may_push_batch(self, request: HttpRequest, batch: Batch) -> bool:
        return bool(self.owner(batch).may_push(request, Operation(batch.operation)))

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("audits.approve_batch")

    def may_approve(self, request: HttpRequest, batch: Batch) -> bool:
        """Somebody else has asked for it, and this person has the right to agree."""
        right = self.has_approve_permission(request) and batch.awaits_approval
        return right and not batch.asked_by(request.user)


def find_batch(number: str) -> Batch | None:
    if not number.isdecimal():
        return None
    return Batch.objects.filter(pk=int(number)).select_related("target_type").first()


def list_url(batch: Batch) -> str:
    return reverse(f"admin:{batch.target_type.app_label}_{batch.target_type.model}_changelist")
