"""The advice table for WeChat's error codes, for people and for scripts."""

import json
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shopadmin.wechat.errcodes import FAMILIES, ErrorCode, all_codes, find


class Command(BaseCommand):
    help = "Shows what WeChat's error codes mean and what to do about each of them."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", type=int, help="only this code, for example 300002 or -1")
        parser.add_argument("--family", choices=FAMILIES, help="only this family of interfaces")
        parser.add_argument("--json", action="store_true", help="a list of objects instead of text")

    def handle(
        self, *, code: int | None = None, family: str | None = None, json: bool = False, **options: object
    ) -> None:
        rows = self._rows(code, family)
        if not rows:
            raise CommandError(
                f"Code {code} is in no list of {family or 'any family'}: show it, WeChat's message "
                "and the request id to the administrator."
            )
        self.stdout.write(as_json(rows) if json else as_text(rows))

    def _rows(self, code: int | None, family: str | None) -> list[ErrorCode]:
        if code is not None and family is not None:
            row = find(code, family)
            return [row] if row else []
        return [row for row in all_codes() if code in (None, row.code) and family in (None, row.family)]


def as_json(rows: list[ErrorCode]) -> str:
    return json.dumps([asdict(row) | {"kind": row.kind or ""} for row in rows], ensure_ascii=False, indent=2)


def as_text(rows: list[ErrorCode]) -> str:
    return "\n\n".join(
        f"{row.family} {row.code}  {row.kind or 'ok'}{f'  ({row.field})' if row.field else ''}\n"
        f"  {row.meaning_zh}\n    {row.advice_zh}\n"
        f"  {row.meaning_en}\n    {row.advice_en}"
        for row in rows
    )
