"""What happened to a record and what happens next, told from the journal in plain sentences."""

import datetime as dt
from collections.abc import Iterator
from enum import Enum
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from audits.admin.operation_words import accepted, asked, called
from audits.admin.words import NOTHING, family_of, model_of, outcome, pill, refusal, status_pill, when
from audits.models import Push, StatusChange
from audits.models.batch import BULKY
from audits.operations import Operation, Text
from audits.states import OPEN, PushStatus

MOST_ROWS = 20
# The latest push and, should it not have left yet, the one before it that did.
RECENT = 5


class Review(Enum):
    """How far WeChat's review is: the look of its pill, and the word in it."""

    WAITING = "busy", gettext_lazy("under review")
    APPROVED = "good", gettext_lazy("approved")
    REJECTED = "bad", gettext_lazy("refused by review")


# By family: what the numbers of ``audit_status`` say. Those that are missing tell of no review.
REVIEWS: dict[str, dict[int, Review]] = {
    "live_goods": {1: Review.WAITING, 2: Review.APPROVED, 3: Review.REJECTED},
    "mini_store": {2: Review.WAITING, 4: Review.APPROVED, 3: Review.REJECTED},
}

LEFT = {PushStatus.DONE, PushStatus.REFUSED}

Row = tuple[dt.datetime, Text, SafeString | Text, SafeString, SafeString | str]


# --- in sentences -------------------------------------------------------------------------------------


def explain(record: Any) -> SafeString:
    """What was last sent, what WeChat said to it, and what comes next. Causes at most two SQL queries."""
    if record.pk is None:
        return NOTHING
    latest = _pushes(record).select_related("target_type", "batch")
    pushes = list(latest.defer(*(f"batch__{name}" for name in BULKY))[:RECENT])
    change = _changes(record).first()
    paragraphs = [_sending(record, pushes), _review(record, change), _next(record, pushes)]
    joined = (_joined(sentences) for sentences in paragraphs)
    return format_html(
        '<div class="explained">{}</div>',
        format_html_join("", "<p>{}</p>", ((one,) for one in joined if one)),
    )


def told(push: Push) -> str:
    """One push from who asked for it to what comes next."""
    todo = [_sentence(outcome(push)[1])] if push.status in OPEN else []
    return _joined([_asked(push), *_answered(push), *todo])


def _pushes(record: Any) -> Any:
    kind = ContentType.objects.get_for_model(type(record))
    return Push.objects.filter(target_type=kind, target_id=record.pk).order_by("-id")


def _changes(record: Any) -> Any:
    kind = ContentType.objects.get_for_model(type(record))
    return StatusChange.objects.filter(target_type=kind, target_id=record.pk)


def _sending(record: Any, pushes: list[Push]) -> list[str]:
    """The latest request; if that has not arrived, the one before it too."""
    if not pushes:
        if record.remote_id() or getattr(record, "refreshed_at", None):
            return [_("It has never been sent from here; what is known of it was read from WeChat.")]
        return [_("It has not been sent to WeChat yet.")]
    latest, *earlier = pushes
    told = [_asked(latest), *_answered(latest)]
    before = next((push for push in earlier if push.status in LEFT), None)
    if latest.status not in LEFT and before is not None:
        told += [_("Before that:"), _asked(before), *_answered(before)]
    return told


def _asked(push: Push) -> str:
    who = push.requested_by_name or _("the system")
    return str(asked(model_of(push), push.operation)) % {"who": who, "when": when(push.created_at)}


def _answered(push: Push) -> list[str]:
    """What WeChat said to one push; for one that is not finished, how far it is."""
    at = {"when": when(push.finished_at or push.moved_at, after=push.created_at)}
    if push.status == PushStatus.DONE:
        return [str(accepted(model_of(push), push.operation)) % at]
    if push.status != PushStatus.REFUSED:
        # What comes next is told at the end.
        happened, todo = outcome(push)
        return [_sentence(happened), *([] if push.status in OPEN else [_sentence(todo)])]
    meaning, todo = refusal(family_of(push.target_type.model_class()), push.errcode, push.errmsg)
    if push.errcode is None:
        return [_("It did not succeed %(when)s:") % at, _sentence(meaning), _sentence(todo)]
    words = at | {"meaning": meaning, "code": push.errcode}
    return [_("WeChat refused it %(when)s: %(meaning)s (%(code)s).") % words, _sentence(todo)]


def _review(record: Any, change: StatusChange | None) -> list[str]:
    missing_since = getattr(record, "missing_since", None)
    if missing_since:
        return [_("WeChat has not listed it since %(when)s.") % {"when": when(missing_since)}]
    review = _review_of(record)
    # The change may be of long ago, if the state was read along with a new record.
    seen = change if change is not None and change.after == record.audit_status else None
    at = {"when": when(seen.seen_at) if seen else ""}
    match review:
        case Review.WAITING:
            return [_("WeChat is reviewing it.")]
        case Review.APPROVED:
            return [_("WeChat's review approved it %(when)s.") % at if seen else _("WeChat has approved it.")]
        case Review.REJECTED if reason := getattr(record, "reject_reason", ""):
            words = at | {"reason": reason}
            told = (
                _("WeChat's review refused it %(when)s: %(reason)s") % words
                if seen
                else _("WeChat's review refused it: %(reason)s") % words
            )
            return [_sentence(told), _correct(record)]
        case Review.REJECTED:
            told = (
                _("WeChat's review refused it %(when)s, without telling why.") % at
                if seen
                else _("WeChat's review refused it, without telling why.")
            )
            return [told, _correct(record)]
    return []


def _correct(record: Any) -> str:
    if Operation.LIST in type(record).OPERATIONS:
        return _("Correct it, then put it on sale again.")
    return _("Correct it, then submit it for review again.")


def _review_of(record: Any) -> Review | None:
    return REVIEWS.get(family_of(type(record)), {}).get(record.audit_status)


def _next(record: Any, pushes: list[Push]) -> list[str]:
    push = next((push for push in pushes if push.status in OPEN), None)
    if push is not None and push.batch.paused_at and push.status in (PushStatus.QUEUED, PushStatus.WAITING):
        return [_("Its batch is paused: it is sent once somebody resumes the batch.")]
    if push is not None:
        return [_sentence(outcome(push)[1])]
    told = []
    if record.refreshed_at:
        told.append(_("WeChat's state was last read %(when)s.") % {"when": when(record.refreshed_at)})
    look_at = getattr(record, "look_at", None)
    return [*told, _look(look_at, _review_of(record))] if look_at else told


def _look(at: dt.datetime, review: Review | None) -> str:
    """When WeChat is asked next, which is for a result as long as there is a review."""
    then = {"when": when(at, after=timezone.now())}
    if review is Review.WAITING:
        if at <= timezone.now():
            return _("The result is being asked for now.")
        return _("The result is asked for again %(when)s.") % then
    return (
        _("It is being read again now.") if at <= timezone.now() else _("It is read again %(when)s.") % then
    )


def _sentence(text: Text) -> str:
    """Meanings in WeChat's error table have no full stop at the end."""
    words = capfirst(str(text))
    if not words or words.endswith((".", "。", "!", "?", "！", "？")):
        return words
    return f"{words}。" if _chinese() else f"{words}."


def _joined(sentences: list[str]) -> str:
    """Chinese full stops bring their own space."""
    return ("" if _chinese() else " ").join(filter(None, sentences))


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


# --- as a table ---------------------------------------------------------------------------------------


def history_table(record: Any) -> SafeString:
    """What was sent and how its reviews went, newest first."""
    if record.pk is None:
        return NOTHING
    rows = sorted([*_sent(record), *_reviewed(record)], key=lambda row: row[0], reverse=True)[:MOST_ROWS]
    if not rows:
        return NOTHING
    heads = [_("When"), _("Who"), _("What"), _("State"), _("Result")]
    return format_html(
        '<div class="scroll"><table class="plain rows-as-blocks"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>",
        format_html_join("", '<th scope="col">{}</th>', ((head,) for head in heads)),
        format_html_join("", "<tr>{}</tr>", ((_cells(heads, row),) for row in rows)),
    )


def _cells(heads: list[str], row: Row) -> SafeString:
    at, *rest = row
    return format_html_join("", '<td data-label="{}">{}</td>', zip(heads, [when(at), *rest], strict=True))


def _sent(record: Any) -> Iterator[Row]:
    for push in _pushes(record).select_related("target_type")[:MOST_ROWS]:
        url = reverse("admin:audits_push_change", args=[push.pk])
        yield (
            push.created_at,
            push.requested_by_name or _("the system"),
            format_html('<a href="{}">{}</a>', url, called(model_of(push), push.operation)),
            status_pill(push),
            format_html('{} <span class="advice">{}</span>', *outcome(push)),
        )


def _reviewed(record: Any) -> Iterator[Row]:
    """Reviews that ended; what we asked for ourselves is among the pushes already."""
    reviews = REVIEWS.get(family_of(type(record)), {})
    ended = [number for number, review in reviews.items() if review is not Review.WAITING]
    for change in _changes(record).filter(after__in=ended)[:MOST_ROWS]:
        look, word = reviews[change.after].value
        yield change.seen_at, _("WeChat"), _("Review"), pill(look, word), ""
