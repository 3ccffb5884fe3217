import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.operations import Operation, PlanRow
from audits.states import OPEN, PushStatus

UNCONFIRMED_KEPT = dt.timedelta(days=1)
# Whoever has to approve may be away for a weekend and a day.
UNAPPROVED_KEPT = dt.timedelta(days=7)

Person = AbstractBaseUser | AnonymousUser | None

# Pushes that have not left: only these can still be stopped.
STOPPABLE = (PushStatus.QUEUED, PushStatus.WAITING)


# What makes a batch of thousands of records a large row, and lists of batches do not show.
BULKY = ("plan", "selection", "excluded", "left_out")


class BatchQuerySet(models.QuerySet["Batch"]):
    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)

    def paused(self) -> Self:
        return self.filter(paused_at__isnull=False)

    def undecided(self) -> Self:
        """Plans that somebody may still change, confirm or pass on for approval."""
        return self.filter(confirmed_at=None, approval_asked_at=None)

    def awaiting_approval(self) -> Self:
        """Plans that are sent once a second person agrees, the longest waiting first."""
        asked = self.filter(confirmed_at=None, approval_asked_at__isnull=False)
        return asked.order_by("approval_asked_at", "id")

    def abandoned(self) -> Self:
        """Plans that nobody confirmed, or nobody approved."""
        now = timezone.now()
        looked_at = Q(approval_asked_at=None, created_at__lt=now - UNCONFIRMED_KEPT)
        asked_for = Q(approval_asked_at__lt=now - UNAPPROVED_KEPT)
        return self.filter(looked_at | asked_for, confirmed_at=None)


class Batch(models.Model):
    """One operation on many records: first a selection somebody looks at, once confirmed its pushes."""

    operation = models.CharField(_("operation"), max_length=20, choices=Operation)
    target_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name=_("kind of record"))
    selection = models.JSONField(_("selected records"), default=list)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )
    # Text beside the key: the journal outlives the people in it.
    created_by_name = models.CharField(_("by"), max_length=150, blank=True)
    # As it was shown, record by record: what is confirmed is this and nothing else.
    plan = models.JSONField(_("plan"), default=list)
    excluded = models.JSONField(_("taken out by hand"), default=list)
    left_out = models.JSONField(_("changed since the plan"), default=list)
    # Where a second person has to agree: who asked for it, and who gave it.
    approval_asked_at = models.DateTimeField(_("approval asked for"), null=True)
    approval_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approval_asked_by_name = models.CharField(_("approval asked for by"), max_length=150, blank=True)
    approved_by_name = models.CharField(_("approved by"), max_length=150, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True)
    paused_by_name = models.CharField(_("paused by"), max_length=150, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    cancelled_by_name = models.CharField(_("cancelled by"), max_length=150, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["-id"]
        permissions = [("approve_batch", _("Can approve what needs a second person"))]
        indexes = [
            models.Index(fields=["confirmed_at"]),
            # Every claim leaves out what is paused, which is hardly ever anything.
            models.Index(fields=["id"], condition=Q(paused_at__isnull=False), name="batch_paused"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_operation_display()}"

    # --- the plan, until it is confirmed ----------------------------------------------------------

    def rows(self) -> list[PlanRow]:
        """The plan as it was shown; empty if nobody has looked at it yet."""
        return [PlanRow(*row) for row in self.plan]

    def keep_plan(self, rows: Sequence[PlanRow]) -> None:
        """Keep what is about to be shown; of two that look for the first time, the first one's counts."""
        open_ = Batch.objects.undecided().filter(pk=self.pk, plan=[])
        if open_.update(plan=rows):
            self.plan = list(rows)
        else:
            self.refresh_from_db(fields=["plan", "excluded", "confirmed_at", "approval_asked_at"])

    def forget_plan(self) -> bool:
        """It is planned anew when somebody looks the next time. What was taken out by hand stays out."""
        forgotten = Batch.objects.undecided().filter(pk=self.pk).update(plan=[])
        if forgotten:
            self.plan = []
        return forgotten == 1

    def exclude(self, ids: Iterable[Any]) -> int:
        """Take records out by hand; returns how many more are out."""
        more = self._selected(ids)
        return self._set_excluded(lambda out: list(dict.fromkeys([*out, *more])))

    def include(self, ids: Iterable[Any]) -> int:
        """Take back what was taken out by hand; returns how many."""
        back = set(self._selected(ids))
        return -self._set_excluded(lambda out: [pk for pk in out if pk not in back])

    def _selected(self, ids: Iterable[Any]) -> list[Any]:
        """Of these keys, which may come from a form, those that belong to the selection."""
        wanted = set(map(str, ids))
        return [pk for pk in self.selection if str(pk) in wanted]

    def _set_excluded(self, change: Callable[[list[Any]], list[Any]]) -> int:
        with transaction.atomic():
            if not self.hold():
                return 0
            before, self.excluded = self.excluded, change(self.excluded)
            self.save(update_fields=["excluded"])
        return len(self.excluded) - len(before)

    @property
    def fingerprint(self) -> str:
        """Names the plan that a page shows, so that a button on it cannot mean another one."""
        text = json.dumps([self.plan, self.excluded], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    # --- the decision -----------------------------------------------------------------------------

    def hold(self) -> bool:
        """Until the transaction ends nobody else decides on it; False if somebody has.

        What others have taken out since it was read is known afterwards.
        """
        now = Batch.objects.select_for_update().undecided().filter(pk=self.pk).first()
        if now is None:
            return False
        self.plan, self.excluded = now.plan, now.excluded
        return True

    def confirm(self) -> bool:
        """True for the one caller that may now write the pushes; a double click gets False."""
        now = timezone.now()
        won = Batch.objects.undecided().filter(pk=self.pk).update(confirmed_at=now) == 1
        if won:
            self.confirmed_at = now
        return won

    def ask_approval(self, *, by: Person) -> bool:
        """From now on a second person decides; False if it is decided or asked for already."""
        values = {
            "approval_asked_at": timezone.now(),
            "approval_asked_by_id": by.pk if by is not None else None,
            "approval_asked_by_name": _name(by),
        }
        return self._decide(Batch.objects.undecided(), values)

    def approve(self, *, by: Person) -> bool:
        """True for the one caller that may now write the pushes. Whoever asked cannot be the one."""
        if by is None or by.pk is None:
            return False
        others = Batch.objects.awaiting_approval().exclude(approval_asked_by=by.pk)
        # What was taken back and asked for again is another request than the one that was looked at.
        same = others.filter(approval_asked_at=self.approval_asked_at)
        return self._decide(same, {"confirmed_at": timezone.now(), "approved_by_name": _name(by)})

    def decline(self) -> bool:
        """It may be changed and asked for again, for another day; False if nobody asks any more."""
        same = Batch.objects.awaiting_approval().filter(approval_asked_at=self.approval_asked_at)
        values = {"approval_asked_at": None, "approval_asked_by_id": None, "approval_asked_by_name": ""}
        return self._decide(same, values | {"created_at": timezone.now()})

    def _decide(self, open_: BatchQuerySet, values: dict[str, Any]) -> bool:
        if open_.filter(pk=self.pk).update(**values) != 1:
            return False
        for name, value in values.items():
            setattr(self, name, value)
        return True

    @property
    def awaits_approval(self) -> bool:
        return self.confirmed_at is None and self.approval_asked_at is not None

    def asked_by(self, person: Person) -> bool:
        """This person asked for the approval, and so cannot give it."""
        return person is not None and person.pk is not None and person.pk == self.approval_asked_by_id

    def note_left_out(self, rows: list[dict[str, Any]]) -> None:
        """Keep what was not sent for having changed since the plan was shown."""
        self.left_out = rows
        self.save(update_fields=["left_out"])

    # --- its pushes -------------------------------------------------------------------------------

    def pause(self, *, by: Person = None) -> bool:
        """From now on workers leave it alone; what is on its way is finished. False if nothing changed."""
        now, name = timezone.now(), _name(by)
        if not self.pushes.filter(status__in=OPEN).exists():
            return False
        paused = Batch.objects.filter(pk=self.pk, paused_at=None).update(paused_at=now, paused_by_name=name)
        if paused:
            self.paused_at, self.paused_by_name = now, name
        return paused == 1

    def resume(self) -> bool:
        """Workers may take it again; ``services.resume`` tells them. False if it was not paused."""
        resumed = Batch.objects.paused().filter(pk=self.pk).update(paused_at=None, paused_by_name="")
        if resumed:
            self.paused_at, self.paused_by_name = None, ""
        return resumed == 1

    def cancel(self, *, by: Person = None) -> int:
        """Stop every push that has not left; returns how many.

        One UPDATE with its condition: a push that a worker claims at this moment is sent or cancelled.
        """
        now, name = timezone.now(), _name(by)
        with transaction.atomic():
            count = self.pushes.filter(status__in=STOPPABLE).update(
                status=PushStatus.CANCELLED, moved_at=now, finished_at=now
            )
            if count:
                self.cancelled_at, self.cancelled_by_name = now, name
                self.save(update_fields=["cancelled_at", "cancelled_by_name"])
        return count

    def refused_ids(self) -> list[int]:
        """The records whose push WeChat said no to."""
        refused = self.pushes.filter(status=PushStatus.REFUSED).order_by("target_id")
        return list(refused.values_list("target_id", flat=True))

    def counts(self) -> dict[str, int]:
        """Pushes by state. Causes one SQL query."""
        rows: Any = self.pushes.order_by().values_list("status").annotate(Count("id"))
        return dict(rows)

    @property
    def working(self) -> bool:
        """Something of this batch changes soon and by itself. Causes one SQL query."""
        still = {PushStatus.WAITING, PushStatus.NEEDS_PERSON}
        if self.paused_at:
            still.add(PushStatus.QUEUED)
        return self.pushes.filter(status__in=set(OPEN) - still).exists()


def _name(person: Person) -> str:
    return person.get_username() if person is not None else ""
