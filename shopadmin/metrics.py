"""GET /metrics: what is going on, as Prometheus text. Everything is read from the database at each call."""

import datetime as dt
import ipaddress
import secrets
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from audits import heartbeat
from audits.models import Attempt, Push, Quota, quota_day
from audits.states import PushStatus
from shopadmin.wechat.models import AccessToken

WINDOW = dt.timedelta(hours=1)


def metrics(request: HttpRequest) -> HttpResponse:
    """For who knows METRICS_TOKEN; while there is none, for this machine only."""
    if not _may_read(request):
        return HttpResponseForbidden("Forbidden\n", content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(Journal())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # A proxy on this machine speaks for the whole world.
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback


class Journal(Collector):
    """The journal in numbers."""

    def collect(self) -> Iterator[Metric]:
        yield from self._pushes()
        yield self._attempts()
        yield self._quotas()
        renewals = AccessToken.objects.aggregate(all=Sum("renewals"))["all"] or 0
        yield CounterMetricFamily("shopadmin_token_renewals", "Access tokens fetched", value=renewals)
        yield GaugeMetricFamily("shopadmin_workers", "Workers alive", value=len(heartbeat.workers()))

    def _pushes(self) -> Iterator[Metric]:
        counts = dict(Push.objects.order_by().values_list("status").annotate(Count("id")))
        by_state = GaugeMetricFamily("shopadmin_pushes", "Pushes by state", labels=["status"])
        for status in PushStatus:
            by_state.add_metric([status.value], counts.get(status, 0))
        yield by_state
        oldest = Push.objects.due().order_by("not_before").values_list("not_before", flat=True).first()
        age = (timezone.now() - oldest).total_seconds() if oldest else 0
        yield GaugeMetricFamily("shopadmin_queue_age_seconds", "Age of the oldest due push", value=age)

    def _attempts(self) -> Metric:
        recent = Attempt.objects.filter(started_at__gte=timezone.now() - WINDOW).order_by()
        family = GaugeMetricFamily(
            "shopadmin_attempts_last_hour", "Calls to WeChat by outcome", labels=["kind"]
        )
        closed = recent.filter(finished_at__isnull=False)
        for kind, count in closed.values_list("kind").annotate(Count("id")):
            family.add_metric([kind or "ok"], count)
        family.add_metric(["open"], recent.filter(finished_at=None).count())
        return family

    def _quotas(self) -> Metric:
        family = GaugeMetricFamily(
            "shopadmin_quota_left", "Calls left today", labels=["account", "interfaces"]
        )
        for row in Quota.objects.filter(day=quota_day()).select_related("account"):
            family.add_metric([row.account.appid, row.group], row.left)
        return family
