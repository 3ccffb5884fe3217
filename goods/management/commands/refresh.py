import json
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goods.models import LiveGoods, Spu, WindowProduct
from goods.reading import look_at
from shopadmin.wechat.models import Account, Family

MODELS: Mapping[str, Any] = {
    Family.LIVE_GOODS: LiveGoods,
    Family.MINI_STORE: Spu,
    Family.WINDOW: WindowProduct,
}
# Where WeChat reviews, the state that is waited for; elsewhere no id means everything.
UNDER_REVIEW = {Family.LIVE_GOODS: 1, Family.MINI_STORE: 2}


class Command(BaseCommand):
    help = "Read the state of products from WeChat by their ids, with as few calls as possible."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "ids", nargs="*", help="goodsIds, or product_ids; none means everything under review"
        )
        parser.add_argument("--account", type=int, required=True, help="id of the account")
        parser.add_argument("--family", choices=[*MODELS], default=Family.LIVE_GOODS.value)
        parser.add_argument("--json", action="store_true", help="write the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(pk=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']}.")
        family = Family(options["family"])
        model = MODELS[family]
        wanted = model.objects.at_wechat().filter(account=account)
        if options["ids"]:
            wanted = wanted.filter(**{f"{model.REMOTE_ID}__in": options["ids"]})
        elif family in UNDER_REVIEW:
            wanted = wanted.filter(audit_status=UNDER_REVIEW[family])
        records = model.objects.filter(pk__in=list(wanted.values_list("pk", flat=True))).look_now()
        calls = look_at(account, family)
        counts = {"records": records, "calls": calls}
        self.stdout.write(
            json.dumps(counts) if options["json"] else ", ".join(f"{n} {name}" for name, n in counts.items())
        )
