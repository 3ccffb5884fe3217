from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from audits.admin.actions import Figure
from audits.admin.words import NOTHING
from audits.operations import Operation, Text
from goods.admin import freight_words
from goods.admin.filters import AnswerFilter, DriftFilter, FaultyFilter, SendingFilter
from goods.admin.freight_form import FreightTemplateForm
from goods.admin.mirror import MirrorAdmin
from goods.models import FreightTemplate
from goods.store import regions
from goods.store.freight import plans, words
from shopadmin.wechat.reading import as_int

# How many sections of the form are for typing; the rest tells.
EDITED_SECTIONS = 4
# Templates that a new one can be copied from, as links.
COPIES_MOST = 30
# What a copy takes over.
COPIED = (
    "account", "valuation_type", "shipping_method", "charge_rules", "free_rules", "not_send", "dispatch",
    "send_time", "delivery_type", "delivery_ids",
)  # fmt: skip
# What a new template begins with: the price is missing.
FIRST_RULE = {"places": [], "is_default": True, "first_amount": "1", "more_amount": "1"}
REGIONS_SECONDS = 24 * 3600
# Fields that are JSON here -> what shows them in words.
IN_WORDS = {
    "charge_rules": "charges_told", "free_rules": "free_told", "not_send": "not_send_told",
    "dispatch": "dispatch_told", "delivery_ids": "couriers_told",
}  # fmt: skip


class PlaceFilter(admin.SimpleListFilter):
    """Whether WeChat has it: a freight template has no other state."""

    HERE, THERE = "here", "there"
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(self.HERE, _("only here")), (self.THERE, _("live at WeChat"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case PlaceFilter.HERE:
                return queryset.filter(template_id="")
            case PlaceFilter.THERE:
                return queryset.at_wechat().filter(missing_since=None)
        return queryset


@admin.register(FreightTemplate)
class FreightTemplateAdmin(MirrorAdmin):
    form = FreightTemplateForm
    operations = (Operation.ADD, Operation.UPDATE)
    actions = ["push_add", "push_update", "refresh", "take_theirs"]
    export_exclude = ("audit_status", "missing_polls", "faulty")
    list_display = ["title", "charged", "shipping", "standing", "as_of"]
    list_display_links = ["title"]
    list_filter = ["account", PlaceFilter, DriftFilter, AnswerFilter, SendingFilter, FaultyFilter]
    search_fields = ["name", "template_id"]
    search_help_text = _("name or template_id")
    form_template = "admin/goods/freighttemplate/change_form.html"
    readonly_fields = [
        "state", "ids", "last_answer", "as_of", "comparison", "explained", "history", *IN_WORDS.values(),
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": ["account", "name", "valuation_type", "is_default"]}),
        (_("What shipping costs"), {"fields": ["charge_rules", "free_rules", "not_send"]}),
        (_("Dispatch"), {"fields": ["dispatch", "delivery_ids"]}),
        (_("WeChat's codes"), {"fields": ["shipping_method", "send_time", "delivery_type"]}),
        (_("At WeChat"), {"fields": ["state", "last_answer", "ids", "as_of", "comparison"]}),
        (_("What happened"), {"fields": ["explained", "history"]}),
    ]

    def overview(self) -> list[Figure]:
        here, url = Q(template_id=""), f"{self._list_url()}?state="
        counts = FreightTemplate.objects.aggregate(
            ready=Count("pk", filter=here & Q(faulty=False)),
            faulty=Count("pk", filter=here & Q(faulty=True)),
            there=Count("pk", filter=~here & Q(missing_since=None)),
        )
        return [
            Figure(_("ready to submit"), counts["ready"], f"{url}{PlaceFilter.HERE}&faulty=no", "off"),
            Figure(_("to be corrected"), counts["faulty"], f"{url}{PlaceFilter.HERE}&faulty=yes", "wait"),
            Figure(_("live at WeChat"), counts["there"], f"{url}{PlaceFilter.THERE}", "good"),
        ]

    # --- the list ---------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[FreightTemplate]:
        rows: Any = super().get_queryset(request)
        found: QuerySet[FreightTemplate] = rows.with_couriers()
        return found

    @admin.display(description=_("name"), ordering="name")
    def title(self, template: FreightTemplate) -> SafeString:
        texts = [text for messages_ in template.problems().values() for text in messages_]
        problem = format_html('<span class="problem">{}</span>', " ".join(texts)) if texts else ""
        return format_html("{}{}", template, problem)

    @admin.display(description=_("charged"), ordering="valuation_type")
    def charged(self, template: FreightTemplate) -> str:
        return template.get_valuation_type_display()

    @admin.display(description=_("what shipping costs"))
    def shipping(self, template: FreightTemplate) -> SafeString:
        """What counts everywhere else, and how many places have rules of their own."""
        default = next((rule for rule in template.charge_rules if rule["is_default"]), None)
        line = words.charge_line(template, default, template.valuation_type) if default else NOTHING
        others = len(template.charge_rules) - bool(default) + len(template.free_rules)
        text = ngettext("%(count)s more rule", "%(count)s more rules", others) % {"count": others}
        return format_html(
            "{}{}", line, format_html('<span class="advice">{}</span>', text) if others else ""
        )

    def state_pill(self, record: FreightTemplate) -> SafeString:
        return freight_words.state_pill(record)

    def short_answer(self, record: FreightTemplate) -> SafeString | Text:
        return freight_words.short_answer(record)

    def full_answer(self, record: FreightTemplate) -> SafeString | Text:
        return freight_words.full_answer(record)

    def refreshing(self, count: int) -> str:
        """One call reads all of an account's, whichever were chosen."""
        if not count:
            return gettext("None of the selected freight templates is at WeChat.")
        return gettext("Freight templates are being read from WeChat. Reload the page in a few seconds.")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """A reading counts products, which are not told here; that it failed is."""
        page = super().changelist_view(request, extra_context)
        if context := getattr(page, "context_data", None):
            context["readings"] = [row for row in context.get("readings", ()) if row[0].errmsg]
        return page

    # --- the form ---------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: FreightTemplate | None = None) -> Any:
        """A new template has nothing to tell yet. Who may only look reads rules in words."""
        sections: Any = super().get_fieldsets(request, obj)
        if obj is None:
            return sections[:EDITED_SECTIONS]
        if self.has_change_permission(request, obj):
            return sections
        return [
            (name, {"fields": [IN_WORDS.get(field, field) for field in options["fields"]]})
            for name, options in sections
        ]

    def has_delete_permission(self, request: HttpRequest, obj: FreightTemplate | None = None) -> bool:
        """A record that WeChat knows, or may know, is kept: it would come back with the next pull."""
        allowed = admin.ModelAdmin.has_delete_permission(self, request, obj)
        gone = obj is None or not obj.at_wechat or obj.missing_since is not None
        return allowed and gone and not (obj and obj.open_push())

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """``copy`` names a template whose values, WeChat's codes included, a new one begins with."""
        source = FreightTemplate.objects.filter(pk=as_int(request.GET.get("copy")) or 0).first()
        if source is None:
            return {"charge_rules": [FIRST_RULE], **super().get_changeform_initial_data(request)}
        values = {name: getattr(source, name) for name in COPIED}
        return values | {"name": gettext("%(name)s (copy)") % {"name": source.name}}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        add_url = f"{self._list_url()}add/" if self.has_add_permission(request) else ""
        extra = {**(extra_context or {}), "regions_url": f"{self._list_url()}regions/", "add_url": add_url}
        if object_id is None:
            extra["copies"] = FreightTemplate.objects.all()[:COPIES_MOST]
        return super().changeform_view(request, object_id, form_url, extra)

    @admin.display(description=_("charges"))
    def charges_told(self, template: FreightTemplate) -> Text:
        return plans.ours(template, "charge_rules")

    @admin.display(description=_("free of charge"))
    def free_told(self, template: FreightTemplate) -> Text:
        return plans.ours(template, "free_rules")

    @admin.display(description=_("not sent to"))
    def not_send_told(self, template: FreightTemplate) -> Text:
        return plans.ours(template, "not_send")

    @admin.display(description=_("sent from"))
    def dispatch_told(self, template: FreightTemplate) -> Text:
        return plans.ours(template, "dispatch")

    @admin.display(description=_("couriers"))
    def couriers_told(self, template: FreightTemplate) -> Text:
        return plans.ours(template, "delivery_ids")

    @admin.display(description=_("numbers at WeChat"))
    def ids(self, template: FreightTemplate) -> SafeString:
        if not template.at_wechat:
            return NOTHING
        return format_html("template_id <code>{}</code>", template.template_id)

    # --- places to pick -----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_regions"
        view = self.admin_site.admin_view(self.regions_view, cacheable=True)
        return [path("regions/", view, name=name), *super().get_urls()]

    def regions_view(self, request: HttpRequest) -> HttpResponse:
        """All provinces with their cities and counties, for the lists that a script offers."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        response = JsonResponse(regions.tree(), json_dumps_params={"ensure_ascii": False})
        response["Cache-Control"] = f"private, max-age={REGIONS_SECONDS}"
        return response
