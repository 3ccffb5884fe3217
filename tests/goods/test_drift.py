"""What somebody changed at WeChat, past us: noticed by a reading, forgotten when both sides agree."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from audits.models import Push, Reading
from goods.live import refresh
from goods.models import LiveGoods
from tests.goods.mirrored import as_at_wechat


@pytest.fixture
def empty(sim):
    """A WeChat without the goods that it starts with."""
    for row in sim.goods():
        sim.drop_goods(row["goods_id"])
    return sim


@pytest.fixture
def read(account):
    """The nightly sweep, a while after the last answer."""

    def do(goods=None):
        LiveGoods.objects.update(pushed_at=timezone.now() - dt.timedelta(minutes=1))
        reading = Reading.objects.request(account, "live_goods")
        refresh.pull(reading)
        reading.refresh_from_db()
        if goods is not None:
            goods.refresh_from_db()
        return reading

    return do


@pytest.fixture
def sent(make_goods, send, sim, read):
    """A product that was sent, approved, and read once since."""
    for row in sim.goods():
        sim.drop_goods(row["goods_id"])
    goods = make_goods()
    send("add", goods)
    sim.verdict(int(goods.goods_id), approve=True)
    read(goods)
    return goods


def change(sim, goods, **fields):
    sim.change_goods(int(goods.goods_id), **fields)


# --- noticed ---


def test_what_wechat_shows_as_it_was_sent_is_no_drift(sent):
    assert (sent.drift, sent.drifted_at) == ([], None)


def test_a_name_changed_at_wechat_is_drift(sent, sim, read):
    change(sim, sent, name="别处改过的名字")
    read(sent)
    assert sent.drift == ["name"] and sent.drifted_at


def test_a_price_changed_at_wechat_is_drift(sent, sim, read):
    change(sim, sent, price=45.5)
    read(sent)
    assert sent.drift == ["price"]


def test_drift_is_noticed_by_a_look_as_well(sent, sim, account):
    change(sim, sent, name="别处改过的名字")
    LiveGoods.objects.update(pushed_at=timezone.now() - dt.timedelta(minutes=1))
    refresh.request_look([sent.pk])
    refresh.look_due(account, scheduled=False)
    sent.refresh_from_db()
    assert sent.drift == ["name"]


def test_a_price_that_comes_in_fen_all_of_a_sudden_is_no_drift(sent, sim, read):
    sim.settings(prices_in_fen=True)
    read(sent)
    assert sent.drift == []


def test_what_we_changed_here_is_no_drift(sent, read):
    sent.name = "我们的新名字"
    sent.save()
    read(sent)
    assert sent.drift == []


def test_the_same_change_on_both_sides_is_no_drift(sent, sim, read):
    change(sim, sent, name="两边一样的新名字")
    LiveGoods.objects.update(name="两边一样的新名字")
    read(sent)
    assert sent.drift == []


def test_a_value_that_the_answer_lacks_is_no_drift(make_goods):
    goods = as_at_wechat(make_goods(third_party_appid="wx" + "a" * 16))
    goods.mark_read({**goods.remote, "third_party_appid": ""})
    assert goods.drift == []


def test_the_first_reading_of_a_record_finds_no_drift(make_goods, empty, read):
    (goods_id,) = empty.make_goods(origin="api", audit_status=2, name="微信那边的名字")
    goods = make_goods(goods_id=str(goods_id), third_party_tag=2)
    read(goods)
    assert goods.drift == []


def test_goods_of_the_console_do_not_drift(empty, read):
    (goods_id,) = empty.make_goods(origin="console", audit_status=2)
    read()
    empty.change_goods(goods_id, name="控制台改过的名字")
    read()
    assert not LiveGoods.objects.drifted().exists()


def test_drift_stays_known_since_when_it_was_noticed_first(sent, sim, read):
    change(sim, sent, name="别处改过的名字")
    read(sent)
    first = sent.drifted_at
    change(sim, sent, price=45.5)
    read(sent)
    assert (sent.drift, sent.drifted_at) == (["name", "price"], first)


def test_a_second_reading_keeps_the_drift(sent, sim, read):
    change(sim, sent, name="别处改过的名字")
    read(sent)
    read(sent)
    assert sent.drift == ["name"]


def test_an_open_push_keeps_drift_from_being_noticed(sent, sim, read, push):
    LiveGoods.objects.update(price=Decimal(50))
    push("update", sent)
    change(sim, sent, name="别处改过的名字")
    read(sent)
    assert (Push.objects.open().count(), sent.drift) == (1, [])


# --- forgotten ---


@pytest.fixture
def drifted(sent, sim, read):
    change(sim, sent, name="别处改过的名字", price=45.5)
    read(sent)
    assert sent.drift == ["name", "price"]
    return sent


def test_what_was_changed_back_at_wechat_is_forgotten(drifted, sim, read):
    change(sim, drifted, name=drifted.name)
    read(drifted)
    assert drifted.drift == ["price"]


def test_typing_wechats_value_settles_it(drifted):
    drifted.name = "别处改过的名字"
    drifted.save(update_fields=["name"])
    drifted.refresh_from_db()
    assert drifted.drift == ["price"]


def test_sending_ours_settles_it(drifted, send):
    send("update", drifted)
    assert drifted.drift == ["name"]  # of approved goods only the price was sent


def test_a_value_typed_while_ours_was_on_the_way_is_no_drift(drifted, push):
    (sent,) = push("update", drifted).pushes.all()
    drifted.price = Decimal(99)
    drifted.mark_accepted({"price_type": 1, "price": "68", "price2": ""})
    assert "price" not in drifted.drift and sent.status == "queued"


def test_a_refused_push_leaves_the_drift(drifted, send, sim):
    sim.next("errcode", path="/wxaapi/broadcast/goods/update", errcode=300003)
    send("update", drifted)
    assert drifted.drift == ["name", "price"]


def test_deleting_at_wechat_forgets_it(drifted, send):
    send("delete", drifted)
    assert (drifted.goods_id, drifted.drift, drifted.drifted_at) == ("", [], None)


def test_when_everything_agrees_the_mark_is_gone(drifted):
    drifted.mark_taken(["name", "price"])
    assert drifted.drifted_at is None


# --- counted ---


def test_drifted_records_can_be_counted(drifted, make_goods):
    make_goods()
    assert list(LiveGoods.objects.drifted()) == [drifted]


def test_what_the_last_pull_found_is_known(empty, make_goods, read):
    make_goods()
    empty.make_goods(origin="api", count=2, audit_status=2)
    reading = read()
    assert (reading.created, LiveGoods.objects.newly_found().count()) == (2, 2)


def test_what_an_earlier_pull_found_is_new_no_more(empty, read):
    empty.make_goods(origin="api", audit_status=2)
    read()
    empty.make_goods(origin="console", audit_status=2, name="后来才有的商品")
    read()
    assert [goods.name for goods in LiveGoods.objects.newly_found()] == ["后来才有的商品"]


# --- take over many ---


def test_wechats_values_can_be_taken_over_for_many(make_goods):
    records = [drift(make_goods, name=f"别处改过的名字{number}") for number in range(3)]
    taken = LiveGoods.objects.all().take_theirs()
    assert sorted(taken.fields) == [goods.pk for goods in records]
    assert {goods.name for goods in LiveGoods.objects.all()} == {f"别处改过的名字{n}" for n in range(3)}


def drift(make_goods, *fields, **theirs):
    goods = as_at_wechat(make_goods(), **theirs)
    goods.drift, goods.drifted_at = list(fields or theirs), timezone.now()
    goods.save(update_fields=["drift", "drifted_at"])
    return goods


def test_only_what_was_changed_at_wechat_is_taken_over(make_goods):
    goods = drift(make_goods, "name", name="别处改过的名字", url="pages/other")
    LiveGoods.objects.all().take_theirs()
    goods.refresh_from_db()
    assert (goods.name, goods.url) == ("别处改过的名字", "pages/goods/detail?id=1")


def test_prices_are_taken_over_together(make_goods):
    goods = drift(make_goods, "price2", "price_type", price_type=3, price2="49.9", price="68")
    LiveGoods.objects.all().take_theirs()
    goods.refresh_from_db()
    assert (goods.price_type, goods.price, goods.price2) == (3, 68, Decimal("49.90"))


def test_taking_over_ends_the_drift(make_goods):
    goods = drift(make_goods, name="别处改过的名字")
    LiveGoods.objects.all().take_theirs()
    goods.refresh_from_db()
    assert (goods.drift, goods.drifted_at) == ([], None)


def test_a_price_that_looks_like_fen_is_not_taken_over_unseen(make_goods):
    goods = drift(make_goods, price="4550")
    taken = LiveGoods.objects.all().take_theirs()
    goods.refresh_from_db()
    assert (taken.fields, taken.doubtful, goods.price) == ({}, 1, 68)


def test_what_is_being_sent_is_not_taken_over(make_goods, push):
    goods = drift(make_goods, name="别处改过的名字")
    LiveGoods.objects.update(price=Decimal(50))
    push("update", goods)
    taken = LiveGoods.objects.all().take_theirs()
    assert (taken.fields, taken.busy) == ({}, 1)


def test_taking_over_many_costs_no_more_queries_than_few(make_goods, django_assert_max_num_queries):
    for number in range(30):
        drift(make_goods, name=f"别处改过的名字{number}")
    with django_assert_max_num_queries(7):
        LiveGoods.objects.all().take_theirs()
