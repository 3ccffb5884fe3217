"""An import in the words of shop staff: where it stands, and what each of its rows does."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audits.admin.words import pill
from audits.operations import Text
from goods.admin.import_store_words import Change, StoreWords
from goods.importing.report import field_label
from goods.live.plans import show
from goods.models import ImportRow, ImportRun
from goods.models.import_run import ImportStatus, RowKind, Table
from goods.models.live_goods import show_price

ROWS_SHOWN = 100
PRICES = {"price_type", "price", "price2"}

LOOKS = {
    ImportStatus.UPLOADED: "busy",
    ImportStatus.CHECKING: "busy",
    ImportStatus.CHECKED: "wait",
    ImportStatus.STORING: "busy",
    ImportStatus.DONE: "good",
    ImportStatus.FAILED: "bad",
}
ROW_LOOKS = {
    RowKind.CREATE: "good",
    RowKind.CHANGE: "busy",
    RowKind.UNCHANGED: "off",
    RowKind.ERROR: "bad",
}


def status_pill(run: ImportRun) -> SafeString:
    return pill(LOOKS[ImportStatus(run.status)], run.get_status_display())


# --- how far it is ----------------------------------------------------------------------------------


def progress(run: ImportRun) -> dict[str, Any]:
    """What the page shows while a worker is at it; without ``most`` nobody knows how long it takes."""
    if run.status == ImportStatus.STORING:
        done, most = run.stored + run.left_out, run.to_store
        text = _("Storing: %(done)s of %(most)s")
    else:
        done, most = run.position, run.rows
        text = _("Checking: %(done)s of %(most)s rows") if most else _("The file is being read…")
    if run.lease_until is None:
        text = _("Waiting for the background service…")
    return {"working": run.at_work, "text": text % {"done": done, "most": most}, "done": done, "most": most}


def result(run: ImportRun) -> str:
    """What became of it, in one sentence."""
    if run.of_store:
        text = ngettext("%(count)s row was stored.", "%(count)s rows were stored.", run.stored)
    else:
        text = ngettext("%(count)s product was stored.", "%(count)s products were stored.", run.stored)
    texts = [text % {"count": run.stored}]
    if run.left_out:
        text = ngettext(
            "%(count)s was left out, because it changed after the check.",
            "%(count)s were left out, because they changed after the check.",
            run.left_out,
        )
        texts.append(text % {"count": run.left_out})
    return " ".join(texts)


# --- its rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Rows that one link of the page shows."""

    name: str
    label: Text
    count: int
    look: str


BARE_GOODS = ~Q(changes__has_key="cover") & (Q(record=None) | Q(record__cover="", record__goods_id=""))
BARE_PRODUCTS = ~Q(changes__has_key="head_imgs") & (Q(spu=None) | Q(spu__head_imgs=[]))

GROUPS: dict[str, Q] = {
    **{kind.value: Q(kind=kind) for kind in RowKind},
    "fix": Q(flagged=True),
    "warned": Q(warned=True),
    "left": ~Q(left_out=""),
    "bare": ~Q(kind=RowKind.ERROR)
    & (Q(table=Table.GOODS) & BARE_GOODS | Q(table=Table.PRODUCTS) & BARE_PRODUCTS),
}


def groups(run: ImportRun) -> list[Group]:
    """The counts of a run, each a group of rows; what there is none of is left out."""
    found = [
        Group("", gettext_lazy("all rows"), run.rows, "off"),
        Group("create", RowKind.CREATE.label, run.creates, "good"),
        Group("change", RowKind.CHANGE.label, run.changes, "busy"),
        Group("unchanged", RowKind.UNCHANGED.label, run.unchanged, "off"),
        Group("error", RowKind.ERROR.label, run.errors, "bad"),
        Group("fix", gettext_lazy("imported, to be corrected"), run.to_fix, "wait"),
        Group("warned", gettext_lazy("with a warning"), run.warned, "doubt"),
        Group("left", gettext_lazy("left out"), run.left_out, "doubt"),
        Group("bare", gettext_lazy("without a picture"), run.without_cover, "wait"),
    ]
    return [group for group in found if group.count or not group.name]


@dataclass(frozen=True)
class ShownRow:
    row: ImportRow
    kind: SafeString
    changes: list[Change]
    problems: list[str]
    # The page of its product, for who may see it.
    link: str = ""


def shown_rows(
    run: ImportRun, group: str, page: str, user: AbstractBaseUser | AnonymousUser
) -> tuple[Page[ImportRow], list[ShownRow]]:
    rows: QuerySet[ImportRow] = run.found.filter(GROUPS.get(group, Q()))
    found = Paginator(rows.order_by("position"), ROWS_SHOWN).get_page(page)
    if run.of_store:
        words = StoreWords(run.account, found)
        linked = user.has_perm("goods.view_spu")  # type: ignore[union-attr]
        return found, [_shown(row, words.changes(row), linked=linked) for row in found]
    linked = user.has_perm("goods.view_livegoods")  # type: ignore[union-attr]
    return found, [_shown(row, _goods_changes(row), linked=linked) for row in found]


def _shown(row: ImportRow, changes: list[Change], *, linked: bool) -> ShownRow:
    kind, table = RowKind(row.kind), Table(row.table)
    problems = [
        _("%(field)s: %(text)s") % {"field": field_label(field, table), "text": text} if field else text
        for field, text in row.problems
    ]
    label = pill("doubt", _("left out")) if row.left_out else pill(ROW_LOOKS[kind], kind.label)
    return ShownRow(row, label, changes, problems, _link(row) if linked else "")


def _link(row: ImportRow) -> str:
    if row.table == Table.GOODS:
        return reverse("admin:goods_livegoods_change", args=[row.record_id]) if row.record_id else ""
    return reverse("admin:goods_spu_change", args=[row.spu_id]) if row.spu_id else ""


def _goods_changes(row: ImportRow) -> list[Change]:
    return _values(row.changes) if row.kind == RowKind.CREATE else _changes(row.changes)


def _changes(changes: dict[str, Any]) -> list[Change]:
    """The old picture has a name that nobody knows."""
    return [
        (field_label(name), "" if name == "cover" else show(name, old), show(name, new))
        for name, (old, new) in changes.items()
    ]


def _values(changes: dict[str, Any]) -> list[Change]:
    """What a new product will be, briefly: its name stands beside it, and its price as buyers see it."""
    values = {name: new for name, (_old, new) in changes.items() if new not in (None, "")}
    lines: list[Change] = []
    if PRICES & set(values):
        price, original = show_price(*(values.get(name) for name in ("price_type", "price", "price2")))
        lines.append((_("price"), original, price))
    others = (name for name in values if name not in PRICES and name != "name")
    return lines + [(field_label(name), "", show(name, values[name])) for name in others]
