"""Rows of a file, numbered as a spreadsheet numbers them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice


@dataclass(frozen=True)
class Line:
    """One row that is not empty: its number, and its cells as they stand there."""

    number: int
    cells: list[str]

    def cell(self, index: int) -> str:
        return self.cells[index] if index < len(self.cells) else ""


def numbered(rows: Iterable[list[str]], most: int) -> list[Line]:
    """The first ``most`` rows that are not empty; the empty ones between them count for the numbers."""
    lines = (Line(number, cells) for number, cells in enumerate(rows, start=1))
    return list(islice((line for line in lines if any(cell.strip() for cell in line.cells)), most))
