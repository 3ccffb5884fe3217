"""The second person: when somebody else has to agree, who that may be, and that nothing is sent before."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audits.models import Batch, Push
from audits.operations import Operation
from audits.services import approve, create_batch, show, submit
from audits.tasks import prune
from goods.models import LiveGoods
from tests.people import browser_of, queries, said, text

APPROVALS = reverse("admin:audits_batch_approvals")
CLERK = ["view_livegoods", "push_livegoods", "delete_remote_livegoods"]


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def careful(account):
    account.second_person = True
    account.save()
    return account


@pytest.fixture
def listed(careful, make_goods):
    """An approved product at WeChat."""

    def make(**fields):
        number = str(LiveGoods.objects.count() + 1)
        return make_goods(goods_id=number, audit_status=2, third_party_tag=2, **fields)

    return make


@pytest.fixture
def deletion(listed):
    """The plan of a deletion, as somebody looks at it."""
    batch = create_batch(LiveGoods, [listed().pk, listed().pk], Operation.DELETE)
    show(batch)
    return batch


@pytest.fixture
def clerk(db):
    return browser_of(*CLERK)


@pytest.fixture
def asked(deletion, clerk):
    """The same, once the clerk has asked for its approval."""
    press(clerk, deletion, "confirm")
    deletion.refresh_from_db()
    assert deletion.awaits_approval
    return deletion


@pytest.fixture
def second(db):
    return browser_of("approve_batch")


def url(batch) -> str:
    return reverse("admin:audits_batch_plan", args=[batch.pk])


def press(client, batch, name, **fields):
    """Press a button of the page as it is now."""
    seen = Batch.objects.get(pk=batch.pk).fingerprint
    return client.post(url(batch), {"do": name, "seen": seen, **fields}, follow=True)


def state(batch) -> str:
    batch = Batch.objects.get(pk=batch.pk)
    return "sent" if batch.confirmed_at else "asked" if batch.awaits_approval else "open"


# --- When it is needed ---


def test_confirming_a_deletion_only_asks(clerk, deletion):
    page = press(clerk, deletion, "confirm")
    assert (state(deletion), Push.objects.count()) == ("asked", 0)
    assert "Nothing was sent yet: somebody else has to approve it first." in said(page)[0]


def test_who_asked_is_kept(deletion):
    user = User.objects.create_user("clerk")
    submit(deletion, by=user)
    deletion.refresh_from_db()
    assert (deletion.approval_asked_by, deletion.approval_asked_by_name) == (user, "clerk")


def test_an_account_that_wants_no_second_person_sends_at_once(clerk, deletion, careful):
    careful.second_person = False
    careful.save()
    press(clerk, deletion, "confirm")
    assert state(deletion) == "sent"


@pytest.mark.parametrize(("price", "expected"), [("50", "sent"), ("102", "asked"), ("34", "asked")])
def test_a_price_that_changes_by_half_has_to_be_approved(clerk, listed, price, expected):
    goods = listed(remote={"name": "云南小粒咖啡1号", "price_type": 1, "price": "68", "price2": ""})
    LiveGoods.objects.update(price=Decimal(price))
    batch = create_batch(LiveGoods, [goods.pk], Operation.UPDATE)
    clerk.get(url(batch))
    press(clerk, batch, "confirm")
    assert state(batch) == expected


def test_taking_out_what_is_grave_makes_it_ordinary(clerk, deletion):
    deletion.exclude(deletion.selection)
    press(clerk, deletion, "confirm")
    assert state(deletion) == "sent"


def test_a_new_product_needs_nobody_else(clerk, careful, make_goods):
    batch = create_batch(LiveGoods, [make_goods().pk], Operation.ADD)
    clerk.get(url(batch))
    press(clerk, batch, "confirm")
    assert state(batch) == "sent"


def test_a_person_cannot_go_round_it_without_looking(deletion):
    deletion.forget_plan()
    assert submit(deletion, by=User.objects.create_user("clerk")) == 0
    assert state(deletion) == "asked" and Batch.objects.get().plan


def test_a_command_is_nobody_and_asks_nobody(deletion):
    assert submit(deletion) == 2


def test_the_page_says_beforehand_that_somebody_has_to_agree(clerk, deletion):
    page = text(clerk.get(url(deletion)))
    assert "A second person has to agree." in page and "ask for approval of 2" in page


# --- While it waits ---


def test_confirming_once_more_sends_nothing(clerk, asked):
    press(clerk, asked, "confirm")
    assert (state(asked), submit(asked), Push.objects.count()) == ("asked", 0, 0)


@pytest.mark.parametrize("name", ["exclude", "exclude_all", "include", "plan"])
def test_the_plan_is_frozen(clerk, asked, name):
    before = asked.fingerprint
    press(clerk, asked, name, row=asked.selection[0])
    assert Batch.objects.get().fingerprint == before


def test_nothing_can_be_ticked(clerk, asked, second):
    assert all('name="row"' not in text(client.get(url(asked))) for client in (clerk, second))


def test_it_is_not_forgotten_after_a_day_but_after_a_week(asked):
    long_ago = timezone.now() - dt.timedelta(days=6, hours=23)
    Batch.objects.update(created_at=long_ago, approval_asked_at=long_ago)
    prune()
    assert Batch.objects.exists()
    Batch.objects.update(approval_asked_at=timezone.now() - dt.timedelta(days=7, minutes=1))
    prune()
    assert not Batch.objects.exists()


# --- Approving ---


def test_a_second_person_approves_and_it_is_sent(second, asked):
    page = press(second, asked, "approve", seen=asked.fingerprint)
    assert (state(asked), Push.objects.count()) == ("sent", 2)
    assert said(page)[0].startswith("2 pushes are on their way.")


def test_the_journal_names_who_asked_and_the_batch_who_approved(asked):
    approve(asked, by=User.objects.create_user("boss"))
    assert {push.requested_by for push in Push.objects.all()} == {asked.approval_asked_by}
    assert Batch.objects.get().approved_by_name == "boss"


def test_whoever_asked_cannot_approve(asked):
    user = asked.approval_asked_by
    user.user_permissions.add(Permission.objects.get(codename="approve_batch"))
    client = Client()
    client.force_login(user)
    assert press(client, asked, "approve").status_code == 403
    assert approve(asked, by=user) is None and state(asked) == "asked"


def test_a_superuser_cannot_approve_what_they_asked_for(deletion, staff):
    press(staff, deletion, "confirm")
    assert press(staff, deletion, "approve").status_code == 403
    assert state(deletion) == "asked"


def test_whoever_has_not_the_right_cannot_approve(asked):
    other = browser_of(*CLERK)
    assert press(other, asked, "approve").status_code == 403
    assert 'value="approve"' not in text(other.get(url(asked)))


def test_nobody_is_not_a_second_person(asked):
    assert approve(asked, by=None) is None


def test_what_nobody_asked_for_cannot_be_approved(second, deletion):
    assert press(second, deletion, "approve").status_code == 403
    assert approve(deletion, by=User.objects.create_user("boss")) is None


def test_two_that_approve_at_once_send_it_once(asked):
    same = Batch.objects.get()
    first, other = (User.objects.create_user(name) for name in ("first", "other"))
    assert [approve(asked, by=first), approve(same, by=other)] == [2, None]
    assert Batch.objects.get().approved_by_name == "first"


def test_a_record_that_changed_while_it_waited_is_left_out(second, asked):
    LiveGoods.objects.filter(pk=asked.selection[0]).update(goods_id="77")
    page = press(second, asked, "approve")
    assert Push.objects.count() == 1
    assert "1 record has changed since the plan was made and was left out" in said(page)[0]


def test_a_request_that_was_taken_back_and_made_again_is_another_one(asked):
    seen = Batch.objects.get()
    asked.decline()
    asked.ask_approval(by=User.objects.create_user("clerk"))
    assert approve(seen, by=User.objects.create_user("boss")) is None


def test_a_plan_that_the_second_person_has_not_seen_is_not_approved(second, asked):
    page = press(second, asked, "approve", seen="something else")
    assert state(asked) == "asked" and "Look at it again." in said(page)[0]


# --- Declining ---


def test_declining_sends_nothing_and_gives_it_back(second, asked):
    page = press(second, asked, "decline")
    assert (state(asked), Push.objects.count()) == ("open", 0)
    assert said(page)[0].startswith("Declined. Nothing was sent.")


def test_who_declined_is_told_on_the_plan(asked, clerk, staff):
    press(staff, asked, "decline")
    assert "owner · Declined. Nothing was sent." in text(clerk.get(url(asked)))


def test_whoever_asked_may_take_it_back(clerk, asked):
    page = press(clerk, asked, "decline")
    assert state(asked) == "open" and said(page)[0].startswith("The request was taken back.")


def test_somebody_without_the_right_cannot_decline(asked):
    assert press(browser_of(*CLERK), asked, "decline").status_code == 403
    assert state(asked) == "asked"


def test_after_a_refusal_it_can_be_asked_for_again(second, asked, clerk):
    press(second, asked, "decline")
    press(clerk, asked, "confirm")
    assert state(asked) == "asked"


def test_declining_too_late_says_so(asked):
    late = Batch.objects.get()
    approve(asked, by=User.objects.create_user("boss"))
    assert not late.decline() and state(asked) == "sent"


@pytest.mark.parametrize(
    ("name", "words"), [("approve", "Approved."), ("decline", "Declined. Nothing was sent.")]
)
def test_every_decision_is_in_the_log(second, asked, name, words):
    press(second, asked, name)
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Asked for approval.",
        words,
    ]


# --- The list of what waits ---


def test_the_list_shows_what_waits(second, asked):
    page = text(second.get(APPROVALS))
    assert f'href="{url(asked)}"' in page and asked.approval_asked_by_name in page
    assert "Look and decide" in page


def test_the_list_tells_whoever_asked_that_somebody_else_decides(asked):
    user = asked.approval_asked_by
    user.user_permissions.add(Permission.objects.get(codename="approve_batch"))
    client = Client()
    client.force_login(user)
    assert "You asked for it: somebody else has to agree." in text(client.get(APPROVALS))


def test_a_plan_that_nobody_asked_for_is_not_in_the_list(second, deletion):
    assert "Nothing waits for approval." in text(second.get(APPROVALS))


def test_without_the_right_there_is_no_list(clerk):
    assert clerk.get(APPROVALS).status_code == 403


def test_a_long_list_costs_no_more_queries_than_a_short_one(second, asked):
    few = queries(second, APPROVALS)
    Batch.objects.bulk_create(
        Batch(operation="delete", target_type=asked.target_type, approval_asked_at=timezone.now())
        for _ in range(20)
    )
    assert queries(second, APPROVALS) == few


def test_the_longest_waiting_comes_first(asked):
    later = create_batch(LiveGoods, asked.selection, Operation.DELETE)
    later.ask_approval(by=None)
    assert list(Batch.objects.awaiting_approval()) == [asked, later]


# --- Old windows ---


def test_nothing_is_approved_without_saying_which_plan(second, asked):
    second.post(url(asked), {"do": "approve"})
    assert state(asked) == "asked"


def test_who_confirms_what_waits_already_has_not_asked(clerk, staff, asked):
    press(staff, asked, "confirm")
    assert Batch.objects.get(pk=asked.pk).approval_asked_by_name != "staff"
    assert LogEntry.objects.filter(object_id=str(asked.pk)).count() == 1


@pytest.mark.parametrize("button", ["plan", "exclude", "exclude_all", "include", "include_all"])
def test_what_waits_for_approval_is_not_changed(clerk, asked, button):
    page = press(clerk, asked, button, row=asked.selection[:1])
    assert said(page) == ["Nothing changed: it has been decided already."]


def test_what_was_declined_stays_for_another_day(second, asked):
    Batch.objects.update(created_at=timezone.now() - dt.timedelta(days=2))
    press(second, asked, "decline")
    prune()
    assert state(asked) == "open"
