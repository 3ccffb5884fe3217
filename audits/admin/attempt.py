from django.contrib import admin

from audits.admin.readonly import ReadOnlyAdmin
from audits.models import Attempt


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "push", "step", "path", "errcode", "errmsg", "duration_ms", "rid"]
    ordering = ["-id"]
    list_filter = ["step", "kind", "late"]
    search_fields = ["rid", "push__target_repr"]
    list_select_related = ["push"]
    show_full_result_count = False
