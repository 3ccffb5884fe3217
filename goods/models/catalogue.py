"""What products refer to, as WeChat lists it: pulled, never edited here."""

import datetime as dt
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shopadmin.wechat.models import Account
from shopadmin.wechat.reading import LONGEST_ID

LEVELS = 3


AnyListed = TypeVar("AnyListed", bound=models.Model)


class ListedQuerySet(models.QuerySet[AnyListed]):
    def usable(self) -> Self:
        """Still listed by WeChat. What is not may be named by products; so it is kept, and marked."""
        return self.filter(gone_at=None)


class CategoryQuerySet(ListedQuerySet["Category"]):
    def stale(self, before: dt.datetime) -> Self:
        """What is below them was read longer ago, or never. The third level has nothing below it."""
        old = Q(children_read_at=None) | Q(children_read_at__lt=before)
        return self.usable().filter(old, level__lt=LEVELS)


class Category(models.Model):
    """One node of WeChat's three levels of categories. Products name one of each level, of one branch.

    Level 0 is the root, which has no name: it keeps when the first level was read.
    """

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
    gone_at = models.DateTimeField(_("gone at WeChat"), null=True)

    objects = ListedQuerySet["Brand"].as_manager()

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
    gone_at = models.DateTimeField(_("gone at WeChat"), null=True)

    objects = ListedQuerySet["Courier"].as_manager()

    class Meta:
        verbose_name = _("courier")
        verbose_name_plural = _("couriers")
        default_permissions = ("view",)
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "delivery_id"], name="one_courier_per_id")]

    def __str__(self) -> str:
        return self.name
