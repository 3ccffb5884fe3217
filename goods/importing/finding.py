"""What became clear about one row of a table when it was compared with its record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from goods.importing.columns import Columns
from goods.importing.sheet import Sheet
from goods.models.import_run import RowKind, Table

# A price that grows or shrinks so much is often fen typed as yuan.
JUMP = 10

Problems = list[tuple[str, str]]


@dataclass
class Finding:
    """One row: its record with the new values set, but not saved; what changes; what is wrong with it."""

    row: int
    number: str
    name: str
    kind: RowKind
    table: Table = Table.GOODS
    sku_no: str = ""
    record: Any = None
    # field -> (old, new)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    version: str = ""
    problems: Problems = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    # It is or becomes a product without a picture.
    without_cover: bool = False

    @property
    def flagged(self) -> bool:
        """It is or becomes a draft that breaks WeChat's rules."""
        return self.kind != RowKind.ERROR and bool(self.problems)

    def refuse(self, problems: Problems) -> None:
        self.kind, self.problems, self.record, self.warnings = RowKind.ERROR, problems, None, []
        self.without_cover = False


@dataclass(frozen=True)
class SheetTable:
    """One table of an upload, and from which file it is."""

    table: Table
    filename: str
    sheet: Sheet
    columns: Columns

    @property
    def strict(self) -> bool:
        """In a CSV file, text below no heading comes from a comma too many; in Excel it is a remark."""
        return self.sheet.suffix == ".csv"


class Work(Protocol):
    """An upload that a worker has opened: what belongs to one kind of record.

    A part is some of its rows, which are compared together; every row has one finding, always in one order.
    """

    @property
    def tables(self) -> Sequence[SheetTable]: ...

    # How many rows there are, and the headings of columns that are not imported.
    count: int
    ignored: list[str]

    def parts(self, start: int, most: int) -> Iterator[Any]:
        """Parts of about ``most`` rows, without the first ``start`` rows."""

    def look_at_pictures(self, part: Any) -> None:
        """Large pictures take a while: not in the transaction of the rows."""

    def check(self, part: Any) -> list[Finding]:
        """Must run in a transaction. The number of queries is the same for any rows. Nothing is stored."""


def jumps(change: tuple[Decimal | None, Decimal | None]) -> bool:
    """A price becomes many times what it was, or a small part of it."""
    old, new = change
    return bool(old and new) and max(old, new) >= JUMP * min(old, new)  # type: ignore[type-var,operator]


def changed_values(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """field -> (old, new) of what is different. Cells are read without spaces around them."""
    return {name: (before[name], new) for name, new in values.items() if _stripped(before[name]) != new}


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
