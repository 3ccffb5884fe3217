import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goods.live import refresh
from goods.models import LiveGoods
from shopadmin.wechat.models import Account, Family


class Command(BaseCommand):
    help = "Read the state of products from WeChat by their ids, 20 per call."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("goods_ids", nargs="*", help="goodsIds; none means everything under review")
        parser.add_argument("--account", type=int, required=True, help="id of the account")
        parser.add_argument("--family", choices=[Family.LIVE_GOODS.value], default=Family.LIVE_GOODS.value)
        parser.add_argument("--json", action="store_true", help="write the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(pk=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']}.")
        wanted = LiveGoods.objects.at_wechat().filter(account=account)
        if options["goods_ids"]:
            wanted = wanted.filter(goods_id__in=options["goods_ids"])
        else:
            wanted = wanted.filter(audit_status=1)
        records = refresh.request_look(wanted.values_list("pk", flat=True))
        counts = {"records": records, "calls": refresh.look_due(account, scheduled=False)}
        self.stdout.write(
            json.dumps(counts) if options["json"] else ", ".join(f"{n} {name}" for name, n in counts.items())
        )
