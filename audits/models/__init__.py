from audits.models.attempt import Attempt
from audits.models.batch import Batch
from audits.models.notice import Notice
from audits.models.push import Push
from audits.models.quota import Quota, next_window, quota_day
from audits.models.reading import Reading
from audits.models.status_change import StatusChange

__all__ = [
    "Attempt",
    "Batch",
    "Notice",
    "Push",
    "Quota",
    "Reading",
    "StatusChange",
    "next_window",
    "quota_day",
]
