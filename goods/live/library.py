"""Reading the goods library at WeChat: how many calls it takes, and what they cost."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from audits.models import Quota
from shopadmin.wechat.client import WeChatClient
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.live_goods import LiveGoodsAPI, RemoteLiveGoods
from shopadmin.wechat.models import Account

if TYPE_CHECKING:
    from goods.models import LiveGoods


def _spend(account: Account, path: str, *, scheduled: bool) -> None:
    if not Quota.objects.spend(account.pk, LiveGoodsAPI.QUOTA[path], scheduled=scheduled):
        raise WeChatError(Kind.QUOTA, f"no calls of {path} left today")


def read_ids(
    account: Account, client: WeChatClient, ids: Sequence[str], *, scheduled: bool
) -> list[RemoteLiveGoods]:
    """Up to 20 products by id: one call."""
    _spend(account, LiveGoodsAPI.GET_GOODS_WAREHOUSE, scheduled=scheduled)
    return client.live_goods.get_goods_warehouse(ids)


def read_status(
    account: Account, client: WeChatClient, status: int, *, scheduled: bool = False
) -> Iterator[RemoteLiveGoods]:
    """Every product in one audit status, in full pages: one call per 100, and no call for an empty rest."""
    offset = 0
    while True:
        _spend(account, LiveGoodsAPI.GET_APPROVED, scheduled=scheduled)
        page = client.live_goods.get_approved(status, offset, LiveGoodsAPI.MAX_LIMIT)
        yield from page.goods
        offset += len(page.goods)
        # Now and then WeChat says 0 beside a list that is not empty.
        complete = offset >= page.total if page.total else len(page.goods) < LiveGoodsAPI.MAX_LIMIT
        if not page.goods or complete:
            return


def status_of(goods: "LiveGoods", client: WeChatClient) -> int | None:
    """The present audit status of one product; None when WeChat does not know it."""
    for remote in read_ids(goods.account, client, [goods.goods_id], scheduled=False):
        if remote.goods_id == goods.goods_id:
            return remote.audit_status
    return None
