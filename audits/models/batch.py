import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.operations import Operation
from audits.states import OPEN, PushStatus

UNCONFIRMED_KEPT = dt.timedelta(days=1)


class BatchQuerySet(models.QuerySet["Batch"]):
    def confirmed(self) -> Self:
        return self.filter(confirmed_at__isnull=False)

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

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["-id"]
        indexes = [models.Index(fields=["confirmed_at"])]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_operation_display()}"

    def confirm(self) -> bool:
        """True for the one caller that may now write the pushes; a double click gets False."""
        now = timezone.now()
        won = Batch.objects.filter(pk=self.pk, confirmed_at=None).update(confirmed_at=now) == 1
        if won:
            self.confirmed_at = now
        return won

    def counts(self) -> dict[str, int]:
        """Pushes by state. Causes one SQL query."""
        rows: Any = self.pushes.order_by().values_list("status").annotate(Count("id"))
        return dict(rows)

    @property
    def working(self) -> bool:
        """Something of this batch changes soon and by itself. Causes one SQL query."""
        long_waits = {PushStatus.WAITING, PushStatus.NEEDS_PERSON}
        return self.pushes.filter(status__in=set(OPEN) - long_waits).exists()
