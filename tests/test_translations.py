"""Every text that staff may see has its Chinese, and the Chinese can take the text's place."""

import ast
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.processes import ROOT

PO = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MARKERS = {"gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
NOT_OURS_TO_TRANSLATE = {"migrations", "simulator"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_CHINESE = {
    "AppID", "AppSecret", "UUID", "goodsId", "auditId", "product_id", "sku_id", "template_id",
}  # fmt: skip
WORDS = re.compile(r"[A-Za-z]{2}")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return read_po(io.BytesIO(PO.read_bytes()), abort_invalid=True)


def test_every_text_of_the_python_files_is_in_the_catalog(catalog: Catalog) -> None:
    assert _missing(catalog, _python_texts()) == []


def test_every_text_of_the_templates_is_in_the_catalog(catalog: Catalog) -> None:
    assert _missing(catalog, _template_texts()) == []


def test_every_entry_has_its_chinese(catalog: Catalog) -> None:
    assert [entry.id for entry in _entries(catalog) if not all(_chinese(entry))] == []


def test_no_entry_is_a_guess_of_the_tools(catalog: Catalog) -> None:
    assert [entry.id for entry in _entries(catalog) if entry.fuzzy] == []


def test_the_chinese_has_the_same_placeholders(catalog: Catalog) -> None:
    differing = [
        (english, chinese)
        for entry in _entries(catalog)
        for english in _english(entry)
        for chinese in _chinese(entry)
        if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(chinese))
    ]
    assert differing == []


def test_the_chinese_is_chinese(catalog: Catalog) -> None:
    latin = {
        english
        for entry in _entries(catalog)
        for english in _english(entry)
        if WORDS.search(PLACEHOLDER.sub("", english))
        and not all(CHINESE.search(chinese) for chinese in _chinese(entry))
    }
    assert latin <= SAME_IN_CHINESE


def test_chinese_has_one_plural_form(catalog: Catalog) -> None:
    assert catalog.num_plurals == 1


# --- the catalog ----------------------------------------------------------------------------------


def _entries(catalog: Catalog) -> list[Message]:
    return [entry for entry in catalog if entry.id]


def _english(entry: Message) -> tuple[str, ...]:
    return entry.id if isinstance(entry.id, tuple) else (entry.id,)


def _chinese(entry: Message) -> tuple[str, ...]:
    return entry.string if isinstance(entry.string, tuple) else (entry.string,)


def _missing(catalog: Catalog, texts: Iterable[tuple[Path, str]]) -> list[str]:
    """``make messages`` adds them. It knows no aliases but ``_`` and does not look into f-strings."""
    found = set(texts)
    assert found
    return sorted(f"{path.relative_to(ROOT)}: {text}" for path, text in found if text not in catalog)


# --- the source -----------------------------------------------------------------------------------


def _python_texts() -> Iterator[tuple[Path, str]]:
    """By syntax tree: it shows every alias and sees into f-strings, unlike the extractors."""
    for app in ("shopadmin", "audits", "goods"):
        for path in (ROOT / app).rglob("*.py"):
            if NOT_OURS_TO_TRANSLATE.isdisjoint(path.parts):
                yield from ((path, text) for text in _marked(ast.parse(path.read_text(encoding="utf-8"))))


def _marked(tree: ast.Module) -> Iterator[str]:
    """The literals given to the functions of django.utils.translation, whatever they are called here."""
    names = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.name in MARKERS
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_]) if name in names:
                yield text


def _template_texts() -> Iterator[tuple[Path, str]]:
    for path in (ROOT / "templates").rglob("*.html"):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        # The template's own indentation would be a fault in Python.
        unindented = "\n".join(line.strip() for line in code.splitlines()).encode()
        for _line, found, _comments, _context in extract("python", io.BytesIO(unindented), DEFAULT_KEYWORDS):
            yield path, found[0] if isinstance(found, tuple) else found
