"""The start page: what it tells, to whom, at what price, and that every number leads to its list."""

import datetime as dt
import re
from html import unescape

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone

from audits import heartbeat
from audits.models import Batch, Push, Quota, Reading, StatusChange, quota_day
from goods.models import LiveGoods
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.models import Account
from tests.people import LIST, browser_of, queries, text

INDEX = reverse("admin:index")
PUSHES = reverse("admin:audits_push_changelist")


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def find(client, part):
    return client.get(INDEX).context[part]


def need(client, label):
    """The one thing that needs somebody under this heading."""
    [found] = [each for each in find(client, "needs") if str(each.label) == label]
    return found


def rows_at(client, url):
    return client.get(url).context["cl"].result_count


@pytest.fixture
def finished(make_goods):
    """Write pushes into the journal that ended so many hours ago."""

    def write(count, status="done", hours=0.0, **fields):
        kind = ContentType.objects.get_for_model(LiveGoods)
        goods = make_goods()
        at = timezone.now() - dt.timedelta(hours=hours)
        batch = Batch.objects.create(operation="add", target_type=kind, confirmed_at=at)
        values = {"status": status, "finished_at": at, "created_at": at, "operation": "add"} | fields
        Push.objects.bulk_create(
            Push(
                batch=batch, account=goods.account, target_type=kind, target_id=goods.pk,
                target_repr=str(goods), **values,
            )
            for _ in range(count)
        )  # fmt: skip
        return goods

    return write


@pytest.fixture
def busy_shop(make_goods, finished, account):
    """Something of everything that the page can show."""
    finished(3)
    finished(2, "refused", hours=2)
    now = timezone.now()
    for status in ("queued", "waiting", "unsure", "needs_person"):
        finished(1, status, finished_at=None, not_before=now + dt.timedelta(hours=1))
    at_wechat = {"third_party_tag": 2}
    make_goods(goods_id="1", audit_status=3, errcode=300007, **at_wechat)
    make_goods(goods_id="2", audit_status=2, missing_since=now, **at_wechat)
    make_goods(goods_id="3", audit_status=2, drift=["price"], drifted_at=now, **at_wechat)
    old = now - dt.timedelta(hours=30)
    make_goods(goods_id="4", audit_status=1, submitted_at=old, look_at=now, **at_wechat)
    Quota.objects.create(account=account, group="live_goods.update", day=quota_day(), limit=10, used=10)
    Reading.objects.create(account=account, family="live_goods", started_at=now, finished_at=now)
    account.report_problem(WeChatError(Kind.PERMISSION, "invalid appsecret", errcode=40125))


# --- What needs somebody ---


def test_an_empty_shop_is_told_that_nothing_is_to_be_done(staff, account):
    page = staff.get(INDEX)
    assert page.context["needs"] == [] and "Nothing. Everything that was sent has arrived" in text(page)


def test_refusals_are_counted_by_cause_with_their_meaning_and_a_list(staff, make_goods):
    for code, count in ((300007, 3), (300008, 2)):
        for _ in range(count):
            make_goods(errcode=code)
    make_goods(errcode=0)
    first, second = find(staff, "needs")
    assert (first.count, second.count) == (3, 2)
    assert "300007" in first.what and "published" in first.what and first.todo
    assert [rows_at(staff, each.url) for each in (first, second)] == [3, 2]


@pytest.mark.parametrize(
    ("status", "label"), [("unsure", "outcome unknown"), ("needs_person", "needs a person")]
)
def test_pushes_in_doubt_are_told_with_their_list(staff, finished, status, label):
    finished(1, status, finished_at=None)
    finished(5)
    found = need(staff, label)
    assert found.count == rows_at(staff, found.url) == 1


def test_waiting_pushes_are_told_with_the_time_they_go_on(staff, finished):
    until = timezone.now().replace(hour=15, minute=59) + dt.timedelta(days=1)
    finished(1, "waiting", finished_at=None, not_before=until)
    found = need(staff, "waits for new calls of the quota")
    assert f"{timezone.localtime(until):%H:%M}" in found.todo
    assert found.count == rows_at(staff, found.url) == 1


@pytest.mark.parametrize(("hours", "told"), [(23, []), (25, [1])])
def test_a_review_is_stuck_after_a_day(staff, make_goods, hours, told):
    now = timezone.now()
    make_goods(
        goods_id="1", audit_status=1, third_party_tag=2, look_at=now,
        submitted_at=now - dt.timedelta(hours=hours),
    )  # fmt: skip
    stuck = find(staff, "needs")
    assert [each.count for each in stuck] == told
    assert [rows_at(staff, each.url) for each in stuck] == told


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"drift": ["price"], "drifted_at": timezone.now()}, "changed at WeChat"),
        ({"missing_since": timezone.now()}, "missing at WeChat"),
    ],
)
def test_what_differs_at_wechat_is_told_with_its_list(staff, make_goods, fields, label):
    make_goods(goods_id="1", audit_status=2, third_party_tag=2, **fields)
    make_goods(goods_id="2", audit_status=2, third_party_tag=2)
    found = need(staff, label)
    assert found.count == rows_at(staff, found.url) == 1


def test_plans_that_wait_for_a_second_person_are_told_to_those_who_may_approve(finished, staff, account):
    finished(1)
    kind = ContentType.objects.get_for_model(LiveGoods)
    Batch.objects.create(operation="delete", target_type=kind, approval_asked_at=timezone.now())
    assert need(staff, "waits for approval").count == 1
    assert [
        each for each in find(browser_of("view_batch"), "needs") if each.label == "waits for approval"
    ] == []


def test_an_account_in_trouble_is_told_with_the_remedy(staff, account):
    account.report_problem(WeChatError(Kind.PERMISSION, "invalid appsecret", errcode=40125))
    found = need(staff, "account in trouble")
    assert "AppSecret" in found.todo and staff.get(found.url).status_code == 200


# --- Pushes by hour ---


def test_the_chart_says_in_words_what_it_shows(staff, finished):
    finished(3)
    finished(2, "refused", hours=5)
    chart = find(staff, "hourly")["chart"]
    assert "Pushes: 3 done, 2 refused" in chart and "<title" in chart and "<desc" in chart


def test_the_table_beside_the_chart_has_the_same_numbers_and_their_lists(staff, finished):
    finished(3)
    finished(2, "refused", hours=5)
    finished(9, hours=30)
    hours = find(staff, "hourly")["hours"]
    assert [(hour.done, hour.refused) for hour in hours] == [(3, 0), (0, 2)]
    assert rows_at(staff, hours[0].done_url) == 3 and rows_at(staff, hours[1].refused_url) == 2


def test_the_sums_of_the_day_lead_to_their_lists(staff, finished):
    finished(3)
    finished(2, "refused", hours=5)
    finished(9, hours=30)
    hourly = find(staff, "hourly")
    assert (hourly["done"], hourly["refused"]) == (3, 2)
    assert rows_at(staff, hourly["done_url"]) == 3 and rows_at(staff, hourly["refused_url"]) == 2


def test_hours_are_those_of_the_shops_clock(staff, finished, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    finished(1)
    [hour] = find(staff, "hourly")["hours"]
    assert hour.start.hour == timezone.localtime().hour


# --- Calls, reviews, health ---


@pytest.mark.parametrize(("used", "words"), [(10, True), (9, False)])
def test_calls_that_are_used_up_say_until_when(staff, account, used, words):
    Quota.objects.create(account=account, group="live_goods.update", day=quota_day(), limit=10, used=used)
    page = text(staff.get(INDEX))
    assert f"Changes: {used} of 10 calls used".lower() in page.lower()
    assert ("used up until 00:00" in page) == words


def test_calls_of_yesterday_are_not_those_of_today(staff, account):
    yesterday = quota_day() - dt.timedelta(days=1)
    Quota.objects.create(account=account, group="live_goods.update", day=yesterday, limit=10, used=3)
    assert find(staff, "calls") == []


def reviewed(finished, *minutes):
    """Submissions of ours whose review took so many minutes."""
    kind = ContentType.objects.get_for_model(LiveGoods)
    for took in minutes:
        goods = finished(1, hours=2)
        seen = goods.pushes().get().finished_at + dt.timedelta(minutes=took)
        StatusChange.objects.create(target_type=kind, target_id=goods.pk, before=1, after=2, seen_at=seen)


def test_reviews_have_a_median_and_a_slow_tenth(staff, finished):
    reviewed(finished, *range(10, 61, 5))
    [(_name, found)] = find(staff, "reviews")
    assert (found.ended, found.median, found.ninety) == (11, "35\xa0minutes", "55\xa0minutes")


def test_few_reviews_make_no_figure(staff, finished):
    reviewed(finished, 10, 20, 30)
    assert "Not enough data yet: 3 reviews ended" in text(staff.get(INDEX))


def test_a_change_that_no_submission_of_ours_began_is_no_review(staff, make_goods):
    kind = ContentType.objects.get_for_model(LiveGoods)
    StatusChange.objects.create(target_type=kind, target_id=make_goods().pk, before=1, after=2)
    assert find(staff, "reviews")[0][1].ended == 0


def test_the_workers_are_named(staff, account):
    heartbeat.beat("host:77")
    assert "host:77" in text(staff.get(INDEX))


def test_a_library_that_could_not_be_read_says_why(staff, account):
    Reading.objects.create(
        account=account, family="live_goods", started_at=timezone.now(), errcode=45009, errmsg="reach max"
    )
    [row] = find(staff, "readings")
    assert row.failed and row.family == "Live goods" and "It could not be read" in row.words


# --- First steps ---


def steps(client):
    return [(step.title, step.done, bool(step.url)) for step in find(client, "steps")]


def test_a_new_shop_begins_with_an_account(staff):
    assert steps(staff) == [
        ("Enter an account", False, True),
        ("Test the connection", False, False),
        ("Bring in products", False, True),
        ("Send the first product", False, True),
    ]


def test_steps_that_are_done_are_marked(staff, account, make_goods):
    account.record_test()
    make_goods()
    assert [done for _title, done, _url in steps(staff)] == [True, True, True, False]


def test_the_steps_go_away_once_something_was_sent(staff, finished):
    finished(1, hours=100)
    assert steps(staff) == []


def test_whoever_may_only_look_is_led_nowhere_by_the_steps(account):
    assert not any(url for _title, _done, url in steps(browser_of("view_livegoods", "view_account")))


# --- For whom ---


def test_a_viewer_of_products_sees_nothing_of_the_journal(busy_shop):
    page = browser_of("view_livegoods").get(INDEX)
    assert page.context["hourly"] is None and page.context["queue"] is None and page.context["calls"] == []
    assert {str(each.label) for each in page.context["needs"]}.isdisjoint(
        {"outcome unknown", "needs a person", "waits for new calls of the quota"}
    )
    assert PUSHES not in text(page)


def test_whoever_sees_the_journal_only_sees_no_numbers_of_products(busy_shop):
    page = browser_of("view_push").get(INDEX)
    assert page.context["overviews"] == page.context["readings"] == page.context["reviews"] == []
    assert LIST not in text(page)


def links_of(page):
    """The links that the page itself has, the menu aside."""
    content = text(page).split('id="content-start"')[1]
    return {unescape(url) for url in re.findall(r'href="([^"]+)"', content)}


@pytest.mark.parametrize(
    "permissions",
    [
        ["view_livegoods"],
        ["view_push"],
        ["view_quota"],
        ["view_account"],
        ["view_livegoods", "view_push", "view_quota", "view_batch", "view_attempt", "view_account"],
    ],
)
def test_every_link_of_the_page_opens(busy_shop, permissions):
    client = browser_of(*permissions)
    links = links_of(client.get(INDEX))
    assert links and {client.get(url).status_code for url in links} == {200}


def test_every_link_of_the_page_opens_for_who_may_everything(busy_shop, staff):
    links = links_of(staff.get(INDEX))
    assert len(links) > 20 and {url: staff.get(url).status_code for url in links} == dict.fromkeys(links, 200)


# --- Its price ---


def test_the_page_costs_the_same_for_twenty_accounts(staff, busy_shop, finished):
    before = queries(staff, INDEX)
    for number in range(20):
        account = Account.objects.create(name=f"{number}", appid=f"wx{number:016x}", secret="x")
        Quota.objects.create(account=account, group="live_goods.update", day=quota_day(), limit=9)
        Reading.objects.create(account=account, family="live_goods", finished_at=timezone.now())
        LiveGoods.objects.create(account=account, name=f"tea {number}", errcode=300000 + number)
    finished(20, hours=1)
    assert queries(staff, INDEX) == before


def test_the_page_costs_little(staff, busy_shop):
    assert queries(staff, INDEX) <= 20
