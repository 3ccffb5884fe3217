from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audits.operations import Operation, Text
from goods.admin import spu_words
from goods.admin.filters import AnswerFilter, DriftFilter, SendingFilter
from goods.admin.spu_editing import SpuEditing
from goods.models import Spu
from goods.store.choices import EditStatus, OnlineStatus
from goods.store.words import price


@admin.register(Spu)
class SpuAdmin(SpuEditing):
    operations = (
        Operation.ADD,
        Operation.UPDATE,
        Operation.LIST,
        Operation.PRICE,
        Operation.STOCK,
        Operation.DELIST,
        Operation.DELETE,
    )
    actions = [
        "push_add", "push_update", "push_list", "push_price", "push_stock", "push_delist", "push_delete",
        "refresh", "take_theirs",
    ]  # fmt: skip
    export_choices = {"audit_status": EditStatus, "status": OnlineStatus}
    list_display = ["picture", "name", "price_range", "stock_total", "standing", "as_of"]
    list_display_links = ["name"]
    list_filter = ["account", DriftFilter, AnswerFilter, SendingFilter]
    search_fields = ["title", "out_product_id", "product_id", "skus__out_sku_id", "skus__sku_id"]
    search_help_text = _("title, product number, SKU number, product_id or sku_id")

    # --- the list ---------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Spu]:
        rows: Any = super().get_queryset(request)
        found: QuerySet[Spu] = rows.with_skus()
        return found

    @admin.display(description=_("product"), ordering="title")
    def name(self, spu: Spu) -> SafeString:
        texts = [text for messages_ in spu.problems().values() for text in messages_]
        number = format_html('<span class="advice">{}</span>', spu.out_product_id)
        problem = format_html('<span class="problem">{}</span>', " ".join(texts)) if texts else ""
        return format_html("{}{}{}", spu, number, problem)

    @admin.display(description=_("price"))
    def price_range(self, spu: Spu) -> SafeString:
        prices = sorted(sku.sale_price for sku in spu.kept_skus() if sku.sale_price is not None)
        shown = " – ".join(price(one) for one in dict.fromkeys(prices[:1] + prices[-1:]))
        return format_html('<span class="price">{}</span>', shown or "–")

    @admin.display(description=_("stock"))
    def stock_total(self, spu: Spu) -> str:
        skus = spu.kept_skus()
        text = ngettext("%(pieces)s in %(count)s SKU", "%(pieces)s in %(count)s SKUs", len(skus))
        return text % {"pieces": sum(sku.stock or 0 for sku in skus), "count": len(skus)}

    def state_pill(self, record: Spu) -> SafeString:
        return spu_words.state_pill(record)

    def short_answer(self, record: Spu) -> SafeString | Text:
        return spu_words.short_answer(record)

    def full_answer(self, record: Spu) -> SafeString | Text:
        return spu_words.full_answer(record)
