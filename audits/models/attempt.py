import logging
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.models.push import Push
from shopadmin.wechat.errors import WeChatError

logger = logging.getLogger("audits.calls")

ANSWER_KEPT = 4000


class Attempt(models.Model):
    """One HTTP exchange of a push: written before the call leaves, closed once with the answer.

    Keeps the path without its query (the token travels there) and the body as sent.
    """

    push = models.ForeignKey(Push, models.CASCADE, related_name="attempts", verbose_name=_("push"))
    step = models.CharField(_("step"), max_length=60)
    method = models.CharField(_("method"), max_length=6, default="POST")
    path = models.CharField(_("path"), max_length=120)
    body = models.JSONField(_("sent"), default=dict)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), null=True)
    kind = models.CharField(_("kind of error"), max_length=20, blank=True)
    http_status = models.PositiveIntegerField(_("HTTP status"), null=True)
    errcode = models.BigIntegerField(_("error code"), null=True)
    errmsg = models.TextField(_("message"), blank=True)
    rid = models.CharField(_("request id"), max_length=40, blank=True)
    answer = models.JSONField(_("answer"), null=True)
    late = models.BooleanField(_("came too late"), default=False)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]
        indexes = [models.Index(fields=["started_at"], name="attempt_age")]

    def __str__(self) -> str:
        return f"{self.path} {timezone.localtime(self.started_at):%Y-%m-%d %H:%M:%S}"

    @property
    def is_closed(self) -> bool:
        return self.finished_at is not None

    def close(self, *, answer: Any = None, error: WeChatError | None = None, late: bool = False) -> None:
        self.finished_at = timezone.now()
        self.duration_ms = max(0, round((self.finished_at - self.started_at).total_seconds() * 1000))
        self.late = late
        if error is None:
            self.errcode = 0
            self.answer = answer
        else:
            self.kind = error.kind
            self.errcode, self.errmsg, self.rid = error.errcode, error.errmsg[:ANSWER_KEPT], error.rid
            self.http_status, self.answer = error.http_status, error.answer
        logger.info("call", extra=self._summary())
        self.save(
            update_fields=[
                "finished_at", "duration_ms", "late", "kind",
                "errcode", "errmsg", "rid", "http_status", "answer",
            ]
        )  # fmt: skip

    def _summary(self) -> dict[str, Any]:
        """What a log line tells of the exchange; never its body."""
        return {
            "account": self.push.account_id,
            "push": self.push_id,
            "attempt": self.pk,
            "path": self.path,
            "kind": self.kind,
            "errcode": self.errcode,
            "rid": self.rid,
            "duration_ms": self.duration_ms,
        }
