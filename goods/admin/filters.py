from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audits.models import Push
from audits.states import OPEN, PushStatus
from goods.live.choices import AuditStatus
from goods.models import LiveGoods
from shopadmin.wechat.errcodes import explain
from shopadmin.wechat.reading import as_int

DRAFT, DELETED = "draft", "deleted"

# The error codes that a filter offers at most.
MOST_CODES = 40


# --- for every mirror record ----------------------------------------------------------------------------


class SendingFilter(admin.SimpleListFilter):
    title = _("state of sending")
    parameter_name = "sending"
    any_state = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        states = [(status.value, status.label) for status in PushStatus if status in OPEN]
        return [(self.any_state, _("any, not finished yet")), *states]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value != self.any_state and value not in OPEN:
            return queryset
        pushes = Push.objects.open().filter(target_type=ContentType.objects.get_for_model(queryset.model))
        if value != self.any_state:
            pushes = pushes.filter(status=value)
        # Open pushes are few beside the records, so they come first.
        return queryset.filter(pk__in=pushes.values("target_id"))


class AnswerFilter(admin.SimpleListFilter):
    """The refusals there are, by code, with what they mean."""

    title = _("WeChat's refusal")
    parameter_name = "errcode"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        model = model_admin.model
        codes = model.objects.refused().order_by("errcode").values_list("errcode", flat=True).distinct()
        return [(str(code), f"{code} {explain(code, model.FAMILY).meaning}") for code in codes[:MOST_CODES]]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        code = as_int(self.value())
        return queryset if code is None else queryset.refused().filter(errcode=code)


class DriftFilter(admin.SimpleListFilter):
    """What came to be at WeChat without us."""

    title = _("changes at WeChat")
    parameter_name = "drift"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [
            ("changed", _("changed at WeChat")),
            ("missing", _("missing at WeChat")),
            ("new", _("found by the last pull")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "changed":
                return queryset.drifted()
            case "missing":
                return queryset.missing()
            case "new":
                return queryset.newly_found()
        return queryset


# --- for live goods -------------------------------------------------------------------------------------


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [
            (DRAFT, _("not submitted yet")),
            *((str(status.value), status.label) for status in AuditStatus),
            (DELETED, _("deleted at WeChat")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LiveGoods]) -> QuerySet[LiveGoods]:
        value = self.value()
        if value == DRAFT:
            return queryset.filter(goods_id="", deleted_at=None)
        if value == DELETED:
            return queryset.filter(goods_id="", deleted_at__isnull=False)
        if value in {str(status.value) for status in AuditStatus}:
            # As the number on the start page and the pill in the list: what is missing has no state there.
            return queryset.exclude(goods_id="").filter(audit_status=int(value), missing_since=None)
        return queryset


class FaultyFilter(admin.SimpleListFilter):
    title = _("WeChat's rules")
    parameter_name = "faulty"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [("no", _("all fields are right")), ("yes", _("to be corrected"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LiveGoods]) -> QuerySet[LiveGoods]:
        match self.value():
            case "no":
                return queryset.filter(faulty=False)
            case "yes":
                return queryset.filter(faulty=True)
        return queryset
