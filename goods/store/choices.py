"""WeChat's enumerations for the Mini Store. Other numbers may come; they are kept and shown as unknown."""

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _

# What a product without a brand names as its brand.
NO_BRAND = "2100000000"


class OnlineStatus(IntegerChoices):
    """Of the online copy: what buyers see."""

    NEVER = 0, _("never on sale")
    ON_SALE = 5, _("on sale")
    RECYCLED = 6, _("in the recycle bin")
    DELETED = 9, _("deleted at WeChat")
    TAKEN_OFF = 11, _("taken off sale")
    SOLD_OUT = 12, _("sold out")
    REMOVED = 13, _("removed by WeChat")


class EditStatus(IntegerChoices):
    """Of the draft."""

    NEW = 0, _("new draft")
    EDITING = 1, _("not submitted")
    AUDITING = 2, _("under review")
    REJECTED = 3, _("refused by review")
    APPROVED = 4, _("approved")


class ProductType(IntegerChoices):
    PHYSICAL = 1, _("goods to be shipped")
    COUPON = 2, _("coupon code, redeemed in the shop")


class CouponVerify(IntegerChoices):
    EVERY_DAY = 0, _("every day")
    NOT_ON_HOLIDAYS = 1, _("not on public holidays")


class CouponValid(IntegerChoices):
    PERIOD = 1, _("from one day to another")
    DAYS = 2, _("a number of days after purchase")


class Valuation(IntegerChoices):
    PIECES = 1, _("by piece")
    WEIGHT = 2, _("by weight (kg)")
