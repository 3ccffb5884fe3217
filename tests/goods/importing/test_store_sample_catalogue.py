"""The sample catalogue as products of the Mini Store, from the first import to the repaired fix-only file."""

import io
import shutil
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from goods.importing import default_fix_file, import_store
from goods.importing.sheet import parse_sheet, read_sheet, write_sheet
from goods.models import Brand, Category, FreightTemplate, Sku, Spu
from goods.store.titles import propose_sub_title
from tests.goods.importing.conftest import CATALOGUE

SKUS = CATALOGUE.with_name("catalog_skus.csv")


@pytest.fixture
def files(tmp_path):
    return [Path(shutil.copy(path, tmp_path)) for path in (CATALOGUE, SKUS)]


@pytest.fixture
def shop(account):
    """What a first pull has brought: the categories of the sample, a brand, a freight template."""
    names = {line.cells[5] for line in read_sheet(CATALOGUE).lines}
    Category.objects.create(account=account, cat_id="1", parent_id="0", name="全部", level=1)
    Category.objects.create(account=account, cat_id="2", parent_id="1", name="样品", level=2)
    for number, name in enumerate(sorted(names), start=3):
        Category.objects.create(account=account, cat_id=str(number), parent_id="2", name=name, level=3)
    phones = ["1", "2", Category.objects.get(name="手机通讯").cat_id]
    Brand.objects.create(account=account, brand_id="90", name="小米", cats=phones, leaf_id=phones[-1])
    FreightTemplate.objects.create(account=account, name="全国包邮", template_id="7")
    return account


@pytest.fixture
def load(shop, files):
    def do(*paths):
        paths = paths or tuple(files)
        return import_store(list(paths), shop, fix_file=default_fix_file(paths[0]))

    return do


@pytest.fixture
def report(load):
    return load()


def all_rows():
    return [list(model.objects.order_by("id").values()) for model in (Spu, Sku)]


def test_every_row_of_both_lists_is_accounted_for(report):
    assert (report.rows, report.created, report.rejected) == (118, 118, 0)


def test_it_is_22_products_and_96_skus(report):
    assert (Spu.objects.count(), Sku.objects.exclude(attrs=[]).count()) == (22, 96)


def test_a_product_without_rows_of_skus_is_sold_as_one(report):
    skus = Sku.objects.filter(attrs=[]).values_list("out_sku_id", "sale_price", "market_price", "stock")
    assert set(skus) == {("1", 100, 120, 100), ("7", 249, 299, 100)}


def test_a_promotion_price_is_what_buyers_pay(report):
    sku = Sku.objects.get(out_sku_id="201808270029001")
    assert (sku.sale_price, sku.market_price, sku.stock) == (Decimal(4999), Decimal(5499), 99)


def test_the_attributes_of_a_sku_are_pairs_in_their_order(report):
    sku = Sku.objects.get(out_sku_id="201808270029001")
    assert sku.attrs == [["颜色", "金色"], ["容量", "32G"]] and sku.sku_code == sku.out_sku_id


def test_sub_titles_that_are_too_long_are_the_only_problem(report):
    assert {problem.field for problem in report.problems} == {"sub_title"}
    assert {int(problem.product_no) for problem in report.problems} == set(range(26, 46))


def test_the_products_to_correct_are_those_with_too_long_sub_titles(report):
    assert report.to_fix == 20 and report.without_cover == 22


def test_a_brand_counts_where_it_is_granted(report):
    brands = {spu.brand_id for spu in Spu.objects.filter(out_product_id__in=("27", "28"))}
    assert brands == {"90"} and Spu.objects.get(out_product_id="33").brand_id == "2100000000"
    assert "“小米” is not granted" in next(w.text for w in report.warnings if w.product_no == "33")


def test_new_products_get_the_freight_template_of_the_shop(report):
    assert {spu.template_id for spu in Spu.objects.all()} == {"7"}


def test_without_categories_every_product_says_that_they_have_not_been_read(account, files):
    report = import_store(files, account)
    fields = {problem.field for problem in report.problems}
    assert report.to_fix == 22 and fields == {"cats", "sub_title", "freight_template"}


def test_the_fix_only_file_has_exactly_the_bad_rows_of_the_one_list(report):
    sheet = read_sheet(report.fix_file)
    assert report.fix_file.suffix == ".csv" and [line.cells[0] for line in sheet.lines] == [
        str(number) for number in range(26, 46)
    ]


def test_a_repeated_import_writes_nothing(report, load):
    before = all_rows()
    again = load()
    assert (again.created, again.updated, again.unchanged) == (0, 0, 118)
    assert all_rows() == before


def test_the_list_of_products_alone_leaves_the_prices_of_skus_alone(report, load, files):
    before = all_rows()
    assert load(files[0]).unchanged == 22 and all_rows() == before


@pytest.fixture
def repaired(report):
    """The fix-only file with the first proposal for every sub-title, and all else left as it is."""
    sheet = read_sheet(report.fix_file)
    place = sheet.headings.index("sub_title")
    rows = [
        [*line.cells[:place], propose_sub_title(line.cells[place])[0], *line.cells[place + 1 :]]
        for line in sheet.lines
    ]
    report.fix_file.write_bytes(write_sheet(".csv", sheet.headings, rows))
    return report.fix_file


def test_the_repaired_fix_only_file_imports_cleanly(load, repaired):
    again = load(repaired)
    assert (again.updated, again.problems, again.fix_file) == (20, [], None)


def test_after_the_repair_no_product_lacks_anything_but_pictures(load, repaired):
    load(repaired)
    assert {tuple(spu.problems()) for spu in Spu.objects.all()} == {("head_imgs",)}


def test_bad_rows_of_both_lists_come_as_one_archive(load, files):
    files[1].write_text(files[1].read_text(encoding="utf-8-sig").replace(",86,", ",?,"), encoding="utf-8")
    fixed = load().fix_file
    assert fixed.suffix == ".zip"
    with zipfile.ZipFile(io.BytesIO(fixed.read_bytes())) as archive:
        sheets = {name: parse_sheet(archive.read(name)) for name in archive.namelist()}
    assert [len(sheet.lines) for sheet in sheets.values()] == [20, 1]
    assert "is not a number of pieces" in sheets["catalog_skus-fix.csv"].lines[0].cells[-1]


def test_the_archive_of_bad_rows_imports_again(load, files):
    files[1].write_text(files[1].read_text(encoding="utf-8-sig").replace(",86,", ",?,"), encoding="utf-8")
    fixed = load().fix_file
    again = load(fixed)
    assert (again.rows, again.rejected, again.unchanged) == (21, 1, 20)
