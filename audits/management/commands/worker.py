"""The task worker that an operator starts: django-q2's cluster with a guard around it."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from argparse import SUPPRESS, ArgumentParser
from types import FrameType
from typing import Any

from django import db
from django.conf import settings
from django.core.management.base import BaseCommand
from django_q.brokers import get_broker
from django_q.cluster import Cluster
from redis import RedisError

from audits import heartbeat
from audits.canary import Proofs, ProvingBroker, hide_canaries
from audits.processes import kill_group, start

# Longer than the longest task, which is ended after 60 s. With the restart still less than two minutes.
SILENCE = 75.0
GRACE = 40.0  # a drain ends by itself after at most 23 s
TICK = 0.25
LONGEST_TICK = 1.0  # what passes beyond it, we did not live through: a machine asleep, a slow database
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0

# What a lost database or Redis raises. The guard must outlive both.
UNREACHABLE = (db.Error, RedisError, OSError)

log = logging.getLogger("audits.worker")


class Guard:
    """Keeps one cluster running until it is told to stop.

    A cluster can stall for ever with every sign of health, and it exits with code 0 when its sentinel was
    killed. So it is started again whatever its exit code, and killed as a group when its proofs stay away:
    the journal makes both safe. After half of that time the guard no longer says that a worker is alive.
    """

    def __init__(self, silence: float, grace: float) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.silence = silence
        self.grace = grace
        self.command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"]
        self.command += ["--silence", str(silence), "--grace", str(grace), "--proofs"]
        self.broker = get_broker()
        self.signals = 0
        self.pause = FIRST_PAUSE

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note)
        while not self.signals:
            self._run_cluster()
            self._rest()

    def _run_cluster(self) -> None:
        """One life of the cluster, from its start to the end of its last process."""
        proofs = Proofs()
        child = start([*self.command, str(proofs.writing)], pass_fds=[proofs.writing])
        os.close(proofs.writing)
        log.info("The cluster runs as process %s.", child.pid)
        try:
            self._watch(child, proofs)
            if self.signals:
                self._stop(child)
        finally:
            kill_group(child)
            proofs.close()
            self._say_gone()
        if not self.signals:
            log.warning("The cluster has ended with code %s; it starts again.", child.returncode)

    def _watch(self, child: subprocess.Popen[bytes], proofs: Proofs) -> None:
        """Beat while the child works. Returns when it is gone, when it stalls, or when we are to stop."""
        then = beat_at = time.monotonic()
        well = False
        while child.poll() is None and not self.signals:
            now = time.monotonic()
            proofs.listen(min(now - then, LONGEST_TICK))
            then = now
            if now >= beat_at or self._well(proofs) != well:
                well = self._report(proofs)
                beat_at = now + heartbeat.EVERY.total_seconds()
            # A start is slow on a busy machine.
            if proofs.silence > (self.silence if proofs.complete else max(self.silence, SILENCE)):
                log.error("No proof of work for %.0f s: the cluster is stuck and is killed.", proofs.silence)
                return
            time.sleep(TICK)

    def _well(self, proofs: Proofs) -> bool:
        return proofs.complete and proofs.silence < self.silence / 2

    def _report(self, proofs: Proofs) -> bool:
        """Say whether our cluster works, as far as that can be known now."""
        try:
            self.broker.queue_size()
        except UNREACHABLE as error:  # no database or Redis is no sign of a stuck cluster
            log.warning("The queue cannot be read: %s", error)
            proofs.start_over()
        if well := self._well(proofs):
            self.pause = FIRST_PAUSE
            self._say_alive()
        else:
            self._say_gone()
        return well

    def _stop(self, child: subprocess.Popen[bytes]) -> None:
        """Ask the cluster's main process alone: a SIGTERM to its whole group makes it hang."""
        log.info("Stopping: what is being sent is finished first (up to %.0f s).", self.grace)
        child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.grace
        while child.poll() is None and self.signals < 2 and time.monotonic() < deadline:
            time.sleep(TICK)
        if child.poll() is None:
            log.warning("The cluster did not stop in time and is killed.")

    def _rest(self) -> None:
        deadline = time.monotonic() + self.pause
        while not self.signals and time.monotonic() < deadline:
            time.sleep(TICK)
        self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def _say_alive(self) -> None:
        try:
            db.close_old_connections()
            heartbeat.beat(self.name)
        except UNREACHABLE as error:
            log.warning("The heartbeat cannot be written: %s", error)

    def _say_gone(self) -> None:
        try:
            db.close_old_connections()
            heartbeat.forget(self.name)
        except UNREACHABLE as error:
            log.warning("The heartbeat cannot be removed: %s", error)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1


def run_cluster(proofs: int, silence: float, grace: float) -> None:
    """The guard's child: django-q2's cluster, with a broker that proves to the guard that it works."""
    guard = os.getppid()
    logging.getLogger("django-q").addFilter(hide_canaries)
    Cluster(ProvingBroker(get_broker(), proofs, every=silence / 8)).start()
    threading.Thread(target=end_without, args=(guard, grace), daemon=True).start()


def end_without(guard: int, grace: float) -> None:
    """Kill the whole group some time after the guard: a stuck cluster does not stop when it is asked to."""
    while os.getppid() == guard:
        time.sleep(1)
    time.sleep(grace)
    os.killpg(0, signal.SIGKILL)


class Command(BaseCommand):
    help = "Run the task worker: a django-q2 cluster that is watched and started again when it fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        # For tests, which have less patience.
        parser.add_argument("--silence", type=float, default=SILENCE, help=SUPPRESS)
        parser.add_argument("--grace", type=float, default=GRACE, help=SUPPRESS)
        # The guard starts itself with it, to be the cluster.
        parser.add_argument("--proofs", type=int, help=SUPPRESS)

    def handle(self, *args: object, **options: Any) -> None:
        if options["proofs"] is None:
            Guard(options["silence"], options["grace"]).run()
        else:
            run_cluster(options["proofs"], options["silence"], options["grace"])
