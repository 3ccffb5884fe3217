"""The day's calls: never overdrawn, started anew at midnight in Beijing, a reserve left to people."""

import datetime as dt
import io
import json

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import assume, given
from hypothesis import strategies as st

from audits.drain import Drain
from audits.models import Push, Quota, next_window, quota_day
from audits.models.quota import BEIJING
from audits.states import PushStatus
from audits.tasks import drain, sweep
from goods.models import LiveGoods
from shopadmin.wechat.client import client_for
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.live_goods import LiveGoodsAPI
from shopadmin.wechat.quota import QuotaGroup
from tests.conftest import png
from tests.journal import ADD, UPDATE, FileDatabase, calls, push_of, statuses

GROUP = QuotaGroup("test", 10)
SUBMISSIONS = LiveGoodsAPI.SUBMISSIONS
MIDNIGHT = dt.datetime(2026, 8, 2, tzinfo=BEIJING)
SECOND = dt.timedelta(seconds=1)
moments = st.integers(1_577_836_800, 2_208_988_800).map(
    lambda second: dt.datetime.fromtimestamp(second, dt.UTC)
)


def spend(account, times=1, *, group=GROUP, scheduled=False) -> int:
    return sum(Quota.objects.spend(account.pk, group, scheduled=scheduled) for _ in range(times))


def used(account, group=GROUP) -> int:
    return Quota.objects.today(account.pk, group).used


def test_a_day_has_as_many_calls_as_the_group_says(account):
    assert spend(account, 15) == 10


def test_groups_do_not_share(account):
    spend(account, 10)
    assert spend(account, group=QuotaGroup("another", 1)) == 1


def test_interfaces_of_one_group_share(account):
    spend(account, 6)
    assert spend(account, 6, group=QuotaGroup("test", 10)) == 4


def test_accounts_do_not_share(account):
    other = type(account).objects.create(name="b", appid="wxbbbbbbbbbbbbbbbb", secret="s", practice=True)
    spend(account, 10)
    assert spend(other) == 1


def test_an_exhausted_day_has_no_call_left(account):
    Quota.objects.exhaust(account.pk, GROUP)
    assert spend(account) == 0


def test_what_is_given_back_can_be_spent(account):
    spend(account, 10)
    Quota.objects.give_back(account.pk, GROUP)
    assert spend(account, 2) == 1


def test_giving_back_more_than_was_spent_adds_nothing(account):
    Quota.objects.give_back(account.pk, GROUP)
    assert spend(account, 11) == 10


def test_scheduled_reads_leave_a_tenth_to_people(account):
    assert spend(account, 10, scheduled=True) == 9


def test_people_may_use_the_reserve(account):
    spend(account, 10, scheduled=True)
    assert spend(account) == 1


@pytest.mark.parametrize(
    ("kind", "left"),
    [(Kind.QUOTA, 0), (Kind.NOT_SENT, 10), (Kind.TOKEN, 10), (Kind.NO_ANSWER, 9), (Kind.INPUT, 9)],
)
def test_how_a_call_ended_corrects_the_counter(account, kind, left):
    spend(account)
    Quota.objects.correct(account.pk, GROUP, WeChatError(kind))
    assert Quota.objects.today(account.pk, GROUP).left == left


def test_the_counters_start_again_at_midnight_in_beijing(account):
    with time_machine.travel(dt.datetime(2026, 8, 1, 23, 59, 59, tzinfo=BEIJING), tick=False) as clock:
        assert spend(account, 11) == 10
        clock.shift(1)
        assert spend(account) == 1


def test_midnight_elsewhere_changes_nothing(account):
    with time_machine.travel(dt.datetime(2026, 8, 1, 23, 59, 59, tzinfo=dt.UTC), tick=False) as clock:
        spend(account, 10)
        clock.shift(1)
        assert spend(account) == 0


@given(moments)
def test_the_next_window_opens_the_next_day(now):
    assume(now.astimezone(BEIJING).time() >= dt.time(0, 1))
    assert quota_day(next_window(now)) == quota_day(now) + dt.timedelta(days=1)


def test_just_after_midnight_the_next_window_is_todays():
    assert next_window(MIDNIGHT + SECOND) == MIDNIGHT + dt.timedelta(minutes=1)


@given(moments)
def test_the_next_window_opens_a_minute_after_midnight(now):
    assert next_window(now).astimezone(BEIJING).time() == dt.time(0, 1)


@given(moments)
def test_the_next_window_is_ahead_by_a_day_at_most(now):
    assert dt.timedelta(0) < next_window(now) - now <= dt.timedelta(days=1)


@given(moments)
def test_the_day_is_eight_hours_ahead_of_utc(now):
    assert quota_day(now) == (now + dt.timedelta(hours=8)).date()


@pytest.mark.django_db(transaction=True)
def test_threads_and_processes_never_overspend(account, sim, tmp_path):
    script = f"""
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from audits.models import Quota
from shopadmin.wechat.quota import QuotaGroup

def spend(_):
    try:
        return sum(Quota.objects.spend({account.pk}, QuotaGroup("test", 50)) for _ in range(20))
    finally:
        connection.close()

with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(spend, range(4))))
"""
    database = FileDatabase(tmp_path, sim)
    spent = sum(map(int, database.run(script, script)))
    assert spent == 50
    assert database.rows("select used from audits_quota") == [(50,)]


# --- around midnight ---


@pytest.fixture
def clock():
    """Ten minutes to midnight in Beijing, here and at the simulator, which shares this process's time."""
    with time_machine.travel(MIDNIGHT - dt.timedelta(minutes=10)) as traveller:
        yield traveller


@pytest.fixture
def many_goods(clock, account):
    """Products whose picture is at WeChat already."""

    def make(how_many):
        media_id = client_for(account).media.upload_image("c.png", png(300, 300), "image/png").media_id
        return LiveGoods.objects.bulk_create(
            LiveGoods(
                account=account,
                product_no=str(number),
                name=f"云南小粒咖啡{number}号",
                price=68,
                url=f"pages/goods/detail?id={number}",
                cover="covers/c.png",
                media_id=media_id,
                media_cover="covers/c.png",
                media_uploaded_at=timezone.now(),
            )
            for number in range(how_many)
        )

    return make


def left(account, day, group=SUBMISSIONS):
    return Quota.objects.today(account.pk, group, day=day).left


def test_a_refusal_of_a_call_begun_before_midnight_exhausts_that_day(account, clock):
    clock.move_to(MIDNIGHT + 5 * SECOND)
    Quota.objects.correct(account.pk, GROUP, WeChatError(Kind.QUOTA), at=MIDNIGHT - SECOND)
    assert (left(account, dt.date(2026, 8, 1), GROUP), left(account, dt.date(2026, 8, 2), GROUP)) == (0, 10)


def test_a_refusal_just_after_midnight_is_about_the_day_before(account, clock):
    """WeChat's clock is a little behind ours."""
    clock.move_to(MIDNIGHT + 5 * SECOND)
    Quota.objects.correct(account.pk, GROUP, WeChatError(Kind.QUOTA), at=MIDNIGHT + SECOND)
    assert (left(account, dt.date(2026, 8, 1), GROUP), left(account, dt.date(2026, 8, 2), GROUP)) == (0, 10)


def test_what_did_not_arrive_is_given_back_to_the_day_it_was_taken_from(account, clock):
    Quota.objects.spend(account.pk, GROUP, at=MIDNIGHT - SECOND)
    clock.move_to(MIDNIGHT + 5 * SECOND)
    Quota.objects.correct(account.pk, GROUP, WeChatError(Kind.NOT_SENT), at=MIDNIGHT - SECOND)
    assert left(account, dt.date(2026, 8, 1), GROUP) == 10


@pytest.fixture
def over_midnight(many_goods, push, sim, clock):
    """A call leaves just before midnight, and after it WeChat says that its day is used up."""
    (goods,) = many_goods(1)
    clock.move_to(MIDNIGHT - SECOND)
    sim.next("errcode", path=ADD, errcode=45009)
    push("add", goods)
    worker = Drain(threads=1, seconds=5)
    worker._claim()
    worker._launch()
    clock.move_to(MIDNIGHT + 5 * SECOND)
    worker.run()
    return goods


def test_a_push_refused_over_midnight_leaves_the_new_day_its_calls(over_midnight, account):
    assert left(account, dt.date(2026, 8, 1)) == 0 and left(account, dt.date(2026, 8, 2)) == 500


def test_a_push_refused_over_midnight_goes_a_minute_after_it(over_midnight):
    push = push_of(over_midnight)
    assert (push.status, push.not_before) == (PushStatus.WAITING, MIDNIGHT + dt.timedelta(minutes=1))


def test_waiting_for_a_new_day_is_no_try(many_goods, push, account):
    Quota.objects.exhaust(account.pk, SUBMISSIONS)
    push("add", *many_goods(1))
    drain()
    assert Push.objects.get().tries == 0


def added(sim) -> int:
    return sum(row["origin"] == "api" for row in sim.goods())


@pytest.fixture
def night(many_goods, push, clock, sim):
    """700 products confirmed at ten to twelve; how many WeChat had before midnight."""
    push("add", *many_goods(700))
    while Push.objects.due().exists():
        drain()
    before = added(sim)
    clock.move_to(MIDNIGHT + 59 * SECOND)
    sweep()
    drain()
    assert added(sim) == before
    clock.move_to(MIDNIGHT + 61 * SECOND)
    sweep()
    while Push.objects.due().exists():
        drain()
    return before


def test_700_adds_before_midnight_are_500_then_and_200_after_it(night, sim):
    assert (night, added(sim)) == (500, 700)
    assert calls(sim, ADD) == 700  # so none was refused for want of quota
    assert set(statuses()) == {PushStatus.DONE}


# --- WeChat's own numbers ---


def ask(account) -> dict[str, dict[str, object]]:
    """What the command says of each path."""
    out = io.StringIO()
    call_command("quota", account=account.pk, json=True, stdout=out)
    return {row["path"]: row for row in json.loads(out.getvalue())}


UPDATES = LiveGoodsAPI.QUOTA[UPDATE]


@pytest.fixture
def used_elsewhere(account):
    """Somebody else has called WeChat with this account: 3 updates of goods that do not exist."""
    client = client_for(account)
    for _ in range(3):
        with pytest.raises(WeChatError):
            client.live_goods.update({"goodsId": "1", "priceType": 1, "price": 1})
    return account


def test_calls_made_elsewhere_are_read_in(used_elsewhere):
    ask(used_elsewhere)
    assert used(used_elsewhere, UPDATES) == 3


def test_calls_on_their_way_are_not_forgotten(used_elsewhere):
    spend(used_elsewhere, 5, group=UPDATES)
    ask(used_elsewhere)
    assert used(used_elsewhere, UPDATES) == 5


def test_a_higher_limit_at_wechat_is_read_in(account, sim):
    sim.settings(quotas={UPDATE: 2500})
    assert ask(account)[UPDATE]["our_limit"] == 2500


def test_more_used_than_there_is_leaves_nothing(account, sim, used_elsewhere):
    Quota.objects.raise_to(account.pk, UPDATES, used=5000, limit=2)
    assert Quota.objects.today(account.pk, UPDATES).left == 0


def test_submissions_are_not_what_wechat_tells_of_the_interface(account, sim):
    with pytest.raises(WeChatError):
        client_for(account).live_goods.add({"name": "", "coverImgUrl": ""})
    assert (ask(account)[ADD]["used"], used(account, SUBMISSIONS)) == (1, 0)


def test_the_command_names_every_interface(account):
    assert set(ask(account)) == set(LiveGoodsAPI.QUOTA)


def test_the_command_speaks_in_sentences(used_elsewhere):
    out = io.StringIO()
    call_command("quota", account=used_elsewhere.pk, stdout=out)
    assert f"{UPDATE}: 3 of 1000 at WeChat, 3 of 1000 here" in out.getvalue()


def test_an_account_that_does_not_exist_is_named(db):
    with pytest.raises(CommandError, match="no account 77"):
        call_command("quota", account=77)


def test_wechat_that_cannot_be_asked_is_an_error(account, sim):
    sim.next("errcode", path="/cgi-bin/openapi/quota/get", errcode=76022, errmsg="no permission")
    with pytest.raises(CommandError, match="76022"):
        call_command("quota", account=account.pk)
