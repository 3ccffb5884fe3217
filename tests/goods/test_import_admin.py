"""Importing in the browser: the upload, the page of an import, its buttons and files."""

import io
import zipfile

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django_q.models import OrmQ
from openpyxl import Workbook

from audits.models import Batch
from goods.importing import csv_format
from goods.models import ImportRun, LiveGoods
from goods.tasks import imports
from tests.conftest import png
from tests.goods.imports import ADD, LIST, NAME, RIGHTS, address, checked, send_file, stored, table, uploaded
from tests.people import browser_of, form_of, queries, said, text

HEAD = ["product_no", "name", "price"]
GOOD = table(HEAD, ["A1", NAME, "68"])


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"


def errors(response) -> str:
    return " ".join(str(error) for error in response.context["adminform"].form.errors.get("file", []))


def xlsx(*rows) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


# --- the upload -----------------------------------------------------------------------------------


def test_the_only_account_is_chosen_already(staff, account):
    assert staff.get(ADD).context["adminform"].form["account"].value() == account.pk


def test_an_upload_leads_to_its_page_and_rings(staff, account, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = send_file(staff, account, GOOD)
    assert response.url == form_of(ImportRun.objects.get())
    assert OrmQ.objects.get().func() == "goods.tasks.imports"


def test_an_upload_keeps_its_name_and_who_sent_it(staff, account):
    send_file(staff, account, GOOD, "价格 表.csv")
    run = ImportRun.objects.get()
    assert (run.filename, run.created_by_name, run.language) == ("价格 表.csv", "owner", "en")


def test_an_upload_is_stored_under_a_name_that_nobody_can_guess(staff, account):
    for _time in range(2):
        send_file(staff, account, GOOD)
    names = {run.file.name for run in ImportRun.objects.all()}
    assert len(names) == 2 and all("list" not in name and len(name) > 30 for name in names)


def test_an_excel_file_may_be_uploaded(staff, account):
    send_file(staff, account, xlsx(HEAD, ["A1", NAME, 68]), "list.xlsx")
    imports()
    assert ImportRun.objects.get().creates == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"", "empty"), (b" \n", "empty"), (png(), "neither CSV nor XLSX"), (b"PK\x03\x04 cut off", "damaged"),
     (bytes.fromhex("d0cf11e0a1b11ae1"), ".xls"), (b"x" * 20_000_001, "20 MB")],
)  # fmt: skip
def test_what_is_no_table_is_told_at_the_field(staff, account, data, sentence):
    assert sentence in errors(send_file(staff, account, data))
    assert not ImportRun.objects.exists()


def test_an_archive_that_would_fill_the_memory_is_told_at_the_field(staff, account):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"\0" * 101_000_000)
    assert "too large when unpacked" in errors(send_file(staff, account, buffer.getvalue(), "a.xlsx"))


def test_a_page_path_without_the_number_is_told_at_its_field(staff, account):
    response = send_file(staff, account, GOOD, url_template="pages/x")
    assert "product_no" in str(response.context["adminform"].form.errors["url_template"])


def test_the_template_can_be_uploaded_as_it_is(staff, account):
    response = staff.get(reverse("admin:goods_importrun_template"))
    data = b"".join(response.streaming_content)
    send_file(staff, account, data)
    imports()
    run = ImportRun.objects.get()
    assert (run.creates, run.errors, run.to_fix, run.ignored_columns) == (1, 0, 0, [])


# --- the page -------------------------------------------------------------------------------------


def test_the_page_says_that_it_waits_and_that_no_worker_runs(staff, account):
    page = text(staff.get(form_of(uploaded(account, HEAD, ["A1", NAME, "68"]))))
    assert "Waiting for the background service" in page and "import-idle" in page


def test_the_page_moves_without_scripts_while_it_is_checked(staff, account):
    page = text(staff.get(form_of(uploaded(account, HEAD, ["A1", NAME, "68"]))))
    assert '<noscript><meta http-equiv="refresh"' in page


def test_a_checked_page_does_not_move_any_more(staff, account):
    page = text(staff.get(form_of(checked(account, HEAD, ["A1", NAME, "68"]))))
    assert 'http-equiv="refresh"' not in page and "import_run.js" not in page


def test_the_script_is_told_how_far_it_is(staff, account):
    run = uploaded(account, HEAD, ["A1", NAME, "68"])
    run.claim()
    run.advance(200, rows=1000)
    answer = staff.get(address("progress", run)).json()
    assert answer == {"working": True, "text": "Checking: 200 of 1000 rows", "done": 200, "most": 1000,
                      "alive": False}  # fmt: skip


def test_a_change_is_shown_old_and_new(staff, account, make_goods):
    make_goods(product_no="A1", name=NAME)
    page = text(staff.get(form_of(checked(account, HEAD, ["A1", NAME, "70"]))))
    assert "<del>¥68.00</del> → <strong>¥70.00</strong>" in page


def test_an_error_is_shown_with_its_field(staff, account):
    page = text(staff.get(form_of(checked(account, HEAD, ["A1", NAME, "abc"]))))
    assert "price (yuan): “abc” is not a price" in page


@pytest.mark.parametrize(
    ("group", "rows"), [("create", [2]), ("error", [3]), ("fix", [4]), ("nonsense", [2, 3, 4])]
)
def test_a_count_is_a_link_to_its_rows(staff, account, group, rows):
    run = checked(account, HEAD, ["A1", NAME, "68"], ["", NAME, "68"], ["A3", NAME * 4, "68"])
    if group == "create":
        run.found.filter(number=4).update(kind="change")
    response = staff.get(form_of(run), {"rows": group})
    assert [one.row.number for one in response.context["rows"]] == rows


def test_a_page_has_a_hundred_rows(staff, account):
    run = checked(account, HEAD, *([f"A{n}", NAME, "68"] for n in range(120)))
    shown = [len(staff.get(form_of(run), {"page": page}).context["rows"]) for page in ("1", "2")]
    assert shown == [100, 20]


def test_a_page_costs_the_same_for_one_row_and_for_many(staff, account):
    one = checked(account, HEAD, ["A1", NAME, "68"])
    many = checked(account, HEAD, *([f"A{n}", NAME, "68"] for n in range(60)))
    assert queries(staff, form_of(one)) == queries(staff, form_of(many))


def test_the_list_costs_the_same_for_one_import_and_for_many(staff, account):
    uploaded(account, HEAD)
    few = queries(staff, LIST)
    for _time in range(20):
        uploaded(account, HEAD)
    assert queries(staff, LIST) == few


def test_an_empty_list_says_what_to_do_first(staff, account):
    assert "No file has been imported yet." in text(staff.get(LIST))


def test_a_search_that_finds_nothing_does_not_say_that_the_list_is_empty(staff, account):
    uploaded(account, HEAD)
    assert "No file has been imported yet." not in text(staff.get(LIST, {"q": "nothing like it"}))


def test_a_name_with_markup_is_only_text(staff, account):
    run = checked(account, HEAD, ["A1", "<script>alert(1)</script>", "68"], filename="<b>.csv")
    page = text(staff.get(form_of(run)))
    assert "<script>alert" not in page and "<b>.csv" not in page


# --- its buttons ----------------------------------------------------------------------------------


def test_confirming_rings_and_stores(staff, account, django_capture_on_commit_callbacks):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(address("confirm", run))
    assert OrmQ.objects.count() == 1
    imports()
    assert LiveGoods.objects.get().price == 68


def test_a_second_click_changes_nothing_and_says_so(staff, account):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    staff.post(address("confirm", run))
    assert "Nothing changed" in said(staff.post(address("confirm", run), follow=True))[0]
    assert LogEntry.objects.filter(object_id=str(run.pk)).count() == 1


@pytest.mark.parametrize("what", ["confirm", "submit"])
def test_nothing_happens_by_looking(staff, account, what):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    assert staff.get(address(what, run)).status_code == 405


def test_what_was_left_out_is_named_on_the_page(staff, account, make_goods):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    make_goods(product_no="A1")
    page = text(staff.get(form_of(stored(run))))
    assert "1 was left out" in page and "Somebody else has just made this product." in page


def test_what_is_ready_can_be_submitted_from_the_page(staff, account, make_goods):
    ready = make_goods(product_no="A1", name=NAME)
    make_goods(product_no="A9")
    run = stored(checked(account, HEAD, ["A1", NAME, "70"], ["A2", NAME, "70"]))
    assert "Submit the 1 ready one" in text(staff.get(form_of(run)))
    response = staff.post(address("submit", run))
    batch = Batch.objects.get()
    assert (batch.selection, batch.operation) == ([ready.pk], "add")
    assert response.url == reverse("admin:audits_batch_plan", args=[batch.pk])


def test_what_is_at_wechat_already_is_not_submitted_again(staff, account, make_goods):
    make_goods(product_no="A1", name=NAME, goods_id="9", third_party_tag=2, audit_status=0)
    run = stored(checked(account, HEAD, ["A1", NAME, "70"]))
    assert "None of its products" in said(staff.post(address("submit", run), follow=True))[0]


# --- files to take away ---------------------------------------------------------------------------


def test_the_rows_to_correct_can_be_downloaded_and_uploaded_again(staff, account):
    run = checked(
        account, HEAD, ["A1", NAME, "68"], ["A2", NAME, "abc"], ["A3", "=1+1", "68"], filename="价格.csv"
    )
    response = staff.get(address("fix_file", run))
    lines = csv_format.read(b"".join(response.streaming_content), 10)
    assert [line.cells[:2] for line in lines[1:]] == [["A2", NAME], ["A3", "=1+1"]]
    assert lines[0].cells[-1] == "what to do" and "not a price" in lines[1].cells[-1]


def test_what_was_left_out_is_in_the_file_to_correct(staff, account, make_goods):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    make_goods(product_no="A1")
    lines = csv_format.read(b"".join(staff.get(address("fix_file", stored(run))).streaming_content), 10)
    assert "Somebody else has just made" in lines[1].cells[-1]


def test_a_download_is_saved_and_kept_by_nobody(staff, account):
    run = checked(account, HEAD, ["", NAME, "68"], filename='"价格";.csv')
    response = staff.get(address("fix_file", run))
    assert response["Content-Disposition"].startswith("attachment; ")
    assert response["X-Content-Type-Options"] == "nosniff" and "no-store" in response["Cache-Control"]


def test_a_file_without_rows_to_correct_has_no_download(staff, account):
    assert staff.get(address("fix_file", checked(account, HEAD, ["A1", NAME, "68"]))).status_code == 404


# --- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["add_importrun", "add_livegoods", "change_livegoods"])
def test_uploading_needs_the_right_to_import_and_to_edit(account, missing):
    browser = browser_of(*(right for right in RIGHTS if right != missing))
    assert send_file(browser, account, GOOD).status_code == 403 and not ImportRun.objects.exists()


@pytest.mark.parametrize("missing", ["add_importrun", "add_livegoods", "change_livegoods"])
def test_confirming_needs_the_same_rights(account, missing):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    browser = browser_of(*(right for right in RIGHTS if right != missing))
    assert browser.post(address("confirm", run)).status_code == 403
    assert "/confirm/" not in text(browser.get(form_of(run)))


def test_these_rights_are_enough(account):
    browser = browser_of(*RIGHTS)
    assert send_file(browser, account, GOOD).status_code == 302
    imports()
    run = ImportRun.objects.get()
    assert browser.get(form_of(run)).status_code == browser.get(LIST).status_code == 200
    assert browser.post(address("confirm", run)).status_code == 302


@pytest.mark.parametrize("what", ["change", "progress", "fix_file"])
def test_looking_needs_the_right_to_look(account, what):
    run = checked(account, HEAD, ["", NAME, "68"])
    assert browser_of("view_livegoods").get(address(what, run)).status_code == 403
    assert browser_of("view_importrun").get(address(what, run)).status_code == 200


def test_submitting_needs_the_right_to_send(account):
    run = stored(checked(account, HEAD, ["A1", NAME, "68"]))
    assert browser_of(*RIGHTS).post(address("submit", run)).status_code == 403


def test_an_import_that_is_not_there_is_no_page(staff, account):
    run = ImportRun(pk=4711)
    answers = {
        staff.get(address("progress", run)).status_code,
        staff.post(address("confirm", run)).status_code,
    }
    assert answers == {404}
