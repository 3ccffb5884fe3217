"""What happened to a record and what happens next, in plain sentences from the journal."""

import datetime as dt
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.html import strip_tags

from audits.admin.explain import explain, history_table
from audits.models import Push, StatusChange, next_window
from audits.operations import Operation
from audits.services import create_batch, submit
from audits.tasks import drain
from goods.models import LiveGoods
from tests.journal import ADD, push_of

NOON = dt.datetime(2026, 3, 4, 4, 0, tzinfo=dt.UTC)  # 12:00 in the shop
MINUTE = dt.timedelta(minutes=1)
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def english_at_noon(settings, time_machine):
    settings.LANGUAGE_CODE = "en"
    time_machine.move_to(NOON, tick=False)
    with translation.override("en"):
        yield


@pytest.fixture
def goods(make_goods):
    return make_goods()


@pytest.fixture
def submitted(goods, push):
    """Accepted a minute after it was submitted; under review since."""
    push("add", goods)
    Push.objects.update(
        status="done", errcode=0, finished_at=NOON + MINUTE, requested_by_name="王芳", created_at=NOON
    )
    goods.goods_id, goods.third_party_tag = "71", 2
    goods.audit_status, goods.look_at = 1, NOON + 5 * MINUTE
    goods.save()
    return goods


def told(record) -> str:
    return plain(explain(record))


def plain(markup) -> str:
    """What a reader sees of it."""
    return " ".join(unescape(strip_tags(markup.replace("><", "> <"))).split())


def refuse(goods, errcode, errmsg=""):
    Push.objects.update(status="refused", errcode=errcode, errmsg=errmsg, finished_at=NOON + MINUTE)
    goods.mark_refused(errcode, errmsg)
    goods.save()


def test_what_is_under_review_tells_who_when_and_when_it_is_looked_at_again(submitted):
    assert told(submitted) == (
        "Submitted for review by 王芳 today 12:00. WeChat accepted it at 12:01. WeChat is reviewing it. "
        "The result is asked for again at 12:05."
    )


def test_yesterday_is_called_yesterday(submitted, time_machine):
    time_machine.move_to(NOON + dt.timedelta(days=1), tick=False)
    assert "by 王芳 yesterday 12:00. WeChat accepted it at 12:01." in told(submitted)


def test_an_older_day_is_named_by_its_date(submitted, time_machine):
    time_machine.move_to(NOON + dt.timedelta(days=9), tick=False)
    assert "by 王芳 03-04 12:00." in told(submitted)


def test_another_year_is_named(submitted, time_machine):
    time_machine.move_to(NOON + dt.timedelta(days=900), tick=False)
    assert "by 王芳 2026-03-04 12:00." in told(submitted)


def test_what_was_never_sent_says_so(goods):
    assert told(goods) == "It has not been sent to WeChat yet."


def test_what_came_from_wechat_says_so(make_goods):
    found = make_goods(goods_id="71", audit_status=2, refreshed_at=NOON)
    assert told(found) == (
        "It has never been sent from here; what is known of it was read from WeChat. WeChat has approved it. "
        "WeChat's state was last read today 12:00."
    )


def test_a_form_that_adds_has_nothing_to_explain():
    assert explain(LiveGoods()) == history_table(LiveGoods()) == "–"


def test_what_waits_for_a_worker_says_so(goods, push):
    push("add", goods)
    assert told(goods).endswith("It will be sent as soon as a worker is free.")


def test_what_waits_for_quota_tells_until_when(goods, push):
    push("add", goods)
    Push.objects.update(status="waiting", not_before=next_window())
    assert told(goods).endswith("No calls are left today. It goes on by itself tomorrow 00:01.")


def test_what_stands_in_a_paused_batch_says_so(goods, push):
    push("add", goods).pause()
    assert told(goods).endswith("Its batch is paused: it is sent once somebody resumes the batch.")


def test_a_refusal_tells_what_it_means_and_what_to_do(goods, push):
    push("add", goods)
    refuse(goods, 300002)
    assert (
        "WeChat refused it at 12:01: The length of the name breaks the rules (300002). Use 3 to 14"
        in told(goods)
    )


def test_trouble_without_a_code_is_told_in_a_sentence(goods, push):
    push("add", goods)
    refuse(goods, None, "HTTP 503")
    assert "It did not succeed at 12:01: WeChat's server had a fault (HTTP 503)." in told(goods)


def test_what_is_under_way_tells_what_was_before(submitted, push):
    change(submitted, 2)
    push("delete", submitted)
    assert "Before that: Submitted for review by 王芳 today 12:00." in told(submitted)


def test_an_approval_tells_when(submitted):
    change(submitted, 2)
    assert "WeChat's review approved it today 12:00." in told(submitted)


def test_a_refused_review_tells_what_to_do(submitted):
    change(submitted, 3)
    assert "WeChat's review refused it today 12:00, without telling why. Correct it," in told(submitted)


def test_a_review_that_ended_unseen_tells_no_time(submitted):
    LiveGoods.objects.update(audit_status=2)
    submitted.refresh_from_db()
    assert "WeChat has approved it." in told(submitted)


def test_a_result_that_is_due_is_being_asked_for(submitted, time_machine):
    time_machine.move_to(NOON + 6 * MINUTE, tick=False)
    assert told(submitted).endswith("The result is being asked for now.")


def test_a_look_for_another_reason_is_no_question_for_a_result(submitted):
    submitted.audit_status = 2
    assert told(submitted).endswith("It is read again at 12:05.")


def test_a_number_of_wechats_that_nobody_knows_is_no_review(submitted):
    submitted.audit_status = 77
    assert "review" not in told(submitted).removeprefix("Submitted for review")


def test_nobody_is_named_where_nobody_asked(goods, push):
    push("add", goods)
    assert told(goods).startswith("Submitted for review by the system today 12:00.")


def test_the_name_of_who_asked_is_escaped(goods):
    batch = create_batch(LiveGoods, [goods.pk], Operation.ADD)
    submit(batch, by=User(username=EVIL))
    assert EVIL not in explain(goods) + history_table(goods)


def test_chinese_sentences_follow_each_other_without_a_space(goods, push):
    push("add", goods)
    refuse(goods, 300002)
    with translation.override("zh-hans"):
        assert "(300002)" not in told(goods).split("。")[-1] and "。 " not in told(goods)


def test_a_real_submission_is_explained(goods, send):
    send("add", goods)
    assert (
        "WeChat accepted it at 12:00. WeChat is reviewing it. The result is asked for again at 12:01."
        in told(goods)
    )


def test_a_real_refusal_is_explained(goods, push, sim):
    sim.next("errcode", path=ADD, errcode=300004)
    push("add", goods)
    drain()
    goods.refresh_from_db()
    assert "The name contains illegal content (300004)." in told(goods)


def test_an_explanation_costs_at_most_four_queries(submitted, push):
    change(submitted, 2)
    push("delete", submitted)
    with CaptureQueriesContext(connection) as captured:
        explain(submitted)
    assert len(captured) <= 4


# --- the same as a table ---


def change(goods, status: int) -> None:
    kind = push_of(goods).target_type
    StatusChange.objects.create(
        target_type=kind, target_id=goods.pk, before=goods.audit_status, after=status, seen_at=timezone.now()
    )
    goods.audit_status = status
    goods.look_at = None
    goods.save()


def test_the_history_tells_who_sent_what(submitted):
    row = "today 12:00 王芳 Submit to WeChat done It was submitted to WeChat for review."
    assert row in plain(history_table(submitted))


def test_the_history_tells_how_reviews_ended(submitted):
    change(submitted, 3)
    assert '<span class="pill pill-bad">refused by review</span>' in history_table(submitted)


def test_the_history_does_not_repeat_that_a_review_began(submitted):
    change(submitted, 1)
    assert "under review" not in history_table(submitted)


def test_a_long_history_costs_what_a_short_one_costs(submitted):
    with CaptureQueriesContext(connection) as short:
        history_table(submitted)
    push = push_of(submitted)
    for _ in range(30):
        push.pk = None
        push.save()
    with CaptureQueriesContext(connection) as long:
        table = history_table(submitted)
    assert len(long) == len(short) and table.count("<tr>") == 21
