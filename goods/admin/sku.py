from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from audits.admin.paging import FastPaginator
from audits.admin.words import NOTHING, pill, short_advice
from audits.operations import Operation
from goods.admin.filters import AnswerFilter
from goods.admin.mirror import MirrorAdmin
from goods.admin.spu_filters import OnSaleFilter, SkuToDoFilter
from goods.admin.spu_words import online_pill
from goods.models import Sku, Spu
from goods.store.words import prices


@admin.register(Sku)
class SkuAdmin(admin.ModelAdmin):
    """All variants in one list, to find one and to send prices and stock.

    They are edited on the page of their product.
    """

    actions = ["push_price", "push_stock", "refresh"]
    list_display = ["picture_", "variant", "product", "shown_price", "shown_stock", "standing"]
    list_display_links = ["variant"]
    list_filter = ["account", SkuToDoFilter, OnSaleFilter, AnswerFilter]
    list_select_related = ["account", "picture", "spu"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = FastPaginator
    search_fields = ["out_sku_id", "sku_id", "sku_code", "barcode", "spu__title", "spu__out_product_id"]
    search_help_text = _("SKU number, sku_id, article number, bar code or product")

    class Media:
        css = {"all": ["audits/shopadmin.css"]}

    # --- who may do what --------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Sku | None = None) -> bool:
        return False

    def has_push_permission(self, request: HttpRequest) -> bool:
        return self._products().has_push_permission(request)

    def _products(self) -> MirrorAdmin:
        owner: Any = self.admin_site.get_model_admin(Spu)
        found: MirrorAdmin = owner
        return found

    # --- the list ---------------------------------------------------------------------------------

    @admin.display(description=_("picture"))
    def picture_(self, sku: Sku) -> SafeString:
        url = sku.picture.thumbnail if sku.picture else ""
        if not url:
            # Most SKUs show the picture of their product.
            return NOTHING
        return format_html('<img class="thumb" src="{}" alt="" loading="lazy" width="48" height="48">', url)

    @admin.display(description=_("SKU"), ordering="out_sku_id")
    def variant(self, sku: Sku) -> SafeString:
        texts = [text for messages_ in sku.problems().values() for text in messages_]
        problem = format_html('<span class="problem">{}</span>', " ".join(texts)) if texts else ""
        number = format_html('<span class="advice">{}</span>', sku.code) if sku.attrs else ""
        return format_html("{}{}{}", sku, number, problem)

    @admin.display(description=_("product"), ordering="spu__title")
    def product(self, sku: Sku) -> SafeString:
        url = reverse("admin:goods_spu_change", args=[sku.spu_id])
        return format_html(
            '<a href="{}">{}</a> {}', url, sku.spu, online_pill(sku.spu) if sku.spu.at_wechat else ""
        )

    @admin.display(description=_("price"), ordering="sale_price")
    def shown_price(self, sku: Sku) -> SafeString:
        waits = pill("wait", _("to be sent")) if sku.price_differs and sku.at_wechat else ""
        return format_html(
            '<span class="price">{}</span> {}', prices(sku.sale_price, sku.market_price), waits
        )

    @admin.display(description=_("stock"), ordering="stock")
    def shown_stock(self, sku: Sku) -> SafeString:
        if not sku.stock_differs:
            return format_html("{}", "–" if sku.stock is None else sku.stock)
        wanted = f"{sku.stock_change:+d}" if sku.stock_change is not None else sku.stock
        left = "–" if sku.real_stock is None else sku.real_stock
        return format_html("{} → {} {}", left, wanted, pill("wait", _("to be sent")))

    @admin.display(description=_("state"))
    def standing(self, sku: Sku) -> SafeString:
        if sku.removed:
            return pill("wait", _("taken out"))
        if sku.missing_since:
            return pill("doubt", _("missing at WeChat"))
        if not sku.sku_id:
            return pill("off", _("only here"))
        said = short_advice(sku)
        return format_html("{} {}", pill("bad", _("refused")), said) if said else NOTHING

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    # --- what can be done -------------------------------------------------------------------------

    @admin.action(description=_("Send prices of their products…"), permissions=["push"])
    def push_price(self, request: HttpRequest, queryset: QuerySet[Sku]) -> HttpResponse:
        return self._to_plan(request, queryset, Operation.PRICE)

    @admin.action(description=_("Send stock of their products…"), permissions=["push"])
    def push_stock(self, request: HttpRequest, queryset: QuerySet[Sku]) -> HttpResponse:
        return self._to_plan(request, queryset, Operation.STOCK)

    def _to_plan(self, request: HttpRequest, queryset: QuerySet[Sku], operation: Operation) -> HttpResponse:
        """Of a product only one thing can be sent at a time, so its SKUs go together."""
        return self._products().to_plan(request, self._of(queryset), operation)

    @admin.action(description=_("Refresh from WeChat"), permissions=["change"])
    def refresh(self, request: HttpRequest, queryset: QuerySet[Sku]) -> None:
        self._products().refresh(request, self._of(queryset))

    def _of(self, queryset: QuerySet[Sku]) -> QuerySet[Spu]:
        return Spu.objects.filter(pk__in=queryset.order_by().values("spu"))

    # --- its page is its product's ----------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        sku = self.get_object(request, object_id)
        if sku is None:
            return super().change_view(request, object_id, form_url, extra_context)
        return HttpResponseRedirect(f"{reverse('admin:goods_spu_change', args=[sku.spu_id])}#skus")
