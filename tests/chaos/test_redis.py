"""The queue on Redis: the doorbell, and two clusters that share one journal."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django_q.brokers import get_broker
from django_q.brokers.redis_broker import Redis

from audits.doorbell import ring
from audits.models import Push
from audits.states import PushStatus
from audits.tasks import sweep
from tests.chaos.staff import hurry
from tests.journal import database_url, goods_at, push_of, statuses
from tests.processes import ROOT, environment, wait_for

pytestmark = [
    pytest.mark.redis,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(django_settings.Q_BROKER != "redis", reason="needs Redis: .ci/lane-redis"),
]


@pytest.fixture(autouse=True)
def queue() -> Any:
    """An empty queue."""
    broker = get_broker()
    broker.delete_queue()
    return broker


def test_confirming_rings(make_goods, push, queue):
    push("add", make_goods())
    assert queue.queue_size() == 1


def test_it_rings_for_every_worker_with_something_to_do(make_goods, push, queue, settings):
    settings.PUSH_THREADS, settings.Q_WORKERS = 4, 2
    push("add", *[make_goods() for _ in range(9)])
    assert queue.queue_size() == 2


def test_nothing_to_do_does_not_ring(queue):
    ring()
    assert queue.queue_size() == 0


def test_a_redis_that_is_down_does_not_fail_the_request_and_loses_no_work(
    make_goods, push, queue, monkeypatch
):
    def refuse(*_args: Any) -> None:
        raise ConnectionError("Redis is down")

    monkeypatch.setattr(Redis, "enqueue", refuse)
    assert push("add", make_goods()).pushes.count() == 1
    monkeypatch.undo()
    sweep()
    assert queue.queue_size() == 1


class Cluster:
    """`manage.py worker` on the database and the queue of the test."""

    def __init__(self, folder: Path, simulator: str) -> None:
        folder.mkdir()
        (folder / "media").symlink_to(django_settings.MEDIA_ROOT)
        env = environment(
            folder,
            DATABASE_URL=database_url(),
            SIMULATOR_URL=simulator,
            SECRET_KEY=django_settings.SECRET_KEY,
            FIELD_ENCRYPTION_KEYS=",".join(django_settings.FIELD_ENCRYPTION_KEYS),
            Q_WORKERS="1",
            PUSH_THREADS="2",
        )
        self._log = folder / "worker.log"
        with self._log.open("wb") as log:
            command = [sys.executable, str(ROOT / "manage.py"), "worker"]
            self._process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log)

    def said(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def worked(self) -> int:
        """How many calls it has made."""
        return self.said().count("audits.calls")

    def group(self) -> int:
        return int(re.findall(r"The cluster runs as process (\d+)", self.said())[-1])

    def kill(self) -> None:
        """Guard and cluster, without a word."""
        self._process.kill()
        os.killpg(self.group(), signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)


@pytest.fixture
def clusters(settings, sim, tmp_path) -> Iterator[list[Cluster]]:
    settings.PUSH_THREADS, settings.Q_WORKERS = 2, 2
    sim.settings(latency=0.1)
    started: list[Cluster] = []
    try:
        for name in ("first", "second"):
            started.append(Cluster(tmp_path / name, sim.url))
        yield started
    finally:
        for cluster in started:
            cluster.stop()


def finished() -> bool:
    return set(statuses()) == {PushStatus.DONE}


def test_two_clusters_share_the_work_and_send_each_push_once(make_goods, push, sim, clusters):
    records = [make_goods() for _ in range(40)]
    wait_for(lambda: all("The cluster runs" in cluster.said() for cluster in clusters))
    push("add", *records)
    wait_for(finished, 60)
    assert [len(goods_at(sim, goods)) for goods in records] == [1] * 40
    assert min(cluster.worked() for cluster in clusters) > 0


def test_when_one_cluster_dies_the_other_ends_its_work(make_goods, push, sim, clusters):
    records = [make_goods() for _ in range(40)]
    wait_for(lambda: all("The cluster runs" in cluster.said() for cluster in clusters))
    push("add", *records)
    wait_for(lambda: Push.objects.filter(status=PushStatus.DONE).count() >= 5 and clusters[0].worked(), 60)
    clusters[0].kill()

    def bring_on() -> bool:
        hurry()
        sweep()
        return finished()

    wait_for(bring_on, 60)
    assert [len(goods_at(sim, goods)) for goods in records] == [1] * 40
    assert all(push_of(goods).remote_id for goods in records)
