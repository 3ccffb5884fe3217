"""Files as merchants send them, and a short way to import them."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from openpyxl import Workbook

from goods.importing import Report, default_fix_file, import_file
from goods.importing.sheet import write_sheet

CATALOGUE = Path(__file__).parents[3] / "goods" / "demo" / "catalog_products.csv"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files with the rows to correct go to the folder that somebody works in: here to the test's own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """The sample catalogue: 22 products, most of them with names that are too long."""
    return Path(shutil.copy(CATALOGUE, tmp_path))


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    def make(text: str, name: str = "list.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return make


@pytest.fixture
def xlsx_file(tmp_path: Path) -> Callable[..., Path]:
    """A workbook with these rows in its first sheet; values keep their type."""

    def make(rows: list[list[Any]], name: str = "list.xlsx") -> Path:
        book = Workbook()
        for row in rows:
            book.active.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return make


@pytest.fixture
def load(account: Any) -> Callable[..., Report]:
    """Import a file as the command does."""

    def do(path: Path, **options: Any) -> Report:
        return import_file(path, account, **({"fix_file": default_fix_file(path)} | options))

    return do


@pytest.fixture
def load_rows(tmp_path: Path, load: Callable[..., Report]) -> Callable[..., Report]:
    """Import rows of text, the first of them the headings."""

    def do(*rows: list[str], **options: Any) -> Report:
        path = tmp_path / "rows.csv"
        path.write_bytes(write_sheet(".csv", rows[0], rows[1:]))
        return load(path, **options)

    return do


def texts(report: Report) -> list[tuple[int, str, str]]:
    """Every problem without the product's number and name."""
    return [(problem.row, problem.field, problem.text) for problem in report.problems]
