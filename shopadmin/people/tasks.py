"""What runs by itself at night."""

import datetime as dt
from importlib import import_module

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.utils import timezone

SIGN_INS_KEPT = dt.timedelta(days=400)
# Strangers can make as many of these as they like.
FAILURES_KEPT = dt.timedelta(days=90)


def prune() -> None:
    """Forget old sign-ins, counts of wrong passwords that are over, and sessions that have ended."""
    now = timezone.now()
    AccessLog.objects.filter(attempt_time__lt=now - SIGN_INS_KEPT).delete()
    AccessFailureLog.objects.filter(attempt_time__lt=now - FAILURES_KEPT).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
