import datetime as dt
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.models import Account
from shopadmin.wechat.quota import QuotaGroup

# WeChat's days roll over at midnight in Beijing, wherever the shop is.
BEIJING = ZoneInfo("Asia/Shanghai")

# The part of a day's calls that scheduled reads leave to people.
RESERVE = 0.1


def quota_day(now: dt.datetime | None = None) -> dt.date:
    return (now or timezone.now()).astimezone(BEIJING).date()


def next_window(now: dt.datetime | None = None) -> dt.datetime:
    """When the day's counters start again."""
    return dt.datetime.combine(quota_day(now) + dt.timedelta(days=1), dt.time(), BEIJING)


class QuotaQuerySet(models.QuerySet["Quota"]):
    def today(self, account_id: int, group: QuotaGroup) -> "Quota":
        return self.get_or_create(
            account_id=account_id, group=group.name, day=quota_day(), defaults={"limit": group.per_day}
        )[0]

    def spend(self, account_id: int, group: QuotaGroup, *, scheduled: bool = False) -> bool:
        """Take one call from today's counter; False if none is left.

        A scheduled read leaves a tenth of the day to people.
        """
        row = self.today(account_id, group)
        reserve = int(row.limit * RESERVE) if scheduled else 0
        return self.filter(pk=row.pk, used__lt=F("limit") - reserve).update(used=F("used") + 1) == 1

    def give_back(self, account_id: int, group: QuotaGroup) -> None:
        """The call never reached WeChat."""
        row = self.today(account_id, group)
        self.filter(pk=row.pk, used__gt=0).update(used=F("used") - 1)

    def exhaust(self, account_id: int, group: QuotaGroup) -> None:
        """WeChat itself says that nothing is left today."""
        row = self.today(account_id, group)
        self.filter(pk=row.pk).update(used=F("limit"))

    def correct(self, account_id: int, group: QuotaGroup, error: WeChatError) -> None:
        """Make the counter agree with how the call ended."""
        if error.kind is Kind.QUOTA:
            self.exhaust(account_id, group)
        elif error.kind in (Kind.NOT_SENT, Kind.TOKEN):
            # A refused token is refused before the call is counted.
            self.give_back(account_id, group)


class Quota(models.Model):
    """How many calls of a group of interfaces an account has used on one Beijing day."""

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"))
    group = models.CharField(_("interfaces"), max_length=60)
    day = models.DateField(_("day (Beijing)"))
    limit = models.PositiveIntegerField(_("calls per day"))
    used = models.PositiveIntegerField(_("used"), default=0)

    objects = QuotaQuerySet.as_manager()

    class Meta:
        verbose_name = _("daily quota")
        verbose_name_plural = _("daily quotas")
        ordering = ["-day", "account", "group"]
        constraints = [
            models.UniqueConstraint(fields=["account", "group", "day"], name="one_quota_row_per_day"),
            models.CheckConstraint(condition=Q(used__lte=F("limit")), name="quota_never_overdrawn"),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.day}"

    @property
    def left(self) -> int:
        return self.limit - self.used
