"""What each row of a table would do to its live goods: nothing is stored here."""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from goods.importing.columns import Columns
from goods.importing.covers import Covers
from goods.importing.errors import CellError
from goods.importing.finding import Finding, Problems, jumps
from goods.importing.lines import Line
from goods.importing.records import being_sent, busy_records, fingerprint, invalid
from goods.importing.rows import Wanted, read_number, read_row, refuse_stray, same_number
from goods.live import wire
from goods.live.choices import AuditStatus
from goods.models import LiveGoods
from goods.models.import_run import RowKind
from goods.models.live_goods import LOCAL_FIELDS
from shopadmin.wechat.models import Account

NOT_VALIDATED = {field.name for field in LiveGoods._meta.get_fields()} - LOCAL_FIELDS | {"cover"}


@dataclass
class GoodsFinding(Finding):
    """A row of live goods."""

    wanted: Wanted = field(default_factory=Wanted)


class Checker:
    """Compares the rows of one file with the records of one account.

    ``covers`` are the pictures that came with it; without them the column for pictures counts for nothing.
    """

    def __init__(
        self, account: Account, columns: Columns, *, covers: Covers | None, url_template: str, strict: bool
    ) -> None:
        self.account = account
        self.columns = columns
        self.covers = covers
        self.url_template = url_template
        # In a CSV file, text below no heading comes from a comma too many; in Excel it is a remark.
        self.strict = strict
        self.first_rows: dict[str, int] = {}
        self.records: dict[str, LiveGoods] = {}
        self.busy: set[int] = set()

    def skip(self, lines: Sequence[Line]) -> None:
        """These rows were looked at before: only their numbers count, for the rows that repeat them."""
        for line in lines:
            with contextlib.suppress(CellError):
                self._find(line, self.columns.cells(line))

    def look_at_pictures(self, lines: Sequence[Line]) -> None:
        """Large pictures take a while: not in the transaction of the rows."""
        if self.covers is None:
            return
        for line in lines:
            cells = self.columns.cells(line)
            with contextlib.suppress(CellError):
                self.covers.wanted(cells.get("cover", ""), cells.get("product_no", ""), None)

    def check(self, lines: Sequence[Line]) -> list[GoodsFinding]:
        """Look at some rows. Must run in a transaction. The number of queries is the same for any rows."""
        rows = [(line, self.columns.cells(line)) for line in lines]
        numbers = (cells["product_no"] for _line, cells in rows if "product_no" in cells)
        self.records = locked_records(self.account, numbers)
        self.busy = busy_records(LiveGoods, self.records.values())
        return [self._check_row(line, cells) for line, cells in rows]

    def _check_row(self, line: Line, cells: dict[str, str]) -> GoodsFinding:
        number = cells.get("product_no", "")
        known = self.records.get(number)
        name = cells.get("name") or (known.name if known else "")
        found = GoodsFinding(line.number, number, name, RowKind.ERROR)
        try:
            self._compare(found, cells, self._find(line, cells))
        except CellError as error:
            found.refuse([(error.field, error.text)])
        return found

    def _find(self, line: Line, cells: dict[str, str]) -> LiveGoods | None:
        if self.strict:
            refuse_stray(self.columns, line)
        number = read_number(cells)
        first = self.first_rows.setdefault(number, line.number)
        if first != line.number:
            raise same_number(first)
        return self.records.get(number)

    def _compare(self, found: GoodsFinding, cells: dict[str, str], goods: LiveGoods | None) -> None:
        found.wanted = wanted = read_row(cells, goods, self.covers, self.url_template)
        record = goods or LiveGoods(account=self.account, product_no=cells["product_no"])
        found.version = version(goods) if goods else ""
        before = {name: getattr(record, name) for name in LOCAL_FIELDS} if goods else {}
        changed = wanted.apply_to(record)
        broken = [pair for pair in broken_rules(record) if pair[0] not in wanted.unread()]
        if wanted.problems:
            return found.refuse(wanted.problems + broken)
        found.record, found.problems = record, broken
        found.without_cover = not (record.cover or wanted.cover or record.at_wechat)
        if goods and not changed:
            found.kind = RowKind.UNCHANGED
            return None
        if reason := closed(record, self.busy):
            return found.refuse([("", reason)])
        if unfit := invalid_fields(record):
            named = {name for name, _text in broken}
            return found.refuse([pair for pair in unfit if pair[0] not in named] + broken)
        found.kind = RowKind.CHANGE if goods else RowKind.CREATE
        found.changes = {name: (before.get(name), _new(record, wanted, name)) for name in changed}
        if goods:
            found.warnings = _warnings(record, found.changes)
        return None


def _new(record: LiveGoods, wanted: Wanted, name: str) -> Any:
    return wanted.cover.source if name == "cover" and wanted.cover else getattr(record, name)


def _warnings(goods: LiveGoods, changes: dict[str, tuple[Any, Any]]) -> list[str]:
    texts = []
    fixed = goods.at_wechat and not goods.missing_since and goods.audit_status == AuditStatus.APPROVED
    if fixed and set(changes) - set(wire.PRICES):
        texts.append(
            _(
                "It is approved: WeChat lets only prices change. The rest is stored here, and WeChat will "
                "not take it."
            )
        )
    if any(jumps(changes[name]) for name in ("price", "price2") if name in changes):
        texts.append(_("The price changes ten times or more. Prices are in yuan, not in fen."))
    return texts


# --- records, also for storing --------------------------------------------------------------------


def locked_records(account: Account, numbers: Iterable[str]) -> dict[str, LiveGoods]:
    """The records of these product numbers, by number. Must run in a transaction."""
    found = LiveGoods.objects.filter(account=account, product_no__in=set(numbers)).order_by("pk")
    return {goods.product_no: goods for goods in found.select_for_update()}


def closed(goods: LiveGoods, busy: set[int]) -> str:
    """Why the record takes no changes now; empty if it does."""
    if goods.console_made:
        return _("It was made in WeChat's live console; only the console can change it.")
    return being_sent(goods, busy)


def version(goods: LiveGoods) -> str:
    """The same as long as nobody has changed what staff edit, and it has not come to WeChat or left it."""
    return fingerprint(goods, (*sorted(LOCAL_FIELDS), "goods_id", "audit_status"))


def broken_rules(goods: LiveGoods) -> Problems:
    """WeChat's rules that it breaks; a missing picture is told apart, since such files rarely bring any."""
    return [(name, text) for name, texts in goods.problems().items() if name != "cover" for text in texts]


def invalid_fields(goods: LiveGoods) -> Problems:
    """What the database cannot take, and what the record does not allow in its present state."""
    return invalid(goods, NOT_VALIDATED)
