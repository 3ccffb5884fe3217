from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audits.admin.readonly import ReadOnlyAdmin
from audits.admin.words import NOTHING, answer_words, as_json, model_of, step_words
from audits.models import Attempt
from audits.operations import Text


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "push", "what", "answered", "code", "took"]
    ordering = ["-id"]
    list_filter = ["late"]
    search_fields = ["rid", "push__target_repr"]
    list_select_related = ["push__target_type"]
    show_full_result_count = False
    change_form_template = "admin/audits/attempt/change_form.html"
    fields = ["push", "what", "started_at", "answered", "late"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        attempt = self.get_object(request, object_id)
        extra: dict[str, Any] = extra_context or {}
        if attempt is not None:
            extra |= {
                "title": f"{_step(attempt)}: {attempt.push.target_repr}",
                "subtitle": None,
                "sent": as_json(attempt.body),
                "received": "" if attempt.answer is None else as_json(attempt.answer),
            }
        return super().change_view(request, object_id, form_url, extra)

    @admin.display(description=_("step"), ordering="step")
    def what(self, attempt: Attempt) -> Text:
        return _step(attempt)

    @admin.display(description=_("result"), ordering="errcode")
    def answered(self, attempt: Attempt) -> Text:
        return answer_words(attempt)

    @admin.display(description=_("error code"), ordering="errcode")
    def code(self, attempt: Attempt) -> SafeString:
        return format_html("{}", attempt.errcode) if attempt.errcode else NOTHING

    @admin.display(description=_("duration"), ordering="duration_ms")
    def took(self, attempt: Attempt) -> str:
        return "–" if attempt.duration_ms is None else f"{attempt.duration_ms} ms"


def _step(attempt: Attempt) -> Text:
    return step_words(attempt.step, model_of(attempt.push))
