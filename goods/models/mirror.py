import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self, TypeVar

from django.contrib.admin.utils import label_for_field
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.models import Push, Reading
from audits.operations import Operation, Step, Text
from shopadmin.wechat.models import Account

ERRMSG_KEPT = 500

# WeChat said no, whatever the code; told in the words of an index.
REFUSED = Q(errcode__lt=0) | Q(errcode__gt=0)

# How many records are changed in one transaction.
PART = 200

AnyMirror = TypeVar("AnyMirror", bound="Mirror")


@dataclass
class TakenOver:
    """What became of records whose values at WeChat were to be taken over: by id the fields taken."""

    fields: dict[int, list[str]]
    busy: int = 0
    doubtful: int = 0


class MirrorQuerySet(models.QuerySet[AnyMirror]):
    def at_wechat(self) -> Self:
        return self.exclude(**{self.model.REMOTE_ID: ""})

    def look_due(self) -> Self:
        """Their state at WeChat should be read now."""
        return self.at_wechat().filter(look_at__lte=timezone.now())

    def look_now(self) -> int:
        """Ask for their state to be read; returns how many are at WeChat at all."""
        return self.at_wechat().update(look_at=timezone.now())

    def missing(self) -> Self:
        return self.filter(missing_since__isnull=False)

    def for_plan(self, keys: Collection[Any]) -> list[AnyMirror]:
        """Those with these keys, with everything that a plan of each of them needs."""
        return list(self.filter(pk__in=keys))

    def drifted(self) -> Self:
        """Somebody changed them at WeChat, past us."""
        return self.filter(drifted_at__isnull=False)

    def refused(self) -> Self:
        return self.filter(REFUSED)

    def newly_found(self) -> Self:
        """What the last pull of each account found at WeChat and made a record of. Causes a SQL query."""
        readings = Reading.objects.filter(family=self.model.FAMILY, finished_at__isnull=False, created__gt=0)
        found = [
            Q(account=reading.account_id, created_at__range=(reading.started_at, reading.finished_at))
            for reading in readings
        ]
        return self.filter(reduce(or_, found)) if found else self.none()

    def take_theirs(self) -> TakenOver:
        """What was changed at WeChat becomes ours, unless it is in doubt or something is being sent."""
        taken = TakenOver({})
        ids = list(self.drifted().order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), PART):
            with transaction.atomic():
                self._take_part(ids[start : start + PART], taken)
        return taken

    def _take_part(self, ids: list[int], taken: TakenOver) -> None:
        manager = self.model._default_manager
        kind = ContentType.objects.get_for_model(self.model)
        pushes = Push.objects.open().filter(target_type=kind, target_id__in=ids)
        busy = set(pushes.values_list("target_id", flat=True))
        changed, touched = [], {"updated_at"}
        # In one order everywhere, so that no two wait for each other.
        due = manager.filter(pk__in=ids, drifted_at__isnull=False).order_by("pk")
        for record in due.select_for_update():
            if record.pk in busy:
                taken.busy += 1
            elif record.taking_doubtful():
                taken.doubtful += 1
            else:
                taken.fields[record.pk] = record.drift_to_take()
                touched |= {*record.mark_taken(taken.fields[record.pk])}
                record.updated_at = timezone.now()
                changed.append(record)
        if changed:
            manager.bulk_update(changed, sorted(touched))


@dataclass(frozen=True)
class Compared:
    """Something that both sides have, as words: what we have, what WeChat has, and what can be done.

    ``fields`` are ours that go together. ``no_taking`` and ``no_sending`` are the reasons against it.
    """

    name: str
    label: Text
    ours: Text
    theirs: Text
    fields: tuple[str, ...] = ()
    differs: bool = False
    drifted: bool = False
    no_taking: Text = ""
    no_sending: Text = ""
    pictures: tuple[str, str] = ("", "")
    # What buyers see, for what WeChat has two copies of: ``theirs`` is the draft then.
    online: Text = ""
    online_differs: bool = False


class Mirrored(models.Model):
    """Values that WeChat has as well: ours, theirs, and which of theirs were changed past us.

    Methods named ``mark_`` change the instance and return the fields to save.
    """

    # Our fields that WeChat has as well; ``remote`` has them under the same names.
    SHARED: ClassVar[tuple[str, ...]] = ()

    remote = models.JSONField(_("what WeChat has"), default=dict, blank=True, editable=False)
    # Our fields that somebody changed at WeChat, past us, since we last sent or agreed to them.
    drift = models.JSONField(_("changed at WeChat"), default=list, blank=True, editable=False)

    class Meta:
        abstract = True

    def differs(self, field: str) -> bool:
        """WeChat has another value than we have. A subclass knows."""
        raise NotImplementedError

    def seen(self, field: str) -> tuple[Any, Any]:
        """Our value and WeChat's, as far as a person who compares them sees a change in either."""
        return getattr(self, field), self.remote.get(field)

    def same(self, field: str, one: Any, other: Any) -> bool:
        """Two values of WeChat's for a field mean the same."""
        return bool(one == other)

    def mark_read(self, remote: Mapping[str, Any]) -> list[str]:
        """WeChat shows these values (our names) now.

        A field is drift when its value there is not the one known before, which is what we last sent
        or read, nor ours. An empty one proves nothing: answers lack a field now and then.
        """
        before, self.remote = self.remote, dict(remote)
        changed = {
            field
            for field in self.SHARED
            if field in before
            and remote.get(field) not in (None, "")
            and not self.same(field, before[field], remote[field])
        }
        return ["remote", *self._keep_drift({*self.drift, *changed})]

    def settle_drift(self, fields: Iterable[str] = ()) -> list[str]:
        """These fields are agreed upon; those that have become equal by themselves are as well."""
        return self._keep_drift(set(self.drift) - set(fields))

    def _keep_drift(self, fields: set[str]) -> list[str]:
        self.drift = [field for field in self.SHARED if field in fields and self.differs(field)]
        return ["drift"]


class Mirror(Mirrored):
    """A record that mirrors something a merchant has at WeChat.

    Local fields hold what staff want, ``remote`` what WeChat last told us, the rest the result of the
    last push. Subclasses fill ``OPERATIONS``, ``FAMILY``, ``SHARED``, ``REMOTE_ID``, ``plan`` (see
    ``audits.operations.Record``), ``differs``, ``compared`` and ``taken``.
    """

    OPERATIONS: ClassVar[Mapping[Operation, tuple[Step, ...]]]
    FAMILY: ClassVar[str]

    # The operations that begin a review.
    SUBMITTING: ClassVar[tuple[Operation, ...]] = ()

    # The field with WeChat's id, filled exactly while the record is known to be there.
    REMOTE_ID: ClassVar[str]

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"))
    audit_status = models.IntegerField(_("review at WeChat"), null=True, blank=True, editable=False)
    drifted_at = models.DateTimeField(_("changed at WeChat since"), null=True, blank=True, editable=False)
    errcode = models.BigIntegerField(_("error code"), null=True, blank=True, editable=False)
    errmsg = models.TextField(_("WeChat's answer"), blank=True, editable=False)
    pushed_at = models.DateTimeField(_("last sent"), null=True, blank=True, editable=False)
    look_at = models.DateTimeField(_("next look"), null=True, blank=True, editable=False)
    missing_polls = models.PositiveSmallIntegerField(default=0, editable=False)
    missing_since = models.DateTimeField(_("missing at WeChat since"), null=True, blank=True, editable=False)
    faulty = models.BooleanField(_("to be corrected"), default=False, editable=False)
    refreshed_at = models.DateTimeField(_("as of"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        abstract = True

    @property
    def plan_picture(self) -> str:
        """The address of a small picture of it; "" if there is none."""
        return ""

    @property
    def at_wechat(self) -> bool:
        return bool(self.remote_id())

    def remote_id(self) -> str:
        return str(getattr(self, self.REMOTE_ID))

    def same_remote(self, remote_id: str) -> Q:
        """Finds the record that holds this object of WeChat's already."""
        return Q(account=self.account_id, **{self.REMOTE_ID: remote_id})

    def steps(self, operation: Operation, body: Mapping[str, Any]) -> Sequence[Step]:
        """The calls that the operation may take, in their order; ``body`` is what was planned."""
        return self.OPERATIONS[operation]

    def mark_missing(self) -> list[str]:
        """WeChat's answer lacked it. Once may be chance; twice counts."""
        self.missing_polls += 1
        if self.missing_polls > 1 and self.missing_since is None:
            self.missing_since = timezone.now()
        self.look_at = None if self.missing_since else timezone.now() + dt.timedelta(minutes=1)
        return ["missing_polls", "missing_since", "look_at"]

    def look_now(self) -> list[str]:
        self.look_at = timezone.now()
        return ["look_at"]

    def mark_done(self, operation: Operation) -> list[str]:
        self.errcode, self.errmsg, self.pushed_at = 0, "", timezone.now()
        return ["errcode", "errmsg", "pushed_at"]

    def mark_refused(self, errcode: int | None, errmsg: str) -> list[str]:
        self.errcode, self.errmsg, self.pushed_at = errcode, errmsg[:ERRMSG_KEPT], timezone.now()
        return ["errcode", "errmsg", "pushed_at"]

    def pushes(self) -> Any:
        """The journal of this record, newest first. Causes a SQL query."""
        return Push.objects.filter(
            target_type=ContentType.objects.get_for_model(type(self)), target_id=self.pk
        ).order_by("-id")

    def open_push(self) -> Push | None:
        """The push at work on this record, if there is one. Causes a SQL query."""
        found: Push | None = self.pushes().open().first()
        return found

    # --- ours beside theirs -------------------------------------------------------------------

    @classmethod
    def label_of(cls, field: str) -> str:
        """What people call a field."""
        return str(label_for_field(field, cls))

    def compared(self) -> list[Compared]:
        """Everything that both sides have, in the order of the form. A subclass knows."""
        raise NotImplementedError

    def taken(self, field: str) -> Any:
        """WeChat's value as our field takes it. A subclass knows."""
        raise NotImplementedError

    def drift_to_take(self) -> list[str]:
        """The fields to take so that nothing differs that was changed at WeChat; some go together."""
        return [field for row in self.compared() if row.drifted for field in row.fields]

    def taking_doubtful(self) -> bool:
        """A person should look before WeChat's values are taken."""
        return any(row.drifted and row.no_taking for row in self.compared())

    def mark_taken(self, fields: Iterable[str]) -> list[str]:
        """Our fields become what WeChat has."""
        taken = list(fields)
        for field in taken:
            setattr(self, field, self.taken(field))
        return [*taken, *self.settle_drift(taken)]

    def _keep_drift(self, fields: set[str]) -> list[str]:
        super()._keep_drift(fields)
        self.drifted_at = (self.drifted_at or timezone.now()) if self.drift else None
        return ["drift", "drifted_at"]
