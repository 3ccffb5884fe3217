"""Rows and cells of the table of SKUs: what is shown of a SKU, what was typed, and what that means."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from goods.models import Sku

INTEGER_MOST = 2**31 - 1

# What can be typed of a SKU, beside its attributes; each as text in the page.
FIELDS: dict[str, forms.Field] = {
    "picture": forms.IntegerField(required=False),
    "out_sku_id": forms.CharField(max_length=64, required=False),
    "sale_price": forms.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False),
    "market_price": forms.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False),
    "stock": forms.IntegerField(min_value=0, max_value=INTEGER_MOST, required=False),
    "stock_change": forms.IntegerField(min_value=-INTEGER_MOST, max_value=INTEGER_MOST, required=False),
    "sku_code": forms.CharField(max_length=40, required=False),
    "barcode": forms.CharField(max_length=64, required=False),
}
Pairs = list[list[str]]


@dataclass
class Shown:
    """What the page showed of a SKU when somebody began to type."""

    attrs: Pairs
    removed: bool
    cells: dict[str, str]

    @classmethod
    def of(cls, sku: Sku) -> "Shown":
        return cls(sku.attrs, sku.removed, {name: cell_text(sku, name) for name in FIELDS})

    def packed(self) -> list[Any]:
        return [self.attrs, self.removed, list(self.cells.values())]

    @classmethod
    def unpacked(cls, packed: Any) -> "Shown":
        """ValueError for what no page of ours has held."""
        try:
            attrs, removed, cells = packed
            pairs = [[str(name), str(value)] for name, value in attrs]
            return cls(pairs, bool(removed), dict(zip(FIELDS, map(str, cells), strict=True)))
        except TypeError as error:
            raise ValueError("not a row of the table") from error


@dataclass
class Row:
    """One line of the table. ``values`` are of the attributes, one for each axis; ``cells`` are texts."""

    key: str
    sku: Sku | None = None
    cells: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    values: list[str] = field(default_factory=list)
    removed: bool = False
    ticked: bool = False
    busy: bool = False
    errors: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)
    # What is to be saved.
    changed: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, sku: Sku, axes: Sequence[str], busy: bool) -> "Row":
        cells = {name: cell_text(sku, name) for name in FIELDS}
        values = columns(sku.attrs, axes)
        return cls(str(sku.pk), sku, cells, values, sku.removed, busy=busy, problems=sku.problems())

    @property
    def new(self) -> bool:
        return not self.key.isdigit()

    @property
    def blank(self) -> bool:
        """A new line in which nobody has entered anything."""
        return self.new and not any(self.cells.values()) and not any(map(str.strip, self.values))

    @property
    def fixed(self) -> bool:
        """WeChat has it, or may have it soon, so its number stays as it is."""
        return bool(self.sku and (self.sku.sku_id or self.busy))

    def tell(self, name: str, *texts: str) -> None:
        self.errors.setdefault(name, []).extend(texts)

    def pairs(self, axes: Sequence[str]) -> Pairs:
        """Its attributes as they are kept; an axis without a name, or a value, is none."""
        found = zip(axes, self.values, strict=False)
        return [[axis.strip(), value.strip()] for axis, value in found if axis.strip() and value.strip()]

    def clean_new(self) -> None:
        """Everything in a new line is to be saved, or is wrong."""
        for name, typed in self.cells.items():
            try:
                self.changed[name] = clean(name, typed)
            except ValidationError as error:
                self.tell(name, *error.messages)


def cell_text(sku: Sku, name: str) -> str:
    """A value as a cell of the page has it."""
    value = sku.picture_id if name == "picture" else getattr(sku, name)
    return "" if value is None else str(value)


def clean(name: str, text: str) -> Any:
    return FIELDS[name].clean(text)


def same(name: str, one: str, other: str) -> bool:
    """Both texts mean the same: 88 is 88.00."""
    if one == other:
        return True
    try:
        return bool(clean(name, one) == clean(name, other))
    except ValidationError:
        return False


def columns(attrs: Pairs, axes: Sequence[str]) -> list[str]:
    """The values of attributes, by axis."""
    values = {pair[0]: pair[1] for pair in reversed(attrs)}
    return [values.get(axis, "") for axis in axes]


def axes_of(skus: Sequence[Sku]) -> list[str]:
    """The names of all their attributes, in their order."""
    return list(dict.fromkeys(name for sku in skus for name, _value in sku.attrs))
