import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.operations import Operation
from audits.states import OPEN, PushStatus

UNCONFIRMED_KEPT = dt.timedelta(days=1)

Person = AbstractBaseUser | AnonymousUser | None

# Pushes that have not left: only these can still be stopped.
STOPPABLE = (PushStatus.QUEUED, PushStatus.WAITING)


class BatchQuerySet(models.QuerySet["Batch"]):
    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)

    def paused(self) -> Self:
        return self.filter(paused_at__isnull=False)

    def abandoned(self) -> Self:
        """Plans that nobody confirmed."""
        return self.filter(confirmed_at=None, created_at__lt=timezone.now() - UNCONFIRMED_KEPT)


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

    def confirm(self) -> bool:
        """True for the one caller that may now write the pushes; a double click gets False."""
        now = timezone.now()
        won = Batch.objects.filter(pk=self.pk, confirmed_at=None).update(confirmed_at=now) == 1
        if won:
            self.confirmed_at = now
        return won

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
