from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audits.admin.readonly import ReadOnlyAdmin
from audits.admin.words import as_json
from audits.models import Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """What WeChat pushed, for whoever looks into a question. Its reasons stand at the products, too."""

    list_display = ["received_at", "account", "event", "product", "status", "reason", "handled_at"]
    list_filter = ["account"]
    search_fields = ["product_id", "out_product_id", "event"]
    list_select_related = ["account"]
    date_hierarchy = "received_at"
    fields = [
        "account", "event", "product_id", "out_product_id", "status", "reason",
        "created_at", "received_at", "handled_at", "message",
    ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    @admin.display(description=_("product"), ordering="out_product_id")
    def product(self, notice: Notice) -> str:
        return notice.out_product_id or notice.product_id or "–"

    @admin.display(description=_("message as it came"))
    def message(self, notice: Notice) -> SafeString:
        return format_html('<pre class="json" tabindex="0">{}</pre>', as_json(notice.payload))
