"""A window product's state in the words of shop staff."""

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from audits.admin.words import full_advice, pill, short_advice, when
from audits.operations import Text
from goods.models import WindowProduct
from goods.models.window_product import named
from goods.window.choices import (
    BAN_ADVICE,
    BRANCH_ADVICE,
    STATUS_ADVICE,
    BanReason,
    BranchStatus,
    Kind,
    WindowStatus,
)

LOOKS = {WindowStatus.SHOWN: "good", WindowStatus.NOT_SHOWN: "off", WindowStatus.DELETED: "bad"}


def state_pill(product: WindowProduct) -> SafeString:
    """Where the product stands, as one or more coloured words."""
    if product.missing_since:
        return pill("off", _("left the window"))
    if product.status is None:
        return pill("busy", _("not read yet")) if product.in_window else pill("off", _("only here"))
    known = {status.value: status for status in WindowStatus}.get(product.status)
    state = pill(LOOKS[known] if known else "doubt", named(WindowStatus, product.status))
    banned = pill("bad", _("banned")) if product.banned else ""
    hidden = pill("wait", _("hidden")) if product.is_hide_for_window else ""
    return format_html("{} {} {}", state, banned, hidden)


def ban_words(product: WindowProduct) -> tuple[Text, Text]:
    """Why it cannot be sold, and what to do; empty if it can."""
    if not product.banned:
        return "", ""
    reason = product.ban
    if reason is None:
        if product.banned_reason is None:
            return _("WeChat does not say why."), _("Look into Channels Assistant for the reason.")
        return named(BanReason, product.banned_reason), _("Look into Channels Assistant for the reason.")
    if reason == BanReason.APPLY and product.need_apply_category_name:
        number = f" ({product.need_apply_category_id})" if product.need_apply_category_id else ""
        words = {"name": product.need_apply_category_name, "number": number}
        said = _("The shop has to apply for the category “%(name)s”%(number)s first.") % words
        return said, str(BAN_ADVICE[reason])
    return str(reason.label).capitalize(), str(BAN_ADVICE[reason])


def short_answer(product: WindowProduct) -> SafeString | Text:
    """What WeChat last said about it, in one line; "" for nothing to tell."""
    if product.missing_since:
        return _("WeChat no longer lists it.")
    return ban_words(product)[0] or short_advice(product) or _branch(product)


def full_answer(product: WindowProduct) -> SafeString | Text:
    """What WeChat last said about it, and what to do now."""
    said, todo = _left(product) if product.missing_since else ban_words(product)
    if not said and (refused := full_advice(product)):
        return refused
    if not said:
        said, todo = _by_state(product)
    if not said:
        return ""
    return format_html('<div class="full-advice"><p><strong>{}</strong></p><p>{}</p></div>', said, todo)


def _left(product: WindowProduct) -> tuple[Text, Text]:
    return _("WeChat no longer lists it."), _(
        "An own product comes back when its shop sells it again; a promoted one is taken up anew."
    )


def _by_state(product: WindowProduct) -> tuple[Text, Text]:
    """Why buyers do not see it, and what to do; empty if they do."""
    known = {status.value: status for status in WindowStatus}.get(product.status or 0)
    if product.status is not None and known is None:
        said = _("WeChat's state of it: %(state)s.") % {"state": named(WindowStatus, product.status)}
        return said, _("Look into Channels Assistant for what it means.")
    if known in (None, WindowStatus.SHOWN):
        return _branch(product), str(BRANCH_ADVICE[BranchStatus.CLOSED])
    if known == WindowStatus.NOT_SHOWN and product.kind == Kind.CPS:
        return str(known.label).capitalize(), _("Take it up again in the selection centre.")
    return str(known.label).capitalize(), str(STATUS_ADVICE[known])


def _branch(product: WindowProduct) -> str:
    if product.branch_status == BranchStatus.CLOSED:
        return _("Its branch is closed: %(branch)s") % {"branch": product.branch_name or product.branch_id}
    return ""


def discount_words(product: WindowProduct) -> str:
    """The limited-time discount: how long it lasts, until when in the shop's time; "" for none."""
    if not product.discounted:
        return ""
    price = f"¥{product.discount_price:,.2f}" if product.discount_price is not None else "–"
    if product.discount_end is None:
        return _("%(price)s, end not told") % {"price": price}
    left = timeuntil(product.discount_end, timezone.now(), depth=2)
    words = {"price": price, "left": left, "when": when(product.discount_end)}
    return _("%(price)s, %(left)s left (until %(when)s)") % words
