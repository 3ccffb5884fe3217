"""Who starts the workers, kills them, fails the calls, takes the tokens away, and sweeps."""

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.utils import timezone
from django_q.status import Stat

from audits.models import Attempt
from tests.chaos.wechat import WeChat
from tests.processes import ROOT

KILL_EVERY = (1.5, 4.0)
REVOKE_EVERY = 200
CLUSTERS_DIE_AT = (0.3, 0.6)
SWEEP_EVERY = 1.0
MOST_SWEEPS = 3


class Monkey:
    """``tease`` it as often as possible. While it is entered, workers and sweeps run."""

    def __init__(self, wechat: WeChat, folder: Path, clusters: int, rng: random.Random) -> None:
        self._wechat, self._folder, self._rng = wechat, folder, rng
        self._guards = [self._start("worker", "--silence", "10", "--grace", "5") for _ in range(clusters)]
        self._groups = {guard.pid for guard in self._guards}
        self._next_kill = time.monotonic() + 5
        self._next_revocation = REVOKE_EVERY
        self._deaths = list(CLUSTERS_DIE_AT)
        self._died_at: dt.datetime | None = None
        self._over = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep)
        self.killed = self.clusters_killed = self.revoked = self.sweeps = 0
        self.recoveries: list[float] = []

    def __enter__(self) -> "Monkey":
        self._sweeper.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._over.set()
        self._sweeper.join()
        for guard in self._guards:
            guard.send_signal(signal.SIGTERM)
        for guard in self._guards:
            guard.wait(60)

    def tease(self, progress: float) -> None:
        if any(guard.poll() is not None for guard in self._guards):
            raise SystemExit("a worker has ended by itself")
        calls = self._wechat.count()
        self._wechat.order_faults(self._rng)
        if calls >= self._next_revocation:
            self._wechat.revoke_tokens()
            self._next_revocation = calls + REVOKE_EVERY
            self.revoked += 1
        if self._deaths and progress >= self._deaths[0]:
            self._kill_clusters()
            del self._deaths[0]
        elif time.monotonic() >= self._next_kill:
            self._kill_a_worker()
            self._next_kill = time.monotonic() + self._rng.uniform(*KILL_EVERY)
        self._note_recovery()

    def figures(self) -> dict[str, Any]:
        self._wechat.count()
        faults = {name: count for name, count in self._wechat.faults.items() if name}
        calls = self._wechat.faults.total()
        return {
            "calls": calls,
            "calls that failed on purpose, %": round(100 * sum(faults.values()) / max(calls, 1)),
            **{f"  {name}": count for name, count in sorted(faults.items())},
            "tokens revoked": self.revoked,
            "worker processes killed": self.killed,
            "clusters killed": self.clusters_killed,
            "sweeps": self.sweeps,
            "seconds until the next call after that, at most": round(max(self.recoveries, default=0), 1),
        }

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, ROOT / "manage.py", *command], cwd=ROOT, stdout=log, stderr=log
            )

    def _sweep(self) -> None:
        """Sweeps that may overlap, as those of several hosts do."""
        running: list[subprocess.Popen[bytes]] = []
        while not self._over.wait(SWEEP_EVERY):
            running = [sweep for sweep in running if sweep.poll() is None]
            if len(running) < MOST_SWEEPS:
                running.append(self._start("sweep"))
                self.sweeps += 1
        for sweep in running:
            sweep.wait()

    def _clusters(self) -> list[Any]:
        """The clusters that our guards run now."""
        return [stat for stat in Stat.get_all() if _parent(stat.pid) in self._groups]

    def _kill_a_worker(self) -> None:
        workers = sorted(pid for stat in self._clusters() for pid in stat.workers)
        if workers:
            with suppress(ProcessLookupError):
                os.kill(self._rng.choice(workers), signal.SIGKILL)
                self.killed += 1

    def _kill_clusters(self) -> None:
        for stat in self._clusters():
            with suppress(ProcessLookupError):
                os.killpg(stat.pid, signal.SIGKILL)
                self.clusters_killed += 1
        self._died_at = timezone.now()

    def _note_recovery(self) -> None:
        if self._died_at is None:
            return
        first = Attempt.objects.filter(started_at__gt=self._died_at).order_by("started_at").first()
        if first is not None:
            self.recoveries.append((first.started_at - self._died_at).total_seconds())
            self._died_at = None


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
