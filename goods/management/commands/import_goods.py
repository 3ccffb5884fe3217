import io
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from goods.importing import (
    URL_TEMPLATE,
    ImportFileError,
    Report,
    default_fix_file,
    import_file,
    import_store,
)
from shopadmin.wechat.models import Account, Family


class Command(BaseCommand):
    help = (
        "Create or update products from CSV or XLSX files, by their numbers, and write the rows that need "
        "correction to a file of their own: live goods, or products of the Mini Store with their SKUs. "
        "Importing a file again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="CSV (UTF-8 or GB18030) or XLSX; docs/import.md has the columns"
        )
        parser.add_argument(
            "skus_file",
            type=Path,
            nargs="?",
            help="mini_store: the other one of the two lists, products and SKUs, if it is a file of its own",
        )
        parser.add_argument("--account", type=int, required=True, help="id of the account")
        parser.add_argument(
            "--family",
            choices=[Family.LIVE_GOODS.value, Family.MINI_STORE.value],
            default=Family.LIVE_GOODS.value,
            help="what the products are (%(default)s)",
        )
        parser.add_argument(
            "--fix-file",
            type=Path,
            help="where the rows to correct go (default: FILE-fix, in the current folder)",
        )
        parser.add_argument(
            "--url-template", default=URL_TEMPLATE, help="page path of new products (%(default)s)"
        )
        parser.add_argument("--dry-run", action="store_true", help="store and write nothing")
        parser.add_argument("--json", action="store_true", help="write the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # not every terminal can show Chinese
        account = Account.objects.filter(pk=options["account"]).first()
        if account is None:
            raise CommandError(_("There is no account %(id)s.") % {"id": options["account"]})
        try:
            report = self.import_into(account, options)
        except ImportFileError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(report.lines()))

    def import_into(self, account: Account, options: dict[str, Any]) -> Report:
        path: Path = options["file"]
        common = {
            "fix_file": options["fix_file"] or default_fix_file(path),
            "dry_run": options["dry_run"],
        }
        if options["family"] == Family.MINI_STORE:
            return import_store([path, *filter(None, [options["skus_file"]])], account, **common)
        if options["skus_file"]:
            raise CommandError(_("Live goods come in one file."))
        return import_file(path, account, url_template=options["url_template"], **common)
