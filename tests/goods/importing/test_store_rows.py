"""Rows of products and SKUs: what their cells mean, and what keeps one out."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goods.importing import ImportFileError, import_store
from goods.importing.sheet import write_sheet, write_workbook
from goods.models import Category, FreightTemplate, Picture, Sku, Spu
from tests.conftest import png
from tests.goods.importing.conftest import texts

PRODUCT = ["product_no", "title"]
SKU = ["product_no", "sku_code", "price", "stock", "颜色"]
TEE = ["T1", "纯棉圆领短袖"]


@pytest.fixture
def load(account, tmp_path):
    """Import tables of text, each with its headings first."""

    def do(*tables, **options):
        paths = []
        for number, (headings, *rows) in enumerate(tables):
            paths.append(tmp_path / f"list{number}.csv")
            paths[-1].write_bytes(write_sheet(".csv", headings, rows))
        return import_store(paths, account, **options)

    return do


@pytest.fixture
def tee(load):
    """A product with two SKUs."""
    load([PRODUCT, TEE], [SKU, ["T1", "T1-W", "59", "10", "白色"], ["T1", "T1-B", "59", "10", "黑色"]])
    return Spu.objects.get()


def said(report, row=2):
    return " ".join(problem.text for problem in report.problems if problem.row == row)


# --- which list is which --------------------------------------------------------------------------


def test_which_list_is_which_is_told_by_the_headings(load):
    report = load([SKU, ["T1", "T1-W", "59", "10", "白色"]], [PRODUCT, TEE])
    assert (report.created, Spu.objects.count(), Sku.objects.count()) == (2, 1, 1)


def test_two_lists_of_products_are_told_plainly(load):
    with pytest.raises(ImportFileError, match="both list products"):
        load([PRODUCT, TEE], [PRODUCT, ["T2", "另一个商品"]])


def test_two_lists_of_skus_are_told_plainly(load):
    with pytest.raises(ImportFileError, match="both list SKUs"):
        load([SKU, ["T1", "a", "1", "1", "x"]], [SKU, ["T1", "b", "1", "1", "y"]])


def test_a_list_of_skus_without_their_numbers_is_told_plainly(load):
    with pytest.raises(ImportFileError, match="looks like a list of SKUs"):
        load([["product_no", "attrs", "price"], ["T1", "颜色:白色", "1"]])


def test_a_list_without_product_numbers_is_told_plainly(load):
    with pytest.raises(ImportFileError, match="No column for the product number"):
        load([PRODUCT, TEE], [["brand", "size"], ["x", "1"]])


def test_both_lists_may_be_sheets_of_one_workbook(account, tmp_path):
    path = tmp_path / "both.xlsx"
    remark: tuple = (["说明"], [["请按格式填写"]])
    sheets = {"说明": remark, "商品": (PRODUCT, [TEE]), "SKU": (SKU, [["T1", "T1-W", "59", "10", "白色"]])}
    path.write_bytes(write_workbook(sheets))
    assert import_store([path], account).created == 2


def test_skus_alone_are_for_products_that_are_there(load, tee):
    report = load([SKU, ["T1", "T1-G", "59", "10", "绿色"], ["T9", "T9-G", "59", "10", "绿色"]])
    assert (report.created, report.rejected) == (1, 1)
    assert "There is no product with this number" in said(report, 3)


def test_products_alone_are_sold_as_one(load):
    load([[*PRODUCT, "price", "original_price", "stock"], [*TEE, "59", "79", "1,000件"]])
    sku = Sku.objects.get()
    assert (sku.out_sku_id, sku.attrs) == ("T1", [])
    assert (sku.sale_price, sku.market_price, sku.stock) == (59, 79, 1000)


# --- prices ---------------------------------------------------------------------------------------


PRICES = ["product_no", "sku_code", "price", "promotion_price", "original_price", "attrs"]


@pytest.mark.parametrize(
    ("cells", "sale", "market"),
    [
        (["59", "", ""], "59", None),
        (["59", "49", ""], "49", "59"),
        (["59", "49", "79"], "49", "79"),
        (["59", "59", ""], "59", None),
        (["59", "69", ""], "59", None),
        (["59", "", "79"], "59", "79"),
        (["59", "", "59"], "59", None),
        (["", "49", ""], "49", None),
    ],
)
def test_what_buyers_pay_and_what_is_crossed_out(load, cells, sale, market):
    load([PRODUCT, TEE], [PRICES, ["T1", "T1-W", *cells, "颜色:白色"]])
    sku = Sku.objects.get()
    assert (sku.sale_price, sku.market_price) == (Decimal(sale), Decimal(market) if market else None)


def test_when_a_promotion_is_over_nothing_is_crossed_out(load):
    load([PRODUCT, TEE], [PRICES, ["T1", "T1-W", "59", "49", "", "颜色:白色"]])
    load([PRICES, ["T1", "T1-W", "59", "", "", "颜色:白色"]])
    sku = Sku.objects.get()
    assert (sku.sale_price, sku.market_price) == (59, None)


def test_a_price_that_grows_a_hundredfold_is_a_warning(load, tee):
    report = load([["product_no", "sku_code", "price"], ["T1", "T1-W", "5900"]])
    assert report.updated == 1 and "not in fen" in report.warnings[0].text


# --- attributes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ['[{"key":"颜色","value":"白色"},{"key":"尺码","value":"M"}]', "颜色:白色;尺码:M", "颜色：白色，尺码：M",
     '{"颜色": "白色", "尺码": "M"}',
     '[{"attr_key":"颜色","attr_value":"白色"},{"attr_key":"尺码","attr_value":"M"}]'],
)  # fmt: skip
def test_attributes_in_one_column(load, text):
    load([PRODUCT, TEE], [["product_no", "sku_code", "attrs"], ["T1", "T1-W", text]])
    assert Sku.objects.get().attrs == [["颜色", "白色"], ["尺码", "M"]]


def test_attributes_in_columns_of_their_own(load):
    headings = ["product_no", "sku_code", "颜色", "尺码", "规格：香型", "备注"]
    report = load([PRODUCT, TEE], [headings, ["T1", "T1-W", "白色", "M", "茉莉", "急"]])
    assert Sku.objects.get().attrs == [["颜色", "白色"], ["尺码", "M"], ["香型", "茉莉"]]
    assert report.ignored_columns == ["备注"]


@pytest.mark.parametrize("text", ["白色", "[1, 2]", '[{"key": 1}]', '["a"]', "颜色:白色;M", "[" * 5000, "3"])
def test_attributes_that_cannot_be_read_keep_the_row_out(load, text):
    report = load([PRODUCT, TEE], [["product_no", "sku_code", "attrs"], ["T1", "T1-W", text]])
    assert report.rejected == 1 and "cannot be read" in said(report)


def test_skus_with_the_same_attributes_are_told_at_their_product(load):
    report = load([PRODUCT, TEE], [SKU, ["T1", "a", "1", "1", "白色"], ["T1", "b", "1", "1", "白色"]])
    assert "Two SKUs have the same attributes" in said(report) and report.rejected == 0


def test_without_a_row_of_the_product_it_is_told_at_the_first_sku(load, tee):
    report = load([SKU, ["T1", "T1-X", "59", "1", "白色"], ["T1", "T1-Y", "59", "1", "红色"]])
    assert [row for row, field, _text in texts(report) if field == "skus"] == [2]


def test_skus_take_the_place_of_the_one_that_stood_for_the_product(load):
    load([[*PRODUCT, "price"], [*TEE, "59"]])
    report = load([SKU, ["T1", "T1-W", "59", "10", "白色"]])
    assert [sku.out_sku_id for sku in Sku.objects.all()] == ["T1-W"]
    assert "sold without variants" in report.warnings[0].text


# --- what keeps a row out -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["", "T1-G", "1", "1", "绿"], "Enter the product number"),
        (["T1", "", "1", "1", "绿"], "Enter the SKU number"),
        (["T1", "2.01E+14", "1", "1", "绿"], "Excel has shortened this number"),
        (["T1", "T1-G", "abc", "1", "绿"], "is not a price"),
        (["T1", "T1-G", "1", "many", "绿"], "is not a number of pieces"),
        (["T1", "T1-G", "#N/A", "1", "绿"], "Excel could not calculate"),
    ],
)
def test_a_sku_that_cannot_be_read_is_not_imported(load, tee, cells, sentence):
    report = load([SKU, cells])
    assert report.rejected == 1 and sentence in said(report) and Sku.objects.count() == 2


def test_a_sku_number_stands_once_in_a_list(load, tee):
    report = load([SKU, ["T1", "T1-G", "1", "1", "绿"], ["T1", "T1-G", "2", "1", "红"]])
    assert "Row 2 has the same SKU number" in said(report, 3) and report.rejected == 1


def test_a_sku_number_of_another_product_is_not_taken(load, tee):
    report = load([PRODUCT, ["T2", "另一件短袖"]], [SKU, ["T2", "T1-W", "1", "1", "绿"]])
    assert "belongs to another product: T1" in said(report) and tee.skus.count() == 2


def test_a_product_number_stands_once_in_a_list(load):
    report = load([PRODUCT, TEE, ["T1", "又一件"]])
    assert (report.created, report.rejected) == (1, 1) and "Row 2 has the same product number" in said(
        report, 3
    )


def test_skus_of_a_product_that_is_not_imported_are_not_either(load):
    report = load([[*PRODUCT, "price"], ["T1", "", "x"]], [SKU, ["T1", "T1-W", "59", "10", "白色"]])
    assert report.rejected == 2 and not Spu.objects.exists()
    assert "Row 2 of the products" in report.problems[-1].text


def test_a_new_product_needs_a_title(load):
    report = load([PRODUCT, ["T1", ""]])
    assert report.rejected == 1 and "Enter a title." in said(report)


def test_a_product_that_is_being_sent_takes_no_changes(load, tee, push, monkeypatch):
    monkeypatch.setattr("goods.importing.store.checker.busy_records", lambda model, records: {tee.pk})
    report = load([SKU, ["T1", "T1-W", "60", "10", "白色"], ["T1", "T1-G", "60", "10", "绿"]])
    assert report.rejected == 2 and "being sent" in said(report) + said(report, 3)


def test_text_below_no_heading_keeps_a_row_of_a_csv_out(load):
    report = load([PRODUCT, [*TEE, "stray"]])
    assert report.rejected == 1 and "stands below no heading" in said(report)


# --- what is stored as a draft to correct ---------------------------------------------------------


def test_what_breaks_a_rule_is_stored_and_told_at_its_row(load):
    head = [*PRODUCT, "sub_title"]
    load([head, ["T1", "长" * 61, "长" * 19]], [SKU, ["T1", "T1-W", "0", "10", "白色"]])
    assert Spu.objects.get().faulty and Sku.objects.get().sale_price == 0


def test_every_broken_rule_is_told_at_its_field(load):
    head = [*PRODUCT, "sub_title"]
    report = load([head, ["T1", "长" * 61, "长" * 19]], [SKU, ["T1", "T1-W", "0", "10", "白色"]])
    found = {(problem.table, problem.field) for problem in report.problems}
    products = {("products", name) for name in ("title", "sub_title", "cats", "freight_template")}
    assert found == {*products, ("skus", "sale_price")} and report.to_fix == 2


# --- categories and freight -----------------------------------------------------------------------


@pytest.fixture
def tree(account):
    rows = [("1", "0", "服饰内衣", 1), ("2", "1", "男装", 2), ("3", "1", "女装", 2), ("4", "2", "T恤", 3),
            ("5", "3", "T恤", 3), ("6", "3", "裙/裤", 3)]  # fmt: skip
    for cat_id, parent, name, level in rows:
        Category.objects.create(account=account, cat_id=cat_id, parent_id=parent, name=name, level=level)


@pytest.mark.parametrize(
    ("text", "cats"),
    [("服饰内衣 > 男装 > T恤", ["1", "2", "4"]), ("女装›t恤", ["1", "3", "5"]), ("裙/裤", ["1", "3", "6"]),
     ("服饰内衣/男装/T恤", ["1", "2", "4"])],
)  # fmt: skip
def test_a_category_is_named_by_its_path_or_by_the_third_level(load, tree, text, cats):
    load([[*PRODUCT, "类目"], [*TEE, text]])
    assert Spu.objects.get().cats == cats


@pytest.mark.parametrize(
    ("text", "sentence"), [("T恤", "服饰内衣 > 男装 > T恤"), ("男装", "no category of the third level")]
)
def test_a_category_that_is_none_or_several_makes_a_draft_to_correct(load, tree, text, sentence):
    report = load([[*PRODUCT, "类目"], [*TEE, text]])
    assert sentence in said(report) and Spu.objects.get().cats == []


def test_a_text_that_is_no_category_takes_none_from_a_product(load, tree):
    load([[*PRODUCT, "类目"], [*TEE, "男装>T恤"]])
    report = load([[*PRODUCT, "类目"], [*TEE, "不知道"]])
    assert report.unchanged == 1 and Spu.objects.get().cats == ["1", "2", "4"]


def test_a_freight_template_is_named_or_the_default(account, load):
    for number, name in enumerate(("包邮", "到付"), start=1):
        FreightTemplate.objects.create(
            account=account, name=name, template_id=str(number), is_default=name == "包邮"
        )
    report = load([[*PRODUCT, "运费模板"], [*TEE, "到付"], ["T2", "另一件", ""], ["T3", "第三件", "没有"]])
    found = dict(Spu.objects.values_list("out_product_id", "freight_template__name"))
    assert found == {"T1": "到付", "T2": "包邮", "T3": None}
    assert "There is no freight template" in said(report, 4)


# --- pictures -------------------------------------------------------------------------------------


def test_pictures_come_from_the_folder_and_are_kept_once(load, tmp_path):
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "b.png").write_bytes(png(colour="navy"))
    table = [[*PRODUCT, "主图"], [*TEE, "a.png;b.png"], ["T2", "另一件", "b.png"]]
    load(table)
    one, other = (Spu.objects.get(out_product_id=number) for number in ("T1", "T2"))
    assert len(one.head_imgs) == 2 and other.head_imgs == one.head_imgs[1:]
    assert load(table).unchanged == 2 and Picture.objects.count() == 2


def test_a_link_to_a_picture_is_kept_as_such(load):
    load([[*PRODUCT, "主图"], [*TEE, "https://shop.example/a.jpg"]])
    assert Picture.objects.get().source == "https://shop.example/a.jpg"


def test_a_picture_that_is_not_there_keeps_the_row_out(load):
    report = load([[*PRODUCT, "主图"], [*TEE, "missing.png"]])
    assert report.rejected == 1 and "no such picture" in said(report)


def test_a_sku_has_a_picture_of_its_own(load, tmp_path):
    (tmp_path / "white.png").write_bytes(png())
    load([PRODUCT, TEE], [[*SKU, "图片"], ["T1", "T1-W", "59", "1", "白色", "white.png"]])
    assert Sku.objects.get().picture == Picture.objects.get()


def test_pictures_are_kept_before_products_are_locked(load, tmp_path):
    (tmp_path / "a.png").write_bytes(png())
    with CaptureQueriesContext(connection) as captured:
        load([[*PRODUCT, "主图"], [*TEE, "a.png"]])
    sent = [query["sql"] for query in captured]
    kept = next(place for place, sql in enumerate(sent) if sql.startswith('INSERT INTO "goods_picture"'))
    begun, ended = (
        sum(sql.startswith(word) for sql in sent[:kept]) for word in ("SAVEPOINT", "RELEASE SAVEPOINT")
    )
    # The one that is open is the picture's own.
    assert begun - ended == 1


# --- again, and many ------------------------------------------------------------------------------


def test_an_empty_cell_leaves_the_field_as_it_is(load, tee):
    report = load([SKU, ["T1", "T1-W", "", "", ""]])
    assert report.unchanged == 1


def test_a_sku_that_is_in_no_row_stays(load, tee):
    load([SKU, ["T1", "T1-W", "60", "10", "白色"]])
    assert tee.skus.count() == 2


def test_a_sku_that_was_taken_out_comes_back(load, tee):
    tee.skus.filter(out_sku_id="T1-W").update(removed=True)
    report = load([SKU, ["T1", "T1-W", "59", "10", "白色"]])
    assert report.updated == 1 and not tee.skus.filter(removed=True).exists()


def test_after_a_change_a_product_knows_whether_it_is_faulty(load, tee):
    load([SKU, ["T1", "T1-W", "0", "10", "白色"]])
    tee.refresh_from_db()
    assert tee.faulty


def test_a_trial_stores_nothing(load):
    report = load([PRODUCT, TEE], [SKU, ["T1", "T1-W", "59", "10", "白色"]], dry_run=True)
    assert report.created == 2 and not Spu.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_rows(load, django_assert_max_num_queries):
    def tables(count):
        products = [PRODUCT, *([f"P{n}", "纯棉圆领短袖"] for n in range(count))]
        skus = [SKU, *([f"P{n}", f"P{n}-{c}", "59", "9", c] for n in range(count) for c in "红绿")]
        return products, skus

    load(*tables(2))
    with django_assert_max_num_queries(40):
        load(*tables(60))
    assert Sku.objects.count() == 120
    with django_assert_max_num_queries(20):
        assert load(*tables(60)).unchanged == 180
