"""A freight template's state and WeChat's last answer, in the words of shop staff."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audits.admin.words import full_advice, pill, short_advice
from audits.operations import Text
from goods.models import FreightTemplate


def state_pill(template: FreightTemplate) -> SafeString:
    """Where it stands at WeChat, as a coloured word."""
    if template.missing_since:
        return pill("doubt", _("missing at WeChat"))
    if not template.at_wechat:
        return pill("off", _("only here"))
    default = pill("busy", _("default")) if template.remote.get("is_default") else ""
    return format_html("{} {}", pill("good", _("live at WeChat")), default)


def short_answer(template: FreightTemplate) -> SafeString | Text:
    """What WeChat last said about it, in one line; "" for nothing to tell."""
    return _before_code(template)[0] or short_advice(template)


def full_answer(template: FreightTemplate) -> SafeString | Text:
    """What WeChat last said about it, and what to do now."""
    said, todo = _before_code(template)
    if not said:
        return full_advice(template)
    return format_html('<div class="full-advice"><p><strong>{}</strong></p><p>{}</p></div>', said, todo)


def _before_code(template: FreightTemplate) -> tuple[Text, Text]:
    if template.missing_since:
        return _("WeChat no longer lists the freight template."), _(
            "It was probably deleted in the Mini Store console. Submit it again, or choose another one for "
            "its products."
        )
    return "", ""
