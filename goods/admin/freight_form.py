import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from goods.admin.colleagues import changed_by
from goods.admin.freight_fields import (
    CHARGE_COLUMNS,
    FREE_COLUMNS,
    PlacesField,
    RulesField,
)
from goods.models import Courier, FreightTemplate
from goods.store.freight import plans, wire

# What the form showed of each field, to tell what was typed from what was merely sent along.
SHOWN = "shown"


class FreightTemplateForm(forms.ModelForm):
    """Rules that a draft breaks are told at their fields, without keeping it from being saved.

    Two people may have the same form open. What only one of them touched is kept from both; a field that
    both changed differently is told to the second one, and the next save is a decision about it.
    """

    charge_rules = RulesField(
        CHARGE_COLUMNS,
        help_text=_(
            "One place a line, such as 福建省 or 福建省 宁德市 福鼎市. One row is for everywhere else, and "
            "names no places. Empty a row to take it away."
        ),
    )
    free_rules = RulesField(
        FREE_COLUMNS,
        help_text=_(
            "From how much on shipping there is free. By piece: pieces or amount; by weight: weight or "
            "amount."
        ),
    )
    not_send = PlacesField(help_text=_("One place a line; a province alone will do."))
    dispatch = PlacesField(one=True, help_text=_("Such as 福建省 宁德市 福鼎市; may be left empty."))
    delivery_ids = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None means that any courier will do."),
    )

    class Media:
        js = (forms.Script("goods/js/freight_form.js", type="module"),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.base_fields) & set(self.fields) & set(FreightTemplate.SHARED):
            verbose: Any = FreightTemplate._meta.get_field(name)
            self.fields[name].label = capfirst(verbose.verbose_name)
        if "account" in self.fields:
            # Accounts are entered and deleted on their own page.
            widget: Any = self.fields["account"].widget
            widget.can_add_related = widget.can_change_related = False
            widget.can_delete_related = widget.can_view_related = False
        self._offer_couriers()
        self._tell_rules()

    def _offer_couriers(self) -> None:
        """Those that WeChat knows, and those that are chosen already, whatever WeChat says."""
        rows = Courier.objects.usable()
        if self.instance.account_id:
            rows = rows.filter(account=self.instance.account_id)
        names = dict(rows.values_list("delivery_id", "name"))
        if "delivery_ids" in self.fields:
            chosen = self.initial.get("delivery_ids") or []
            field: Any = self.fields["delivery_ids"]
            field.choices = list(({pk: pk for pk in chosen} | names).items())
            if not field.choices:
                field.help_text = gettext("WeChat's couriers have not been read yet: pull from WeChat.")
        for name in ("charge_rules", "free_rules"):
            if name in self.fields:
                rules: Any = self.fields[name]
                rules.widget.couriers, rules.widget.label = names, rules.label

    def _tell_rules(self) -> None:
        if not self.instance.pk or self.is_bound:
            return
        for name, texts in self.instance.problems().items():
            if name in self.fields:
                field = self.fields[name]
                field.help_text = format_html(
                    '<span class="problem">{}</span> {}', " ".join(texts), field.help_text
                )

    # --- two people at the same record ------------------------------------------------------------

    def shown(self) -> str:
        """What the page carries of the values that it shows."""
        stored = getattr(self, "stored", self.instance)
        return json.dumps({name: _fingerprint(name, getattr(stored, name)) for name in stored.SHARED})

    def clean(self) -> Any:
        if self.instance.pk:
            self._meet_colleague()
        return super().clean()

    def _meet_colleague(self) -> None:
        # Locked until the page is answered: what is compared here is what is overwritten then.
        rows = FreightTemplate.objects.select_for_update().filter(pk=self.instance.pk)
        self.stored = rows.first() or self.instance
        for name, shown in self._were_shown().items():
            if name not in self.cleaned_data or _fingerprint(name, getattr(self.stored, name)) == shown:
                continue
            ours, theirs = self.cleaned_data[name], getattr(self.stored, name)
            if _fingerprint(name, ours) == shown:
                self.cleaned_data[name] = theirs
                if name in self.changed_data:
                    self.changed_data.remove(name)
            elif not wire.same(name, ours, theirs):
                self._refuse_overwriting(name)

    def _were_shown(self) -> Mapping[str, Any]:
        try:
            found = json.loads(self.data.get(SHOWN, ""))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _refuse_overwriting(self, name: str) -> None:
        text = gettext(
            "This was changed %(how)s, while you had it open, to: %(new)s. What you entered is kept. Save "
            "again to replace the new value."
        )
        values = {
            "how": changed_by(self.stored, self.fields[name].label),
            "new": plans.ours(self.stored, name),
        }
        self.add_error(name, ValidationError(text, code="overwritten", params=values))


def _fingerprint(name: str, value: Any) -> str:
    """A value in short, equal for values that mean the same."""
    text = json.dumps(wire.meaning(name, value), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
