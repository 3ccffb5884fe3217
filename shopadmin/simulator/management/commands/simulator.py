"""``manage.py simulator``: the pretend WeChat beside the admin."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shopadmin.simulator.serving import DEFAULT_HOST, DEFAULT_PORT, CannotServe, serve


class Command(BaseCommand):
    """Serves until SIGTERM or Ctrl-C."""

    help = "Runs the simulated WeChat until it is stopped."
    # It needs neither the database nor the rest of the project to be in order.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--port, --host and --state."""
        parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port to listen on")
        parser.add_argument("--host", default=DEFAULT_HOST, help="address to listen on")
        parser.add_argument("--state", type=Path, help="file that keeps the memory over a restart")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve; CommandError, and so exit code 1, when the port is taken."""
        try:
            serve(options["host"], options["port"], options["state"], self._write)
        except CannotServe as reason:
            raise CommandError(str(reason)) from None

    def _write(self, line: str) -> None:
        self.stdout.write(line, ending="")
        self.stdout.flush()
