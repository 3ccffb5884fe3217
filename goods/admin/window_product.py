import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audits.admin.actions import Figure
from audits.admin.words import NOTHING
from audits.models import quota_day
from audits.operations import Operation, Text
from goods.admin import window_words
from goods.admin.filters import AnswerFilter, DriftFilter, SendingFilter
from goods.admin.mirror import MirrorAdmin
from goods.admin.window_filters import KindFilter, NoticeFilter, PlanFilter, PlatformFilter, WindowStateFilter
from goods.models import WindowProduct
from goods.window.choices import BanReason, BranchStatus, Kind, PlanType, Source, WindowStatus
from goods.window.refresh import accounts
from shopadmin import charts

# Days that the charts show.
DAYS = 30

ENTERED = ["account", "appid", "product_id", "hide"]


class WindowProductForm(forms.ModelForm):
    """For a product that is to come into the window; what WeChat has is only shown."""

    class Meta:
        fields = ENTERED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "account" in self.fields:
            field: Any = self.fields["account"]
            offered = {account.pk for account in accounts()} | {self.instance.account_id}
            field.queryset = field.queryset.filter(pk__in=offered - {None})
            # Accounts are entered and deleted on their own page.
            widget: Any = field.widget
            widget.can_add_related = widget.can_change_related = False
            widget.can_delete_related = widget.can_view_related = False

    def clean_product_id(self) -> str:
        return str(self.cleaned_data["product_id"]).strip()

    def clean_appid(self) -> str:
        return str(self.cleaned_data["appid"]).strip()


@admin.register(WindowProduct)
class WindowProductAdmin(MirrorAdmin):
    form = WindowProductForm
    operations = (Operation.ADD, Operation.OFF)
    actions = ["push_add", "push_off", "refresh", "take_theirs"]
    export_choices = {
        "status": WindowStatus,
        "banned_reason": BanReason,
        "branch_status": BranchStatus,
        "cps_item_type": PlanType,
        "product_source": Source,
    }
    form_template = "admin/goods/windowproduct/change_form.html"
    list_display = ["picture", "name", "price", "sold", "standing", "as_of"]
    list_display_links = ["name"]
    list_filter = [
        "account", KindFilter, WindowStateFilter, NoticeFilter, PlanFilter, PlatformFilter, DriftFilter,
        AnswerFilter, SendingFilter,
    ]  # fmt: skip
    search_fields = ["title", "product_id", "cps_id", "out_product_id", "platform_name"]
    search_help_text = _("title, product number, promotion number or the shop's own number")
    readonly_fields = [
        "large_picture", "state", "last_answer", "ids", "shown_price", "sold", "discount", "shop", "branch",
        "category", "pages", "plan", "source", "same_product", "sales_chart", "stock_chart", "as_of",
        "comparison", "explained", "history",
    ]  # fmt: skip

    # --- the list ---------------------------------------------------------------------------------

    @admin.action(description=_("Put into the window…"), permissions=["push"])
    def push_add(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        return super().push_add(request, queryset)

    def overview(self) -> list[Figure]:
        url = reverse("admin:goods_windowproduct_changelist")
        inside = WindowProduct.objects.at_wechat()
        shown = dict(
            WindowProduct.objects.standing(WindowStatus.SHOWN)
            .order_by()
            .values_list("kind")
            .annotate(Count("id"))
        )
        return [
            Figure(_("own products"), shown.get(Kind.OWN, 0), f"{url}?kind=own&state=1", "good"),
            Figure(_("promoted for others"), shown.get(Kind.CPS, 0), f"{url}?kind=cps&state=1", "good"),
            Figure(_("banned"), inside.filter(banned=True).count(), f"{url}?special=banned", "bad"),
            Figure(_("discount running"), inside.discounted().count(), f"{url}?special=discount", "busy"),
        ]

    @admin.display(description=_("product"), ordering="title")
    def name(self, product: WindowProduct) -> SafeString:
        kind = product.get_kind_display()
        told = " · ".join(str(part) for part in (kind, product.plan_type, product.platform_name) if part)
        return format_html('{}<span class="advice">{}</span>', product, told)

    @admin.display(description=_("picture"))
    def picture(self, product: WindowProduct) -> SafeString:
        """In a box that is there without it as well: WeChat's pictures are not always to be had."""
        return _picture(product, "thumb")

    @admin.display(description=_("price"), ordering="selling_price")
    def price(self, product: WindowProduct) -> SafeString | str:
        return self.shown_price(product)

    @admin.display(description=_("price"))
    def shown_price(self, product: WindowProduct) -> SafeString | str:
        if product.selling_price is None:
            return "–"
        price = format_html('<span class="price">¥{}</span>', f"{product.selling_price:,.2f}")
        if not product.market_price or product.market_price <= product.selling_price:
            return price
        return format_html("<del>¥{}</del> {}", f"{product.market_price:,.2f}", price)

    @admin.display(description=_("sold / left"), ordering="sales")
    def sold(self, product: WindowProduct) -> str:
        counts = (product.sales, product.stock)
        return " / ".join("–" if count is None else str(count) for count in counts)

    @admin.display(description=_("limited-time discount"))
    def discount(self, product: WindowProduct) -> str:
        return window_words.discount_words(product) or "–"

    @admin.display(description=_("state and WeChat's answer"), ordering="status")
    def standing(self, record: WindowProduct) -> SafeString:
        """With the discount that is running, if there is one."""
        discount = window_words.discount_words(record)
        standing = super().standing(record)
        return format_html('{}<span class="discount">{}</span>', standing, discount) if discount else standing

    def state_pill(self, record: WindowProduct) -> SafeString:
        return window_words.state_pill(record)

    def short_answer(self, record: WindowProduct) -> SafeString | Text:
        return window_words.short_answer(record)

    def full_answer(self, record: WindowProduct) -> SafeString | Text:
        return window_words.full_answer(record)

    # --- the page of one --------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: WindowProduct | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ENTERED})]
        if obj.kind == Kind.OWN and obj.status is None and not obj.in_window:
            # WeChat has never shown it: what was entered may be wrong.
            return [
                (None, {"fields": [*ENTERED, "state"]}),
                (_("What happened"), {"fields": ["explained", "history"]}),
            ]
        wanted = [] if self._fixed(obj) else ["hide"]
        discount = ["discount"] if obj.discounted else []
        # What WeChat said stands above everything.
        first = ["large_picture", "state", *discount, "shown_price", "sold", *wanted]
        details = ["ids", "source", "shop", "branch", "category", "pages", "plan", "same_product", "as_of"]
        if obj.kind == Kind.OWN:
            details.remove("plan")
        if not (obj.branch_id or obj.branch_name):
            details.remove("branch")
        return [
            (None, {"fields": first}),
            (_("Sales and stock"), {"fields": ["sales_chart", "stock_chart"]}),
            (_("Details"), {"fields": details}),
            *([(_("At WeChat"), {"fields": ["comparison"]})] if obj.differs("hide") else []),
            (_("What happened"), {"fields": ["explained", "history"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: WindowProduct | None = None) -> list[str]:
        fields = super().get_readonly_fields(request, obj)
        if obj is None:
            return fields
        fixed = self._fixed(obj)
        known = fixed or obj.status is not None
        return [*fields, *(["account", "appid", "product_id"] if known else []), *(["hide"] if fixed else [])]

    def _fixed(self, product: WindowProduct) -> bool:
        """What is on its way or at WeChat already was sent as it is."""
        sending = getattr(product, "open_status", None)
        return bool(product.kind == Kind.CPS or product.in_window or sending)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        record: Any = super().get_object(request, object_id, from_field)
        if record is not None:
            record.store_visible = request.user.has_perm("goods.view_spu")
        return record

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Where nothing can be typed there is nothing to save."""
        obj = kwargs.get("obj")
        if obj is not None and self._fixed(obj):
            saving = ("show_save", "show_save_and_continue", "show_save_and_add_another")
            context |= dict.fromkeys(saving, False)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("picture"))
    def large_picture(self, product: WindowProduct) -> SafeString:
        return _picture(product, "preview")

    @admin.display(description=_("numbers"))
    def ids(self, product: WindowProduct) -> SafeString:
        own = format_html("product_id <code>{}</code>", product.product_id or "–")
        if product.kind == Kind.CPS:
            return format_html("{} <code>{}</code> · {}", _("promotion (cps)"), product.cps_id, own)
        return format_html("{} · {} <code>{}</code>", own, _("shop's own"), product.out_product_id or "–")

    @admin.display(description=_("comes from"))
    def source(self, product: WindowProduct) -> str:
        return " · ".join(part for part in (str(product.get_kind_display()), product.source) if part)

    @admin.display(description=_("shop"))
    def shop(self, product: WindowProduct) -> str:
        parts = (
            product.platform_name,
            product.appid,
            f"#{product.platform_id}" if product.platform_id else "",
        )
        return " · ".join(part for part in parts if part) or "–"

    @admin.display(description=_("branch"))
    def branch(self, product: WindowProduct) -> str:
        parts = (product.branch_name, product.branch_id, product.branch_state)
        return " · ".join(part for part in parts if part) or "–"

    @admin.display(description=_("category"))
    def category(self, product: WindowProduct) -> str:
        """The leaf category; the old third level only where WeChat tells no leaf."""
        return product.leaf_category_id or product.third_category_id or "–"

    @admin.display(description=_("pages"))
    def pages(self, product: WindowProduct) -> SafeString:
        if not (product.full_page_path or product.half_page_path):
            return NOTHING
        return format_html(
            "<code>{}</code><br>{} <code>{}</code><br>{} <code>{}</code>",
            product.page_appid or "–",
            _("full screen"),
            product.full_page_path or "–",
            _("half screen"),
            product.half_page_path or "–",
        )

    @admin.display(description=_("promotion plan"))
    def plan(self, product: WindowProduct) -> SafeString:
        link = product.product_promotion_link
        code = format_html("<br>{} <code>{}</code>", _("promotion link"), link) if link else ""
        return format_html("{}{}", product.plan_type or "–", code)

    @admin.display(description=_("in the Mini Store"))
    def same_product(self, product: WindowProduct) -> SafeString:
        visible = getattr(product, "store_visible", False)
        spu = product.same_spu() if visible and product.product_id else None
        if spu is None:
            return NOTHING
        return format_html('<a href="{}">{}</a>', reverse("admin:goods_spu_change", args=[spu.pk]), spu)

    # --- figures ----------------------------------------------------------------------------------

    @admin.display(description=_("sold per day"))
    def sales_chart(self, product: WindowProduct) -> SafeString | str:
        """From one day's last look to the next one's; a day without a look has no number of its own."""
        figures = [figure for figure in self._figures(product) if figure.sales is not None]
        pairs = zip(figures, figures[1:], strict=False)
        sold = {later.day: max(0, later.sales - earlier.sales) for earlier, later in pairs}
        words = _("%(day)s: %(count)s sold")
        return self._chart("sales", _("Sold per day"), sold, words)

    @admin.display(description=_("stock by day"))
    def stock_chart(self, product: WindowProduct) -> SafeString | str:
        left = {figure.day: figure.stock for figure in self._figures(product) if figure.stock is not None}
        return self._chart("stock", _("Stock by day"), left, _("%(day)s: %(count)s left"))

    def _figures(self, product: WindowProduct) -> list[Any]:
        since = quota_day(timezone.now()) - dt.timedelta(days=DAYS)
        return list(product.figures.filter(day__gte=since).order_by("day"))

    def _chart(self, number: str, title: Text, counts: dict[dt.date, int], words: Text) -> SafeString | str:
        if not counts:
            return str(_("There is something to see from the second day on."))
        today = quota_day(timezone.now())
        days = [today - dt.timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
        told = {day: str(words) % {"day": f"{day:%m-%d}", "count": counts.get(day, "–")} for day in days}
        bars = [charts.Column(f"{day:%m-%d}", max(0, counts.get(day, 0)), 0, told[day]) for day in days]
        latest = told.get(max(counts), "")
        numbers = [(told[day],) for day in reversed(days) if day in counts]
        return format_html(
            '<div class="day-chart">{}<details><summary>{}</summary>'
            '<ul class="day-figures">{}</ul></details></div>',
            charts.columns(number, str(title), latest, bars),
            latest or title,
            format_html_join("", "<li>{}</li>", numbers),
        )


def _picture(product: WindowProduct, size: str) -> SafeString:
    url = product.plan_picture
    image = format_html('<img src="{}" alt="" loading="lazy">', url) if url else ""
    return format_html('<span class="picture-box picture-box-{}">{}</span>', size, image)
