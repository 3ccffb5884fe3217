import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.operations import Look, Operation, Plan, Step, Verdict
from goods.live import drift, plans, reconcile, steps, wire
from goods.live.choices import AuditStatus, PriceType
from goods.live.rules import appid_problems, name_problems, price_problems, url_problems
from goods.models.mirror import REFUSED, Compared, Mirror, MirrorQuerySet
from goods.pictures import make_thumbnail, thumbnail_name
from shopadmin.wechat.live_goods import Added
from shopadmin.wechat.reading import LONGEST_ID

# WeChat forgets an uploaded picture after 72 hours.
MEDIA_FRESH = dt.timedelta(hours=70)

# What staff edit.
LOCAL_FIELDS = {"product_no", "name", "cover", "price_type", "price", "price2", "url", "third_party_appid"}

# Minutes after a submission at which its review is asked for; then hourly.
LOOKS = (1, 2, 5, 15, 30, 60)


class LiveGoodsQuerySet(MirrorQuerySet["LiveGoods"]):
    def newly_found(self) -> Self:
        """What a pull found; not what was submitted from here meanwhile."""
        return super().newly_found().at_wechat().filter(submitted_at=None)


class LiveGoods(Mirror):
    """A product in the goods library of a Mini Program's live rooms.

    Prices are yuan. ``goods_id`` is filled exactly while the product is known to be at WeChat.
    ``audit_id`` names the latest submission; WeChat tells it once and it is needed to withdraw.
    """

    OPERATIONS: ClassVar[Mapping[Operation, tuple[Step, ...]]] = steps.OPERATIONS
    FAMILY: ClassVar[str] = "live_goods"
    SUBMITTING: ClassVar[tuple[Operation, ...]] = (Operation.ADD, Operation.RESUBMIT)
    REMOTE_ID: ClassVar[str] = "goods_id"
    SHARED: ClassVar[tuple[str, ...]] = ("name", *wire.PRICES, "url", "third_party_appid")

    product_no = models.CharField(
        _("product number"), max_length=64, blank=True, help_text=_("Your own number.")
    )
    name = models.CharField(
        _("name"),
        max_length=200,
        help_text=_("At most 14 Chinese characters; a letter or digit counts half."),
    )
    cover = models.ImageField(
        _("cover picture"),
        upload_to="live_goods/",
        max_length=200,
        blank=True,
        help_text=_("A square picture looks best. It is made smaller for WeChat (300 × 300) by itself."),
    )
    price_type = models.PositiveSmallIntegerField(
        _("kind of price"), choices=PriceType, default=PriceType.FIXED
    )
    price = models.DecimalField(
        _("price (yuan)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("The price; for “from – to” the lowest, for a discount the original price."),
    )
    price2 = models.DecimalField(
        _("second price (yuan)"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("For “from – to” the highest, for a discount the present price."),
    )
    url = models.CharField(
        _("page path"),
        max_length=500,
        blank=True,
        help_text=_("The product's page in the published Mini Program, such as pages/goods/detail?id=88."),
    )
    third_party_appid = models.CharField(
        _("appid of another Mini Program"),
        max_length=32,
        blank=True,
        help_text=_("Only if the page belongs to another Mini Program."),
    )

    goods_id = models.CharField(_("goodsId"), max_length=LONGEST_ID, blank=True, editable=False)
    audit_id = models.CharField(_("auditId"), max_length=LONGEST_ID, blank=True, editable=False)
    third_party_tag = models.IntegerField(_("made by"), null=True, blank=True, editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted at WeChat"), null=True, blank=True, editable=False)

    media_id = models.CharField(max_length=200, blank=True, editable=False)
    media_cover = models.CharField(max_length=200, blank=True, editable=False)
    media_uploaded_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The cover that WeChat has: it returns a link, from which the file cannot be recognised.
    cover_sent = models.CharField(max_length=200, blank=True, editable=False)

    objects = LiveGoodsQuerySet.as_manager()

    class Meta:
        verbose_name = _("live goods")
        verbose_name_plural = _("live goods")
        ordering = ["-id"]
        permissions = [
            ("push_livegoods", _("Can send live goods to WeChat")),
            ("delete_remote_livegoods", _("Can delete live goods at WeChat")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "product_no"],
                condition=~Q(product_no=""),
                name="one_live_goods_per_product_no",
                violation_error_message=_("This account has live goods with this product number already."),
            ),
            models.UniqueConstraint(
                fields=["account", "goods_id"], condition=~Q(goods_id=""), name="one_live_goods_per_goods_id"
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0) | Q(price=None),
                name="live_goods_price_not_negative",
                violation_error_message=_("The price must be more than 0."),
            ),
            models.CheckConstraint(
                condition=Q(price2__gte=0) | Q(price2=None),
                name="live_goods_price2_not_negative",
                violation_error_message=_("The price must be more than 0."),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "audit_status"]),
            # The minute's look at what is under review.
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="live_goods_look"),
            models.Index(
                fields=["drifted_at"], condition=Q(drifted_at__isnull=False), name="live_goods_drift"
            ),
            # The filters of the list and the numbers of the start page.
            models.Index(fields=["errcode", "-id"], condition=REFUSED, name="live_goods_refused"),
            models.Index(fields=["audit_status", "-id"], name="live_goods_state"),
            models.Index(
                fields=["faulty", "-id"],
                condition=Q(goods_id="", deleted_at__isnull=True),
                name="live_goods_drafts",
            ),
            models.Index(
                fields=["missing_since"], condition=Q(missing_since__isnull=False), name="live_goods_missing"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.product_no or f"#{self.pk}"

    def clean(self) -> None:
        """A draft may break WeChat's rules for a while (the page says so); what is at WeChat may not."""
        if self.at_wechat and (wrong := self.problems()):
            raise ValidationError(dict(wrong))

    def save(self, *args: Any, **kwargs: Any) -> None:
        update_fields = kwargs.get("update_fields")
        if update_fields is None or set(update_fields) & LOCAL_FIELDS:
            self.faulty = bool(self.problems())
            settled = self.settle_drift() if self.drift else []
            if update_fields is not None:
                kwargs["update_fields"] = {*update_fields, *settled, "faulty", "updated_at"}
            super().save(*args, **kwargs)
            if self.cover.name:
                make_thumbnail(self.cover.storage, self.cover.name)
        else:
            super().save(*args, **kwargs)

    @property
    def plan_summary(self) -> str:
        """What a plan shows of it: the price as buyers will see it."""
        price, original = show_price(self.price_type, self.price, self.price2)
        return format_html("{} <del>{}</del>", price, original) if original else price

    @property
    def thumbnail(self) -> str:
        """The address of the small copy of our picture; "" if there is none."""
        name = self.cover.name
        return self.cover.storage.url(thumbnail_name(name)) if name else ""

    @property
    def remote_picture(self) -> str:
        """The address of the picture that WeChat shows; "" for anything but a link to one.

        WeChat writes http for pictures that its servers hand out by https as well.
        """
        link = self.remote.get("cover_img_url")
        if not isinstance(link, str) or not link.startswith(("http://", "https://")):
            return ""
        host = urlsplit(link).hostname or ""
        return link.replace("http://", "https://", 1) if host.endswith(".qpic.cn") else link

    @property
    def plan_picture(self) -> str:
        return self.thumbnail or self.remote_picture

    # --- what is wrong, what is allowed -------------------------------------------------------

    def problems(self) -> dict[str, list[str]]:
        """Every documented rule that a field breaks, by field; empty means ready to be sent."""
        found: dict[str, list[str]] = {
            "name": list(name_problems(self.name)),
            "url": list(url_problems(self.url)),
            "third_party_appid": list(appid_problems(self.third_party_appid)),
            # WeChat has a picture of what is there already, even if we do not.
            "cover": [] if self.cover or self.at_wechat else [gettext("Choose a cover picture.")],
        }
        for field, message in price_problems(self.price_type, self.price, self.price2):
            found.setdefault(field, []).append(message)
        return {field: messages for field, messages in found.items() if messages}

    @property
    def console_made(self) -> bool:
        """Made in WeChat's live console: everybody may read it, only the console may change it."""
        return self.at_wechat and self.third_party_tag not in (1, 2)

    def blocked(self, operation: Operation) -> str | Promise:
        """Why the operation is not possible now; empty if it is."""
        return plans.blocked(self, operation)

    def forbidden(self, operation: Operation) -> str | Promise:
        """Why the state forbids the operation, even if fields are changed first; empty if it does not."""
        return plans.forbidden(self, operation)

    def plan(self, operation: Operation) -> Plan:
        return plans.plan(self, operation)

    def reconcile(self, push: Any, look: Look) -> Verdict:
        return reconcile.reconcile(self, push, look)

    def adopted(self, push: Any, remote_id: str) -> Added:
        """The answer that got lost, for the product that turned out to be this one. Its auditId is lost."""
        return Added(remote_id, "")

    # --- ours beside theirs -------------------------------------------------------------------

    def differs(self, field: str) -> bool:
        return plans.differs(self, field)

    def same(self, field: str, one: Any, other: Any) -> bool:
        return drift.same(field, one, other)

    def compared(self) -> list[Compared]:
        return drift.compare(self)

    def taken(self, field: str) -> Any:
        return drift.taken(self, field)

    def taking_doubtful(self) -> bool:
        return super().taking_doubtful() or drift.looks_like_fen(self)

    def mark_taken(self, fields: Iterable[str]) -> list[str]:
        changed = super().mark_taken(fields)
        self.faulty = bool(self.problems()) and not self.console_made
        return [*changed, "faulty"]

    # --- the picture --------------------------------------------------------------------------

    def media_fresh(self, cover: str) -> bool:
        """WeChat still has the upload of this cover."""
        return bool(
            self.media_id
            and self.media_cover == cover
            and self.media_uploaded_at
            and timezone.now() - self.media_uploaded_at < MEDIA_FRESH
        )

    def mark_uploaded(self, cover: str, media_id: str, uploaded_at: dt.datetime) -> list[str]:
        self.media_id, self.media_cover, self.media_uploaded_at = media_id, cover, uploaded_at
        return ["media_id", "media_cover", "media_uploaded_at"]

    def forget_media(self) -> list[str]:
        self.media_id, self.media_uploaded_at = "", None
        return ["media_id", "media_uploaded_at"]

    # --- what WeChat answered -----------------------------------------------------------------

    def mark_added(self, goods_id: str, audit_id: str) -> list[str]:
        self.goods_id, self.deleted_at, self.missing_since, self.missing_polls = goods_id, None, None, 0
        # WeChat marks what comes by API with 1 or 2; the next look tells which.
        self.third_party_tag = 2
        return [
            "goods_id", "deleted_at", "missing_since", "missing_polls", "third_party_tag",
            *self.mark_submitted(audit_id),
        ]  # fmt: skip

    def mark_submitted(self, audit_id: str) -> list[str]:
        self.audit_id, self.audit_status, self.submitted_at = audit_id, AuditStatus.AUDITING, timezone.now()
        return ["audit_id", "audit_status", "submitted_at", *self.look_later()]

    def mark_withdrawn(self) -> list[str]:
        self.audit_status, self.look_at = AuditStatus.NOT_AUDITED, None
        return ["audit_status", "look_at"]

    def mark_deleted(self) -> list[str]:
        """It is gone at WeChat for good. Its old ids stay in the journal."""
        self.goods_id, self.audit_id, self.audit_status, self.third_party_tag = "", "", None, None
        self.remote, self.cover_sent, self.deleted_at = {}, "", timezone.now()
        self.look_at, self.missing_since, self.missing_polls = None, None, 0
        self.drift, self.drifted_at = [], None
        return [
            "goods_id", "audit_id", "audit_status", "third_party_tag", "remote", "cover_sent", "deleted_at",
            "look_at", "missing_since", "missing_polls", "drift", "drifted_at",
        ]  # fmt: skip

    def mark_accepted(self, fields: Mapping[str, Any], cover: str = "") -> list[str]:
        """WeChat took these values (our names): from now on they are what WeChat has."""
        self.remote = {**self.remote, **fields}
        if cover:
            self.cover_sent = cover
            # The link to the picture that was there before.
            self.remote.pop("cover_img_url", None)
        return ["remote", "cover_sent", *self.settle_drift(fields)]

    def mark_refused(self, errcode: int | None, errmsg: str) -> list[str]:
        """Read the state again soon: a refusal often means that it is not what we believed."""
        fields = super().mark_refused(errcode, errmsg)
        if self.at_wechat:
            fields += self.look_now()
        return fields

    def look_later(self) -> list[str]:
        """Set the next look at a review: soon for a young one, hourly for an old one."""
        now = timezone.now()
        self.look_at = None
        if self.audit_status == AuditStatus.AUDITING and not self.console_made:
            age = now - (self.submitted_at or now)
            ladder = (dt.timedelta(minutes=minutes) for minutes in LOOKS)
            ahead = next((rung - age for rung in ladder if rung > age), dt.timedelta(hours=1))
            self.look_at = now + ahead
        return ["look_at"]


def show_price(price_type: int | None, price: Any, price2: Any) -> tuple[str, str]:
    """The price as buyers see it, and the crossed-out original price if there is one."""
    first, second = (_yuan(value) for value in (price, price2))
    if price_type == PriceType.RANGE:
        return f"{first} – {second}", ""
    if price_type == PriceType.DISCOUNT:
        return second, first
    return first, ""


def _yuan(value: Any) -> str:
    return "–" if value in (None, "") else f"¥{Decimal(value):,.2f}"
