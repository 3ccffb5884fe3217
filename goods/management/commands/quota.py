import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audits.models import Quota
from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.live_goods import LiveGoodsAPI
from shopadmin.wechat.models import Account


class Command(BaseCommand):
    help = (
        "Ask WeChat how many calls of each interface an account has made today, and raise our counters to "
        "that. Submissions for review are a quota of their own that WeChat does not tell."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", type=int, required=True, help="id of the account")
        parser.add_argument("--json", action="store_true", help="write the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(pk=options["account"]).first()
        if account is None:
            raise CommandError(f"There is no account {options['account']}.")
        try:
            client = client_for(account)
            told = [read_in(account, client, path) for path in LiveGoodsAPI.QUOTA]
        except WeChatError as error:
            raise CommandError(f"WeChat could not be asked: {error.errcode or ''} {error.errmsg}") from None
        if options["json"]:
            self.stdout.write(json.dumps(told))
            return
        for row in told:
            self.stdout.write(
                "{path}: {used} of {daily_limit} at WeChat, {our_used} of {our_limit} here".format(**row)
            )


def read_in(account: Account, client: WeChatClient, path: str) -> dict[str, Any]:
    """WeChat's numbers for one interface beside ours, which have taken them over."""
    group, asked_at = LiveGoodsAPI.QUOTA[path], timezone.now()
    remote = client.diagnostics.get_quota(path)
    if group == LiveGoodsAPI.SUBMISSIONS:
        # Two interfaces share it, and neither's own count is what the business counts.
        ours = Quota.objects.today(account.pk, group)
    else:
        ours = Quota.objects.raise_to(
            account.pk, group, used=remote.used, limit=remote.daily_limit, at=asked_at
        )
    return {
        "path": path,
        "group": group.name,
        "daily_limit": remote.daily_limit,
        "used": remote.used,
        "our_limit": ours.limit,
        "our_used": ours.used,
    }
