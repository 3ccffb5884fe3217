"""``manage.py worker``, as a real process with a database of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.models import Schedule, Success

from audits.management.commands.worker import CANARY, silent
from tests.processes import ROOT, environment, manage, processes_using, wait_for

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


class Worker:
    """A running worker, and what it has said so far."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.env = environment(data_dir)
        self.log = data_dir / "worker.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "worker"],
                env=self.env,
                stdout=output,
                stderr=output,
            )

    def clusters(self) -> list[int]:
        """The main processes of the clusters it has started, in order."""
        said = self.log.read_text(encoding="utf-8")
        return [int(pid) for pid in re.findall(r"The cluster runs as process (\d+)", said)]

    def wait_for_cluster(self, number: int = 1) -> int:
        wait_for(lambda: len(self.clusters()) >= number)
        return self.clusters()[number - 1]

    def wait_until_steady(self) -> None:
        """All processes of the cluster run: main, sentinel, pusher, monitor, two workers."""
        wait_for(lambda: len(processes_using(self.data_dir)) >= 7)

    def heartbeats(self) -> str:
        program = "from audits import heartbeat; print('names:', *[w.name for w in heartbeat.workers()])"
        return manage("shell", "--verbosity", "0", "-c", program, env=self.env).stdout.strip()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("worker")
    env = environment(directory)
    assert manage("migrate", "--verbosity", "0", env=env).returncode == 0
    return directory


@pytest.fixture
def worker(data_dir: Path) -> Iterator[Worker]:
    started = Worker(data_dir)
    started.wait_for_cluster()
    started.wait_until_steady()
    yield started
    started.process.send_signal(signal.SIGTERM)
    started.process.wait(60)


def group_exists(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


@only_linux
@pytest.mark.worker
def test_a_running_worker_is_known_by_its_process_id(worker: Worker) -> None:
    assert wait_for(worker.heartbeats).endswith(f":{worker.process.pid}")


@only_linux
@pytest.mark.worker
def test_a_killed_cluster_is_replaced_and_nothing_of_it_is_left(worker: Worker) -> None:
    first = worker.wait_for_cluster()
    os.kill(first, signal.SIGKILL)
    worker.wait_for_cluster(2)
    assert not group_exists(first)


@only_linux
@pytest.mark.worker
def test_sigterm_ends_the_worker_in_seconds_with_everything_it_started(worker: Worker) -> None:
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(15) == 0
    assert processes_using(worker.data_dir) == []
    assert worker.heartbeats() == "names:"


@only_linux
@pytest.mark.worker
def test_a_second_signal_ends_a_cluster_that_does_not_stop(worker: Worker) -> None:
    os.killpg(worker.wait_for_cluster(), signal.SIGSTOP)
    worker.process.send_signal(signal.SIGTERM)
    wait_for(lambda: "Stopping" in worker.log.read_text(encoding="utf-8"))
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(15) == 0
    assert processes_using(worker.data_dir) == []


@only_linux
@pytest.mark.worker
def test_the_cluster_does_not_outlive_a_killed_worker(worker: Worker) -> None:
    worker.process.kill()
    worker.process.wait()
    wait_for(lambda: not processes_using(worker.data_dir))


# --- The canary ---


def minutes_ago(minutes: float) -> timezone.datetime:
    return timezone.now() - timedelta(minutes=minutes)


@pytest.fixture
def scheduled(transactional_db: None) -> None:
    Schedule.objects.create(func=CANARY, schedule_type=Schedule.MINUTES, minutes=1)


def sing(minutes: float) -> None:
    at = minutes_ago(minutes)
    Success.objects.create(id="1" * 32, name="canary", func=CANARY, started=at, stopped=at, success=True)


def test_a_cluster_whose_canary_came_lately_is_well(scheduled: None) -> None:
    sing(minutes=3)
    assert not silent(born=minutes_ago(60))


def test_a_cluster_whose_canary_is_old_is_stuck(scheduled: None) -> None:
    sing(minutes=5)
    assert silent(born=minutes_ago(60))


def test_a_cluster_that_never_brought_a_canary_is_stuck(scheduled: None) -> None:
    assert silent(born=minutes_ago(5))


def test_a_young_cluster_is_given_time(scheduled: None) -> None:
    sing(minutes=60)
    assert not silent(born=minutes_ago(3))


def test_without_a_schedule_no_canary_is_expected(db: None) -> None:
    assert not silent(born=minutes_ago(60))
