"""The sample catalogue, from the first import to the repaired fix-only file."""

import pytest

from goods.importing.sheet import read_sheet, write_sheet
from goods.live.rules import name_units
from goods.models import LiveGoods


@pytest.fixture
def report(load, catalogue):
    return load(catalogue)


@pytest.fixture
def repaired(report):
    """The fix-only file with every name shortened, as a person would, and all else left as it is."""
    sheet = read_sheet(report.fix_file)
    rows = [[*line.cells[:2], shortened(line.cells[2]), *line.cells[3:]] for line in sheet.lines]
    report.fix_file.write_bytes(write_sheet(".csv", sheet.headings, rows))
    return report.fix_file


def shortened(name: str) -> str:
    while name_units(name) > 28:
        name = name[:-1].strip()
    return name


def test_every_row_is_accounted_for(report):
    assert (report.rows, report.created, report.rejected) == (22, 22, 0)


def test_rows_that_share_a_product_sn_are_two_products(report):
    assert set(LiveGoods.objects.values_list("product_no", flat=True)) >= {"1", "7"}


def test_names_that_are_too_long_are_the_only_problem(report):
    assert {problem.field for problem in report.problems} == {"name"}


def test_the_products_to_fix_are_those_with_too_long_names(report, catalogue):
    names = [line.cells[2] for line in read_sheet(catalogue).lines]
    assert report.to_fix == sum(name_units(name) > 28 for name in names) == 16


def test_the_fix_only_file_has_exactly_the_bad_rows_as_they_were(report, catalogue):
    bad = [line.cells for line in read_sheet(catalogue).lines if name_units(line.cells[2]) > 28]
    assert [line.cells[:-1] for line in read_sheet(report.fix_file).lines] == bad


def test_the_last_column_of_the_fix_only_file_says_what_to_do(report):
    sheet = read_sheet(report.fix_file)
    assert sheet.headings[-1] == "what to do"
    assert sheet.lines[0].cells[-1].startswith("Row 5. name: ")


def test_the_fix_only_file_opens_as_utf_8_in_excel(report):
    assert report.fix_file.read_bytes().startswith(b"\xef\xbb\xbf")


def test_products_without_pictures_are_counted_and_not_called_bad(report):
    assert report.without_cover == 22


def test_columns_that_are_not_imported_are_named(report):
    assert report.ignored_columns == ["product_sn", "sub_title", "brand", "category", "stock", "unit"]


def test_a_higher_original_price_makes_a_discount(report):
    goods = LiveGoods.objects.get(product_no="1")
    assert (goods.price_type, goods.price, goods.price2) == (3, 120, 100)


def test_an_equal_original_price_is_one_price(report):
    goods = LiveGoods.objects.get(product_no="27")
    assert (goods.price_type, goods.price, goods.price2) == (1, 2699, None)


def test_a_repeated_import_finds_everything_unchanged(report, load, catalogue):
    again = load(catalogue)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 22)


def test_a_repeated_import_writes_nothing(report, load, catalogue):
    before = list(LiveGoods.objects.order_by("id").values())
    load(catalogue)
    assert list(LiveGoods.objects.order_by("id").values()) == before


def test_a_repeated_import_does_not_write_the_same_fix_only_file_twice(report, load, catalogue):
    assert load(catalogue).fix_file == report.fix_file


def test_the_repaired_fix_only_file_imports_cleanly(load, repaired):
    report = load(repaired)
    assert (report.updated, report.problems, report.fix_file) == (16, [], None)


def test_after_the_repair_no_product_is_faulty_but_for_its_picture(load, repaired):
    load(repaired)
    assert {tuple(goods.problems()) for goods in LiveGoods.objects.all()} == {("cover",)}


def test_the_repaired_fix_only_file_imported_again_changes_nothing(load, repaired):
    load(repaired)
    before = list(LiveGoods.objects.order_by("id").values())
    assert load(repaired).unchanged == 16
    assert list(LiveGoods.objects.order_by("id").values()) == before


def test_a_fix_only_file_in_somebodys_hands_is_not_overwritten(load, catalogue, repaired):
    before = repaired.read_bytes()
    assert load(catalogue).fix_file == catalogue.with_name("catalog_products-fix-2.csv")
    assert repaired.read_bytes() == before


def test_a_fix_only_file_of_a_fix_only_file_has_the_advice_once(load, report):
    lines = report.fix_file.read_bytes().splitlines(keepends=True)
    report.fix_file.write_bytes(b"".join([lines[0], *lines[3:5]]))
    again = load(report.fix_file)
    assert again.fix_file.name == "catalog_products-fix-2.csv"
    assert read_sheet(again.fix_file).headings.count("what to do") == 1
