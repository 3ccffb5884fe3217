"""The table of SKUs as a field of the product's form."""

import json
from typing import Any

from django import forms
from django.contrib.admin.utils import label_for_field
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from goods.admin.sku_grid import PREFIX, Axis, SkuGrid
from goods.admin.sku_rows import Row
from goods.admin.sku_tools import FILLED
from goods.admin.widgets import Aided
from goods.models import Sku

AXES_LEAST = 2


class SkusInput(Aided, forms.Widget):
    """The table, with the axes above it and what fills many rows at once."""

    aid_template = "goods/sku_grid.html"
    grid: SkuGrid | None = None

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        return render_to_string(self.aid_template, context(self.grid) if self.grid else {})

    def id_for_label(self, id_: str | None) -> str:
        """Its cells have labels of their own."""
        return ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> None:
        return None

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class SkusField(forms.Field):
    widget = SkusInput
    grid: SkuGrid | None = None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.grid and self.grid.touched())


def context(grid: SkuGrid) -> dict[str, Any]:
    columns = [axis for axis in grid.axes if axis.name]
    places = [index for index, axis in enumerate(grid.axes) if axis.name]
    grid.shelf.load(grid.pictures)
    numbers = {key: number for number, key in enumerate(grid.pictures, start=1)}
    blanks = max(1, AXES_LEAST - len(columns))
    pattern = Row("new-0", values=[""] * len(grid.axes))
    return {
        "grid": grid,
        "columns": columns,
        "axes": [*columns, *([Axis("")] * blanks)],
        "rows": [_row(grid, row, places, numbers) for row in grid.rows],
        "pattern": _row(grid, pattern, places, numbers),
        "pictures": [(number, key, grid.shelf.thumbnail(key)) for key, number in numbers.items()],
        "keys": str(grid.pictures),
        "shown": _shown(grid),
        "selling": any(row.sku and row.sku.at_wechat for row in grid.rows),
        "fill": {name: grid.fill.get(name, "") for name in FILLED},
    }


def _row(grid: SkuGrid, row: Row, places: list[int], numbers: dict[int, int]) -> dict[str, Any]:
    key = int(row.cells["picture"]) if row.cells["picture"].isdigit() else 0
    values = [row.values[place] if place < len(row.values) else "" for place in places]
    told = {name: [_of_cell(name, text) for text in texts] for name, texts in row.errors.items()}
    told = told or ({} if row.removed else row.problems)
    return {
        "row": row,
        "name": f"{PREFIX}-{row.key}",
        "values": [(grid.axes[place].name, value) for place, value in zip(places, values, strict=True)],
        "label": " / ".join(filter(None, values)) or row.cells["out_sku_id"] or row.key,
        "number": numbers.get(key, ""),
        "thumbnail": grid.shelf.thumbnail(key),
        "told": [(name, " ".join(texts)) for name, texts in told.items()],
        "wrong": set(told),
    }


def _of_cell(name: str, text: str) -> str:
    """What is wrong with a cell, and which one it is."""
    label = capfirst(str(label_for_field(name, Sku)))
    return gettext("%(field)s: %(text)s") % {"field": label, "text": text}


def _shown(grid: SkuGrid) -> SafeString:
    """For an attribute in single quotes: quotes are most of it, and escaped they weigh six times as much."""
    shown = {
        "axes": grid.shown_axes,
        "rows": {key: one.packed() for key, one in grid.shown.items()},
    }
    text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    for character in "&'<>":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return SafeString(text)
