"""What the task worker does for this app."""

from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.models import Account, Family
from shopadmin.wechat.token import ask_again

APPROVED = 2


def test_connection(account_id: int) -> None:
    """Fetch a token, read one harmless thing, and note at the account how that went."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        return
    # A token from before a change in WeChat's console would prove nothing.
    ask_again(account_id)
    try:
        _read_something(client_for(account), account.families)
    except WeChatError as error:
        account.record_test(error)
    else:
        account.record_test()


def _read_something(client: WeChatClient, families: list[str]) -> None:
    if Family.LIVE_GOODS in families:
        client.live_goods.get_approved(APPROVED, offset=0, limit=1)
    else:
        client.diagnostics.get_api_domain_ip()
