import datetime as dt

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django_q.models import Schedule

from audits import heartbeat
from audits.models import Push

# A due push older than this means that nobody is sending.
OLDEST_DUE = 300
# Every cluster's sentinel looks for due schedules twice a minute.
LATEST_SCHEDULE = dt.timedelta(minutes=3)


def healthz(request: HttpRequest) -> JsonResponse:
    """GET /healthz: 200 when the database answers, a worker is alive and nothing due is old; else 503.

    A worker is alive as long as tasks come through its cluster, and only if schedules are kept:
    one that cannot be read stops all the others.
    """
    try:
        connection.ensure_connection()
        oldest = Push.objects.due().order_by("not_before").values_list("not_before", flat=True).first()
        alive = heartbeat.alive() and not schedules_late()
    except DatabaseError:
        return JsonResponse({"database": False}, status=503)
    age = round((timezone.now() - oldest).total_seconds()) if oldest else 0
    healthy = alive and age < OLDEST_DUE
    return JsonResponse(
        {"database": True, "queue_age_seconds": age, "worker_alive": alive}, status=200 if healthy else 503
    )


def schedules_late() -> bool:
    """Whether a schedule should have run long ago."""
    late = Schedule.objects.filter(cluster=None, next_run__lt=timezone.now() - LATEST_SCHEDULE)
    return bool(late.exclude(repeats=0).exists())
