"""The SKUs of a product as one table: read from a browser, merged with what others saved, checked, saved."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goods.admin import sku_saving, sku_tools
from goods.admin.colleagues import changed_by
from goods.admin.sku_rows import FIELDS, Pairs, Row, Shown, axes_of, cell_text, clean, columns, same
from goods.admin.spu_pictures import Shelf, as_keys
from goods.models import Sku, Spu
from goods.store import rules, words
from shopadmin.wechat.models import Account

PREFIX = "skus"
# The history names it in the language of the source.
SKUS = gettext_lazy("SKUs")
# More do not fit into what a browser may send at once.
ROWS_MOST = 300


@dataclass
class Axis:
    """An attribute that tells the SKUs apart, and the values that combinations are made of."""

    name: str
    values: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """One value a line."""
        return "\n".join(self.values)


@dataclass
class SkuGrid:
    shelf: Shelf
    axes: list[Axis] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    # What the page showed: tells what was typed from what was merely sent along.
    shown_axes: list[str] = field(default_factory=list)
    shown: dict[str, Shown] = field(default_factory=dict)
    # Keys of the pictures that rows may have; in cells they go by their place here.
    pictures: list[int] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    # The button that was pressed, and what came of it.
    asked: str = ""
    note: str = ""
    fill: dict[str, str] = field(default_factory=dict)
    # The product is being sent: by their numbers the answer finds its SKUs.
    busy: bool = False

    # --- from the database, from a browser --------------------------------------------------------

    @classmethod
    def of(cls, spu: Spu, skus: Sequence[Sku], shelf: Shelf) -> "SkuGrid":
        names = axes_of(skus)
        shown = {str(sku.pk): Shown.of(sku) for sku in skus}
        grid = cls(shelf, shown_axes=names, shown=shown, busy=_busy(spu))
        grid.rows = [Row.of(sku, names, grid.busy) for sku in skus] or [
            Row("new-1", values=[""] * len(names))
        ]
        grid.axes = [
            Axis(name, list(dict.fromkeys(filter(None, (row.values[index] for row in grid.rows)))))
            for index, name in enumerate(names)
        ]
        shelf.known |= {sku.picture.pk: sku.picture for sku in skus if sku.picture}
        grid.offer([*spu.head_imgs, *spu.desc_imgs, *(sku.picture_id for sku in skus if sku.picture_id)])
        if skus:
            grid.problems = list(rules.together_problems([sku for sku in skus if not sku.removed]))
        return grid

    @classmethod
    def sent(cls, data: Any, files: Any, spu: Spu, skus: Sequence[Sku], shelf: Shelf) -> "SkuGrid":
        grid = cls(shelf, busy=_busy(spu))
        grid._read_shown(data.get(f"{PREFIX}-shown", ""))
        names, values = _list(data, f"{PREFIX}-axis"), _list(data, f"{PREFIX}-values")
        grid.axes = [
            Axis(name.strip(), sku_tools.split(values[index] if index < len(values) else "", grid._in_use()))
            for index, name in enumerate(names)
        ]
        known = {str(sku.pk): sku for sku in skus}
        shelf.known |= {sku.picture.pk: sku.picture for sku in skus if sku.picture}
        grid.pictures = as_keys(data.get(f"{PREFIX}-pictures", "[]"))
        rows = [
            grid._row(data, key, known.get(key))
            for key in dict.fromkeys(_list(data, f"{PREFIX}-row"))
            if key.isdigit() or key.startswith("new-")
        ]
        grid.rows = rows[:ROWS_MOST]
        if grid._any_touched(rows[ROWS_MOST:]):
            text = _("The table takes %(most)s rows. What was entered in the rows after them is not kept.")
            grid.errors.append(text % {"most": ROWS_MOST})
        asked = data.get(f"{PREFIX}-do", "")
        grid.asked = asked if asked in sku_tools.BUTTONS else ""
        grid.fill = {
            name: data.get(f"{PREFIX}-fill-{name}", "").strip() for name in ("rows", *sku_tools.FILLED)
        }
        grid.files = _list(files, f"{PREFIX}-files")
        return grid

    def _read_shown(self, text: str) -> None:
        """What is no page's own says nothing: then the database counts as shown."""
        try:
            sent = json.loads(text)
            self.shown_axes = [str(name) for name in sent["axes"]]
            self.shown = {str(key): Shown.unpacked(row) for key, row in sent["rows"].items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            self.shown_axes, self.shown = [], {}

    def _in_use(self) -> set[str]:
        return {value for shown in self.shown.values() for _name, value in shown.attrs}

    def _row(self, data: Any, key: str, sku: Sku | None) -> Row:
        name = f"{PREFIX}-{key}-"
        row = Row(key, sku, busy=self.busy)
        row.removed, row.ticked = f"{name}removed" in data, f"{name}ticked" in data
        values = _list(data, f"{name}attr")[: len(self.axes)]
        row.values = values + [""] * (len(self.axes) - len(values))
        row.cells = {cell: data.get(f"{name}{cell}", "").strip() for cell in FIELDS}
        number = row.cells["picture"]
        if number.isascii() and number.isdigit() and 0 < int(number[:4]) <= len(self.pictures):
            row.cells["picture"] = str(self.pictures[int(number[:4]) - 1])
        elif number:
            row.cells["picture"] = ""
            row.tell("picture", _("There is no picture %(number)s.") % {"number": number})
        return row

    # --- pictures ---------------------------------------------------------------------------------

    def offer(self, keys: Iterable[int]) -> None:
        """Rows may have these pictures as well."""
        self.pictures = list(dict.fromkeys([*self.pictures, *keys]))

    def keep_files(self) -> None:
        """Uploaded pictures are offered to all rows. ValidationError for what is none."""
        added, errors = self.shelf.keep_all(self.files)
        self.offer(added)
        if errors:
            raise ValidationError(errors)

    # --- two people at the same table -------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        return [axis.name for axis in self.axes]

    def touched(self) -> bool:
        """Something was typed into it."""
        return self._any_touched(self.rows)

    def _any_touched(self, rows: Iterable[Row]) -> bool:
        return any(not row.blank if row.new else self._touched(row) for row in rows)

    def _touched(self, row: Row) -> bool:
        before = self._before(row)
        return before is not None and (
            row.removed != before.removed
            or self._typed(row, before) is not None
            or any(
                not _untold(row, name) and not same(name, row.cells[name], before.cells[name])
                for name in FIELDS
            )
        )

    def _before(self, row: Row) -> Shown | None:
        return self.shown.get(row.key) or (Shown.of(row.sku) if row.sku else None)

    def _typed(self, row: Row, before: Shown) -> Pairs | None:
        """The attributes that were typed; None if nobody touched them."""
        shown = columns(before.attrs, self.shown_axes)
        shown += [""] * (len(self.axes) - len(shown))
        renamed = self.names[: len(self.shown_axes)] != self.shown_axes
        if not renamed and row.values == shown[: len(row.values)]:
            return None
        return row.pairs(self.names)

    def merge(self, skus: Sequence[Sku], spu: Spu) -> None:
        """Take what others saved where nothing was typed; tell where both were."""
        stored = {str(sku.pk): sku for sku in skus}
        self._widen(axes_of(skus))
        kept: list[Row] = []
        for row in self.rows:
            if row.new:
                row.clean_new()
                row.changed["attrs"] = row.pairs(self.names)
                kept.append(row)
            elif row.key in stored:
                row.sku = stored.pop(row.key)
                self._merge(row, row.sku, spu)
                kept.append(row)
            elif self._touched(row):
                self.errors.append(
                    _("A SKU that you changed was taken out meanwhile: %(values)s.")
                    % {"values": " / ".join(filter(None, row.values)) or row.cells["out_sku_id"]}
                )
        # What a colleague added meanwhile.
        kept += [Row.of(sku, self.names, self.busy) for sku in stored.values()]
        self.rows = kept
        self._straighten()
        self.shown = {str(sku.pk): Shown.of(sku) for sku in skus}
        self.shown_axes = axes_of(skus)

    def _widen(self, names: Iterable[str]) -> None:
        """Attributes that a colleague has added are columns as well."""
        for name in names:
            if name not in (*self.shown_axes, *self.names):
                self.axes.append(Axis(name))
                for row in self.rows:
                    row.values.append("")

    def _merge(self, row: Row, sku: Sku, spu: Spu) -> None:
        before = self.shown.get(row.key) or Shown.of(sku)
        for name in FIELDS:
            self._merge_cell(row, sku, name, before.cells[name], spu)
        typed = self._typed(row, before)
        if typed is None:
            row.values = columns(sku.attrs, self.names)
        elif sku.attrs != before.attrs and typed != sku.attrs:
            old, new = words.attrs_line(before.attrs), words.attrs_line(sku.attrs)
            row.tell("attrs", _overwriting(spu, old, new))
        elif typed != sku.attrs:
            row.changed["attrs"] = typed
        if row.removed == before.removed:
            row.removed = sku.removed
        elif row.removed != sku.removed:
            row.changed["removed"] = row.removed

    def _merge_cell(self, row: Row, sku: Sku, name: str, shown: str, spu: Spu) -> None:
        typed, theirs = row.cells[name], cell_text(sku, name)
        if _untold(row, name) or same(name, typed, shown):
            row.cells[name] = theirs
            return
        try:
            value = clean(name, typed)
        except ValidationError as error:
            row.tell(name, *error.messages)
            return
        if same(name, typed, theirs):
            return
        if theirs != shown:
            old, new = (self._shown_as(name, text) for text in (shown, theirs))
            row.tell(name, _overwriting(spu, old, new))
        else:
            row.changed[name] = value

    def _shown_as(self, name: str, text: str) -> str:
        """A cell's text as people see it: a picture by its place."""
        if name == "picture" and text.isdigit():
            self.offer([int(text)])
            return str(self.pictures.index(int(text)) + 1)
        return text or words.NOTHING

    def _straighten(self) -> None:
        """WeChat wants the attributes of all SKUs in one order: whoever changes something mends that too."""
        if not any(row.changed for row in self.rows if not row.blank):
            return
        for row in self.rows:
            kept = row.changed.get("attrs", row.sku.attrs if row.sku else [])
            straight = sorted(
                kept, key=lambda pair: self.names.index(pair[0]) if pair[0] in self.names else 99
            )
            if not row.new and straight != kept:
                row.changed["attrs"] = straight

    # --- whether it can be kept -------------------------------------------------------------------

    def check(self, account: Account, spu_id: int | None) -> bool:
        """Numbers are there once, and pictures are the account's. Causes a SQL query if numbers are new."""
        used = [axis for axis in self.names if axis]
        if len(set(used)) < len(used):
            self.errors.append(_("Two attributes have the same name."))
        numbers: dict[str, Row] = {}
        for row in self.rows:
            number = row.cells["out_sku_id"]
            if not number or row.blank or (row.new and row.removed):
                continue
            if number in numbers:
                row.tell("out_sku_id", _("Another SKU of this product has this number already."))
            numbers[number] = row
        self._check_elsewhere(account, spu_id, numbers)
        self._check_pictures()
        return not self.errors and not any(row.errors for row in self.rows)

    def _check_elsewhere(self, account: Account, spu_id: int | None, numbers: dict[str, Row]) -> None:
        wanted = [number for number, row in numbers.items() if row.changed.get("out_sku_id")]
        if not wanted:
            return
        others = Sku.objects.filter(account=account, out_sku_id__in=wanted).exclude(spu=spu_id)
        for number in others.values_list("out_sku_id", flat=True):
            numbers[number].tell("out_sku_id", _("Another SKU of this account has this number already."))

    def _check_pictures(self) -> None:
        wanted = {row.changed["picture"]: row for row in self.rows if row.changed.get("picture")}
        had = {row.sku.picture_id for row in self.rows if row.sku and row.sku.picture_id}
        usable = self.shelf.usable(list(wanted), had)
        for key, row in wanted.items():
            if key not in usable:
                row.tell("picture", _("This picture is not there any more."))

    # --- what is done with it ---------------------------------------------------------------------

    def work(self) -> None:
        """Do what a button of the table asks for; nothing is saved."""
        sku_tools.work(self)

    def save(self, spu: Spu) -> bool:
        """Write what was changed, whatever the number of rows in a few statements; True if anything was."""
        return sku_saving.save(self.rows, spu)


def _busy(spu: Spu) -> bool:
    return bool(getattr(spu, "open_status", None))


def _untold(row: Row, name: str) -> bool:
    """The page has no input for it: a number that WeChat has is fixed, and only there a stock changes."""
    if name == "out_sku_id":
        return row.fixed
    return name == "stock_change" and not row.new and not (row.sku and row.sku.at_wechat)


def _overwriting(spu: Spu, old: str, new: str) -> str:
    text = _(
        "This was changed %(how)s, while you had it open: %(old)s → %(new)s. What you entered is kept. "
        "Save again to replace the new value."
    )
    how = changed_by(spu, SKUS)
    return text % {"how": how, "old": old or words.NOTHING, "new": new or words.NOTHING}


def _list(data: Any, name: str) -> list[Any]:
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    return [data[name]] if name in data else []
