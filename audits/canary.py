"""How a cluster proves, process by process, that it works: to the guard that started it, and to nobody else.

A canary put into the common queue would be taken by any cluster, so one that is stuck could hide behind
the others. So the canary never lies in the queue. The cluster's own pusher adds one to what it has just
read from the broker, a worker runs it, the monitor settles it, and only then is the guard told, through a
pipe. It needs no rows, no clocks that agree and no names of hosts.

==========  ============================================================================================
pusher      reads the broker, then adds the canary
worker      runs it
monitor     settles it: RESULT (so does every other task, hence a busy cluster proves itself as well)
sentinel    saves its statistics each second, between its looks at schedules and processes: GUARDED
==========  ============================================================================================
"""

import logging
import os
import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django_q.signing import SignedPackage

RESULT = b"r"
GUARDED = b"g"

CANARY = "audits.tasks.canary"
SWEEP = "audits.tasks.sweep"
OURS = "not in the queue"  # instead of the broker's receipt: Redis gives none, but django-q2 needs one


class ProvingBroker:
    """A broker of django-q2 that adds a canary every so many seconds, and tells the guard what works.

    Pusher, monitor and sentinel each have their own copy, because the cluster forks.
    """

    def __init__(self, broker: Any, proofs: int, every: float) -> None:
        self._broker = broker
        self._proofs = proofs
        self._every = every
        self._canary_at = 0.0
        # A new pusher begins with a sweep: whoever had the queue before may have taken rings with it.
        self._func = SWEEP

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def dequeue(self) -> list[tuple[Any, str]]:
        """What the broker has, and a canary if it is time for one. Only the pusher calls this."""
        tasks = [(receipt or OURS, package) for receipt, package in self._broker.dequeue() or ()]
        if time.monotonic() >= self._canary_at:
            tasks.append((OURS, package_of(self._func)))
            self._func = CANARY
            self._canary_at = time.monotonic() + self._every
        return tasks

    def acknowledge(self, receipt: Any) -> None:
        """A result has been settled. Only the monitor calls this."""
        if receipt != OURS:
            self._broker.acknowledge(receipt)
        self._tell(RESULT)

    def fail(self, receipt: Any) -> None:
        """A task cannot be read and is dropped."""
        if receipt != OURS:
            self._broker.fail(receipt)

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """Only the sentinel calls this, in each round."""
        self._tell(GUARDED)
        self._broker.set_stat(key, value, timeout)

    def _tell(self, proof: bytes) -> None:
        with suppress(OSError):  # the pipe is full, or the guard is gone
            os.write(self._proofs, proof)


def package_of(func: str) -> str:
    """A task as ``async_task`` would queue it, whose success leaves no row."""
    task: dict[str, Any] = {"id": uuid4().hex, "name": func, "func": func, "args": (), "kwargs": {}}
    task |= {"started": timezone.now(), "save": False, "ack_failure": True}
    package: str = SignedPackage.dumps(task)
    return package


class Proofs:
    """The guard's end of the pipe: for how long each kind of proof has been missing."""

    def __init__(self) -> None:
        self._reading, self.writing = os.pipe()
        for end in (self._reading, self.writing):
            os.set_blocking(end, False)
        self._missing = {RESULT: 0.0, GUARDED: 0.0}
        self._heard: set[bytes] = set()

    @property
    def complete(self) -> bool:
        """Whether each kind of proof has come at least once."""
        return len(self._heard) == len(self._missing)

    @property
    def silence(self) -> float:
        """Seconds since the proof that has been missing longest."""
        return max(self._missing.values())

    def listen(self, seconds: float) -> None:
        """So many seconds have passed; hear what came meanwhile."""
        try:
            heard = os.read(self._reading, 65536)
        except BlockingIOError:
            heard = b""
        for kind in self._missing:
            self._missing[kind] = 0.0 if kind in heard else self._missing[kind] + seconds
        self._heard |= {kind for kind in self._missing if kind in heard}

    def start_over(self) -> None:
        """Nothing could be proved until now."""
        self._missing = dict.fromkeys(self._missing, 0.0)
        self._heard.clear()

    def close(self) -> None:
        os.close(self._reading)


def hide_canaries(record: logging.LogRecord) -> bool:
    """A filter for django-q2's log: two lines for each canary would drown the rest."""
    return CANARY not in record.getMessage()
