"""An upload of products and SKUs in the browser: checked, shown, confirmed, stored as it was shown."""

import io
import zipfile
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from goods.importing import runs
from goods.importing.sheet import parse_sheet
from goods.models import ImportRun, Sku, Spu
from goods.tasks import imports
from tests.conftest import png
from tests.goods.imports import ADD, archive, stored, table, uploaded
from tests.people import browser_of, form_of, text

PRODUCT = ["product_no", "title"]
SKU = ["product_no", "sku_code", "price", "stock", "颜色"]
TEE = ["T1", "纯棉圆领短袖"]
WHITE, BLACK = ["T1", "T1-W", "59", "10", "白色"], ["T1", "T1-B", "59", "10", "黑色"]
RIGHTS = ("view_importrun", "add_importrun", "view_spu", "add_spu", "change_spu", "change_sku")


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def account(account):
    account.families = ["live_goods", "mini_store"]
    account.save()
    return account


@pytest.fixture
def checked(account):
    """A run of one table or two after a worker has compared it with the products."""

    def do(*tables, work=True):
        run = uploaded(account, *tables[0], filename="products.csv")
        run.family, run.url_template = "mini_store", ""
        if len(tables) > 1:
            run.second_file.save("skus.csv", ContentFile(table(*tables[1])), save=False)
            run.second_filename = "skus.csv"
        run.save()
        if work:
            imports()
            run.refresh_from_db()
        return run

    return do


@pytest.fixture
def tee(checked):
    stored(checked([PRODUCT, TEE], [SKU, WHITE, BLACK]))
    return Spu.objects.get()


def left_out(run):
    return dict(run.found.exclude(left_out="").values_list("position", "left_out"))


# --- checked and stored ---------------------------------------------------------------------------


def test_a_check_stores_nothing_and_counts_both_lists(checked):
    run = checked([PRODUCT, TEE], [SKU, WHITE, BLACK])
    assert (run.status, run.rows, run.creates) == ("checked", 3, 3) and not Spu.objects.exists()


def test_the_rows_of_skus_follow_their_product(checked):
    run = checked([PRODUCT, TEE, ["T2", "另一件"]], [SKU, BLACK, ["T2", "T2-W", "1", "1", "白"], WHITE])
    assert [(row.table, row.number, row.sku_no) for row in run.found.all()] == [
        ("products", 2, ""), ("skus", 2, "T1-B"), ("skus", 4, "T1-W"),
        ("products", 3, ""), ("skus", 3, "T2-W"),
    ]  # fmt: skip


def test_what_was_shown_is_stored_after_the_confirmation(tee):
    skus = tee.skus.values_list("out_sku_id", "sale_price", "position")
    assert list(skus) == [("T1-W", Decimal(59), 0), ("T1-B", Decimal(59), 1)] and tee.faulty


def test_stored_rows_know_their_product(checked, tee):
    assert set(ImportRun.objects.get().found.values_list("spu", flat=True)) == {tee.pk}


def test_the_same_files_again_change_nothing(checked, tee):
    again = checked([PRODUCT, TEE], [SKU, WHITE, BLACK])
    assert (again.to_store, again.unchanged) == (0, 3)


def test_a_sku_that_somebody_changed_meanwhile_is_left_out_and_the_others_are_stored(checked, tee):
    run = checked([SKU, [*WHITE[:2], "60", "10", "白色"], [*BLACK[:2], "61", "10", "黑色"]])
    sku = tee.skus.get(out_sku_id="T1-W")
    sku.stock = 3
    sku.save(update_fields=["stock"])
    run = stored(run)
    assert (run.stored, run.left_out) == (1, 1) and "Somebody has changed the SKU" in left_out(run)[1]
    assert dict(tee.skus.values_list("out_sku_id", "sale_price")) == {"T1-W": 59, "T1-B": 61}


def test_a_product_that_somebody_changed_meanwhile_is_left_out_and_its_skus_are_stored(checked, tee):
    run = checked([PRODUCT, ["T1", "新的标题"]], [SKU, [*WHITE[:2], "60", "10", "白色"]])
    tee.title = "同事改的标题"
    tee.save(update_fields=["title"])
    run = stored(run)
    tee.refresh_from_db()
    assert (run.stored, run.left_out, tee.title) == (1, 1, "同事改的标题")


def test_a_product_that_somebody_made_meanwhile_is_left_out_with_its_skus(checked, account):
    run = checked([PRODUCT, TEE], [SKU, WHITE])
    Spu.objects.create(account=account, out_product_id="T1", title="同事的")
    run = stored(run)
    assert (run.stored, run.left_out, Sku.objects.count()) == (0, 2, 0)


def test_a_product_that_was_deleted_meanwhile_is_left_out_with_its_skus(checked, tee):
    run = checked([PRODUCT, ["T1", "新的标题"]], [SKU, [*WHITE[:2], "60", "10", "白色"]])
    tee.delete()
    assert set(left_out(stored(run))) == {1, 2}


def test_storing_that_does_not_fit_into_one_task_keeps_products_whole(checked, monkeypatch):
    tees = [["T1", "短袖一"], ["T2", "短袖二"]]
    skus = [[f"T{n}", f"T{n}-{c}", "59", "1", c] for n in (1, 2) for c in "红绿蓝"]
    run = checked([PRODUCT, *tees], [SKU, *skus])
    run.confirm(by=run.created_by)
    monkeypatch.setattr(runs, "CHUNK", 2)
    runs.store(ImportRun.objects.claim(), deadline=0)
    assert (Spu.objects.count(), Sku.objects.count()) == (1, 3)
    imports()
    assert (Spu.objects.count(), Sku.objects.count()) == (2, 6)


def test_a_check_that_does_not_fit_into_one_task_goes_on_where_it_stopped(checked, monkeypatch):
    run = checked([PRODUCT, TEE, ["T2", "另一件"], TEE], [SKU, WHITE, BLACK, WHITE], work=False)
    monkeypatch.setattr(runs, "CHUNK", 1)
    runs.check(ImportRun.objects.claim(), deadline=0)
    # The whole product with its SKUs, and what repeats them.
    assert run.found.count() == 5
    imports()
    run.refresh_from_db()
    assert (run.status, run.creates, run.errors) == ("checked", 4, 2)


def test_two_lists_of_one_kind_fail_with_a_sentence(checked):
    run = checked([PRODUCT, TEE], [PRODUCT, ["T2", "另一件"]])
    assert run.status == "failed" and "products.csv and skus.csv both list products" in run.error


def test_the_rows_to_correct_of_two_lists_come_as_one_archive(checked):
    run = checked([PRODUCT, TEE], [SKU, WHITE, [*BLACK[:2], "?", "1", "黑色"]])
    name, data = runs.fix_file(run)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        sheets = {each: parse_sheet(packed.read(each)) for each in packed.namelist()}
    assert name == "products-fix.zip" and sorted(sheets) == ["products-fix.csv", "skus-fix.csv"]
    assert [line.cells[1] for line in sheets["skus-fix.csv"].lines] == ["T1-B"]


def test_an_archive_brings_both_lists_and_the_pictures(checked, account):
    files = {"p.csv": table([*PRODUCT, "主图"], [*TEE, "a.png"]), "s.csv": table(SKU, WHITE),
             "a.png": png(), "T1-W.png": png(colour="navy")}  # fmt: skip
    run = uploaded(account)
    run.family = "mini_store"
    run.file.save("list.zip", ContentFile(archive(files)))
    imports()
    run.refresh_from_db()
    assert (run.creates, run.without_cover) == (2, 0)
    stored(run)
    spu = Spu.objects.get()
    assert len(spu.head_imgs) == 1 and spu.skus.get().picture_id not in (None, *spu.head_imgs)


# --- in the browser -------------------------------------------------------------------------------


def send(client, account, data, second=None):
    values = {"account": account.pk, "file": ContentFile(data, "list.csv")}
    if second:
        values["second_file"] = ContentFile(second, "skus.csv")
    return client.post(f"{ADD}?family=mini_store", values)


def test_both_files_are_uploaded_by_one_form(staff, account):
    send(staff, account, table(PRODUCT, TEE), table(SKU, WHITE))
    imports()
    run = ImportRun.objects.get()
    assert (run.family, run.filenames, run.creates) == ("mini_store", "list.csv + skus.csv", 2)


def test_only_accounts_with_a_mini_store_may_be_chosen(staff, account):
    account.families = ["live_goods"]
    account.save()
    response = send(staff, account, table(PRODUCT, TEE))
    assert "no Mini Store" in str(response.context["adminform"].form.errors)


def test_the_page_names_category_and_price_and_links_to_the_product(staff, tee):
    page = text(staff.get(form_of(ImportRun.objects.get())))
    assert "¥59.00" in page and "白色" in page and "T1-W" in page
    assert reverse("admin:goods_spu_change", args=[tee.pk]) in page


def test_each_list_has_a_template_that_can_be_uploaded_as_it_is(staff, account):
    address = reverse("admin:goods_importrun_template")
    lists = [b"".join(staff.get(address, {"table": name}).streaming_content) for name in ("products", "skus")]
    send(staff, account, *lists)
    imports()
    run = ImportRun.objects.get()
    assert (run.creates, run.errors, run.ignored_columns) == (2, 0, [])


def test_rights_of_live_goods_alone_do_not_import_into_the_mini_store(account):
    browser = browser_of("view_importrun", "add_importrun", "add_livegoods", "change_livegoods")
    assert send(browser, account, table(PRODUCT, TEE)).status_code == 403


def test_rights_of_the_mini_store_alone_lead_to_its_upload(account):
    page = text(browser_of(*RIGHTS).get(ADD))
    assert "second_file" in page and "url_template" not in page
