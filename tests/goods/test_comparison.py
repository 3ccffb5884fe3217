"""What WeChat has beside what we have, on a product's page: what is shown, and the two ways to agree."""

import re
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from audits.models import Batch, Push
from audits.operations import Operation
from goods.models import LiveGoods
from tests.goods.mirrored import as_at_wechat
from tests.people import browser_of, choose, form_of, queries, said, text

AUDITING, APPROVED = 1, 2
THEIRS = "别处改过的名字"


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def at_wechat(make_goods):
    """Build a product at WeChat, which has what we have, or else what is given."""

    def make(status=0, *, drift=(), theirs=None, **fields):
        goods = as_at_wechat(make_goods(audit_status=status, **fields), **(theirs or {}))
        LiveGoods.objects.filter(pk=goods.pk).update(drift=list(drift))
        goods.refresh_from_db()
        return goods

    return make


def table(page):
    """The comparison's differing rows: by field, the row's text."""
    html = text(page)
    part = html[html.index('id="comparison"') :]
    part = part[: part.index("</details>") if "</details>" in part else len(part)].split("<details")[0]
    rows = re.findall(r'<tr class="differs">(.*?)</tr>', part, re.DOTALL)
    return {re.search(r'<th scope="row">([^<]+)', row)[1]: row for row in rows}


def folded(page):
    html = text(page).partition('id="comparison"')[2]
    return html[html.index("<details>") : html.index("</details>")]


def take(client, goods, name, **changes):
    """Press “take theirs” as the form has it."""
    seen = re.search(r'name="seen" value="([^"]+)"', text(client.get(form_of(goods))))
    data = {"take": name, "seen": seen[1] if seen else "", **changes}
    answer = client.post(reverse("admin:goods_livegoods_take", args=[goods.pk]), data, follow=True)
    goods.refresh_from_db()
    return answer


def send(client, goods):
    return client.post(reverse("admin:goods_livegoods_send", args=[goods.pk]), follow=True)


# --- shown ---


def test_a_field_that_differs_is_marked_in_words(staff, at_wechat):
    rows = table(staff.get(form_of(at_wechat(theirs={"name": THEIRS}))))
    assert list(rows) == ["Name"] and "differs" in rows["Name"] and THEIRS in rows["Name"]


def test_a_field_that_somebody_changed_at_wechat_says_so(staff, at_wechat):
    rows = table(staff.get(form_of(at_wechat(theirs={"name": THEIRS}, drift=["name"]))))
    assert "changed at WeChat" in rows["Name"]


def test_what_is_equal_is_folded(staff, at_wechat):
    page = staff.get(form_of(at_wechat(theirs={"name": THEIRS})))
    assert "4 fields are the same" in folded(page) and "pages/goods/detail?id=1" in folded(page)


def test_when_all_is_equal_it_says_so(staff, at_wechat):
    page = staff.get(form_of(at_wechat()))
    assert table(page) == {} and "Everything is the same" in text(page)


def test_a_draft_has_nothing_to_compare(staff, make_goods):
    assert 'id="comparison"' not in text(staff.get(form_of(make_goods())))


def test_a_price_in_fen_counts_as_equal(staff, at_wechat):
    page = staff.get(form_of(at_wechat(theirs={"price": "6800"})))
    assert table(page) == {}
    assert "¥68.00 (one price), in WeChat&#x27;s answer as fen: 6800" in folded(page)


def test_prices_are_compared_as_one(staff, at_wechat):
    goods = at_wechat(theirs={"price_type": 2, "price": "50", "price2": "68"})
    rows = table(staff.get(form_of(goods)))
    assert list(rows) == ["Price"]
    assert "¥68.00 (one price)" in rows["Price"] and "¥50.00 – ¥68.00 (from – to)" in rows["Price"]


def test_both_pictures_are_shown(staff, at_wechat):
    goods = at_wechat(theirs={"cover_img_url": "http://mmbiz.qpic.cn/a/0"})
    page = folded(staff.get(form_of(goods)))
    assert f'src="{goods.thumbnail}"' in page and 'src="https://mmbiz.qpic.cn/a/0"' in page


def test_wechats_picture_cannot_be_taken(staff, at_wechat):
    goods = at_wechat()
    LiveGoods.objects.update(cover_sent="another.png")
    row = table(staff.get(form_of(goods)))["Cover picture"]
    assert "does not hand it out" in row and 'value="cover" class="button">Take' not in row


def test_after_a_new_picture_the_link_to_the_old_one_is_forgotten(at_wechat):
    goods = at_wechat(theirs={"cover_img_url": "https://mmbiz.qpic.cn/old"})
    goods.mark_accepted({}, "new.png")
    assert goods.remote_picture == ""


# --- choices ---


def test_each_difference_offers_both_ways(staff, at_wechat):
    row = table(staff.get(form_of(at_wechat(theirs={"name": THEIRS}))))["Name"]
    assert "Take theirs" in row and "Send ours" in row


def test_the_enter_key_in_the_form_presses_no_choice(staff, at_wechat):
    page = text(staff.get(form_of(at_wechat(theirs={"name": THEIRS}))))
    choices = re.findall(r'<button type="submit" [^>]*name="(?:take|send)"[^>]*>', page)
    assert len(choices) == 2 and all(re.search(r'form="(take-theirs|send-ours)"', one) for one in choices)
    for owner in ("take-theirs", "send-ours"):
        assert page.index(f'<form id="{owner}"') > page.rindex('name="_save"')


def test_of_an_approved_product_only_the_price_can_be_sent(staff, at_wechat):
    rows = table(staff.get(form_of(at_wechat(APPROVED, theirs={"name": THEIRS, "price": "45"}))))
    assert "WeChat lets only prices change" in rows["Name"] and "Send ours" not in rows["Name"]
    assert "Send ours" in rows["Price"]


def test_under_review_nothing_can_be_sent(staff, at_wechat):
    rows = table(staff.get(form_of(at_wechat(AUDITING, theirs={"price": "45"}))))
    assert "It is under review" in rows["Price"] and "Send ours" not in rows["Price"]


def test_a_viewer_sees_the_difference_and_no_choice(at_wechat):
    page = browser_of("view_livegoods").get(form_of(at_wechat(theirs={"name": THEIRS})))
    assert THEIRS in table(page)["Name"] and "<button" not in table(page)["Name"]


def test_who_may_not_push_is_offered_to_take_only(at_wechat):
    client = browser_of("view_livegoods", "change_livegoods")
    row = table(client.get(form_of(at_wechat(theirs={"name": THEIRS}))))["Name"]
    assert "Take theirs" in row and "Send ours" not in row


def test_the_comparison_costs_no_queries_of_its_own(staff, at_wechat):
    goods = at_wechat()
    few = queries(staff, form_of(goods))
    as_at_wechat(goods, name=THEIRS, price="45", url="pages/other")
    assert queries(staff, form_of(goods)) == few


# --- take theirs ---


def test_taking_theirs_makes_ours_what_wechat_has(staff, at_wechat, sim):
    goods = at_wechat(theirs={"name": THEIRS}, drift=["name"])
    page = take(staff, goods, "name")
    assert (goods.name, goods.drift, sim.calls()) == (THEIRS, [], [])
    assert said(page) == [f"name: now as at WeChat, {THEIRS}."]


def test_taking_one_field_leaves_the_others(staff, at_wechat):
    goods = at_wechat(theirs={"name": THEIRS, "price": "45"}, drift=["name", "price"])
    take(staff, goods, "price")
    assert (goods.name, goods.price, goods.drift) == ("云南小粒咖啡1号", Decimal(45), ["name"])


def test_taking_theirs_takes_the_kind_of_price_along(staff, at_wechat):
    goods = at_wechat(theirs={"price_type": 3, "price": "68", "price2": "49.9"})
    take(staff, goods, "price")
    assert (goods.price_type, goods.price, goods.price2) == (3, 68, Decimal("49.90"))


def test_taking_theirs_is_written_into_the_log(staff, at_wechat):
    goods = at_wechat(theirs={"name": THEIRS})
    take(staff, goods, "name")
    assert LogEntry.objects.get(object_id=goods.pk).get_change_message() == "Changed Name."


@pytest.mark.parametrize("name", ["url", "cover", "account", "goods_id", "nonsense", ""])
def test_what_does_not_differ_cannot_be_taken(staff, at_wechat, name):
    goods = at_wechat(theirs={"name": THEIRS})
    page = take(staff, goods, name)
    assert said(page) == ["It has changed meanwhile. Look again, then decide."]


def test_a_decision_on_values_that_changed_meanwhile_is_not_carried_out(staff, at_wechat):
    goods = at_wechat(theirs={"name": THEIRS})
    take(staff, goods, "name", seen="0" * 16)
    assert goods.name == "云南小粒咖啡1号"


def test_a_price_that_cannot_be_kept_is_not_taken(staff, at_wechat):
    goods = at_wechat(theirs={"price": "99999999999999"})
    page = take(staff, goods, "price")
    assert said(page) == ["WeChat's price cannot be kept here."] and goods.price == 68


def test_while_it_is_being_sent_nothing_is_taken(staff, at_wechat, push):
    goods = at_wechat(theirs={"name": THEIRS})
    push("update", goods)
    page = take(staff, goods, "name")
    assert said(page) == ["It is being sent: wait for the result."] and goods.name != THEIRS


def test_opening_the_address_takes_nothing(staff, at_wechat):
    goods = at_wechat(theirs={"name": THEIRS})
    answer = staff.get(reverse("admin:goods_livegoods_take", args=[goods.pk]), {"take": "name"})
    goods.refresh_from_db()
    assert answer.status_code == 302 and goods.name != THEIRS


def test_without_a_csrf_token_nothing_is_taken(staff, at_wechat):
    goods = at_wechat(theirs={"name": THEIRS})
    staff.handler.enforce_csrf_checks = True
    assert staff.post(reverse("admin:goods_livegoods_take", args=[goods.pk])).status_code == 403


@pytest.mark.parametrize("permissions", [["view_livegoods"], ["view_livegoods", "push_livegoods"]])
def test_who_may_not_change_may_not_take(at_wechat, permissions):
    goods = at_wechat(theirs={"name": THEIRS})
    url = reverse("admin:goods_livegoods_take", args=[goods.pk])
    assert browser_of(*permissions).post(url, {"take": "name"}).status_code == 403


@pytest.mark.parametrize("pk", ["7777", "abc", "1/../2"])
def test_a_record_that_is_not_there_cannot_be_taken_or_sent(staff, db, pk):
    base = reverse("admin:goods_livegoods_changelist")
    assert {staff.post(f"{base}{pk}/{do}/").status_code for do in ("take", "send")} <= {403, 404}


# --- send ours ---


def test_sending_ours_leads_to_the_plan_of_an_update_of_this_record(staff, at_wechat, sim):
    goods = at_wechat(theirs={"name": THEIRS})
    at_wechat(theirs={"name": THEIRS})
    page = send(staff, goods)
    batch = Batch.objects.get()
    assert (batch.operation, batch.selection) == (Operation.UPDATE, [goods.pk])
    assert page.redirect_chain == [(reverse("admin:audits_batch_plan", args=[batch.pk]), 302)]
    assert (Push.objects.count(), sim.calls()) == (0, [])


def test_opening_the_address_of_sending_plans_nothing(staff, at_wechat):
    staff.get(reverse("admin:goods_livegoods_send", args=[at_wechat().pk]))
    assert not Batch.objects.exists()


def test_who_may_not_push_may_not_send(at_wechat):
    client = browser_of("view_livegoods", "change_livegoods")
    url = reverse("admin:goods_livegoods_send", args=[at_wechat(theirs={"name": THEIRS}).pk])
    assert client.post(url).status_code == 403


# --- many at once ---


def drifted(at_wechat):
    goods = at_wechat(theirs={"name": THEIRS}, drift=["name"])
    goods.settle_drift()
    goods.save(update_fields=["drift", "drifted_at"])
    return goods


def test_the_action_takes_theirs_of_the_selected_records_only(staff, at_wechat):
    chosen, other = drifted(at_wechat), drifted(at_wechat)
    page = choose(staff, "take_theirs", chosen)
    assert said(page) == ["1 record now has WeChat's values."]
    assert list(LiveGoods.objects.drifted()) == [other]


def test_the_action_is_written_into_the_log_by_fields(staff, at_wechat):
    choose(staff, "take_theirs", drifted(at_wechat))
    assert LogEntry.objects.get().get_change_message() == "Changed Name."


def test_the_action_says_when_nothing_was_changed_at_wechat(staff, at_wechat):
    page = choose(staff, "take_theirs", at_wechat(theirs={"name": THEIRS}))
    assert said(page) == ["Nobody has changed the selected records at WeChat."]


def test_the_action_names_what_it_left_alone(staff, at_wechat):
    goods = drifted(at_wechat)
    LiveGoods.objects.update(drift=["price"], remote={**goods.remote, "price": "4550"})
    assert "ten times ours or more" in said(choose(staff, "take_theirs", goods))[0]


def test_the_action_is_refused_to_who_may_not_change(at_wechat):
    goods = drifted(at_wechat)
    choose(browser_of("view_livegoods", "push_livegoods"), "take_theirs", goods)
    assert LiveGoods.objects.drifted().exists()
