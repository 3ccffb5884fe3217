"""Which products a list shows, by what buyers see, by the draft, and by what is still to be done."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from goods.models import Sku, Spu
from goods.store.choices import EditStatus, OnlineStatus

HERE, DELETED = "here", "deleted"


class OnlineFilter(admin.SimpleListFilter):
    title = _("what buyers see")
    parameter_name = "sale"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        states = [status for status in OnlineStatus if status != OnlineStatus.DELETED]
        return [
            (HERE, _("only here")),
            *((str(status.value), status.label) for status in states),
            (DELETED, _("deleted at WeChat")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Spu]) -> QuerySet[Spu]:
        match self.value():
            case None:
                return queryset
            case "here":
                return queryset.filter(product_id="", deleted_at=None)
            case "deleted":
                return queryset.filter(product_id="", deleted_at__isnull=False)
            case value if value in {str(status.value) for status in OnlineStatus}:
                return queryset.exclude(product_id="").filter(status=int(value), missing_since=None)
        return queryset


class DraftFilter(admin.SimpleListFilter):
    title = _("draft")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(str(status.value), status.label) for status in EditStatus if status != EditStatus.NEW]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Spu]) -> QuerySet[Spu]:
        value = self.value()
        if value not in {str(status.value) for status in EditStatus}:
            return queryset
        return queryset.exclude(product_id="").filter(audit_status=int(value), missing_since=None)


class ToDoFilter(admin.SimpleListFilter):
    """What staff have entered and not sent yet, and what has to be corrected before it can be."""

    title = _("to do")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [
            ("ready", _("all fields are right")),
            ("fix", _("to be corrected")),
            ("price", _("prices to be sent")),
            ("stock", _("stock to be sent")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Spu]) -> QuerySet[Spu]:
        match self.value():
            case "ready":
                return queryset.filter(faulty=False)
            case "fix":
                return queryset.filter(faulty=True)
            case "price":
                return queryset.filter(pk__in=Sku.objects.kept().price_waits().order_by().values("spu"))
            case "stock":
                return queryset.filter(pk__in=Sku.objects.kept().stock_waits().order_by().values("spu"))
        return queryset


class SkuToDoFilter(admin.SimpleListFilter):
    title = _("to do")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [
            ("price", _("prices to be sent")),
            ("stock", _("stock to be sent")),
            ("out", _("nothing left to buy")),
            ("removed", _("taken out")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "price":
                return queryset.price_waits()
            case "stock":
                return queryset.stock_waits()
            case "out":
                return queryset.filter(Q(real_stock=0) | Q(real_stock=None, stock=0))
            case "removed":
                return queryset.filter(removed=True)
        return queryset


class OnSaleFilter(admin.SimpleListFilter):
    """Of SKUs: what buyers see of their product."""

    title = _("what buyers see")
    parameter_name = "sale"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [("yes", OnlineStatus.ON_SALE.label), ("no", _("not on sale"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Sku]) -> QuerySet[Sku]:
        on_sale = Q(spu__status=OnlineStatus.ON_SALE)
        match self.value():
            case "yes":
                return queryset.filter(on_sale)
            case "no":
                return queryset.exclude(on_sale)
        return queryset
