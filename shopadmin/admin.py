from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audits import heartbeat
from audits.models import Push
from audits.states import PushStatus
from shopadmin.wechat.models import Account


class ShopAdminSite(AdminSite):
    """Django's admin, with what every page has to say: is the worker alive, is an account in trouble."""

    site_header = _("Shop back-office")
    site_title = _("Shop back-office")
    index_title = _("Today")
    enable_nav_sidebar = True

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if self.has_permission(request):
            context |= {
                "worker_alive": heartbeat.alive(),
                "pushes_due": Push.objects.due().count(),
                "pushes_in_doubt": Push.objects.filter(
                    status__in=[PushStatus.UNSURE, PushStatus.NEEDS_PERSON]
                ).count(),
                "accounts_in_trouble": [account for account in Account.objects.all() if account.has_problem],
            }
        return context
