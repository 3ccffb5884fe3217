"""Inputs of a Mini Store product. Without scripts they are plain; ``spu_form.js`` makes them handier."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goods.admin.spu_pictures import JSONHidden
from goods.admin.widgets import Aided, TextInput
from goods.models import Category
from goods.store.catalogue import find_categories
from goods.store.rules import CATS, SUB_TITLE_MOST, TITLE_MOST
from goods.store.titles import propose_sub_title, propose_title
from shopadmin.wechat.models import Account

BLANK_PAIRS = 2
ARROW = " › "
# Names of categories may have the latter two in them.
SEPARATORS = ("›", ">", "/")
# So many of several that are meant are named.
NAMED_MOST = 5
# More paths would make the page heavy; without a list the server still finds what is typed.
LISTED_MOST = 400


class Select(Aided, forms.Select):
    pass


class NumberInput(Aided, forms.NumberInput):
    pass


class DayInput(Aided, forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class TitleInput(TextInput):
    """Counts characters, and proposes shorter titles for one that is too long."""

    aid_template = "goods/title_aid.html"

    def aid_for(self, value: Any) -> dict[str, Any]:
        text = value if isinstance(value, str) else ""
        return {"proposals": propose_title(text), "most": TITLE_MOST, "least": 1}


class SubTitleInput(TitleInput):
    def aid_for(self, value: Any) -> dict[str, Any]:
        text = value if isinstance(value, str) else ""
        return {"proposals": propose_sub_title(text), "most": SUB_TITLE_MOST, "least": 0}


# --- attributes -----------------------------------------------------------------------------------------


class AttrsInput(Aided, forms.Widget):
    """Rows of name and value, and empty ones for more."""

    aid_template = "goods/attrs.html"

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        pairs = [*as_pairs(value), *([["", ""]] * BLANK_PAIRS)]
        context = {"name": name, "id": (attrs or {}).get("id", ""), "pairs": pairs, **self.aid}
        return render_to_string(self.aid_template, context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[list[str]]:
        if name in data:
            return as_pairs(data[name])
        if not hasattr(data, "getlist"):
            return []
        names, values = data.getlist(f"{name}-name"), data.getlist(f"{name}-value")
        pairs = [[one.strip(), other.strip()] for one, other in zip(names, values, strict=False)]
        return [pair for pair in pairs if any(pair)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


def as_pairs(value: Any) -> list[list[str]]:
    """Attributes from a list or from what a hidden input holds."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    found = value if isinstance(value, list) else []
    return [[str(one) for one in pair] for pair in found if isinstance(pair, list) and len(pair) == 2]


class AttrsField(forms.Field):
    widget = AttrsInput
    hidden_widget = JSONHidden

    def to_python(self, value: Any) -> list[list[str]]:
        return as_pairs(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        stripped = [[one.strip() for one in pair] for pair in as_pairs(initial)]
        return stripped != [[one.strip() for one in pair] for pair in as_pairs(data)]


# --- categories -----------------------------------------------------------------------------------------


@dataclass
class Tree:
    """WeChat's categories as pulled for an account, which are read when something of them is asked for."""

    account: Account | None
    _rows: dict[str, Category] = field(default_factory=dict, init=False)

    @cached_property
    def rows(self) -> dict[str, Category]:
        if self.account is None:
            return {}
        return {row.cat_id: row for row in Category.objects.filter(account=self.account).usable()}

    @cached_property
    def below(self) -> dict[str, list[Category]]:
        found: dict[str, list[Category]] = {}
        for row in self.rows.values():
            # Level 1 may name WeChat's root in one way or another.
            found.setdefault("" if row.level == 1 else row.parent_id, []).append(row)
        return found

    def path(self, cats: Sequence[str]) -> str:
        return ARROW.join(self.rows[cat].name if cat in self.rows else cat for cat in cats)

    def branches(self) -> list[list[str]]:
        """Every branch that goes down to the third level."""
        return [
            [first.cat_id, second.cat_id, third.cat_id]
            for first in self.below.get("", [])
            for second in self.below.get(first.cat_id, [])
            for third in self.below.get(second.cat_id, [])
        ]

    def closed(self, row: Category) -> bool:
        """WeChat shows nothing below it before the shop has proved a qualification."""
        return row.level == CATS - 1 and row.children_read_at is not None and not row.has_children

    def find(self, text: str) -> list[str]:
        """The branch that a text names by numbers or names, or by the end of its path."""
        for separator in SEPARATORS:
            parts = [part.strip() for part in text.split(separator) if part.strip()]
            numbers = bool(parts) and all(part.isascii() and part.isdigit() for part in parts)
            if numbers and (len(parts) == CATS or not self.rows):
                return self._known(parts)
            if found := self._down(parts):
                return found
        matches = find_categories(self.account, text) if self.account else []
        if len(matches) == 1:
            return matches[0]
        if matches:
            shown = "; ".join(self.path(branch) for branch in matches[:NAMED_MOST])
            raise ValidationError(_("There are several: %(paths)s. Enter one of them.") % {"paths": shown})
        raise ValidationError(_("There is no category “%(text)s”.") % {"text": text})

    def _known(self, parts: list[str]) -> list[str]:
        """Numbers one below the other; where nothing was pulled yet, as they are."""
        for above, part in zip(["", *parts], parts, strict=False):
            if self.rows and part not in {row.cat_id for row in self.below.get(above, [])}:
                raise ValidationError(_("There is no category “%(text)s”.") % {"text": part})
        return parts

    def _down(self, parts: list[str]) -> list[str]:
        cats: list[str] = []
        for part in parts:
            here = self.below.get(cats[-1] if cats else "", [])
            row = next((row for row in here if part in (row.name, row.cat_id)), None)
            if row is None:
                return []
            cats.append(row.cat_id)
        return cats


class CatsInput(TextInput):
    """A path to type or to choose from a list; with scripts three lists, each below the one before."""

    aid_template = "goods/cats_aid.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tree = Tree(None)

    def format_value(self, value: Any) -> str:
        return value if isinstance(value, str) else self.tree.path(value or [])

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value, {**(attrs or {}), "list": f"{name}-paths"})

    def aid_for(self, value: Any) -> dict[str, Any]:
        cats = self._chosen(value)
        branches = self.tree.branches()
        return {
            "account": self.tree.account.pk if self.tree.account else "",
            "levels": [self._level(cats, number) for number in range(CATS)],
            "paths": [self.tree.path(branch) for branch in branches] if len(branches) <= LISTED_MOST else [],
        }

    def _chosen(self, value: Any) -> list[str]:
        if not isinstance(value, str):
            return value or []
        try:
            return self.tree.find(value)
        except ValidationError:
            return []

    def _level(self, cats: list[str], number: int) -> dict[str, Any]:
        above = "" if number == 0 else cats[number - 1] if number <= len(cats) else None
        rows = [] if above is None else self.tree.below.get(above, [])
        chosen = cats[number] if number < len(cats) else ""
        options = [(row.cat_id, row.name, self.tree.closed(row)) for row in rows]
        if chosen and chosen not in {cat for cat, _name, _closed in options}:
            options.append((chosen, chosen, False))
        return {"number": number + 1, "chosen": chosen, "options": options}


class CatsField(forms.Field):
    """Cleans to the numbers of up to three categories, one below the other."""

    widget = CatsInput
    hidden_widget = JSONHidden

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.tree = Tree(None)
        self.stored: list[str] = []

    def to_python(self, value: Any) -> list[str]:
        if value and value == self.tree.path(self.stored):
            # Whatever became of them at WeChat meanwhile.
            return self.stored
        if isinstance(value, str) and value.startswith("["):
            try:
                value = json.loads(value)
            except ValueError:
                value = ""
        if isinstance(value, list):
            return [str(cat) for cat in value]
        return self.tree.find(value) if value else []

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True
