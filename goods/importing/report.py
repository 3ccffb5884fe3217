"""What became of every row of a file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goods.importing.finding import Finding
from goods.models import LiveGoods, Sku, Spu
from goods.models.import_run import RowKind, Table

NAME_SHOWN = 16


@dataclass(frozen=True)
class RowProblem:
    """One thing to put right: in which row, at which field of the record, and one sentence."""

    row: int
    product_no: str
    name: str
    field: str
    text: str
    table: Table = Table.GOODS

    def __str__(self) -> str:
        name = Truncator(self.name).chars(NAME_SHOWN)
        where = " · ".join(part for part in (self.product_no, name) if part)
        row = (_("SKU row %(row)s") if self.table == Table.SKUS else _("row %(row)s")) % {"row": self.row}
        return " · ".join(part for part in (row, where, self.advice()) if part)

    def advice(self) -> str:
        """What is wrong, after the field's name."""
        if not self.field:
            return self.text
        return _("%(field)s: %(text)s") % {"field": field_label(self.field, self.table), "text": self.text}


@dataclass
class Report:
    """``created + updated + unchanged + rejected == rows``.

    ``to_fix`` counts the stored rows that break WeChat's rules; they and the rejected ones are in the
    fix-only file. ``warnings`` tell what to know about rows that are imported. With ``dry_run`` nothing was
    stored.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    to_fix: int = 0
    rejected: int = 0
    without_cover: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)
    fix_file: Path | None = None
    fix_file_error: str = ""
    dry_run: bool = False

    def count(self, found: Finding) -> None:
        """Take up what became of one row."""
        self.created += found.kind == RowKind.CREATE
        self.updated += found.kind == RowKind.CHANGE
        self.unchanged += found.kind == RowKind.UNCHANGED
        self.rejected += found.kind == RowKind.ERROR
        self.to_fix += found.flagged
        self.without_cover += found.without_cover
        place = (found.row, found.sku_no or found.number, found.name)
        self.problems += [RowProblem(*place, field, text, found.table) for field, text in found.problems]
        self.warnings += [RowProblem(*place, "", text, found.table) for text in found.warnings]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"fix_file": str(self.fix_file) if self.fix_file else None}

    def lines(self) -> list[str]:
        """The report in words: totals, every problem and warning, where the fix-only file is."""
        return [*self._totals(), *map(str, self.problems), *self._warned(), *self._ending()]

    def _totals(self) -> list[str]:
        counts = _(
            "Rows: %(rows)s · new: %(created)s · changed: %(updated)s · unchanged: %(unchanged)s · "
            "not imported: %(rejected)s · imported, to be corrected: %(to_fix)s"
        ) % asdict(self)
        lines = [counts]
        if self.dry_run:
            lines.append(_("This was a trial: nothing was stored."))
        if self.without_cover:
            text = ngettext(
                "%(count)s product has no cover picture yet.",
                "%(count)s products have no cover picture yet.",
                self.without_cover,
            )
            lines.append(text % {"count": self.without_cover})
        if self.ignored_columns:
            lines.append(
                _("Columns not imported: %(columns)s") % {"columns": ", ".join(self.ignored_columns)}
            )
        return lines

    def _warned(self) -> list[str]:
        return [_("Warning: %(text)s") % {"text": warning} for warning in self.warnings]

    def _ending(self) -> list[str]:
        if self.fix_file:
            return [
                _("The rows to correct are in %(path)s. Correct them there and import that file.")
                % {"path": self.fix_file}
            ]
        return [self.fix_file_error] if self.fix_file_error else []


# Whose fields the rows of a table set, in the order in which a name is looked up.
RECORDS: Mapping[Table, tuple[type[Model], ...]] = {
    Table.GOODS: (LiveGoods,),
    Table.PRODUCTS: (Spu, Sku),
    Table.SKUS: (Sku, Spu),
}


def field_label(name: str, table: Table = Table.GOODS) -> str:
    """The field's name as staff know it from the form."""
    match name:
        case "original_price":
            return _("original price")
        case "promotion_price":
            return _("promotion price")
        case "product_no" if table != Table.GOODS:
            return _("product number")
        case "skus":
            return _("SKUs")
    found = next(fields[name] for fields in map(_fields, RECORDS[table]) if name in fields)
    return str(found.verbose_name)


def _fields(record: type[Model]) -> dict[str, Any]:
    return {field.name: field for field in record._meta.fields}
