from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from audits import heartbeat
from audits.models import Push
from audits.states import PushStatus
from shopadmin.wechat.models import Account


class ShopAdminSite(AdminSite):
    """Django's admin, with what every page has to say: is the worker alive, is an account in trouble."""

    site_header = _("Shop back-office")
    site_title = _("Shop back-office")
    index_title = _("Overview")
    site_url = None

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        owners = [owner for owner in self._registry.values() if hasattr(owner, "overview")]
        overviews = [
            (owner.opts.verbose_name_plural, owner.overview())
            for owner in owners
            if owner.has_view_permission(request)
        ]
        return super().index(request, {"overviews": overviews, **(extra_context or {})})

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if self.has_permission(request):
            context |= {
                "worker_alive": heartbeat.alive(),
                "pushes_due": Push.objects.due().count(),
                "pushes_in_doubt": Push.objects.unsure().count(),
                "pushes_for_person": Push.objects.filter(status=PushStatus.NEEDS_PERSON).count(),
                "needs_person": PushStatus.NEEDS_PERSON,
                "accounts_in_trouble": Account.objects.filter(problem_at__isnull=False),
            }
        return context
