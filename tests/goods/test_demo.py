import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django_q.models import Schedule

from goods.demo.store import COMPLETE, complete
from goods.models import Brand, Category, FreightTemplate, LiveGoods, Sku, Spu
from shopadmin.wechat.models import Account
from tests.processes import ROOT, environment, free_port, manage, processes_using, wait_for


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def set_up(db: None, settings: Any, tmp_path: Path) -> None:
    settings.DEBUG = True
    settings.DATA_DIR = tmp_path
    call_command("demo", "--setup-only")


@pytest.mark.parametrize(("option", "variable"), [("--port", "PORT"), ("--simulator-port", "SIMULATOR_PORT")])
def test_a_port_in_use_is_one_sentence_with_the_way_out(
    option: str, variable: str, taken_port: int, tmp_path: Path
) -> None:
    other = "--simulator-port" if option == "--port" else "--port"
    refused = manage("demo", option, str(taken_port), other, str(free_port()), env=environment(tmp_path))
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert f"Port {taken_port} is already in use" in refused.stderr
    assert f"make run {variable}=" in refused.stderr


def test_the_demo_refuses_to_run_with_debug_off() -> None:
    with pytest.raises(CommandError, match="does not run with DEBUG off"):
        call_command("demo", "--setup-only")


def test_the_demo_shop_has_a_login_and_an_account_in_practice_mode(set_up: None) -> None:
    assert User.objects.get(username="demo").check_password("demo")
    assert Account.objects.get().practice


def test_the_demo_shop_has_the_catalogue_with_real_pictures(set_up: None) -> None:
    goods = LiveGoods.objects.all()
    assert len(goods) == 22
    assert all(each.cover.width == each.cover.height == 800 for each in goods)


def test_the_demo_shop_has_the_catalogue_in_the_mini_store_as_well(set_up: None) -> None:
    assert Account.objects.get().families == ["live_goods", "mini_store", "window"]
    assert (Spu.objects.count(), Sku.objects.count()) == (22, 98)
    assert all(len(spu.head_imgs) == 1 for spu in Spu.objects.all())


def test_a_worker_is_asked_to_read_what_the_mini_store_needs(set_up: None) -> None:
    assert Schedule.objects.get(name=COMPLETE).schedule_type == Schedule.ONCE


def test_products_get_the_categories_that_wechat_has_told(set_up: None) -> None:
    account = Account.objects.get()
    for number, name in enumerate(("手机通讯", "手机", "智能手机"), start=1):
        Category.objects.create(
            account=account, cat_id=str(number), parent_id=str(number - 1), name=name, level=number
        )
    Brand.objects.create(account=account, brand_id="9", name="小米", cats=["1", "2", "3"], leaf_id="3")
    FreightTemplate.objects.create(account=account, name="全国包邮", template_id="7", is_default=True)
    assert complete(account.pk) == 9
    spu = Spu.objects.get(out_product_id="27")
    assert (spu.cats, spu.brand_id, spu.template_id) == (["1", "2", "3"], "9", "7")
    assert complete(account.pk) == 0


def test_while_wechat_tells_nothing_it_is_tried_again_later(set_up: None) -> None:
    account = Account.objects.get()
    assert complete(account.pk, tries=2) == 0
    assert Schedule.objects.get(name=COMPLETE).args == f"({account.pk}, 1)"


def test_a_second_set_up_keeps_what_staff_changed(set_up: None) -> None:
    changed = LiveGoods.objects.order_by("pk").first()
    assert changed
    LiveGoods.objects.filter(pk=changed.pk).update(name="七匹狼网纱底裤")
    LiveGoods.objects.exclude(pk=changed.pk).first().delete()  # type: ignore[union-attr]
    User.objects.get(username="demo").delete()
    User.objects.create_superuser("demo", password="of my own")
    call_command("demo", "--setup-only")
    changed.refresh_from_db()
    assert changed.name == "七匹狼网纱底裤"
    assert LiveGoods.objects.count() == 21
    assert User.objects.get(username="demo").check_password("of my own")


class Demo:
    """A running demo, with everything it started."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.said = data_dir / "said.txt"
        command = [sys.executable, str(ROOT / "manage.py"), "demo", "--port", str(self.port)]
        command += ["--simulator-port", str(free_port())]
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(command, env=environment(data_dir), stdout=output, stderr=output)

    def text(self) -> str:
        return self.said.read_text(encoding="utf-8")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    started = Demo(tmp_path)
    wait_for(lambda: "Ctrl-C ends" in started.text() or started.process.poll() is not None, 90)
    assert started.process.poll() is None, started.text()
    yield started
    started.process.send_signal(signal.SIGTERM)
    started.process.wait(60)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.worker
def test_the_demo_answers_and_ctrl_c_leaves_no_process(demo: Demo) -> None:
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"http://127.0.0.1:{demo.port}/admin/login/", timeout=10).status_code == 200
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(30) == 0
    assert processes_using(demo.data_dir) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.worker
def test_when_one_service_dies_its_last_words_are_shown_and_the_others_end(demo: Demo) -> None:
    web = next(
        pid
        for pid in processes_using(demo.data_dir)
        if re.search(rb"\brunserver\b", Path(f"/proc/{pid}/cmdline").read_bytes())
    )
    os.kill(web, signal.SIGKILL)
    assert demo.process.wait(30) == 1
    assert "The web server has ended" in demo.text()
    assert "GET /admin/login/" in demo.text()
    assert processes_using(demo.data_dir) == []


def test_the_worker_may_be_stopped_and_the_others_go_on(demo: Demo) -> None:
    worker = next(
        pid
        for pid in processes_using(demo.data_dir)
        if re.search(rb"manage.py\0worker\b", Path(f"/proc/{pid}/cmdline").read_bytes())
    )
    os.kill(worker, signal.SIGTERM)
    wait_for(lambda: "The worker has ended; the others go on." in demo.text())
    assert demo.process.poll() is None
