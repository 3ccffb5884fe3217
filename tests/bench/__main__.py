"""Measure how fast records of every kind are pushed and read back: ``make bench``.

Everything is real: a database file of its own, the simulator as a process that answers 100 ms late,
and the default worker. Bounded in time; prints a table and, with ``--json FILE``, writes the figures.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(*command: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, ROOT / "manage.py", *map(str, command)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()


def wait_until(done: Any, what: str) -> float:
    begun = time.monotonic()
    while not done():
        if time.monotonic() - begun > LONGEST:
            raise SystemExit(f"{what} did not end within {LONGEST} s")
        time.sleep(0.05)
    return time.monotonic() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure pushing and reading back.")
    parser.add_argument(
        "--goods", type=int, default=480, help="live goods of each of two accounts (at most 500)"
    )
    parser.add_argument("--latency", type=float, default=0.1, help="seconds that WeChat takes to answer")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "SIMULATOR_URL": f"http://127.0.0.1:{port}",
            "DJANGO_SETTINGS_MODULE": "shopadmin.settings",
            "LOG_LEVEL": "ERROR",
        }
        simulator = start("simulator", "--port", port)
        try:
            figures = measure(options.goods, options.latency)
        finally:
            stop(simulator)
    for name, value in figures.items():
        sys.stdout.write(f"{name:<52} {value:>10}\n")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2))


def measure(count: int, latency: float) -> dict[str, float]:
    import django

    django.setup()
    from tests.bench.figures import confirming, looking, prepare, pushing, reading
    from tests.bench.pages import costing
    from tests.bench.store import editing, storing
    from tests.bench.window import window

    accounts = prepare(count, latency)
    return {
        **pushing(accounts, latency, start, stop, wait_until),
        **confirming(),
        **reading(accounts[0]),
        **looking(accounts[0]),
        **costing(accounts[0]),
        **storing(accounts[0], start, stop, wait_until),
        **editing(accounts[0]),
        **window(accounts[0], latency),
    }


if __name__ == "__main__":
    main()
