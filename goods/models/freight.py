from collections.abc import Collection, Iterable, Mapping
from functools import cached_property, reduce
from operator import or_
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.models import Reading
from audits.operations import Look, Operation, Plan, Step, Verdict
from goods.models.catalogue import Courier
from goods.models.mirror import REFUSED, Compared, Mirror, MirrorQuerySet
from goods.store.choices import Valuation
from goods.store.freight import drift, plans, reconcile, rules, steps, wire
from shopadmin.wechat.reading import LONGEST_ID

CODE_HELP = _(
    "A number whose meaning WeChat does not publish: keep it, or copy a template that was made in the "
    "console."
)


class FreightTemplateQuerySet(MirrorQuerySet["FreightTemplate"]):
    def with_couriers(self) -> Self:
        """With the couriers that their accounts know, for many templates at once."""
        couriers = Prefetch("account__courier_set", Courier.objects.usable(), to_attr="known_couriers")
        return self.select_related("account").prefetch_related(couriers)

    def for_plan(self, keys: Collection[Any]) -> list["FreightTemplate"]:
        return list(self.with_couriers().filter(pk__in=keys))

    def newly_found(self) -> Self:
        """What the last pull of each account found, however many products it found beside them."""
        readings = Reading.objects.filter(family=self.model.FAMILY, finished_at__isnull=False)
        found = [
            Q(account=reading.account_id, created_at__range=(reading.started_at, reading.finished_at))
            for reading in readings
        ]
        return self.at_wechat().filter(reduce(or_, found, Q(pk__in=[])), pushed_at=None)


class FreightTemplate(Mirror):
    """What shipping costs, and where to: chosen by products. Live at WeChat at once, without a review.

    Amounts are pieces or kilograms, prices yuan, both kept as text in rules. Places are lists of province,
    city and county, of which the latter two may be left out. WeChat has no interface to delete a template:
    only its console can.
    """

    OPERATIONS: ClassVar[Mapping[Operation, tuple[Step, ...]]] = steps.OPERATIONS
    FAMILY: ClassVar[str] = "mini_store"
    REMOTE_ID: ClassVar[str] = "template_id"
    SHARED: ClassVar[tuple[str, ...]] = (
        "name", "valuation_type", "shipping_method", "charge_rules", "free_rules", "not_send", "dispatch",
        "send_time", "delivery_type", "delivery_ids", "is_default",
    )  # fmt: skip

    name = models.CharField(_("name"), max_length=200, help_text=_("For staff; buyers do not see it."))
    valuation_type = models.PositiveSmallIntegerField(
        _("charged"), choices=Valuation, default=Valuation.PIECES
    )
    send_time = models.PositiveSmallIntegerField(_("dispatch time (code)"), default=7, help_text=CODE_HELP)
    delivery_type = models.PositiveSmallIntegerField(
        _("way of transport (code)"), default=1, help_text=CODE_HELP
    )
    shipping_method = models.PositiveSmallIntegerField(
        _("kind of freight (code)"),
        default=rules.NOT_FREE,
        help_text=_(
            "In WeChat's own samples 2 is shipping that costs something. Its meanings are not published."
        ),
    )
    dispatch = models.JSONField(_("sent from"), default=list, blank=True)
    delivery_ids = models.JSONField(_("couriers"), default=list, blank=True)
    is_default = models.BooleanField(
        _("default of the shop"),
        default=False,
        help_text=_("A shop has one: at WeChat it replaces the present one."),
    )
    # {"places", "is_default", "first_amount", "first_price", "more_amount", "more_price", "courier"}
    charge_rules = models.JSONField(_("charges"), default=list, blank=True)
    # {"places", "min_pieces", "min_weight", "min_amount"}
    free_rules = models.JSONField(_("free of charge"), default=list, blank=True)
    not_send = models.JSONField(_("not sent to"), default=list, blank=True)

    template_id = models.CharField(_("template_id"), max_length=LONGEST_ID, blank=True, editable=False)
    created_remote_at = models.DateTimeField(_("made at WeChat"), null=True, blank=True, editable=False)

    objects = FreightTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("freight template")
        verbose_name_plural = _("freight templates")
        ordering = ["-is_default", "name", "id"]
        permissions = [("push_freighttemplate", _("Can send freight templates to WeChat"))]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "template_id"],
                condition=~Q(template_id=""),
                name="one_freight_template_per_template_id",
            ),
        ]
        indexes = [
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="freight_look"),
            models.Index(fields=["drifted_at"], condition=Q(drifted_at__isnull=False), name="freight_drift"),
            models.Index(fields=["errcode", "-id"], condition=REFUSED, name="freight_refused"),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    def clean(self) -> None:
        """A draft may break WeChat's rules for a while (the page says so); what is at WeChat may not."""
        if self.at_wechat and (wrong := self.problems()):
            raise ValidationError(dict(wrong))

    def save(self, *args: Any, **kwargs: Any) -> None:
        update_fields = kwargs.get("update_fields")
        if update_fields is None or set(update_fields) & set(self.SHARED):
            self.faulty = bool(self.problems())
            settled = self.settle_drift() if self.drift else []
            if update_fields is not None:
                kwargs["update_fields"] = {*update_fields, *settled, "faulty", "updated_at"}
        super().save(*args, **kwargs)

    @cached_property
    def couriers(self) -> dict[str, str]:
        """Names of the couriers that WeChat knows. Causes a SQL query, unless ``with_couriers`` has."""
        rows = getattr(self._state.fields_cache.get("account"), "known_couriers", None)
        if rows is None:
            rows = Courier.objects.usable().filter(account=self.account_id)
        return {courier.delivery_id: courier.name for courier in rows}

    def courier_name(self, delivery_id: str) -> str:
        return self.couriers.get(delivery_id, delivery_id)

    def other_defaults(self) -> models.QuerySet["FreightTemplate"]:
        """The account's other templates that WeChat has as its default."""
        mine = FreightTemplate.objects.at_wechat().filter(account=self.account_id, remote__is_default=True)
        return mine.exclude(pk=self.pk)

    # --- what is wrong, what is allowed -------------------------------------------------------

    def problems(self) -> dict[str, list[str]]:
        """Every documented rule that a field breaks, by field; empty means ready to be sent."""
        found: dict[str, list[str]] = {}
        couriers = self.couriers if self.delivery_ids else {}
        for field, message in rules.problems(self, couriers):
            found.setdefault(field, []).append(message)
        return found

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

    def adopted(self, push: Any, remote_id: str) -> str:
        """The answer that got lost, for the template that turned out to be this one."""
        return remote_id

    # --- ours beside theirs -------------------------------------------------------------------

    def differs(self, field: str) -> bool:
        return not wire.same(field, getattr(self, field), self.remote.get(field))

    def same(self, field: str, one: Any, other: Any) -> bool:
        return wire.same(field, one, other)

    def compared(self) -> list[Compared]:
        return drift.compare(self)

    def taken(self, field: str) -> Any:
        return drift.taken(self, field)

    def mark_taken(self, fields: Iterable[str]) -> list[str]:
        changed = super().mark_taken(fields)
        self.faulty = bool(self.problems())
        return [*changed, "faulty"]

    def mark_read(self, remote: Mapping[str, Any]) -> list[str]:
        """What an answer does not tell stays as it was sent."""
        return super().mark_read({**self.remote, **remote})

    # --- what WeChat answered -----------------------------------------------------------------

    def mark_added(self, template_id: str) -> list[str]:
        """Nothing of an earlier template, missing at WeChat, holds for the new one."""
        self.template_id, self.remote, self.drift, self.drifted_at = template_id, {}, [], None
        self.created_remote_at, self.missing_since, self.missing_polls = timezone.now(), None, 0
        return [
            "template_id", "remote", "drift", "drifted_at", "created_remote_at", "missing_since",
            "missing_polls",
        ]  # fmt: skip

    def mark_accepted(self, fields: Mapping[str, Any]) -> list[str]:
        """WeChat took these values (our names), all of them; another default of the shop is none any more."""
        self.remote = {**self.remote, **fields}
        if fields["is_default"]:
            for other in self.other_defaults():
                other.remote["is_default"] = other.is_default = False
                other.save(update_fields=["remote", "is_default"])
        return ["remote", *self.settle_drift(fields)]

    def mark_shown(self, content: Mapping[str, Any]) -> list[str]:
        """WeChat's list has it, with this content (WeChat's names)."""
        self.created_remote_at = wire.made_at(content) or self.created_remote_at
        self.missing_polls, self.missing_since, self.look_at = 0, None, None
        return [
            "created_remote_at", "missing_polls", "missing_since", "look_at",
            *self.mark_read(wire.snapshot(content)),
        ]  # fmt: skip

    def mark_refused(self, errcode: int | None, errmsg: str) -> list[str]:
        """Read the state again soon: a refusal often means that it is not what we believed."""
        fields = super().mark_refused(errcode, errmsg)
        return [*fields, *self.look_now()] if self.at_wechat else fields
