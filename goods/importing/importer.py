"""A file into records: create or update by product number, in chunks that are stored whole or not at all."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audits.models import Push
from goods.importing.columns import Columns, match_columns
from goods.importing.errors import CellError, ImportFileError
from goods.importing.fix_file import check_fix_file, write_fix_file
from goods.importing.lines import Line
from goods.importing.report import Report, RowProblem
from goods.importing.rows import URL_TEMPLATE, Wanted, read_number, read_row
from goods.importing.sheet import read_sheet
from goods.models import LiveGoods
from goods.models.live_goods import LOCAL_FIELDS
from shopadmin.wechat.models import Account

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

CHUNK = 200
NOT_VALIDATED = {field.name for field in LiveGoods._meta.get_fields()} - LOCAL_FIELDS | {"cover"}

Problems = list[tuple[str, str]]


def import_file(
    path: str | Path,
    account: Account,
    user: "AbstractUser | None" = None,
    *,
    url_template: str = URL_TEMPLATE,
    fix_file: Path | None = None,
    dry_run: bool = False,
) -> Report:
    """Import a CSV or XLSX file; ImportFileError if it cannot be read, and then nothing is stored.

    ``fix_file`` is where the rows to correct are written, if there are any. ``user`` is named in the
    history of the records.
    """
    path = Path(path)
    if "{product_no}" not in url_template:
        raise ImportFileError(_("The template of the page path has to contain {product_no}."))
    sheet = read_sheet(path)
    columns = match_columns(sheet)
    if fix_file:
        check_fix_file(fix_file, sheet)
    report = Report(rows=len(sheet.lines), ignored_columns=columns.ignored, dry_run=dry_run)
    strict = sheet.suffix == ".csv"
    job = Importer(path, account, columns, report, user=user, url_template=url_template, strict=strict)
    for start in range(0, len(sheet.lines), CHUNK):
        with transaction.atomic():
            job.take(sheet.lines[start : start + CHUNK])
    if fix_file and report.problems and not dry_run:
        try:
            report.fix_file = write_fix_file(fix_file, sheet, columns, report.problems)
        except OSError as error:
            report.fix_file_error = _(
                "The file for the rows to correct cannot be written: %(reason)s. "
                "Import again with another place for it."
            ) % {"reason": error.strerror}
    return report


class Importer:
    """The rows of one file on their way into the records of one account."""

    def __init__(
        self,
        path: Path,
        account: Account,
        columns: Columns,
        report: Report,
        *,
        user: "AbstractUser | None",
        url_template: str,
        strict: bool,
    ) -> None:
        self.path = path
        self.account = account
        self.columns = columns
        self.report = report
        self.user = user
        self.url_template = url_template
        # In a CSV file, text below no heading comes from a comma too many; in Excel it is a remark.
        self.strict = strict
        self.first_rows: dict[str, int] = {}
        self.records: dict[str, LiveGoods] = {}
        self.busy: set[int] = set()
        self.saved: dict[int, list[LiveGoods]] = {}

    def take(self, lines: Sequence[Line]) -> None:
        """Import some rows. Must run in a transaction. Unchanged rows cause no queries of their own."""
        self.saved = {ADDITION: [], CHANGE: []}
        self._load({cells["product_no"] for cells in map(self.columns.cells, lines) if "product_no" in cells})
        for line in lines:
            cells = self.columns.cells(line)
            try:
                goods = self._find(line, cells)
                self._take_row(line.number, cells, goods)
            except CellError as error:
                self._reject(line.number, cells, [(error.field, error.text)])
        self._log()

    def _load(self, numbers: set[str]) -> None:
        """The records of these product numbers, and which of them are being sent."""
        found = LiveGoods.objects.filter(account=self.account, product_no__in=numbers).order_by("pk")
        self.records = {goods.product_no: goods for goods in found.select_for_update()}
        open_pushes = Push.objects.open().filter(
            target_type=ContentType.objects.get_for_model(LiveGoods),
            target_id__in=[goods.pk for goods in self.records.values()],
        )
        self.busy = set(open_pushes.values_list("target_id", flat=True))

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

    def _take_row(self, row: int, cells: dict[str, str], goods: LiveGoods | None) -> None:
        wanted = read_row(cells, goods, self.path.parent, self.url_template)
        record = goods or LiveGoods(account=self.account, product_no=cells["product_no"])
        changed = wanted.apply_to(record)
        broken = [pair for pair in _broken_rules(record) if pair[0] not in wanted.unread()]
        if wanted.problems:
            return self._reject(row, cells, wanted.problems + broken)
        if goods and not changed:
            self.report.unchanged += 1
            return self._accept(row, record, wanted, broken)
        if reason := self._closed(record):
            return self._reject(row, cells, [("", reason)])
        invalid = _invalid_fields(record)
        if invalid:
            named = {field for field, _text in broken}
            return self._reject(row, cells, [pair for pair in invalid if pair[0] not in named] + broken)
        if not self._save(record, wanted, changed):
            return self._reject(
                row, cells, [("", _("Somebody else has just made this product. Import again."))]
            )
        self._accept(row, record, wanted, broken)

    def _closed(self, goods: LiveGoods) -> str:
        """Why the record takes no changes now; empty if it does."""
        if goods.console_made:
            return _("It was made in WeChat's live console; only the console can change it.")
        if goods.pk in self.busy:
            return _("It is being sent to WeChat. Wait until that is done, then import this row again.")
        return ""

    def _save(self, goods: LiveGoods, wanted: Wanted, changed: list[str]) -> bool:
        """False if the same product number was stored by somebody else meanwhile."""
        kind = CHANGE if goods.pk else ADDITION
        if not self.report.dry_run:
            if wanted.cover:
                goods.cover.save(wanted.cover.filename, ContentFile(wanted.cover.data), save=False)
            if kind == CHANGE:
                goods.save(update_fields=changed)
            elif not _created(goods):
                return False
            self.saved[kind].append(goods)
        if kind == CHANGE:
            self.report.updated += 1
        else:
            self.report.created += 1
        return True

    def _accept(self, row: int, goods: LiveGoods, wanted: Wanted, broken: Problems) -> None:
        self.report.to_fix += bool(broken)
        self.report.without_cover += not (goods.cover or wanted.cover or goods.at_wechat)
        self._note(row, goods.product_no, goods.name, broken)

    def _reject(self, row: int, cells: dict[str, str], problems: Problems) -> None:
        self.report.rejected += 1
        number = cells.get("product_no", "")
        goods = self.records.get(number)
        self._note(row, number, cells.get("name") or (goods.name if goods else ""), problems)

    def _note(self, row: int, number: str, name: str, problems: Problems) -> None:
        self.report.problems += [RowProblem(row, number, name, field, text) for field, text in problems]

    def _log(self) -> None:
        if self.user is None:
            return
        text = _("Imported from %(file)s.") % {"file": self.path.name}
        for kind, records in self.saved.items():
            if records:
                LogEntry.objects.log_actions(self.user.pk, records, kind, text)


def _created(goods: LiveGoods) -> bool:
    try:
        with transaction.atomic():
            goods.save()
    except IntegrityError:
        return False
    return True


def _broken_rules(goods: LiveGoods) -> Problems:
    """WeChat's rules that it breaks; a missing picture is told apart, since such files rarely bring any."""
    return [(field, text) for field, texts in goods.problems().items() if field != "cover" for text in texts]


def _invalid_fields(goods: LiveGoods) -> Problems:
    """What the database cannot take, and what the record does not allow in its present state."""
    errors: dict[str, list[ValidationError]] = {}
    checks: list[Callable[[], None]] = [partial(goods.clean_fields, exclude=NOT_VALIDATED), goods.clean]
    for check in checks:
        try:
            check()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
    texts = ((field, text) for field, found in errors.items() for error in found for text in error.messages)
    return [("" if field == NON_FIELD_ERRORS else field, text) for field, text in texts]
