from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audits.admin.actions import Figure
from audits.admin.words import NOTHING
from audits.operations import Operation, Text
from goods.admin import live_words
from goods.admin.filters import AnswerFilter, DriftFilter, FaultyFilter, SendingFilter, StateFilter
from goods.admin.live_form import LiveGoodsForm
from goods.admin.live_words import STATE_LOOKS
from goods.admin.mirror import MirrorAdmin
from goods.live.choices import AuditStatus
from goods.models import LiveGoods
from goods.models.live_goods import show_price

# How many sections of the form are for typing; the rest tells.
EDITED_SECTIONS = 3


@admin.register(LiveGoods)
class LiveGoodsAdmin(MirrorAdmin):
    form = LiveGoodsForm
    operations = (
        Operation.ADD,
        Operation.UPDATE,
        Operation.RESUBMIT,
        Operation.WITHDRAW,
        Operation.DELETE,
    )
    actions = [
        "push_add", "push_update", "push_resubmit", "push_withdraw", "push_delete", "refresh", "take_theirs",
    ]  # fmt: skip
    export_choices = {"audit_status": AuditStatus}
    list_display = ["picture", "title", "shown_price", "standing", "as_of"]
    list_display_links = ["title"]
    list_filter = ["account", StateFilter, DriftFilter, AnswerFilter, SendingFilter, FaultyFilter]
    linked_lookups = ("submitted_at__lt",)
    search_fields = ["name", "product_no", "goods_id", "audit_id"]
    search_help_text = _("name, product number, goodsId or auditId")
    form_template = "admin/goods/livegoods/change_form.html"
    readonly_fields = [
        "cover_preview",
        "state",
        "ids",
        "made_by",
        "last_answer",
        "as_of",
        "comparison",
        "explained",
        "history",
    ]
    fieldsets = [
        (None, {"fields": ["account", "product_no", "name", "cover_preview", "cover"]}),
        (_("Price"), {"fields": ["price_type", "price", "price2"]}),
        (_("Page"), {"fields": ["url", "third_party_appid"]}),
        (_("At WeChat"), {"fields": ["state", "last_answer", "ids", "made_by", "as_of", "comparison"]}),
        (_("What happened"), {"fields": ["explained", "history"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: LiveGoods | None = None) -> Any:
        """A new product has no picture and nothing to tell yet; who may only look needs no file's name."""
        sections: Any = super().get_fieldsets(request, obj)
        without = "cover_preview" if obj is None else "cover"
        if obj and self.has_change_permission(request, obj):
            return sections
        first = {"fields": [name for name in sections[0][1]["fields"] if name != without]}
        return [(None, first), *sections[1 : EDITED_SECTIONS if obj is None else None]]

    def overview(self) -> list[Figure]:
        url = reverse("admin:goods_livegoods_changelist")
        drafts = LiveGoods.objects.filter(goods_id="", deleted_at=None)
        # What WeChat no longer lists is told among what needs somebody.
        listed = LiveGoods.objects.at_wechat().filter(missing_since=None)
        counts = dict(listed.values_list("audit_status").annotate(Count("id")).order_by())
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

    # --- the list ---------------------------------------------------------------------------------

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

    def state_pill(self, record: LiveGoods) -> SafeString:
        return live_words.state_pill(record)

    def short_answer(self, record: LiveGoods) -> SafeString | Text:
        return live_words.short_answer(record)

    def full_answer(self, record: LiveGoods) -> SafeString | Text:
        return live_words.full_answer(record)

    # --- the form ---------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: LiveGoods | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and obj.console_made)

    @admin.display(description=_("present picture"))
    def cover_preview(self, goods: LiveGoods) -> SafeString:
        url = goods.plan_picture
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
