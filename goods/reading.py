"""How each family's records are read from WeChat: everything at once, and what is due."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from audits.models import Reading
from goods.live import refresh as live
from goods.models import FreightTemplate, LiveGoods, Spu, WindowProduct
from goods.store import refresh as store
from goods.store.freight import refresh as freight
from goods.window import refresh as window
from shopadmin.wechat.models import Account, Family


@dataclass(frozen=True)
class Look:
    """A kind of record, how those that are ``due`` are found, and what reads them (number of calls)."""

    due: Callable[[], QuerySet]
    read: Callable[[Account, bool], int]


@dataclass(frozen=True)
class Reader:
    """``pull`` reads everything of an account, ``looks`` what is due of each kind of record."""

    pull: Callable[[Reading], None]
    looks: Sequence[Look]


def _window_due() -> QuerySet:
    # What has left the window is looked at once more.
    return WindowProduct.objects.filter(look_at__lte=timezone.now())


READERS: Mapping[str, Reader] = {
    Family.LIVE_GOODS: Reader(
        live.pull,
        [
            Look(
                lambda: LiveGoods.objects.look_due(),
                lambda account, scheduled: live.look_due(account, scheduled=scheduled),
            )
        ],
    ),
    Family.MINI_STORE: Reader(
        store.pull,
        [
            Look(
                lambda: FreightTemplate.objects.look_due(),
                lambda account, _scheduled: freight.look_due(account),
            ),
            Look(
                lambda: Spu.objects.look_due() | Spu.objects.skus_due(),
                lambda account, _scheduled: store.look_due(account),
            ),
        ],
    ),
    Family.WINDOW: Reader(
        window.pull,
        [Look(_window_due, lambda account, scheduled: window.look_due(account, scheduled=scheduled))],
    ),
}


def look(*, scheduled: bool) -> tuple[int, bool]:
    """Read what is due of every account; returns the calls, and whether it is to go on at once."""
    calls, go_on = 0, False
    bugs: list[Exception] = []
    accounts = list(Account.objects.all())
    for family, reader in READERS.items():
        mine = [account for account in accounts if family in account.families]
        for one in reader.looks:
            before = one.due().filter(account__in=mine).count()
            if not before:
                continue
            for account in mine:
                if not one.due().filter(account=account).exists():
                    continue
                try:
                    calls += one.read(account, scheduled)
                except Exception as bug:  # noqa: BLE001 - raised below, when the other accounts had their turn
                    bugs.append(bug)
            # Who gets nowhere is not asked again before the next minute.
            go_on |= 0 < one.due().filter(account__in=mine).count() < before
    if bugs:
        raise bugs[0]
    return calls, go_on


def look_at(account: Account, family: str) -> int:
    """Read what is due of one family of one account, because somebody waits for it."""
    return sum(one.read(account, False) for one in READERS[family].looks)
