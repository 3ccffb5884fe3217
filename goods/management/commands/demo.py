"""``manage.py demo``: the whole product on one machine, with something to try it on."""

import errno
import io
import os
import shutil
import socket
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from goods.demo.data import LOGIN, make_demo_shop
from goods.demo.processes import Service, ServiceFailed, Services

HOST = "127.0.0.1"
FREE_MB = 100
# A worker told to stop while it is starting may have to be killed, and practice can bear that early.
CLUSTER_GRACE = 12.0
WORKER_GRACE = CLUSTER_GRACE + 5


class Command(BaseCommand):
    help = "Set up the demo shop, and run simulator, worker and web server until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000, help="port of the web server")
        parser.add_argument("--simulator-port", type=port_number, default=8765, help="port of the simulator")
        parser.add_argument("--setup-only", action="store_true", help="start nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # Not every terminal can show Chinese, and not every output is a terminal.
            sys.stdout.reconfigure(errors="replace", line_buffering=True)
        if not settings.DEBUG:
            raise CommandError("The demo has a public password and does not run with DEBUG off.")
        try:
            if not options["setup_only"]:
                check_ports(options["port"], options["simulator_port"])
            check_disk(settings.DATA_DIR)
            self.set_up()
            if not options["setup_only"]:
                self.run(options["port"], options["simulator_port"])
        except KeyboardInterrupt:
            raise CommandError("Interrupted.", returncode=130) from None

    def set_up(self) -> None:
        self.stdout.write("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
        make_demo_shop(self.stdout.write)
        call_command("setup_schedules", stdout=io.StringIO())

    def run(self, port: int, simulator_port: int) -> None:
        services = demo_services(port, simulator_port)
        settings.SIMULATOR_URL_FILE.write_text(f"http://{HOST}:{simulator_port}")
        try:
            services.start()
            self.stdout.write("Starting simulator, worker and web server …")
            services.wait_until_ready()
            if not services.signals:
                self.stdout.write(welcome(port, simulator_port, services.logs))
            services.watch(self.stdout.write)
            self.stdout.write("Stopping; what is being sent is finished first (Ctrl-C again: at once) …")
        except ServiceFailed as failure:
            raise CommandError(str(failure)) from None
        finally:
            services.stop()


def demo_services(port: int, simulator_port: int) -> Services:
    simulator = f"http://{HOST}:{simulator_port}"
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    state = str(settings.DATA_DIR / "simulator.json")
    return Services(
        [
            Service(
                "simulator",
                [*manage, "simulator", "--port", str(simulator_port), "--state", state],
                answers_at=f"{simulator}/",
            ),
            Service(
                "worker", [*manage, "worker", "--grace", str(CLUSTER_GRACE)], grace=WORKER_GRACE, spare=True
            ),
            Service(
                "web server",
                [*manage, "runserver", f"{HOST}:{port}", "--noreload"],
                answers_at=f"http://{HOST}:{port}/admin/login/",
            ),
        ],
        stopping=["worker", "web server", "simulator"],  # what the worker is sending can still be answered
        logs=settings.DATA_DIR / "logs",
        env={**os.environ, "SIMULATOR_URL": simulator, "PYTHONUNBUFFERED": "1"},
    )


def welcome(port: int, simulator_port: int, logs: Path) -> str:
    return (
        f"\n  http://{HOST}:{port}/admin/\n"
        f"  Log in with {LOGIN} / {LOGIN}  ·  用户名 {LOGIN}，密码 {LOGIN}\n\n"
        f"  The simulated WeChat: http://{HOST}:{simulator_port}/\n"
        f"  Logs: {logs}\n"
        "  Ctrl-C ends all of it; the data are kept.\n"
    )


def port_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text!r} is no port: a number from 1 to 65535 is needed")
    return int(text)


def check_ports(port: int, simulator_port: int) -> None:
    if port == simulator_port:
        raise CommandError(f"Web server and simulator cannot share port {port}.")
    check_port(port, "PORT")
    check_port(simulator_port, "SIMULATOR_PORT")


def check_port(port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = "is already in use"
            else:
                reason = f"cannot be used ({error.strerror})"
            advice = f"make run {variable}={port + 1 if port < 65535 else port - 1}"
            raise CommandError(f"Port {port} {reason}; choose another one, as in: {advice}") from None


def check_disk(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        free_mb = shutil.disk_usage(directory).free // 1_000_000
    except OSError as error:
        raise CommandError(f"{directory} cannot be written: {error.strerror}.") from None
    if free_mb < FREE_MB:
        raise CommandError(
            f"Not enough disk space: {directory} needs {FREE_MB} MB free and has {free_mb} MB."
        )
