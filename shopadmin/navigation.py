"""The menu: what there is to do, in the order in which it is done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audits.states import PushStatus

GROUPS: Mapping[str, str | Promise] = {
    "products": _("Products"),
    "import": _("Import"),
    "sending": _("Sending"),
    "wechat": _("WeChat"),
    "people": _("People"),
    "more": _("More"),
}

# Where the models of an app stand; single models may stand elsewhere.
HOMES = {
    "goods": "products",
    "audits": "sending",
    "wechat": "wechat",
    "people": "people",
    "auth": "people",
    "axes": "people",
    "admin": "people",
    "audits.quota": "wechat",
    "audits.attempt": "wechat",
    "audits.notice": "wechat",
}

# What comes first within its group; the rest follows as it was registered.
FIRST = (
    "goods.livegoods",
    "goods.spu",
    "goods.sku",
    "goods.freighttemplate",
    "goods.windowproduct",
    "audits.batch",
    "audits.push",
    "wechat.account",
    "audits.quota",
    "auth.user",
    "auth.group",
)


@dataclass(frozen=True)
class Page:
    """An entry that is not simply the list of a model. It stands after this model's list."""

    title: str | Promise
    after: str
    view: str
    permissions: tuple[str, ...]
    query: str = ""

    def url(self, request: HttpRequest) -> str:
        """Its address for those who may open it, and if there is such a page; else ""."""
        if not any(request.user.has_perm(name) for name in self.permissions):
            return ""
        try:
            return reverse(self.view) + self.query
        except NoReverseMatch:
            return ""


PAGES = (
    Page(_("Approvals"), "audits.batch", "admin:audits_batch_approvals", ("audits.approve_batch",)),
    Page(
        PushStatus.NEEDS_PERSON.label,
        "audits.push",
        "admin:audits_push_changelist",
        ("audits.view_push",),
        f"?status__exact={PushStatus.NEEDS_PERSON.value}",
    ),
)


def menu(request: HttpRequest, apps: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups with something in them for this person, in the shape of Django's list of apps."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
    for app in apps:
        for entry in app["models"]:
            label = entry["model"]._meta.label_lower
            found[_group(label)] += [
                {**each, "place": place(label)} for each in (entry, *_pages_after(request, label))
            ]
    for entries in found.values():
        entries.sort(key=itemgetter("place"))
    _mark_current(request, [entry for entries in found.values() for entry in entries])
    return [
        {
            "name": GROUPS[name],
            "app_label": name,
            "app_url": entries[0]["admin_url"],
            "has_module_perms": True,
            "models": entries,
        }
        for name, entries in found.items()
        if entries
    ]


def place(label: str) -> int:
    """Where a model stands among the others of its group."""
    return FIRST.index(label) if label in FIRST else len(FIRST)


def _group(label: str) -> str:
    app, model = label.split(".")
    if model.startswith("import"):
        return "import"
    return HOMES.get(label) or HOMES.get(app, "more")


def _pages_after(request: HttpRequest, label: str) -> list[dict[str, Any]]:
    return [
        {"name": page.title, "object_name": page.view, "admin_url": url, "add_url": None, "view_only": True}
        for page in PAGES
        if page.after == label and (url := page.url(request))
    ]


def _mark_current(request: HttpRequest, entries: list[dict[str, Any]]) -> None:
    """The entry whose address the present one continues; of several the longest."""
    here = request.get_full_path()
    fitting = [entry for entry in entries if entry["admin_url"] and here.startswith(entry["admin_url"])]
    if fitting:
        max(fitting, key=lambda entry: len(entry["admin_url"]))["current"] = True
