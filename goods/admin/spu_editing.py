"""The page of one Mini Store product: what is typed there, what is only told, and how it is saved."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from audits.admin.words import NOTHING
from goods.admin.mirror import MirrorAdmin
from goods.admin.spu_form import COUPON_FIELDS, SpuForm
from goods.admin.spu_pictures import Shelf
from goods.models import Spu
from goods.store import words
from shopadmin.wechat.models import Account
from shopadmin.wechat.reading import as_int

# Who may only look sees these instead of what is typed.
SHOWN_INSTEAD = {
    "head_imgs": "head_shown",
    "desc_imgs": "desc_shown",
    "brand_id": "brand_shown",
    "cats": "cats_shown",
    "attrs": "attrs_shown",
    "skus": "skus_shown",
}
TOLD: list[Any] = [
    (_("At WeChat"), {"fields": ["state", "last_answer", "ids", "as_of", "comparison"]}),
    (_("What happened"), {"fields": ["explained", "history"]}),
]


class SpuEditing(MirrorAdmin):
    form = SpuForm
    form_template = "admin/goods/spu/change_form.html"
    readonly_fields = ["state", "ids", "last_answer", "as_of", "comparison", "explained", "history"]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ["account", "out_product_id", "title", "sub_title"]}),
        (_("Pictures"), {"fields": ["head_imgs", "desc_imgs"]}),
        (
            _("What it is"),
            {"fields": ["brand_id", "cats", "attrs", "model_name", "product_type", "freight_template"]},
        ),
        (
            _("Coupon code"),
            {
                "fields": COUPON_FIELDS,
                "classes": ["coupon"],
                "description": _("Only for products that are coupon codes."),
            },
        ),
        (_("SKUs"), {"fields": ["skus"], "classes": ["skus-section"]}),
        *TOLD,
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Spu | None = None) -> Any:
        """A new product has nothing to tell yet."""
        sections: Any = super().get_fieldsets(request, obj)
        if obj is None:
            return sections[: -len(TOLD)]
        if self.has_change_permission(request, obj):
            return sections
        return [
            (name, {**options, "fields": [SHOWN_INSTEAD.get(one, one) for one in options["fields"]]})
            for name, options in sections
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Spu | None = None) -> list[str]:
        """Pictures, brand, categories and freight belong to the account, so a product stays there.

        By its number it is found again at WeChat, so that is fixed as soon as WeChat may know it.
        """
        fields: list[Any] = [*super().get_readonly_fields(request, obj), *SHOWN_INSTEAD.values()]
        if obj is not None:
            fields.append("account")
            if obj.at_wechat or getattr(obj, "open_status", None):
                fields.append("out_product_id")
        return fields

    # --- saving -----------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Spu, form: Any, change: bool) -> None:
        names = [name for name in form.changed_data if name != "skus"]
        if not change:
            obj.save()
        elif names:
            obj.save(update_fields=names)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        spu = form.instance
        if form.grid.save(spu):
            spu.recheck()
            # A change of its SKUs is one of the product: who looks for the newest finds it.
            spu.save(update_fields=["updated_at"])
        elif not change:
            spu.recheck()
        self.tell_faults(request, spu)

    # --- pictures at once -------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.pictures_view))
        return [path("pictures/", view, name="goods_spu_pictures"), *super().get_urls()]

    def pictures_view(self, request: HttpRequest) -> HttpResponse:
        """POST keeps pictures of an account before the form is saved; answers their keys and thumbnails."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        account = Account.objects.filter(pk=as_int(request.POST.get("account")) or 0).first()
        shelf = Shelf(account)
        kept, errors = [], []
        for file in request.FILES.getlist("files"):
            try:
                key = shelf.keep(file)
                kept.append({"key": key, "thumbnail": shelf.thumbnail(key)})
            except ValidationError as error:
                errors += error.messages
        return JsonResponse({"pictures": kept, "errors": errors})

    # --- told instead of typed --------------------------------------------------------------------

    @admin.display(description=_("numbers at WeChat"))
    def ids(self, spu: Spu) -> SafeString:
        if not spu.at_wechat:
            return NOTHING
        return format_html("product_id <code>{}</code>", spu.product_id)

    @admin.display(description=_("main pictures"))
    def head_shown(self, spu: Spu) -> SafeString:
        return _thumbnails(spu, spu.head_imgs)

    @admin.display(description=_("detail pictures"))
    def desc_shown(self, spu: Spu) -> SafeString:
        return _thumbnails(spu, spu.desc_imgs)

    @admin.display(description=_("brand"))
    def brand_shown(self, spu: Spu) -> Any:
        return words.show(spu, "brand_id", spu.brand_id)

    @admin.display(description=_("category"))
    def cats_shown(self, spu: Spu) -> Any:
        return words.show(spu, "cats", spu.cats)

    @admin.display(description=_("attributes"))
    def attrs_shown(self, spu: Spu) -> Any:
        return words.show(spu, "attrs", spu.attrs)

    @admin.display(description=_("SKUs"))
    def skus_shown(self, spu: Spu) -> Any:
        return words.sku_lines(list(spu.skus.all()), theirs=False) or NOTHING


def _thumbnails(spu: Spu, keys: list[int]) -> SafeString:
    shown = (
        (url, gettext("picture %(place)s") % {"place": place})
        for place, key in enumerate(keys, start=1)
        if (url := spu.picture(key).thumbnail)
    )
    return (
        format_html_join(" ", '<img class="thumb" src="{}" alt="{}" width="80" height="80">', shown)
        or NOTHING
    )
