from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audits.admin.explain import told
from audits.admin.readonly import ReadOnlyAdmin
from audits.admin.words import (
    answer_words,
    as_json,
    form_link,
    model_of,
    outcome,
    picture_link,
    status_pill,
    step_words,
)
from audits.models import Attempt, Push
from audits.models.batch import BULKY
from audits.operations import Operation, Text
from audits.resolve import decide
from audits.states import PushStatus


@admin.register(Push)
class PushAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "record", "operation", "pill", "result", "requested_by_name", "batch"]
    list_filter = ["status", "operation", "account"]
    search_fields = ["target_repr", "remote_id"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    fields = [
        "record", "operation", "account", "pill", "requested_by_name", "created_at", "finished_at", "batch",
    ]  # fmt: skip

    change_form_template = "admin/audits/push/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Push]:
        rows = super().get_queryset(request).select_related("account", "batch", "target_type")
        return rows.defer(*(f"batch__{name}" for name in BULKY))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    # --- a push that needs a person ---------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        decide = path(
            "<int:push_id>/decide/", self.admin_site.admin_view(self.decide_view), name="audits_push_decide"
        )
        return [decide, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        push = self.get_object(request, unquote(object_id))
        extra: dict[str, Any] = extra_context or {}
        if push is not None:
            extra |= {"title": push, "subtitle": None, "told": told(push)}
            extra["technical"] = {
                "remote_id": push.remote_id,
                "errcode": push.errcode,
                "words": push.errmsg,
                "body": as_json(push.body),
                "calls": [_call(attempt) for attempt in push.attempts.all()],
            }
        if push is not None and push.status == PushStatus.NEEDS_PERSON and self._may_decide(request, push):
            extra["candidates"] = [
                {**candidate, "picture": picture_link(candidate.get("cover_img_url"))}
                for candidate in push.candidates
            ]
        return super().change_view(request, object_id, form_url, extra)

    def _may_decide(self, request: HttpRequest, push: Push) -> bool:
        model: Any = push.target_type.model_class()
        owner: Any = self.admin_site.get_model_admin(model)
        return bool(owner.may_push(request, Operation(push.operation)))

    def decide_view(self, request: HttpRequest, push_id: int) -> HttpResponse:
        """POST ``choice``: the id of the candidate that is this record, or empty: none, send it again."""
        push = Push.objects.filter(pk=push_id).select_related("target_type", "account").first()
        if push is None or request.method != "POST":
            raise Http404
        if not self._may_decide(request, push):
            raise PermissionDenied
        if decide(push, request.POST.get("choice", "")):
            self.message_user(request, _("Decided."))
        else:
            self.message_user(
                request, _("It has been decided already, or that product is taken."), messages.WARNING
            )
        return HttpResponseRedirect(reverse("admin:audits_push_change", args=[push.pk]))

    @admin.display(description=_("record"), ordering="target_repr")
    def record(self, push: Push) -> SafeString | str:
        url = form_link(push.target_type.model_class(), push.target_id)
        return format_html('<a href="{}">{}</a>', url, push.target_repr) if url else push.target_repr

    @admin.display(description=_("state"), ordering="status")
    def pill(self, push: Push) -> SafeString:
        return status_pill(push)

    @admin.display(description=_("result"))
    def result(self, push: Push) -> SafeString:
        happened, todo = outcome(push)
        return format_html('{} <span class="advice">{}</span>', happened, todo)


@dataclass(frozen=True)
class CallShown:
    """One call to WeChat as the page shows it."""

    attempt: Attempt
    step: Text
    at: str
    answer: Text


def _call(attempt: Attempt) -> CallShown:
    at = f"{timezone.localtime(attempt.started_at):%Y-%m-%d %H:%M:%S}"
    return CallShown(attempt, step_words(attempt.step, model_of(attempt.push)), at, answer_words(attempt))
