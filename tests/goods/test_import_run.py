"""An uploaded file in the hands of the workers: checked, stored as it was shown, once and by one of them."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone
from django_q.models import OrmQ

from goods.importing import live, runs
from goods.importing.importer import create_all
from goods.models import ImportRun, LiveGoods
from goods.models.import_run import LEASE, MOST_TRIES, UPLOADS_KEPT, LostRun
from goods.tasks import imports
from tests.goods.imports import NAME, checked, row, stored, uploaded

HEAD = ["product_no", "name", "price"]


def left_out(run: ImportRun) -> dict[int, str]:
    return dict(run.found.exclude(left_out="").values_list("number", "left_out"))


# --- the check ------------------------------------------------------------------------------------


def test_a_check_stores_nothing(account):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    assert run.status == "checked" and not LiveGoods.objects.exists()


def test_a_check_counts_what_every_row_would_do(account, make_goods):
    make_goods(product_no="A1", name=NAME, price=Decimal(68))
    make_goods(product_no="A2", price=Decimal(68))
    new, too_long, no_number = ["A3", NAME, "1"], ["A4", NAME * 4, "1"], ["", NAME, "1"]
    run = checked(account, HEAD, ["A1", NAME, "68"], ["A2", NAME, "70"], new, too_long, no_number)
    counts = (run.rows, run.unchanged, run.changes, run.creates, run.errors, run.to_fix)
    assert counts == (5, 1, 1, 2, 1, 1)


def test_a_changed_field_is_kept_with_its_old_and_its_new_value(account, make_goods):
    make_goods(product_no="A1", name=NAME, price=Decimal(68))
    run = checked(account, HEAD, ["A1", NAME, "70"])
    assert row(run, 2).changes == {"price": ["68.00", "70.00"]}


def test_a_row_that_is_not_imported_says_why_at_its_field(account):
    run = checked(account, HEAD, ["A1", NAME, "abc"])
    assert row(run, 2).kind == "error" and row(run, 2).problems[0][0] == "price"


def test_a_new_name_of_an_approved_product_is_a_warning(account, make_goods):
    make_goods(product_no="A1", name=NAME, goods_id="9", third_party_tag=2, audit_status=2)
    run = checked(account, ["product_no", "name"], ["A1", NAME + "二号"])
    assert run.warned == 1 and "WeChat will not take it" in row(run, 2).warnings[0]


def test_a_new_price_of_an_approved_product_is_no_warning(account, make_goods):
    make_goods(product_no="A1", name=NAME, goods_id="9", third_party_tag=2, audit_status=2)
    run = checked(account, HEAD, ["A1", NAME, "70"])
    assert (run.changes, run.warned) == (1, 0)


def test_a_price_that_grows_a_hundredfold_is_a_warning(account, make_goods):
    make_goods(product_no="A1", name=NAME, price=Decimal(68))
    run = checked(account, HEAD, ["A1", NAME, "6800"])
    assert "not in fen" in row(run, 2).warnings[0]


def test_columns_that_are_not_imported_are_named_and_pictures_are_one(account):
    run = checked(account, [*HEAD, "brand", "封面"], ["A1", NAME, "68", "x", "a.png"])
    assert run.ignored_columns == ["brand", "封面"] and run.creates == 1


def test_the_sentences_are_in_the_language_of_who_uploaded_it(account):
    run = uploaded(account, HEAD, ["", NAME, "68"])
    ImportRun.objects.update(language="zh-hans")
    imports()
    assert row(run, 2).problems[0][1] == "请填写商品编号。"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"brand,size\nx,1\n", "No column for the product number"), (b"product_no,name\n", "no rows below"),
     (b'product_no,name\n1,"x\n', "Quotation marks"), (b"PK\x03\x04 cut off", "damaged")],
)  # fmt: skip
def test_a_file_that_cannot_be_imported_fails_with_a_sentence(account, data, sentence):
    run = uploaded(account, HEAD)
    run.file.save("x.csv", ContentFile(data))
    imports()
    run.refresh_from_db()
    assert run.status == "failed" and sentence in run.error


def test_a_sheet_of_endless_empty_rows_fails_with_a_sentence(account, monkeypatch):
    monkeypatch.setattr("goods.importing.lines.ROWS_SCANNED", 10)
    run = checked(account, HEAD, *[["", "", ""]] * 20, ["A1", NAME, "68"])
    assert run.status == "failed" and "more than 10 rows" in run.error


# --- storing --------------------------------------------------------------------------------------


def test_what_was_shown_is_stored_after_the_confirmation(account, make_goods):
    make_goods(product_no="A1", name=NAME, price=Decimal(68))
    run = stored(checked(account, HEAD, ["A1", NAME, "70"], ["A2", NAME, "9.90"]))
    assert (run.status, run.stored, run.left_out) == ("done", 2, 0)
    assert set(LiveGoods.objects.values_list("product_no", "price")) == {("A1", 70), ("A2", Decimal("9.90"))}


def test_nothing_is_stored_before_somebody_confirms(account):
    checked(account, HEAD, ["A1", NAME, "68"])
    imports()
    assert not LiveGoods.objects.exists()


def test_a_product_that_somebody_changed_meanwhile_is_left_out_and_named(account, make_goods):
    goods = make_goods(product_no="A1", name=NAME, price=Decimal(68))
    run = checked(account, HEAD, ["A1", NAME, "70"])
    goods.name = NAME + "二号"
    goods.save(update_fields=["name"])
    run = stored(run)
    goods.refresh_from_db()
    assert (run.left_out, goods.price) == (1, 68) and "Somebody has changed" in left_out(run)[2]


def test_a_product_that_was_deleted_meanwhile_is_left_out(account, make_goods):
    goods = make_goods(product_no="A1", price=Decimal(68))
    run = checked(account, HEAD, ["A1", NAME, "70"])
    goods.delete()
    assert "deleted" in left_out(stored(run))[2] and not LiveGoods.objects.exists()


def test_a_product_that_somebody_made_meanwhile_is_left_out(account, make_goods):
    run = checked(account, HEAD, ["A1", NAME, "70"])
    make_goods(product_no="A1", price=Decimal(5))
    assert 2 in left_out(stored(run)) and LiveGoods.objects.get().price == 5


def test_a_product_that_is_being_sent_is_left_out(account, make_goods, push):
    goods = make_goods(product_no="A1", price=Decimal(68))
    run = checked(account, HEAD, ["A1", goods.name, "70"])
    push("add", goods)
    assert "being sent" in left_out(stored(run))[2]


def test_one_row_that_is_left_out_does_not_keep_the_others_out(account, make_goods):
    run = checked(account, HEAD, ["A1", NAME, "70"], ["A2", NAME, "70"])
    make_goods(product_no="A1")
    run = stored(run)
    assert (run.stored, run.left_out) == (1, 1)


def test_the_same_file_again_changes_nothing(account):
    rows = [HEAD, ["A1", NAME, "68"], ["A2", NAME, "59–79"], ["A3", NAME * 3, "70"]]
    stored(checked(account, *rows))
    again = checked(account, *rows)
    assert (again.to_store, again.unchanged) == (0, 2)


def test_the_history_of_a_product_names_who_confirmed_and_which_file(account):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    run.confirm(by=User.objects.create(username="laoban"))
    imports()
    entry = LogEntry.objects.get(object_id=str(LiveGoods.objects.get().pk))
    assert (entry.user.username, entry.change_message) == ("laoban", "Imported from list.csv.")


# --- one worker, once -----------------------------------------------------------------------------


def test_a_second_confirmation_does_nothing(account):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    assert [run.confirm(by=run.created_by), run.confirm(by=run.created_by)] == [True, False]


def test_only_one_of_two_workers_gets_a_run(account):
    run = uploaded(account, HEAD, ["A1", NAME, "68"])
    other = ImportRun.objects.get(pk=run.pk)
    assert [run.claim(), other.claim()] == [True, False]


def test_a_run_whose_worker_is_gone_is_taken_up_again(account):
    run = uploaded(account, HEAD, ["A1", NAME, "68"])
    run.claim()
    imports()
    run.refresh_from_db()
    assert run.status == "checking"
    with time_machine.travel(timezone.now() + LEASE + dt.timedelta(seconds=1)):
        imports()
    run.refresh_from_db()
    assert run.status == "checked"


def test_a_worker_that_was_overtaken_writes_nothing_more(account):
    run = uploaded(account, HEAD, ["A1", NAME, "68"])
    run.claim()
    with time_machine.travel(timezone.now() + LEASE + dt.timedelta(seconds=1)):
        ImportRun.objects.claim()
    with pytest.raises(LostRun):
        runs.check(run, 0)
    assert not run.found.exists()


def test_storing_goes_on_where_a_lost_worker_stopped(account, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 2)
    run = checked(account, HEAD, *([f"A{n}", NAME, "68"] for n in range(5)))
    run.confirm(by=run.created_by)
    count = 0

    def crash(records: list[LiveGoods]) -> list[LiveGoods]:
        nonlocal count
        count += 1
        create_all(records)
        if count == 2:
            raise KeyboardInterrupt
        return []

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(live, "create_all", crash)
        imports()
    assert LiveGoods.objects.count() == 2
    with time_machine.travel(timezone.now() + LEASE + dt.timedelta(seconds=1)):
        imports()
    run.refresh_from_db()
    assert (run.status, run.stored, run.left_out, LiveGoods.objects.count()) == ("done", 5, 0, 5)


def test_storing_that_does_not_fit_into_one_task_is_handed_to_the_next(account, monkeypatch):
    run = checked(account, HEAD, ["A1", NAME, "68"], ["A2", NAME, "68"])
    run.confirm(by=run.created_by)
    monkeypatch.setattr(runs, "CHUNK", 1)
    runs.store(ImportRun.objects.claim(), deadline=0)
    assert (LiveGoods.objects.count(), ImportRun.objects.due().get()) == (1, run)


def test_a_check_that_does_not_fit_into_one_task_is_handed_to_the_next(account, monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 1)
    run = uploaded(account, HEAD, ["A1", NAME, "68"], ["A1", NAME, "68"], ["A3", NAME, "68"])
    runs.check(ImportRun.objects.claim(), deadline=0)
    assert run.found.count() == 1
    imports()
    run.refresh_from_db()
    assert (run.status, run.creates, run.errors) == ("checked", 2, 1)


def test_a_task_rings_for_what_it_leaves_behind(account, monkeypatch):
    uploaded(account, HEAD, ["A1", NAME, "68"])
    monkeypatch.setattr(runs, "bring_on", lambda: 0)
    imports()
    assert OrmQ.objects.count() == 1


def test_what_is_lost_again_and_again_is_given_up(account):
    run = uploaded(account, HEAD, ["A1", NAME, "68"])
    ImportRun.objects.update(tries=MOST_TRIES)
    imports()
    run.refresh_from_db()
    assert run.status == "failed" and run.error


# --- uploads do not stay for ever -----------------------------------------------------------------


@pytest.fixture
def old(account):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    ImportRun.objects.update(created_at=timezone.now() - UPLOADS_KEPT - dt.timedelta(hours=1))
    return run


def test_what_was_confirmed_late_is_stored_however_old_it_is(account):
    run = checked(account, HEAD, ["A1", NAME, "68"])
    ImportRun.objects.update(created_at=timezone.now() - UPLOADS_KEPT - dt.timedelta(minutes=1))
    run.refresh_from_db()
    assert run.confirm(by=User.objects.create_user("late"))
    imports()
    assert LiveGoods.objects.filter(product_no="A1").exists()


def test_an_old_upload_is_removed_with_its_rows(old):
    storage, name = old.file.storage, old.file.name
    imports()
    assert not storage.exists(name) and not old.found.exists()


def test_what_became_of_an_old_upload_stays(old):
    imports()
    old.refresh_from_db()
    assert (old.filename, old.creates, bool(old.file)) == ("list.csv", 1, False)


def test_an_old_upload_cannot_be_confirmed_any_more(old):
    imports()
    assert not old.confirm(by=old.created_by)


def test_one_product_that_is_made_at_the_same_moment_does_not_keep_the_others_out(
    account, make_goods, monkeypatch
):
    run = checked(account, HEAD, ["A1", NAME, "70"], ["A2", NAME, "71"])
    make_goods(product_no="A1", price=Decimal(5))
    # As if it had come between looking for the records and storing them.
    monkeypatch.setattr(live, "locked_records", lambda account, numbers: {})
    run = stored(run)
    assert list(left_out(run)) == [2] and (run.stored, run.left_out) == (1, 1)
    assert set(LiveGoods.objects.values_list("product_no", "price")) == {("A1", 5), ("A2", 71)}


def test_a_stored_row_knows_its_record(account):
    run = stored(checked(account, HEAD, ["A1", NAME, "70"], ["A2", NAME, "71"]))
    assert set(run.found.values_list("product_no", "record__product_no")) == {("A1", "A1"), ("A2", "A2")}


def test_a_stored_product_that_breaks_a_rule_is_to_be_corrected(account):
    stored(checked(account, HEAD, ["A1", NAME * 4, "70"]))
    assert LiveGoods.objects.get().faulty


# --- many rows ------------------------------------------------------------------------------------


def test_a_check_costs_the_same_queries_for_few_rows_and_for_a_chunk(account, django_assert_max_num_queries):
    few = [HEAD, *([f"A{n}", NAME, "68"] for n in range(2))]
    many = [HEAD, *([f"A{n}", NAME, "68"] for n in range(200))]
    for rows in (few, many):
        run = uploaded(account, *rows)
        with django_assert_max_num_queries(25):
            runs.bring_on()
        run.refresh_from_db()
        assert run.status == "checked"


def test_storing_new_products_costs_queries_by_chunk_and_not_by_row(account, django_assert_max_num_queries):
    run = checked(account, HEAD, *([f"A{n}", NAME, "68"] for n in range(200)))
    run.confirm(by=run.created_by)
    # 200 rows do not fit into one statement of SQLite's.
    with django_assert_max_num_queries(60):
        runs.bring_on()
    assert LiveGoods.objects.count() == 200
