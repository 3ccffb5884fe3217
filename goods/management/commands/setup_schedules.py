from typing import Any

from django.core.management.base import BaseCommand

from goods.schedules import set_up_schedules


class Command(BaseCommand):
    help = "Create or correct the periodic tasks. Run it after every deployment; twice changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{set_up_schedules()} schedules changed")
