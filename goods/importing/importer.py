"""A file into live goods: created or updated by product number, in chunks stored whole or not at all."""

from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.admin.models import ADDITION, CHANGE
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from goods.importing.checker import Checker, GoodsFinding
from goods.importing.columns import match_columns
from goods.importing.covers import Covers, Folder
from goods.importing.errors import CellError, ImportFileError
from goods.importing.fix_file import check_fix_file, write_fix_file
from goods.importing.records import log_saved, made_meanwhile
from goods.importing.report import Report
from goods.importing.rows import URL_TEMPLATE
from goods.importing.sheet import read_sheet
from goods.models import LiveGoods
from goods.pictures import make_thumbnail
from shopadmin.wechat.models import Account

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

CHUNK = 200

Saved = dict[int, list[LiveGoods]]


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
    check_template(url_template)
    sheet = read_sheet(path)
    columns = match_columns(sheet)
    if fix_file:
        check_fix_file(fix_file, sheet)
    report = Report(rows=len(sheet.lines), ignored_columns=columns.ignored, dry_run=dry_run)
    strict = sheet.suffix == ".csv"
    covers = Covers(Folder(path.parent))
    checker = Checker(account, columns, covers=covers, url_template=url_template, strict=strict)
    for start in range(0, len(sheet.lines), CHUNK):
        with transaction.atomic():
            findings = checker.check(sheet.lines[start : start + CHUNK])
            if not dry_run:
                log_saved(_save_all(findings, covers), path.name, user)
        for found in findings:
            report.count(found)
    if fix_file and report.problems and not dry_run:
        try:
            report.fix_file = write_fix_file(fix_file, sheet, columns, report.problems)
        except OSError as error:
            report.fix_file_error = _(
                "The file for the rows to correct cannot be written: %(reason)s. "
                "Import again with another place for it."
            ) % {"reason": error.strerror}
    return report


def check_template(url_template: str) -> None:
    if "{product_no}" not in url_template:
        raise ImportFileError(_("The template of the page path has to contain {product_no}."))


def _save_all(findings: list[GoodsFinding], covers: Covers) -> Saved:
    new: list[GoodsFinding] = []
    known: list[LiveGoods] = []
    for found in findings:
        if (goods := found.record) is None or not found.changes:
            continue
        try:
            _save_cover(goods, found, covers)
        except CellError as error:
            found.refuse([(error.field, error.text)])
            continue
        if goods.pk is None:
            new.append(found)
        else:
            goods.save(update_fields=list(found.changes))
            known.append(goods)
    taken = create_all([found.record for found in new if found.record])
    for found in new:
        if found.record in taken:
            found.refuse([("", made_meanwhile())])
    return {ADDITION: [found.record for found in new if found.record], CHANGE: known}


def _save_cover(goods: LiveGoods, found: GoodsFinding, covers: Covers) -> None:
    if cover := found.wanted.cover:
        data = covers.pictures.read(cover.source)
        goods.cover.save(cover.filename, ContentFile(data), save=False)


def create_all(records: list[LiveGoods]) -> list[LiveGoods]:
    """Store new records; returns those whose product number somebody else has taken meanwhile.

    Must run in a transaction. All at once: one by one takes several times as long.
    """
    for goods in records:
        goods.faulty = bool(goods.problems())
    try:
        with transaction.atomic():
            LiveGoods.objects.bulk_create(records)
    except IntegrityError:
        for goods in records:
            goods.pk = None
        return [goods for goods in records if not created(goods)]
    for goods in records:
        if goods.cover.name:
            make_thumbnail(goods.cover.storage, goods.cover.name)
    return []


def created(goods: LiveGoods) -> bool:
    """Store a new record; False if there is one of this product number by now."""
    try:
        with transaction.atomic():
            goods.save()
    except IntegrityError:
        return False
    return True
