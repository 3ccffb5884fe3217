"""What becomes of a row: stored, changed, left alone, or not imported and told why."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from goods.importing import checker, importer
from goods.importing.sheet import read_sheet
from goods.models import LiveGoods
from shopadmin.wechat.models import Account
from tests.conftest import png
from tests.goods.importing.conftest import texts

NAME = "云南小粒咖啡"


def only() -> LiveGoods:
    return LiveGoods.objects.get()


def cover_of(goods: LiveGoods) -> bytes:
    with goods.cover.open() as file:
        return file.read()


def at_wechat(make_goods, **fields) -> LiveGoods:
    return make_goods(product_no="A1", goods_id="900", third_party_tag=2, audit_status=2, **fields)


# --- headings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading", ["商品编号", "商品货号", "货号", "Product No", "PRODUCT_ID", "product_sn", " 货号* "]
)
def test_the_product_number_has_many_names(load_rows, heading):
    load_rows([heading, "name"], ["A1", NAME])
    assert only().product_no == "A1"


def test_of_several_numbers_the_most_certain_one_counts(load_rows):
    report = load_rows(["product_sn", "product_id", "name"], ["S", "I", NAME])
    assert (only().product_no, report.ignored_columns) == ("I", ["product_sn"])


def test_a_unit_in_the_heading_does_no_harm(load_rows):
    load_rows(["货号", "名称", "价格（元）"], ["A1", NAME, "68"])
    assert only().price == 68


def test_prices_in_another_unit_are_not_taken_for_yuan(load_rows):
    assert load_rows(["货号", "名称", "价格（分）"], ["A1", NAME, "6800"]).ignored_columns == ["价格（分）"]


@pytest.mark.parametrize("heading", ["what to do", "怎么改"])
def test_the_advice_of_a_fix_only_file_is_not_imported_in_any_language(load_rows, heading):
    assert load_rows(["货号", "名称", heading], ["A1", NAME, "…"]).ignored_columns == []


# --- what cannot be stored ------------------------------------------------------------------------


def test_a_row_without_product_number_is_not_imported(load_rows):
    report = load_rows(["product_no", "name"], [" ", NAME])
    assert (report.rejected, texts(report)) == (1, [(2, "product_no", "Enter the product number.")])


def test_the_second_row_of_a_number_is_told_where_the_first_is(load_rows):
    report = load_rows(["product_no", "name"], ["A1", NAME], ["A2", NAME], ["A1", NAME + "二号"])
    assert (report.created, report.rejected) == (2, 1)
    row, field, text = texts(report)[-1]
    assert (row, field) == (4, "product_no") and text.startswith("Row 2 has the same product number.")


def test_a_product_number_that_excel_shortened_is_not_imported(load_rows):
    report = load_rows(["product_no", "name"], ["1.00038E+11", NAME])
    assert report.rejected == 1 and "1.00038E+11" in report.problems[0].text


def test_a_cell_that_excel_could_not_calculate_is_not_imported(load_rows):
    report = load_rows(["product_no", "name"], ["A1", "#VALUE!"])
    assert texts(report)[0][:2] == (2, "name") and report.rejected == 1


def test_an_unreadable_price_is_told_at_its_field(load_rows):
    report = load_rows(["product_no", "name", "原价", "price"], ["A1", NAME, "abc", "x"])
    assert [problem.field for problem in report.problems] == ["price", "original_price"]


def test_a_row_that_is_not_imported_is_told_all_that_is_wrong_with_it(load_rows):
    report = load_rows(["product_no", "name", "price"], ["A1", NAME * 4, "abc"])
    assert [problem.field for problem in report.problems] == ["price", "name"]


def test_a_new_product_needs_a_name(load_rows):
    report = load_rows(["product_no", "price"], ["A1", "68"])
    assert (report.rejected, [problem.field for problem in report.problems]) == (1, ["name"])


@pytest.mark.parametrize(
    ("field", "row"),
    [
        ("product_no", ["x" * 65, NAME, "68", "p"]),
        ("name", ["A1", "好" * 201, "68", "p"]),
        ("price", ["A1", NAME, "12345678901", "p"]),
        ("url", ["A1", NAME, "68", "p" * 501]),
    ],
)
def test_what_does_not_fit_the_database_is_told_at_its_field(load_rows, field, row):
    report = load_rows(["product_no", "name", "price", "url"], row)
    assert (report.rejected, {problem.field for problem in report.problems}) == (1, {field})


def test_one_bad_row_does_not_keep_the_others_out(load_rows):
    report = load_rows(["product_no", "name"], ["", NAME], ["A1", NAME])
    assert (report.created, report.rejected) == (1, 1)


# --- what is stored as a draft to correct ---------------------------------------------------------


def test_a_draft_may_break_wechats_rules_and_is_flagged(load_rows):
    report = load_rows(["product_no", "name", "price"], ["A1", NAME * 4, "68"])
    assert (report.created, report.to_fix, only().faulty) == (1, 1, True)


def test_a_price_of_zero_is_a_draft_to_correct(load_rows):
    report = load_rows(["product_no", "name", "price"], ["A1", NAME, "0"])
    assert (report.to_fix, [problem.field for problem in report.problems]) == (1, ["price"])


# --- records at WeChat ----------------------------------------------------------------------------


def test_values_that_wechat_forbids_are_not_stored_for_what_is_at_wechat(make_goods, load_rows):
    goods = at_wechat(make_goods)
    report = load_rows(["product_no", "name"], ["A1", NAME * 4])
    goods.refresh_from_db()
    assert (report.rejected, goods.name) == (1, "云南小粒咖啡1号")


def test_what_is_at_wechat_takes_good_values(make_goods, load_rows):
    goods = at_wechat(make_goods)
    load_rows(["product_no", "price"], ["A1", "59.9"])
    goods.refresh_from_db()
    assert goods.price == Decimal("59.90")


def test_goods_made_in_the_console_are_not_changed(make_goods, load_rows):
    at_wechat(make_goods)
    LiveGoods.objects.update(third_party_tag=0)
    report = load_rows(["product_no", "price"], ["A1", "59.9"])
    assert report.rejected == 1 and "live console" in report.problems[0].text


def test_goods_that_are_being_sent_are_not_changed(make_goods, push, load_rows):
    push("add", make_goods(product_no="A1"))
    report = load_rows(["product_no", "price"], ["A1", "59.9"])
    assert report.rejected == 1 and "being sent" in report.problems[0].text


def test_goods_that_are_being_sent_may_stand_in_the_file_unchanged(make_goods, push, load_rows):
    push("add", make_goods(product_no="A1"))
    assert load_rows(["product_no", "price"], ["A1", "68"]).unchanged == 1


# --- updates --------------------------------------------------------------------------------------


def test_only_the_columns_of_the_file_are_written(make_goods, load_rows):
    goods = make_goods(product_no="A1")
    load_rows(["product_no", "price"], ["A1", "70"])
    goods.refresh_from_db()
    assert (goods.name, goods.url, goods.price) == ("云南小粒咖啡1号", "pages/goods/detail?id=1", 70)


def test_an_empty_cell_leaves_the_field_as_it_is(make_goods, load_rows):
    goods = make_goods(product_no="A1")
    load_rows(["product_no", "name", "price", "url"], ["A1", "", "70", ""])
    goods.refresh_from_db()
    assert (goods.name, goods.url) == ("云南小粒咖啡1号", "pages/goods/detail?id=1")


def test_spaces_around_a_value_are_not_part_of_it(make_goods, load_rows):
    make_goods(product_no="A1")
    assert load_rows(["product_no", "name"], [" A1 ", " 云南小粒咖啡1号 "]).unchanged == 1


def test_the_same_number_at_another_account_is_another_product(make_goods, load_rows):
    other = Account.objects.create(name="B", appid="wx00000000000000bb", secret="0" * 32, practice=True)
    make_goods(product_no="A1", account=other)
    assert load_rows(["product_no", "name"], ["A1", NAME]).created == 1


def test_a_new_product_gets_its_page_path_by_the_template(load_rows):
    load_rows(["product_no", "name"], ["A 1/中", NAME], url_template="pages/p?no={product_no}&from=live")
    assert only().url == "pages/p?no=A%201%2F%E4%B8%AD&from=live"


def test_unchanged_rows_cost_no_queries_of_their_own(
    load_rows, django_assert_num_queries, django_assert_max_num_queries
):
    rows = [[f"A{number}", NAME, "68"] for number in range(150)]
    load_rows(["product_no", "name", "price"], *rows)
    with django_assert_max_num_queries(20) as few:
        load_rows(["product_no", "name", "price"], *rows[:2])
    with django_assert_num_queries(len(few)):
        load_rows(["product_no", "name", "price"], *rows)


def test_a_crash_half_way_can_simply_be_repeated(load_rows, monkeypatch):
    rows = [[f"A{number}", NAME] for number in range(250)]
    create_all = importer.create_all

    def crash(records):
        taken = create_all(records)
        if any(goods.product_no == "A220" for goods in records):
            raise KeyboardInterrupt
        return taken

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(importer, "create_all", crash)
        load_rows(["product_no", "name"], *rows)
    report = load_rows(["product_no", "name"], *rows)
    assert (report.unchanged, report.created) == (200, 50)


def test_a_product_that_somebody_else_makes_meanwhile_is_told(make_goods, load_rows, monkeypatch):
    make_goods(product_no="A1")
    monkeypatch.setattr(checker, "locked_records", lambda account, numbers: {})
    report = load_rows(["product_no", "name"], ["A1", NAME], ["A2", NAME])
    assert (report.rejected, report.created) == (1, 1)


def test_a_trial_stores_and_writes_nothing(load_rows, tmp_path):
    report = load_rows(["product_no", "name"], ["A1", NAME * 4], dry_run=True)
    assert (report.created, report.to_fix, report.fix_file) == (1, 1, None)
    assert not LiveGoods.objects.exists() and not list(tmp_path.glob("*-fix*"))


def test_the_history_of_a_record_names_who_imported_it(load_rows):
    user = User.objects.create(username="xiaowang")
    load_rows(["product_no", "name"], ["A1", NAME], user=user)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (
        user,
        str(only().pk),
        "Imported from rows.csv.",
    )


# --- pictures -------------------------------------------------------------------------------------


@pytest.fixture
def picture(tmp_path):
    (tmp_path / "图片").mkdir()
    (tmp_path / "图片" / "a.png").write_bytes(png())
    return "图片\\a.png"


def test_a_picture_beside_the_file_becomes_the_cover(load_rows, picture):
    report = load_rows(["product_no", "name", "封面"], ["A1", NAME, picture])
    assert (cover_of(only()), report.without_cover) == (png(), 0)


def test_the_same_picture_again_is_no_change(load_rows, picture):
    rows = [["product_no", "name", "cover"], ["A1", NAME, picture], ["A2", NAME, picture]]
    load_rows(*rows)
    assert load_rows(*rows).unchanged == 2


def test_another_picture_under_the_same_name_is_a_change(load_rows, picture, tmp_path):
    load_rows(["product_no", "name", "cover"], ["A1", NAME, picture])
    (tmp_path / "图片" / "a.png").write_bytes(png(colour="red"))
    assert load_rows(["product_no", "name", "cover"], ["A1", NAME, picture]).updated == 1
    assert cover_of(only()) == png(colour="red")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("../a.png", "in the folder"), ("/etc/passwd", "in the folder"), ("b.png", "no such picture"),
     ("text.png", "no picture that can be used"), ("x" * 300, "cannot be read")],
)  # fmt: skip
def test_a_picture_that_cannot_be_used_is_told(load_rows, tmp_path, path, sentence):
    (tmp_path / "text.png").write_text("no picture")
    report = load_rows(["product_no", "name", "cover"], ["A1", NAME, path])
    assert (report.rejected, report.problems[0].field) == (1, "cover")
    assert sentence in report.problems[0].text


# --- the fix-only file ----------------------------------------------------------------------------


def test_no_fix_only_file_is_written_when_nothing_is_wrong(load_rows, tmp_path):
    assert load_rows(["product_no", "name", "price"], ["A1", NAME, "68"]).fix_file is None
    assert not list(tmp_path.glob("*-fix*"))


def test_a_row_wider_than_the_headings_keeps_all_its_cells_in_the_fix_only_file(load_rows):
    report = load_rows(["product_no", "name"], ["A1", "咖啡", "大杯", "68"])
    assert read_sheet(report.fix_file).lines[0].cells[:4] == ["A1", "咖啡", "大杯", "68"]


def test_a_row_wider_than_the_headings_is_found_again_until_it_is_repaired(load_rows, load):
    report = load_rows(["product_no", "name"], ["A1", "咖啡", "大杯", "68"])
    assert load(report.fix_file).rejected == 1


def test_what_could_not_be_written_is_told_after_the_import(load_rows, tmp_path):
    blocked = tmp_path / ("x" * 252 + ".csv")
    report = load_rows(["product_no", "name"], ["A1", NAME * 4], fix_file=blocked)
    assert report.created == 1 and "cannot be written" in report.fix_file_error
