"""Everything goes wrong at once, and nothing may be lost or doubled: ``make chaos``.

Real worker processes that are killed, and a pretend WeChat as a process that fails one call in ten. At the
end WeChat's own records are compared with ours. Bounded in time and seeded; exits with 1 on any violation.

Waiting is shortened: what the journal would wait minutes for, it waits seconds for (see ``hurry``).
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from tests.chaos.wechat import WeChat
from tests.processes import free_port, manage

LATENCY = 0.05


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--operations", type=int, default=2000, help="pushes to confirm (%(default)s)")
    parser.add_argument(
        "--products", type=float, default=0.5, help="share of the Mini Store, 0 to 1 (%(default)s)"
    )
    parser.add_argument("--seconds-limit", type=float, default=900, help="give up after (%(default)s)")
    parser.add_argument("--database", default="sqlite", help="postgres://… or sqlite (%(default)s)")
    parser.add_argument(
        "--broker", choices=["orm", "redis"], default="orm", help="redis: the one at REDIS_URL (%(default)s)"
    )
    parser.add_argument("--clusters", type=int, default=2, help="workers started (%(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="processes of each (%(default)s)")
    parser.add_argument("--keep", type=Path, help="folder for the logs and the SQLite file, kept afterwards")
    return parser.parse_args()


@contextmanager
def database(url: str, folder: Path) -> Iterator[str]:
    """The address of an empty database, which on a server is removed afterwards."""
    if url == "sqlite":
        yield f"sqlite:///{folder}/db.sqlite3"
        return
    name = f"chaos_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{url.rpartition('/')[0]}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def simulator(url: str, log: Path) -> Iterator[WeChat]:
    command = [sys.executable, "-m", "shopadmin.simulator", "--port", url.rpartition(":")[2]]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield WeChat(url)
        finally:
            process.terminate()


def main() -> int:
    options = arguments()
    sys.stdout.write(f"seed {options.seed}: {options.operations} operations\n")
    sys.stdout.flush()
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        url = f"http://127.0.0.1:{free_port()}"
        os.environ |= {
            "DATA_DIR": str(folder),
            "DATABASE_URL": stack.enter_context(database(options.database, folder)),
            "CACHE_URL": os.environ["CACHE_URL"] if options.broker == "redis" else "dbcache://shared_cache",
            "Q_BROKER": options.broker,
            "Q_WORKERS": str(options.processes),
            "PUSH_CALLS_PER_MINUTE": "0",
            "SIMULATOR_URL": url,
            "DJANGO_SETTINGS_MODULE": "shopadmin.settings",
            "LOG_LEVEL": "WARNING",
        }
        for command in ("migrate", "setup_schedules"):
            manage(command, env=dict(os.environ)).check_returncode()
        wechat = stack.enter_context(simulator(url, folder / "simulator.log"))
        wechat.wait()
        return play(options, folder, wechat)


def play(options: argparse.Namespace, folder: Path, wechat: WeChat) -> int:
    import django

    django.setup()
    from audits.models import Push
    from tests.chaos import books, store_books
    from tests.chaos.monkey import Monkey
    from tests.chaos.shopkeeper import Shopkeeper, hurry_looks
    from tests.chaos.staff import Staff, hurry

    began = time.monotonic()
    products = round(options.operations * options.products)
    staff = Staff(wechat, options.operations - products, random.Random(f"{options.seed} staff"))
    keeper = Shopkeeper(wechat, staff.account, products, random.Random(f"{options.seed} keeper"))
    wechat.settings(latency=LATENCY, jitter=LATENCY / 2)
    monkey = Monkey(wechat, folder, options.clusters, random.Random(f"{options.seed} monkey"))
    with monkey:
        while time.monotonic() - began < options.seconds_limit:
            still_open = Push.objects.open().count()
            if staff.finished() and keeper.finished() and not still_open:
                break
            staff.work()
            keeper.work()
            monkey.tease((staff.confirmed + keeper.confirmed - still_open) / options.operations)
            hurry()
            hurry_looks()
            time.sleep(0.1)
    seconds = time.monotonic() - began
    wechat.calm()
    questions = {"questions answered by people": keeper.asked, "pieces sold": sum(keeper.sold.values())}
    table = {"seconds": round(seconds), **books.figures(), **questions, **monkey.figures()}
    violations = books.compare(wechat, staff) | store_books.compare(wechat, keeper)
    for name, value in {**table, **{name: len(found) for name, found in violations.items()}}.items():
        sys.stdout.write(f"{name:<44} {value:>10}\n")
    for name, found in violations.items():
        for what in found[:10]:
            sys.stdout.write(f"{name}: {what}\n")
    failed = any(violations.values())
    sys.stdout.write(f"seed {options.seed}: {'VIOLATED' if failed else 'nothing lost, nothing doubled'}\n")
    return int(failed)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
