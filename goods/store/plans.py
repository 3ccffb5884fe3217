"""What an operation on a product would send, or why it would not: WeChat's state rules, told to staff."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits.operations import Change, Effect, Operation, Plan, Text
from goods.store import drift, warnings, wire, words
from goods.store.choices import EditStatus, OnlineStatus

if TYPE_CHECKING:
    from goods.models import Sku, Spu

# What each operation sends, and so has to be right before it goes.
CHECKED = {Operation.ADD, Operation.UPDATE, Operation.LIST}

# Of the online copy: nothing more can be done with it from here.
CLOSED = {OnlineStatus.RECYCLED, OnlineStatus.DELETED}


def blocked(spu: "Spu", operation: Operation) -> str | Promise:
    """Why the operation is not possible now; empty if it is."""
    return forbidden(spu, operation) or (NEEDLESS[operation](spu) if operation in NEEDLESS else "")


def forbidden(spu: "Spu", operation: Operation) -> str | Promise:
    """Why the state forbids the operation, whatever the fields hold: they may be about to change."""
    if spu.missing_since:
        if operation is Operation.ADD:
            return ""
        return _("WeChat no longer lists it. Submit it again to sell it again.")
    if operation is Operation.ADD:
        return _("It is at WeChat already. Send changes instead.") if spu.at_wechat else ""
    if not spu.at_wechat:
        return _("It is not at WeChat yet. Submit it first.")
    if spu.status in CLOSED:
        return _("It is in WeChat's recycle bin or deleted there; only the console can bring it back.")
    return STATE_RULES[operation](spu)


def _under_review(spu: "Spu") -> str:
    if spu.audit_status == EditStatus.AUDITING:
        return _(
            "It is under review and cannot be changed. Wait for the result, or withdraw it in the Mini Store "
            "console (shop.weixin.qq.com)."
        )
    return ""


def _list_blocked(spu: "Spu") -> str:
    return _("It is under review already.") if spu.audit_status == EditStatus.AUDITING else ""


def _delist_blocked(spu: "Spu") -> str:
    if spu.status in (OnlineStatus.ON_SALE, OnlineStatus.SOLD_OUT):
        return ""
    return _("It is not on sale, so there is nothing to take off.")


def _delete_blocked(spu: "Spu") -> str:
    if spu.audit_status == EditStatus.AUDITING:
        return _(
            "It is under review and cannot be deleted. Wait for the result, or withdraw it in the console."
        )
    return ""


STATE_RULES: dict[Operation, Callable[["Spu"], str]] = {
    Operation.UPDATE: _under_review,
    Operation.LIST: _list_blocked,
    Operation.DELIST: _delist_blocked,
    Operation.DELETE: _delete_blocked,
    Operation.PRICE: _under_review,
    Operation.STOCK: lambda spu: "",
}


# --- what is the case already -----------------------------------------------------------------------------


def _update_needless(spu: "Spu") -> str:
    return "" if changes_anything(spu) else _("There is nothing to send: WeChat has the same.")


def _list_needless(spu: "Spu") -> str:
    on_sale = spu.status == OnlineStatus.ON_SALE and spu.audit_status == EditStatus.APPROVED
    same = not changes_anything(spu) and not any(sku.online_differs for sku in spu.skus.all())
    return _("It is on sale as it is.") if on_sale and same else ""


def _price_needless(spu: "Spu") -> str:
    return "" if price_skus(spu) else _("There is nothing to send: WeChat has the same prices.")


def _stock_needless(spu: "Spu") -> str:
    return "" if stock_skus(spu) else _("There is nothing to send: nobody has entered another stock.")


NEEDLESS: dict[Operation, Callable[["Spu"], str]] = {
    Operation.UPDATE: _update_needless,
    Operation.LIST: _list_needless,
    Operation.PRICE: _price_needless,
    Operation.STOCK: _stock_needless,
}


def _needless(spu: "Spu", operation: Operation) -> bool:
    """Of an operation that is blocked: what it is for is the case already."""
    there = spu.at_wechat and not spu.missing_since
    if operation is Operation.ADD:
        return there
    if not there:
        return operation is Operation.DELETE
    if operation is Operation.DELIST:
        return spu.status != OnlineStatus.REMOVED
    if operation is Operation.LIST and spu.audit_status == EditStatus.AUDITING:
        return True
    return not forbidden(spu, operation)


# --- which parts differ -------------------------------------------------------------------------------------


def changed_fields(spu: "Spu") -> list[str]:
    """Our product-level fields whose value WeChat's draft does not have yet."""
    return [field for field in spu.SHARED if field != "skus" and spu.differs(field)]


def changed_skus(spu: "Spu") -> list["Sku"]:
    """At WeChat, wanted, and other than its draft. Before it was ever on sale its stock counts too."""
    draft_only = spu.status in (OnlineStatus.NEVER, None)
    return [
        sku
        for sku in spu.skus.all()
        if sku.at_wechat
        and not sku.removed
        and (any(map(sku.differs, sku.SHARED)) or (draft_only and sku.stock_differs and not sku.stock_change))
    ]


def new_skus(spu: "Spu") -> list["Sku"]:
    return [sku for sku in spu.skus.all() if not sku.at_wechat and not sku.removed]


def removed_skus(spu: "Spu") -> list["Sku"]:
    return [sku for sku in spu.skus.all() if sku.at_wechat and sku.removed]


def price_skus(spu: "Spu") -> list["Sku"]:
    return [
        sku
        for sku in spu.skus.all()
        if sku.at_wechat and not sku.removed and any(map(sku.differs, ("sale_price", "market_price")))
    ]


def stock_skus(spu: "Spu") -> list["Sku"]:
    return [sku for sku in spu.skus.all() if sku.stock_differs]


def changes_anything(spu: "Spu") -> bool:
    return bool(changed_fields(spu) or changed_skus(spu) or new_skus(spu) or removed_skus(spu))


# --- plans --------------------------------------------------------------------------------------------------


def plan(spu: "Spu", operation: Operation) -> Plan:
    return replace(_plan(spu, operation), picture=partial(_picture, spu))


def _plan(spu: "Spu", operation: Operation) -> Plan:
    reason = blocked(spu, operation)
    if reason:
        effect = Effect.NOTHING if _needless(spu, operation) else Effect.BLOCKED
        return Plan(reason=reason, effect=effect)
    wrong = _wrong(spu, operation)
    if wrong:
        return Plan(reason=" ".join(wrong), effect=Effect.BLOCKED)
    return PLANS[operation](spu)


def _wrong(spu: "Spu", operation: Operation) -> list[str]:
    """The rules that what is to be sent breaks."""
    if operation in CHECKED:
        return [message for messages in spu.problems().values() for message in messages]
    if operation not in (Operation.PRICE, Operation.STOCK):
        return []
    skus = price_skus(spu) if operation is Operation.PRICE else stock_skus(spu)
    fields = {"sale_price", "market_price"} if operation is Operation.PRICE else {"stock"}
    return [
        _("%(sku)s: %(text)s") % {"sku": sku, "text": text}
        for sku in skus
        for field, texts in sku.problems().items()
        for text in texts
        if field in fields
    ]


def _picture(spu: "Spu") -> str:
    return spu.plan_picture


def _plan_add(spu: "Spu") -> Plan:
    notes: list[Text] = [_("It becomes a draft at WeChat. “Put on sale” submits it for review.")]
    if spu.deleted_at or spu.missing_since:
        notes.append(_("It was at WeChat before; this makes a new product there."))
    skus = new_skus(spu) if not spu.missing_since else spu.kept_skus()
    entries = [wire.sku_entry(sku) for sku in skus]
    body = {"out_product_id": spu.out_product_id, **_spu_body(spu), "skus": entries}
    if spu.missing_since:
        # The record gets the new product's id; the journal keeps the old one.
        body["replaces"] = spu.product_id
    return Plan(
        body=body,
        changes=(*_shown(spu), *_new_lines(skus)),
        notes=tuple(notes),
        effect=Effect.CREATE,
        together=warnings.among_others,
    )


def _shown(spu: "Spu") -> tuple[Change, ...]:
    """What WeChat gets of a product that it does not have yet, beside its title and picture."""
    fields = [field for field in ("sub_title", "cats", "brand_id", "freight_template") if getattr(spu, field)]
    return tuple(
        Change(spu.label_of(field), None, words.show_later(spu, field, drift.spu_value(spu, field)))
        for field in fields
    )


def _spu_body(spu: "Spu") -> dict[str, Any]:
    return {"spu": wire.spu_fields(spu), "head_imgs": spu.head_imgs, "desc_imgs": spu.desc_imgs}


def _plan_update(spu: "Spu") -> Plan:
    note = _("Buyers see it once the changes have passed a review: “Put on sale” submits them.")
    return _sending(spu, (note,))


def _plan_list(spu: "Spu") -> Plan:
    notes: list[Text] = []
    if changes_anything(spu):
        notes.append(_("The changes that were not sent yet go along."))
    elif spu.audit_status == EditStatus.REJECTED:
        notes.append(_("Nothing was changed since the refusal, so it will probably be refused again."))
    if spu.status == OnlineStatus.ON_SALE:
        notes.append(_("Until the review has passed, buyers see it as it was."))
    return _sending(spu, tuple(notes))


def _sending(spu: "Spu", notes: tuple[Text, ...]) -> Plan:
    """The plan of an operation that sends what has changed."""
    fields, changed, added, gone = changed_fields(spu), changed_skus(spu), new_skus(spu), removed_skus(spu)
    body: dict[str, Any] = _spu_body(spu) if fields else {}
    parts = {
        "change": [wire.sku_entry(sku) | {"sku_id": sku.sku_id} for sku in changed],
        "add": [wire.sku_entry(sku) for sku in added],
        "remove": [{"pk": sku.pk, "code": sku.code, "sku_id": sku.sku_id} for sku in gone],
    }
    return Plan(
        body=body | {name: rows for name, rows in parts.items() if rows},
        changes=(
            *_changes(spu, fields),
            *(line for sku in changed for line in _sku_changes(sku, sku.SHARED)),
            *_new_lines(added),
            *(
                Change(_("SKU %(sku)s") % {"sku": sku}, words.prices(sku.sale_price, None), _("removed"))
                for sku in gone
            ),
        ),
        notes=notes,
        warnings=tuple(warnings.price_warnings(changed)),
        together=warnings.among_others,
        grave=warnings.large_change(changed),
    )


def _changes(spu: "Spu", fields: Iterable[str]) -> tuple[Change, ...]:
    return tuple(
        Change(
            spu.label_of(field),
            words.show_later(spu, field, spu.remote.get(field)),
            _("other pictures, or in another order")
            if field in ("head_imgs", "desc_imgs") and spu.remote.get(field)
            else words.show_later(spu, field, drift.spu_value(spu, field)),
        )
        for field in fields
    )


def _new_lines(skus: Iterable["Sku"]) -> tuple[Change, ...]:
    return tuple(
        Change(
            _("SKU %(sku)s") % {"sku": sku},
            None,
            ngettext("%(price)s, %(count)s piece", "%(price)s, %(count)s pieces", sku.stock or 0)
            % {"price": words.prices(sku.sale_price, sku.market_price), "count": sku.stock or 0},
        )
        for sku in skus
    )


def _sku_changes(sku: "Sku", fields: Iterable[str]) -> list[Change]:
    return [
        Change(
            _("SKU %(sku)s, %(field)s") % {"sku": sku, "field": drift.sku_label(sku, field)},
            _sku_shown(field, sku.remote.get(field)),
            _sku_shown(field, drift.sku_value(sku, field)),
        )
        for field in fields
        if sku.differs(field)
    ]


def _sku_shown(field: str, value: Any) -> Text:
    if field in ("sale_price", "market_price"):
        return words.price(value)
    if field == "attrs":
        return words.attrs_line(value or []) or words.NOTHING
    if field == "thumb_img":
        return _("picture") if value else words.NOTHING
    return str(value or words.NOTHING)


def _plan_price(spu: "Spu") -> Plan:
    skus = price_skus(spu)
    on_sale = spu.status == OnlineStatus.ON_SALE
    note = (
        _("Buyers see the new prices without a review.")
        if on_sale
        else _("It is not on sale: the prices of the draft change.")
    )
    return Plan(
        body={"prices": [_price_entry(sku) for sku in skus]},
        changes=tuple(line for sku in skus for line in _sku_changes(sku, ("sale_price", "market_price"))),
        notes=(note,),
        warnings=tuple(warnings.price_warnings(skus)),
        grave=warnings.large_change(skus),
    )


def _price_entry(sku: "Sku") -> dict[str, Any]:
    entry = wire.sku_entry(sku)
    return {name: entry[name] for name in ("pk", "code", "sale_price", "market_price") if name in entry}


def _plan_stock(spu: "Spu") -> Plan:
    skus = stock_skus(spu)
    return Plan(
        body={"stocks": [_stock_entry(sku) for sku in skus]},
        changes=tuple(
            Change(_("SKU %(sku)s, stock") % {"sku": sku}, _pieces(sku.real_stock), _wanted_stock(sku))
            for sku in skus
        ),
        notes=(_("Buyers see the new stock without a review."),),
        warnings=tuple(warnings.stock_warnings(skus)),
    )


def _stock_entry(sku: "Sku") -> dict[str, Any]:
    """A new stock, or a change of it. WeChat takes no stock of 0: then what is left is taken away."""
    entry = {"pk": sku.pk, "code": sku.code}
    if sku.stock_change:
        return entry | {"change": sku.stock_change}
    return entry | ({"set": sku.stock} if sku.stock else {"empty": True})


def _pieces(count: int | None) -> Text:
    return words.NOTHING if count is None else str(count)


def _wanted_stock(sku: "Sku") -> str:
    if not sku.stock_change:
        return str(sku.stock)
    if sku.stock_change > 0:
        return _("%(count)s more") % {"count": sku.stock_change}
    return _("%(count)s fewer") % {"count": -sku.stock_change}


def _plan_delist(spu: "Spu") -> Plan:
    return Plan(notes=(_("Buyers cannot buy it any more. Putting it on sale again needs a review."),))


def _plan_delete(spu: "Spu") -> Plan:
    return Plan(
        notes=(_("This cannot be undone: both copies are deleted, past WeChat's recycle bin."),),
        effect=Effect.DELETE,
        grave=True,
    )


PLANS: dict[Operation, Callable[["Spu"], Plan]] = {
    Operation.ADD: _plan_add,
    Operation.UPDATE: _plan_update,
    Operation.LIST: _plan_list,
    Operation.DELIST: _plan_delist,
    Operation.PRICE: _plan_price,
    Operation.STOCK: _plan_stock,
    Operation.DELETE: _plan_delete,
}
