"""A clerk at the admin's pages over real HTTP, a real worker, and a WeChat that both share."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.urls import reverse

from audits import heartbeat
from goods.models import LiveGoods
from tests.journal import database_url
from tests.processes import ROOT, environment, wait_for


class Clerk:
    """Somebody with a browser: reads pages, fills in forms, presses buttons."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.browser = requests.Session()
        self.browser.trust_env = False
        self.browser.headers["Accept-Language"] = "en"

    def open(self, path: str) -> str:
        answer = self.browser.get(self.address + path, timeout=30)
        answer.raise_for_status()
        self.url = answer.url.removeprefix(self.address)
        return answer.text

    def send(self, path: str, **fields: Any) -> str:
        """Post a form of the page last opened; the page that comes after."""
        fields["csrfmiddlewaretoken"] = self.browser.cookies["csrftoken"]
        answer = self.browser.post(
            self.address + path, data=fields, headers={"Referer": self.address + path}, timeout=30
        )
        answer.raise_for_status()
        self.url = answer.url.removeprefix(self.address)
        return answer.text

    def log_in(self, name: str, password: str) -> None:
        self.open("/admin/login/")
        self.send("/admin/login/", username=name, password=password, next="/admin/")

    def choose(self, action: str, *goods: Any) -> str:
        """Tick the products in the list and run a bulk action."""
        url = reverse(f"admin:goods_{goods[0]._meta.model_name}_changelist")
        self.open(url)
        return self.send(url, action=action, _selected_action=[g.pk for g in goods])

    def confirm(self) -> str:
        """Press the button of the plan that is open."""
        return self.send(self.url, confirm="1")

    def push(self, action: str, *goods: Any) -> None:
        """Choose, confirm, and wait until every push of the batch has ended."""
        self.choose(action, *goods)
        self.confirm()
        batch = self.url
        wait_for(lambda: "reloads by itself" not in self.open(batch), 60)
        for record in goods:
            record.refresh_from_db()

    def edit(self, goods: LiveGoods, **changes: Any) -> str:
        """Open the form, change fields, save."""
        url = reverse("admin:goods_livegoods_change", args=[goods.pk])
        page = self.open(url)
        after = self.send(url, **(form_fields(page) | changes | {"_save": "1"}))
        goods.refresh_from_db()
        return after

    def refresh(self, *goods: Any) -> None:
        """Ask for the present state, and wait for it."""
        before = {g.pk: g.refreshed_at for g in goods}
        self.choose("refresh", *goods)
        for record in goods:
            wait_for(lambda record=record: reread(record).refreshed_at != before[record.pk])


def reread(goods: Any) -> Any:
    goods.refresh_from_db()
    return goods


def form_fields(page: str) -> dict[str, str]:
    """What the product's form holds: its text inputs and the chosen options."""
    found = dict(re.findall(r'<input type="(?:text|number)" name="(\w+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen.group(1) if chosen else ""
    return {name: unescape(value) for name, value in found.items()}


@pytest.fixture
def clerk(transactional_db: None, live_server: Any) -> Clerk:
    User.objects.create_superuser("owner", password="owner")
    somebody = Clerk(live_server.url)
    somebody.log_in("owner", "owner")
    return somebody


class Worker:
    """`manage.py worker` on the database of the test."""

    def __init__(self, folder: Path, simulator: str) -> None:
        self._environment = environment(
            folder,
            DATABASE_URL=database_url(),
            SIMULATOR_URL=simulator,
            SECRET_KEY=django_settings.SECRET_KEY,
            FIELD_ENCRYPTION_KEYS=",".join(django_settings.FIELD_ENCRYPTION_KEYS),
        )
        self._log = folder / "worker.log"

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [sys.executable, str(ROOT / "manage.py"), "worker"]
            self._process = subprocess.Popen(command, env=self._environment, cwd=ROOT, stdout=log, stderr=log)
        wait_for(heartbeat.alive)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)


@pytest.fixture
def worker(transactional_db: None, sim: Any, tmp_path: Path) -> Iterator[Worker]:
    """A running worker; ``stop`` and ``start`` it at will."""
    service = Worker(tmp_path, sim.url)
    try:
        service.start()
        yield service
    finally:
        service.stop()
