"""What every mirror admin offers: bulk actions that lead to a plan, and the same as buttons on the form."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.admin.operation_words import called
from audits.operations import Operation, Text
from audits.services import create_batch

BUTTON = "_push"


@dataclass(frozen=True)
class Figure:
    """A number of the start page."""

    label: Text
    count: int
    url: str
    look: str


class PushActions(admin.ModelAdmin):
    """Base of the mirror admins. A subclass names the operations it supports in ``operations``."""

    operations: ClassVar[tuple[Operation, ...]] = ()

    def overview(self) -> list[Figure]:
        """The numbers of the start page, each a link to its list."""
        return []

    # --- permissions ----------------------------------------------------------------------------

    def has_push_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.push_{self.opts.model_name}")

    def has_delete_remote_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.delete_remote_{self.opts.model_name}")

    def may_push(self, request: HttpRequest, operation: Operation) -> bool:
        if operation is Operation.DELETE:
            return self.has_delete_remote_permission(request)
        return self.has_push_permission(request)

    # --- bulk actions ---------------------------------------------------------------------------

    @admin.action(description=_("Submit to WeChat…"), permissions=["push"])
    def push_add(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        return self.to_plan(request, queryset, Operation.ADD)

    @admin.action(description=_("Send changes…"), permissions=["push"])
    def push_update(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        return self.to_plan(request, queryset, Operation.UPDATE)

    @admin.action(description=_("Withdraw from review…"), permissions=["push"])
    def push_withdraw(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        return self.to_plan(request, queryset, Operation.WITHDRAW)

    @admin.action(description=_("Submit for review again…"), permissions=["push"])
    def push_resubmit(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        return self.to_plan(request, queryset, Operation.RESUBMIT)

    @admin.action(description=_("Delete at WeChat (cannot be undone)…"), permissions=["delete_remote"])
    def push_delete(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        return self.to_plan(request, queryset, Operation.DELETE)

    @admin.action(description=_("Put on sale (submits for review)…"), permissions=["push"])
    def push_list(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        return self.to_plan(request, queryset, Operation.LIST)

    @admin.action(description=_("Take off sale…"), permissions=["push"])
    def push_delist(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        return self.to_plan(request, queryset, Operation.DELIST)

    @admin.action(description=_("Send prices (no review)…"), permissions=["push"])
    def push_price(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        return self.to_plan(request, queryset, Operation.PRICE)

    @admin.action(description=_("Send stock (no review)…"), permissions=["push"])
    def push_stock(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        return self.to_plan(request, queryset, Operation.STOCK)

    @admin.action(description=_("Take out of the window…"), permissions=["push"])
    def push_off(self, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponse:
        return self.to_plan(request, queryset, Operation.OFF)

    def to_plan(self, request: HttpRequest, queryset: QuerySet[Model], operation: Operation) -> HttpResponse:
        """Keep the selection, in the order of the list, and show what the operation would do with it."""
        ids = queryset.values_list("pk", flat=True)
        batch = create_batch(self.model, ids, operation, by=request.user)
        return HttpResponseRedirect(reverse("admin:audits_batch_plan", args=[batch.pk]))

    # --- buttons on the form ----------------------------------------------------------------------

    def buttons(self, request: HttpRequest, record: Any) -> list[dict[str, Any]]:
        """The operations of one record, each with the reason why it is not possible now."""
        push = record.open_push() if record.pk else None
        busy = _("It is being sent: wait for the result.") if push else ""
        return [
            {
                "operation": operation,
                "label": called(self.model, operation),
                "reason": busy or record.forbidden(operation),
            }
            for operation in self.operations
            if self.may_push(request, operation)
        ]

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._pressed(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._pressed(request, obj) or super().response_change(request, obj)

    def _pressed(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """The record is saved; if it was one of our buttons, go on to the plan."""
        pressed = request.POST.get(BUTTON)
        if pressed not in self.operations:
            return None
        operation = Operation(pressed)
        if not self.may_push(request, operation):
            self.message_user(request, _("You may not do this."), messages.ERROR)
            return None
        return self.to_plan(request, self.model._default_manager.filter(pk=obj.pk), operation)
