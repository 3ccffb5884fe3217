from audits.admin.attempt import AttemptAdmin
from audits.admin.batch import BatchAdmin
from audits.admin.push import PushAdmin
from audits.admin.quota import QuotaAdmin

__all__ = ["AttemptAdmin", "BatchAdmin", "PushAdmin", "QuotaAdmin"]
