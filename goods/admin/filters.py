from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audits.models import Push
from audits.states import OPEN, PushStatus
from goods.live.choices import AuditStatus
from goods.models import LiveGoods
from shopadmin.wechat.errcodes import explain
from shopadmin.wechat.reading import as_int

DRAFT, DELETED, MISSING = "draft", "deleted", "missing"


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [
            (DRAFT, _("not submitted yet")),
            *((str(status.value), status.label) for status in AuditStatus),
            (DELETED, _("deleted at WeChat")),
            (MISSING, _("missing at WeChat")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LiveGoods]) -> QuerySet[LiveGoods]:
        value = self.value()
        if value == DRAFT:
            return queryset.filter(goods_id="", deleted_at=None)
        if value == DELETED:
            return queryset.filter(goods_id="", deleted_at__isnull=False)
        if value == MISSING:
            return queryset.filter(missing_since__isnull=False)
        if value in {str(status.value) for status in AuditStatus}:
            return queryset.exclude(goods_id="").filter(audit_status=int(value))
        return queryset


class SendingFilter(admin.SimpleListFilter):
    title = _("state of sending")
    parameter_name = "sending"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(status.value, status.label) for status in PushStatus if status in OPEN]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LiveGoods]) -> QuerySet[LiveGoods]:
        if self.value() not in OPEN:
            return queryset
        pushes = Push.objects.filter(
            status=self.value(),
            target_type=ContentType.objects.get_for_model(queryset.model),
            target_id=OuterRef("pk"),
        )
        return queryset.filter(Exists(pushes))


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


class AnswerFilter(admin.SimpleListFilter):
    """The refusals there are, by code, with what they mean."""

    title = _("WeChat's refusal")
    parameter_name = "errcode"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        refused = LiveGoods.objects.exclude(errcode=0).exclude(errcode=None).order_by("errcode")
        codes = refused.values_list("errcode", flat=True).distinct()
        return [(str(code), f"{code} {explain(code, LiveGoods.FAMILY).meaning}") for code in codes if code]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LiveGoods]) -> QuerySet[LiveGoods]:
        code = as_int(self.value())
        return queryset if code is None else queryset.filter(errcode=code)
