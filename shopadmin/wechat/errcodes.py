"""What each of WeChat's error codes means, what happens next, and what to tell the staff.

The facts are in ``errcodes.csv``, one row per family and code; this module only looks them up.
The same number may mean different things in different families, and the family's meaning wins.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from shopadmin.wechat.errors import Kind

COMMON = "common"
FAMILIES = (COMMON, "live_goods", "mini_store", "small_store", "window", "shop")
COLUMNS = ("family", "code", "kind", "meaning_zh", "meaning_en", "advice_zh", "advice_en", "field")
TABLE = Path(__file__).with_name("errcodes.csv")


@dataclass(frozen=True)
class ErrorCode:
    """One code of one family. ``field`` names the local field to correct, where one is known."""

    family: str
    code: int | None  # None: nothing came back that could carry a code
    kind: Kind | None  # None: code 0, which is no error
    meaning_zh: str
    meaning_en: str
    advice_zh: str
    advice_en: str
    field: str = ""

    @property
    def meaning(self) -> str:
        return self.meaning_zh if _chinese() else self.meaning_en

    @property
    def advice(self) -> str:
        return self.advice_zh if _chinese() else self.advice_en


def all_codes() -> list[ErrorCode]:
    """Every row, by family (common first), then by code."""
    return list(_table().values())


def find(code: int, family: str = COMMON) -> ErrorCode | None:
    """The family's row, else the common one."""
    table = _table()
    return table.get((family, code)) or table.get((COMMON, code))


def explain(code: int, family: str = COMMON) -> ErrorCode:
    """As ``find``; a code that nobody documents gets an answer that says so."""
    return find(code, family) or ErrorCode(family, code, Kind.UNKNOWN, *_UNDOCUMENTED)


def kind_of(code: int, family: str = COMMON) -> Kind:
    kind = explain(code, family).kind
    if kind is None:
        raise ValueError(f"Code {code} is no error, so it has no kind.")
    return kind


def explain_kind(kind: Kind) -> ErrorCode:
    """The same for an exchange that ended without a code."""
    return ErrorCode(COMMON, None, kind, *_WITHOUT_CODE.get(kind, _UNDOCUMENTED))


# Meaning in Chinese and in English, then advice in Chinese and in English.
_UNDOCUMENTED = (
    "微信未公布含义，或本系统尚未收录",
    "A result that is not documented, or not known to this system yet",
    "请先刷新记录，看微信那边是否已经生效；再把错误码、微信返回的说明和请求编号发给管理员。",
    "Refresh the record to see whether the change arrived, then show the code, WeChat's message and "
    "the request id to your administrator.",
)
_WITHOUT_CODE = {
    Kind.NOT_SENT: (
        "没有连上微信，请求未发出",
        "WeChat could not be reached; nothing was sent",
        "微信那边没有任何变化，系统会自动重试；一直不成功时，请管理员检查网络。",
        "Nothing has changed at WeChat and the system tries again by itself. If it keeps failing, ask your "
        "administrator to check the network.",
    ),
    Kind.NO_ANSWER: (
        "已发给微信，但没有收到可用的答复",
        "Sent to WeChat, but no usable answer came back",
        "可能已经生效，请不要马上重新提交；先刷新记录，看微信那边的实际情况。",
        "It may have worked, so do not send it again right away: refresh the record first and see what "
        "WeChat has.",
    ),
}


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


@cache
def _table() -> dict[tuple[str, int], ErrorCode]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [_from_row(row) for row in csv.DictReader(file)]
    return {(family, code): row for family, code, row in rows}


def _from_row(row: dict[str, str]) -> tuple[str, int, ErrorCode]:
    family, code = row["family"], int(row["code"])
    kind = Kind(row["kind"]) if row["kind"] else None
    return family, code, ErrorCode(family, code, kind, *(row[column] for column in COLUMNS[3:]))
