"""What each row of a file would do to its record: nothing is stored here."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _

from audits.models import Push
from goods.importing.columns import Columns
from goods.importing.covers import Covers
from goods.importing.errors import CellError
from goods.importing.lines import Line
from goods.importing.rows import Wanted, read_number, read_row
from goods.live import wire
from goods.live.choices import AuditStatus
from goods.models import LiveGoods
from goods.models.import_run import RowKind
from goods.models.live_goods import LOCAL_FIELDS
from shopadmin.wechat.models import Account

NOT_VALIDATED = {field.name for field in LiveGoods._meta.get_fields()} - LOCAL_FIELDS | {"cover"}

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
    record: LiveGoods | None = None
    wanted: Wanted = field(default_factory=Wanted)
    # field -> (old, new)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    version: str = ""
    problems: Problems = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def flagged(self) -> bool:
        """It is or becomes a draft that breaks WeChat's rules."""
        return self.kind != RowKind.ERROR and bool(self.problems)

    @property
    def without_cover(self) -> bool:
        goods = self.record
        return goods is not None and not (goods.cover or self.wanted.cover or goods.at_wechat)

    def refuse(self, problems: Problems) -> None:
        self.kind, self.problems, self.record, self.warnings = RowKind.ERROR, problems, None, []


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

    def check(self, lines: Sequence[Line]) -> list[Finding]:
        """Look at some rows. Must run in a transaction. The number of queries is the same for any rows."""
        rows = [(line, self.columns.cells(line)) for line in lines]
        numbers = (cells["product_no"] for _line, cells in rows if "product_no" in cells)
        self.records = locked_records(self.account, numbers)
        self.busy = busy_records(self.records.values())
        return [self._check_row(line, cells) for line, cells in rows]

    def _check_row(self, line: Line, cells: dict[str, str]) -> Finding:
        number = cells.get("product_no", "")
        known = self.records.get(number)
        name = cells.get("name") or (known.name if known else "")
        found = Finding(line.number, number, name, RowKind.ERROR)
        try:
            self._compare(found, cells, self._find(line, cells))
        except CellError as error:
            found.refuse([(error.field, error.text)])
        return found

    def _find(self, line: Line, cells: dict[str, str]) -> LiveGoods | None:
        if self.strict and (stray := self.columns.stray(line)):
            raise CellError(
                "",
                _(
                    "“%(text)s” stands below no heading. If a comma divided a text, put the text in "
                    "quotation marks; otherwise give the column a heading."
                )
                % {"text": stray[:40]},
            )
        number = read_number(cells)
        first = self.first_rows.setdefault(number, line.number)
        if first != line.number:
            raise CellError(
                "product_no",
                _(
                    "Row %(row)s has the same product number. "
                    "Change the number, or remove one of the two rows."
                )
                % {"row": first},
            )
        return self.records.get(number)

    def _compare(self, found: Finding, cells: dict[str, str], goods: LiveGoods | None) -> None:
        found.wanted = wanted = read_row(cells, goods, self.covers, self.url_template)
        record = goods or LiveGoods(account=self.account, product_no=cells["product_no"])
        found.version = version(goods) if goods else ""
        before = {name: getattr(record, name) for name in LOCAL_FIELDS} if goods else {}
        changed = wanted.apply_to(record)
        broken = [pair for pair in broken_rules(record) if pair[0] not in wanted.unread()]
        if wanted.problems:
            return found.refuse(wanted.problems + broken)
        found.record, found.problems = record, broken
        if goods and not changed:
            found.kind = RowKind.UNCHANGED
            return None
        if reason := closed(record, self.busy):
            return found.refuse([("", reason)])
        if invalid := invalid_fields(record):
            named = {name for name, _text in broken}
            return found.refuse([pair for pair in invalid if pair[0] not in named] + broken)
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
    if any(_jumps(*changes[name]) for name in ("price", "price2") if name in changes):
        texts.append(_("The price changes ten times or more. Prices are in yuan, not in fen."))
    return texts


def _jumps(old: Decimal | None, new: Decimal | None) -> bool:
    return bool(old and new) and max(old, new) >= JUMP * min(old, new)  # type: ignore[type-var,operator]


# --- records, also for storing --------------------------------------------------------------------


def locked_records(account: Account, numbers: Iterable[str]) -> dict[str, LiveGoods]:
    """The records of these product numbers, by number. Must run in a transaction."""
    found = LiveGoods.objects.filter(account=account, product_no__in=set(numbers)).order_by("pk")
    return {goods.product_no: goods for goods in found.select_for_update()}


def busy_records(records: Iterable[LiveGoods]) -> set[int]:
    """Which of them are being sent."""
    pushes = Push.objects.open().filter(
        target_type=ContentType.objects.get_for_model(LiveGoods),
        target_id__in=[goods.pk for goods in records],
    )
    return set(pushes.values_list("target_id", flat=True))


def closed(goods: LiveGoods, busy: set[int]) -> str:
    """Why the record takes no changes now; empty if it does."""
    if goods.console_made:
        return _("It was made in WeChat's live console; only the console can change it.")
    if goods.pk in busy:
        return _("It is being sent to WeChat. Wait until that is done, then import this row again.")
    return ""


def version(goods: LiveGoods) -> str:
    """The same as long as nobody has changed what staff edit, and it has not come to WeChat or left it."""
    values = [str(getattr(goods, name)) for name in (*sorted(LOCAL_FIELDS), "goods_id", "audit_status")]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def broken_rules(goods: LiveGoods) -> Problems:
    """WeChat's rules that it breaks; a missing picture is told apart, since such files rarely bring any."""
    return [(name, text) for name, texts in goods.problems().items() if name != "cover" for text in texts]


def invalid_fields(goods: LiveGoods) -> Problems:
    """What the database cannot take, and what the record does not allow in its present state."""
    errors: dict[str, list[ValidationError]] = {}
    checks: list[Callable[[], None]] = [partial(goods.clean_fields, exclude=NOT_VALIDATED), goods.clean]
    for check in checks:
        try:
            check()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
    texts = ((name, text) for name, found in errors.items() for error in found for text in error.messages)
    return [("" if name == NON_FIELD_ERRORS else name, text) for name, text in texts]
