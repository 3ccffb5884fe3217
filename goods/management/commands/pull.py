import json
import math
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audits.models import Reading
from goods.reading import READERS
from goods.store import catalogue
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.models import Account, Family


class Command(BaseCommand):
    help = "Read a whole family of an account from WeChat, and create records for what exists only there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", type=int, required=True, help="id of the account")
        parser.add_argument("--family", choices=list(READERS), default=Family.LIVE_GOODS.value)
        parser.add_argument("--json", action="store_true", help="write the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(pk=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']}.")
        reading = Reading.objects.request(account, options["family"])
        READERS[options["family"]].pull(reading)
        reading.refresh_from_db()
        if reading.errmsg:
            raise CommandError(f"WeChat could not be read: {reading.errcode or ''} {reading.errmsg}")
        if options["family"] == Family.MINI_STORE:
            self._read_categories(account)
        counts = {name: getattr(reading, name) for name in ("calls", "created", "updated", "missing")}
        self.stdout.write(
            json.dumps(counts) if options["json"] else ", ".join(f"{n} {name}" for name, n in counts.items())
        )

    def _read_categories(self, account: Account) -> None:
        """Those that are not of today. Products are read all the same if WeChat does not show them."""
        try:
            catalogue.read_categories(account, seconds=math.inf)
        except WeChatError as error:
            self.stderr.write(f"WeChat's categories could not be read: {error}")
