"""Words for tests of the journal: paths, pushes whose time has come, a database that processes share."""

import datetime as dt
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.utils import timezone

from audits.models import Push
from audits.states import PushStatus
from goods.models import LiveGoods
from shopadmin.wechat.live_goods import LiveGoodsAPI
from shopadmin.wechat.media import MediaAPI
from shopadmin.wechat.models import AccessToken
from shopadmin.wechat.token import STABLE_TOKEN
from tests.processes import ROOT, environment

ADD, UPDATE, DELETE = LiveGoodsAPI.ADD, LiveGoodsAPI.UPDATE, LiveGoodsAPI.DELETE
AUDIT, RESET_AUDIT = LiveGoodsAPI.AUDIT, LiveGoodsAPI.RESET_AUDIT
BY_IDS, BY_LIST = LiveGoodsAPI.GET_GOODS_WAREHOUSE, LiveGoodsAPI.GET_APPROVED
UPLOAD, TOKEN = MediaAPI.UPLOAD, STABLE_TOKEN


def push_of(goods: LiveGoods) -> Push:
    """The latest push of a record, as the database has it."""
    return goods.pushes().first()


def statuses() -> list[str]:
    """The states of all pushes, the oldest first."""
    return list(Push.objects.order_by("pk").values_list("status", flat=True))


def calls(sim: Any, path: str) -> int:
    return len(sim.calls(path))


def fast_forward() -> None:
    """Let every open push be due, as if a minute or two had passed; a lease in use is over as well."""
    now = timezone.now()
    Push.objects.open().update(not_before=now)
    Push.objects.filter(status=PushStatus.SENDING).update(lease_until=now - dt.timedelta(seconds=1))
    AccessToken.objects.update(failed_until=None)


def goods_at(sim: Any, goods: LiveGoods) -> list[dict[str, Any]]:
    """The products at WeChat with this record's name and page."""
    return [
        row for row in sim.goods(goods.account.appid) if (row["name"], row["url"]) == (goods.name, goods.url)
    ]


def database_url() -> str:
    """Where other processes find the database of the tests."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    user, password, host = (quote(at[part], safe="") for part in ("USER", "PASSWORD", "HOST"))
    return f"postgres://{user}:{password}@{host}:{at['PORT']}/{at['NAME']}"


class FileDatabase:
    """A database for real processes that use it at the same time: of SQLite's file a copy in ``folder``.

    A server's database is shared as it is, so the test has to commit (``transaction=True``).
    """

    def __init__(self, folder: Path, sim: Any) -> None:
        self.path = folder / "shared.sqlite3" if connection.vendor == "sqlite" else None
        if self.path is None:
            assert not connection.in_atomic_block, "processes see only what is committed"
        else:
            with sqlite3.connect(self.path) as copy:
                connection.connection.backup(copy)
            copy.close()
        self.env = environment(
            folder,
            DATABASE_URL=f"sqlite:///{self.path}" if self.path else database_url(),
            CACHE_URL="locmemcache://",
            SIMULATOR_URL=sim.url,
            SECRET_KEY=settings.SECRET_KEY,
            FIELD_ENCRYPTION_KEYS=",".join(settings.FIELD_ENCRYPTION_KEYS),
            DJANGO_SETTINGS_MODULE="shopadmin.settings",
            LOG_LEVEL="ERROR",
        )

    def run(self, *scripts: str) -> list[str]:
        """Run Python scripts at once, each in a process with Django set up; what each printed."""
        ready = (
            "import django; django.setup(); import sys; print('ready', flush=True); sys.stdin.readline()\n"
        )
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", ready + script],
                env=self.env, cwd=ROOT, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
            for script in scripts
        ]  # fmt: skip
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=60) for process in processes]
        assert [process.returncode for process in processes] == [0] * len(processes), said
        return [output.strip() for output, _ in said]

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if self.path is None:
            with connection.cursor() as cursor:
                cursor.execute(query, parameters)
                return cursor.fetchall()
        reader = sqlite3.connect(self.path)
        found = reader.execute(query, parameters).fetchall()
        reader.close()
        return found
