"""What the task queue runs for goods. Every task may run late, twice or never without harm."""

import logging
import time
from collections.abc import Callable

from django.db import transaction
from django_q.tasks import async_task

from audits.models import Notice, Reading
from goods.importing import runs
from goods.models import ImportRun
from goods.reading import READERS
from goods.reading import look as look_at_due
from goods.store import catalogue
from goods.store import refresh as store
from goods.store.notices import absorb_notice
from goods.window import refresh as window
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.mini_store.events import REVIEW_EVENT, STATUS_EVENT
from shopadmin.wechat.models import Account, Family

logger = logging.getLogger(__name__)

# A burst is taken in turns, so that no task runs too long; the next minute goes on.
NOTICES_AT_ONCE = 500

# What is done about a message, by the name of its event; about others nothing. Handlers
# run in a transaction and make no calls: they mark records to be looked at.
HANDLERS: dict[str, Callable[[Notice], None]] = {
    REVIEW_EVENT: absorb_notice,
    STATUS_EVENT: absorb_notice,
}


def look(scheduled: bool = True) -> int:
    """Read what is due of every kind of record; returns the number of calls. What is left goes on at once."""
    calls, go_on = look_at_due(scheduled=scheduled)
    if go_on:
        async_task("goods.tasks.look", scheduled=scheduled)
    return calls


def pull() -> int:
    """Do the readings that somebody asked for; returns how many there were.

    Details, and categories that are not of today, are read right after.
    """
    wanted = Reading.objects.wanted().filter(family__in=READERS).select_related("account")
    for reading in wanted:
        READERS[reading.family].pull(reading)
    if wanted:
        async_task("goods.tasks.look")
    if any(reading.family == Family.MINI_STORE for reading in wanted):
        async_task("goods.tasks.categories")
    return len(wanted)


def pull_all() -> int:
    """The nightly sweep: read every account's whole library; forget what nobody looks at any more."""
    window.prune()
    for account in Account.objects.all():
        for family in READERS:
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
