"""Reading products at WeChat by lists: how many calls it takes."""

from collections.abc import Iterator

from goods.store.choices import OnlineStatus
from shopadmin.wechat.client import WeChatClient
from shopadmin.wechat.mini_store.spu import RemoteSpu, SpuAPI

# In the order in which products go, so that one that moves on meanwhile appears twice, not never.
DRAFT_LISTS = (
    OnlineStatus.NEVER, OnlineStatus.ON_SALE, OnlineStatus.SOLD_OUT, OnlineStatus.TAKEN_OFF,
    OnlineStatus.REMOVED, OnlineStatus.RECYCLED,
)  # fmt: skip
# What was never on sale has no online copy.
ONLINE_LISTS = DRAFT_LISTS[1:]


def read_pages(client: WeChatClient, status: int, *, draft: bool) -> Iterator[list[RemoteSpu]]:
    """Every product in one state, in full pages: one call per 300, and no call for an empty rest."""
    page = seen = 0
    while True:
        page += 1
        found = client.mini_store.spu.get_list(status, page, draft=draft)
        yield found.spus
        seen += len(found.spus)
        complete = seen >= found.total if found.total else len(found.spus) < SpuAPI.MAX_PAGE_SIZE
        if not found.spus or complete:
            return


def calls_for(products: int) -> int:
    """Calls that a list of so many products takes."""
    return max(1, -(-products // SpuAPI.MAX_PAGE_SIZE))
