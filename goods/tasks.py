"""What the task queue runs for goods. Every task may run late, twice or never without harm."""

from django_q.tasks import async_task

from audits.models import Reading
from goods.importing import runs
from goods.live import refresh
from goods.models import ImportRun, LiveGoods
from shopadmin.wechat.models import Family


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
