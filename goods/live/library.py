"""Reading the goods library at WeChat: how many calls it takes, and what they cost."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from audits.models import Quota
from shopadmin.wechat.client import WeChatClient
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.live_goods import LiveGoodsAPI, RemoteLiveGoods
from shopadmin.wechat.models import Account

if TYPE_CHECKING:
    from goods.models import LiveGoods


@contextmanager
def _spent(account: Account, path: str, *, scheduled: bool) -> Iterator[None]:
    """One call out of the day's allowance, which is corrected if the call fails."""
    group = LiveGoodsAPI.QUOTA[path]
    if not Quota.objects.spend(account.pk, group, scheduled=scheduled):
        raise WeChatError(Kind.QUOTA, gettext_noop("No calls are left today."))
    try:
        yield
    except WeChatError as error:
        Quota.objects.correct(account.pk, group, error)
        raise


def read_ids(
    account: Account, client: WeChatClient, ids: Sequence[str], *, scheduled: bool
) -> list[RemoteLiveGoods]:
    """Up to 20 products by id: one call."""
    with _spent(account, LiveGoodsAPI.GET_GOODS_WAREHOUSE, scheduled=scheduled):
        return client.live_goods.get_goods_warehouse(ids)


def read_pages(
    account: Account, client: WeChatClient, status: int, *, scheduled: bool = False
) -> Iterator[list[RemoteLiveGoods]]:
    """Every product in one audit status, in full pages: one call per 100, and no call for an empty rest."""
    offset = 0
    while True:
        with _spent(account, LiveGoodsAPI.GET_APPROVED, scheduled=scheduled):
            page = client.live_goods.get_approved(status, offset, LiveGoodsAPI.MAX_LIMIT)
        yield page.goods
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
