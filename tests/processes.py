"""Starting our own commands as real processes, with data of their own, and finding what they leave behind."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ("DATABASE_URL", "SIMULATOR_URL", "DJANGO_SETTINGS_MODULE")


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of this process, for a fresh installation in ``data_dir`` with an SQLite of its own.

    Broker and cache are those that the tests run with.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return inherited | {"DATA_DIR": str(data_dir), "DEBUG": "True"} | more


def manage(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(look: Callable[[], T], seconds: float = 30) -> T:
    """What ``look`` returns as soon as it is true; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing within {seconds} s"
        time.sleep(0.1)
    return found


def processes_using(data_dir: Path) -> list[int]:
    """The processes that were started with this DATA_DIR, this one excepted (Linux)."""
    mark = f"DATA_DIR={data_dir}\0".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes() and int(process.name) != os.getpid():
                found.append(int(process.name))
        except OSError:  # it has ended meanwhile, or is somebody else's
            continue
    return found
