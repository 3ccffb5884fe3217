"""A ZIP file of a table and its pictures: which picture a row gets, and what is stored of it."""

import datetime as dt
import zipfile
from decimal import Decimal

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from goods.importing import live, runs, uploads
from goods.models import LiveGoods
from goods.models.import_run import LEASE
from goods.pictures import thumbnail_name
from goods.tasks import imports
from tests.conftest import png
from tests.goods.imports import NAME, archive, checked_archive, row, stored, table, uploaded_archive
from tests.people import form_of, text

HEAD = ["product_no", "name", "price", "图片"]
RED, BLUE = png(colour="red"), png(colour="blue")


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


def zipped(pictures: dict[str, bytes], *cells: str, name: str = "list.csv") -> bytes:
    """A ZIP file with a row for each of the cells, and these pictures."""
    rows = [[f"A{n}", NAME, "68", cell] for n, cell in enumerate(cells, start=1)]
    return archive({name: table(HEAD, *rows), **pictures})


def chosen(account, pictures: dict[str, bytes], cell: str, name: str = "list.csv") -> str:
    """The picture that a row with this cell gets."""
    return row(checked_archive(account, zipped(pictures, cell, name=name)), 2).changes["cover"][1]


def problem(account, pictures: dict[str, bytes], cell: str) -> str:
    found = row(checked_archive(account, zipped(pictures, cell)), 2)
    assert found.kind == "error"
    return found.problems[0][1]


def picture(goods: LiveGoods) -> bytes:
    with goods.cover.open() as file:
        return file.read()


def covers() -> list[str]:
    """Every stored picture, the small ones included."""
    folders = [name for name in ("live_goods", "thumbnails/live_goods") if default_storage.exists(name)]
    return [name for folder in folders for name in default_storage.listdir(folder)[1]]


# --- which picture --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    ["图片/咖啡 1.png", "咖啡 1.png", "咖啡 1.PNG", "图片\\咖啡 1.png", "./图片/咖啡 1.png", "咖啡 1",
     "C:\\Users\\wang\\图片\\咖啡 1.png"],
)  # fmt: skip
def test_a_picture_is_found_by_its_path_or_its_name(account, cell):
    assert chosen(account, {"图片/咖啡 1.png": RED, "图片/茶.png": BLUE}, cell) == "图片/咖啡 1.png"


@pytest.mark.parametrize("picture", ["A1.png", "图片/a1.PNG", "deep/er/A1.jpeg"])
def test_a_row_that_names_none_gets_the_one_with_its_product_number(account, picture):
    assert chosen(account, {picture: RED, "A2.png": BLUE, "A1.pdf": b"x"}, "") == picture


def test_a_name_in_the_row_counts_more_than_the_number(account):
    assert chosen(account, {"A1.png": RED, "b.png": BLUE}, "b.png") == "b.png"


def test_a_path_counts_from_the_folder_of_the_table(account):
    pictures = {"商品/图/a.png": RED, "图/a.png": BLUE}
    assert chosen(account, pictures, "图/a.png", name="商品/list.csv") == "商品/图/a.png"


def test_two_pictures_of_one_name_are_told_apart_by_their_folder(account):
    assert chosen(account, {"a/x.png": RED, "b/x.png": BLUE}, "b/x.png") == "b/x.png"


def test_two_pictures_of_one_name_are_a_problem_without_it(account):
    assert "Several pictures" in problem(account, {"a/x.png": RED, "b/x.png": BLUE}, "x.png")


def test_a_picture_that_is_not_there_is_a_problem(account):
    assert "no such picture in the ZIP file: x.png" in problem(account, {"a.png": RED}, "x.png")


def test_what_is_no_picture_is_a_problem(account):
    assert "no picture that can be used" in problem(account, {"x.png": b"not a picture"}, "x.png")


def test_a_picture_that_is_too_large_is_a_problem(account):
    assert "larger than 10 MB" in problem(account, {"x.png": RED + b"\0" * 10_000_000}, "x.png")


def test_a_damaged_picture_is_a_problem_of_its_row_only(account):
    data = bytearray(zipped({"x.png": RED, "y.png": BLUE}, "x.png", "y.png"))
    at = data.index(b"x.png", data.index(b"PK\x03\x04", 10)) + 5
    data[at + 10 : at + 30] = b"\0" * 20
    run = checked_archive(account, bytes(data))
    assert (row(run, 2).kind, row(run, 3).kind) == ("error", "create")
    assert "damaged" in row(run, 2).problems[0][1] and "x.png" in row(run, 2).problems[0][1]


@pytest.mark.parametrize("cell", ["../../secret.png", "/etc/secret.png"])
def test_a_name_that_leads_out_of_the_archive_finds_nothing_outside(account, settings, cell):
    settings.MEDIA_ROOT.mkdir(exist_ok=True)
    (settings.MEDIA_ROOT / "secret.png").write_bytes(RED)
    assert "no such picture" in problem(account, {"a.png": BLUE}, cell)


# --- names in archives ----------------------------------------------------------------------------


def named(name: bytes, data: bytes = RED, cell: str = "咖啡.png") -> bytes:
    """An archive whose picture has these bytes for a name, and does not say in which encoding."""
    place = "@" * len(name)
    return zipped({place: data}, cell).replace(place.encode(), name)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_chinese_name_is_read_without_the_mark_for_utf8(account, encoding):
    run = checked_archive(account, named("咖啡.png".encode(encoding)))
    assert row(run, 2).changes["cover"][1] == "咖啡.png"


def test_a_name_with_a_backslash_in_its_second_byte_is_read(account):
    name = "乗.png"
    assert b"\\" in name.encode("gbk")
    assert row(checked_archive(account, named(name.encode("gbk"), cell=name)), 2).kind == "create"


def test_a_name_in_any_other_bytes_does_no_harm(account):
    run = checked_archive(account, named(b"\xff\xff\xff.png", cell=""))
    assert (run.status, run.creates, run.without_cover) == ("checked", 1, 1)


def test_what_macos_and_excel_leave_behind_does_not_count(account):
    litter = {"__MACOSX/._list.csv": b"x", "~$list.xlsx": b"x", ".a1.png": b"x", "__MACOSX/A1.png": b"x"}
    assert chosen(account, litter | {"A1.png": RED}, "") == "A1.png"


def test_a_link_is_no_picture(account):
    link = zipfile.ZipInfo("A1.png")
    link.external_attr = 0o120777 << 16
    buffer = zipped({}, "A1.png")
    run = uploaded_archive(account, buffer)
    with zipfile.ZipFile(run.file.path, "a") as packed:
        packed.writestr(link, "/etc/passwd")
    imports()
    assert "no such picture" in row(run, 2).problems[0][1]


# --- storing --------------------------------------------------------------------------------------


def test_a_picture_is_stored_with_its_product_which_is_then_ready(account):
    run = stored(checked_archive(account, zipped({"a.png": RED}, "a.png")))
    goods = LiveGoods.objects.get()
    assert picture(goods) == RED and default_storage.exists(thumbnail_name(goods.cover.name))
    assert run.ready().get() == goods


def test_a_check_stores_no_picture(account):
    checked_archive(account, zipped({"a.png": RED}, "a.png"))
    assert covers() == []


def test_the_same_archive_again_changes_nothing(account):
    data = zipped({"a.png": RED, "A2.png": BLUE}, "a.png", "")
    stored(checked_archive(account, data))
    again = checked_archive(account, data)
    assert (again.to_store, again.unchanged) == (0, 2)


def test_pictures_can_be_added_by_the_same_table_later(account):
    stored(checked_archive(account, zipped({"A1.png": RED}, "", "")))
    run = checked_archive(account, zipped({"A1.png": RED, "A2.png": BLUE}, "", ""))
    assert (run.changes, list(row(run, 3).changes)) == (1, ["cover"])
    stored(run)
    assert picture(LiveGoods.objects.get(product_no="A2")) == BLUE


def test_an_exported_list_with_pictures_beside_it_may_name_the_old_ones(account, make_goods):
    goods = make_goods(product_no="A1", name=NAME, price=Decimal(68))
    run = checked_archive(account, zipped({"A1.png": BLUE}, goods.cover.name))
    assert list(row(run, 2).changes) == ["cover"]


def test_a_picture_that_somebody_chose_meanwhile_stays(account, make_goods):
    goods = make_goods(product_no="A1", name=NAME, price=Decimal(68))
    run = checked_archive(account, zipped({"A1.png": BLUE}, ""))
    goods.cover = "live_goods/other.png"
    goods.save(update_fields=["cover"])
    before = covers()
    run = stored(run)
    goods.refresh_from_db()
    assert (run.left_out, goods.cover.name) == (1, "live_goods/other.png")
    assert covers() == before


def test_a_crash_leaves_no_picture_behind_and_the_next_worker_stores_it(account, monkeypatch):
    run = checked_archive(account, zipped({"a.png": RED}, "a.png"))
    run.confirm(by=run.created_by)

    def crash(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(live, "log_saved", crash)
        imports()
    assert covers() == [] and not LiveGoods.objects.exists()
    with time_machine.travel(timezone.now() + LEASE + dt.timedelta(seconds=1)):
        imports()
    assert picture(LiveGoods.objects.get()) == RED


def test_pictures_are_stored_few_at_a_time(account, monkeypatch):
    cells = [f"{n}.png" for n in range(25)]
    run = checked_archive(account, zipped(dict.fromkeys(cells, RED), *cells))
    run.confirm(by=run.created_by)
    at_once = []

    def saved_covers(rows, pictures):
        at_once.append(len(rows))
        return uploads.saved_covers(rows, pictures)

    monkeypatch.setattr(live, "saved_covers", saved_covers)
    imports()
    assert at_once == [10, 10, 5]


def test_an_upload_that_is_lost_before_it_is_stored_fails_with_a_sentence(account):
    run = checked_archive(account, zipped({"a.png": RED}, "a.png"))
    run.file.storage.delete(run.file.name)
    assert "There is no file" in stored(run).error


# --- on the page ----------------------------------------------------------------------------------


def test_the_page_shows_which_picture_a_product_gets(staff, account, make_goods):
    make_goods(product_no="A1", name=NAME, price=Decimal(68))
    page = text(staff.get(form_of(checked_archive(account, zipped({"图/A1.png": BLUE}, "")))))
    assert "cover picture · <strong>图/A1.png</strong>" in page


def test_the_products_without_a_picture_can_be_looked_at(staff, account):
    run = checked_archive(account, zipped({"A1.png": RED}, "", "", "wrong.png"))
    for _time in ("checked", "stored"):
        response = staff.get(form_of(run), {"rows": "bare"})
        assert [one.row.number for one in response.context["rows"]] == [3]
        if run.status == "checked":
            run = stored(run)


def test_the_rows_to_correct_of_an_archive_are_a_table(staff, account):
    run = checked_archive(account, zipped({}, "wrong.png"))
    assert runs.fix_file(run)[0] == "list-fix.csv"


def test_the_page_says_that_the_rows_to_correct_need_their_pictures_again(staff, account):
    page = text(staff.get(form_of(checked_archive(account, zipped({}, "wrong.png")))))
    assert "Pack it into a ZIP file with the pictures" in page
