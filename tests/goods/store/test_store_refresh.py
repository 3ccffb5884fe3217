"""Reading products back: with how many calls, and what a reading may change."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audits.models import Push, Reading, StatusChange, next_window
from audits.states import OPEN
from audits.tasks import drain
from goods import tasks
from goods.models import Picture, Sku, Spu
from goods.store import refresh
from goods.store.choices import EditStatus, OnlineStatus
from shopadmin.wechat.mini_store.sku import SkuAPI
from shopadmin.wechat.mini_store.spu import SpuAPI
from tests.goods.store.copies import look, pull, theirs
from tests.journal import calls, push_of

MINUTE = dt.timedelta(minutes=1)
# Lists that a pull reads: six states of the draft, and all but "never on sale" of the online copy.
LISTS = 11
# Freight templates, brands and couriers, which products refer to.
BESIDE = 3


@pytest.fixture
def read(account):
    """The nightly sweep of the lists alone."""

    def do() -> Reading:
        reading = Reading.objects.request(account, "mini_store")
        refresh.pull(reading)
        reading.refresh_from_db()
        return reading

    return do


@pytest.fixture
def known(account, sim, read):
    """So many products made in the console, as the last reading left them."""

    def do(count: int, **fields: Any) -> list[Spu]:
        ids = sim.make_spus(count=count, **fields)
        pull(account)
        return list(Spu.objects.filter(product_id__in=map(str, ids)).order_by("pk"))

    return do


def reread(spu: Spu) -> Spu:
    return Spu.objects.get(pk=spu.pk)


def due_now(*spus: Spu) -> None:
    Spu.objects.filter(pk__in=[spu.pk for spu in spus]).update(look_at=timezone.now(), skus_look_at=None)


# --- when ---


def test_a_review_is_looked_at_ever_less_often(account):
    start, minutes = dt.datetime(2026, 8, 1, 4, 0, tzinfo=dt.UTC), []
    with time_machine.travel(start, tick=False) as clock:
        spu = Spu(account=account, product_id="1")
        spu.mark_submitted()
        for _ in range(6):
            minutes.append((spu.look_at - start).total_seconds() / 60)
            clock.move_to(spu.look_at)
            spu.look_later()
    assert minutes == [1, 5, 15, 60, 120, 180]


def test_what_is_decided_is_looked_at_no_more(on_sale):
    assert on_sale().look_at is None


def test_what_is_not_due_costs_no_call(known, account, sim):
    known(3)
    sim.clear_calls()
    assert (refresh.look_due(account), calls(sim, SpuAPI.GET)) == (0, 0)


def test_a_look_reads_the_online_copy_when_the_state_has_changed(added, send, sim, account):
    spu = added()
    send("list", spu)
    sim.review(int(spu.product_id), approve=True)
    sim.clear_calls()
    look(spu)
    assert [call["body"].get("need_edit_spu") for call in sim.calls(SpuAPI.GET)] == [1, 0]
    assert [call["body"]["need_edit_sku"] for call in sim.calls(SkuAPI.GET_LIST)] == [1, 0]
    assert spu.online["title"] == spu.title


def test_the_history_keeps_the_change_of_the_review(on_sale):
    spu = on_sale()
    changes = StatusChange.objects.filter(target_id=spu.pk).order_by("pk")
    assert [change.after for change in changes] == [1, 2, 4]


# --- how many calls ---


def test_a_pull_reads_every_list_once(read, sim):
    assert (read().calls, calls(sim, SpuAPI.GET_LIST)) == (LISTS + BESIDE, LISTS)


def test_three_hundred_products_fit_into_one_call(known, read):
    known(300)
    assert read().calls == LISTS + BESIDE


def test_more_than_three_hundred_are_paged(known, read):
    assert len(known(301)) == 301
    # One more page of the draft, one of the online copy.
    assert read().calls == LISTS + BESIDE + 2


@pytest.mark.parametrize(
    "setting", ["omit_empty_spus", "ids_as_strings", "undocumented_fields", "omit_errmsg"]
)
def test_answers_may_be_written_otherwise(sim, account, setting):
    sim.settings(**{setting: True})
    sim.make_spus(count=2)
    assert (pull(account).created, Spu.objects.count()) == (2, 2)


def test_a_few_that_are_due_are_read_one_by_one(known, account, sim):
    spus = known(1)
    sim.clear_calls()
    due_now(*spus)
    refresh.look_due(account)
    assert (calls(sim, SpuAPI.GET), calls(sim, SpuAPI.GET_LIST)) == (1, 0)


def test_many_that_are_due_are_read_by_their_list(known, account, sim):
    spus = known(40)
    sim.clear_calls()
    due_now(*spus)
    assert refresh.look_due(account) == 1
    assert (calls(sim, SpuAPI.GET), calls(sim, SpuAPI.GET_LIST)) == (0, 1)


def test_what_has_left_its_list_is_read_by_itself(known, account, sim):
    spus = known(3)
    sim.remove_spu(int(spus[0].product_id))
    due_now(*spus)
    refresh.look_due(account)
    assert reread(spus[0]).status == OnlineStatus.REMOVED


def test_skus_are_read_only_of_what_changed(known, account, sim):
    spus = known(5)
    sim.change_spu(int(spus[2].product_id), title="别处改过的标题")
    sim.clear_calls()
    pull(account)
    read_of = {call["body"]["product_id"] for call in sim.calls(SkuAPI.GET_LIST)}
    assert read_of == {int(spus[2].product_id)}


def test_a_reading_with_nothing_new_writes_no_product(known, read):
    known(5)
    with CaptureQueriesContext(connection) as queries:
        reading = read()
    written = [q["sql"] for q in queries if q["sql"].startswith('UPDATE "goods_spu"')]
    assert reading.updated == 0
    # Only when they were read.
    assert all("refreshed_at" in sql or "look_at" in sql for sql in written)


def test_a_reading_of_many_takes_few_queries(known, read):
    known(250)
    with CaptureQueriesContext(connection) as queries:
        read()
    assert len(queries) < 60


# --- what exists only there ---


def test_a_product_of_the_console_gets_a_record(known, sim):
    (spu,) = known(1, title="控制台做的", sale_price=1234)
    sku = spu.skus.get()
    assert (spu.title, spu.status, spu.audit_status) == (
        "控制台做的",
        OnlineStatus.ON_SALE,
        EditStatus.APPROVED,
    )
    assert (str(sku.sale_price), sku.sku_id, sku.stock) == ("12.34", str(spu.remote["sku_ids"][0]), 10)
    assert [field for field in spu.SHARED if spu.differs(field)] == []


def test_with_the_template_told_nothing_of_it_differs(sim, template, known):
    sim.settings(undocumented_fields=True)
    (spu,) = known(1)
    assert [field for field in spu.SHARED if spu.differs(field)] == []


def test_pictures_of_the_console_are_kept_by_their_links(known):
    (spu,) = known(1)
    assert Picture.objects.get(pk=spu.head_imgs[0]).url == spu.remote["head_imgs"][0]


def test_a_pull_counts_what_it_found(sim, account):
    sim.make_spus(count=3)
    assert pull(account).created == 3
    assert Spu.objects.newly_found().count() == 3


def test_a_second_pull_creates_nothing(sim, account):
    sim.make_spus(count=3)
    pull(account)
    assert (pull(account).created, Spu.objects.count()) == (0, 3)


def test_a_draft_of_ours_with_the_same_number_becomes_the_product(added, sim, account):
    spu = added()
    product_id, numbers = spu.product_id, set(spu.skus.values_list("sku_id", flat=True))
    # As if the answer had never been written down.
    Spu.objects.update(product_id="", remote={}, status=None, audit_status=None)
    Sku.objects.update(sku_id="", remote={}, real_stock=None)
    Push.objects.all().update(status="refused")
    assert pull(account).created == 1
    spu = reread(spu)
    assert (Spu.objects.count(), spu.product_id) == (1, product_id)
    assert set(spu.skus.values_list("sku_id", flat=True)) == numbers
    assert [field for field in spu.SHARED if spu.differs(field) and field != "freight_template"] == []


def test_what_is_being_added_just_now_is_left_to_its_push(make_spu, push, sim, account):
    spu = make_spu()
    push("add", spu)
    sim.next("close_after", path=SpuAPI.ADD)
    drain()
    Spu.objects.filter(pk=spu.pk).update(out_product_id="RENAMED")
    assert (pull(account).created, Spu.objects.count()) == (0, 1)


def test_what_was_deleted_while_it_was_read_is_not_found_again(added, send, account, sim):
    spu = added()
    row = refresh.library.read_pages(refresh.client_for(account), 0, draft=True)
    rows = {remote.product_id: remote for remote in next(row)}
    started = timezone.now()
    send("delete", spu)
    assert refresh._create(account, rows, read_at=started) == 0


# --- what is not there any more ---


def test_missing_once_may_be_chance(known, sim, account):
    (spu,) = known(1)
    sim.drop_spu(int(spu.product_id))
    look(spu)
    assert (spu.missing_polls, spu.missing_since) == (1, None)


def test_missing_twice_is_missing(known, sim, account):
    (spu,) = known(1)
    sim.drop_spu(int(spu.product_id))
    pull(account)
    look(spu)
    spu = reread(spu)
    assert (spu.missing_since is not None, spu.look_at, spu.skus_look_at) == (True, None, None)


def test_another_product_with_the_number_of_a_missing_one_takes_its_place(added, sim, account):
    spu = added()
    gone = spu.product_id
    sim.drop_spu(int(gone))
    Spu.objects.update(missing_since=timezone.now(), missing_polls=2)
    made = refresh.client_for(account).mini_store.spu.add(sim.calls(SpuAPI.ADD)[-1]["body"])
    pull(account)
    assert (Spu.objects.count(), reread(spu).product_id) == (1, made)


def test_found_again_is_missing_no_more(known, account):
    (spu,) = known(1)
    Spu.objects.update(missing_since=timezone.now(), missing_polls=2)
    pull(account)
    assert (reread(spu).missing_since, reread(spu).missing_polls) == (None, 0)


def test_a_vanished_product_does_not_stop_the_looks_at_others(known, sim, account):
    gone, other = known(2)
    sim.drop_spu(int(gone.product_id))
    sim.change_sku(int(other.remote["sku_ids"][0]), sale_price=777)
    Spu.objects.update(skus_look_at=timezone.now())
    refresh.look_due(account)
    assert str(other.skus.get().remote["sale_price"]) == "7.77"
    assert not Spu.objects.filter(skus_look_at__isnull=False).exists()


def test_what_was_recycled_before_it_was_ever_on_sale_does_not_stop_the_looks(known, sim, account):
    first, second = known(2, on_sale=False)
    sim.recycle_spu(int(first.product_id))
    Spu.objects.update(look_at=timezone.now(), skus_look_at=timezone.now())
    tasks.look()
    tasks.look()
    assert (reread(first).status, reread(second).skus_look_at) == (OnlineStatus.RECYCLED, None)
    assert not Spu.objects.filter(skus_look_at__isnull=False).exists()


# --- never over something newer ---


@pytest.mark.parametrize("status", OPEN)
def test_nothing_is_written_while_something_is_being_sent(known, push, sim, account, status):
    (spu,) = known(1)
    push("delist", spu)
    Push.objects.update(status=status, not_before=timezone.now() + MINUTE)
    sim.change_spu(int(spu.product_id), title="别处改过的标题")
    pull(account)
    look(spu)
    assert reread(spu).remote["title"] != "别处改过的标题"


def test_an_older_reading_does_not_undo_a_newer_answer(known, sim, account):
    (spu,) = known(1)
    row = refresh.Look(account)._get(spu, draft=True)
    Spu.objects.update(pushed_at=timezone.now(), status=OnlineStatus.TAKEN_OFF)
    refresh.write({spu.pk: row}, {}, read_at=timezone.now() - MINUTE, skus_too=None)
    assert reread(spu).status == OnlineStatus.TAKEN_OFF


def test_an_older_reading_does_not_undo_a_newer_one(known, sim, account):
    (spu,) = known(1)
    row = refresh.Look(account)._get(spu, draft=True)
    started = timezone.now()
    sim.change_spu(int(spu.product_id), title="别处改过的标题")
    look(spu)
    refresh.write({spu.pk: row}, {}, read_at=started - MINUTE, skus_too=None)
    assert reread(spu).remote["title"] == "别处改过的标题"


def test_a_look_that_was_asked_for_during_another_one_is_still_to_come(known, account):
    (spu,) = known(1)
    row = refresh.Look(account)._get(spu, draft=True)
    started = timezone.now()
    Spu.objects.look_now()
    refresh.write({spu.pk: row}, {}, read_at=started, skus_too=None)
    assert Spu.objects.look_due().get() == spu


def test_a_reason_told_in_a_message_outlives_a_reading_that_began_before_the_refusal(known, account):
    (spu,) = known(1)
    spu.mark_reason("主图模糊")
    spu.mark_states(OnlineStatus.ON_SALE, EditStatus.AUDITING)
    assert spu.reject_reason == "主图模糊"


def test_what_staff_type_meanwhile_stays(known, sim, account):
    (spu,) = known(1)
    sim.change_spu(int(spu.product_id), title="别处改过的标题")
    Spu.objects.update(title="我们的标题")
    pull(account)
    assert (reread(spu).title, reread(spu).remote["title"]) == ("我们的标题", "别处改过的标题")


# --- what goes wrong ---


def test_a_pull_that_fails_says_so_and_changes_nothing(known, read, sim):
    (spu,) = known(1)
    sim.change_spu(int(spu.product_id), title="别处改过的标题")
    sim.next("http", path=SpuAPI.GET_LIST, skip=5, status=502)
    reading = read()
    assert (bool(reading.errmsg), reread(spu).remote["title"] == "别处改过的标题") == (True, False)


def test_without_quota_the_looks_wait_for_the_new_day(known, account, sim):
    (spu,) = known(1)
    due_now(spu)
    sim.next("errcode", path=SpuAPI.GET, errcode=45009)
    refresh.look_due(account)
    assert reread(spu).look_at == next_window()


def test_after_another_error_the_looks_pause(known, account, sim):
    (spu,) = known(1)
    due_now(spu)
    sim.next("http", path=SpuAPI.GET, status=502)
    refresh.look_due(account)
    assert MINUTE < reread(spu).look_at - timezone.now() <= refresh.PAUSE_AFTER_ERROR


def test_a_product_that_cannot_be_read_does_not_hold_up_the_others(known, account, sim):
    odd, other = known(2)
    sim.change_spu(int(other.product_id), title="别处改过的标题")
    due_now(odd, other)
    # In no state that has a list: each is read by itself.
    Spu.objects.update(status=77)
    sim.next("truncated", path=SpuAPI.GET)
    refresh.look_due(account)
    assert (reread(odd).look_at > timezone.now(), reread(other).remote["title"]) == (True, "别处改过的标题")


def test_products_that_cannot_be_read_one_after_the_other_are_wechats_trouble(known, account, sim):
    spus = known(refresh.MOST_FAILURES + 1)
    due_now(*spus)
    # In no state that has a list: each is read by itself.
    Spu.objects.update(status=77)
    for _spu in spus:
        sim.next("truncated", path=SpuAPI.GET)
    sim.clear_calls()
    refresh.look_due(account)
    assert calls(sim, SpuAPI.GET) == refresh.MOST_FAILURES


def test_what_there_was_no_time_for_stays_due(known, account):
    spus = known(3)
    due_now(*spus)
    run = refresh.Look(account)
    due = run._claim("look_at")
    run.deadline = 0
    run._look_at_products(due)
    assert Spu.objects.look_due().count() == 3


def test_only_accounts_with_a_mini_store_are_read(known, account, sim):
    known(1)
    type(account).objects.update(families=["live_goods"])
    Spu.objects.update(look_at=timezone.now())
    assert tasks.look() == 0


def test_a_state_that_nobody_documents_is_kept(known, account, sim):
    (spu,) = known(1)
    sim.next(
        "errcode", path=SpuAPI.GET, errcode=0,
        fields={"data": {"spu": {"product_id": int(spu.product_id), "status": 77, "edit_status": 78}}},
    )  # fmt: skip
    due_now(spu)
    refresh.look_due(account)
    assert (reread(spu).status, reread(spu).audit_status) == (77, 78)


def test_what_the_lists_show_is_what_wechat_has(known, sim):
    spus = known(3)
    assert [spu.remote["title"] for spu in spus] == [theirs(sim, spu)["draft"]["title"] for spu in spus]
    assert push_of(spus[0]) is None
