"""Which window products a list shows."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from goods.window.choices import Kind, PlanType, WindowStatus
from shopadmin.wechat.reading import as_int

# The platforms that a filter offers at most.
MOST_PLATFORMS = 40


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [*Kind.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() in set(Kind) else queryset


class WindowStateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [
            ("here", _("only here")),
            ("unread", _("not read yet")),
            *((str(status.value), status.label) for status in WindowStatus),
            ("left", _("left the window")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "here":
                return queryset.filter(in_window=False, status=None, missing_since=None)
            case "unread":
                return queryset.at_wechat().filter(status=None)
            case "left":
                return queryset.missing()
            case value if value in {str(status.value) for status in WindowStatus}:
                return queryset.standing(int(value))
        return queryset


class NoticeFilter(admin.SimpleListFilter):
    """What deserves a look."""

    title = _("special")
    parameter_name = "special"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [
            ("banned", _("banned")),
            ("hidden", _("hidden")),
            ("discount", _("discount running")),
            ("out", _("nothing left to buy")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "banned":
                return queryset.at_wechat().filter(banned=True)
            case "hidden":
                return queryset.at_wechat().filter(is_hide_for_window=True)
            case "discount":
                return queryset.at_wechat().discounted()
            case "out":
                return queryset.at_wechat().filter(stock__lte=0)
        return queryset


class PlanFilter(admin.SimpleListFilter):
    title = _("kind of plan")
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [*PlanType.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        number = as_int(self.value())
        if number is None or number not in set(PlanType):
            return queryset
        return queryset.filter(kind=Kind.CPS, cps_item_type=number)


class PlatformFilter(admin.SimpleListFilter):
    title = _("platform")
    parameter_name = "platform"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        names = model_admin.model.objects.exclude(platform_name="").order_by("platform_name")
        found = names.values_list("platform_name", flat=True).distinct()[:MOST_PLATFORMS]
        return [(name, name) for name in found]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(platform_name=self.value()) if self.value() else queryset
