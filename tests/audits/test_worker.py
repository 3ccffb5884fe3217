"""``manage.py worker``, as a real process with a database of its own."""

import itertools
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.core.cache import cache
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ, Task
from django_q.monitor import monitor
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from audits import heartbeat
from audits.canary import CANARY, GUARDED, OURS, RESULT, SWEEP, Proofs, ProvingBroker
from audits.management.commands.worker import SILENCE, Guard
from tests.processes import ROOT, environment, manage, processes_using, wait_for

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


class Worker:
    """A running worker, and what it has said so far."""

    def __init__(self, data_dir: Path, *options: str, **env: str) -> None:
        self.data_dir = data_dir
        self.env = environment(data_dir, **env)
        self.log = data_dir / "worker.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "worker", *options],
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
    wait_for(lambda: worker.heartbeats() != "names:")
    assert worker.heartbeats().endswith(f":{worker.process.pid}")


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


@pytest.fixture
def proofs() -> Iterator[Proofs]:
    pipe = Proofs()
    yield pipe
    os.close(pipe.writing)
    pipe.close()


@pytest.fixture
def broker(transactional_db: None, proofs: Proofs) -> ProvingBroker:
    """The broker of a cluster that lets a canary fly whenever it looks into the queue."""
    return ProvingBroker(get_broker(), proofs.writing, every=0)


def funcs(tasks: list[tuple[Any, str]]) -> list[str]:
    return [SignedPackage.loads(package)["func"] for _, package in tasks]


def settle(broker: ProvingBroker, tasks: list[tuple[Any, str]]) -> None:
    """Let django-q2's own monitor settle these tasks as done."""
    results: Queue[Any] = Queue()
    for receipt, package in tasks:
        done = {"ack_id": receipt, "result": None, "success": True, "stopped": timezone.now()}
        results.put(SignedPackage.loads(package) | done)
    results.put("STOP")
    monitor(results, broker)


def test_a_pusher_begins_with_a_sweep_and_goes_on_with_canaries(broker: ProvingBroker) -> None:
    assert [funcs(broker.dequeue()) for _ in range(3)] == [[SWEEP], [CANARY], [CANARY]]


def test_canaries_keep_their_distance(db: None, proofs: Proofs) -> None:
    broker = ProvingBroker(get_broker(), proofs.writing, every=60)
    assert [len(broker.dequeue()) for _ in range(3)] == [1, 0, 0]


def test_a_canary_goes_behind_what_lies_in_the_queue(broker: ProvingBroker) -> None:
    async_task("audits.tasks.drain")
    assert funcs(broker.dequeue()) == ["audits.tasks.drain", SWEEP]


def test_a_queue_that_cannot_be_read_sends_no_canary(broker: ProvingBroker, monkeypatch: Any) -> None:
    def refuse(*_: Any) -> None:
        raise ConnectionError("the broker is down")

    monkeypatch.setattr(type(get_broker()), "dequeue", refuse)
    with pytest.raises(ConnectionError):
        broker.dequeue()


def test_a_canary_needs_no_rows(broker: ProvingBroker) -> None:
    settle(broker, broker.dequeue() + broker.dequeue())
    assert (OrmQ.objects.count(), Task.objects.count()) == (0, 0)


def test_a_settled_canary_is_a_proof(broker: ProvingBroker, proofs: Proofs) -> None:
    settle(broker, broker.dequeue())
    assert os.read(proofs._reading, 9) == RESULT


def test_any_other_task_is_a_proof_too_and_leaves_the_queue(proofs: Proofs, broker: ProvingBroker) -> None:
    async_task("audits.tasks.prune")
    settle(broker, broker.dequeue()[:1])
    assert set(os.read(proofs._reading, 9)) == set(RESULT)
    assert not OrmQ.objects.exists()


def test_a_task_without_receipt_is_a_proof_too(broker: ProvingBroker, monkeypatch: Any) -> None:
    monkeypatch.setattr(type(get_broker()), "dequeue", lambda _: [(None, "as Redis gives it")])
    assert broker.dequeue()[0] == (OURS, "as Redis gives it")


def test_a_guard_that_is_gone_does_not_disturb_the_cluster(db: None) -> None:
    proofs = Proofs()
    proofs.close()
    ProvingBroker(get_broker(), proofs.writing, every=0).acknowledge(OURS)
    os.close(proofs.writing)


def test_a_guard_that_does_not_listen_does_not_disturb_the_cluster(broker: ProvingBroker) -> None:
    for _ in range(70_000):  # a pipe holds 65,536
        broker.acknowledge(OURS)


def test_silence_is_that_of_the_proof_that_is_missing_longest(proofs: Proofs) -> None:
    proofs.listen(3)
    os.write(proofs.writing, GUARDED + GUARDED)
    proofs.listen(2)
    assert proofs.silence == 5 and not proofs.complete
    os.write(proofs.writing, RESULT)
    proofs.listen(1)
    assert proofs.silence == 1 and proofs.complete


def test_after_an_outage_everything_has_to_be_proved_again(proofs: Proofs) -> None:
    os.write(proofs.writing, GUARDED + RESULT)
    proofs.listen(1)
    proofs.listen(60)
    proofs.start_over()
    assert proofs.silence == 0 and not proofs.complete


# --- What the guard makes of it ---


@pytest.fixture
def guard(transactional_db: None) -> Iterator[Guard]:
    yield Guard(silence=10, grace=1)
    cache.clear()  # its table has no model, so that nothing else empties it


def proved(proofs: Proofs, ago: float) -> Proofs:
    os.write(proofs.writing, GUARDED + RESULT)
    proofs.listen(1)
    proofs.listen(ago)
    return proofs


def test_a_cluster_that_has_not_proved_itself_yet_is_not_called_alive(guard: Guard, proofs: Proofs) -> None:
    guard._report(proofs)
    assert not heartbeat.alive()


@pytest.mark.parametrize(("ago", "alive"), [(4, True), (6, False)])
def test_a_worker_is_alive_for_half_of_the_time_it_is_given(
    guard: Guard, proofs: Proofs, ago: float, alive: bool
) -> None:
    heartbeat.beat(guard.name)
    guard._report(proved(proofs, ago))
    assert heartbeat.alive() is alive


def test_a_lost_queue_is_not_held_against_the_cluster(guard: Guard, proofs: Proofs, monkeypatch: Any) -> None:
    def refuse() -> int:
        raise ConnectionError("the broker is down")

    monkeypatch.setattr(guard.broker, "queue_size", refuse)
    guard._report(proved(proofs, ago=9))
    assert proofs.silence == 0 and not heartbeat.alive()


class Child:
    """A process that runs for ever."""

    pid = returncode = 1

    def poll(self) -> None:
        return None


def watch(guard: Guard, proofs: Proofs, monkeypatch: Any, *, pauses: float) -> float:
    """Watch a silent cluster; how long it took to give it up, if each look takes so many seconds."""
    clock = itertools.count(step=pauses)
    now = 0.0

    def tick() -> float:
        nonlocal now
        now = next(clock)
        assert now < 1000
        return now

    time = SimpleNamespace(monotonic=tick, sleep=lambda _: None)
    monkeypatch.setattr("audits.management.commands.worker.time", time)
    guard._watch(cast(Any, Child()), proofs)
    return now


def test_a_silent_cluster_is_given_up(guard: Guard, proofs: Proofs, monkeypatch: Any) -> None:
    assert watch(guard, proved(proofs, ago=0), monkeypatch, pauses=0.25) == pytest.approx(10, abs=1)


def test_a_cluster_is_given_more_time_to_start(guard: Guard, proofs: Proofs, monkeypatch: Any) -> None:
    assert watch(guard, proofs, monkeypatch, pauses=0.25) == pytest.approx(SILENCE, abs=1)


def test_time_that_the_guard_did_not_live_through_does_not_count(
    guard: Guard, proofs: Proofs, monkeypatch: Any
) -> None:
    assert watch(guard, proved(proofs, ago=0), monkeypatch, pauses=30) >= 300
