from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import label_for_field
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_q.tasks import async_task

from audits.admin.actions import Figure, PushActions
from audits.admin.words import LOOKS, NOTHING, advice, picture_link, pill
from audits.models import Push, Reading
from audits.operations import Operation, Text
from audits.states import PushStatus
from goods.admin.filters import AnswerFilter, FaultyFilter, SendingFilter, StateFilter
from goods.admin.live_form import LiveGoodsForm
from goods.admin.live_history import history_table
from goods.admin.live_words import STATE_LOOKS, answer, state_pill
from goods.live import plans, refresh
from goods.live.choices import AuditStatus
from goods.models import LiveGoods
from goods.models.live_goods import show_price
from goods.pictures import thumbnail_name
from shopadmin.wechat.models import Account, Family

COMPARED = ("name", "price_type", "price", "price2", "url", "third_party_appid")


@admin.register(LiveGoods)
class LiveGoodsAdmin(PushActions):
    form = LiveGoodsForm
    operations = (
        Operation.ADD,
        Operation.UPDATE,
        Operation.RESUBMIT,
        Operation.WITHDRAW,
        Operation.DELETE,
    )
    actions = ["push_add", "push_update", "push_resubmit", "push_withdraw", "push_delete", "refresh"]
    list_display = ["picture", "title", "shown_price", "standing", "as_of"]
    list_display_links = ["picture", "title"]
    list_filter = ["account", StateFilter, FaultyFilter, AnswerFilter, SendingFilter]
    search_fields = ["name", "product_no", "goods_id", "audit_id"]
    list_select_related = ["account"]
    list_per_page = 50
    list_max_show_all = 500
    change_form_template = "admin/goods/livegoods/change_form.html"
    change_list_template = "admin/goods/livegoods/change_list.html"
    readonly_fields = [
        "cover_preview",
        "state",
        "ids",
        "made_by",
        "last_answer",
        "as_of",
        "comparison",
        "history",
    ]
    fieldsets = [
        (None, {"fields": ["account", "product_no", "name", ("cover_preview", "cover")]}),
        (_("Price"), {"fields": ["price_type", "price", "price2"]}),
        (_("Page"), {"fields": ["url", "third_party_appid"]}),
        (_("At WeChat"), {"fields": ["state", "last_answer", "ids", "made_by", "as_of", "comparison"]}),
        (_("What happened"), {"fields": ["history"]}),
    ]

    class Media:
        css = {"all": ["audits/shopadmin.css"]}

    def overview(self) -> list[Figure]:
        url = reverse("admin:goods_livegoods_changelist")
        drafts = LiveGoods.objects.filter(goods_id="", deleted_at=None)
        counts = dict(
            LiveGoods.objects.at_wechat().values_list("audit_status").annotate(Count("id")).order_by()
        )
        return [
            Figure(
                _("ready to submit"),
                drafts.filter(faulty=False).count(),
                f"{url}?state=draft&faulty=no",
                "off",
            ),
            Figure(
                _("to be corrected"),
                drafts.filter(faulty=True).count(),
                f"{url}?state=draft&faulty=yes",
                "wait",
            ),
            *(
                Figure(status.label, counts.get(status, 0), f"{url}?state={status}", STATE_LOOKS[status])
                for status in (
                    AuditStatus.AUDITING,
                    AuditStatus.REJECTED,
                    AuditStatus.NOT_AUDITED,
                    AuditStatus.APPROVED,
                )
            ),
        ]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns: list[Any] = list(super().get_list_display(request))
        return [*columns, "account"] if Account.objects.count() > 1 else columns

    # --- the list ---------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[LiveGoods]:
        pushes = Push.objects.open().filter(
            target_type=ContentType.objects.get_for_model(LiveGoods), target_id=OuterRef("pk")
        )
        rows: QuerySet[LiveGoods] = super().get_queryset(request)
        return rows.annotate(
            open_status=Subquery(pushes.values("status")[:1]),
            open_until=Subquery(pushes.values("not_before")[:1]),
        )

    @admin.display(description=_("picture"))
    def picture(self, goods: LiveGoods) -> SafeString:
        url = _picture_url(goods)
        if not url:
            return format_html('<span class="no-picture">{}</span>', _("no picture"))
        return format_html('<img class="thumb" src="{}" alt="" loading="lazy" width="48" height="48">', url)

    @admin.display(description=_("name"), ordering="name")
    def title(self, goods: LiveGoods) -> SafeString:
        texts = [text for messages_ in goods.problems().values() for text in messages_]
        number = format_html('<span class="advice">{}</span>', goods.product_no) if goods.product_no else ""
        if not texts or goods.console_made:
            return format_html("{}{}", goods, number)
        return format_html('{}{}<span class="problem">{}</span>', goods, number, " ".join(texts))

    @admin.display(description=_("price"), ordering="price")
    def shown_price(self, goods: LiveGoods) -> SafeString:
        price, original = show_price(goods.price_type, goods.price, goods.price2)
        if not original:
            return format_html('<span class="price">{}</span>', price)
        return format_html('<del>{}</del> <span class="price">{}</span>', original, price)

    @admin.display(description=_("state"), ordering="audit_status")
    def state(self, goods: LiveGoods) -> SafeString:
        status = getattr(goods, "open_status", None)
        if status is None:
            return state_pill(goods)
        sending = PushStatus(status)
        return format_html("{} {}", state_pill(goods), pill(LOOKS[sending], sending.label))

    @admin.display(description=_("WeChat's last answer"), ordering="errcode")
    def last_answer(self, goods: LiveGoods) -> SafeString:
        said, todo = answer(goods)
        if not said:
            return NOTHING
        code = "" if not goods.errcode else f"({goods.errcode})"
        return format_html('{} {}<span class="advice">{}</span>', said, code, todo)

    @admin.display(description=_("state and WeChat's answer"), ordering="audit_status")
    def standing(self, goods: LiveGoods) -> SafeString:
        said = answer(goods)[0]
        return format_html("{}<div>{}</div>", self.state(goods), self.last_answer(goods) if said else "")

    @admin.display(description=_("as of"), ordering="refreshed_at")
    def as_of(self, goods: LiveGoods) -> str:
        seen = max((moment for moment in (goods.refreshed_at, goods.pushed_at) if moment), default=None)
        if seen is None:
            return "–"
        local = timezone.localtime(seen)
        return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d %H:%M}"

    # --- the form ---------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: LiveGoods | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.console_made)

    def has_delete_permission(self, request: HttpRequest, obj: LiveGoods | None = None) -> bool:
        """A record that WeChat knows, or may know, is kept: it is the only place that holds its ids."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and (obj.at_wechat or obj.open_push()))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        # Bulk deletion would take records that are at WeChat along.
        actions.pop("delete_selected", None)
        return actions

    def get_readonly_fields(self, request: HttpRequest, obj: LiveGoods | None = None) -> list[str]:
        fields: list[Any] = list(super().get_readonly_fields(request, obj))
        # An answer that is still to come belongs to the account it was asked from.
        fixed = obj and (obj.at_wechat or getattr(obj, "open_status", None))
        return [*fields, "account"] if fixed else fields

    def save_model(self, request: HttpRequest, obj: LiveGoods, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=form.changed_data) if form.changed_data else None
        else:
            obj.save()
        if not obj.at_wechat and (wrong := obj.problems()):
            text = ngettext(
                "Saved as a draft. %(count)s field has to be corrected before it can be submitted.",
                "Saved as a draft. %(count)s fields have to be corrected before it can be submitted.",
                len(wrong),
            )
            self.message_user(request, text % {"count": len(wrong)}, messages.WARNING)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        record = self.get_object(request, object_id) if object_id else LiveGoods()
        extra: dict[str, Any] = extra_context or {}
        if record is not None and self._may_save(request, record):
            extra["push_buttons"] = self.buttons(request, record)
        return super().changeform_view(request, object_id, form_url, extra)

    def _may_save(self, request: HttpRequest, goods: LiveGoods) -> bool:
        """A button saves first, so a form that only shows has none; the bulk actions remain."""
        if goods.pk is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, goods)

    @admin.display(description=_("cover picture"))
    def cover_preview(self, goods: LiveGoods) -> SafeString:
        url = _picture_url(goods)
        return format_html('<img class="preview" src="{}" alt="">', url) if url else NOTHING

    @admin.display(description=_("numbers at WeChat"))
    def ids(self, goods: LiveGoods) -> SafeString:
        if not goods.at_wechat:
            return NOTHING
        return format_html(
            "goodsId <code>{}</code> · auditId <code>{}</code>", goods.goods_id, goods.audit_id or "–"
        )

    @admin.display(description=_("made by"))
    def made_by(self, goods: LiveGoods) -> Text:
        if not goods.at_wechat:
            return "–"
        return _("hand, in the live console (read-only here)") if goods.console_made else _("this system")

    @admin.display(description=_("compared with WeChat"))
    def comparison(self, goods: LiveGoods) -> SafeString:
        if not goods.remote:
            return NOTHING
        rows = format_html_join(
            "",
            '<tr class="{}"><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>',
            (
                (
                    "differs" if plans.differs(goods, field) else "",
                    label_for_field(field, LiveGoods),
                    plans.show(field, getattr(goods, field)),
                    plans.show(field, goods.remote.get(field)),
                    _("differs") if plans.differs(goods, field) else "",
                )
                for field in COMPARED
            ),
        )
        return format_html(
            '<table class="plain"><thead><tr><td></td><th scope="col">{}</th><th scope="col">{}</th>'
            "<td></td></tr></thead><tbody>{}</tbody></table>",
            _("here"),
            _("at WeChat"),
            rows,
        )

    @admin.display(description=_("history"))
    def history(self, goods: LiveGoods) -> SafeString:
        return history_table(goods) if goods.pk else NOTHING

    # --- reading back -----------------------------------------------------------------------------

    @admin.action(description=_("Refresh from WeChat"), permissions=["view"])
    def refresh(self, request: HttpRequest, queryset: QuerySet[LiveGoods]) -> None:
        with transaction.atomic():
            count = refresh.request_look(queryset.values_list("pk", flat=True))
            transaction.on_commit(lambda: async_task("goods.tasks.look", scheduled=False), robust=True)
        if not count:
            self.message_user(
                request, gettext("None of the selected products is at WeChat."), messages.WARNING
            )
            return
        text = ngettext(
            "%(count)s product is being read from WeChat. Reload the page in a few seconds.",
            "%(count)s products are being read from WeChat. Reload the page in a few seconds.",
            count,
        )
        self.message_user(request, text % {"count": count})

    def get_urls(self) -> list[URLPattern]:
        pull = path("pull/", self.admin_site.admin_view(self.pull_view), name="goods_livegoods_pull")
        return [pull, *super().get_urls()]

    def pull_view(self, request: HttpRequest) -> HttpResponse:
        """POST asks for every account's library to be read; what exists only at WeChat gets a record."""
        if not self.has_push_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            with transaction.atomic():
                for account in refresh.accounts():
                    Reading.objects.request(account, Family.LIVE_GOODS)
                transaction.on_commit(lambda: async_task("goods.tasks.pull"), robust=True)
            self.message_user(request, gettext("The goods library is being read from WeChat."))
        return HttpResponseRedirect(reverse("admin:goods_livegoods_changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        extra: dict[str, Any] = extra_context or {}
        extra["title"] = self.opts.verbose_name_plural
        extra["may_pull"] = self.has_push_permission(request)
        extra["readings"] = [
            (reading, advice(Family.LIVE_GOODS, reading.errcode, reading.errmsg))
            for reading in Reading.objects.filter(family=Family.LIVE_GOODS).select_related("account")
        ]
        return super().changelist_view(request, extra)


def _picture_url(goods: LiveGoods) -> str:
    if goods.cover.name:
        return goods.cover.storage.url(thumbnail_name(goods.cover.name))
    return picture_link(goods.remote.get("cover_img_url"))
