from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audits.admin.readonly import ReadOnlyAdmin
from audits.models import Quota

# What a group of interfaces is for, in words.
GROUPS = {
    "live_goods.submissions": _("submissions for review"),
    "live_goods.resetaudit": _("withdrawals"),
    "live_goods.delete": _("deletions"),
    "live_goods.update": _("changes"),
    "live_goods.getgoodswarehouse": _("reading by number"),
    "live_goods.getapproved": _("reading the whole library"),
    "mini_store.changes": _("products added, changed and put on sale"),
    "window.get": _("reading window products"),
    "window.list": _("reading the whole window"),
}


class PurposeFilter(admin.SimpleListFilter):
    title = _("interfaces")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return list(GROUPS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Quota]) -> QuerySet[Quota]:
        return queryset.filter(group=self.value()) if self.value() in GROUPS else queryset


@admin.register(Quota)
class QuotaAdmin(ReadOnlyAdmin):
    list_display = ["day", "account", "purpose", "used", "limit", "left", "this_hour"]
    list_filter = ["account", PurposeFilter]
    date_hierarchy = "day"
    list_select_related = ["account"]

    @admin.display(description=_("for"))
    def purpose(self, quota: Quota) -> str:
        return str(GROUPS.get(quota.group, quota.group))

    @admin.display(description=_("in the latest hour"))
    def this_hour(self, quota: Quota) -> str:
        if quota.hour is None:
            return "–"
        hours = {"from": f"{quota.hour}:00", "used": quota.hour_used, "limit": quota.hour_limit}
        return _("%(used)s of %(limit)s from %(from)s on") % hours

    @admin.display(description=_("left"))
    def left(self, quota: Quota) -> int:
        return quota.left
