"""The states of a push, and which may follow which."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PushStatus(TextChoices):
    QUEUED = "queued", _("queued")
    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("sending")
    UNSURE = "unsure", _("outcome unknown")
    NEEDS_PERSON = "needs_person", _("needs a person")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")


TRANSITIONS: dict[PushStatus, frozenset[PushStatus]] = {
    # queued -> done: an answer given up for lost came after all, before the call was repeated.
    PushStatus.QUEUED: frozenset(
        {PushStatus.SENDING, PushStatus.WAITING, PushStatus.DONE, PushStatus.CANCELLED}
    ),
    PushStatus.WAITING: frozenset({PushStatus.QUEUED, PushStatus.CANCELLED}),
    PushStatus.SENDING: frozenset(
        {PushStatus.DONE, PushStatus.REFUSED, PushStatus.UNSURE, PushStatus.QUEUED, PushStatus.WAITING}
    ),
    PushStatus.UNSURE: frozenset(
        {PushStatus.DONE, PushStatus.REFUSED, PushStatus.QUEUED, PushStatus.WAITING, PushStatus.NEEDS_PERSON}
    ),
    PushStatus.NEEDS_PERSON: frozenset({PushStatus.DONE, PushStatus.QUEUED, PushStatus.CANCELLED}),
    PushStatus.DONE: frozenset(),
    PushStatus.REFUSED: frozenset(),
    PushStatus.CANCELLED: frozenset(),
}

# While a push is in one of these, its record takes no other push.
OPEN = tuple(status for status in PushStatus if TRANSITIONS[status])


class InvalidTransition(Exception):
    """A push cannot go from its present state to the one asked for."""
