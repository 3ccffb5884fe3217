"""How each family's records are read from WeChat: everything at once, and what is due."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from audits.models import Reading
from goods.live import refresh as live
from goods.models import LiveGoods, Spu, WindowProduct
from goods.store import refresh as store
from goods.window import refresh as window
from shopadmin.wechat.models import Account, Family


@dataclass(frozen=True)
class Reader:
    """``pull`` reads everything of an account, ``look`` what is ``due``; it returns the number of calls."""

    pull: Callable[[Reading], None]
    look: Callable[[Account, bool], int]
    due: Callable[[], QuerySet]


def _window_due() -> QuerySet:
    # What has left the window is looked at once more.
    return WindowProduct.objects.filter(look_at__lte=timezone.now())


READERS: Mapping[str, Reader] = {
    Family.LIVE_GOODS: Reader(
        live.pull,
        lambda account, scheduled: live.look_due(account, scheduled=scheduled),
        lambda: LiveGoods.objects.look_due(),
    ),
    Family.MINI_STORE: Reader(
        store.pull,
        lambda account, scheduled: store.look_due(account),
        lambda: Spu.objects.look_due() | Spu.objects.skus_due(),
    ),
    Family.WINDOW: Reader(
        window.pull,
        lambda account, scheduled: window.look_due(account, scheduled=scheduled),
        _window_due,
    ),
}


def look(*, scheduled: bool) -> tuple[int, bool]:
    """Read what is due of every account; returns the calls, and whether it is to go on at once."""
    calls, go_on = 0, False
    accounts = list(Account.objects.all())
    for family, reader in READERS.items():
        due = reader.due()
        before = due.count()
        if not before:
            continue
        for account in accounts:
            if family in account.families and due.filter(account=account).exists():
                calls += reader.look(account, scheduled)
        # Who gets nowhere is not asked again before the next minute.
        go_on |= 0 < reader.due().count() < before
    return calls, go_on
