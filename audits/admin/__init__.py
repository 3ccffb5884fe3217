from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

from audits.admin.attempt import AttemptAdmin
from audits.admin.batch import BatchAdmin
from audits.admin.notice import NoticeAdmin
from audits.admin.push import PushAdmin
from audits.admin.quota import QuotaAdmin

__all__ = ["AttemptAdmin", "BatchAdmin", "NoticeAdmin", "PushAdmin", "QuotaAdmin"]

# Whoever may add a schedule may run any function, and reading a result unpickles it. The journal's own
# pages say what staff need to know.
for model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
