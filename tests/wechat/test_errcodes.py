"""The advice table is complete, readable in both languages, and honest about what it does not know."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from shopadmin.wechat.errcodes import (
    COLUMNS,
    FAMILIES,
    TABLE,
    ErrorCode,
    all_codes,
    explain,
    explain_kind,
    kind_of,
)
from shopadmin.wechat.errors import Kind

# Every code that WeChat's documents name for a family, in a table or as the error of an interface.
DOCUMENTED = {
    "common": """
        -1 0 1003 3001 20002 40001 40002 40003 40004 40005 40006 40007 40009 40013 40014 40033 40035 40037
        40038 40039 40048 40066 40090 40097 40101 40104 40113 40118 40121 40125 40128 40137 40141 40159
        40160 40164 40165 40166 40171 40172 40177 40184 40191 40210 40212 40221 40227 40234 40235 40237
        40243 41001 41002 41004 41005 41006 41010 41011 41018 41030 41033 42001 42002 42005 42007 43001
        43002 43003 43016 43101 43104 44001 44002 44005 44006 45001 45002 45003 45004 45005 45006 45009
        45011 45021 45034 45035 45040 45061 45068 45069 45101 45102 45103 45104 45501 46001 46007 47001
        47002 47003 48001 48003 48004 48006 48009 48012 49001 50001 50002 50003 50004 50007 52001 52002
        52003 52005 61003 61004 61007 61014 61016 61017 61023 61024 61450 61451 61500 61503 65318 76001
        76002 76003 76004 76021 76022 87009 87014 87015 89501 89503 89506 89507 101000 200001 200002 300000
        9401001 9401002 9401020 9401021 9401022 9401023 9401024 9401025 10020044 10020049 10020050 10020051
        10020052
    """,
    "live_goods": """
        -1 0 1003 3001 7000 40001 47001 48001 200001 200002 300001 300002 300003 300004 300005 300006 300007
        300008 300009 300010 300011 300012 300013 300014 300015 300017 300018 300021 300022 300023 300024
        300025 300026 300027 300033 300040 300044 300045 300046 300047 300048 300049 300050 300051 300052
        300053 9410000 9410001 9410002 9410003
    """,
    "mini_store": """
        -30000 -2 -1 1005 10005 40001 40014 40066 41001 42001 45009 45011 47001 48001 61007 100002 100003
        100004 100009 100010 100020 100050 101000 101001 101002 101003 101004 102000 102001 102002 110111
        110112 200000 200001 200002 260008 300000 1400007 9401001 9401002 9401003 9401004 9401005 9401006
        9401007 9401008 9401020 9401021 9401022 9401023 9401024 9401025 9401026 9401032 9401033 9401034
        9401035 9401036 9401037 9401038 9401039 9401040 9401041 9401042 9401049 9401050 9401054 9401055
    """,
    "small_store": """
        -1 20002 40001 40002 40005 40006 40009 40013 40014 40033 40035 40038 40048 40050 40066 40070 40097
        40104 40113 40125 40137 40141 40152 40160 40161 40164 40171 40172 40177 40191 41001 41005 41011
        42001 42007 43001 43002 43003 43007 43008 44001 44002 44005 44006 45001 45009 45011 45017 45018
        45020 45021 45031 45035 45068 45069 45101 45102 45103 45104 45501 46001 46004 47001 47002 48001
        48004 48006 48009 48012 50001 50002 50003 50004 52000 52001 52002 52003 52004 52005 52006 52007
        52008 52009 52010 52011 52012 52013 52014 52015 52016 52017 52018 52019 61003 61004 61007 87014
        89501 89502 89503 89504 89505 89506 89507
    """,
    "window": """
        -1 40001 40013 40066 40097 41001 42001 43002 43003 44002 45009 45011 45035 47001 48001 48004 50001
        50002 61004 10020050 10020051 10022001 10022002 10022003 10022004 10022005 10022006 10022007
        10022008 10024000 10024001 10024003 10024009 10024010 10024011 10024021 10024023 10200003 10200004
        10200005
    """,
    "shop": """
        -1 40001 40013 40066 40097 41001 42001 43002 43003 44002 45002 45009 45011 45035 47001 48001 48004
        61004 1002001 10020005 10020008 10020011 10020012 10020013 10020014 10020016 10020017 10020018
        10020019 10020020 10020021 10020022 10020023 10020024 10020025 10020026 10020027 10020028 10020029
        10020031 10020032 10020033 10020035 10020036 10020037 10020038 10020039 10020040 10020041 10020042
        10020043 10020044 10020045 10020047 10020048 10020049 10020050 10020051 10020052 10020054 10020055
        10020059 10020060 10020065 10020066 10020067 10020091 10020106 10020107 10020108 10020111 10020112
        10020207 10020208 10020210 10020217 10020218 10020331 10021053 10021054 10021055 10021081 10021082
        10021200 10025501 10025502 10025503 10025504
    """,
}

CHINESE = re.compile("[\u4e00-\u9fff]")
DEVELOPERS_WORDS = re.compile(
    r"\b(API|errcode|errmsg|media_id|token|JSON|UTF-8|HTTP)\b|接口|令牌|字段|入参", re.IGNORECASE
)
FAMILIES_AND_CODES = [(family, int(code)) for family, codes in DOCUMENTED.items() for code in codes.split()]


def texts(row: ErrorCode, language: str) -> tuple[str, str]:
    return (row.meaning_zh, row.advice_zh) if language == "zh" else (row.meaning_en, row.advice_en)


def failing(check: Callable[[ErrorCode], object]) -> list[str]:
    """The rows that fail a check, by name."""
    return [f"{row.family} {row.code}" for row in all_codes() if not check(row)]


def lines() -> list[list[str]]:
    """The file itself, header first."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def errcodes(*args: str) -> str:
    out = StringIO()
    call_command("errcodes", *args, stdout=out)
    return out.getvalue()


# --- The table ----------------------------------------------------------------------------------


def test_every_family_has_a_list_of_documented_codes():
    assert set(DOCUMENTED) == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_documented_code_is_explained(family):
    known = {(row.family, row.code) for row in all_codes()}
    missing = [
        code
        for f, code in FAMILIES_AND_CODES
        if f == family and not known & {(family, code), ("common", code)}
    ]
    assert missing == []


def test_no_row_is_made_up():
    documented = set(FAMILIES_AND_CODES)
    assert failing(lambda row: (row.family, row.code) in documented) == []


def test_a_code_stands_once_per_family():
    twice = [pair for pair, n in Counter((row[0], row[1]) for row in lines()[1:]).items() if n > 1]
    assert twice == []


def test_the_table_is_sorted_by_family_and_code():
    keys = [(FAMILIES.index(row[0]), int(row[1])) for row in lines()[1:]]
    assert keys == sorted(keys)


def test_the_header_names_the_columns():
    assert tuple(lines()[0]) == COLUMNS


def test_only_success_has_no_kind():
    assert [(row.family, row.code) for row in all_codes() if row.kind is None] == [("common", 0)]


def test_no_code_has_a_kind_that_only_a_missing_answer_can_have():
    assert failing(lambda row: row.kind not in (Kind.NOT_SENT, Kind.NO_ANSWER)) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_row_says_what_it_means_and_what_to_do(language):
    assert failing(lambda row: all(texts(row, language))) == []


def test_chinese_texts_are_chinese():
    assert failing(lambda row: all(map(CHINESE.search, texts(row, "zh")))) == []


def test_english_texts_have_no_chinese_in_them():
    assert failing(lambda row: not any(map(CHINESE.search, texts(row, "en")))) == []


def test_advice_is_a_whole_sentence():
    assert failing(lambda row: row.advice_zh.endswith("。") and row.advice_en.endswith(".")) == []


def test_advice_uses_no_developers_words():
    assert failing(lambda row: not DEVELOPERS_WORDS.search(row.advice_zh + row.advice_en)) == []


def test_fields_are_plain_names():
    assert failing(lambda row: re.fullmatch(r"[a-z][a-z0-9_]*|", row.field)) == []


def test_live_goods_name_only_fields_of_the_record():
    named = {row.field for row in all_codes() if row.family == "live_goods"}
    assert named <= {
        "", "name", "cover", "price_type", "price", "price2", "url", "third_party_appid",
        "appid", "secret", "account", "room_id",
    }  # fmt: skip


# --- Looking a code up --------------------------------------------------------------------------


def test_a_code_the_family_does_not_list_means_what_it_means_everywhere():
    assert explain(45009, "live_goods") is explain(45009)


def test_the_meaning_of_the_family_wins():
    assert (kind_of(1003, "live_goods"), kind_of(1003)) == (Kind.NOT_FOUND, Kind.INPUT)


def test_an_unknown_code_is_explained_as_unknown():
    row = explain(987654, "shop")
    assert (row.family, row.code, row.kind) == ("shop", 987654, Kind.UNKNOWN)


def test_the_advice_for_an_unknown_code_asks_for_what_support_needs():
    advice = explain(987654).advice_en
    assert all(word in advice for word in ("code", "message", "request id", "administrator"))


@pytest.mark.parametrize(
    ("code", "family", "kind"),
    [
        (-1, "common", Kind.UNKNOWN),
        (-1, "live_goods", Kind.UNKNOWN),
        (3001, "live_goods", Kind.BUSY),
        (40001, "common", Kind.TOKEN),
        (40007, "live_goods", Kind.INPUT),
        (40125, "common", Kind.PERMISSION),
        (45009, "common", Kind.QUOTA),
        (45011, "small_store", Kind.BUSY),
        (61450, "common", Kind.UNKNOWN),
        (200001, "live_goods", Kind.UNKNOWN),
        (200001, "mini_store", Kind.PERMISSION),
        (300006, "live_goods", Kind.INPUT),
        (300010, "live_goods", Kind.STATE),
        (300012, "live_goods", Kind.QUOTA),
        (300021, "live_goods", Kind.UNKNOWN),
        (10022005, "window", Kind.UNKNOWN),
        (10020111, "shop", Kind.QUOTA),
    ],
)
def test_the_kind_decides_what_happens_next(code, family, kind):
    assert kind_of(code, family) is kind


def test_success_has_no_kind_to_ask_for():
    with pytest.raises(ValueError, match="no error"):
        kind_of(0)


def test_chinese_staff_read_chinese():
    with translation.override("zh-hans"):
        row = explain(300002, "live_goods")
        assert (row.meaning, row.advice) == (row.meaning_zh, row.advice_zh)


def test_english_staff_read_english():
    with translation.override("en"):
        row = explain(300002, "live_goods")
        assert (row.meaning, row.advice) == (row.meaning_en, row.advice_en)


def test_a_request_that_never_left_may_be_repeated():
    assert "nothing was sent" in explain_kind(Kind.NOT_SENT).meaning_en


def test_a_request_without_answer_must_not_be_repeated_blindly():
    assert "do not send it again" in explain_kind(Kind.NO_ANSWER).advice_en


@pytest.mark.parametrize("kind", Kind)
def test_an_exchange_without_code_is_explained_for_every_kind(kind):
    row = explain_kind(kind)
    assert (row.code, row.kind, bool(row.advice_zh and row.advice_en)) == (None, kind, True)


# --- The command --------------------------------------------------------------------------------


def test_the_command_needs_no_database_and_prints_every_row_as_json():
    assert len(json.loads(errcodes("--json"))) == len(all_codes())


def test_each_json_object_has_exactly_the_columns():
    assert {tuple(row) for row in json.loads(errcodes("--json"))} == {COLUMNS}


def test_json_shows_numbers_kinds_and_chinese_as_they_are():
    output = errcodes("300012", "--json")
    assert ('"code": 300012' in output, '"kind": "quota"' in output, "提审额度" in output) == (
        True,
        True,
        True,
    )


def test_a_code_without_family_is_shown_for_every_family_that_lists_it():
    assert [row["family"] for row in json.loads(errcodes("1003", "--json"))] == ["common", "live_goods"]


def test_a_family_alone_shows_its_rows_only():
    assert {row["family"] for row in json.loads(errcodes("--family", "window", "--json"))} == {"window"}


def test_a_code_of_a_family_falls_back_to_the_common_one():
    assert [row["family"] for row in json.loads(errcodes("45009", "--family", "shop", "--json"))] == [
        "common"
    ]


@pytest.mark.parametrize("args", [("-1",), ("--", "-1")])
def test_a_negative_code_can_be_asked_for(args):
    assert "live_goods -1" in errcodes(*args)


def test_the_text_shows_both_languages():
    row = explain(300002, "live_goods")
    assert all(text in errcodes("300002") for text in (*texts(row, "zh"), *texts(row, "en")))


def test_an_unknown_code_ends_the_command_with_one_sentence():
    with pytest.raises(CommandError, match=r"^Code 987654 is in no list of any family: [^.]+\.$"):
        errcodes("987654", "--json")
