"""What the task queue runs for goods. Every task may run late, twice or never without harm."""

from collections.abc import Callable

from django.db import transaction
from django_q.tasks import async_task

from audits.models import Notice, Reading
from goods.importing import runs
from goods.live import refresh
from goods.models import ImportRun, LiveGoods
from goods.store.notices import absorb_notice
from shopadmin.wechat.mini_store.events import REVIEW_EVENT, STATUS_EVENT
from shopadmin.wechat.models import Family

# A burst is taken in turns, so that no task runs too long; the next minute goes on.
NOTICES_AT_ONCE = 500

# What is done about a message, by the name of its event; about others nothing. Handlers
# run in a transaction and make no calls: they mark records to be looked at.
HANDLERS: dict[str, Callable[[Notice], None]] = {
    REVIEW_EVENT: absorb_notice,
    STATUS_EVENT: absorb_notice,
}


def look(scheduled: bool = True) -> int:
    """Read the goods whose next look has come; returns the number of calls."""
    return sum(
        refresh.look_due(account, scheduled=scheduled)
        for account in refresh.accounts()
        if LiveGoods.objects.look_due().filter(account=account).exists()
    )


def pull() -> int:
    """Do the readings that somebody asked for; returns how many there were."""
    wanted = Reading.objects.wanted().filter(family=Family.LIVE_GOODS).select_related("account")
    for reading in wanted:
        refresh.pull(reading)
    return len(wanted)


def pull_all() -> int:
    """The nightly sweep: read every account's whole library."""
    for account in refresh.accounts():
        Reading.objects.request(account, Family.LIVE_GOODS)
    return pull()


def imports() -> int:
    """Check and store uploaded files; returns the number of steps. What is not finished goes on at once."""
    runs.prune()
    steps = runs.bring_on()
    if ImportRun.objects.due().exists():
        async_task("goods.tasks.imports")
    return steps


def notices() -> int:
    """Do what the messages from WeChat ask for; returns how many asked for something.

    One that fails stays for the next minute and does not hold up the others.
    """
    done, failures = 0, []
    waiting = Notice.objects.waiting().select_related("account").order_by("id")
    for notice in waiting[:NOTICES_AT_ONCE]:
        try:
            done += _handle(notice)
        except Exception as error:  # noqa: BLE001 - raised below, after the others
            failures.append(error)
    if done:
        async_task("goods.tasks.look")
    if failures:
        raise ExceptionGroup("messages from WeChat that could not be handled", failures)
    return done


def _handle(notice: Notice) -> bool:
    """False if there is nothing to do, or another worker does it."""
    handler = HANDLERS.get(notice.event)
    with transaction.atomic():
        if not notice.take() or handler is None:
            return False
        handler(notice)
        return True
