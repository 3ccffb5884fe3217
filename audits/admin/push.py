from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.admin.readonly import ReadOnlyAdmin
from audits.admin.words import NOTHING, outcome, picture_link, status_pill
from audits.models import Push
from audits.operations import Operation
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
        "record", "operation", "account", "pill", "result", "remote_id", "requested_by_name", "created_at",
        "finished_at", "batch", "body", "exchanges",
    ]  # fmt: skip

    change_form_template = "admin/audits/push/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Push]:
        return super().get_queryset(request).select_related("account", "batch", "target_type")

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
        kind = push.target_type
        url = reverse(f"admin:{kind.app_label}_{kind.model}_change", args=[push.target_id])
        return format_html('<a href="{}">{}</a>', url, push.target_repr)

    @admin.display(description=_("state"), ordering="status")
    def pill(self, push: Push) -> SafeString:
        return status_pill(push)

    @admin.display(description=_("result"))
    def result(self, push: Push) -> SafeString:
        happened, todo = outcome(push)
        return format_html('{} <span class="advice">{}</span>', happened, todo)

    @admin.display(description=_("calls to WeChat"))
    def exchanges(self, push: Push) -> SafeString:
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (
                    f"{timezone.localtime(attempt.started_at):%Y-%m-%d %H:%M:%S}",
                    attempt.path,
                    "–" if attempt.errcode is None else attempt.errcode,
                    (gettext(attempt.errmsg) if attempt.errmsg else "")
                    or ("" if attempt.is_closed else _("no answer yet")),
                    "" if attempt.duration_ms is None else f"{attempt.duration_ms} ms",
                )
                for attempt in push.attempts.all()
            ),
        )
        return format_html('<table class="plain">{}</table>', rows) if rows else NOTHING
