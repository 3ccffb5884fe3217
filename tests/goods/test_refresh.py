"""Reading WeChat's state back: when, with how many calls, and what a reading may change."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audits.models import Push, Quota, Reading, StatusChange, next_window
from audits.operations import Operation
from audits.states import OPEN, PushStatus
from goods import tasks
from goods.live import refresh
from goods.models import LiveGoods
from shopadmin.wechat.live_goods import LiveGoodsAPI
from tests.journal import ADD, BY_IDS, BY_LIST, calls, goods_at, push_of

IDS_QUOTA = LiveGoodsAPI.QUOTA[BY_IDS]
LIST_QUOTA = LiveGoodsAPI.QUOTA[BY_LIST]


@pytest.fixture
def empty(sim):
    """A WeChat without the goods that it starts with."""
    for row in sim.goods():
        sim.drop_goods(row["goods_id"])
    return sim


@pytest.fixture
def known(account, empty):
    """Make so many products that WeChat and we have, as the last reading left them."""

    def do(count, *, status=1, **fields):
        ids = empty.make_goods(origin="api", count=count, audit_status=status, price=10)
        fields = {"look_at": timezone.now(), "submitted_at": timezone.now(), "third_party_tag": 2} | fields
        rows = [
            LiveGoods(account=account, name=f"g{pk}", goods_id=str(pk), audit_status=status, **fields)
            for pk in ids
        ]
        LiveGoods.objects.bulk_create(rows)
        return list(LiveGoods.objects.filter(goods_id__in=map(str, ids)).order_by("pk"))

    return do


@pytest.fixture
def settled(known, pull):
    """The same, read once, so that there is nothing new."""

    def do(count, **fields):
        records = known(count, **fields)
        pull()
        return records

    return do


@pytest.fixture
def pull(account):
    def do() -> Reading:
        reading = Reading.objects.request(account, "live_goods")
        refresh.pull(reading)
        reading.refresh_from_db()
        return reading

    return do


def look(account, *, scheduled=False) -> int:
    return refresh.look_due(account, scheduled=scheduled)


def look_now(account) -> None:
    refresh.request_look(LiveGoods.objects.values_list("pk", flat=True))
    look(account)


def reread(goods) -> LiveGoods:
    goods.refresh_from_db()
    return goods


# --- when ---


def test_a_submission_is_looked_at_ever_less_often(account):
    minutes = []
    start = dt.datetime(2026, 8, 1, 4, 0, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        goods = LiveGoods(account=account, goods_id="1")
        goods.mark_added("1", "2")
        for _ in range(8):
            minutes.append((goods.look_at - start).total_seconds() / 60)
            clock.move_to(goods.look_at)
            goods.look_later()
    assert minutes == [1, 2, 5, 15, 30, 60, 120, 180]


def test_what_is_decided_is_looked_at_no_more(account, known, empty):
    (goods,) = known(1)
    empty.change_goods(int(goods.goods_id), audit_status=2)
    look(account)
    assert reread(goods).look_at is None


def test_what_is_not_due_costs_no_call(account, known, empty):
    known(3, look_at=timezone.now() + dt.timedelta(minutes=5))
    assert (look(account), calls(empty, BY_IDS)) == (0, 0)


def test_a_call_with_room_takes_along_what_is_due_soon(account, known, empty):
    known(1)
    known(5, look_at=timezone.now() + dt.timedelta(minutes=1))
    known(1, look_at=timezone.now() + dt.timedelta(minutes=30))
    look(account)
    assert [len(call["body"]["goods_ids"]) for call in empty.calls(BY_IDS)] == [6]


def test_the_scheduled_look_reads_what_is_due_of_every_account(account, known, empty):
    known(2)
    assert tasks.look() == 1


def test_an_account_without_live_goods_is_not_read(account, known, empty):
    known(2)
    type(account).objects.update(families=["small_store"])
    assert (tasks.look(), tasks.pull_all()) == (0, 0)


# --- how many calls ---


def test_a_thousand_under_review_take_fifty_calls(account, known, empty):
    known(1000)
    assert look(account) == 50
    assert {len(call["body"]["goods_ids"]) for call in empty.calls(BY_IDS)} == {20}


def test_no_call_asks_for_more_than_twenty(account, known, empty):
    known(45)
    look(account)
    assert [len(call["body"]["goods_ids"]) for call in empty.calls(BY_IDS)] == [20, 20, 20]
    asked = {pk for call in empty.calls(BY_IDS) for pk in call["body"]["goods_ids"]}
    assert len(asked) == 45


@pytest.mark.parametrize(("count", "expected"), [(0, 4), (1, 4), (99, 4), (100, 4), (101, 5), (250, 6)])
def test_a_pull_takes_the_least_number_of_calls(empty, pull, count, expected):
    if count:
        empty.make_goods(origin="api", count=count, audit_status=2)
    assert (pull().calls, calls(empty, BY_LIST)) == (expected, expected)


def test_a_pull_asks_for_full_pages(empty, pull):
    empty.make_goods(origin="api", count=150, audit_status=2)
    pull()
    assert {call["query"]["limit"] for call in empty.calls(BY_LIST)} == {"100"}


def test_a_total_of_zero_does_not_end_a_pull(empty, pull):
    empty.make_goods(origin="api", count=150, audit_status=2)
    empty.settings(zero_total=True)
    assert pull().created == 150


def test_a_look_counts_against_the_quota(account, known):
    known(25)
    look(account)
    assert Quota.objects.today(account.pk, IDS_QUOTA).used == 2


def leave(account, group, left: int) -> None:
    Quota.objects.today(account.pk, group)
    Quota.objects.update(used=group.per_day - left)


def test_a_scheduled_look_leaves_the_reserve_to_people(account, known, empty):
    known(1)
    leave(account, IDS_QUOTA, 100)
    assert look(account, scheduled=True) == 0
    assert calls(empty, BY_IDS) == 0


def test_a_look_that_somebody_asked_for_may_use_the_reserve(account, known, empty):
    known(1)
    leave(account, IDS_QUOTA, 100)
    assert look(account) == 1


def test_without_quota_looks_wait_for_the_next_day(account, known):
    (goods,) = known(1)
    leave(account, IDS_QUOTA, 0)
    look(account)
    assert reread(goods).look_at == next_window()


def test_wechats_own_word_on_the_quota_counts_for_looks(account, known, empty):
    known(1)
    empty.next("errcode", path=BY_IDS, errcode=45009)
    look(account)
    assert Quota.objects.today(account.pk, IDS_QUOTA).left == 0


def test_wechats_own_word_on_the_quota_counts_for_pulls(account, empty, pull):
    empty.next("errcode", path=BY_LIST, errcode=45009)
    pull()
    assert Quota.objects.today(account.pk, LIST_QUOTA).left == 0


def test_a_pull_leaves_the_reserve_to_people(account, empty, pull):
    leave(account, LIST_QUOTA, 1000)
    reading = pull()
    assert (calls(empty, BY_LIST), reading.finished_at) == (0, None)


def test_after_an_error_all_looks_of_the_account_pause(account, known, empty):
    known(45)
    empty.next("http", path=BY_IDS)
    assert look(account) == 0
    assert (look(account), calls(empty, BY_IDS)) == (0, 1)


# --- what a reading writes ---


@pytest.mark.parametrize("status", [0, 2, 3])
def test_the_result_of_a_review_is_written_down(account, known, empty, status):
    (goods,) = known(1)
    empty.change_goods(int(goods.goods_id), audit_status=status)
    look(account)
    assert reread(goods).audit_status == status


def test_a_change_of_status_is_kept_in_the_history(account, known, empty):
    (goods,) = known(1)
    empty.change_goods(int(goods.goods_id), audit_status=3)
    look(account)
    assert list(StatusChange.objects.values_list("target_id", "before", "after")) == [(goods.pk, 1, 3)]


def test_the_same_status_is_no_history(account, known):
    known(3)
    look(account)
    assert not StatusChange.objects.exists()


def test_a_reading_says_as_of_when(account, known):
    (goods,) = known(1)
    before = timezone.now()
    look(account)
    assert before <= reread(goods).refreshed_at <= timezone.now()


def test_what_staff_typed_is_left_alone(account, known, empty):
    (goods,) = known(1)
    LiveGoods.objects.update(name="我们的新名字", price=Decimal("12.34"))
    look(account)
    assert (reread(goods).name, goods.price) == ("我们的新名字", Decimal("12.34"))


def test_an_unknown_status_is_kept(account, known, empty):
    (goods,) = known(1)
    row = {"goods_id": int(goods.goods_id), "name": "n", "url": "u", "audit_status": 7, "third_party_tag": 2}
    empty.next("errcode", path=BY_IDS, errcode=0, fields={"goods": [row]})
    look(account)
    assert reread(goods).audit_status == 7


def test_an_answer_without_the_maker_does_not_make_it_a_console_product(account, known, empty):
    (goods,) = known(1, url="ours")
    row = {"goods_id": int(goods.goods_id), "name": "theirs", "url": "u", "audit_status": 2}
    empty.next("errcode", path=BY_IDS, errcode=0, fields={"goods": [row]})
    look(account)
    assert (reread(goods).console_made, goods.url) == (False, "ours")


def test_an_answer_without_the_status_keeps_the_one_we_know(account, known, empty):
    (goods,) = known(1)
    row = {"goods_id": int(goods.goods_id), "name": "n", "url": "u", "third_party_tag": 2}
    empty.next("errcode", path=BY_IDS, errcode=0, fields={"goods": [row]})
    look(account)
    assert reread(goods).audit_status == 1


@pytest.mark.parametrize(
    "spelling",
    [
        {"ids_as_strings": True},
        {"errcode_as_string": True},
        {"warehouse_price_type": "priceType"},
        {"warehouse_price_type": "both"},
        {"content_type": "text/plain"},
        {"zero_total": True},
    ],
    ids=str,
)
def test_every_spelling_of_the_answer_by_ids_is_read(account, known, empty, spelling):
    (goods,) = known(1)
    empty.settings(**spelling)
    empty.change_goods(int(goods.goods_id), audit_status=2)
    look(account)
    assert (reread(goods).audit_status, goods.remote["price_type"]) == (2, 1)


@pytest.mark.parametrize(
    "spelling",
    [
        {"ids_as_strings": True},
        {"list_tag": "third_party_tag"},
        {"list_tag": "both"},
        {"errcode_as_string": True},
    ],
    ids=str,
)
def test_every_spelling_of_the_list_is_read(known, empty, pull, spelling):
    (goods,) = known(1, status=1)
    empty.settings(**spelling)
    empty.change_goods(int(goods.goods_id), audit_status=2)
    pull()
    assert (reread(goods).audit_status, goods.third_party_tag) == (2, 2)


def test_only_changed_rows_count_as_changed(settled, empty, pull):
    records = settled(20, status=2)
    for goods in records[:3]:
        empty.change_goods(int(goods.goods_id), price=99)
    assert pull().updated == 3


def test_what_is_still_under_review_counts_as_unchanged(settled, pull):
    settled(5, status=1)
    assert pull().updated == 0


def test_unchanged_goods_of_the_console_count_as_unchanged(empty, pull):
    empty.make_goods(origin="console", count=5, audit_status=2, price=68)
    pull()
    assert pull().updated == 0


def count_queries(act) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return len(captured)


def test_reading_costs_the_same_for_few_rows_and_for_many(settled, pull):
    settled(20, status=2)
    few = count_queries(pull)
    settled(70, status=2)
    assert count_queries(pull) == few


def test_a_row_that_changed_is_the_only_one_written(settled, empty, pull):
    records = settled(10, status=2)
    empty.change_goods(int(records[4].goods_id), name="新名字新名字")
    with CaptureQueriesContext(connection) as captured:
        pull()
    (bulk,) = [q["sql"] for q in captured if "CASE WHEN" in q["sql"] and q["sql"].startswith("UPDATE")]
    assert bulk.split(" WHERE ")[-1].rstrip().endswith(f"IN ({records[4].pk})")


# --- not over something newer ---


@pytest.mark.parametrize("status", OPEN)
def test_a_record_with_an_open_push_is_left_alone(make_goods, push, empty, account, status):
    goods = open_update(make_goods, push, empty, status)
    look_now(account)
    assert (reread(goods).audit_status, goods.remote) == (0, {})


def open_update(make_goods, push, sim, status):
    (goods_id,) = sim.make_goods(origin="api", audit_status=2)
    goods = make_goods(goods_id=str(goods_id), audit_status=0, third_party_tag=2)
    push("update", goods)
    Push.objects.update(status=status)
    return goods


def test_a_record_with_an_open_push_costs_no_look(make_goods, push, empty, account):
    """Its answer could not be used; it may wait until midnight for its quota."""
    open_update(make_goods, push, empty, PushStatus.WAITING)
    look_now(account)
    assert calls(empty, BY_IDS) == 0


def test_a_look_that_had_to_wait_for_a_push_comes_after_it(make_goods, push, empty, account):
    goods = open_update(make_goods, push, empty, PushStatus.WAITING)
    look_now(account)
    Push.objects.update(status=PushStatus.DONE)
    look(account)
    assert reread(goods).audit_status == 2


def test_a_pull_leaves_a_record_with_an_open_push_alone(make_goods, push, empty, pull):
    goods = open_update(make_goods, push, empty, PushStatus.SENDING)
    pull()
    assert (reread(goods).audit_status, goods.remote) == (0, {})


def test_a_reading_is_not_written_over_a_newer_answer(account, known, empty):
    (goods,) = known(1)
    LiveGoods.objects.update(pushed_at=timezone.now() + dt.timedelta(seconds=5))
    empty.change_goods(int(goods.goods_id), audit_status=2)
    look(account)
    assert reread(goods).audit_status == 1


# --- missing ---


def test_missing_once_may_be_chance(account, known, empty):
    (goods,) = known(1)
    empty.drop_goods(int(goods.goods_id))
    look(account)
    assert reread(goods).missing_since is None


def test_missing_twice_counts(account, known, empty):
    (goods,) = known(1)
    empty.drop_goods(int(goods.goods_id))
    look(account)
    look_now(account)
    assert reread(goods).missing_since is not None


def test_the_second_look_at_what_is_missing_comes_in_a_minute(account, known, empty):
    (goods,) = known(1)
    empty.drop_goods(int(goods.goods_id))
    look(account)
    assert reread(goods).look_at - timezone.now() < dt.timedelta(minutes=1)


def test_what_is_missing_is_not_looked_at_for_ever(account, known, empty):
    (goods,) = known(1)
    empty.drop_goods(int(goods.goods_id))
    look(account)
    look_now(account)
    assert reread(goods).look_at is None


def test_what_shows_again_is_not_missing(account, known, empty):
    (goods,) = known(1, missing_polls=1)
    look(account)
    assert (reread(goods).missing_polls, goods.missing_since) == (0, None)


def test_missing_in_a_list_is_looked_up_by_id_first(known, empty, pull, account):
    (goods,) = known(1, look_at=None)
    empty.drop_goods(int(goods.goods_id))
    pull()
    assert (reread(goods).missing_polls, goods.look_at <= timezone.now()) == (0, True)


def test_missing_goods_keep_what_was_known(account, known, empty):
    (goods,) = known(1, remote={"name": "x"})
    empty.drop_goods(int(goods.goods_id))
    look(account)
    look_now(account)
    assert (reread(goods).goods_id, goods.audit_status, goods.remote) != ("", None, {})


# --- pull ---


def test_a_pull_creates_what_exists_only_at_wechat(empty, pull):
    empty.make_goods(origin="api", count=3, audit_status=2, name="只在微信那边", price=9.9)
    assert pull().created == 3
    goods = LiveGoods.objects.first()
    assert (goods.name, goods.price, goods.audit_status) == ("只在微信那边", Decimal("9.90"), 2)


def test_a_second_pull_creates_nothing(empty, pull):
    empty.make_goods(origin="api", count=3, audit_status=2)
    pull()
    assert (pull().created, LiveGoods.objects.count()) == (0, 3)


def test_console_goods_are_read_only(empty, pull):
    empty.make_goods(origin="console", audit_status=2)
    pull()
    goods = LiveGoods.objects.get()
    assert all(goods.blocked(operation) for operation in Operation)


def test_changes_in_the_console_are_mirrored(empty, pull):
    (goods_id,) = empty.make_goods(origin="console", audit_status=2)
    pull()
    empty.change_goods(goods_id, name="控制台改过的名字", price=88.5)
    pull()
    goods = LiveGoods.objects.get()
    assert (goods.name, goods.price) == ("控制台改过的名字", Decimal("88.50"))


def test_changes_to_our_own_goods_at_wechat_do_not_overwrite_ours(make_goods, send, sim, pull):
    goods = make_goods()
    send("add", goods)
    sim.change_goods(int(goods.goods_id), name="别处改过的名字")
    LiveGoods.objects.update(pushed_at=timezone.now() - dt.timedelta(minutes=1))
    pull()
    assert (LiveGoods.objects.get(pk=goods.pk).name, reread(goods).remote["name"]) == (
        goods.name,
        "别处改过的名字",
    )


def test_the_picture_at_wechat_is_kept_as_a_link(empty, pull):
    empty.make_goods(origin="console", audit_status=2)
    pull()
    assert LiveGoods.objects.get().remote["cover_img_url"].startswith("http")


def test_a_product_whose_add_is_unsure_gets_no_record_of_its_own(make_goods, send, empty, pull):
    goods = make_goods()
    empty.next("close_after", path=ADD)
    send("add", goods)
    assert (pull().created, LiveGoods.objects.count()) == (0, 1)


def test_a_product_that_is_just_being_added_gets_no_record_of_its_own(make_goods, push, empty, pull):
    goods = make_goods()
    push("add", goods)
    Push.objects.claim(1)
    empty.make_goods(origin="api", name=goods.name, url=goods.url, audit_status=1)
    assert pull().created == 0


def test_a_product_deleted_while_the_lists_were_read_gets_no_record(make_goods, send, sim, account):
    """Its delete push ended after the reading had begun: what the list says of it is outdated."""
    goods = make_goods()
    send("add", goods)
    sim.verdict(int(goods.goods_id), approve=True)
    LiveGoods.objects.update(audit_status=2)
    goods.refresh_from_db()
    (row,) = goods_at(sim, goods)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=5), tick=True):
        send("delete", goods)
    for other in sim.goods():
        sim.drop_goods(other["goods_id"])
    stale = {k: row[k] for k in ("name", "url", "price")} | {"goodsId": row["goods_id"], "thirdPartyTag": 2}
    sim.next("errcode", path=BY_LIST, skip=2, errcode=0, fields={"goods": [stale], "total": 1})
    refresh.pull(Reading.objects.request(account, "live_goods"))
    assert LiveGoods.objects.count() == 1 and push_of(goods).status == PushStatus.DONE


def test_an_error_in_the_middle_of_a_pull_changes_nothing(settled, empty, pull):
    records = settled(3, status=2)
    empty.change_goods(int(records[0].goods_id), audit_status=3)
    empty.make_goods(origin="api", count=2, audit_status=0)
    empty.next("garbage", path=BY_LIST, skip=3)
    pull()
    assert reread(records[0]).audit_status == 2
    assert LiveGoods.objects.count() == 3


def test_an_error_in_the_middle_of_a_pull_is_reported(empty, pull):
    empty.next("errcode", path=BY_LIST, skip=2, errcode=48001, errmsg="api unauthorized")
    reading = pull()
    assert (reading.errcode, reading.errmsg[:16], reading.finished_at) == (48001, "api unauthorized", None)


def test_a_later_pull_takes_the_error_away(empty, pull):
    empty.next("errcode", path=BY_LIST, errcode=48001)
    pull()
    reading = pull()
    assert (reading.errcode, reading.errmsg) == (0, "") and reading.finished_at


def test_a_failed_pull_is_tried_again_after_ten_minutes(empty, pull, account):
    empty.next("http", path=BY_LIST)
    pull()
    assert not Reading.objects.wanted().exists()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=11)):
        assert Reading.objects.wanted().exists()


def test_asking_twice_reads_once(empty, account):
    for _ in range(2):
        Reading.objects.request(account, "live_goods")
    tasks.pull()
    tasks.pull()
    assert calls(empty, BY_LIST) == 4


def test_two_workers_read_once(empty, account):
    first = Reading.objects.request(account, "live_goods")
    second = Reading.objects.get()
    assert [first.start(), second.start()] == [True, False]


def test_asking_for_a_look_counts_only_what_is_at_wechat(make_goods, known):
    known(2)
    make_goods()
    assert refresh.request_look(LiveGoods.objects.values_list("pk", flat=True)) == 2


@pytest.mark.parametrize("price", [12345678901.5, 1e15, -1, 0.001])
def test_a_price_that_we_cannot_keep_does_not_stop_the_reading(empty, pull, price):
    row = {"goodsId": 5, "name": "n", "url": "u", "priceType": 1, "price": price, "thirdPartyTag": 0}
    empty.next("errcode", path=BY_LIST, errcode=0, fields={"goods": [row], "total": 1})
    assert pull().finished_at
