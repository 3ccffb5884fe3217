"""Running a few of our own commands side by side: start, wait until they answer, watch, stop."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import FrameType

import requests

from audits.processes import kill_group, start

TICK = 0.2
LOG_LINES = 15
TWICE = 0.5  # two signals within so many seconds are one wish


class ServiceFailed(Exception):
    """A service has ended, or never began to answer. Its text says which and ends with its last words."""


@dataclass(frozen=True)
class Service:
    """One process: its command, where it answers once it is up, and how long it may take to stop."""

    name: str
    command: Sequence[str | Path]
    answers_at: str = ""
    grace: float = 5.0
    # It may be stopped, to see how the others get on without it.
    spare: bool = False


class Services:
    """The services of one run, in the order in which they start. They stop in the order of ``stopping``."""

    def __init__(
        self, services: Sequence[Service], *, stopping: Sequence[str], logs: Path, env: Mapping[str, str]
    ) -> None:
        self.services = {service.name: service for service in services}
        self.stopping = stopping
        self.logs = logs
        self.env = env
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.signals = 0
        self.signalled_at = 0.0

    def start(self) -> None:
        """Start all of them; from now on Ctrl-C and SIGTERM end ``watch`` instead of this process."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        self.logs.mkdir(parents=True, exist_ok=True)
        for name, service in self.services.items():
            with self._log(name).open("wb") as output:
                self.running[name] = start(service.command, env=self.env, output=output)

    def wait_until_ready(self, patience: float = 60.0) -> None:
        """Return when all answer (or we are told to stop); ServiceFailed when one does not."""
        deadline = time.monotonic() + patience
        with requests.Session() as session:
            session.trust_env = False  # 127.0.0.1 must not go through a proxy
            for service in self.services.values():
                while service.answers_at and not self.signals and not _answers(session, service.answers_at):
                    self._raise_if_ended()
                    if time.monotonic() > deadline:
                        raise ServiceFailed(self._last_words(service.name, "does not answer"))
                    time.sleep(TICK)

    def watch(self, say: Callable[[str], object]) -> None:
        """Return when we are told to stop; ServiceFailed when a service ends that is not to spare."""
        while not self.signals:
            for name in [
                n for n, child in self.running.items() if self.services[n].spare and child.poll() is not None
            ]:
                kill_group(self.running.pop(name))
                say(f"The {name} has ended; the others go on.")
            self._raise_if_ended()
            time.sleep(TICK)

    def stop(self) -> None:
        """End them one after the other; another Ctrl-C meanwhile ends them at once."""
        patient = self.signals
        for name in self.stopping:
            if child := self.running.pop(name, None):
                self._stop_one(child, self.services[name].grace, patient)

    def _stop_one(self, child: subprocess.Popen[bytes], grace: float, patient: int) -> None:
        child.terminate()
        deadline = time.monotonic() + grace
        while child.poll() is None and self.signals == patient and time.monotonic() < deadline:
            time.sleep(TICK / 4)
        if child.poll() is None:
            child.terminate()  # the worker takes a second one as "at once" and kills its own children
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(2.0)
        kill_group(child)

    def _raise_if_ended(self) -> None:
        for name, child in self.running.items():
            if child.poll() is not None:
                raise ServiceFailed(self._last_words(name, f"has ended with code {child.returncode}"))

    def _last_words(self, name: str, what: str) -> str:
        lines = self._log(name).read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        said = "".join(f"\n  {line}" for line in lines)
        return f"The {name} {what}; the end of {self._log(name)}:{said or ' (empty)'}"

    def _log(self, name: str) -> Path:
        return self.logs / f"{name.replace(' ', '-')}.log"

    def _note(self, number: int, frame: FrameType | None) -> None:
        """Count; a SIGTERM to the whole group comes twice, for make passes its own one on."""
        now = time.monotonic()
        if not self.signals or now - self.signalled_at > TWICE:
            self.signals += 1
        self.signalled_at = now


def _answers(session: requests.Session, url: str) -> bool:
    try:
        response = session.get(url, timeout=5)
    except requests.RequestException:
        return False
    return response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
