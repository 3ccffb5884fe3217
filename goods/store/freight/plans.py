"""What an operation on a freight template would send, or why it would not, told to staff."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import label_for_field
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits.operations import Change, Effect, Operation, Plan, Text
from goods.store.freight import wire, words
from shopadmin.wechat.reading import as_decimal

if TYPE_CHECKING:
    from goods.models import FreightTemplate

# Shipping that costs as much was probably typed in fen.
DEAR = Decimal(200)


def blocked(template: "FreightTemplate", operation: Operation) -> str | Promise:
    """Why the operation is not possible now; empty if it is."""
    reason = forbidden(template, operation)
    if not reason and operation is Operation.UPDATE and not changed_fields(template):
        return _("There is nothing to send: WeChat has the same.")
    return reason


def forbidden(template: "FreightTemplate", operation: Operation) -> str | Promise:
    """Why the state forbids the operation, whatever the fields hold."""
    if operation is Operation.ADD:
        there = template.at_wechat and not template.missing_since
        return _("The freight template is at WeChat already. Send changes instead.") if there else ""
    if template.missing_since:
        return _("WeChat no longer lists the freight template. Submit it again: it gets a new number there.")
    return "" if template.at_wechat else _("The freight template is not at WeChat yet. Submit it first.")


def changed_fields(template: "FreightTemplate") -> list[str]:
    return [field for field in template.SHARED if template.differs(field)]


def plan(template: "FreightTemplate", operation: Operation) -> Plan:
    reason = blocked(template, operation)
    if reason:
        # Both operations are blocked for good by nothing but what is the case already, or not yet.
        done = (operation is Operation.ADD) == (template.at_wechat and not template.missing_since)
        return Plan(reason=reason, effect=Effect.NOTHING if done else Effect.BLOCKED)
    wrong = [message for messages in template.problems().values() for message in messages]
    if wrong:
        return Plan(reason=" ".join(wrong), effect=Effect.BLOCKED)
    found = _plan_add(template) if operation is Operation.ADD else _plan_update(template)
    return replace(found, warnings=tuple(_warnings(template)), together=among_others)


def _plan_add(template: "FreightTemplate") -> Plan:
    body: dict[str, Any] = {"freight_template": wire.template_fields(template)}
    notes: list[Text] = [
        _("It counts at once, without a review. WeChat lets only its console delete a freight template.")
    ]
    if template.missing_since:
        notes.append(_("WeChat no longer lists the earlier one; this makes a new one there."))
        # The record gets the new template's id; the journal keeps the old one.
        body["replaces"] = template.template_id
    shown = [
        field for field in template.SHARED if field != "name" and getattr(template, field) not in ([], False)
    ]
    return Plan(
        body=body,
        changes=tuple(Change(label(template, field), None, ours(template, field)) for field in shown),
        notes=(*notes, *_default_note(template)),
        effect=Effect.CREATE,
    )


def _plan_update(template: "FreightTemplate") -> Plan:
    notes: list[Text] = [_("It counts at once, without a review. WeChat gets the whole template anew.")]
    used = template.spu_set.count()
    if used:
        text = ngettext("%(count)s product is shipped by it.", "%(count)s products are shipped by it.", used)
        notes.append(text % {"count": used})
    return Plan(
        body={"freight_template": wire.template_fields(template)},
        changes=tuple(
            Change(label(template, field), theirs(template, field), ours(template, field))
            for field in changed_fields(template)
        ),
        notes=(*notes, *_default_note(template)),
    )


def _default_note(template: "FreightTemplate") -> Iterator[Text]:
    """A shop has one default template."""
    if not template.is_default:
        return
    for other in template.other_defaults():
        yield _("It becomes the default of the shop instead of “%(other)s”.") % {"other": other}


def _warnings(template: "FreightTemplate") -> Iterator[Text]:
    if template.at_wechat and not template.missing_since and "charge_rules" not in template.remote:
        yield _(
            "WeChat has shown only the name of this template, not its rules: whatever they are there, they "
            "are replaced by these."
        )
    prices = [
        as_decimal(rule[name]) for rule in template.charge_rules for name in ("first_price", "more_price")
    ]
    dearest = max((price for price in prices if price), default=Decimal(0))
    if dearest >= DEAR:
        yield _("Shipping costs %(price)s. Was it typed in fen? Enter yuan.") % {"price": f"¥{dearest:,.2f}"}


def among_others(records: Sequence["FreightTemplate"]) -> dict[Any, list[Text]]:
    """Templates with the name of another one, by key. One query."""
    found: dict[Any, list[Text]] = defaultdict(list)
    manager = type(records[0])._default_manager
    rows = manager.filter(name__in={template.name for template in records}).values_list(
        "pk", "account", "name"
    )
    for template in records:
        twins = [pk for pk, account, name in rows if (account, name) == (template.account_id, template.name)]
        if any(pk != template.pk for pk in twins):
            found[template.pk].append(_("Another freight template has the same name: is it there twice?"))
    return found


# --- words ------------------------------------------------------------------------------------------------


def ours(template: "FreightTemplate", field: str) -> Text:
    return words.show(template, field, getattr(template, field), template.valuation_type)


def theirs(template: "FreightTemplate", field: str) -> Text:
    if field not in template.remote:
        return words.NOTHING
    return words.show(template, field, template.remote[field], template.remote.get("valuation_type"))


def label(template: "FreightTemplate", field: str) -> str:
    return str(label_for_field(field, type(template)))
