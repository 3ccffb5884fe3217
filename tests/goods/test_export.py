"""Any list as a file: what is in it, who gets it, and that a list of products can be imported again."""

import csv
import io
from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from audits.admin import export
from audits.models import Push
from goods.importing import import_file
from goods.models import LiveGoods
from shopadmin.wechat.models import Account
from tests.conftest import APPID, SECRET
from tests.people import LIST, browser_of, said

MODELS = sorted(admin.site._registry, key=lambda model: model.__name__)


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


def exported(client, records=(), *, url=LIST, kind="csv", **fields):
    data = {"action": f"export_{kind}", "_selected_action": [record.pk for record in records], **fields}
    return client.post(url, data)


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def table(response) -> list[dict[str, str]]:
    """A CSV answer as rows by heading."""
    return list(csv.DictReader(io.StringIO(body(response).decode("utf-8-sig"))))


def names(response) -> list[str]:
    return [row["Name"] for row in table(response)]


def list_url(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


# --- which rows -----------------------------------------------------------------------------------


def test_the_chosen_rows_are_exported(staff, make_goods):
    goods = [make_goods(name=f"商品{n}") for n in range(3)]
    assert names(exported(staff, goods[:2])) == ["商品1", "商品0"]


def test_everything_that_matches_the_filters_is_exported(staff, make_goods):
    goods = [make_goods(name=f"商品{n}", goods_id="" if n else "900") for n in range(3)]
    response = exported(staff, goods[1:2], url=f"{LIST}?state=draft", select_across="1")
    assert names(response) == ["商品2", "商品1"]


def test_the_order_is_that_of_the_list(staff, make_goods):
    goods = [make_goods(name=name) for name in ("乙", "丙", "甲")]
    assert names(exported(staff, goods)) == ["甲", "丙", "乙"]


def test_more_than_the_most_is_a_sentence(staff, make_goods, monkeypatch):
    monkeypatch.setattr(export, "ROWS_MOST", 1)
    response = exported(staff, [make_goods(), make_goods()])
    assert response.status_code == 302 and "more than" in said(staff.get(LIST))[0]


def test_an_export_costs_the_same_queries_for_one_row_and_for_many(staff, make_goods, push):
    goods = [make_goods() for _n in range(12)]
    push("add", *goods)
    pushes = list(Push.objects.all())
    counts = set()
    for chosen in (pushes[:1], pushes):
        url = list_url(Push)
        exported(staff, chosen, url=url)
        with CaptureQueriesContext(connection) as captured:
            body(exported(staff, chosen, url=url))
        counts.add(len(captured))
    assert len(counts) == 1


# --- what is in it --------------------------------------------------------------------------------


def test_the_headings_are_the_names_of_the_fields_in_the_language_of_the_page(staff, make_goods):
    goods = make_goods()
    staff.cookies["django_language"] = "zh-hans"
    assert {"商品编号", "名称", "价格（元）", "价格类型"} <= set(table(exported(staff, [goods]))[0])


def test_a_csv_file_opens_as_utf_8_in_excel(staff, make_goods):
    assert body(exported(staff, [make_goods()])).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(("number", "word"), [(2, "approved"), (77, "77"), (None, "")])
def test_a_number_of_wechats_is_exported_by_its_name_if_it_has_one(staff, make_goods, number, word):
    goods = make_goods(goods_id="9", audit_status=number)
    assert table(exported(staff, [goods]))[0]["Review at WeChat"] == word


@pytest.mark.parametrize("name", ["=1+1", "+86", "-1", "@x", "\tx"])
def test_no_cell_of_a_csv_file_is_a_formula(staff, make_goods, name):
    assert names(exported(staff, [make_goods(name=name)])) == [f"'{name}"]


def test_an_excel_file_has_text_only(staff, make_goods):
    goods = make_goods(name="=1+1", product_no="00012345678901234567")
    book = load_workbook(io.BytesIO(body(exported(staff, [goods], kind="xlsx"))))
    cells = dict(zip(*book.active.iter_rows(), strict=True))
    found = {
        heading.value: (cell.data_type, cell.number_format, cell.value) for heading, cell in cells.items()
    }
    assert found["Name"] == ("s", "@", "=1+1")
    assert found["Product number"] == ("s", "@", "00012345678901234567")


def test_what_excel_cannot_hold_is_left_out_of_the_cell(staff, make_goods):
    goods = make_goods(name="a\x08b<&\r\n")
    rows = list(load_workbook(io.BytesIO(body(exported(staff, [goods], kind="xlsx")))).active.values)
    assert "ab<&" in rows[1][rows[0].index("Name")]


def test_choices_times_and_yes_or_no_read_as_on_the_page(staff, make_goods):
    row = table(exported(staff, [make_goods(price_type=1)]))[0]
    assert (row["Kind of price"], row["To be corrected"]) == ("one price", "no")
    assert row["Created"][:4].isdecimal() and len(row["Created"]) == 19


def test_no_secret_is_in_an_export(staff, account):
    data = body(exported(staff, [account], url=list_url(Account))).decode()
    assert APPID in data and SECRET not in data


def test_no_password_is_in_an_export_of_people(staff):
    somebody = User.objects.create(username="somebody", password="pbkdf2_sha256$1$salt$hash")
    data = body(exported(staff, [somebody], url=list_url(User))).decode()
    assert "somebody" in data and "pbkdf2" not in data


def test_internal_fields_are_not_exported():
    fields = [field.name for field in export.exported(admin.site.get_model_admin(LiveGoods))]
    assert {"media_id", "missing_polls", "remote", "cover_sent"}.isdisjoint(fields)


# --- who, and of what -----------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_offers_both_exports(staff, model, rf):
    request = rf.get("/")
    request.user = User.objects.get(username="owner")
    actions = admin.site.get_model_admin(model).get_actions(request)
    assert {"export_csv", "export_xlsx"} <= set(actions)


def test_who_may_look_may_export(make_goods):
    assert exported(browser_of("view_livegoods"), [make_goods()]).status_code == 200


def test_who_may_not_look_may_not_export(make_goods):
    assert exported(browser_of("view_push"), [make_goods()]).status_code == 403


def test_the_journal_can_be_exported(staff, make_goods, push):
    push("add", make_goods(name="云南小粒咖啡"))
    rows = table(exported(staff, Push.objects.all(), url=list_url(Push)))
    assert [row["Record"] for row in rows] == ["云南小粒咖啡"]


# --- back again -----------------------------------------------------------------------------------


@pytest.fixture
def library(make_goods):
    make_goods(product_no="=A1", name="-半价咖啡豆")
    make_goods(product_no="A2", price_type=2, price=Decimal(59), price2=Decimal(79))
    make_goods(product_no="A3", price_type=3, price=Decimal("88.50"), price2=Decimal(68))
    make_goods(product_no="A4", price_type=1, price2=Decimal(5))
    make_goods(product_no="A5", price=None, url="", cover="")
    make_goods(product_no="0006", name="'云南咖啡豆 ", third_party_appid="wx0123456789abcdef")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_exported_list_of_products_imports_again_without_a_change(
    staff, account, library, tmp_path, kind, language
):
    staff.cookies["django_language"] = language
    path = tmp_path / f"list.{kind}"
    path.write_bytes(body(exported(staff, LiveGoods.objects.all(), kind=kind)))
    before = list(LiveGoods.objects.order_by("pk").values())
    with translation.override("en"):
        report = import_file(path, account)
    assert (report.created, report.updated, report.unchanged, report.rejected) == (0, 0, 6, 0)
    assert list(LiveGoods.objects.order_by("pk").values()) == before
