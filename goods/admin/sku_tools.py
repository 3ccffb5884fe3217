"""What the buttons above the table of SKUs do: combinations, a value for many rows, an empty row."""

import re
from collections.abc import Iterable
from itertools import count, product
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goods.admin.sku_rows import Row

if TYPE_CHECKING:
    from goods.admin.sku_grid import SkuGrid

# The buttons of the form that bring it back with nothing saved; the last one stands beside the account.
BUTTONS = ("generate", "fill", "add", "upload", "account")
FILLED = ("sale_price", "market_price", "stock")
COMBINATIONS_MOST = 300
BETWEEN = re.compile(r"[,，、;；]")


def split(text: str, known: Iterable[str] = ()) -> list[str]:
    """Values as people type them: one a line, or with commas between. One in use already is not split."""
    whole = set(known)
    found: list[str] = []
    for line in text.splitlines():
        found += [line.strip()] if line.strip() in whole else map(str.strip, BETWEEN.split(line))
    return list(dict.fromkeys(filter(None, found)))


def work(grid: "SkuGrid") -> None:
    match grid.asked:
        case "generate":
            grid.note = generate(grid)
        case "fill":
            grid.note = fill(grid)
        case "add":
            grid.rows.append(empty_row(grid))
            grid.note = _("An empty row was added. Nothing is saved yet.")
        case "upload":
            grid.note = _("The pictures are here. Nothing else is saved yet.")


def empty_row(grid: "SkuGrid") -> Row:
    taken = {row.key for row in grid.rows}
    key = next(key for number in count(1) if (key := f"new-{number}") not in taken)
    return Row(key, values=[""] * len(grid.axes))


def generate(grid: "SkuGrid") -> str:
    """Add a row for every combination of values that has none."""
    places = [index for index, axis in enumerate(grid.axes) if axis.name and axis.values]
    if not places:
        return _("Name an attribute and its values first, such as size: S, M, L.")
    combinations = list(product(*(grid.axes[place].values for place in places)))
    if len(combinations) > COMBINATIONS_MOST:
        text = _("That would be %(count)s SKUs; at most %(most)s are possible.")
        return text % {"count": len(combinations), "most": COMBINATIONS_MOST}
    _complete(grid, places)
    there = {tuple(row.values[place].strip() for place in places) for row in grid.rows}
    missing = [values for values in combinations if values not in there]
    blank = [row for row in grid.rows if row.blank]
    for values in missing:
        if blank:
            row = blank.pop(0)
        else:
            row = empty_row(grid)
            grid.rows.append(row)
        for place, value in zip(places, values, strict=True):
            row.values[place] = value
    if not missing:
        return _("Every combination is there already.")
    text = ngettext(
        "%(count)s row was added. Nothing is saved yet.",
        "%(count)s rows were added. Nothing is saved yet.",
        len(missing),
    )
    return text % {"count": len(missing)}


def _complete(grid: "SkuGrid", places: list[int]) -> None:
    """Rows that lack a value of a new attribute get its first one, so that they are of one kind."""
    for row in grid.rows:
        if row.blank:
            continue
        for place in places:
            row.values[place] = row.values[place].strip() or grid.axes[place].values[0]


def fill(grid: "SkuGrid") -> str:
    """Put one price, market price or stock into all rows, or into those that are ticked."""
    values = {name: grid.fill[name] for name in FILLED if grid.fill.get(name)}
    only_ticked = grid.fill.get("rows") == "ticked"
    rows = [row for row in grid.rows if not row.removed and (row.ticked or not only_ticked)]
    if not values:
        return _("Enter a price or a stock to fill in.")
    if not rows:
        return _("Tick the rows first.")
    for row in rows:
        row.cells |= values
    grid.fill = {}
    text = ngettext(
        "%(count)s row was filled in. Nothing is saved yet.",
        "%(count)s rows were filled in. Nothing is saved yet.",
        len(rows),
    )
    return text % {"count": len(rows)}
