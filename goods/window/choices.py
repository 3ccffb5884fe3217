"""WeChat's enumerations for the Channels window. Other numbers may come; they are kept, shown as unknown."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

from shopadmin.wechat.window import ProductKind


class Kind(TextChoices):
    OWN = ProductKind.OWN.value, _("own product")
    CPS = ProductKind.CPS.value, _("promoted for others")


class WindowStatus(IntegerChoices):
    SHOWN = 1, _("in the window")
    NOT_SHOWN = 2, _("not in the window")
    DELETED = 3, _("deleted in its shop")


STATUS_ADVICE = {
    WindowStatus.NOT_SHOWN: _("It follows its shop: once that sells it again, it can be in the window."),
    WindowStatus.DELETED: _("Nothing can be done here; make it anew in its shop, then add the new product."),
}


class BanReason(IntegerChoices):
    FORBIDDEN = 0, _("its category is not allowed in windows, or it was banned in its shop")
    APPLY = 1, _("the shop has to apply for its category first")
    BRANCH = 2, _("its branch is not in business")


BAN_ADVICE = {
    BanReason.FORBIDDEN: _("It cannot be sold here. Ask the shop why, or show another product."),
    BanReason.APPLY: _(
        "Apply for the category in the shop's console; once that is granted it can be sold again."
    ),
    BanReason.BRANCH: _("It can be sold again once the branch is open; ask the branch."),
}


class BranchStatus(IntegerChoices):
    OPEN = 0, _("branch open")
    CLOSED = 1, _("branch closed")


BRANCH_ADVICE = {
    BranchStatus.CLOSED: _("It can be sold again once the branch is open; ask the branch."),
}


class PlanType(IntegerChoices):
    ORDINARY = 0, _("ordinary plan")
    TARGETED = 1, _("targeted plan")
    EXCLUSIVE = 2, _("exclusive plan")
    LEADER = 3, _("group-leader plan")


class Source(IntegerChoices):
    SHOP = 1, _("from a shop")
    SELECTION = 2, _("from the selection centre")
