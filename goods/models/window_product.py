import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.operations import Look, Operation, Plan, Step, Verdict
from goods.models.mirror import REFUSED, Compared, Mirror, MirrorQuerySet
from goods.models.spu import Spu
from goods.window import plans, reconcile, rules, steps, wire
from goods.window.choices import BanReason, BranchStatus, Kind, PlanType, Source, WindowStatus
from shopadmin.wechat.reading import LONGEST_ID
from shopadmin.wechat.window import RemoteWindowProduct

# What staff enter of a product that is to come into the window.
LOCAL_FIELDS = {"appid", "product_id", "hide"}

# Texts of WeChat's that are for people to read.
NAMES = {"title", "platform_name", "branch_name", "need_apply_category_name"}


class WindowProductQuerySet(MirrorQuerySet["WindowProduct"]):
    def at_wechat(self) -> Self:
        return self.filter(in_window=True)

    def standing(self, status: int) -> Self:
        """What WeChat showed with this state, the last time it showed it at all."""
        return self.filter(status=status, missing_since=None)

    def discounted(self) -> Self:
        """A limited-time discount is running now."""
        not_over = Q(discount_end=None) | Q(discount_end__gt=timezone.now())
        return self.filter(not_over, discount_running=True)

    def look_now(self) -> int:
        """Ask for what WeChat has ever shown to be read: what has left the window may be back."""
        ever = Q(in_window=True) | Q(status__isnull=False)
        return self.filter(ever).update(look_at=timezone.now())

    def newly_found(self) -> Self:
        return super().newly_found().filter(pushed_at=None)


class WindowProduct(Mirror):
    """A product in a Channels creator's window: an own one of a bound shop, or one promoted for others.

    ``product_id`` is always the product in its shop, ``cps_id`` the promotion; the two never stand for each
    other. ``appid`` is the shop it comes from. Everything else is what WeChat tells (prices in yuan); only
    ``hide`` is ours: whether it is to be left out of the public page. Own products follow their shop, so
    they leave the window by being taken off sale there.
    """

    OPERATIONS: ClassVar[Mapping[Operation, tuple[Step, ...]]] = steps.OPERATIONS
    FAMILY: ClassVar[str] = "window"
    REMOTE_ID: ClassVar[str] = "product_id"
    SHARED: ClassVar[tuple[str, ...]] = ("hide",)

    kind = models.CharField(_("kind"), max_length=3, choices=Kind, default=Kind.OWN, editable=False)
    appid = models.CharField(
        _("appid of its shop"),
        max_length=32,
        blank=True,
        help_text=_("The shop has to be bound to this window."),
    )
    product_id = models.CharField(
        _("product number in its shop"),
        max_length=LONGEST_ID,
        help_text=_("The platform's product_id, digits only."),
    )
    cps_id = models.CharField(_("promotion number (cps)"), max_length=LONGEST_ID, blank=True, editable=False)
    hide = models.BooleanField(
        _("leave out of the public page"),
        default=False,
        help_text=_("It is in the window, but visitors of the window page do not see it."),
    )

    in_window = models.BooleanField(_("in the window"), default=False, editable=False)
    out_product_id = models.CharField(_("shop's own number"), max_length=200, blank=True, editable=False)
    product_source = models.BigIntegerField(_("source"), null=True, editable=False)
    title = models.CharField(_("title"), max_length=500, blank=True, editable=False)
    img_url = models.CharField(_("picture"), max_length=1000, blank=True, editable=False)
    third_category_id = models.CharField(_("old category"), max_length=LONGEST_ID, blank=True, editable=False)
    leaf_category_id = models.CharField(_("category"), max_length=LONGEST_ID, blank=True, editable=False)
    status = models.BigIntegerField(_("state"), null=True, editable=False)
    market_price = models.DecimalField(
        _("highest market price (yuan)"), max_digits=12, decimal_places=2, null=True, editable=False
    )
    selling_price = models.DecimalField(
        _("lowest selling price (yuan)"), max_digits=12, decimal_places=2, null=True, editable=False
    )
    stock = models.BigIntegerField(_("stock"), null=True, editable=False)
    sales = models.BigIntegerField(_("sold"), null=True, editable=False)
    platform_id = models.BigIntegerField(_("platform number"), null=True, editable=False)
    platform_name = models.CharField(_("platform"), max_length=200, blank=True, editable=False)
    is_hide_for_window = models.BooleanField(_("hidden"), default=False, editable=False)
    banned = models.BooleanField(_("banned"), default=False, editable=False)
    banned_reason = models.BigIntegerField(_("reason of the ban"), null=True, editable=False)
    need_apply_category_id = models.CharField(
        _("number of the category to apply for"), max_length=LONGEST_ID, blank=True, editable=False
    )
    need_apply_category_name = models.CharField(
        _("category to apply for"), max_length=200, blank=True, editable=False
    )
    page_appid = models.CharField(_("appid of its pages"), max_length=64, blank=True, editable=False)
    half_page_path = models.CharField(_("half-screen page"), max_length=1000, blank=True, editable=False)
    full_page_path = models.CharField(_("full-screen page"), max_length=1000, blank=True, editable=False)
    branch_id = models.CharField(_("branch number"), max_length=LONGEST_ID, blank=True, editable=False)
    branch_name = models.CharField(_("branch"), max_length=200, blank=True, editable=False)
    branch_status = models.BigIntegerField(_("state of the branch"), null=True, editable=False)
    discount_running = models.BooleanField(_("discount running"), default=False, editable=False)
    discount_price = models.DecimalField(
        _("discount price (yuan)"), max_digits=12, decimal_places=2, null=True, editable=False
    )
    discount_end = models.DateTimeField(_("discount ends"), null=True, editable=False)
    discount_stock = models.BigIntegerField(_("left for the discount"), null=True, editable=False)
    cps_item_type = models.BigIntegerField(_("kind of plan"), null=True, editable=False)
    product_promotion_link = models.TextField(_("promotion link"), blank=True, editable=False)

    objects = WindowProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("window product")
        verbose_name_plural = _("window products")
        ordering = ["-id"]
        permissions = [("push_windowproduct", _("Can put products into the window"))]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "appid", "product_id"],
                condition=Q(kind=Kind.OWN),
                name="one_own_window_product",
                violation_error_message=_("This window has a record of this product already."),
            ),
            models.UniqueConstraint(
                fields=["account", "cps_id"], condition=~Q(cps_id=""), name="one_window_product_per_cps_id"
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.OWN, cps_id="") | (Q(kind=Kind.CPS) & ~Q(cps_id="")),
                name="window_product_ids_fit_its_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="window_look"),
            models.Index(fields=["account", "product_id"], name="window_source"),
            models.Index(fields=["banned", "-id"], condition=Q(banned=True), name="window_banned"),
            models.Index(fields=["in_window", "status", "-id"], name="window_state"),
            models.Index(fields=["errcode", "-id"], condition=REFUSED, name="window_refused"),
            models.Index(fields=["drifted_at"], condition=Q(drifted_at__isnull=False), name="window_drift"),
            models.Index(
                fields=["missing_since"], condition=Q(missing_since__isnull=False), name="window_missing"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.cps_id or self.product_id or f"#{self.pk}"

    def clean_fields(self, exclude: Any = None) -> None:
        """Only what is entered has to be right: what WeChat has shown stays as it is."""
        super().clean_fields(exclude=exclude)
        wrong = {name: texts for name, texts in self.problems().items() if name not in (exclude or ())}
        if wrong:
            raise ValidationError(wrong)

    def validate_constraints(self, exclude: Any = None) -> None:
        """Nobody enters the kind, but whether there may be a second record depends on it."""
        super().validate_constraints(exclude=set(exclude or ()) - {"kind"})

    def save(self, *args: Any, **kwargs: Any) -> None:
        update_fields = kwargs.get("update_fields")
        if update_fields is None or set(update_fields) & LOCAL_FIELDS:
            self.faulty = bool(self.problems())
            settled = self.settle_drift() if self.drift else []
            if update_fields is not None:
                kwargs["update_fields"] = {*update_fields, *settled, "faulty", "updated_at"}
        super().save(*args, **kwargs)

    # --- what it is ---------------------------------------------------------------------------

    @property
    def at_wechat(self) -> bool:
        return self.in_window

    def remote_id(self) -> str:
        return self.window_id if self.in_window else ""

    @property
    def window_id(self) -> str:
        """What WeChat calls it in the window: the promotion for a cps product, else the product."""
        return self.cps_id if self.kind == Kind.CPS else self.product_id

    def same_remote(self, remote_id: str) -> Q:
        """Finds the record that holds this object of WeChat's already."""
        name = "cps_id" if self.kind == Kind.CPS else "product_id"
        return Q(
            account=self.account_id, kind=self.kind, appid=self.appid, in_window=True, **{name: remote_id}
        )

    @property
    def plan_picture(self) -> str:
        link = self.img_url.replace("http://", "https://", 1)
        return link if link.startswith("https://") else ""

    @property
    def discounted(self) -> bool:
        """A limited-time discount is running now, as far as we know."""
        return self.discount_running and (self.discount_end is None or self.discount_end > timezone.now())

    def same_spu(self) -> Spu | None:
        """The same product as a product of the Mini Store, where we hold it. Causes a SQL query."""
        found = Spu.objects.filter(product_id=self.product_id)
        if self.appid:
            found = found.filter(account__appid=self.appid)
        return found.first()

    # --- what is wrong, what is allowed -------------------------------------------------------

    def problems(self) -> dict[str, list[str]]:
        """What is wrong with what staff entered, by field."""
        if self.kind == Kind.CPS:
            return {}
        found = {
            "product_id": list(rules.product_id_problems(self.product_id)),
            "appid": list(rules.appid_problems(self.appid)),
        }
        return {field: messages for field, messages in found.items() if messages}

    def blocked(self, operation: Operation) -> str | Promise:
        return plans.forbidden(self, operation)

    def forbidden(self, operation: Operation) -> str | Promise:
        """Why the operation is not possible now; empty if it is."""
        return plans.forbidden(self, operation)

    def plan(self, operation: Operation) -> Plan:
        return plans.plan(self, operation)

    def reconcile(self, push: Any, look: Look) -> Verdict:
        return reconcile.reconcile(self, push, look)

    def adopted(self, push: Any, remote_id: str) -> Any:
        return None

    # --- ours beside theirs -------------------------------------------------------------------

    def differs(self, field: str) -> bool:
        return field in self.remote and bool(getattr(self, field)) != bool(self.remote[field])

    def compared(self) -> list[Compared]:
        words = {True: _("yes"), False: _("no")}
        differs = self.differs("hide")
        return [
            Compared(
                name="hide",
                label=_("left out of the public page"),
                ours=words[self.hide],
                theirs=words[bool(self.remote.get("hide"))],
                fields=("hide",),
                differs=differs,
                drifted="hide" in self.drift,
                no_sending=gettext("WeChat has no call for it: change it in Channels Assistant.")
                if differs
                else "",
            )
        ]

    def taken(self, field: str) -> Any:
        return bool(self.remote.get(field))

    # --- what WeChat answered -----------------------------------------------------------------

    def mark_found(self, remote: RemoteWindowProduct) -> list[str]:
        """WeChat shows it like this now."""
        values = wire.fields(remote)
        for name, value in values.items():
            setattr(self, name, self._fitting(name, value))
        self.in_window = self.status not in (WindowStatus.NOT_SHOWN, WindowStatus.DELETED)
        self.missing_polls, self.missing_since, self.look_at = 0, None, None
        read = self.mark_read({"hide": remote.is_hide_for_window})
        return [*values, "in_window", "missing_polls", "missing_since", "look_at", *read]

    def _fitting(self, name: str, value: Any) -> Any:
        """What our column holds: a name that is too long is cut, a number, link or path is of no use then."""
        longest = getattr(self._meta.get_field(name), "max_length", None)
        if not isinstance(value, str) or longest is None or len(value) <= longest:
            return value
        return value[:longest] if name in NAMES else ""

    def mark_left(self) -> list[str]:
        """WeChat's window does not have it any more; that it was there, and what it was, is kept."""
        fields = self.mark_missing()
        if self.missing_since:
            self.in_window = False
            fields.append("in_window")
        return fields

    def mark_refused(self, errcode: int | None, errmsg: str) -> list[str]:
        """Read the state again soon: a refusal often means that it is not what we believed."""
        fields = super().mark_refused(errcode, errmsg)
        return [*fields, *self.look_now()] if self.in_window else fields

    # --- words for the numbers ----------------------------------------------------------------

    @property
    def ban(self) -> BanReason | None:
        known = {reason.value: reason for reason in BanReason}
        return known.get(self.banned_reason) if self.banned and self.banned_reason is not None else None

    @property
    def plan_type(self) -> str:
        return named(PlanType, self.cps_item_type) if self.kind == Kind.CPS else ""

    @property
    def source(self) -> str:
        return named(Source, self.product_source)

    @property
    def branch_state(self) -> str:
        return named(BranchStatus, self.branch_status) if self.branch_name or self.branch_id else ""


def named(choices: Any, value: int | None) -> str:
    """A number of WeChat's as a word; one that nobody has documented as itself."""
    if value is None:
        return ""
    known = value in set(choices)
    return str(choices(value).label) if known else gettext("unknown (%(value)s)") % {"value": value}


class WindowFigure(models.Model):
    """How much of a product was sold and how much was left, as the last look of a day showed it."""

    product = models.ForeignKey(WindowProduct, models.CASCADE, related_name="figures")
    day = models.DateField(_("day"))
    sales = models.BigIntegerField(_("sold"), null=True)
    stock = models.BigIntegerField(_("stock"), null=True)

    class Meta:
        default_permissions = ()
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["product", "day"], name="one_window_figure_per_day")]

    def __str__(self) -> str:
        return f"{self.day}"


FIGURES_KEPT = dt.timedelta(days=400)
