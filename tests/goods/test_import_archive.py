"""What is turned down of a ZIP file when it is uploaded, and later."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from openpyxl import Workbook

from goods.admin.import_form import UploadForm
from goods.importing import URL_TEMPLATE
from goods.importing import archive as archives
from goods.models import ImportRun
from goods.tasks import imports
from tests.conftest import png
from tests.goods.imports import NAME, archive, checked_archive, send_file, table

LIST = table(["product_no", "name", "price"], ["A1", NAME, "68"])


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


def told(staff, account, data: bytes, name: str = "list.zip") -> str:
    response = send_file(staff, account, data, name)
    assert not ImportRun.objects.exists()
    return " ".join(response.context["adminform"].form.errors["file"])


def test_a_table_with_its_pictures_may_be_uploaded(staff, account):
    send_file(staff, account, archive({"list.csv": LIST, "A1.png": png()}), "list.zip")
    imports()
    run = ImportRun.objects.get()
    assert (run.status, run.creates, run.without_cover) == ("checked", 1, 0)


def test_a_workbook_with_its_pictures_may_be_uploaded(staff, account):
    book, buffer = Workbook(), io.BytesIO()
    book.active.append(["product_no", "name"])
    book.active.append(["A1", NAME])
    book.save(buffer)
    run = checked_archive(account, archive({"商品/list.xlsx": buffer.getvalue(), "商品/A1.png": png()}))
    assert (run.creates, run.without_cover) == (1, 0)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [({"A1.png": b"x"}, "no table"), ({"a.csv": LIST, "b/c.xlsx": b"x"}, "a.csv, b/c.xlsx"),
     ({"a.xls": bytes.fromhex("d0cf11e0a1b11ae1")}, "old Excel file"), ({"a.csv": b""}, "empty"),
     ({"a.xlsx": b"PK\x03\x04 cut off"}, "damaged")],
)  # fmt: skip
def test_an_archive_has_exactly_one_table(staff, account, files, sentence):
    assert sentence in told(staff, account, archive(files))


@pytest.mark.parametrize("data", [b"PK\x03\x04 cut off", b"Rar!\x1a\x07\x00", b"PK\x05\x06"])
def test_a_damaged_archive_is_told_at_the_field(staff, account, data):
    assert "The ZIP file is damaged" in told(staff, account, data)


def test_a_damaged_table_in_an_archive_is_told_at_the_field(staff, account):
    data = bytearray(archive({"list.csv": LIST * 50}))
    data[60:70] = b"\0" * 10
    assert "The ZIP file is damaged" in told(staff, account, bytes(data))


def test_a_bomb_is_turned_down(staff, account):
    files = {f"{n}.png": bytes(30_000_000) for n in range(14)}
    assert "too large when unpacked" in told(staff, account, archive({"list.csv": LIST, **files}))


def test_a_member_that_lies_about_its_size_is_not_unpacked(account):
    data = archive({"list.csv": LIST, "A1.png": bytes(50_000_000)})
    lie = data.replace((50_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lie != data
    run = checked_archive(account, lie)
    assert "damaged" in run.found.get().problems[0][1]


def test_a_table_that_is_too_large_is_turned_down(staff, account):
    assert "larger than 20 MB" in told(staff, account, archive({"list.csv": b"x" * 20_000_001}))


def test_an_archive_of_too_many_files_is_turned_down(staff, account, monkeypatch):
    monkeypatch.setattr(archives, "ENTRIES_MOST", 3)
    files = {f"{n}.png": b"x" for n in range(3)}
    assert "more than 3 files" in told(staff, account, archive({"list.csv": LIST, **files}))


def test_an_endless_list_of_files_is_not_read(staff, account, monkeypatch):
    data = bytearray(archive({"list.csv": LIST}))
    at = data.rindex(b"PK\x05\x06")
    data[at + 12 : at + 16] = (9_000_000).to_bytes(4, "little")
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "files" in told(staff, account, bytes(data))


def test_a_second_ending_does_not_hide_the_length_of_the_list(staff, account, monkeypatch):
    data = archive({"list.csv": LIST})
    at = data.rindex(b"PK\x05\x06")
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "files" in told(staff, account, data[:at] + b"PK\x06\x07" + bytes(16) + data[at:])


@pytest.mark.parametrize(("place", "value", "sentence"), [(8, 1, "password"), (10, 14, "unusual way")])
def test_what_cannot_be_unpacked_is_turned_down(staff, account, place, value, sentence):
    data = bytearray(archive({"list.csv": LIST}))
    data[data.index(b"PK\x01\x02") + place] = value
    assert sentence in told(staff, account, bytes(data))


def test_a_name_in_an_archive_is_never_a_path_on_this_machine(account, tmp_path):
    run = checked_archive(account, archive({"../../list.csv": LIST, "/../../../A1.png": png()}))
    assert (run.creates, run.without_cover) == (1, 0)
    assert not list(tmp_path.rglob("A1.png"))


@pytest.mark.parametrize(("size", "fits"), [(200_000_000, True), (200_000_001, False)])
def test_an_archive_may_have_200_megabytes(account, size, fits):
    with TemporaryUploadedFile("list.zip", "application/zip", size, None) as file:
        file.write(archive({"list.csv": LIST}))
        form = UploadForm({"account": account.pk, "url_template": URL_TEMPLATE}, {"file": file})
        assert form.is_valid() == fits
    assert fits or "200 MB" in str(form.errors["file"])


def test_a_member_without_a_name_does_no_harm(account):
    data = archive({"list.csv": LIST, "A1.png": png(), "@.png": b"x"})
    run = checked_archive(account, data.replace(b"@.png", b"\0.png"))
    assert (run.creates, run.without_cover) == (1, 0)
