"""Every address of the site, found by asking the site for them, and what somebody is answered there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.urls.resolvers import RegexPattern

FROM_ELSEWHERE = "198.51.100.7"
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
# What an answer changes; sessions, sign-ins and the cache are no business of the shop's.
WRITES = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(?!django_session|axes_|shared_cache)')
# Sent to every address: what its form may want to hear before it acts.
YES = {"post": "yes", "confirm": "1", "choice": ""}


@dataclass
class Call:
    """One request. ``name`` and ``method`` are its row in the table."""

    name: str
    method: str
    path: str
    data: dict[str, Any] = field(default_factory=dict)
    body: str = ""


@dataclass
class Pressed:
    """A button of a page: what it is called in the table, what it sends, and where else than usual."""

    label: str
    data: dict[str, Any]
    path: str = ""


class Site:
    """The addresses with rows that exist; ``rows`` has one of each model that has pages."""

    def __init__(self, rows: dict[type[Model], Any], special: dict[str, Any]) -> None:
        self.rows = rows
        self.special = special
        self.models = {f"{m._meta.app_label}/{m._meta.model_name}/": m for m in admin.site._registry}

    def calls(self, boss: Client, buttons: dict[str, list[Pressed]]) -> list[Call]:
        """GET and POST of each address, each bulk action, and what the pages' buttons send."""
        found: dict[tuple[str, str], Call] = {}
        for name, path in self.addresses():
            filled = form_of(boss, path) if name.endswith(("_change", "_add")) else {}
            posts = [Call(name, "POST", path, filled | YES)]
            posts += [
                Call(f"{name} {button.label}", "POST", button.path or path, filled | button.data)
                for button in buttons.get(name, [])
            ]
            for call in [Call(name, "GET", path), *posts, *self._actions(name, path)]:
                found.setdefault((call.name, call.method), call)
        return list(found.values())

    def _actions(self, name: str, path: str) -> Iterator[Call]:
        model = self._model(path)
        if model is None or not name.endswith("_changelist"):
            return
        owner = admin.site.get_model_admin(model)
        for _func, action, _text in owner._get_base_actions():
            data = {
                "action": action,
                "_selected_action": self._row(name, model).pk,
                "index": 0,
                "post": "yes",
            }
            yield Call(f"{name} action={action}", "POST", path, data)

    # --- addresses --------------------------------------------------------------------------------

    def addresses(self) -> Iterator[tuple[str, str]]:
        for prefix, space, pattern in walk(get_resolver()):
            route = str(pattern.pattern)
            name = f"{space}{pattern.name or '/' + prefix + route}"
            if isinstance(pattern.pattern, RegexPattern):
                yield from self._by_expression(name, prefix, pattern)
                continue
            model = self._model("/" + prefix + route)
            row = self._row(name, model)
            value = PARAMETER.sub(lambda match: self._value(match[1], row), prefix + route)  # noqa: B023
            yield name, "/" + value

    def _by_expression(self, name: str, prefix: str, pattern: URLPattern) -> Iterator[tuple[str, str]]:
        """Django's two: the page of an app, and whatever else there is."""
        if pattern.name == "app_list":
            for label in sorted({model._meta.app_label for model in self.rows}):
                yield f"{name} {label}", f"/{prefix}{label}/"
        else:
            yield name, f"/{prefix}nowhere/"

    def _model(self, path: str) -> type[Model] | None:
        for place, model in self.models.items():
            if path.startswith(f"/admin/{place}"):
                return model
        return None

    def _row(self, name: str, model: type[Model] | None) -> Any:
        return self.special.get(name) or (self.rows[model] if model else None)

    def _value(self, parameter: str, row: Any) -> str:
        if parameter in self.special:
            return str(self.special[parameter])
        return str(row.pk)


def walk(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern, prefix + str(pattern.pattern), inner)
        else:
            yield prefix, space, pattern


# --- What is answered ---


def answer_to(client: Client, call: Call) -> str:
    """In short: the status, where a redirect leads, and * if rows of the shop were written.

    Nothing stays: the next call finds everything as it was.
    """
    cookies = client.cookies.copy()
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        send = client.post if call.method == "POST" else client.get
        answer = send(call.path, call.data, REMOTE_ADDR=FROM_ELSEWHERE)
        call.body = (answer.getvalue() if answer.streaming else answer.content).decode(errors="replace")
        call.body += str(dict(answer.headers))
        transaction.set_rollback(True)
    client.cookies = cookies
    ContentType.objects.clear_cache()
    wrote = any(WRITES.search(query["sql"]) for query in queries.captured_queries)
    return f"{_said(answer)}{' *' if wrote else ''}"


def _said(answer: Any) -> str:
    if answer.status_code not in (301, 302):
        return str(answer.status_code)
    path = answer.url.split("?")[0]
    try:
        match = resolve(path)
        target = match.view_name if match.url_name else path
    except Resolver404:
        target = path
    return "login" if target == "admin:login" else f"302 {target}"


# --- Forms ---


class Form(HTMLParser):
    """What a browser would send if the page's own form were saved as it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        self._inside = False
        self._select = self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name = has.get("name") or ""
        if tag == "form":
            self._inside = (has.get("id") or "").endswith("_form") and has.get("id") != "language_form"
        if not self._inside:
            return
        if tag == "input" and name and not self._left_out(has):
            self.fields.setdefault(name, []).append(has.get("value") or "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in has and self._select:
            self.fields.setdefault(self._select, []).append(has.get("value") or "")
        elif tag == "textarea":
            self._text = name
            self.fields[name] = [""]

    def _left_out(self, has: dict[str, str | None]) -> bool:
        kind = has.get("type") or "text"
        return kind in ("submit", "button", "file") or (
            kind in ("checkbox", "radio") and "checked" not in has
        )

    def handle_data(self, data: str) -> None:
        if self._text:
            self.fields[self._text][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""
        elif tag == "form":
            self._inside = False


def form_of(boss: Client, path: str) -> dict[str, Any]:
    page = boss.get(path)
    parser = Form()
    if page.status_code == 200:
        parser.feed(page.content.decode())
    return parser.fields
