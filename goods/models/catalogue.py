"""What products refer to, as WeChat lists it: pulled, never edited here."""

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shopadmin.wechat.models import Account
from shopadmin.wechat.reading import LONGEST_ID


class CategoryQuerySet(models.QuerySet["Category"]):
    def usable(self) -> Self:
        """Still listed by WeChat."""
        return self.filter(gone_at=None)


class Category(models.Model):
    """One node of WeChat's three levels of categories. Products name one of each level, of one branch."""

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"))
    cat_id = models.CharField(_("category number"), max_length=LONGEST_ID)
    parent_id = models.CharField(_("category above"), max_length=LONGEST_ID)
    name = models.CharField(_("name"), max_length=200)
    level = models.PositiveSmallIntegerField(_("level"))
    # When what is below it was read last. Nothing below level 2: WeChat wants a qualification first.
    children_read_at = models.DateTimeField(null=True)
    has_children = models.BooleanField(default=False)
    gone_at = models.DateTimeField(_("gone at WeChat"), null=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        default_permissions = ("view",)
        ordering = ["level", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "cat_id"], name="one_category_per_cat_id")]
        indexes = [models.Index(fields=["account", "parent_id"], name="categories_below")]

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """A brand granted to the shop, for one branch of categories: its products use exactly these three."""

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"))
    brand_id = models.CharField(_("brand number"), max_length=LONGEST_ID)
    name = models.CharField(_("name"), max_length=200)
    cats = models.JSONField(_("categories"), default=list)
    # The third level, by which a branch of a brand is told from its others.
    leaf_id = models.CharField(max_length=LONGEST_ID)
    read_at = models.DateTimeField(_("as of"), default=timezone.now)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        default_permissions = ("view",)
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "brand_id", "leaf_id"], name="one_brand_per_branch")
        ]

    def __str__(self) -> str:
        return self.name


class Courier(models.Model):
    """A courier company that freight templates may name."""

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"))
    delivery_id = models.CharField(_("courier number"), max_length=LONGEST_ID)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("courier")
        verbose_name_plural = _("couriers")
        default_permissions = ("view",)
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "delivery_id"], name="one_courier_per_id")]

    def __str__(self) -> str:
        return self.name
