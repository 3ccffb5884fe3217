import datetime as dt
import hashlib
import json
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shopadmin.wechat.mini_store.events import ReviewEvent, read_review_event
from shopadmin.wechat.models import Account
from shopadmin.wechat.reading import LONGEST_ID, as_id, as_int, as_text

ABOUT_PRODUCT = ~Q(product_id="", out_product_id="")
# Messages that are not about products are of interest to nobody but whoever looks into a question.
OTHERS_KEPT = dt.timedelta(days=30)
LARGEST_STATUS = 2**31 - 1
FAR_FUTURE = 2**33  # Unix seconds


class NoticeQuerySet(models.QuerySet["Notice"]):
    def keep(self, account: Account, message: dict[str, Any]) -> bool:
        """Store an event, once however often it comes; True if it is new.

        What is no event was written by a customer to the shop. It is none of our business, and not kept.
        """
        if message.get("MsgType") != "event":
            return False
        about = read_review_event(message)
        status = about.status if about else None
        _row, is_new = self.get_or_create(
            account=account,
            key=_key(message, about),
            defaults={
                "event": as_text(message.get("Event"))[:100],
                "product_id": about.product_id if about else "",
                "out_product_id": about.out_product_id if about else "",
                "status": status if status is not None and abs(status) <= LARGEST_STATUS else None,
                "reason": about.reason if about else "",
                "payload": message,
                "created_at": _moment(message.get("CreateTime")),
            },
        )
        return is_new

    def waiting(self) -> Self:
        return self.filter(handled_at=None)

    def prunable(self, *, products_kept: dt.timedelta) -> Self:
        """Handled, and no longer of interest."""
        now = timezone.now()
        old = Q(received_at__lt=now - products_kept) | (~ABOUT_PRODUCT & Q(received_at__lt=now - OTHERS_KEPT))
        return self.filter(old, handled_at__isnull=False)


class Notice(models.Model):
    """An event that WeChat pushed. It says where to look, not what is so; only its reasons are nowhere else.

    ``status`` and ``reason`` are of the event's own object, empty if it is not about a product.
    """

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"))
    key = models.CharField(max_length=64, editable=False)
    event = models.CharField(_("event"), max_length=100)
    product_id = models.CharField(_("product at WeChat"), max_length=LONGEST_ID, blank=True)
    out_product_id = models.CharField(_("product of ours"), max_length=LONGEST_ID, blank=True)
    status = models.IntegerField(_("status told"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    payload = models.JSONField(_("message as it came"))
    created_at = models.DateTimeField(_("sent by WeChat"), null=True)
    received_at = models.DateTimeField(_("arrived"), default=timezone.now)
    handled_at = models.DateTimeField(_("handled"), null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("message from WeChat")
        verbose_name_plural = _("messages from WeChat")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_notice_per_event")]
        indexes = [
            models.Index(fields=["id"], condition=Q(handled_at=None), name="notice_waiting"),
            models.Index(fields=["received_at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.out_product_id or self.product_id}".strip()

    @property
    def review_event(self) -> ReviewEvent | None:
        """What it says about a product, if it is about one."""
        return read_review_event(self.payload)

    def take(self) -> bool:
        """Note, in the transaction of the handling, that it is handled; True for one of several that try."""
        self.handled_at = timezone.now()
        return Notice.objects.waiting().filter(pk=self.pk).update(handled_at=self.handled_at) == 1


def _key(message: dict[str, Any], about: ReviewEvent | None) -> str:
    """What tells one event from another, however often WeChat sends each."""
    parts: list[Any]
    if msg_id := as_id(message.get("MsgId")):
        parts = ["MsgId", msg_id]
    elif about:
        own_id = about.product_id or about.out_product_id
        parts = [message.get("Event"), own_id, as_id(message.get("CreateTime")), about.status]
    else:
        # Nobody knows which of its fields matter.
        parts = [message]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _moment(create_time: object) -> dt.datetime | None:
    seconds = as_int(create_time)
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds and 0 < seconds < FAR_FUTURE else None
