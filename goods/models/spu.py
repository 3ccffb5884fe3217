import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.operations import Look, Operation, Plan, Step, Verdict
from audits.planning import parts
from goods.models.catalogue import Brand, Category
from goods.models.freight import FreightTemplate
from goods.models.mirror import REFUSED, Compared, MirrorQuerySet
from goods.models.picture import Picture, load_pictures
from goods.models.sku import Sku
from goods.models.spu_copies import SpuCopies
from goods.store import drift, plans, reconcile, rules, steps
from goods.store.choices import (
    NO_BRAND,
    CouponValid,
    CouponVerify,
    ProductType,
)
from goods.store.wire import UNTOLD
from shopadmin.wechat.mini_store import ProductKey
from shopadmin.wechat.reading import LONGEST_ID

# What staff edit.
LOCAL_FIELDS = {
    "out_product_id", "title", "sub_title", "head_imgs", "desc_imgs", "brand_id", "cats", "attrs",
    "model_name", "freight_template", "product_type", *drift.COUPON,
}  # fmt: skip

NEW_NUMBER = "P{}"


def new_number() -> str:
    """A number of ours for a product that nobody gave one: it is what finds it again at WeChat."""
    return NEW_NUMBER.format(secrets.token_hex(6).upper())


def share_pictures(spus: Sequence["Spu"]) -> None:
    """Load the pictures of all these products at once. Causes one SQL query per twenty thousand."""
    known: dict[int, Picture] = {}
    for part in parts(list({pk for spu in spus for pk in spu.picture_ids()})):
        known |= load_pictures(set(part))
    for spu in spus:
        spu.keep_pictures({pk: known[pk] for pk in spu.picture_ids() if pk in known})


class SpuQuerySet(MirrorQuerySet["Spu"]):
    def with_skus(self) -> Self:
        return self.select_related("freight_template").prefetch_related(
            Prefetch("skus", Sku.objects.select_related("picture").order_by("position", "id"))
        )

    def for_plan(self, keys: Collection[Any]) -> list["Spu"]:
        found = list(self.with_skus().filter(pk__in=keys))
        share_pictures(found)
        return found

    def skus_due(self) -> Self:
        """Their SKUs at WeChat should be read now."""
        return self.at_wechat().filter(skus_look_at__lte=timezone.now())

    def look_now(self) -> int:
        """Ask for their state and their SKUs to be read; returns how many are at WeChat at all."""
        now = timezone.now()
        return self.at_wechat().update(look_at=now, skus_look_at=now)

    def newly_found(self) -> Self:
        """What a pull found; not what was submitted from here meanwhile."""
        return super().newly_found().at_wechat().filter(pushed_at=None)

    def drafts(self) -> Self:
        """Only here, and wanted."""
        return self.filter(product_id="", deleted_at=None)


class Spu(SpuCopies):
    """A product of the Mini Store with its SKUs.

    WeChat has two copies: ``remote`` is the draft, which changes go to, ``online`` what buyers see. A review
    that passes makes the draft the online copy. ``status`` is WeChat's state of the online copy,
    ``audit_status`` (WeChat's ``edit_status``) that of the draft. ``out_product_id`` is our number for it, by
    which it is found again when an answer is lost. ``head_imgs`` and ``desc_imgs`` are keys of pictures, in
    order, the main picture first.
    """

    OPERATIONS: ClassVar[Mapping[Operation, tuple[Step, ...]]] = steps.OPERATIONS
    FAMILY: ClassVar[str] = "mini_store"
    SUBMITTING: ClassVar[tuple[Operation, ...]] = (Operation.LIST,)
    REMOTE_ID: ClassVar[str] = "product_id"
    SHARED: ClassVar[tuple[str, ...]] = (
        "title", "sub_title", "head_imgs", "desc_imgs", "brand_id", "cats", "attrs", "model_name",
        "freight_template", "product_type", "coupon", "skus",
    )  # fmt: skip

    out_product_id = models.CharField(
        _("product number"),
        max_length=64,
        blank=True,
        help_text=_(
            "Your own number, at most 32 letters, digits and signs; one is made if left empty. "
            "Fixed once sent."
        ),
    )
    title = models.CharField(_("title"), max_length=200, help_text=_("At most 60 characters."))
    sub_title = models.CharField(
        _("sub-title"), max_length=200, blank=True, help_text=_("At most 18 characters.")
    )
    head_imgs = models.JSONField(
        _("main pictures"), default=list, blank=True, help_text=_("1 to 9; the first one is the cover.")
    )
    desc_imgs = models.JSONField(
        _("detail pictures"), default=list, blank=True, help_text=_("At most 20, shown below the product.")
    )
    brand_id = models.CharField(_("brand"), max_length=LONGEST_ID, default=NO_BRAND)
    cats = models.JSONField(_("category"), default=list, blank=True)
    # Pairs of name and value.
    attrs = models.JSONField(_("attributes"), default=list, blank=True)
    model_name = models.CharField(_("model"), max_length=100, blank=True)
    freight_template = models.ForeignKey(
        FreightTemplate, models.PROTECT, null=True, blank=True, verbose_name=_("freight template")
    )
    product_type = models.PositiveSmallIntegerField(
        _("kind of product"),
        choices=ProductType,
        default=ProductType.PHYSICAL,
        help_text=_("Fixed once the product is at WeChat."),
    )
    coupon_verify_type = models.PositiveSmallIntegerField(
        _("redeemable"), choices=CouponVerify, null=True, blank=True
    )
    coupon_valid_type = models.PositiveSmallIntegerField(
        _("validity"), choices=CouponValid, null=True, blank=True
    )
    coupon_days = models.PositiveSmallIntegerField(
        _("days valid"), null=True, blank=True, help_text=_("1 to 365, counted from the purchase.")
    )
    coupon_start = models.DateField(_("first day"), null=True, blank=True)
    coupon_end = models.DateField(_("last day"), null=True, blank=True)

    objects = SpuQuerySet.as_manager()

    class Meta:
        verbose_name = _("product (SPU)")
        verbose_name_plural = _("products (SPU)")
        ordering = ["-id"]
        permissions = [
            ("push_spu", _("Can send products to WeChat")),
            ("delete_remote_spu", _("Can delete products at WeChat")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "out_product_id"],
                condition=~Q(out_product_id=""),
                name="one_spu_per_out_product_id",
                violation_error_message=_("This account has a product with this number already."),
            ),
            models.UniqueConstraint(
                fields=["account", "product_id"], condition=~Q(product_id=""), name="one_spu_per_product_id"
            ),
        ]
        indexes = [
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="spu_look"),
            models.Index(
                fields=["skus_look_at"], condition=Q(skus_look_at__isnull=False), name="spu_skus_look"
            ),
            models.Index(fields=["drifted_at"], condition=Q(drifted_at__isnull=False), name="spu_drift"),
            models.Index(fields=["errcode", "-id"], condition=REFUSED, name="spu_refused"),
            models.Index(fields=["audit_status", "-id"], name="spu_draft_state"),
            models.Index(fields=["status", "-id"], name="spu_online_state"),
            models.Index(
                fields=["faulty", "-id"],
                condition=Q(product_id="", deleted_at__isnull=True),
                name="spu_drafts",
            ),
            models.Index(
                fields=["missing_since"], condition=Q(missing_since__isnull=False), name="spu_missing"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.out_product_id or f"#{self.pk}"

    def clean(self) -> None:
        """A draft may break WeChat's rules for a while (the page says so); its kind may not change."""
        if self.at_wechat and "product_type" in self.remote and self.differs("product_type"):
            raise ValidationError({"product_type": gettext("The kind of product cannot change any more.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.out_product_id and not self.product_id:
            self.out_product_id = new_number()
        update_fields = kwargs.get("update_fields")
        if update_fields is None or set(update_fields) & LOCAL_FIELDS:
            settled = self.settle_drift() if self.drift else []
            # A product that is made just now has no SKUs yet: ``recheck`` follows.
            self.faulty = self.pk is None or bool(self.problems())
            if update_fields is not None:
                kwargs["update_fields"] = {*update_fields, *settled, "faulty", "updated_at"}
        super().save(*args, **kwargs)

    def recheck(self) -> None:
        """After its SKUs were changed: whether something is to be corrected, and what still differs."""
        self.forget_skus()
        self.faulty = bool(self.problems())
        self.save(update_fields=[*self.settle_drift(), "faulty"])

    # --- what belongs to it -------------------------------------------------------------------

    def forget_skus(self) -> None:
        """Read its SKUs anew when they are wanted next."""
        getattr(self, "_prefetched_objects_cache", {}).pop("skus", None)

    def picture_ids(self) -> set[int]:
        """The keys of all its pictures, those of its SKUs included."""
        of_skus = {sku.picture_id for sku in self.skus.all() if sku.picture_id} if self.pk else set()
        return {*self.head_imgs, *self.desc_imgs, *of_skus}

    @cached_property
    def _pictures(self) -> dict[int, Picture]:
        return load_pictures(self.picture_ids())

    def keep_pictures(self, pictures: dict[int, Picture]) -> None:
        self.__dict__["_pictures"] = pictures

    def picture(self, pk: int) -> Picture:
        """One of its pictures; an empty one if it is gone."""
        if pk not in self._pictures:
            self._pictures[pk] = Picture.objects.filter(pk=pk).first() or Picture(pk=pk)
        return self._pictures[pk]

    def picture_of_link(self, link: str) -> Picture:
        picture = Picture.objects.of_link(self.account, link)
        self._pictures[picture.pk] = picture
        return picture

    @property
    def template_id(self) -> str:
        """WeChat's number of its freight template; "" if there is none there."""
        return self.freight_template.template_id if self.freight_template else ""

    def template_of(self, template_id: Any) -> FreightTemplate | None:
        """The freight template with this number of WeChat's. Causes a SQL query, unless it is its own."""
        if not template_id:
            return None
        if self.freight_template and self.template_id == str(template_id):
            return self.freight_template
        return FreightTemplate.objects.filter(account=self.account_id, template_id=str(template_id)).first()

    def category_path(self, cats: Sequence[str]) -> str:
        """The names of categories, from the first level to the third. Causes a SQL query."""
        rows = Category.objects.filter(account=self.account_id, cat_id__in=cats)
        names = dict(rows.values_list("cat_id", "name"))
        return " › ".join(names.get(cat, cat) for cat in cats)

    def brand_name(self, brand_id: str) -> str:
        """Causes a SQL query."""
        found = Brand.objects.filter(account=self.account_id, brand_id=brand_id).values_list(
            "name", flat=True
        )
        return found.first() or brand_id

    @property
    def key(self) -> ProductKey:
        """How calls name it."""
        return ProductKey(self.product_id, self.out_product_id)

    @property
    def plan_picture(self) -> str:
        return self.picture(self.head_imgs[0]).thumbnail if self.head_imgs else ""

    @property
    def edit_status(self) -> int | None:
        """WeChat's name for the state of the draft."""
        return self.audit_status

    # --- what is wrong, what is allowed -------------------------------------------------------

    def kept_skus(self) -> list[Sku]:
        return [sku for sku in self.skus.all() if not sku.removed]

    def problems(self) -> dict[str, list[str]]:
        """Every documented rule that is broken, by field; empty means ready to be sent."""
        return self.problems_with(list(self.skus.all()))

    def problems_with(self, skus: Sequence[Sku]) -> dict[str, list[str]]:
        """The same if these were its SKUs: also of a product that is not stored yet."""
        found: dict[str, list[str]] = {
            "title": list(rules.title_problems(self.title)),
            "sub_title": list(rules.sub_title_problems(self.sub_title)),
            "cats": list(rules.cats_problems(self.cats)),
            "attrs": list(rules.attr_problems(self.attrs)),
            "freight_template": list(self._template_problems()),
            "skus": list(rules.together_problems([sku for sku in skus if not sku.removed])),
        }
        if not self.product_id:
            found["out_product_id"] = list(rules.out_id_problems(self.out_product_id))
        for field, message in (
            *rules.picture_problems(self.head_imgs, self.desc_imgs),
            *rules.coupon_problems(self),
        ):
            found.setdefault(field, []).append(message)
        for sku in skus:
            for messages in sku.problems().values():
                found["skus"] += [
                    gettext("%(sku)s: %(text)s") % {"sku": sku, "text": text} for text in messages
                ]
        return {field: messages for field, messages in found.items() if messages}

    def _template_problems(self) -> Iterable[str]:
        if self.freight_template is None:
            # Which one a product from the console has is not told: it matters once something is sent.
            if not self.product_id or plans.changed_fields(self):
                yield gettext("Choose a freight template.")
        elif not self.template_id:
            yield gettext("The freight template is not at WeChat yet: send it first.")

    def blocked(self, operation: Operation) -> str | Promise:
        """Why the operation is not possible now; empty if it is."""
        return plans.blocked(self, operation)

    def forbidden(self, operation: Operation) -> str | Promise:
        """Why the state forbids the operation, even if fields are changed first; empty if it does not."""
        return plans.forbidden(self, operation)

    def plan(self, operation: Operation) -> Plan:
        return plans.plan(self, operation)

    def steps(self, operation: Operation, body: Mapping[str, Any]) -> Sequence[Step]:
        return steps.steps_of(operation, body)

    def reconcile(self, push: Any, look: Look) -> Verdict:
        return reconcile.reconcile(self, push, look)

    def same_remote(self, remote_id: str) -> Q:
        # Of a change of stock a person decides too, and that names no product.
        return Q(pk__in=[]) if remote_id == reconcile.APPLIED else super().same_remote(remote_id)

    def adopted(self, push: Any, remote_id: str) -> Any:
        """The answer that got lost, now that a person has decided what became of it."""
        return push.candidates[0]["now"] if remote_id == reconcile.APPLIED else remote_id

    # --- ours beside theirs -------------------------------------------------------------------

    def differs(self, field: str) -> bool:
        return drift.spu_differs(self, field)

    def seen(self, field: str) -> tuple[Any, Any]:
        return drift.spu_seen(self, field)

    def same(self, field: str, one: Any, other: Any) -> bool:
        return drift.spu_same(field, one, other)

    @classmethod
    def label_of(cls, field: str) -> str:
        # WeChat has as one what we keep in several fields, or in records of their own.
        words = {"coupon": gettext("coupon code"), "skus": gettext("SKUs")}
        return words.get(field) or super().label_of(field)

    def compared(self) -> list[Compared]:
        return drift.compare(self)

    def taking_doubtful(self) -> bool:
        return super().taking_doubtful() or any(map(drift.looks_too_dear, self.skus.all()))

    def mark_taken(self, fields: Iterable[str]) -> list[str]:
        names = list(fields)
        changed = [name for field in names if field != "skus" for name in drift.take_spu(self, field)]
        if "skus" in names:
            self._take_skus()
        self.faulty = bool(self.problems())
        return [*changed, *self.settle_drift(names), "faulty"]

    def _take_skus(self) -> None:
        for sku in self.skus.all():
            if sku.missing_since:
                sku.delete()
            elif sku.at_wechat:
                sku.removed = False
                sku.save(update_fields=["removed", *sku.mark_taken()])
        self.forget_skus()

    def mark_read(self, remote: Mapping[str, Any]) -> list[str]:
        """What an answer does not tell stays as it was sent."""
        untold = {name: self.remote[name] for name in UNTOLD if name in self.remote}
        return super().mark_read({**untold, **remote})

    def mark_skus_read(self) -> list[str]:
        """Its SKUs were read and saved: what was changed past us there is a change of the product."""
        drifted = any(sku.drift or (sku.missing_since and not sku.removed) for sku in self.skus.all())
        self.skus_look_at = None
        return [
            "skus_look_at",
            *self._keep_drift({*self.drift, "skus"} if drifted else {*self.drift} - {"skus"}),
        ]

    def mark_numbered(self, number: str) -> list[str]:
        """WeChat has it under this number of ours, even if another one was entered since it was sent."""
        others = Spu.objects.filter(account=self.account_id, out_product_id=number).exclude(pk=self.pk)
        if number == self.out_product_id or others.exists():
            return []
        self.out_product_id = number
        return ["out_product_id"]

    def mark_deleted(self) -> list[str]:
        """The same for its SKUs; those that were to be removed are."""
        self.skus.update(
            sku_id="",
            remote={},
            online={},
            drift=[],
            real_stock=None,
            stock_before=None,
            missing_since=None,
            price_differs=False,
        )
        self.skus.filter(removed=True).delete()
        self.forget_skus()
        return super().mark_deleted()
