"""The rows of one product: its own, and those of its SKUs, which stand in another table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from goods.importing.finding import SheetTable
from goods.importing.lines import Line
from goods.models.import_run import Table


@dataclass
class Row:
    """One line of a table with its cells by field."""

    table: SheetTable
    line: Line

    @property
    def cells(self) -> dict[str, str]:
        return self.table.columns.cells(self.line)

    @property
    def attrs(self) -> list[list[str]]:
        """Attributes that have columns of their own."""
        columns = self.table.columns.attributes
        found = ([name, self.line.cell(place).strip()] for name, place in columns.items())
        return [pair for pair in found if pair[1]]


@dataclass
class Group:
    """Of several rows with one product number the first counts."""

    number: str
    products: list[Row] = field(default_factory=list)
    skus: list[Row] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.products) + len(self.skus)


def grouped(tables: Sequence[SheetTable]) -> list[Group]:
    """In the order in which the products come; rows without a number are each by itself."""
    found: dict[str, Group] = {}
    nameless: list[Group] = []
    for table in tables:
        place = table.columns.places["product_no"]
        for line in table.sheet.lines:
            number = line.cell(place).strip()
            group = found.setdefault(number, Group(number)) if number else Group("")
            if not number:
                nameless.append(group)
            rows = group.products if table.table == Table.PRODUCTS else group.skus
            rows.append(Row(table, line))
    return [*found.values(), *nameless]


def first_rows(groups: Iterable[Group]) -> Mapping[str, int]:
    """The row in which each SKU number stands first."""
    found: dict[str, int] = {}
    for row in (row for group in groups for row in group.skus):
        code = row.line.cell(row.table.columns.places["sku_code"]).strip()
        found[code] = min(row.line.number, found.get(code, row.line.number))
    return found
