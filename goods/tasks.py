"""What the task queue runs for goods. Every task may run late, twice or never without harm."""

import logging
import time

from django_q.tasks import async_task

from audits.models import Reading
from goods import reading
from goods.importing import runs
from goods.live import refresh as live
from goods.models import ImportRun, LiveGoods, Spu
from goods.store import catalogue
from goods.store import refresh as store
from goods.store.freight import refresh as freight
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.models import Account, Family

logger = logging.getLogger(__name__)


def look(scheduled: bool = True) -> int:
    """Read what is due of every kind of record; returns the number of calls. What is left goes on at once."""
    calls = sum(
        live.look_due(account, scheduled=scheduled)
        for account in live.accounts()
        if LiveGoods.objects.look_due().filter(account=account).exists()
    )
    due = Spu.objects.look_due() | Spu.objects.skus_due()
    before = due.count()
    for account in store.accounts():
        calls += freight.look_due(account)
        if due.filter(account=account).exists():
            calls += store.look_due(account)
    if 0 < due.count() < before:
        async_task("goods.tasks.look", scheduled=scheduled)
    return calls


def pull() -> int:
    """Do the readings that somebody asked for; returns how many there were.

    SKUs, and categories that are not of today, are read right after.
    """
    wanted = Reading.objects.wanted().filter(family__in=reading.READERS).select_related("account")
    for one in wanted:
        reading.READERS[one.family](one)
    if wanted:
        async_task("goods.tasks.look")
    if any(one.family == Family.MINI_STORE for one in wanted):
        async_task("goods.tasks.categories")
    return len(wanted)


def pull_all() -> int:
    """The nightly sweep: read every account's whole library."""
    for account in Account.objects.all():
        for family in reading.READERS:
            if family in account.families:
                Reading.objects.request(account, family)
    return pull()


def categories() -> int:
    """Read WeChat's categories where they are not of today; returns the number of calls.

    What does not fit into one run goes on at once, in another one.
    """
    calls, deadline = 0, time.monotonic() + catalogue.SECONDS
    unfinished = False
    for account in store.accounts():
        try:
            calls += catalogue.read_categories(account, seconds=deadline - time.monotonic())
        except WeChatError as error:
            logger.warning("account %s: categories could not be read: %s", account.pk, error)
        else:
            unfinished = unfinished or catalogue.categories_due(account)
    if unfinished:
        async_task("goods.tasks.categories")
    return calls


def imports() -> int:
    """Check and store uploaded files; returns the number of steps. What is not finished goes on at once."""
    runs.prune()
    steps = runs.bring_on()
    if ImportRun.objects.due().exists():
        async_task("goods.tasks.imports")
    return steps
