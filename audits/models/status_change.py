from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class StatusChange(models.Model):
    """A record's audit status became another one; the history that WeChat itself does not keep."""

    target_type = models.ForeignKey(ContentType, models.CASCADE, verbose_name=_("kind of record"))
    target_id = models.PositiveBigIntegerField(_("record"))
    before = models.IntegerField(_("before"), null=True)
    after = models.IntegerField(_("after"), null=True)
    seen_at = models.DateTimeField(_("seen"), default=timezone.now)

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")
        ordering = ["-id"]
        indexes = [models.Index(fields=["target_type", "target_id", "-id"], name="change_of_record")]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
