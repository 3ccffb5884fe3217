"""The journal's pages: looked at, never edited; what is in doubt a person decides there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.models import Attempt, Batch, Push, Quota
from audits.operations import Operation
from audits.services import create_batch
from audits.states import PushStatus
from goods.models import LiveGoods
from shopadmin.wechat.live_goods import LiveGoodsAPI
from tests.journal import ADD
from tests.people import browser_of, form_of, queries, said, text

JOURNAL = [Batch, Push, Attempt, Quota]
RELOADS = 'http-equiv="refresh"'
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def sent(make_goods, send):
    """A product that was submitted, and so one row of each kind in the journal."""
    goods = make_goods()
    send("add", goods)
    return goods


def page_of(model, name, *args):
    return reverse(f"admin:audits_{model._meta.model_name}_{name}", args=args)


def list_of(model):
    return page_of(model, "changelist")


journal = pytest.mark.parametrize("model", JOURNAL, ids=lambda model: model.__name__)


@pytest.mark.parametrize("page", [list_of(Batch), list_of(Push), "/admin/goods/livegoods/{}/change/"])
def test_plans_of_thousands_of_records_are_not_read_for_a_page_that_does_not_show_them(staff, sent, page):
    with CaptureQueriesContext(connection) as captured:
        assert staff.get(page.format(sent.pk)).status_code == 200
    assert not [query["sql"] for query in captured if '"audits_batch"."selection"' in query["sql"]]


# --- Read-only, also for a superuser ---


@journal
def test_a_journal_list_offers_no_way_to_add_or_delete(staff, sent, model):
    page = text(staff.get(list_of(model)))
    assert page_of(model, "add") not in page and 'value="delete_selected"' not in page


@journal
def test_a_journal_page_has_nothing_to_save_or_delete(staff, sent, model):
    page = text(staff.get(form_of(model.objects.first())))
    assert 'name="_save"' not in page and "deletelink" not in page


@journal
def test_a_journal_page_has_no_history_of_edits(staff, sent, model):
    assert "historylink" not in text(staff.get(form_of(model.objects.first())))


@journal
@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_can_be_added_to_the_journal(staff, model, method):
    assert getattr(staff, method)(page_of(model, "add")).status_code == 403


@journal
def test_no_row_of_the_journal_can_be_changed(staff, sent, model):
    row = model.objects.first()
    assert staff.post(form_of(row), {"status": "done", "used": 0}).status_code == 403


@journal
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_row_of_the_journal_can_be_deleted(staff, sent, model, method):
    row = model.objects.first()
    answer = getattr(staff, method)(page_of(model, "delete", row.pk), {"post": "yes"})
    assert answer.status_code == 403 and model.objects.filter(pk=row.pk).exists()


@journal
@pytest.mark.parametrize("number", ["999999", "abc", "9" * 30, "²", "1_5F"])
def test_a_row_that_does_not_exist_leads_back(staff, model, number):
    assert staff.get(page_of(model, "change", number)).status_code == 302


@journal
@pytest.mark.parametrize(
    "query",
    [
        "created_at__year=abc", "created_at__year=2026&created_at__month=13", "status__exact=zzz", "q=%00",
        "operation__exact=zzz", "account__id__exact=abc", "p=abc", "o=99.x", "batch__isnull=zzz",
        "account__secret__startswith=0", "late__exact=zzz", "nonsense=1",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_does_not_break_a_journal_list(staff, model, query):
    assert staff.get(f"{list_of(model)}?{query}").status_code in (200, 302, 400)


@journal
def test_a_long_journal_list_costs_no_more_queries_than_a_short_one(staff, sent, make_goods, send, model):
    few = queries(staff, list_of(model))
    for _ in range(4):
        send("add", make_goods())
    assert queries(staff, list_of(model)) == few


# --- Batches ---


def test_a_batch_in_the_list_tells_its_progress(staff, sent, push, make_goods):
    push("add", make_goods(), make_goods())
    page = text(staff.get(list_of(Batch)))
    assert '<progress max="2" value="0"' in page and "0 of 2" in page
    assert '<progress max="1" value="1"' in page and "1 of 1" in page


def test_a_plan_that_nobody_confirmed_is_not_in_the_list(staff, make_goods):
    create_batch(LiveGoods, [make_goods().pk], Operation.ADD)
    assert list(staff.get(list_of(Batch)).context["cl"].result_list) == []


def test_the_page_of_a_plan_that_nobody_confirmed_is_the_plan(staff, make_goods):
    batch = create_batch(LiveGoods, [make_goods().pk], Operation.ADD)
    assert staff.get(form_of(batch)).url == page_of(Batch, "plan", batch.pk)


def test_a_batch_at_work_reloads_by_itself(staff, push, make_goods):
    assert RELOADS in text(staff.get(form_of(push("add", make_goods()))))


@pytest.mark.parametrize("status", ["done", "refused", "cancelled", "needs_person"])
def test_a_batch_that_can_do_no_more_by_itself_does_not_reload(staff, push, make_goods, status):
    batch = push("add", make_goods())
    Push.objects.update(status=status)
    assert RELOADS not in text(staff.get(form_of(batch)))


def test_a_batch_shows_the_result_of_every_row(staff, make_goods, send, sim):
    sim.next("errcode", path=ADD, errcode=300004)
    page = text(staff.get(form_of(send("add", make_goods(name="云南小粒咖啡豆")))))
    assert "云南小粒咖啡豆" in page and "(300004)" in page and "refused" in page


def test_every_row_of_a_batch_leads_to_its_push(staff, make_goods, push):
    batch = push("add", make_goods())
    assert f'href="{form_of(batch.pushes.get())}"' in text(staff.get(form_of(batch)))


def test_a_large_batch_costs_no_more_queries_than_a_small_one(staff, make_goods, push):
    few = queries(staff, form_of(push("add", make_goods())))
    assert queries(staff, form_of(push("add", *(make_goods() for _ in range(20))))) == few


# --- Plans, by permission ---


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("operation", "permissions"),
    [
        (Operation.ADD, ["view_livegoods", "change_livegoods", "delete_remote_livegoods", "view_batch"]),
        (Operation.DELETE, ["view_livegoods", "change_livegoods", "push_livegoods", "view_batch"]),
    ],
)
def test_a_plan_is_closed_to_whoever_may_not_push_it(make_goods, operation, permissions, method):
    batch = create_batch(LiveGoods, [make_goods().pk], operation)
    answer = getattr(browser_of(*permissions), method)(page_of(Batch, "plan", batch.pk))
    assert answer.status_code == 403 and not Push.objects.exists()


@pytest.mark.parametrize("number", [999_999, 10**30])
def test_a_plan_that_does_not_exist_is_not_found(staff, number):
    assert staff.get(page_of(Batch, "plan", number)).status_code == 404


def test_whoever_may_push_but_not_see_the_journal_lands_on_the_list(make_goods):
    client = browser_of("view_livegoods", "push_livegoods")
    batch = create_batch(LiveGoods, [make_goods().pk], Operation.ADD)
    client.get(page_of(Batch, "plan", batch.pk))
    page = client.post(page_of(Batch, "plan", batch.pk), follow=True)
    assert page.redirect_chain == [(reverse("admin:goods_livegoods_changelist"), 302)]
    assert said(page) == ["1 push is on its way."]


# --- Pushes ---


def test_a_push_shows_its_calls_at_the_local_time(staff, sent):
    attempt = Attempt.objects.get(path=ADD)
    page = text(staff.get(form_of(attempt.push)))
    assert f"{timezone.localtime(attempt.started_at):%Y-%m-%d %H:%M:%S}</a>" in page and ADD in page


def test_a_push_with_many_calls_costs_no_more_queries(staff, sent):
    push = Push.objects.get()
    few = queries(staff, form_of(push))
    Attempt.objects.bulk_create(Attempt(push=push, step="add", path=ADD) for _ in range(20))
    assert queries(staff, form_of(push)) == few


def test_a_call_without_an_answer_says_so(staff, make_goods, push):
    row = push("add", make_goods()).pushes.get()
    Attempt.objects.create(push=row, step="add", path=ADD)
    assert "no answer yet" in text(staff.get(form_of(row)))


def test_the_pages_of_calls_show_no_token(staff, account, sent):
    token = account.access_token.value.reveal()
    pages = [list_of(Push), form_of(Push.objects.get()), *map(form_of, Attempt.objects.all())]
    shown = "".join(text(staff.get(url)) for url in pages)
    assert token and token not in shown and "access_token" not in shown


def test_the_newest_call_comes_first(staff, sent):
    rows = list(staff.get(list_of(Attempt)).context["cl"].result_list)
    assert [row.pk for row in rows] == sorted((row.pk for row in rows), reverse=True)


def test_wechats_words_about_a_call_are_escaped(staff, make_goods, push):
    row = push("add", make_goods()).pushes.get()
    Push.objects.update(status="refused", errcode=123456, errmsg=EVIL, target_repr=EVIL)
    Attempt.objects.create(push=row, step="add", path=ADD, errcode=123456, errmsg=EVIL)
    pages = [form_of(row), form_of(row.batch), list_of(Push), list_of(Attempt)]
    assert EVIL not in "".join(text(staff.get(url)) for url in pages)


def test_a_push_whose_record_is_gone_is_still_shown(staff, make_goods, send, sim):
    sim.next("errcode", path=ADD, errcode=300004)
    goods = make_goods()
    batch = send("add", goods)
    goods.delete()
    for url in (list_of(Push), form_of(batch), form_of(batch.pushes.get())):
        assert staff.get(url).status_code == 200


# --- A push that needs a person ---


def candidate(number, **fields):
    values = {"id": number, "name": "茶叶礼盒", "url": "pages/goods?id=1", "price_type": 1, "price": "9.90"}
    return {**values, "price2": "", "cover_img_url": "https://mmbiz.qpic.cn/1", **fields}


@pytest.fixture
def doubtful(make_goods, push):
    """A submission whose answer was lost; two products at WeChat could be it."""
    row = push("add", make_goods()).pushes.get()
    Attempt.objects.create(push=row, step="add", path=ADD)
    Push.objects.update(
        status=PushStatus.NEEDS_PERSON,
        done_steps=["upload_cover"],
        candidates=[candidate("71"), candidate("72")],
    )
    row.refresh_from_db()
    return row


def decide(client, push, choice):
    answer = client.post(page_of(Push, "decide", push.pk), {"choice": choice}, follow=True)
    push.refresh_from_db()
    return answer


def test_the_candidates_are_shown_to_compare(staff, doubtful):
    page = text(staff.get(form_of(doubtful)))
    assert page.count("This is it") == 2 and 'src="https://mmbiz.qpic.cn/1"' in page


def test_adopting_a_candidate_gives_the_record_its_number(staff, doubtful):
    assert said(decide(staff, doubtful, "72")) == ["Decided."]
    assert (doubtful.status, doubtful.remote_id, doubtful.target.goods_id) == (PushStatus.DONE, "72", "72")


def test_none_of_the_candidates_sends_it_again(staff, doubtful):
    assert said(decide(staff, doubtful, "")) == ["Decided."]
    assert doubtful.status == PushStatus.QUEUED


@pytest.mark.parametrize("choice", ["72", ""])
def test_what_has_been_decided_stays_decided(staff, doubtful, choice):
    decide(staff, doubtful, "71")
    assert "It has been decided already" in said(decide(staff, doubtful, choice))[0]
    assert doubtful.remote_id == "71"


def test_a_number_that_another_record_has_cannot_be_adopted(staff, doubtful, make_goods):
    make_goods(goods_id="71")
    assert "that product is taken" in said(decide(staff, doubtful, "71"))[0]
    assert doubtful.status == PushStatus.NEEDS_PERSON


def test_a_number_that_is_no_candidate_cannot_be_adopted(staff, doubtful):
    decide(staff, doubtful, "73")
    assert doubtful.status == PushStatus.NEEDS_PERSON


def test_opening_the_address_of_the_decision_decides_nothing(staff, doubtful):
    assert staff.get(page_of(Push, "decide", doubtful.pk), {"choice": "71"}).status_code == 404
    doubtful.refresh_from_db()
    assert doubtful.status == PushStatus.NEEDS_PERSON


def test_a_decision_about_no_push_is_not_found(staff):
    assert staff.post(page_of(Push, "decide", 10**30), {"choice": "71"}).status_code == 404


def test_whoever_may_not_push_may_not_decide(doubtful):
    assert decide(browser_of("view_push", "view_livegoods"), doubtful, "71").status_code == 403
    assert doubtful.status == PushStatus.NEEDS_PERSON


def test_whoever_may_not_push_is_not_asked_to_decide(doubtful):
    page = text(browser_of("view_push", "view_livegoods").get(form_of(doubtful)))
    assert "This is it" not in page and "send it again" not in page


def test_what_is_not_in_doubt_asks_nothing(staff, sent):
    assert "Which product at WeChat is this record?" not in text(staff.get(form_of(Push.objects.get())))


def test_candidates_from_wechat_are_escaped(staff, doubtful):
    Push.objects.update(candidates=[candidate(EVIL, name=EVIL, url=EVIL, price=EVIL)])
    assert EVIL not in text(staff.get(form_of(doubtful)))


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil.example/x", EVIL, None, 7]
)
def test_a_candidates_picture_is_shown_only_from_a_web_address(staff, doubtful, link):
    Push.objects.update(candidates=[candidate("71", cover_img_url=link)])
    assert 'class="thumb"' not in text(staff.get(form_of(doubtful)))


# --- Quotas ---


def test_the_quotas_can_be_filtered_by_purpose_in_words(staff, account):
    Quota.objects.spend(account.pk, LiveGoodsAPI.SUBMISSIONS)
    page = staff.get(f"{list_of(Quota)}?group=live_goods.delete")
    assert page.context["cl"].result_count == 0
    assert '<a href="?group=live_goods.submissions">submissions for review</a>' in text(page)


def test_the_quotas_tell_what_is_left_in_words(staff, account):
    Quota.objects.spend(account.pk, LiveGoodsAPI.SUBMISSIONS)
    page = text(staff.get(list_of(Quota)))
    assert "submissions for review" in page and '<td class="field-left">499</td>' in page
