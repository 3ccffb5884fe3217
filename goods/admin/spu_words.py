"""A product's two states and WeChat's last answer, in the words of shop staff."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audits.admin.words import full_advice, pill, short_advice
from audits.operations import Text
from goods.models import Spu
from goods.store.choices import EditStatus, OnlineStatus

ONLINE_LOOKS = {
    OnlineStatus.NEVER: "off",
    OnlineStatus.ON_SALE: "good",
    OnlineStatus.RECYCLED: "off",
    OnlineStatus.DELETED: "off",
    OnlineStatus.TAKEN_OFF: "off",
    OnlineStatus.SOLD_OUT: "wait",
    OnlineStatus.REMOVED: "bad",
}
EDIT_LOOKS = {
    EditStatus.NEW: "off",
    EditStatus.EDITING: "off",
    EditStatus.AUDITING: "busy",
    EditStatus.REJECTED: "bad",
    EditStatus.APPROVED: "good",
}


def state_pill(spu: Spu) -> SafeString:
    """What buyers see of it, and where its draft stands, as two coloured words."""
    if spu.missing_since:
        return pill("doubt", _("missing at WeChat"))
    if not spu.at_wechat:
        return pill("off", _("deleted at WeChat") if spu.deleted_at else _("only here"))
    return format_html("{} {}", online_pill(spu), draft_pill(spu))


def online_pill(spu: Spu) -> SafeString:
    if spu.status not in set(OnlineStatus):
        return pill("doubt", _("unknown (%(value)s)") % {"value": spu.status})
    status = OnlineStatus(spu.status)
    return pill(ONLINE_LOOKS[status], status.label)


def draft_pill(spu: Spu) -> SafeString:
    """Nothing for a draft that buyers see as it is."""
    if spu.audit_status not in set(EditStatus):
        return pill("doubt", _("draft: unknown (%(value)s)") % {"value": spu.audit_status})
    status = EditStatus(spu.audit_status)
    if status == EditStatus.APPROVED and spu.status == OnlineStatus.ON_SALE:
        return SafeString("")
    return pill(EDIT_LOOKS[status], _("draft: %(state)s") % {"state": status.label})


def short_answer(spu: Spu) -> SafeString | Text:
    """What WeChat last said about it, in one line; "" for nothing to tell."""
    return _before_code(spu)[0] or short_advice(spu) or _by_state(spu)[0]


def full_answer(spu: Spu) -> SafeString | Text:
    """What WeChat last said about it, and what to do now."""
    said, todo = _before_code(spu)
    if not said:
        told = full_advice(spu)
        if told:
            return told
        said, todo = _by_state(spu)
    if not said:
        return ""
    return format_html('<div class="full-advice"><p><strong>{}</strong></p><p>{}</p></div>', said, todo)


def _before_code(spu: Spu) -> tuple[Text, Text]:
    """What matters more than the code of the last answer."""
    if spu.missing_since:
        return _("WeChat no longer lists it."), _(
            "It was probably deleted in the Mini Store console. Ask there first."
        )
    return "", ""


def _by_state(spu: Spu) -> tuple[Text, Text]:
    if not spu.at_wechat:
        return "", ""
    if spu.audit_status == EditStatus.REJECTED:
        said = (
            _("WeChat's review refused it: %(reason)s") % {"reason": spu.reject_reason}
            if spu.reject_reason
            else _("WeChat's review refused it, without telling why.")
        )
        return said, _("Correct it, then put it on sale again: the corrections go along.")
    if spu.status == OnlineStatus.REMOVED:
        said = (
            _("WeChat took it off sale: %(reason)s") % {"reason": spu.reject_reason}
            if spu.reject_reason
            else _("WeChat took it off sale for breaking a rule.")
        )
        return said, _(
            "The notices in the Mini Store console say why. Correct it, then put it on sale again."
        )
    if spu.status == OnlineStatus.SOLD_OUT:
        return _("It is sold out."), _("Send a new stock, then put it on sale again.")
    return "", ""
