"""Rows of a file, numbered as a spreadsheet numbers them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from goods.importing.errors import ImportFileError


@dataclass(frozen=True)
class Line:
    """One row that is not empty: its number, and its cells as they stand there."""

    number: int
    cells: list[str]

    def cell(self, index: int) -> str:
        return self.cells[index] if index < len(self.cells) else ""


# Empty ones included: sheets of a million rows that hold nothing do exist.
ROWS_SCANNED = 100_000


def numbered(rows: Iterable[list[str]], most: int) -> list[Line]:
    """The first ``most`` rows that are not empty; the empty ones between them count for the numbers."""
    lines = (Line(number, cells) for number, cells in enumerate(_bounded(rows), start=1))
    return list(islice((line for line in lines if any(cell.strip() for cell in line.cells)), most))


def _bounded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    for number, cells in enumerate(rows, start=1):
        if number > ROWS_SCANNED:
            raise ImportFileError(
                _(
                    "The table has more than %(most)s rows, most of them empty. Copy the rows that you need "
                    "into a new file."
                )
                % {"most": ROWS_SCANNED}
            )
        yield cells
