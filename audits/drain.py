"""Emptying the journal: claim, call, write the answer down.

Threads do HTTP only, the task's own thread does all database work. So a slow WeChat blocks threads,
never a transaction, and a worker process needs one database connection.
"""

import datetime as dt
import functools
import logging
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from random import SystemRandom
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audits.doorbell import ring
from audits.models import Attempt, Push, Quota
from audits.models.quota import MINUTE, Pace, this_minute
from audits.operations import Call, Operation, Record, Step
from audits.settle import give_up, postpone, settle
from audits.states import PushStatus
from shopadmin.wechat import token as tokens
from shopadmin.wechat.client import Transport, WeChatClient
from shopadmin.wechat.errors import Kind, WeChatError

logger = logging.getLogger(__name__)

# How long to wait before asking again whether another process has renewed the token.
TOKEN_PAUSE = 0.1

# After the journal was found dry, how long until the next claim of the same run.
CLAIM_PAUSE = 0.5


# One journalled call for every two under way waits for its turn, so that there is always one to go while
# the task's thread writes answers down.
AHEAD_PART = 2

# What waits for the next minute starts within its first seconds, not all in the same one.
JITTER = 5.0
random = SystemRandom()


def with_ahead(threads: int) -> int:
    return threads + threads // AHEAD_PART


@functools.cache
def _pool() -> ThreadPoolExecutor:
    """One pool per worker process, made on first use: threads do not survive the fork.

    The threads too many make pictures ready while the others wait for WeChat.
    """
    return ThreadPoolExecutor(with_ahead(settings.PUSH_THREADS), thread_name_prefix="wechat")


@functools.cache
def _transport() -> Transport:
    return Transport(concurrency=settings.PUSH_THREADS)


@dataclass
class Flight:
    """One claimed push on its way through its steps."""

    push: Push
    record: Record
    token_renewed: bool = False
    recovered: bool = False
    step: Step | None = None
    attempt: Attempt | None = None
    token: str = ""

    def next_step(self) -> Step | None:
        steps = self.record.steps(Operation(self.push.operation), self.push.body)
        return next(
            (s for s in steps if s.name not in self.push.done_steps and s.wanted(self.record, self.push)),
            None,
        )


def _counter_of(flight: Flight) -> tuple[int, str]:
    """The counters that its next call uses up: those of the account, then one of its quota groups."""
    step = flight.next_step()
    return flight.push.account_id, step.quota.name if step is not None and step.quota else ""


def _next_minute() -> dt.datetime:
    return this_minute() + MINUTE + dt.timedelta(seconds=random.uniform(0, JITTER))


class Drain:
    """One run of a worker through the journal."""

    def __init__(self, threads: int, seconds: float) -> None:
        self.threads = threads
        self.deadline = time.monotonic() + seconds
        self.calls = 0
        self._ready: list[Flight] = []
        self._airborne: dict[Future[Any], Flight] = {}
        self._renewals: dict[Future[Any], tuple[int, tokens.Renewal]] = {}
        self._tokens: dict[int, str] = {}
        self._rejected: dict[int, str] = {}
        self._bug: BaseException | None = None
        self._claim_after = 0.0
        self._came_short = False
        self._handed_over = False
        self._put_back = False

    def run(self) -> None:
        Push.objects.release_waiting()
        while True:
            claimed = 0
            if time.monotonic() >= self.deadline:
                self.hand_over()
            elif self._claim_after <= time.monotonic() and self._bug is None:
                claimed = self._claim()
            self._launch()
            if self._airborne or self._ready:
                self._land()
            elif not claimed:
                if not self._crowded():
                    break
                time.sleep(CLAIM_PAUSE)
        if self._put_back:
            # The run that the deadline rang for may have found nothing yet and be over.
            ring(most=1)
        if self._bug is not None:
            raise self._bug

    def hand_over(self) -> None:
        """Ring for the next run, once: at the deadline, so that it is there when our last calls are back."""
        if not self._handed_over:
            self._handed_over = True
            ring(most=1)

    def _crowded(self) -> bool:
        """Something is due whose account has as many on their way as it may: it goes when those are back."""
        in_time = time.monotonic() < self.deadline and self._bug is None
        return in_time and self._came_short and Push.objects.due().exists()

    def _claim(self) -> int:
        """Take pushes for the free threads; returns how many.

        What waits for its account's token holds no thread: other accounts go on meanwhile.
        """
        waiting = {flight.push.account_id for flight in self._ready} - self._tokens.keys()
        boarding = sum(flight.push.account_id not in waiting for flight in self._ready)
        free = with_ahead(self.threads) - len(self._airborne) - len(self._renewals) - boarding
        if free <= 0:
            return 0
        pushes = Push.objects.claim(free, without_accounts=waiting)
        self._came_short = len(pushes) < free
        if self._came_short:
            # Dry for now: claiming takes the write lock on SQLite, so not with every answer.
            self._claim_after = time.monotonic() + (TOKEN_PAUSE if waiting else CLAIM_PAUSE)
        for push in pushes:
            if push.target is None:
                give_up(push)
            else:
                self._ready.append(Flight(push, push.target))
        return len(pushes)

    @contextmanager
    def _alone(self, flight: Flight) -> Iterator[None]:
        """A bug met with one push must not cost the others their answers: ``run`` raises it at its end.

        The push stays as it is for the sweeper.
        """
        try:
            with transaction.atomic():
                yield
        except Exception as bug:  # noqa: BLE001
            self._note_bug(flight, bug)

    def _note_bug(self, flight: Flight, bug: BaseException) -> None:
        logger.error("push %s: %s", flight.push.pk, type(bug).__name__)
        self._bug = bug

    # --- taking off ---------------------------------------------------------------------------

    def _launch(self) -> None:
        """Journal the next call of every flight that has a token, commit, then let them go."""
        waiting, boarding = self._ready, []
        self._ready = []
        for flight in waiting:
            if self._handed_over and flight.step is not None:
                # Some have a hundred calls to make: the next run goes on with them.
                postpone(flight.push, PushStatus.QUEUED, until=timezone.now())
                self._put_back = True
            elif self._find_token(flight):
                boarding.append(flight)
        if not boarding:
            return
        starts: list[tuple[Flight, Call]] = []
        with transaction.atomic():
            boarding, spent = self._keep_pace(boarding)
            for flight in boarding:
                with self._alone(flight):
                    call = self._board(flight)
                    if call is not None:
                        starts.append((flight, call))
            Attempt.objects.bulk_create([flight.attempt for flight, _ in starts if flight.attempt])
        for flight, call in starts:
            client = WeChatClient(
                flight.push.account.base_url, functools.partial(str, flight.token), transport=_transport()
            )
            self._airborne[_pool().submit(call.send, client)] = flight
            self.calls += 1
        for account_id in spent:
            Push.objects.hold_back(account_id, until=_next_minute())

    def _keep_pace(self, boarding: list[Flight]) -> tuple[list[Flight], list[int]]:
        """Those whose account may make a call this minute, and the accounts that may not make more.

        Every worker comes to the counters in the same order, so that no two wait for each other.
        """
        leaving: list[Flight] = []
        spent: list[int] = []
        boarding.sort(key=_counter_of)
        for account_id, group in groupby(boarding, key=lambda flight: flight.push.account_id):
            flights = list(group)
            may = Pace.objects.take(account_id, len(flights))
            leaving += flights[:may]
            for flight in flights[may:]:
                postpone(flight.push, PushStatus.WAITING, until=_next_minute())
            if may < len(flights):
                spent.append(account_id)
        return leaving, spent

    def _board(self, flight: Flight) -> Call | None:
        """Lease, quota and Attempt row of the next call; None when this flight does not leave now."""
        push, step, now = flight.push, flight.next_step(), timezone.now()
        if step is None:
            return None
        if step.quota and not Quota.objects.spend(push.account_id, step.quota, at=now):
            until = Quota.objects.opens(push.account_id, step.quota, at=now)
            postpone(push, PushStatus.WAITING, until=until)
            return None
        if not push.hold():
            if step.quota:
                Quota.objects.give_back(push.account_id, step.quota, at=now)
            return None
        call = step.prepare(flight.record, push)
        flight.step = step
        flight.attempt = Attempt(push=push, step=step.name, path=step.path, body=call.body, started_at=now)
        return call

    def _find_token(self, flight: Flight) -> bool:
        """Give the flight its account's token; False when it has to wait for one or cannot get one."""
        account = flight.push.account
        known = self._tokens.get(account.pk)
        if known is None:
            if any(pk == account.pk for pk, _ in self._renewals.values()):
                self._ready.append(flight)
                return False
            try:
                answer = tokens.begin_renewal(account, rejected=self._rejected.get(account.pk))
            except WeChatError as error:
                self._no_token(flight, error)
                return False
            if not isinstance(answer, str):
                if answer is not None:
                    self._fetch(account.pk, answer)
                self._ready.append(flight)
                return False
            known = self._tokens[account.pk] = answer
        flight.token = known
        return True

    def _fetch(self, account_id: int, renewal: tokens.Renewal) -> None:
        self._renewals[_pool().submit(renewal.fetch, _transport())] = (account_id, renewal)

    def _no_token(self, flight: Flight, error: WeChatError) -> None:
        """Without a token nothing was sent: the push waits, if need be until the account is put right."""
        if error.kind is Kind.PERMISSION:
            error = WeChatError(Kind.TOKEN, error.errmsg, errcode=error.errcode)
        settle(flight.push, flight.record, error=error)

    # --- landing ------------------------------------------------------------------------------

    def _land(self) -> None:
        futures = [*self._airborne, *self._renewals]
        if not futures:
            time.sleep(TOKEN_PAUSE)
            return
        pause = TOKEN_PAUSE if self._ready else None
        for future in wait(futures, timeout=pause, return_when=FIRST_COMPLETED).done:
            if future in self._renewals:
                self._land_token(future)
            else:
                self._land_flight(future)

    def _land_token(self, future: Future[Any]) -> None:
        account_id, renewal = self._renewals.pop(future)
        error = future.exception()
        if error is not None and not isinstance(error, WeChatError):
            self._bug = error
            error = WeChatError(Kind.NOT_SENT, type(error).__name__)
        try:
            outcome = future.result() if error is None else error
            self._tokens[account_id] = tokens.finish_renewal(account_id, renewal, outcome)
        except WeChatError as refused:
            for flight in [f for f in self._ready if f.push.account_id == account_id]:
                self._ready.remove(flight)
                self._no_token(flight, refused)

    def _land_flight(self, future: Future[Any]) -> None:
        flight = self._airborne.pop(future)
        error = future.exception()
        if isinstance(error, WeChatError) and error.kind is Kind.TOKEN and not flight.token_renewed:
            self._renew_token(flight, error)
        elif error is None or isinstance(error, WeChatError):
            with self._alone(flight):
                self._settle(flight, None if error else future.result(), error)
        else:
            self._note_bug(flight, error)

    def _settle(self, flight: Flight, result: Any, error: WeChatError | None) -> None:
        onward = settle(
            flight.push,
            flight.record,
            flight.step,
            flight.attempt,
            result=result,
            error=error,
            recover=not flight.recovered,
        )
        flight.recovered |= error is not None
        if onward:
            self._ready.append(flight)

    def _renew_token(self, flight: Flight, error: WeChatError) -> None:
        """The call was rejected before it was executed: one new token, one repetition."""
        assert flight.step is not None and flight.attempt is not None  # noqa: S101 - set when it took off
        flight.attempt.close(error=error)
        if flight.step.quota:
            begun = flight.attempt.started_at
            Quota.objects.correct(flight.push.account_id, flight.step.quota, error, at=begun)
        flight.token_renewed = True
        if self._tokens.get(flight.push.account_id) == flight.token:
            del self._tokens[flight.push.account_id]
            self._rejected[flight.push.account_id] = flight.token
        self._ready.append(flight)
