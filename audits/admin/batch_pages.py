"""What the pages of a batch share: finding it, who may send it, where to go afterwards."""

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
        return list_url(batch)

    def require_permission(self, request: HttpRequest, batch: Batch) -> None:
        if not self.may_push_batch(request, batch):
            raise PermissionDenied

    def may_push_batch(self, request: HttpRequest, batch: Batch) -> bool:
        model: Any = batch.target_type.model_class()
        owner: Any = self.admin_site.get_model_admin(model)
        return bool(owner.may_push(request, Operation(batch.operation)))


def find_batch(number: str) -> Batch | None:
    if not number.isdecimal():
        return None
    return Batch.objects.filter(pk=int(number)).select_related("target_type").first()


def list_url(batch: Batch) -> str:
    return reverse(f"admin:{batch.target_type.app_label}_{batch.target_type.model}_changelist")
