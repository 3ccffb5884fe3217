"""The journal in the words of shop staff."""

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import CASCADE
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.admin.operation_words import INTO_WINDOW, done
from audits.models import Attempt, Push, next_window
from audits.models.quota import next_hour
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


STEPS: dict[str, Text] = {
    "upload_cover": gettext_lazy("Upload the picture"),
    "add": gettext_lazy("Submit for review"),
    "update": gettext_lazy("Send the changes"),
    "withdraw": gettext_lazy("Withdraw from review"),
    "audit": gettext_lazy("Submit for review again"),
    "delete": gettext_lazy("Delete"),
    "upload": gettext_lazy("Upload a picture"),
    "read": gettext_lazy("Read the draft back"),
    "read_skus": gettext_lazy("Read the SKUs back"),
    "read_online_skus": gettext_lazy("Read what buyers see"),
    "add_skus": gettext_lazy("Add SKUs"),
    "change": gettext_lazy("Change the SKU"),
    "remove": gettext_lazy("Remove the SKU"),
    "price": gettext_lazy("Send the price"),
    "count": gettext_lazy("Count the stock"),
    "stock": gettext_lazy("Send the stock"),
    "stock_change": gettext_lazy("Change the stock"),
    "list": gettext_lazy("Submit for review"),
    "delist": gettext_lazy("Take off sale"),
    "read_window": gettext_lazy("Read it back from the window"),
    "off": gettext_lazy("Take out of the window"),
}

# Their names carry keys of our database, which tell people nothing.
NUMBERED_BY_US = {"upload"}

# What adding is where drafts are put on sale later.
DRAFT = gettext_lazy("Add as a draft")

# What we keep of trouble that WeChat gave no code for -> that in a sentence, and what kind of trouble it is.
TROUBLE: dict[str, tuple[Text, Kind]] = {
    "no answer in time": (gettext_lazy("WeChat did not answer in time."), Kind.NO_ANSWER),
    "the connection broke before the answer was complete": (
        gettext_lazy("The connection broke before WeChat's answer was complete."),
        Kind.NO_ANSWER,
    ),
    "the answer is not a JSON object": (gettext_lazy("WeChat's answer could not be read."), Kind.NO_ANSWER),
    "the answer is empty": (gettext_lazy("WeChat's answer was empty."), Kind.NO_ANSWER),
    "the worker ended before the answer came": (
        gettext_lazy("The background service was stopped before WeChat's answer came."),
        Kind.NO_ANSWER,
    ),
    "no trusted TLS connection": (
        gettext_lazy("No secure connection to WeChat could be made."),
        Kind.NOT_SENT,
    ),
    "the address of the server is not valid": (
        gettext_lazy("The address set for WeChat's server is not valid."),
        Kind.NOT_SENT,
    ),
    "the server's name could not be resolved": (
        gettext_lazy("WeChat's server could not be found in the network."),
        Kind.NOT_SENT,
    ),
    "no connection to the server": (gettext_lazy("WeChat's server could not be reached."), Kind.NOT_SENT),
    "the access token is being renewed": (
        gettext_lazy("The sign-in at WeChat was just being renewed."),
        Kind.NOT_SENT,
    ),
    "another process is still fetching the access token": (
        gettext_lazy("The sign-in at WeChat was just being renewed."),
        Kind.NOT_SENT,
    ),
    "WeChat hands out the access token that it refuses": (
        gettext_lazy(
            "WeChat does not accept the sign-in it gave us. Probably another program uses the account too."
        ),
        Kind.TOKEN,
    ),
}
HTTP_STATUS = re.compile(r"HTTP (\d{3})")
RID = re.compile(r",?\s*rid: [0-9a-f-]+")


def pill(look: str, text: Text) -> SafeString:
    return format_html('<span class="pill pill-{}">{}</span>', look, text)


def status_pill(push: Push) -> SafeString:
    return pill(LOOKS[PushStatus(push.status)], push.get_status_display())


def step_words(name: str, model: Any = None) -> Text:
    """What a step does; one that is about one of several things says which."""
    kind, _colon, about = name.partition(":")
    operations = model.OPERATIONS if kind == "add" and model is not None else {}
    added = DRAFT if Operation.LIST in operations else INTO_WINDOW if Operation.OFF in operations else ""
    words = added or STEPS.get(kind) or kind.replace("_", " ")
    if not about or kind in NUMBERED_BY_US:
        return words
    return _("%(step)s: %(about)s") % {"step": words, "about": about}


def picture_link(value: object) -> str:
    """A link to a picture from WeChat's answer, fit for a page; "" if it is anything else."""
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) else ""


# --- times ----------------------------------------------------------------------------------------


def when(moment: dt.datetime, *, after: dt.datetime | None = None) -> str:
    """A moment as people say it, in the shop's time zone; the hour alone on the same day as ``after``."""
    local, today = timezone.localtime(moment), timezone.localdate()
    time = {"time": f"{local:%H:%M}"}
    if after is not None and local.date() == timezone.localtime(after).date():
        return _("at %(time)s") % time
    match (local.date() - today).days:
        case 0:
            return _("today %(time)s") % time
        case -1:
            return _("yesterday %(time)s") % time
        case 1:
            return _("tomorrow %(time)s") % time
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"


# --- what an answer means ---------------------------------------------------------------------------


def trouble(errmsg: str) -> tuple[str, Kind | None]:
    """Trouble that WeChat gave no code for, as a sentence, and its kind if that is known."""
    if errmsg in TROUBLE:
        sentence, kind = TROUBLE[errmsg]
        return str(sentence), kind
    if errmsg.startswith("the answer has no usable"):
        return _("WeChat's answer could not be read."), Kind.NO_ANSWER
    found = HTTP_STATUS.fullmatch(errmsg)
    if found is None:
        # Our own words for it are kept in English; what nobody has translated stays as it is.
        return (_(errmsg) if errmsg else ""), None
    if found[1].startswith("5"):
        return _("WeChat's server had a fault (HTTP %(status)s).") % {"status": found[1]}, Kind.NO_ANSWER
    return _("WeChat's server turned the call away (HTTP %(status)s).") % {"status": found[1]}, None


def advice(family: str, errcode: int | None, errmsg: str) -> tuple[str, str]:
    """What an answer means, and what to do now. ``errcode`` None is trouble that WeChat did not name."""
    if errcode is None:
        return trouble(errmsg)[0], ""
    if errcode == 0:
        return "", ""
    known = explain(errcode, family)
    return known.meaning, known.advice


def refusal(family: str, errcode: int | None, errmsg: str) -> tuple[str, str]:
    """The same for what is not tried again by itself: there is always something to do."""
    meaning, todo = advice(family, errcode, errmsg)
    kind = trouble(errmsg)[1] if errcode is None else None
    return meaning, todo or (explain_kind(kind).advice if kind else "")


def own_words(errcode: int | None, errmsg: str) -> str:
    """WeChat's own words beside a code, without the number of the call; "" if it said nothing."""
    return RID.sub("", errmsg).strip() if errcode else ""


def answer_words(attempt: Attempt) -> Text:
    """How one call to WeChat ended, in a few words."""
    if not attempt.is_closed:
        return _("no answer yet")
    if attempt.errcode == 0:
        return _("accepted")
    model = attempt.push.target_type.model_class()
    return advice(family_of(model), attempt.errcode, attempt.errmsg)[0]


def as_json(value: object) -> str:
    """What was sent or answered, for a reader."""
    return json.dumps(value, ensure_ascii=False, indent=2)


# --- advice beside a record ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """A field that has to be corrected: what it is called, and where on the record's page it is."""

    name: str
    verbose_name: Text
    anchor: str


# Not corrected on the record's page.
NOT_HERE = "account"


def field_to_fix(model: Any, errcode: int | None) -> Wrong | None:
    """What of such a record has to be corrected, if the code names something that staff can edit.

    That may be a field of what belongs to the record and is edited on its page, such as its variants.
    """
    name = explain(errcode, family_of(model)).field if errcode else ""
    if not name or name == NOT_HERE:
        return None
    parts = {
        part.name: part.related_model for part in model._meta.related_objects if part.on_delete is CASCADE
    }
    if name in parts:
        return Wrong(name, parts[name]._meta.verbose_name_plural, name)
    if field := _editable(model, name):
        return Wrong(name, field.verbose_name, f"id_{name}")
    found = ((part, _editable(kind, name)) for part, kind in parts.items())
    return next((Wrong(name, field.verbose_name, part) for part, field in found if field), None)


def _editable(model: Any, name: str) -> Any:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if getattr(field, "editable", False) else None


def fix_label(field: Wrong) -> str:
    return _("Correct: %(field)s") % {"field": field.verbose_name}


def form_link(model: Any, pk: Any) -> str:
    """The address of a record's page; "" if it has none."""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
    except NoReverseMatch:
        return ""


def short_advice(record: Any) -> SafeString:
    """What the last refusal means, and the field to correct: one line for a list; "" if there is none."""
    meaning, _todo = refusal(family_of(type(record)), record.errcode, record.errmsg)
    if not meaning:
        return SafeString("")
    field = field_to_fix(type(record), record.errcode)
    link = (
        format_html(
            ' <a href="{}#{}">{}</a>',
            form_link(type(record), record.pk),
            field.anchor,
            fix_label(field),
        )
        if field
        else ""
    )
    return format_html("{}{}{}", meaning, _code(record.errcode), link)


def full_advice(record: Any) -> SafeString:
    """The same for the record's own page: the meaning, what to do, and a link to the field on the page."""
    meaning, todo = refusal(family_of(type(record)), record.errcode, record.errmsg)
    if not meaning:
        return SafeString("")
    field = field_to_fix(type(record), record.errcode)
    link = format_html('<p><a href="#{}">{}</a></p>', field.anchor, fix_label(field)) if field else ""
    words = own_words(record.errcode, record.errmsg)
    said = format_html("<p>{}</p>", _("WeChat's own words: “%(words)s”") % {"words": words}) if words else ""
    return format_html(
        '<div class="full-advice"><p><strong>{}</strong>{}</p><p>{}</p>{}{}</div>',
        capfirst(meaning),
        _code(record.errcode),
        todo,
        link,
        said,
    )


def _code(errcode: int | None) -> str:
    return f" ({errcode})" if errcode else ""


# --- what happened to a push --------------------------------------------------------------------------


def outcome(push: Push) -> tuple[Text, Text]:
    """What happened to a push, and what happens next or what to do, in plain sentences."""
    family = family_of(push.target_type.model_class())
    meaning, todo = refusal(family, push.errcode, push.errmsg)
    then = {"when": when(push.not_before, after=timezone.now())}
    match PushStatus(push.status):
        case PushStatus.QUEUED if push.not_before > timezone.now():
            return meaning, _("It is tried again %(when)s.") % then
        case PushStatus.QUEUED:
            return meaning, _("It will be sent as soon as a worker is free.")
        case PushStatus.WAITING:
            return meaning or _why_waiting(push), _("It goes on by itself %(when)s.") % then
        case PushStatus.SENDING:
            return "", _("It is being sent now.")
        case PushStatus.UNSURE:
            known = explain_kind(Kind.NO_ANSWER)
            return meaning or known.meaning, _(
                "We do not know whether WeChat did it. We look there %(when)s; nothing is repeated before."
            ) % then
        case PushStatus.NEEDS_PERSON:
            if push.candidates and "change" in push.candidates[0]:
                return meaning, _("Nobody can tell whether the change of stock arrived. Look and decide.")
            return meaning, _("Several products at WeChat could be this one. Compare them and decide.")
        case PushStatus.DONE:
            return done(model_of(push), push.operation), ""
        case PushStatus.CANCELLED if push.tries:
            return _("It was cancelled."), _(
                "An earlier try may have reached WeChat: refresh the record to see."
            )
        case PushStatus.CANCELLED:
            return _("It was cancelled and not sent."), ""
    return meaning, todo


def waits_for_quota(not_before: dt.datetime) -> bool:
    """Whether it waits for the day's new calls, and not just for its turn in the next minutes."""
    return not_before >= next_window()


def _why_waiting(push: Push) -> str:
    if waits_for_quota(push.not_before):
        return _("No calls are left today.")
    if push.not_before >= next_hour():
        return _("No calls are left in this hour.")
    return _("Many calls are being made at once, so it waits for its turn.")


def family_of(model: Any) -> str:
    return str(getattr(model, "FAMILY", "common"))


def model_of(push: Push) -> Any:
    """The kind of record that a push is for."""
    return push.target_type.model_class()
