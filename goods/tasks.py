"""What the task queue runs for goods. Every task may run late, twice or never without harm."""

from django_q.tasks import async_task

from audits.models import Reading
from goods.importing import runs
from goods.models import ImportRun
from goods.reading import READERS
from goods.reading import look as look_at_due
from goods.window import refresh as window
from shopadmin.wechat.models import Account


def look(scheduled: bool = True) -> int:
    """Read what is due of every kind of record; returns the number of calls. What is left goes on at once."""
    calls, go_on = look_at_due(scheduled=scheduled)
    if go_on:
        async_task("goods.tasks.look", scheduled=scheduled)
    return calls


def pull() -> int:
    """Do the readings that somebody asked for; returns how many there were. Details are read right after."""
    wanted = Reading.objects.wanted().filter(family__in=READERS).select_related("account")
    for reading in wanted:
        READERS[reading.family].pull(reading)
    if wanted:
        async_task("goods.tasks.look")
    return len(wanted)


def pull_all() -> int:
    """The nightly sweep: read every account's whole library; forget what nobody looks at any more."""
    window.prune()
    for account in Account.objects.all():
        for family in READERS:
            if family in account.families:
                Reading.objects.request(account, family)
    return pull()


def imports() -> int:
    """Check and store uploaded files; returns the number of steps. What is not finished goes on at once."""
    runs.prune()
    steps = runs.bring_on()
    if ImportRun.objects.due().exists():
        async_task("goods.tasks.imports")
    return steps
