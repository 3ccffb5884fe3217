"""The buttons of a batch's page: who sees them, what they say, and that a page never sends anything."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from audits.models import Batch, Push
from audits.operations import Operation
from audits.services import create_batch
from audits.states import PushStatus
from goods.models import LiveGoods
from tests.journal import statuses
from tests.people import browser_of, form_of, queries, said, text

CONTROLS = ["pause", "resume", "cancel", "repeat"]
LISTED = reverse("admin:audits_batch_changelist")
PAUSED = '<span class="pill pill-wait">paused</span>'

control = pytest.mark.parametrize("name", CONTROLS)


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def batch(push, make_goods):
    return push("add", make_goods())


@pytest.fixture
def large(push, make_goods):
    return push("add", *(make_goods() for _ in range(5)))


def address(batch) -> str:
    return reverse("admin:audits_batch_control", args=[batch.pk])


def press(client, batch, name):
    return client.post(address(batch), {"do": name}, follow=True)


def buttons(client, batch) -> list[str]:
    page = text(client.get(form_of(batch)))
    return [name for name in CONTROLS if f'name="do" value="{name}"' in page]


def put(batch, *wanted: str) -> None:
    """Bring the pushes of a batch into these states, the oldest first."""
    for row, status in zip(batch.pushes.order_by("pk"), wanted, strict=True):
        Push.objects.filter(pk=row.pk).update(status=status)


# --- what the buttons say ---


def test_cancelling_tells_how_many_were_cancelled(staff, large):
    assert said(press(staff, large, "cancel")) == ["5 pushes were cancelled."]


def test_cancelling_tells_how_many_were_on_their_way(staff, large):
    put(large, "queued", "waiting", "queued", "sending", "needs_person")
    assert said(press(staff, large, "cancel")) == [
        "3 pushes were cancelled. 2 were already on their way and go on."
    ]


def test_cancelling_too_late_says_so(staff, batch):
    put(batch, "sending")
    assert said(press(staff, batch, "cancel")) == [
        "Nothing was left to cancel. 1 was already on its way and goes on."
    ]


def test_a_double_click_on_cancel_cancels_once(staff, batch):
    press(staff, batch, "cancel")
    assert said(press(staff, batch, "cancel")) == ["Nothing was left to cancel."]


def test_pausing_says_what_happens_now(staff, batch):
    assert said(press(staff, batch, "pause")) == [
        "Paused. What is already on its way is finished; nothing more is sent until you resume."
    ]


def test_a_double_click_on_pause_pauses_once(staff, batch):
    press(staff, batch, "pause")
    assert said(press(staff, batch, "pause")) == ["Nothing changed: there is nothing to pause."]


def test_resuming_says_so(staff, batch):
    batch.pause()
    assert said(press(staff, batch, "resume")) == ["Resumed. Sending goes on."]


def test_a_double_click_on_resume_resumes_once(staff, batch):
    batch.pause()
    press(staff, batch, "resume")
    assert said(press(staff, batch, "resume")) == ["Nothing changed: the batch was not paused."]


def test_repeating_leads_to_the_plan_of_the_refused(staff, large):
    put(large, "done", "refused", "cancelled", "refused", "queued")
    page = press(staff, large, "repeat")
    assert page.redirect_chain == [
        (reverse("admin:audits_batch_plan", args=[Batch.objects.latest("pk").pk]), 302)
    ]
    assert page.context["count"] == 2


def test_a_repetition_queues_nothing_before_it_is_confirmed(staff, batch):
    put(batch, "refused")
    press(staff, batch, "repeat")
    assert statuses() == [PushStatus.REFUSED]


def test_repeating_without_anything_refused_says_so(staff, batch):
    assert said(press(staff, batch, "repeat")) == ["Nothing of this batch was refused."]


@control
def test_no_button_speaks_with_wechat(staff, batch, sim, name):
    press(staff, batch, name)
    assert sim.calls() == []


# --- which buttons there are ---


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("queued", ["pause", "cancel"]),
        ("waiting", ["pause", "cancel"]),
        ("sending", ["pause"]),
        ("unsure", ["pause"]),
        ("needs_person", ["pause"]),
        ("done", []),
        ("cancelled", []),
        ("refused", ["repeat"]),
    ],
)
def test_only_what_is_possible_is_offered(staff, batch, status, expected):
    put(batch, status)
    assert buttons(staff, batch) == expected


def test_a_paused_batch_offers_to_resume(staff, batch):
    batch.pause()
    assert buttons(staff, batch) == ["resume", "cancel"]


def test_a_paused_batch_that_is_finished_offers_nothing(staff, batch):
    batch.pause()
    put(batch, "done")
    assert buttons(staff, batch) == []


def test_the_buttons_belong_to_a_form_with_protection(staff, batch):
    page = text(staff.get(form_of(batch)))
    form = page[page.index('<form id="controls"') :]
    assert f'method="post" action="{address(batch)}"' in form and "csrfmiddlewaretoken" in form


# --- what the pages show ---


def test_a_paused_batch_names_who_paused_it(staff, batch):
    press(staff, batch, "pause")
    assert "Paused by owner at " in text(staff.get(form_of(batch)))


def test_a_batch_that_is_not_paused_does_not_say_so(staff, batch):
    assert "Paused" not in text(staff.get(form_of(batch)))


def test_a_paused_row_says_what_it_waits_for(staff, batch):
    batch.pause()
    page = text(staff.get(form_of(batch)))
    assert "Paused: it is sent once the batch is resumed." in page and "worker is free" not in page


def test_a_paused_batch_is_marked_in_the_list(staff, batch):
    batch.pause()
    assert PAUSED in text(staff.get(LISTED))


def test_a_paused_batch_that_is_finished_is_not_marked(staff, batch):
    batch.pause()
    put(batch, "done")
    assert PAUSED not in text(staff.get(LISTED)) + text(staff.get(form_of(batch)))


def test_a_cancelled_batch_names_who_cancelled_it(staff, batch):
    press(staff, batch, "cancel")
    assert "Cancelled by owner at " in text(staff.get(form_of(batch)))


def test_the_page_of_a_paused_batch_costs_the_same_for_few_and_for_many(staff, batch, large):
    batch.pause()
    large.pause()
    assert queries(staff, form_of(batch)) == queries(staff, form_of(large))


@pytest.mark.parametrize("name", ["pause", "cancel"])
def test_who_pressed_is_kept_in_the_log(staff, batch, name):
    page = press(staff, batch, name)
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_id, entry.change_message) == (
        "owner",
        str(batch.pk),
        *said(page),
    )


def test_who_resumed_is_kept_in_the_log(staff, batch):
    batch.pause()
    press(staff, batch, "resume")
    assert LogEntry.objects.get().change_message == "Resumed. Sending goes on."


@control
def test_what_changed_nothing_is_not_in_the_log(staff, batch, name):
    put(batch, "done")
    press(staff, batch, name)
    assert not LogEntry.objects.exists()


# --- who may ---


@control
@pytest.mark.parametrize(
    ("operation", "permissions"),
    [
        (Operation.ADD, ["view_livegoods", "change_livegoods", "delete_remote_livegoods", "view_batch"]),
        (Operation.DELETE, ["view_livegoods", "change_livegoods", "push_livegoods", "view_batch"]),
    ],
)
def test_whoever_may_not_send_it_may_not_press(batch, operation, permissions, name):
    Batch.objects.update(operation=operation)
    assert press(browser_of(*permissions), batch, name).status_code == 403


def test_whoever_may_not_send_it_stops_nothing(batch):
    press(browser_of("view_livegoods", "view_batch"), batch, "cancel")
    assert statuses() == [PushStatus.QUEUED]


def test_whoever_may_not_send_it_sees_no_buttons(batch):
    assert buttons(browser_of("view_livegoods", "view_batch", "view_push"), batch) == []


def test_whoever_may_send_but_not_see_the_journal_lands_on_the_list(batch):
    page = press(browser_of("view_livegoods", "push_livegoods"), batch, "cancel")
    assert page.redirect_chain == [(reverse("admin:goods_livegoods_changelist"), 302)]
    assert said(page) == ["1 push was cancelled."]


@control
def test_a_visitor_is_sent_to_the_login(batch, name):
    answer = Client().post(address(batch), {"do": name})
    assert answer.status_code == 302 and reverse("admin:login") in answer.url
    assert statuses() == [PushStatus.QUEUED]


@control
def test_a_forged_form_is_refused(staff, batch, name):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    assert strict.post(address(batch), {"do": name}).status_code == 403


@control
def test_opening_the_address_does_nothing(staff, batch, name):
    assert staff.get(address(batch), {"do": name}).status_code == 405
    assert statuses() == [PushStatus.QUEUED]


@pytest.mark.parametrize("name", ["", "confirm", "__class__", "delete"])
def test_a_button_that_does_not_exist_is_not_found(staff, batch, name):
    assert staff.post(address(batch), {"do": name}).status_code == 404


@pytest.mark.parametrize("number", [999_999, 10**30])
def test_a_batch_that_does_not_exist_is_not_found(staff, number):
    url = reverse("admin:audits_batch_control", args=[number])
    assert staff.post(url, {"do": "cancel"}).status_code == 404


@control
def test_a_plan_that_nobody_confirmed_cannot_be_controlled(staff, make_goods, name):
    plan = create_batch(LiveGoods, [make_goods().pk], Operation.ADD)
    page = press(staff, plan, name)
    assert page.redirect_chain[-1][0] == reverse("admin:audits_batch_plan", args=[plan.pk])
    assert not Push.objects.exists()
