"""WeChat's enumerations for live goods. Other numbers may come; they are kept and shown as unknown."""

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _


class PriceType(IntegerChoices):
    FIXED = 1, _("one price")
    RANGE = 2, _("from – to")
    DISCOUNT = 3, _("original and present price")


class AuditStatus(IntegerChoices):
    NOT_AUDITED = 0, _("not under review")
    AUDITING = 1, _("under review")
    APPROVED = 2, _("approved")
    REJECTED = 3, _("refused by review")
