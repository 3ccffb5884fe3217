from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audits.admin.actions import Figure
from audits.admin.words import NOTHING
from audits.operations import Operation, Text
from goods.admin import spu_words
from goods.admin.categories import CategoryPages
from goods.admin.filters import AnswerFilter, DriftFilter, SendingFilter
from goods.admin.spu_editing import SpuEditing
from goods.admin.spu_filters import DraftFilter, OnlineFilter, ToDoFilter
from goods.admin.spu_words import EDIT_LOOKS, ONLINE_LOOKS
from goods.models import Sku, Spu
from goods.models.spu import share_pictures
from goods.store.choices import EditStatus, OnlineStatus
from goods.store.words import price


class SpuList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        share_pictures(self.result_list)


@admin.register(Spu)
class SpuAdmin(CategoryPages, SpuEditing):
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
    list_filter = [
        "account", OnlineFilter, DraftFilter, ToDoFilter, DriftFilter, AnswerFilter, SendingFilter,
    ]  # fmt: skip
    linked_lookups = ("submitted_at__lt",)
    search_fields = ["title", "out_product_id", "product_id", "skus__out_sku_id", "skus__sku_id"]
    search_help_text = _("title, product number, SKU number, product_id or sku_id")

    def overview(self) -> list[Figure]:
        url = reverse("admin:goods_spu_changelist")
        drafts = Spu.objects.drafts()
        ready = drafts.filter(faulty=False).count()
        wrong = drafts.filter(faulty=True).count()
        # What WeChat no longer lists is told among what needs somebody.
        listed = Spu.objects.at_wechat().filter(missing_since=None).order_by()
        online = dict(listed.values_list("status").annotate(Count("id")))
        edited = dict(listed.values_list("audit_status").annotate(Count("id")))
        return [
            Figure(_("ready to submit"), ready, f"{url}?sale=here&todo=ready", "off"),
            Figure(_("to be corrected"), wrong, f"{url}?sale=here&todo=fix", "wait"),
            *(
                Figure(status.label, edited.get(status, 0), f"{url}?state={status}", EDIT_LOOKS[status])
                for status in (EditStatus.AUDITING, EditStatus.REJECTED)
            ),
            *(
                Figure(status.label, online.get(status, 0), f"{url}?sale={status}", ONLINE_LOOKS[status])
                for status in (
                    OnlineStatus.ON_SALE,
                    OnlineStatus.SOLD_OUT,
                    OnlineStatus.TAKEN_OFF,
                    OnlineStatus.REMOVED,
                )
            ),
        ]

    # --- the list ---------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Spu]:
        rows: Any = super().get_queryset(request)
        found: QuerySet[Spu] = rows.with_skus()
        return found

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SpuList

    @admin.display(description=_("product"), ordering="title")
    def name(self, spu: Spu) -> SafeString:
        texts = [text for messages_ in spu.problems().values() for text in messages_]
        number = format_html('<span class="advice">{}</span>', spu.out_product_id)
        problem = format_html('<span class="problem">{}</span>', " ".join(texts)) if texts else ""
        return format_html("{}{}{}", spu, number, problem)

    @admin.display(description=_("price"))
    def price_range(self, spu: Spu) -> SafeString:
        prices = sorted(sku.sale_price for sku in spu.kept_skus() if sku.sale_price is not None)
        shown = [(price(one),) for one in dict.fromkeys(prices[:1] + prices[-1:])]
        # A line may end between the two.
        return format_html_join(" – ", '<span class="price">{}</span>', shown) or NOTHING

    @admin.display(description=_("stock"))
    def stock_total(self, spu: Spu) -> str:
        skus = spu.kept_skus()
        text = ngettext("%(pieces)s in %(count)s SKU", "%(pieces)s in %(count)s SKUs", len(skus))
        return text % {"pieces": sum(sku.stock or 0 for sku in skus), "count": len(skus)}

    # --- deleting ---------------------------------------------------------------------------------

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[Any], Any]:
        """Its SKUs go with it; by themselves nobody deletes them."""
        found, counts, needed, protected = super().get_deleted_objects(objs, request)
        return found, counts, set(needed) - {Sku._meta.verbose_name}, protected

    # --- words ------------------------------------------------------------------------------------

    def state_pill(self, record: Spu) -> SafeString:
        return spu_words.state_pill(record)

    def short_answer(self, record: Spu) -> SafeString | Text:
        return spu_words.short_answer(record)

    def full_answer(self, record: Spu) -> SafeString | Text:
        return spu_words.full_answer(record)
