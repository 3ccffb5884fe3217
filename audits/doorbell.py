"""Telling the workers that the journal holds work.

A ring carries no ids: losing or repeating it is harmless.
"""

import math

from django.conf import settings
from django_q.brokers import get_broker
from django_q.tasks import async_task

from audits.models import Push

DRAIN = "audits.tasks.drain"


def ring(most: int | None = None) -> None:
    """Ring for as many workers as have something to do, at most ``most`` of them."""
    due = Push.objects.due().count()
    rings = min(most or settings.Q_WORKERS, math.ceil(due / settings.PUSH_THREADS))
    if rings:
        broker = get_broker()
        for _ in range(rings):
            async_task(DRAIN, broker=broker)
