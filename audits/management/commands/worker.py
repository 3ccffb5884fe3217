"""The task worker that an operator starts: django-q2's cluster with a guard around it."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from types import FrameType

from django import db
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django_q.models import Schedule, Success
from redis import RedisError

from audits import heartbeat
from audits.processes import kill_group, start

CANARY = "audits.tasks.canary"
SILENCE = timedelta(minutes=4)  # the canary runs every minute
LOOK_EVERY = 15.0
GRACE = 40.0  # a drain ends by itself after at most 23 s
TICK = 0.25
LONGEST_PAUSE = 30.0
STEADY = 60.0  # a cluster that lived this long did not fail at the start

# What a lost database or Redis raises. The guard must outlive both.
UNREACHABLE = (db.Error, RedisError, OSError)

log = logging.getLogger("audits.worker")


class Guard:
    """Keeps one cluster running until it is told to stop.

    A cluster can stall for ever with every sign of health, and it exits with code 0 when its sentinel was
    killed. So it is started again whatever its exit code, and killed as a group when its canary is silent:
    the journal makes both safe.
    """

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]
        self.signals = 0
        self.pause = 1.0

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note)
        while not self.signals:
            begun = time.monotonic()
            self._run_cluster()
            if time.monotonic() - begun > STEADY:
                self.pause = 1.0
            self._rest()

    def _run_cluster(self) -> None:
        """One life of the cluster, from its start to the end of its last process."""
        child = start(self.command)
        log.info("The cluster runs as process %s.", child.pid)
        try:
            self._watch(child)
            if self.signals:
                self._stop(child)
        finally:
            kill_group(child)
            self._say_gone()
        if not self.signals:
            log.warning("The cluster has ended with code %s; it starts again.", child.returncode)

    def _watch(self, child: subprocess.Popen[bytes]) -> None:
        """Beat while the child lives. Returns when it is gone, when it stalls, or when we are to stop."""
        born = timezone.now()
        beat_at = look_at = time.monotonic()
        while child.poll() is None and not self.signals:
            now = time.monotonic()
            if now >= beat_at:
                self._say_alive()
                beat_at = now + heartbeat.EVERY.total_seconds()
            if now >= look_at:
                if silent(born):
                    log.error("No canary came through for %s: the cluster is stuck and is killed.", SILENCE)
                    return
                look_at = now + LOOK_EVERY
            time.sleep(TICK)

    def _stop(self, child: subprocess.Popen[bytes]) -> None:
        """Ask the cluster's main process alone: a SIGTERM to its whole group makes it hang."""
        log.info("Stopping: what is being sent is finished first (up to %.0f s).", GRACE)
        child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
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


def silent(born: datetime) -> bool:
    """Whether nothing came through scheduler, broker, worker and result for too long since ``born``."""
    try:
        db.close_old_connections()
        if not Schedule.objects.filter(func=CANARY).exists():
            return False
        newest = Success.objects.filter(func=CANARY).order_by("-stopped").first()
    except UNREACHABLE as error:  # no database is no sign of a stuck cluster
        log.warning("The canary cannot be read: %s", error)
        return False
    heard = max(born, newest.stopped) if newest else born
    return bool(timezone.now() - heard > SILENCE)


class Command(BaseCommand):
    help = "Run the task worker: a django-q2 cluster that is watched and started again when it fails."

    def handle(self, *args: object, **options: object) -> None:
        Guard().run()
