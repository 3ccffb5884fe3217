"""A shop as it runs for real: database, worker and web server with DEBUG off, and a pretend WeChat.

Each shop has a folder and an SQLite file of its own. The tests look into that file with the models, so
they need DJANGO_ALLOW_ASYNC_UNSAFE: Playwright keeps an event loop in the thread that they run in.
"""

import io
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from audits import heartbeat
from audits.processes import kill_group, start
from shopadmin.simulator.server import Simulator
from shopadmin.wechat.models import Account, Family
from tests.processes import ROOT, environment, free_port, manage, wait_for

APPID = "wx0123456789abcdef"
SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
BACKEND = "django.contrib.auth.backends.ModelBackend"
PATIENCE = 60.0
STOPPING = 10.0


class Shop:
    """``with Shop(folder) as shop:`` has a web server at ``shop.url``; ``shop.work()`` adds the worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()
        self._worker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            self.sim = opened.enter_context(Simulator())
            # Nothing is decided before a test says so.
            self.sim.settings(audit_delay=3600)
            self._bind_database(opened)
            opened.enter_context(
                override_settings(MEDIA_ROOT=self.folder / "media", SIMULATOR_URL=self.sim.url)
            )
            self._serve(opened)
            self._stack = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # --- what it consists of ----------------------------------------------------------------------

    def _bind_database(self, opened: ExitStack) -> None:
        """A copy of the migrated file; from now on the models of this process use it too."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "db.sqlite3"
        shutil.copy(_migrated(self.folder.parent), path)
        _use(path, opened)

    @cached_property
    def env(self) -> dict[str, str]:
        return environment(
            self.folder,
            DATABASE_URL=f"sqlite:///{self.folder / 'db.sqlite3'}",
            SIMULATOR_URL=self.sim.url,
            SECRET_KEY=settings.SECRET_KEY,
            FIELD_ENCRYPTION_KEYS=",".join(settings.FIELD_ENCRYPTION_KEYS),
            DJANGO_SETTINGS_MODULE="tests.browser.settings",
            PYTHONPATH=str(ROOT),
            DEBUG="False",
            SECURE_SSL_REDIRECT="False",
            LOG_FORMAT="line",
            LOG_LEVEL="WARNING",
        )

    def _serve(self, opened: ExitStack) -> None:
        if not (self.folder.parent / "static").exists():
            manage("collectstatic", "--noinput", env=self.env).check_returncode()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "gunicorn", "shopadmin.wsgi", "--bind", f"127.0.0.1:{port}"]
        command += ["--threads", "4", "--no-control-socket"]
        web = self._start("web", command, opened)
        wait_for(lambda: self._answers(web), PATIENCE)

    def work(self) -> None:
        """Start the worker, and return when it is alive."""
        if self._worker is None:
            call_command("setup_schedules", stdout=io.StringIO())
            command = [sys.executable, str(ROOT / "manage.py"), "worker"]
            self._worker = self._start("worker", command, self._stack)
            wait_for(heartbeat.alive, PATIENCE)

    def _start(self, name: str, command: list[str], opened: ExitStack) -> subprocess.Popen[bytes]:
        log = opened.enter_context((self.folder / f"{name}.log").open("wb"))
        process = start(command, env=self.env, output=log)
        opened.callback(_stop, process)
        return process

    def _answers(self, web: subprocess.Popen[bytes]) -> bool:
        """Whether the login page comes. An error, or the end of the process, is none to wait for."""
        with requests.Session() as session:
            session.trust_env = False
            try:
                answer = session.get(f"{self.url}/admin/login/", timeout=10)
            except requests.ConnectionError:
                answer = None
        faulty = web.poll() is not None or (answer is not None and not answer.ok)
        assert not faulty, (self.folder / "web.log").read_text()[-2000:]
        return answer is not None

    # --- who and what is in it --------------------------------------------------------------------

    def person(self, role: str = "", name: str = "") -> User:
        """Somebody of the staff with this role; without one, somebody who may do everything."""
        name = name or role or "owner"
        if found := User.objects.filter(username=name).first():
            return found
        if not role:
            return User.objects.create_superuser(name, password=name)
        user = User.objects.create_user(name, password=name, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        return user

    def sign_in(self, context: Any, user: User) -> None:
        """Give a browser the cookie that signing in would have brought."""
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = BACKEND
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": self.url}
        context.add_cookies([cookie])

    def account(self) -> Account:
        """The account that the pretend WeChat knows."""
        found, _created = Account.objects.get_or_create(
            appid=APPID,
            defaults={
                "name": "演示店铺",
                "secret": SECRET,
                "practice": True,
                "families": [Family.LIVE_GOODS.value],
            },
        )
        return found


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOPPING)
    except subprocess.TimeoutExpired:
        pass
    finally:
        kill_group(process)


def _use(path: Path, opened: ExitStack) -> None:
    """Let this process use the SQLite file at ``path`` until ``opened`` ends."""
    connection = connections["default"]
    before = connection.settings_dict.copy()

    def back() -> None:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)

    connection.close()
    connection.settings_dict["NAME"] = str(path)
    opened.callback(back)


def _migrated(folder: Path) -> Path:
    """An SQLite file with all the tables and nothing in them, made once for all shops of a folder."""
    path = folder / "migrated.sqlite3"
    if not path.exists():
        draft = path.with_suffix(".draft")
        with ExitStack() as opened:
            _use(draft, opened)
            call_command("migrate", verbosity=0, interactive=False)
        os.replace(draft, path)
    return path
