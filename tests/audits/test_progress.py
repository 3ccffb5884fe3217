"""A batch's page moves: what its script asks for, what it shows, and for whom."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audits.admin.progress import Tally, headline, time_left, waiting_words
from audits.models import Batch, Push, next_window
from audits.operations import Operation
from audits.services import create_batch, submit
from audits.states import PushStatus
from goods.models import LiveGoods
from tests.journal import ADD
from tests.people import browser_of, form_of, queries, text

LISTED = reverse("admin:audits_batch_changelist")
LIVE_GOODS = reverse("admin:goods_livegoods_changelist")
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def batch(push, make_goods):
    return push("add", make_goods())


@pytest.fixture
def large(push, make_goods):
    """A batch of five: two refused for their names, one without a code, one done, one still queued."""
    batch = push("add", *(make_goods() for _ in range(5)))
    rows = list(batch.pushes.order_by("pk"))
    now = timezone.now()
    for row in rows[:2]:
        Push.objects.filter(pk=row.pk).update(
            status="refused", errcode=300002, errmsg=f"long, rid: 1-{row.pk}", finished_at=now
        )
    Push.objects.filter(pk=rows[2].pk).update(status="refused", errmsg="HTTP 503", finished_at=now)
    Push.objects.filter(pk=rows[3].pk).update(status="done", errcode=0, finished_at=now)
    return batch


def parts(batch, query: str = "") -> str:
    return reverse("admin:audits_batch_progress", args=[batch.pk]) + query


def counted(**counts: int) -> Tally:
    return Tally(counts={PushStatus(name): count for name, count in counts.items()})


# --- what the script asks for ---


def test_the_page_contains_what_the_script_replaces(staff, large):
    assert text(staff.get(parts(large))).strip() in text(staff.get(form_of(large)))


def test_nothing_new_is_not_sent_again(staff, batch):
    first = staff.get(parts(batch))
    again = staff.get(parts(batch), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_moved_is_sent(staff, batch):
    first = staff.get(parts(batch))
    Push.objects.update(status="done", finished_at=timezone.now())
    again = staff.get(parts(batch), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200 and "Finished: done 1." in text(again)


def test_the_parts_contain_no_token_that_would_always_differ(staff, batch):
    assert "csrfmiddlewaretoken" not in text(staff.get(parts(batch)))


@pytest.mark.parametrize(
    ("status", "pace"),
    [
        ("queued", "working"),
        ("sending", "working"),
        ("unsure", "working"),
        ("waiting", "slow"),
        ("needs_person", "slow"),
        ("done", "over"),
        ("refused", "over"),
        ("cancelled", "over"),
    ],
)
def test_how_soon_it_is_asked_again(staff, batch, status, pace):
    Push.objects.update(status=status)
    assert f'data-pace="{pace}"' in text(staff.get(parts(batch)))


def test_a_paused_batch_is_asked_for_slowly(staff, batch):
    batch.pause()
    assert 'data-pace="slow"' in text(staff.get(parts(batch)))


def test_the_script_keeps_the_choice_of_rows(staff, large):
    page = text(staff.get(form_of(large) + "?state=refused&page=1"))
    assert f'data-url="{parts(large)}?state=refused"' in page


def test_without_scripts_the_page_reloads(staff, batch):
    assert '<noscript><meta http-equiv="refresh"' in text(staff.get(form_of(batch)))


def test_the_page_has_no_script_of_its_own(staff, batch):
    page = text(staff.get(form_of(batch)))
    assert "style=" not in page and "onclick" not in page and "<script>" not in page


# --- who may ---


def test_a_colleague_who_may_see_batches_sees_it_move(batch):
    assert browser_of("view_batch").get(parts(batch)).status_code == 200


def test_who_may_not_see_batches_does_not_see_it_move(batch):
    assert browser_of("view_livegoods", "push_livegoods").get(parts(batch)).status_code == 403


def test_a_visitor_is_sent_to_the_login(batch):
    assert Client().get(parts(batch)).status_code == 302


def test_a_plan_that_nobody_confirmed_has_no_progress(staff, make_goods):
    plan = create_batch(LiveGoods, [make_goods().pk], Operation.ADD)
    assert staff.get(parts(plan)).status_code == 404


def test_a_batch_that_does_not_exist_is_not_found(staff):
    assert staff.get(reverse("admin:audits_batch_progress", args=[10**30])).status_code == 404


def test_who_may_not_see_the_records_gets_no_links_to_them(batch):
    page = text(browser_of("view_batch").get(form_of(batch)))
    assert "/goods/livegoods/" not in page


# --- how far it is, in words ---


def test_the_headline_tells_how_much_is_finished(large):
    assert headline(large, counted(done=1, refused=3, queued=4)).startswith("4 of 8 finished (50 %)")


def test_nearly_finished_is_not_a_hundred_per_cent():
    assert counted(done=999, queued=1).percent == 99


def test_a_finished_batch_tells_its_results(large):
    assert headline(large, counted(done=480, refused=20)) == "Finished: done 480, refused 20."


def test_a_batch_from_which_everything_was_left_out_says_so(large):
    assert headline(large, Tally()) == "Nothing was sent."


@pytest.mark.parametrize(
    ("queued", "lately", "expected"),
    [
        (10, 60, "less than a minute left"),
        (180, 60, "about 3 minutes left"),
        (61, 60, "about 2 minutes left"),
        (60 * 60 * 3, 60, "about 3 hours left"),
        (10, 0, "time left not known yet"),
        (0, 60, ""),
    ],
)
def test_the_time_left_follows_the_rate_of_the_last_minute(large, queued, lately, expected):
    large.confirmed_at = timezone.now() - dt.timedelta(hours=1)
    found = Tally(counts={PushStatus.QUEUED: queued}, finished_lately=lately)
    assert time_left(large, found) == expected


def test_a_young_batch_measures_its_rate_over_its_own_age(large):
    large.confirmed_at = timezone.now() - dt.timedelta(seconds=10)
    found = Tally(counts={PushStatus.QUEUED: 600}, finished_lately=50)
    assert time_left(large, found) in ("about 2 minutes left", "about 3 minutes left")


def test_a_paused_batch_tells_no_time_left(large):
    large.paused_at = timezone.now()
    assert time_left(large, Tally(counts={PushStatus.QUEUED: 5}, finished_lately=60)) == ""


def test_what_waits_for_quota_tells_until_when(large):
    words = waiting_words(large, Tally(counts={PushStatus.WAITING: 3}, waiting_until=next_window()))
    assert words.startswith("3 wait for new quota until ") and "00:01" in words


def test_what_waits_for_its_turn_does_not_speak_of_quota(large, time_machine):
    time_machine.move_to(dt.datetime(2026, 3, 4, 4, tzinfo=dt.UTC))
    until = timezone.now() + dt.timedelta(minutes=2)
    words = waiting_words(large, Tally(counts={PushStatus.WAITING: 1}, waiting_until=until))
    assert words == "1 waits until today 12:02 and then goes on by itself."


def test_what_waits_in_a_paused_batch_tells_no_time(large):
    large.paused_at = timezone.now()
    found = Tally(counts={PushStatus.WAITING: 1}, waiting_until=next_window())
    assert waiting_words(large, found) == ""


# --- the rows ---


def test_the_counts_are_links_that_filter_the_rows(staff, large):
    page = staff.get(form_of(large))
    assert 'href="?state=refused#rows"' in text(page)


def test_only_the_rows_of_the_chosen_state_are_shown(staff, large):
    page = staff.get(form_of(large) + "?state=refused")
    assert {row.push.status for row in page.context["rows"]} == {"refused"}


def test_only_the_rows_of_the_chosen_cause_are_shown(staff, large):
    codes = [row.push.errcode for row in staff.get(form_of(large) + "?errcode=300002").context["rows"]]
    assert codes == [300002, 300002]


@pytest.mark.parametrize(
    "query",
    ["?state=nonsense", "?errcode=abc", f"?errcode={10**30}", "?page=abc", "?page=-1", "?page=0", "?page=²"],
)
def test_nonsense_in_the_address_shows_everything(staff, large, query):
    assert len(staff.get(form_of(large) + query).context["rows"]) == 5


def test_a_page_beyond_the_last_is_empty(staff, large):
    assert "There are none here." in text(staff.get(form_of(large) + f"?page={10**30}"))


@pytest.fixture
def two_pages(batch, make_goods):
    push = batch.pushes.get()
    Push.objects.bulk_create(
        Push(
            batch=batch, account=push.account, target_type=push.target_type, target_id=push.target_id,
            target_repr=f"row {number}", operation="add", status="cancelled",
        )
        for number in range(120)
    )  # fmt: skip
    return batch


def test_a_hundred_rows_stand_on_a_page(staff, two_pages):
    page = staff.get(form_of(two_pages))
    assert len(page.context["rows"]) == 100 and 'href="?page=2#rows"' in text(page)


def test_the_second_page_has_the_rest(staff, two_pages):
    page = staff.get(form_of(two_pages) + "?page=2")
    assert len(page.context["rows"]) == 21 and "101 – 121" in text(page)


def test_pages_keep_the_filter(staff, two_pages):
    assert 'href="?state=cancelled&amp;page=2#rows"' in text(
        staff.get(form_of(two_pages) + "?state=cancelled")
    )


@pytest.mark.parametrize("where", [form_of, parts])
def test_a_hundred_rows_cost_no_more_queries_than_one(staff, make_goods, push, where):
    few = queries(staff, where(push("add", make_goods())))
    many = push("add", make_goods())
    row = many.pushes.get()
    for number in range(100):
        row.pk, row.target_id, row.status, row.errcode = None, number + 1000, "queued", None
        row.save()
    assert queries(staff, where(many)) == few


# --- refusals and what to do about them ---


def test_refusals_are_grouped_by_cause(staff, large):
    assert [(cause.count, cause.errcode) for cause in staff.get(form_of(large)).context["causes"]] == [
        (2, 300002),
        (1, None),
    ]


def test_a_cause_leads_to_the_records_to_fix(staff, large):
    assert f'href="{LIVE_GOODS}?errcode=300002">Fix these 2</a>' in text(staff.get(form_of(large)))


def test_a_cause_that_no_field_mends_does_not_ask_to_fix_it(staff, batch):
    Push.objects.update(status="refused", errcode=47001)
    page = text(staff.get(form_of(batch)))
    assert f'href="{LIVE_GOODS}?errcode=47001">Show in the list</a>' in page and "Fix this" not in page


def test_a_cause_without_a_code_leads_to_its_rows(staff, large):
    page = staff.get(form_of(large) + "?state=refused&errcode=none")
    assert [row.push.errmsg for row in page.context["rows"]] == ["HTTP 503"]


def test_a_refused_row_leads_to_the_field_to_correct(staff, large):
    row = large.pushes.order_by("pk").first()
    link = f'href="{form_of(row.target)}#id_name">Correct: name</a>'
    assert link in text(staff.get(form_of(large)))


def test_a_refusal_that_names_no_field_shows_wechats_own_words(staff, make_goods, send, sim):
    sim.next("errcode", path=ADD, errcode=47001, errmsg="data format error rid: 6389a1f2-1b2c3d4e-5f6a7b8c")
    page = text(staff.get(form_of(send("add", make_goods()))))
    assert "WeChat&#x27;s own words: “data format error”" in page or "own words: “data format error”" in page


def test_wechats_words_are_escaped(staff, batch):
    Push.objects.update(status="refused", errcode=123456, errmsg=EVIL, target_repr=EVIL)
    assert EVIL not in text(staff.get(form_of(batch))) + text(staff.get(parts(batch)))


# --- whose it is, and what is not in it ---


def test_who_confirmed_is_named(staff, make_goods):
    plan = create_batch(LiveGoods, [make_goods().pk], Operation.ADD, by=User(username="wangfang"))
    submit(plan, by=User(username="zhaomin"))
    page = text(staff.get(form_of(plan)))
    assert "confirmed by zhaomin today " in page and "put together by wangfang" in page


def test_who_approved_is_named(staff, batch):
    Batch.objects.update(approved_by_name="wangfang")
    assert "approved by wangfang" in text(staff.get(form_of(batch)))


def test_what_changed_since_the_plan_is_named(staff, batch):
    Batch.objects.update(left_out=[{"id": 7, "name": "桂花乌龙茶", "reason": "Its price changed."}])
    page = text(staff.get(form_of(batch)))
    assert "1 was left out" in page and "<strong>桂花乌龙茶</strong>: Its price changed." in page


@pytest.mark.parametrize(("permission", "offered"), [("push_livegoods", True), ("view_livegoods", False)])
def test_what_changed_since_the_plan_can_be_planned_again(batch, permission, offered):
    Batch.objects.update(left_out=[{"id": 7, "name": "桂花乌龙茶", "reason": "Its price changed."}])
    page = text(browser_of("view_batch", permission).get(form_of(batch)))
    assert (reverse("admin:audits_batch_left_out", args=[batch.pk]) in page) == offered


# --- the list of batches ---


@pytest.mark.parametrize(
    ("status", "found"),
    [("queued", {"working"}), ("refused", {"refused", "done"}), ("done", {"done"})],
)
def test_batches_are_found_by_what_became_of_them(staff, batch, status, found):
    Push.objects.update(status=status)
    answers = {name: staff.get(f"{LISTED}?state={name}") for name in ("working", "refused", "done")}
    assert {name for name, page in answers.items() if page.context["cl"].result_count} == found


def test_the_list_names_what_somebody_should_know_of(staff, large):
    page = text(staff.get(LISTED))
    assert "4 of 5" in page and '<span class="pill pill-bad">refused 3</span>' in page
