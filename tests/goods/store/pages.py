"""What a browser sends of a product's page: everything that is in its form, changed where a test says so."""

from html.parser import HTMLParser
from typing import Any

from django.http import QueryDict
from django.test import Client

from goods.models import Spu
from tests.people import form_of, text

ADD = "/admin/goods/spu/add/"


class _Form(HTMLParser):
    """The successful controls of the product's form, as HTML says which those are."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self._inside = False
        self._unused = 0
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None
        self._typed = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name")
        if tag == "form":
            self._inside = found.get("id") == "spu_form"
        elif tag == "template":
            self._unused += 1
        elif tag == "option":
            self._options.append((found.get("value") or "", "selected" in found))
        elif self._inside and not self._unused and name and "disabled" not in found:
            self._control(tag, name, found)

    def _control(self, tag: str, name: str, found: dict[str, str | None]) -> None:
        if tag == "select":
            self._select, self._options = name, []
        elif tag == "textarea":
            self._area, self._typed = name, ""
        elif tag == "input":
            kind = found.get("type", "text")
            ticked = kind not in ("checkbox", "radio") or "checked" in found
            if kind not in ("submit", "file") and ticked:
                self.sent.append((name, found.get("value") or ("on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        self._typed += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "template":
            self._unused -= 1
        elif tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected] or [self._options[0][0]]
            self.sent += [(self._select, value) for value in chosen]
            self._select = None
        elif tag == "textarea" and self._area:
            self.sent.append((self._area, self._typed.removeprefix("\n")))
            self._area = None


def controls(page: Any) -> QueryDict:
    """What the browser would send of this page if nobody touched it."""
    form = _Form()
    form.feed(text(page))
    data = QueryDict(mutable=True)
    for name, value in form.sent:
        data.appendlist(name, value)
    return data


def send(client: Client, url: str, data: QueryDict, button: str = "_save=1", **changes: Any) -> Any:
    """Change some controls, and press a button. A list is several controls of one name."""
    data = data.copy()
    files = {}
    for name, value in changes.items():
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            data.setlist(name, value)
        elif isinstance(value, str):
            data[name] = value
        else:
            files[name] = value
    pressed, _, value = button.partition("=")
    sent: dict[str, Any] = {**dict(data.lists()), pressed: value, **files}
    return client.post(url, sent)


def opened(client: Client, spu: Spu) -> QueryDict:
    return controls(client.get(form_of(spu)))


def save(client: Client, spu: Spu, data: QueryDict, **changes: Any) -> Any:
    page = send(client, form_of(spu), data, **changes)
    spu.refresh_from_db()
    spu.forget_skus()
    return page


def errors(page: Any) -> dict[str, list[str]]:
    return dict(page.context["adminform"].form.errors) if page.context else {}


def grid_errors(page: Any) -> dict[str, list[str]]:
    """What is told at the cells of the table, by the name of the cell's row and column."""
    grid = page.context["adminform"].form.grid
    return {f"{row.key}-{name}": texts for row in grid.rows for name, texts in row.errors.items()}
