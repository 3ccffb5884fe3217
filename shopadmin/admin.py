from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from audits import heartbeat
from audits.models import Push
from audits.states import PushStatus
from shopadmin.dashboard_viewer import Viewer
from shopadmin.navigation import menu
from shopadmin.wechat.models import Account


class ShopAdminSite(AdminSite):
    """Django's admin, with what every page has to say: is the worker alive, is an account in trouble."""

    site_header = _("Shop back-office")
    site_title = _("Shop back-office")
    index_title = _("Overview")
    site_url = None

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """In task order; of one app, as Django lists it."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        return menu(request, self._build_app_dict(request).values())

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if self.has_permission(request):
            context |= _situation(request, self)
        return context


def _situation(request: HttpRequest, site: AdminSite) -> dict[str, Any]:
    """What the top of every page says. Numbers of the journal are for those who may see it."""
    accounts = list(Account.objects.defer("secret"))
    alive = _workers()
    counts = Push.objects.open_counts() if Viewer(request, site, accounts).sees(Push) else {}
    return {
        "accounts": accounts,
        "accounts_in_trouble": [account for account in accounts if account.has_problem],
        "practising": sum(account.practice for account in accounts),
        "workers_alive": alive,
        "worker_alive": bool(alive),
        "open_counts": counts,
        "pushes_due": counts.get(PushStatus.QUEUED, 0),
        "pushes_in_doubt": counts.get(PushStatus.UNSURE, 0),
        "pushes_for_person": counts.get(PushStatus.NEEDS_PERSON, 0),
        "needs_person": PushStatus.NEEDS_PERSON,
    }


def _workers() -> list[heartbeat.Worker]:
    """Without its cache a page says that no worker runs, instead of failing."""
    try:
        return heartbeat.workers()
    except (RedisError, OSError):
        return []
