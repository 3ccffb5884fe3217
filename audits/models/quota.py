import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, IntegerField, Q, When
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.models import Account
from shopadmin.wechat.quota import QuotaGroup

# WeChat's days roll over at midnight in Beijing, wherever the shop is.
BEIJING = ZoneInfo("Asia/Shanghai")

# WeChat's clock may be behind ours: what it says of a quota just after midnight is about the day before.
LAG = dt.timedelta(minutes=1)

# The part of a day's calls that scheduled reads leave to people.
RESERVE = 0.1

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)

# WeChat names no code of its own for an hour that is used up: these say "too often" just as well.
TOO_OFTEN = {300000, 45011}


def quota_day(now: dt.datetime | None = None) -> dt.date:
    return (now or timezone.now()).astimezone(BEIJING).date()


def next_window(now: dt.datetime | None = None) -> dt.datetime:
    """When what waits for a new day is sent: a little after midnight, when it is past it at WeChat too."""
    day = _day_at_wechat(now or timezone.now())
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), BEIJING) + LAG


def next_hour(now: dt.datetime | None = None) -> dt.datetime:
    """When what waits for a new hour is sent: a little after it has begun, at WeChat too."""
    begun = (now or timezone.now()).replace(minute=0, second=0, microsecond=0)
    return begun + HOUR + LAG


def _hour(now: dt.datetime | None) -> int:
    return (now or timezone.now()).astimezone(BEIJING).hour


def _day_at_wechat(now: dt.datetime) -> dt.date:
    """The day that WeChat has for certain begun."""
    return quota_day(now - LAG)


def this_minute() -> dt.datetime:
    return timezone.now().replace(second=0, microsecond=0)


class QuotaQuerySet(models.QuerySet["Quota"]):
    def today(self, account_id: int, group: QuotaGroup, *, day: dt.date | None = None) -> "Quota":
        """The counter of today, or of another ``day``."""
        return self.get_or_create(
            account_id=account_id,
            group=group.name,
            day=day or quota_day(),
            defaults={"limit": group.per_day, "hour_limit": group.per_hour},
        )[0]

    def spend(
        self, account_id: int, group: QuotaGroup, *, scheduled: bool = False, at: dt.datetime | None = None
    ) -> bool:
        """Take one call from the day's counter; False if none is left. ``at`` is when the call begins.

        A scheduled read leaves a tenth of the day to people.
        """
        row = self.today(account_id, group, day=quota_day(at))
        reserve = int(row.limit * RESERVE) if scheduled else 0
        some_left = self.filter(pk=row.pk, used__lt=F("limit") - reserve)
        if not group.per_hour:
            return some_left.update(used=F("used") + 1) == 1
        hour = _hour(at)
        in_hour = Case(When(hour=hour, then=F("hour_used")), default=0, output_field=IntegerField())
        some_left = some_left.exclude(hour=hour, hour_used__gte=F("hour_limit"))
        return some_left.update(used=F("used") + 1, hour_used=in_hour + 1, hour=hour) == 1

    def opens(self, account_id: int, group: QuotaGroup, *, at: dt.datetime | None = None) -> dt.datetime:
        """When there are calls again, if a call ``at`` that time found none: with the next hour or day."""
        row = self.today(account_id, group, day=quota_day(at))
        hour_is_over = group.per_hour and row.used < row.limit
        return min(next_hour(at), next_window(at)) if hour_is_over else next_window(at)

    def exhaust_hour(self, account_id: int, group: QuotaGroup, *, at: dt.datetime | None = None) -> None:
        """WeChat says to a call begun ``at`` that time that nothing is left of the hour."""
        row = self.today(account_id, group, day=quota_day(at))
        # A late answer says nothing of the hour that has begun meanwhile.
        not_over = Q(hour=None) | Q(hour__lte=_hour(at))
        self.filter(not_over, pk=row.pk).update(hour=_hour(at), hour_used=F("hour_limit"))

    def give_back(self, account_id: int, group: QuotaGroup, *, at: dt.datetime | None = None) -> None:
        """The call begun ``at`` that time never reached WeChat."""
        row = self.today(account_id, group, day=quota_day(at))
        self.filter(pk=row.pk, used__gt=0).update(used=F("used") - 1)
        self.filter(pk=row.pk, hour=_hour(at), hour_used__gt=0).update(hour_used=F("hour_used") - 1)

    def exhaust(self, account_id: int, group: QuotaGroup, *, at: dt.datetime | None = None) -> None:
        """WeChat itself says to a call begun ``at`` that time that nothing is left of the day."""
        row = self.today(account_id, group, day=_day_at_wechat(at or timezone.now()))
        self.filter(pk=row.pk).update(used=F("limit"))

    def raise_to(
        self, account_id: int, group: QuotaGroup, *, used: int, limit: int, at: dt.datetime | None = None
    ) -> "Quota":
        """WeChat told its own numbers when asked ``at`` that time; returns our counter after it.

        The counter never goes down: calls on their way are counted here and not yet there.
        """
        row = self.today(account_id, group, day=_day_at_wechat(at or timezone.now()))
        most = Greatest(F("limit"), limit)
        self.filter(pk=row.pk).update(limit=most, used=Least(Greatest(F("used"), used), most))
        row.refresh_from_db()
        return row

    def correct(
        self, account_id: int, group: QuotaGroup, error: WeChatError, *, at: dt.datetime | None = None
    ) -> None:
        """Make the counter agree with how the call begun ``at`` that time ended."""
        if error.kind is Kind.QUOTA:
            self.exhaust(account_id, group, at=at)
        elif error.kind in (Kind.NOT_SENT, Kind.TOKEN):
            # A refused token is refused before the call is counted.
            self.give_back(account_id, group, at=at)


class Quota(models.Model):
    """How many calls of a group of interfaces an account has used on one Beijing day."""

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"))
    group = models.CharField(_("interfaces"), max_length=60)
    day = models.DateField(_("day (Beijing)"))
    limit = models.PositiveIntegerField(_("calls per day"))
    used = models.PositiveIntegerField(_("used"), default=0)
    # Of the latest hour (Beijing) in which there were any; no limit for groups that have none by the hour.
    hour = models.PositiveSmallIntegerField(_("hour (Beijing)"), null=True)
    hour_limit = models.PositiveIntegerField(_("calls per hour"), default=0)
    hour_used = models.PositiveIntegerField(_("used in that hour"), default=0)

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


class PaceQuerySet(models.QuerySet["Pace"]):
    def take(self, account_id: int, calls: int) -> int:
        """Take up to so many calls from what the account may make this minute; returns how many it may."""
        most = settings.PUSH_CALLS_PER_MINUTE
        if not most:
            return calls
        minute = this_minute()
        with transaction.atomic():
            row, _new = self.select_for_update().get_or_create(
                account_id=account_id, defaults={"minute": minute}
            )
            # Another host's clock may be a little ahead; ours may have been put back by hours.
            if not minute <= row.minute <= minute + MINUTE:
                row.minute, row.used = minute, 0
            taken: int = max(0, min(calls, most - row.used))
            row.used += taken
            row.save(update_fields=["minute", "used"])
        return taken


class Pace(models.Model):
    """How many calls an account's pushes have made in the latest minute in which there were any."""

    account = models.OneToOneField(Account, models.CASCADE)
    minute = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    objects = PaceQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.account_id} {self.minute:%H:%M}"
