import datetime as dt
import heapq
import uuid
from collections.abc import Collection
from random import SystemRandom
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Cast, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.models.batch import Batch
from audits.operations import Operation
from audits.states import OPEN, TRANSITIONS, InvalidTransition, PushStatus
from shopadmin.wechat.models import Account
from shopadmin.wechat.reading import LONGEST_ID

# Longer than a worker can hold a push: its task is ended after 60 s (Q_CLUSTER timeout) plus 3.
LEASE = dt.timedelta(seconds=90)

# Between a lost answer and the look for its effect, and between two looks: WeChat needs time to show it.
LOOK_PAUSE = dt.timedelta(seconds=60)

random = SystemRandom()


class PushQuerySet(models.QuerySet["Push"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def due(self) -> Self:
        """Could be sent now: its time has come, and nobody has paused its batch."""
        due = self.filter(status=PushStatus.QUEUED, not_before__lte=timezone.now())
        return due.exclude(batch__in=Batch.objects.paused())

    def stale(self) -> Self:
        """Claimed by a worker that has not come back in time."""
        return self.filter(status=PushStatus.SENDING, lease_until__lt=timezone.now())

    def unsure(self) -> Self:
        return self.filter(status=PushStatus.UNSURE)

    def release_waiting(self) -> int:
        """Queue what has waited long enough; returns how many."""
        return self.filter(status=PushStatus.WAITING, not_before__lte=timezone.now()).update(
            status=PushStatus.QUEUED, moved_at=timezone.now()
        )

    def claim(self, most: int, *, without_accounts: Collection[int] = ()) -> list["Push"]:
        """Take up to ``most`` due pushes for this worker; nobody else gets them.

        The next one always belongs to the account with the fewest on their way, so that a huge batch of
        one account does not hold up a small one of another; within an account the oldest goes first.
        No account has more on their way than PUSH_CONCURRENCY_PER_ACCOUNT, all workers together.
        """
        lease, now = uuid.uuid4().hex, timezone.now()
        with transaction.atomic():
            ids = self._next_in_turn(most, self._lock_accounts(without_accounts), now)
            self.filter(id__in=ids, status=PushStatus.QUEUED).update(
                status=PushStatus.SENDING, lease_token=lease, lease_until=now + LEASE, moved_at=now
            )
        if not ids:
            return []
        return list(
            self.filter(lease_token=lease, status=PushStatus.SENDING)
            .select_related("account")
            .prefetch_related("target")
            .order_by("id")
        )

    def _lock_accounts(self, without: Collection[int]) -> list[int]:
        """The accounts with something due. Until the transaction ends nobody else claims for them.

        SQLite knows no row locks; there the IMMEDIATE transaction keeps the claimers apart.
        """
        due = self.due().filter(account=OuterRef("pk"))
        accounts = Account.objects.filter(Exists(due)).exclude(pk__in=without).order_by("pk")
        return list(accounts.select_for_update(no_key=True).values_list("pk", flat=True))

    def _next_in_turn(self, most: int, accounts: list[int], now: dt.datetime) -> list[int]:
        """Up to ``most`` ids of due pushes, one by one from the account with the fewest on their way."""
        if not accounts:
            return []
        sending = self.filter(status=PushStatus.SENDING, lease_until__gte=now, account_id__in=accounts)
        busy = dict(sending.order_by().values_list("account_id").annotate(Count("id")))
        limit = settings.PUSH_CONCURRENCY_PER_ACCOUNT
        # Among equals chance decides, or the one that comes first here would always come first.
        random.shuffle(accounts)
        free = [pk for pk in accounts if busy.get(pk, 0) < limit]
        turns = sorted((busy.get(pk, 0), place, pk) for place, pk in enumerate(free))[:most]
        oldest = {
            pk: iter(
                self.due()
                .filter(account_id=pk)
                .order_by("id")
                .select_for_update(skip_locked=True, of=("self",))
                .values_list("id", flat=True)[: min(most, limit - on_their_way)]
            )
            for on_their_way, _place, pk in turns
        }
        ids: list[int] = []
        while turns and len(ids) < most:
            on_their_way, place, pk = turns[0]
            push_id = next(oldest[pk], None)
            if push_id is None:
                heapq.heappop(turns)
            else:
                ids.append(push_id)
                heapq.heapreplace(turns, (on_their_way + 1, place, pk))
        return ids

    def hold_back(self, account_id: int, *, until: dt.datetime) -> int:
        """Let everything that is due of an account wait; returns how many."""
        # Without waiting for rows that somebody else is about to change.
        due = self.due().filter(account_id=account_id).select_for_update(skip_locked=True, of=("self",))
        return self.filter(pk__in=due.order_by().values("pk"), status=PushStatus.QUEUED).update(
            status=PushStatus.WAITING, not_before=until, moved_at=timezone.now()
        )

    def open_counts(self) -> dict[str, int]:
        """How many are open, by state. Causes one SQL query, which an index answers alone."""
        rows: Any = self.open().order_by().values_list("status").annotate(Count("id"))
        return dict(rows)

    def finished_per_hour(self, since: dt.datetime) -> list[tuple[dt.datetime, str, int]]:
        """How many were done and refused in each hour since then: (hour, state, count).

        The text of a moment begins with its hour in UTC in either database. Truncating it instead is a
        Python call per row on SQLite.
        """
        finished = self.filter(status__in=(PushStatus.DONE, PushStatus.REFUSED), finished_at__gte=since)
        hour = Substr(Cast("finished_at", models.CharField()), 1, len("2026-01-31 23"))
        rows: Any = finished.order_by().values_list(hour, "status").annotate(Count("id"))
        return [
            (dt.datetime.strptime(text, "%Y-%m-%d %H").replace(tzinfo=dt.UTC), status, count)
            for text, status, count in rows
        ]


class Push(models.Model):
    """One operation on one record, with the exact body that was planned: the journal, and the queue.

    Never edited by hand and never deleted while open. Only methods of the journal's models and
    querysets write ``status``, each by a conditional UPDATE.
    """

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="pushes", verbose_name=_("batch"))
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"))
    target_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name=_("kind of record"))
    target_id = models.PositiveBigIntegerField(_("record"))
    target = GenericForeignKey("target_type", "target_id")
    target_repr = models.CharField(_("record"), max_length=200)
    operation = models.CharField(_("operation"), max_length=20, choices=Operation)
    body = models.JSONField(_("planned content"), default=dict)

    status = models.CharField(_("state"), max_length=20, choices=PushStatus, default=PushStatus.QUEUED)
    done_steps = models.JSONField(_("steps done"), default=list)
    looks = models.PositiveSmallIntegerField(_("looks at WeChat"), default=0)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    not_before = models.DateTimeField(_("not before"), default=timezone.now)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)

    remote_id = models.CharField(_("WeChat's id"), max_length=LONGEST_ID, blank=True)
    candidates = models.JSONField(_("candidates"), default=list)
    errcode = models.BigIntegerField(_("error code"), null=True)
    errmsg = models.TextField(_("message"), blank=True)

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name=_("by")
    )
    requested_by_name = models.CharField(_("by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    moved_at = models.DateTimeField(_("last change"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = PushQuerySet.as_manager()

    class Meta:
        verbose_name = _("push")
        verbose_name_plural = _("pushes")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["target_type", "target_id"],
                condition=Q(status__in=OPEN),
                name="one_open_push_per_record",
            ),
        ]
        indexes = [
            # ring() counts what is due; claim() looks for the oldest of an account.
            models.Index(fields=["not_before", "id"], condition=Q(status="queued"), name="push_due"),
            models.Index(fields=["account", "id"], condition=Q(status="queued"), name="push_turn"),
            # sweep() looks for leases that ran out and for what has waited long enough.
            models.Index(fields=["status", "lease_until"], name="push_lease"),
            models.Index(fields=["target_type", "target_id", "-id"], name="push_of_record"),
            # The start page counts what ended in the last day.
            models.Index(fields=["status", "finished_at"], name="push_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()}: {self.target_repr}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def move_to(self, status: PushStatus, **fields: Any) -> bool:
        """Change the state, if nobody was faster; False if somebody was."""
        before = PushStatus(self.status)
        if status not in TRANSITIONS[before]:
            raise InvalidTransition(f"{before} -> {status}")
        now = timezone.now()
        fields |= {"status": status, "moved_at": now}
        if not TRANSITIONS[status]:
            fields["finished_at"] = now
        moved = Push.objects.filter(pk=self.pk, status=before, lease_token=self.lease_token).update(**fields)
        if not moved:
            return False
        for name, value in fields.items():
            setattr(self, name, value)
        return True

    def doubt(self, **fields: Any) -> bool:
        """The outcome is unknown: it will be looked up, and never simply repeated."""
        return self.move_to(PushStatus.UNSURE, looks=0, not_before=timezone.now() + LOOK_PAUSE, **fields)

    def look(self) -> bool:
        """True for the one worker that may look now what became of it."""
        now = timezone.now()
        won = (
            Push.objects.unsure().filter(pk=self.pk, not_before__lte=now).update(not_before=now + LOOK_PAUSE)
        )
        return won == 1

    def hold(self) -> bool:
        """Renew the lease before a further call; False if the push is no longer ours."""
        self.lease_until = timezone.now() + LEASE
        held = Push.objects.filter(
            pk=self.pk, status=PushStatus.SENDING, lease_token=self.lease_token
        ).update(lease_until=self.lease_until, tries=F("tries") + 1)
        self.tries += 1
        return held == 1
