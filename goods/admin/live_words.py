"""A product's state and WeChat's last answer, in the words of shop staff."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audits.admin.words import full_advice, pill, short_advice
from audits.operations import Text
from goods.live.choices import AuditStatus
from goods.models import LiveGoods

STATE_LOOKS = {
    AuditStatus.NOT_AUDITED: "off",
    AuditStatus.AUDITING: "busy",
    AuditStatus.APPROVED: "good",
    AuditStatus.REJECTED: "bad",
}


def state_pill(goods: LiveGoods) -> SafeString:
    """Where the product stands at WeChat, as a coloured word."""
    if goods.missing_since:
        return pill("doubt", _("missing at WeChat"))
    if not goods.at_wechat:
        return pill("off", _("deleted at WeChat") if goods.deleted_at else _("not submitted yet"))
    if goods.audit_status not in set(AuditStatus):
        return pill("doubt", _("unknown (%(value)s)") % {"value": goods.audit_status})
    status = AuditStatus(goods.audit_status)
    return pill(STATE_LOOKS[status], status.label)


def short_answer(goods: LiveGoods) -> SafeString | Text:
    """What WeChat last said about it, in one line; "" for nothing to tell."""
    return _before_code(goods)[0] or short_advice(goods) or _refused_by_review(goods)[0]


def full_answer(goods: LiveGoods) -> SafeString | Text:
    """What WeChat last said about it, and what to do now."""
    said, todo = _before_code(goods)
    if not said:
        told = full_advice(goods)
        if told:
            return told
        said, todo = _refused_by_review(goods)
    return (
        format_html('<div class="full-advice"><p><strong>{}</strong></p><p>{}</p></div>', said, todo)
        if said
        else ""
    )


def _before_code(goods: LiveGoods) -> tuple[Text, Text]:
    """What matters more than the code of the last answer."""
    if goods.missing_since:
        return _("WeChat no longer lists it."), _(
            "It was probably deleted in the live console. Ask there first."
        )
    if goods.console_made and goods.audit_status == AuditStatus.REJECTED:
        return _("WeChat's review refused it, without telling why."), _(
            "It was made in WeChat's live console; only the console can change it."
        )
    return "", ""


def _refused_by_review(goods: LiveGoods) -> tuple[Text, Text]:
    if goods.at_wechat and goods.audit_status == AuditStatus.REJECTED:
        return _("WeChat's review refused it, without telling why."), _(
            "Look for exaggerated or forbidden words in the name and for text in the picture, correct it, "
            "and submit it for review again."
        )
    return "", ""
