from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.models import Push
from audits.operations import Operation
from shopadmin.wechat.models import Account

ERRMSG_KEPT = 500


class Mirror(models.Model):
    """A record that mirrors something a merchant has at WeChat.

    Local fields hold what staff want, ``remote`` what WeChat last told us, the rest the result of the
    last push. Subclasses fill ``OPERATIONS`` and ``plan`` (see ``audits.operations.Record``). Methods
    named ``mark_`` change the instance and return the fields to save.
    """

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"))
    audit_status = models.IntegerField(_("review at WeChat"), null=True, blank=True, editable=False)
    remote = models.JSONField(_("what WeChat has"), default=dict, blank=True, editable=False)
    # Our fields that somebody changed at WeChat, past us, since we last sent or agreed to them.
    drift = models.JSONField(_("changed at WeChat"), default=list, blank=True, editable=False)
    drifted_at = models.DateTimeField(_("changed at WeChat since"), null=True, blank=True, editable=False)
    errcode = models.BigIntegerField(_("error code"), null=True, blank=True, editable=False)
    errmsg = models.TextField(_("WeChat's answer"), blank=True, editable=False)
    pushed_at = models.DateTimeField(_("last sent"), null=True, blank=True, editable=False)
    refreshed_at = models.DateTimeField(_("as of"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        abstract = True

    def mark_done(self, operation: Operation) -> list[str]:
        self.errcode, self.errmsg, self.pushed_at = 0, "", timezone.now()
        return ["errcode", "errmsg", "pushed_at"]

    def mark_refused(self, errcode: int | None, errmsg: str) -> list[str]:
        self.errcode, self.errmsg, self.pushed_at = errcode, errmsg[:ERRMSG_KEPT], timezone.now()
        return ["errcode", "errmsg", "pushed_at"]

    def pushes(self) -> Any:
        """The journal of this record, newest first. Causes a SQL query."""
        return Push.objects.filter(
            target_type=ContentType.objects.get_for_model(type(self)), target_id=self.pk
        ).order_by("-id")

    def open_push(self) -> Push | None:
        """The push at work on this record, if there is one. Causes a SQL query."""
        found: Push | None = self.pushes().open().select_related("batch").first()
        return found
