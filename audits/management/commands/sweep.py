import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audits.tasks import sweep


class Command(BaseCommand):
    help = "Bring on what a dead worker, broker or machine left behind. Safe to run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="write the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = sweep()
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write(", ".join(f"{name}: {count}" for name, count in counts.items()))
