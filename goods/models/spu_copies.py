import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goods.models.mirror import Mirror
from goods.store.choices import EditStatus, OnlineStatus
from shopadmin.wechat.reading import LONGEST_ID

# Minutes after a submission at which its review is asked for; then hourly.
LOOKS = (1, 5, 15, 60)


class SpuCopies(Mirror):
    """The part of a product that WeChat's answers write: what it has there, and in which state.

    ``remote`` is the draft, ``online`` what buyers see; ``status`` is WeChat's state of the latter,
    ``audit_status`` (WeChat's ``edit_status``) that of the draft.
    """

    product_id = models.CharField(_("product_id"), max_length=LONGEST_ID, blank=True, editable=False)
    status = models.IntegerField(_("sale state at WeChat"), null=True, blank=True, editable=False)
    online = models.JSONField(_("what buyers see"), default=dict, blank=True, editable=False)
    reject_reason = models.TextField(_("reason of the refusal"), blank=True, editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted at WeChat"), null=True, blank=True, editable=False)
    skus_look_at = models.DateTimeField(_("next look at its SKUs"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def mark_added(self, product_id: str) -> list[str]:
        self.product_id, self.deleted_at, self.missing_since, self.missing_polls = product_id, None, None, 0
        self.status, self.audit_status = OnlineStatus.NEVER, EditStatus.EDITING
        self.online, self.reject_reason = {}, ""
        return [
            "product_id", "deleted_at", "missing_since", "missing_polls", "status", "audit_status", "online",
            "reject_reason",
        ]  # fmt: skip

    def mark_accepted(self, fields: Mapping[str, Any]) -> list[str]:
        """WeChat's draft took these values (our names)."""
        self.remote = {**self.remote, **fields}
        return ["remote", *self.settle_drift(fields)]

    def mark_edited(self) -> list[str]:
        """A draft that was changed has to be submitted again."""
        self.audit_status = EditStatus.EDITING
        return ["audit_status"]

    def mark_submitted(self) -> list[str]:
        self.audit_status, self.submitted_at, self.reject_reason = EditStatus.AUDITING, timezone.now(), ""
        return ["audit_status", "submitted_at", "reject_reason", *self.look_later()]

    def mark_delisted(self) -> list[str]:
        self.status = OnlineStatus.TAKEN_OFF
        return ["status"]

    def mark_states(self, status: int | None, edit_status: int | None) -> list[str]:
        """What an answer shows; one that lacks a state says nothing about it."""
        if status is not None:
            self.status = status
        if edit_status is not None:
            self.audit_status = edit_status
        if self.audit_status == EditStatus.APPROVED and self.status != OnlineStatus.REMOVED:
            self.reject_reason = ""
        self.missing_polls, self.missing_since = 0, None
        return [
            "status",
            "audit_status",
            "reject_reason",
            "missing_polls",
            "missing_since",
            *self.look_later(),
        ]

    @property
    def refusal(self) -> str:
        """Why WeChat refuses it now. What was told of an earlier review is kept, but holds no longer."""
        refused = self.audit_status == EditStatus.REJECTED or self.status == OnlineStatus.REMOVED
        return self.reject_reason if refused else ""

    def mark_reason(self, reason: str) -> list[str]:
        """Why its review failed, or why WeChat took it off sale; told in a message alone."""
        self.reject_reason = reason
        return ["reject_reason"]

    def mark_deleted(self) -> list[str]:
        """It is gone at WeChat for good. Its old ids stay in the journal; its own number is free again."""
        self.product_id, self.status, self.audit_status = "", None, None
        self.remote, self.online, self.deleted_at = {}, {}, timezone.now()
        self.look_at = self.skus_look_at = self.missing_since = None
        self.missing_polls, self.drift, self.drifted_at, self.reject_reason = 0, [], None, ""
        return [
            "product_id", "status", "audit_status", "remote", "online", "deleted_at", "look_at",
            "skus_look_at", "missing_since", "missing_polls", "drift", "drifted_at", "reject_reason",
        ]  # fmt: skip

    def mark_refused(self, errcode: int | None, errmsg: str) -> list[str]:
        """Read the state again soon: a refusal often means that it is not what we believed."""
        fields = super().mark_refused(errcode, errmsg)
        return [*fields, *self.look_now()] if self.at_wechat else fields

    def look_now(self) -> list[str]:
        self.look_at = self.skus_look_at = timezone.now()
        return ["look_at", "skus_look_at"]

    def look_later(self) -> list[str]:
        """Set the next look at a review: soon for a young one, hourly for an old one."""
        now = timezone.now()
        self.look_at = None
        if self.audit_status == EditStatus.AUDITING:
            age = now - (self.submitted_at or now)
            ladder = (dt.timedelta(minutes=minutes) for minutes in LOOKS)
            ahead = next((rung - age for rung in ladder if rung > age), dt.timedelta(hours=1))
            self.look_at = now + ahead
        return ["look_at"]
