"""What an operation on a window product would do, or why it would do nothing."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from audits.operations import Change, Effect, Operation, Plan
from goods.window.choices import Kind

if TYPE_CHECKING:
    from goods.models import WindowProduct


def forbidden(product: "WindowProduct", operation: Operation) -> str:
    """Why the operation is not possible; empty if it is."""
    if product.kind == Kind.CPS:
        return _("It comes from the selection centre: WeChat lets only the selection centre change it.")
    if operation not in product.OPERATIONS:
        return _("WeChat has no call for it: change it in Channels Assistant.")
    if operation is Operation.ADD:
        return _("It is in the window already.") if product.in_window else ""
    return "" if product.in_window else _("It is not in the window.")


def plan(product: "WindowProduct", operation: Operation) -> Plan:
    picture = product.plan_picture
    reason = forbidden(product, operation)
    if reason:
        possible = product.kind == Kind.OWN and operation in product.OPERATIONS
        effect = Effect.NOTHING if possible else Effect.BLOCKED
        return Plan(reason=reason, effect=effect, picture=lambda: picture)
    wrong = [message for messages in product.problems().values() for message in messages]
    if wrong:
        return Plan(reason=" ".join(wrong), effect=Effect.BLOCKED, picture=lambda: picture)
    body = {"product_id": product.product_id, "appid": product.appid}
    if operation is Operation.ADD:
        return Plan(
            body=body | {"hide": product.hide},
            changes=(
                Change(_("shop"), None, product.appid),
                Change(_("product number"), None, product.product_id),
                *([Change(_("public page"), None, _("hidden"))] if product.hide else []),
            ),
            effect=Effect.CREATE,
            notes=(_("WeChat's answer proves nothing, so the product is read back."),),
            picture=lambda: picture,
        )
    return Plan(
        body=body,
        notes=(
            _(
                "WeChat documents this call as without effect for own products: their place in the window "
                "follows the shop. To remove it, take it off sale in its shop. Afterwards it is read back."
            ),
        ),
        picture=lambda: picture,
    )
