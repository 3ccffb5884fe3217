from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audits.operations import Operation, Step
from goods.models.mirror import REFUSED, Mirror, MirrorQuerySet
from goods.store.choices import Valuation
from shopadmin.wechat.reading import LONGEST_ID


class FreightTemplateQuerySet(MirrorQuerySet["FreightTemplate"]):
    pass


class FreightTemplate(Mirror):
    """What shipping costs, and where to: chosen by products. Live at WeChat at once, without a review.

    Amounts are yuan. ``charge_rules``, ``free_rules`` and ``not_send`` name places as lists of province, city
    and county, of which the latter two may be left out. WeChat has no way to delete a template.
    """

    OPERATIONS: ClassVar[Mapping[Operation, tuple[Step, ...]]] = {}
    FAMILY: ClassVar[str] = "mini_store"
    REMOTE_ID: ClassVar[str] = "template_id"

    name = models.CharField(_("name"), max_length=200)
    valuation_type = models.PositiveSmallIntegerField(
        _("charged"), choices=Valuation, default=Valuation.PIECES
    )
    # Numbers whose meaning WeChat does not publish: staff copy them from a template of the shop.
    send_time = models.PositiveSmallIntegerField(_("dispatch time (code)"), default=7)
    delivery_type = models.PositiveSmallIntegerField(_("way of transport (code)"), default=1)
    shipping_method = models.PositiveSmallIntegerField(_("kind of freight (code)"), default=2)
    province = models.CharField(_("province"), max_length=50, blank=True)
    city = models.CharField(_("city"), max_length=50, blank=True)
    county = models.CharField(_("county"), max_length=50, blank=True)
    delivery_ids = models.JSONField(_("couriers"), default=list, blank=True)
    is_default = models.BooleanField(_("default of the shop"), default=False)
    # {"places": [[province, city, county]], "is_default", "first_amount", "first_price", "more_amount",
    # "more_price"}
    charge_rules = models.JSONField(_("charges"), default=list, blank=True)
    # {"places", "min_pieces", "min_weight", "min_amount"}
    free_rules = models.JSONField(_("free from"), default=list, blank=True)
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
            models.Index(fields=["drifted_at"], condition=Q(drifted_at__isnull=False), name="freight_drift"),
            models.Index(fields=["errcode", "-id"], condition=REFUSED, name="freight_refused"),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    def problems(self) -> dict[str, Any]:
        return {}
