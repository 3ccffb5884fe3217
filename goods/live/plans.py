"""What an operation on live goods would send, or why it would not: WeChat's state rules, told to staff."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import label_for_field
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from audits.operations import Change, Effect, Operation, Plan, Text
from goods.live import warnings, wire
from goods.live.choices import AuditStatus, PriceType
from goods.pictures import thumbnail_name
from shopadmin.wechat.reading import as_decimal

if TYPE_CHECKING:
    from goods.models import LiveGoods

# What each operation sends, and so has to be right before it goes.
CHECKED = {Operation.ADD, Operation.UPDATE, Operation.RESUBMIT}


def blocked(goods: "LiveGoods", operation: Operation) -> str | Promise:
    """Why the operation is not possible now; empty if it is."""
    return forbidden(goods, operation) or (_update_needless(goods) if operation is Operation.UPDATE else "")


def forbidden(goods: "LiveGoods", operation: Operation) -> str | Promise:
    """Why the state forbids the operation, whatever the fields hold: they may be about to change."""
    if goods.missing_since:
        return _missing_forbidden(goods, operation)
    if operation is Operation.ADD:
        return _("It is at WeChat already. Send changes instead.") if goods.at_wechat else ""
    if not goods.at_wechat:
        return _("It is not at WeChat yet. Submit it first.")
    if goods.console_made:
        return _("It was made in WeChat's live console; only the console can change it.")
    return STATE_RULES[operation](goods)


def _missing_forbidden(goods: "LiveGoods", operation: Operation) -> str:
    """What WeChat has lost can only be made there anew; in the console, if that is where it was made."""
    if goods.console_made:
        return _("It was made in WeChat's live console; only the console can change it.")
    if operation is Operation.ADD:
        return ""
    return _("WeChat no longer lists it. Submit it again to sell it again.")


def _update_blocked(goods: "LiveGoods") -> str:
    if goods.audit_status == AuditStatus.AUDITING:
        return _("It is under review and cannot be changed. Withdraw it first, or wait for the result.")
    return ""


def _update_needless(goods: "LiveGoods") -> str:
    changed = changed_fields(goods)
    if not changed:
        return _("There is nothing to send: WeChat has the same.")
    if goods.audit_status == AuditStatus.APPROVED and not set(changed) & set(wire.PRICES):
        return _(
            "It is approved: WeChat lets only prices change. To change anything else, delete it at WeChat "
            "and submit it again (it leaves the live rooms and is reviewed anew)."
        )
    return ""


def _withdraw_blocked(goods: "LiveGoods") -> str:
    if goods.audit_status != AuditStatus.AUDITING:
        return _("It is not under review, so there is nothing to withdraw.")
    if not goods.audit_id:
        return _("Its review number is not known, so it cannot be withdrawn. Wait for the result.")
    return ""


def _resubmit_blocked(goods: "LiveGoods") -> str:
    if goods.audit_status == AuditStatus.AUDITING:
        return _("It is under review already.")
    if goods.audit_status == AuditStatus.APPROVED:
        return _("It is approved already.")
    return ""


def _delete_blocked(goods: "LiveGoods") -> str:
    if goods.audit_status == AuditStatus.AUDITING:
        return _("It is under review and cannot be deleted. Withdraw it first, or wait for the result.")
    return ""


STATE_RULES = {
    Operation.UPDATE: _update_blocked,
    Operation.WITHDRAW: _withdraw_blocked,
    Operation.RESUBMIT: _resubmit_blocked,
    Operation.DELETE: _delete_blocked,
}


def _needless(goods: "LiveGoods", operation: Operation) -> bool:
    """Of an operation that is blocked: what it is for is the case already."""
    there = goods.at_wechat and not goods.missing_since
    if operation is Operation.ADD:
        return there
    if not there:
        return operation is Operation.DELETE
    return not goods.console_made and SETTLED[operation](goods)


SETTLED: dict[Operation, Callable[["LiveGoods"], bool]] = {
    Operation.UPDATE: lambda goods: not changed_fields(goods),
    Operation.WITHDRAW: lambda goods: goods.audit_status != AuditStatus.AUDITING,
    Operation.RESUBMIT: lambda goods: goods.audit_status in (AuditStatus.AUDITING, AuditStatus.APPROVED),
    Operation.DELETE: lambda goods: False,
}


def plan(goods: "LiveGoods", operation: Operation) -> Plan:
    return replace(_plan(goods, operation), picture=partial(_picture, goods))


def _plan(goods: "LiveGoods", operation: Operation) -> Plan:
    reason = blocked(goods, operation)
    if reason:
        effect = Effect.NOTHING if _needless(goods, operation) else Effect.BLOCKED
        return Plan(reason=reason, effect=effect)
    if operation in CHECKED:
        wrong = [message for messages in goods.problems().values() for message in messages]
        if operation is Operation.ADD and goods.missing_since and not goods.cover:
            # The picture that WeChat had is gone with the product.
            wrong.append(_("Choose a cover picture."))
        if wrong:
            return Plan(reason=" ".join(wrong), effect=Effect.BLOCKED)
    return PLANS[operation](goods)


def _picture(goods: "LiveGoods") -> str:
    if goods.cover.name:
        return str(goods.cover.storage.url(thumbnail_name(goods.cover.name)))
    link = goods.remote.get("cover_img_url")
    return link if isinstance(link, str) and link.startswith(("http://", "https://")) else ""


def _plan_add(goods: "LiveGoods") -> Plan:
    notes: list[Text] = []
    if goods.deleted_at:
        notes.append(_("It was deleted at WeChat before; this makes a new product there."))
    info = wire.goods_info(goods)
    body = {"goodsInfo": info, "cover": goods.cover.name}
    if goods.missing_since:
        notes.append(_("WeChat no longer lists the earlier one; this makes a new product there."))
        # The record gets the new product's id; the journal keeps the old one.
        body["replaces"] = goods.goods_id
    return Plan(
        body=body,
        changes=_shown(goods, info),
        notes=tuple(notes),
        effect=Effect.CREATE,
        together=warnings.among_others,
    )


def _shown(goods: "LiveGoods", info: dict[str, Any]) -> tuple[Change, ...]:
    """What WeChat gets of a product that it does not have yet, beside its name and picture."""
    fields = ["url", *(["third_party_appid"] if goods.third_party_appid else [])]
    return (
        *(Change(_label(goods, field), None, getattr(goods, field)) for field in fields),
        Change(_("price"), None, goods.plan_summary),
        *_sent_prices(info),
    )


def _sent_prices(info: dict[str, Any]) -> tuple[Change, ...]:
    """The prices under WeChat's names and as the numbers that go there, which are yuan too."""
    sent = ", ".join(f"{wire.NAMES[f]} {info[wire.NAMES[f]]}" for f in wire.PRICES if wire.NAMES[f] in info)
    return (Change(_("sent as (in yuan)"), None, sent),) if sent else ()


def _plan_update(goods: "LiveGoods") -> Plan:
    fields = changed_fields(goods)
    notes: list[Text] = []
    if goods.audit_status == AuditStatus.APPROVED:
        if set(fields) - set(wire.PRICES):
            notes.append(_("Only the prices are sent: of an approved product WeChat changes nothing else."))
        fields = [field for field in fields if field in wire.PRICES]
    else:
        notes.append(_("Sending changes does not submit it. “Submit for review again” does both."))
    return _sending(goods, fields, _update_body(goods, fields), tuple(notes))


def _plan_resubmit(goods: "LiveGoods") -> Plan:
    fields = changed_fields(goods)
    body = _update_body(goods, fields) if fields else {}
    notes: tuple[Text, ...] = ()
    if not fields and goods.audit_status == AuditStatus.REJECTED:
        notes = (_("Nothing was changed since the refusal, so it will probably be refused again."),)
    return _sending(goods, fields, body, notes)


def _sending(goods: "LiveGoods", fields: list[str], body: dict[str, Any], notes: tuple[Text, ...]) -> Plan:
    """The plan of an operation that sends changed fields."""
    priced = set(fields) & set(wire.PRICES)
    return Plan(
        body=body,
        changes=(*_changes(goods, fields), *_sent_prices(body.get("goodsInfo", {}))),
        notes=notes,
        warnings=tuple(warnings.price_warnings(goods)) if priced else (),
        together=warnings.among_others,
        grave=bool(priced) and warnings.large_change(goods),
    )


def _plan_withdraw(goods: "LiveGoods") -> Plan:
    return Plan(notes=(_("The submission it has used today does not come back."),))


def _plan_delete(goods: "LiveGoods") -> Plan:
    return Plan(
        notes=(
            _("This cannot be undone. It also disappears from every live room where it is on the shelf."),
        ),
        effect=Effect.DELETE,
        grave=True,
    )


PLANS = {
    Operation.ADD: _plan_add,
    Operation.UPDATE: _plan_update,
    Operation.WITHDRAW: _plan_withdraw,
    Operation.RESUBMIT: _plan_resubmit,
    Operation.DELETE: _plan_delete,
}


# --- ours against theirs ------------------------------------------------------------------------------


def changed_fields(goods: "LiveGoods") -> list[str]:
    """Our fields whose value WeChat does not have yet; prices count as one group."""
    changed = [field for field in ("name", "url", "third_party_appid") if differs(goods, field)]
    if any(differs(goods, field) for field in wire.PRICES):
        changed += wire.PRICES
    if goods.cover and goods.cover.name != goods.cover_sent:
        changed.append("cover")
    return changed


def differs(goods: "LiveGoods", field: str) -> bool:
    ours, theirs = getattr(goods, field), goods.remote.get(field)
    if field in ("price", "price2"):
        return not same_price(_price_in_use(goods, field, ours), theirs)
    return (ours or "") != (theirs or "")


def _price_in_use(goods: "LiveGoods", field: str, value: Any) -> Any:
    return None if field == "price2" and goods.price_type == PriceType.FIXED else value


def same_price(ours: Any, theirs: Any) -> bool:
    """Equal in yuan. WeChat's documents leave open whether it answers in fen, so ×100 counts as equal."""
    local, remote = as_decimal(ours), as_decimal(theirs)
    if not local or not remote:
        return not local and not remote
    return remote in (local, local * 100)


def _update_body(goods: "LiveGoods", fields: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {"goodsInfo": wire.goods_info(goods, tuple(f for f in fields if f != "cover"))}
    if "cover" in fields:
        body["cover"] = goods.cover.name
    return body


def _changes(goods: "LiveGoods", fields: list[str]) -> tuple[Change, ...]:
    rows = []
    for field in fields:
        label = _label(goods, field)
        if field == "cover":
            rows.append(Change(label, _("the picture sent before"), _("the new picture")))
        elif differs(goods, field):
            rows.append(
                Change(
                    label,
                    show(field, goods.remote.get(field)),
                    show(field, getattr(goods, field)),
                )
            )
    return tuple(rows)


def _label(goods: "LiveGoods", field: str) -> str:
    return str(label_for_field(field, type(goods)))


def show(field: str, value: Any) -> Text:
    """A field's value in words."""
    if value in (None, ""):
        return "–"
    if field == "price_type":
        return (
            PriceType(value).label if value in set(PriceType) else _("unknown (%(value)s)") % {"value": value}
        )
    if field in ("price", "price2"):
        return f"¥{Decimal(str(value)):,.2f}"
    return str(value)
