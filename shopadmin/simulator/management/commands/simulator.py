"""``manage.py simulator``: the pretend WeChat beside the admin."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shopadmin.simulator.serving import CannotServe, add_options, serve


class Command(BaseCommand):
    """Serves until SIGTERM or Ctrl-C."""

    help = "Runs the simulated WeChat until it is stopped."
    # It needs neither the database nor the rest of the project to be in order.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The same options as without Django."""
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve; CommandError, and so exit code 1, when the port is taken."""
        try:
            serve(options, self._write)
        except CannotServe as reason:
            raise CommandError(str(reason)) from None

    def _write(self, line: str) -> None:
        self.stdout.write(line, ending="")
        self.stdout.flush()
