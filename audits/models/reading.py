import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.models import Account, Family

# A reading that has not ended by then is begun again.
AGAIN_AFTER = dt.timedelta(minutes=10)


class ReadingQuerySet(models.QuerySet["Reading"]):
    def request(self, account: Account, family: str) -> "Reading":
        """Ask for everything of one family to be read; asking twice reads once."""
        return self.update_or_create(
            account=account, family=family, defaults={"requested_at": timezone.now()}
        )[0]

    def wanted(self) -> Self:
        """Asked for since the last start; or begun and not ended in time, whatever the reason."""
        ended = Q(finished_at__isnull=False, finished_at__gte=F("started_at"))
        return self.filter(requested_at__isnull=False).filter(
            Q(started_at=None)
            | Q(started_at__lt=F("requested_at"))
            | (Q(started_at__lt=timezone.now() - AGAIN_AFTER) & ~ended)
        )


class Reading(models.Model):
    """The latest complete reading of one family of one account: asked for, begun, ended, with what result."""

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"))
    family = models.CharField(_("family"), max_length=20, choices=Family)
    requested_at = models.DateTimeField(_("asked for"), null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    calls = models.PositiveIntegerField(_("calls"), default=0)
    created = models.PositiveIntegerField(_("new"), default=0)
    updated = models.PositiveIntegerField(_("changed"), default=0)
    missing = models.PositiveIntegerField(_("missing at WeChat"), default=0)
    errcode = models.BigIntegerField(_("error code"), null=True)
    errmsg = models.TextField(_("message"), blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints = [models.UniqueConstraint(fields=["account", "family"], name="one_reading_per_family")]

    def __str__(self) -> str:
        return f"{self.account} {self.get_family_display()}"

    def start(self) -> bool:
        """True for the one worker that reads; a second one gets False."""
        now = timezone.now()
        won = Reading.objects.wanted().filter(pk=self.pk).update(started_at=now) == 1
        if won:
            self.started_at = now
        return won

    def finish(self, *, calls: int, created: int, updated: int, missing: int) -> None:
        self.finished_at = timezone.now()
        self.calls, self.created, self.updated, self.missing = calls, created, updated, missing
        self.errcode, self.errmsg = 0, ""
        self._save_result()

    def fail(self, error: WeChatError) -> None:
        self.errcode, self.errmsg = error.errcode, error.errmsg
        self._save_result()

    def _save_result(self) -> None:
        self.save(
            update_fields=["finished_at", "calls", "created", "updated", "missing", "errcode", "errmsg"]
        )
