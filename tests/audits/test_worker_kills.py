"""Each process of a running worker is killed in turn: pushes go on, and /healthz tells the truth meanwhile.

The guard has less patience here than in production (5 s instead of 75 s).
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from shopadmin.simulator.server import Simulator
from tests.audits.test_worker import Worker, group_exists
from tests.conftest import APPID, SECRET
from tests.processes import ROOT, environment, manage, processes_using, wait_for

pytestmark = [
    pytest.mark.worker,
    pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"),
]

SILENCE, GRACE = 5, 2

# What the staff does, and what can be seen from outside.
SHOP = f"""
import io, json, sys
from django.core.files.base import ContentFile
from django.test import Client
from django_q.status import Stat
from PIL import Image
from audits.operations import Operation
from audits.services import create_batch, submit
from goods.models import LiveGoods
from shopadmin.wechat.models import Account

account = Account.objects.create(name="shop", appid="{APPID}", secret="{SECRET}", practice=True)
picture = io.BytesIO()
Image.new("RGB", (400, 400), "teal").save(picture, "PNG")
client = Client(SERVER_NAME="localhost")

def push(name):
    number = str(LiveGoods.objects.count())
    goods = LiveGoods(account=account, product_no=number, name=name, price_type=1, price=68)
    goods.url = "pages/goods/detail?id=" + number
    goods.cover.save("cover.png", ContentFile(picture.getvalue()), save=False)
    goods.save()
    batch = create_batch(LiveGoods, [goods.pk], Operation.ADD)
    submit(batch)
    return batch.pushes.count()

def health():
    return client.get("/healthz").status_code

def processes(main):
    for stat in Stat.get_all():
        if stat.pid == main:
            return {{"main": main, "sentinel": stat.sentinel, "pusher": stat.pusher, "monitor": stat.monitor,
                    "workers": stat.workers}}

for line in sys.stdin:
    name, *arguments = json.loads(line)
    print("=", json.dumps(globals()[name](*arguments)), sep="", flush=True)
"""


class Shop:
    """Worker, pretended WeChat and staff, each in a process of its own."""

    def __init__(self, data_dir: Any, simulator: Simulator) -> None:
        self.sim = simulator
        env = environment(data_dir, SIMULATOR_URL=simulator.url)
        manage("migrate", "--verbosity", "0", env=env).check_returncode()
        self.worker = Worker(
            data_dir, "--silence", str(SILENCE), "--grace", str(GRACE), SIMULATOR_URL=simulator.url
        )
        self.staff = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity", "0", "-c", SHOP],
            env=env | {"LOG_LEVEL": "CRITICAL"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, *request: Any) -> Any:
        assert self.staff.stdin and self.staff.stdout
        self.staff.stdin.write(json.dumps(request) + "\n")
        self.staff.stdin.flush()
        while not (answer := self.staff.stdout.readline()).startswith("="):
            assert answer, "the staff has gone"
        return json.loads(answer[1:])

    def health(self) -> int:
        status: int = self.do("health")
        return status

    def processes(self) -> dict[str, Any]:
        """The process ids of the latest cluster, by role, as soon as it is complete."""

        def look() -> Any:
            found = self.do("processes", self.worker.clusters()[-1])
            return found if found and found["monitor"] and found["pusher"] else None

        found: dict[str, Any] = wait_for(look)
        return found

    def settle(self) -> dict[str, Any]:
        """Wait until the worker is well."""
        wait_for(lambda: self.worker.clusters() and self.health() == 200)
        return self.processes()

    def names(self) -> list[str]:
        return [row["name"] for row in self.sim.goods(APPID)]

    def push(self, name: str, *, within: float) -> float:
        """Confirm one product; returns after how many seconds WeChat has it, and it has it once."""
        begun = time.monotonic()
        assert self.do("push", name) == 1
        wait_for(lambda: name in self.names(), within)
        taken = time.monotonic() - begun
        assert self.names().count(name) == 1
        return taken

    def stop(self) -> None:
        self.worker.process.send_signal(signal.SIGTERM)
        self.worker.process.wait(60)
        assert self.staff.stdin
        self.staff.stdin.close()
        self.staff.wait(20)
        assert self.staff.stdout
        self.staff.stdout.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Simulator() as simulator:
        opened = Shop(tmp_path_factory.mktemp("kills"), simulator)
        yield opened
        opened.stop()


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def test_a_healthy_worker_sends_at_once(shop: Shop) -> None:
    shop.settle()
    shop.push("健康云南咖啡", within=10)
    assert len(shop.worker.clusters()) == 1


def test_idle_workers_killed(shop: Shop) -> None:
    """One of them holds the lock of the task queue: no other worker ever reads from it again."""
    before = shop.settle()
    kill(*before["workers"])
    assert shop.do("push", "工人云南咖啡") == 1
    wait_for(lambda: shop.health() == 503, SILENCE)
    wait_for(lambda: "工人云南咖啡" in shop.names())
    assert shop.settle()["main"] != before["main"]


def test_monitor_killed(shop: Shop) -> None:
    """Tasks go on, but none is ever settled."""
    before = shop.settle()

    def kill_it() -> bool:
        """In the moment in which it settles a result it can be replaced: then the next one."""
        kill(shop.processes()["monitor"])
        with suppress(AssertionError):
            wait_for(lambda: shop.health() == 503, SILENCE - 1)
        return shop.health() == 503

    wait_for(kill_it)
    assert shop.settle()["main"] != before["main"]
    shop.push("监视云南咖啡", within=10)


def test_pusher_killed(shop: Shop) -> None:
    before = shop.settle()
    kill(before["pusher"])
    shop.push("推送云南咖啡", within=30)


def test_sentinel_frozen(shop: Shop) -> None:
    """No schedules and no care for the others, though tasks go on."""
    before = shop.settle()
    os.kill(before["sentinel"], signal.SIGSTOP)
    wait_for(lambda: shop.health() == 503, SILENCE)
    assert shop.settle()["main"] != before["main"]


@pytest.mark.parametrize("victim", ["sentinel", "main"])
def test_head_of_the_cluster_killed(shop: Shop, victim: str) -> None:
    """What it leaves behind is killed, and a new cluster starts."""
    before = shop.settle()
    kill(before[victim])
    wait_for(lambda: not group_exists(before["main"]))
    shop.push(f"{victim}云南咖啡", within=30)
    assert shop.settle()["main"] != before["main"]


def test_guard_killed_with_a_cluster_that_does_not_listen(shop: Shop) -> None:
    """It is asked to stop, cannot, and is killed."""
    before = shop.settle()
    kill(*before["workers"], shop.worker.process.pid)
    shop.worker.process.wait()
    wait_for(lambda: not group_exists(before["main"]), GRACE + 10)
    assert set(processes_using(shop.worker.data_dir)) == {shop.staff.pid}
