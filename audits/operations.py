"""What a mirror record offers to the journal: operations, their steps, and a plan of each.

``audits`` knows these shapes and no goods by name. A mirror model inherits ``Mirror`` and fills
``OPERATIONS``; adding an operation is adding a row there.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, NamedTuple, Protocol

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shopadmin.wechat.client import WeChatClient
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.quota import QuotaGroup

Text = str | Promise


class Operation(TextChoices):
    ADD = "add", _("Submit to WeChat")
    UPDATE = "update", _("Send changes")
    WITHDRAW = "withdraw", _("Withdraw from review")
    RESUBMIT = "resubmit", _("Submit for review again")
    DELETE = "delete", _("Delete at WeChat")
    LIST = "list", _("Put on sale")
    DELIST = "delist", _("Take off sale")
    PRICE = "price", _("Send prices")
    STOCK = "stock", _("Send stock")
    OFF = "off", _("Take out of the window")


class Effect(TextChoices):
    """What an operation would do to one record at WeChat, or why it would do nothing."""

    CREATE = "create", _("Create")
    CHANGE = "change", _("Change")
    DELETE = "delete", _("Delete")
    NOTHING = "nothing", _("Nothing to do")
    WAITS = "waits", _("Waits")
    BLOCKED = "blocked", _("Blocked")


@dataclass(frozen=True)
class Change:
    """One field as WeChat will get it; without ``old`` there is nothing to compare it with."""

    label: Text
    old: Text | None
    new: Text


@dataclass(frozen=True)
class Plan:
    """What one push would do to one record; with ``reason`` it will not be sent, and that is why.

    ``notes`` say what follows from it, ``warnings`` what looks like a mistake. What looks like one only
    beside other records is found by ``together``: it gets all the records of a selection that name it and
    returns warnings by primary key. ``grave`` is what an account may want a second person to agree to.
    ``picture`` finds the address of one to show; it is asked only for what is on view.
    """

    reason: Text = ""
    body: dict[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    notes: tuple[Text, ...] = ()
    effect: Effect = Effect.CHANGE
    warnings: tuple[Text, ...] = ()
    together: Callable[[Sequence[Any]], Mapping[Any, list[Text]]] | None = None
    grave: bool = False
    picture: Callable[[], str] = str

    @property
    def sends(self) -> bool:
        return not self.reason


class PlanRow(NamedTuple):
    """One record of a plan that was shown, as ``Batch.plan`` keeps it.

    ``steps`` names the calls it takes; ``approval`` says that the
    account wants a second person to agree to it.
    """

    pk: Any
    effect: str
    digest: str
    warned: bool
    approval: bool
    account: int
    steps: list[str]

    @property
    def sends(self) -> bool:
        return self.effect in SENDING


SENDING = {Effect.CREATE, Effect.CHANGE, Effect.DELETE}


@dataclass(frozen=True)
class Call:
    """One HTTP exchange, ready to go: what the journal keeps of it, and the call itself.

    ``send`` runs in a thread: HTTP and files only, never the database.
    """

    body: dict[str, Any]
    send: Callable[[WeChatClient], Any]


class Recovery(Enum):
    """What a step makes of an error that it understands better than the general rule does."""

    DONE = "done"  # the wanted effect is there already
    NEXT = "next"  # the effect of this step is there: the next steps are still to be done
    REFUSE = "refuse"  # the outcome is known after all: WeChat said no to the rest
    AGAIN = "again"  # the cause was removed: begin again with the first step that is wanted, once
    BACK = "back"  # what the step before found is out of date: go on with that one, once


@dataclass(frozen=True)
class Step:
    """One HTTP call of an operation.

    ``repeatable``: sending it a second time after an unknown outcome does no harm.
    ``wanted`` gets the record and its push, or its plan, which has the ``body`` of the push to be.
    ``absorb`` writes the answer to the record and returns the names of the fields it changed.
    ``recover`` may settle an error; it returns the fields it changed as well.
    ``fleeting``: what it found holds for the very next call only, and is asked for anew after a wait.
    """

    name: str
    path: str
    family: str
    prepare: Callable[[Any, Any], Call]
    absorb: Callable[[Any, Any, Any], list[str]]
    repeatable: bool
    quota: QuotaGroup | None = None
    fleeting: bool = False
    wanted: Callable[[Any, Any], bool] = lambda record, push: True
    recover: Callable[[Any, Any, WeChatError], tuple[Recovery | None, list[str]]] = (
        lambda record, push, error: (
            None,
            [],
        )
    )


@dataclass(frozen=True)
class Verdict:
    """What a look at WeChat says about a push whose outcome was unknown.

    ``done`` with ``result`` (absorbed like the answer that got lost), or proved ``absent``, or
    ``candidates`` a person has to choose from (each with its ``id`` at WeChat and what there is to
    compare); none of them means: look again later.
    """

    done: bool = False
    result: Any = None
    absent: bool = False
    candidates: tuple[Mapping[str, Any], ...] = ()


@dataclass
class Look:
    """A look at one account's WeChat: what has been read for one push serves the next ones too."""

    client: WeChatClient
    read: dict[str, Any] = field(default_factory=dict)


class Record(Protocol):
    """What the journal needs of a mirror record. Methods that change it return the fields to save."""

    # By operation. Steps that depend on what is sent are added by ``steps``.
    OPERATIONS: ClassVar[Mapping[Operation, tuple[Step, ...]]]
    pk: Any
    account_id: int
    audit_status: int | None
    pushed_at: dt.datetime | None  # of the latest push that has ended, however

    def plan(self, operation: Operation) -> Plan: ...

    def steps(self, operation: Operation, body: Mapping[str, Any]) -> Sequence[Step]: ...

    def mark_done(self, operation: Operation) -> list[str]: ...

    def mark_refused(self, errcode: int | None, errmsg: str) -> list[str]: ...

    def remote_id(self) -> str: ...

    def reconcile(self, push: Any, look: Look) -> Verdict: ...

    def same_remote(self, remote_id: str) -> Any: ...

    def adopted(self, push: Any, remote_id: str) -> Any: ...

    def save(self, *, update_fields: Sequence[str] | None = None) -> None: ...
