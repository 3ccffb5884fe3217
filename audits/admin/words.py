"""The journal in the words of shop staff."""

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.models import Push
from audits.operations import Operation, Text
from audits.states import PushStatus
from shopadmin.wechat.errcodes import explain, explain_kind
from shopadmin.wechat.errors import Kind

NOTHING = SafeString("–")

# state -> look of its pill; the words beside it carry the meaning
LOOKS = {
    PushStatus.QUEUED: "busy",
    PushStatus.WAITING: "wait",
    PushStatus.SENDING: "busy",
    PushStatus.UNSURE: "doubt",
    PushStatus.NEEDS_PERSON: "doubt",
    PushStatus.DONE: "good",
    PushStatus.REFUSED: "bad",
    PushStatus.CANCELLED: "off",
}


DONE = {
    Operation.ADD: gettext_lazy("It was submitted to WeChat for review."),
    Operation.UPDATE: gettext_lazy("WeChat took the changes."),
    Operation.WITHDRAW: gettext_lazy("It was withdrawn from review."),
    Operation.RESUBMIT: gettext_lazy("It was submitted to WeChat for review again."),
    Operation.DELETE: gettext_lazy("It was deleted at WeChat."),
}


def pill(look: str, text: Text) -> SafeString:
    return format_html('<span class="pill pill-{}">{}</span>', look, text)


def status_pill(push: Push) -> SafeString:
    return pill(LOOKS[PushStatus(push.status)], push.get_status_display())


def picture_link(value: object) -> str:
    """A link to a picture from WeChat's answer, fit for a page; "" if it is anything else."""
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) else ""


def advice(family: str, errcode: int | None, errmsg: str) -> tuple[str, str]:
    """What an answer means, and what to do now. ``errcode`` None is trouble that WeChat did not name."""
    if errcode is None:
        # Our own words for it are kept in English; what nobody has translated stays as it is.
        return (_(errmsg) if errmsg else ""), ""
    if errcode == 0:
        return "", ""
    known = explain(errcode, family)
    return known.meaning, known.advice


def outcome(push: Push) -> tuple[Text, Text]:
    """What happened to a push, and what happens next or what to do, in plain sentences."""
    family = _family(push)
    meaning, todo = advice(family, push.errcode, push.errmsg)
    when = timezone.localtime(push.not_before)
    clock = f"{when:%H:%M}" if when.date() == timezone.localdate() else f"{when:%m-%d %H:%M}"
    match PushStatus(push.status):
        case PushStatus.QUEUED if push.not_before > timezone.now():
            return meaning, _("It is tried again at %(time)s.") % {"time": clock}
        case PushStatus.QUEUED:
            return meaning, _("It will be sent as soon as a worker is free.")
        case PushStatus.WAITING:
            return meaning or _("No calls are left today."), _("It goes on by itself at %(time)s.") % {
                "time": clock
            }
        case PushStatus.SENDING:
            return "", _("It is being sent now.")
        case PushStatus.UNSURE:
            known = explain_kind(Kind.NO_ANSWER)
            return meaning or known.meaning, _(
                "We do not know whether WeChat did it. From %(time)s on we look there; "
                "nothing is repeated before."
            ) % {"time": clock}
        case PushStatus.NEEDS_PERSON:
            return meaning, _("Several products at WeChat could be this one. Compare them and decide.")
        case PushStatus.DONE:
            return DONE[Operation(push.operation)], ""
        case PushStatus.CANCELLED if push.tries:
            return _("It was cancelled."), _(
                "An earlier try may have reached WeChat: refresh the record to see."
            )
        case PushStatus.CANCELLED:
            return _("It was cancelled and not sent."), ""
    return meaning, todo


def _family(push: Push) -> str:
    model = push.target_type.model_class()
    return getattr(model, "FAMILY", "common")
