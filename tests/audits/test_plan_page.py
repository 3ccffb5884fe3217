"""The page of a plan: its counts, filters and rows, what it says of quotas, and its buttons."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from audits.admin import plan_rows
from audits.models import Batch, Push, Quota, quota_day
from audits.operations import Operation
from audits.services import create_batch, repeat_failed
from goods.models import LiveGoods
from shopadmin.wechat.live_goods import LiveGoodsAPI
from shopadmin.wechat.models import Account
from tests.people import browser_of, form_of, queries, said, text


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def mixed(make_goods, push):
    """A batch in which every effect of an addition occurs, with two that look the same."""
    records = {
        "good": make_goods(name="云南小粒咖啡豆"),
        "twin": make_goods(name="一样的商品", url="pages/a"),
        "other": make_goods(name="一样的商品", url="pages/a"),
        "there": make_goods(goods_id="7", audit_status=2, third_party_tag=2),
        "busy": make_goods(),
        "broken": make_goods(name="短"),
    }
    push("add", records["busy"])
    return create_batch(LiveGoods, [goods.pk for goods in records.values()], Operation.ADD), records


@pytest.fixture
def plan(make_goods):
    """An ordinary plan of three additions."""
    return create_batch(LiveGoods, [make_goods().pk for _ in range(3)], Operation.ADD)


def url(batch, query="") -> str:
    return reverse("admin:audits_batch_plan", args=[batch.pk]) + query


def press(client, batch, name, query="", **fields):
    return client.post(url(batch, query), {"do": name, **fields}, follow=True)


def names(client, batch, query="") -> list[str]:
    return [str(row.now.record) for row in client.get(url(batch, query)).context["page"].rows]


# --- Counts and filters ---


def test_the_counts_of_all_effects_are_links(staff, mixed):
    batch, _records = mixed
    found = [(str(f.label), f.count, f.query) for f in staff.get(url(batch)).context["filters"]]
    assert found == [
        ("All", 6, "?"),
        ("Create", 3, "?effect=create"),
        ("Nothing to do", 1, "?effect=nothing"),
        ("Waits", 1, "?effect=waits"),
        ("Blocked", 1, "?effect=blocked"),
        ("Left out by hand", 0, "?effect=by-hand"),
        ("With warnings", 2, "?warned=1"),
    ]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["good", "twin", "other", "there", "busy", "broken"]),
        ("?effect=create", ["good", "twin", "other"]),
        ("?effect=blocked", ["broken"]),
        ("?warned=1", ["twin", "other"]),
        ("?effect=create&warned=1", ["twin", "other"]),
        ("?effect=blocked&warned=1", []),
        ("?effect=nonsense", ["good", "twin", "other", "there", "busy", "broken"]),
    ],
)
def test_a_filter_shows_its_rows_in_the_order_of_the_selection(staff, mixed, query, shown):
    batch, records = mixed
    assert names(staff, batch, query) == [str(records[name]) for name in shown]


def test_what_was_taken_out_has_its_own_count_and_filter(staff, mixed):
    batch, records = mixed
    staff.get(url(batch))
    batch.exclude([records["twin"].pk])
    assert names(staff, batch, "?effect=by-hand") == ["一样的商品"]
    counts = {str(f.label): f.count for f in staff.get(url(batch)).context["filters"]}
    assert (counts["Create"], counts["Left out by hand"], counts["With warnings"]) == (2, 1, 1)


def test_a_long_plan_has_pages(staff, plan, monkeypatch):
    monkeypatch.setattr(plan_rows, "PAGE_SIZE", 2)
    assert [len(names(staff, plan, query)) for query in ("", "?page=2", "?page=99", "?page=x")] == [
        2,
        1,
        1,
        2,
    ]


def test_a_page_costs_the_same_for_few_and_for_many(staff, make_goods):
    few, many = (
        create_batch(LiveGoods, [make_goods().pk for _ in range(count)], Operation.ADD) for count in (1, 20)
    )
    assert queries(staff, url(few)) == queries(staff, url(many))


# --- A row ---


def test_a_new_product_shows_picture_page_and_price(staff, make_goods):
    goods = make_goods()
    page = text(staff.get(url(create_batch(LiveGoods, [goods.pk], Operation.ADD))))
    assert 'class="thumb"' in page and goods.url in page and "¥68.00" in page
    assert "priceType 1, price 68" in page


def test_what_is_blocked_leads_to_its_form(staff, mixed):
    batch, records = mixed
    page = text(staff.get(url(batch, "?effect=blocked")))
    assert f'<a href="{form_of(records["broken"])}">Open the form</a>' in page


def test_what_is_being_sent_leads_to_its_batch(staff, mixed):
    batch, records = mixed
    at_work = Push.objects.get(target_id=records["busy"].pk).batch
    page = text(staff.get(url(batch, "?effect=waits")))
    assert f"(batch #{at_work.pk})" in page and f'<a href="{form_of(at_work)}">Show the batch</a>' in page


def test_whoever_may_not_see_the_records_gets_no_links_to_them(mixed):
    batch, records = mixed
    page = text(browser_of("push_livegoods").get(url(batch)))
    assert form_of(records["good"]) not in page and "云南小粒咖啡豆" in page


def test_only_what_would_be_sent_can_be_ticked(staff, mixed):
    batch, _records = mixed
    assert text(staff.get(url(batch))).count('name="row"') == 3


def test_a_record_that_changed_since_is_marked(staff, plan):
    staff.get(url(plan))
    LiveGoods.objects.filter(pk=plan.selection[0]).update(name="后来改的名字")
    page = staff.get(url(plan))
    assert [row.moved for row in page.context["page"].rows] == [True, False, False]
    assert text(page).count("It changed after the plan was made") == 1


def test_a_record_that_was_deleted_since_is_marked(staff, plan):
    staff.get(url(plan))
    LiveGoods.objects.filter(pk=plan.selection[0]).delete()
    assert "It does not exist here any more." in text(staff.get(url(plan)))


# --- What it costs ---


def costs(client, batch):
    return [
        (str(c.purpose), c.count, c.left, c.ahead, c.today, c.later)
        for c in client.get(url(batch)).context["costs"]
    ]


def spent(account, used):
    Quota.objects.create(
        account=account, group=LiveGoodsAPI.SUBMISSIONS.name, day=quota_day(), limit=500, used=used
    )


def test_an_untouched_day_has_all_its_calls(staff, plan):
    assert costs(staff, plan) == [("submissions for review", 3, 500, 0, 3, 0)]


def test_what_the_day_cannot_take_goes_after_midnight(staff, plan, account):
    spent(account, 499)
    assert costs(staff, plan) == [("submissions for review", 3, 1, 0, 1, 2)]
    assert "1 go today, 2 from 00:00 (Beijing) by themselves." in text(staff.get(url(plan)))


def test_what_other_batches_still_send_goes_first(staff, plan, account, push, make_goods):
    spent(account, 498)
    push("add", make_goods())
    assert costs(staff, plan) == [("submissions for review", 3, 2, 1, 1, 2)]


def test_what_takes_several_days_says_which_is_the_last(staff, plan, account):
    Quota.objects.create(
        account=account, group=LiveGoodsAPI.SUBMISSIONS.name, day=quota_day(), limit=1, used=1
    )
    (cost,) = staff.get(url(plan)).context["costs"]
    assert cost.last_day == quota_day() + dt.timedelta(days=3)


def test_what_is_taken_out_costs_nothing(staff, plan):
    staff.get(url(plan))
    plan.exclude(plan.selection[:2])
    assert costs(staff, plan)[0][1] == 1


def test_submitting_again_with_changes_takes_a_change_and_a_submission(staff, make_goods):
    goods = make_goods(goods_id="7", audit_status=3, third_party_tag=2, remote={"name": "旧名字的商品"})
    batch = create_batch(LiveGoods, [goods.pk], Operation.RESUBMIT)
    assert [row[:2] for row in costs(staff, batch)] == [("changes", 1), ("submissions for review", 1)]


def test_every_account_has_its_own_quota(staff, make_goods):
    other = Account.objects.create(name="另一家", appid="wx" + "b" * 16, secret="s" * 32, practice=True)
    records = [make_goods(), make_goods(account=other), make_goods(account=other)]
    batch = create_batch(LiveGoods, [goods.pk for goods in records], Operation.ADD)
    assert [row[1] for row in costs(staff, batch)] == [1, 2]


# --- Its buttons ---


def test_ticked_rows_are_left_out_and_taken_back(staff, plan):
    staff.get(url(plan))
    page = press(staff, plan, "exclude", row=plan.selection[:2])
    assert (said(page), page.context["count"]) == (["2 records were left out."], 1)
    page = press(staff, plan, "include", "?effect=by-hand", row=plan.selection[0])
    assert (said(page), page.context["count"]) == (["1 record was taken back."], 2)


def test_everything_with_warnings_is_left_out_at_once(staff, mixed):
    batch, _records = mixed
    staff.get(url(batch))
    assert press(staff, batch, "exclude_all", "?warned=1").context["count"] == 1
    assert press(staff, batch, "include_all", "?effect=by-hand").context["count"] == 3


def test_after_a_button_the_filter_is_still_there(staff, plan):
    staff.get(url(plan))
    page = press(staff, plan, "exclude", "?effect=create&page=1", row=plan.selection[0])
    assert page.redirect_chain == [(url(plan, "?effect=create&page=1"), 302)]


@pytest.mark.parametrize("name", ["exclude", "include"])
def test_a_button_without_a_tick_says_so(staff, plan, name):
    staff.get(url(plan))
    assert said(press(staff, plan, name)) == ["Nothing changed: no row was ticked."]


def test_planning_again_takes_up_what_changed(staff, plan):
    staff.get(url(plan))
    LiveGoods.objects.filter(pk=plan.selection[0]).update(name="后来改的名字")
    page = press(staff, plan, "plan")
    assert not any(row.moved for row in page.context["page"].rows)


@pytest.mark.parametrize("name", ["exclude", "exclude_all", "include", "include_all", "plan", "confirm"])
def test_whoever_may_not_push_may_press_nothing(plan, name):
    answer = press(browser_of("view_livegoods", "view_batch"), plan, name, row=plan.selection)
    plan.refresh_from_db()
    assert (answer.status_code, plan.excluded, plan.confirmed_at) == (403, [], None)


def test_a_made_up_button_is_not_found(staff, plan):
    assert press(staff, plan, "explode").status_code == 404


# --- Confirming ---


def test_a_plan_that_nobody_has_looked_at_is_not_confirmed(staff, plan):
    page = press(staff, plan, "confirm")
    assert (said(page), Push.objects.count()) == (["Nothing was sent: look at the plan first."], 0)


def test_a_plan_that_another_window_changed_is_not_confirmed(staff, plan):
    staff.get(url(plan))
    seen = Batch.objects.get().fingerprint
    Batch.objects.get().exclude(plan.selection[:1])
    page = press(staff, plan, "confirm", seen=seen)
    assert Push.objects.count() == 0 and "Look at it again." in said(page)[0]


def test_the_page_says_which_plan_it_shows(staff, plan):
    page = text(staff.get(url(plan)))
    assert f'name="seen" value="{Batch.objects.get().fingerprint}"' in page


def test_the_message_leads_to_the_batch(staff, plan):
    staff.get(url(plan))
    assert said(press(staff, plan, "confirm")) == [
        f'3 pushes are on their way. <a href="{form_of(plan)}">Show the batch</a>'
    ]


def test_the_message_names_the_first_few_that_were_left_out(staff, make_goods):
    batch = create_batch(LiveGoods, [make_goods().pk for _ in range(5)], Operation.ADD)
    staff.get(url(batch))
    LiveGoods.objects.exclude(pk=batch.selection[0]).update(price=Decimal(9), name="<b>改过的名字")
    (message,) = said(press(staff, batch, "confirm"))
    assert "4 records have changed since the plan was made and were left out: " in message
    assert message.count("&lt;b&gt;改过的名字") == 3 and "…" in message and "<b>" not in message
    assert f'<a href="{reverse("admin:audits_batch_left_out", args=[batch.pk])}">' in message


def test_the_button_of_a_deletion_looks_dangerous_and_says_how_many(staff, make_goods):
    goods = make_goods(goods_id="7", audit_status=2, third_party_tag=2)
    page = text(staff.get(url(create_batch(LiveGoods, [goods.pk], Operation.DELETE))))
    assert 'class="default deletelink-like" name="confirm" value="Delete at WeChat: confirm 1"' in page
    assert page.index("This cannot be undone.") < page.index('name="confirm"')


# --- What was left out ---


def left_out(batch):
    return reverse("admin:audits_batch_left_out", args=[batch.pk])


@pytest.fixture
def overtaken(staff, plan):
    """A confirmed batch of which one record had changed."""
    staff.get(url(plan))
    LiveGoods.objects.filter(pk=plan.selection[0]).update(name="后来改的名字")
    press(staff, plan, "confirm")
    return plan


def test_what_was_left_out_has_a_page_that_names_it(staff, overtaken):
    page = text(staff.get(left_out(overtaken)))
    assert "后来改的名字" in page and "It was changed after the plan was made." in page


def test_what_was_left_out_can_be_planned_again_from_there(staff, overtaken):
    page = staff.post(left_out(overtaken), follow=True)
    again = Batch.objects.latest("pk")
    assert page.redirect_chain == [(url(again), 302)] and again.selection == overtaken.selection[:1]


def test_opening_the_page_plans_nothing(staff, overtaken):
    staff.get(left_out(overtaken))
    assert Batch.objects.count() == 1


def test_whoever_may_only_see_the_journal_reads_it_and_cannot_plan(overtaken):
    client = browser_of("view_batch")
    assert "后来改的名字" in text(client.get(left_out(overtaken)))
    assert client.post(left_out(overtaken)).status_code == 403


def test_whoever_may_neither_push_nor_see_the_journal_reads_nothing(overtaken):
    assert browser_of("view_livegoods").get(left_out(overtaken)).status_code == 403


def test_without_anything_left_out_there_is_nothing_to_plan(staff, plan, push):
    assert "Nothing of this batch was left out." in text(staff.get(left_out(plan)))
    assert "There is nothing left to plan again." in said(staff.post(left_out(plan)))[0]


def test_a_repetition_is_planned_like_any_other(staff, make_goods, push):
    batch = push("add", make_goods())
    Push.objects.update(status="refused")
    again = repeat_failed(batch)
    staff.get(url(again))
    press(staff, again, "confirm")
    assert Push.objects.filter(batch=again).count() == 1
