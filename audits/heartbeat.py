"""Which task workers are alive: each writes into the shared cache that its cluster has proved itself.

A cache cannot list its keys, and one common list would lose beats when two hosts write it at once.
So there is a fixed row of slots; ``add`` gives a free one to exactly one worker, and a slot that is no
longer beaten empties itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

EVERY = timedelta(seconds=5)
FORGOTTEN_AFTER = timedelta(seconds=20)
SLOTS = [f"worker-heartbeat-{number}" for number in range(64)]
LAST = "worker-heartbeat-last"
LAST_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Worker:
    """A worker that is alive: its host and process id, and when it last said so."""

    name: str
    seen: datetime


def beat(name: str) -> None:
    """Say that the worker of this name is alive. More workers than slots: the surplus is not listed."""
    worker = Worker(name, timezone.now())
    timeout = FORGOTTEN_AFTER.total_seconds()
    cache.set(LAST, worker.seen, LAST_KEPT.total_seconds())
    taken = _taken()
    for slot, other in taken.items():
        if other.name == name:
            cache.set(slot, worker, timeout)
            return
    for slot in SLOTS:
        if slot not in taken and cache.add(slot, worker, timeout):
            return


def forget(name: str) -> None:
    """The worker of this name has stopped."""
    cache.delete_many([slot for slot, worker in _taken().items() if worker.name == name])


def workers() -> list[Worker]:
    """Every worker that is alive, by name. Costs one query."""
    return sorted(_taken().values(), key=lambda worker: worker.name)


def alive() -> bool:
    """Whether any worker is known to be alive. Costs one query.

    Without its cache a page says that no worker runs, instead of failing.
    """
    try:
        return bool(_taken())
    except (RedisError, OSError):
        return False


def last_beat() -> datetime | None:
    """When a worker last said that it is alive, also long after all of them have gone."""
    seen: datetime | None = cache.get(LAST)
    return seen


def _taken() -> dict[str, Worker]:
    return cache.get_many(SLOTS)
