"""The account pages: enter it, test it, and never see its secret again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ

from shopadmin.wechat import tasks
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.models import Account
from tests.conftest import APPID, SECRET

LIST = reverse("admin:wechat_account_changelist")
ADD = reverse("admin:wechat_account_add")
RELOADING = 'http-equiv="refresh"'


@pytest.fixture(autouse=True)
def english_without_collected_files(settings):
    settings.LANGUAGE_CODE = "en"
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture
def page(account) -> str:
    return reverse("admin:wechat_account_change", args=[account.pk])


@pytest.fixture
def viewer(db) -> Client:
    """A browser in which somebody is logged in who may only look at accounts."""
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_account"))
    client = Client()
    client.force_login(user)
    return client


def filled_in(**fields) -> dict[str, object]:
    return {
        "name": "Shop",
        "appid": "wx00000000000000aa",
        "secret": "typed-in",
        "families": ["live_goods", "window"],
        "practice": "on",
        **fields,
    }


def unchanged(account: Account, **fields) -> dict[str, object]:
    stored = {"name": account.name, "appid": account.appid, "families": account.families, "secret": ""}
    return filled_in(**{**stored, **fields})


def choose(client: Client, action: str, *accounts: Account, **fields):
    selected = [account.pk for account in accounts]
    return client.post(LIST, {"action": action, "_selected_action": selected, **fields}, follow=True)


def text(response) -> str:
    return response.content.decode()


# --- The form ---


def test_an_account_can_be_entered(staff):
    staff.post(ADD, filled_in())
    account = Account.objects.get()
    assert (account.appid, account.practice) == ("wx00000000000000aa", True)
    assert account.families == ["live_goods", "window"]
    assert account.secret.reveal() == "typed-in"


def test_a_new_account_needs_a_secret(staff):
    response = staff.post(ADD, filled_in(secret=""))
    assert "secret" in response.context["adminform"].form.errors
    assert not Account.objects.exists()


@pytest.mark.parametrize(("field", "value"), [("appid", "wx12"), ("families", []), ("name", "")])
def test_a_mistake_is_shown_at_its_field(staff, field, value):
    response = staff.post(ADD, filled_in(**{field: value}))
    assert list(response.context["adminform"].form.errors) == [field]


def test_an_empty_secret_keeps_the_stored_one(staff, account, page):
    staff.post(page, unchanged(account, name="Renamed"))
    account.refresh_from_db()
    assert (account.name, account.secret.reveal()) == ("Renamed", SECRET)


def test_saving_without_a_secret_forgets_nothing(staff, account, page):
    account.record_test()
    staff.post(page, unchanged(account))
    account.refresh_from_db()
    assert account.test_ok


def test_a_typed_secret_replaces_the_stored_one(staff, account, page):
    staff.post(page, unchanged(account, secret="typed-in"))
    account.refresh_from_db()
    assert account.secret.reveal() == "typed-in"


def test_a_refused_form_keeps_the_stored_secret(staff, account, page):
    staff.post(page, unchanged(account, secret="typed-in", appid="wrong"))
    account.refresh_from_db()
    assert account.secret.reveal() == SECRET


@pytest.mark.parametrize("user", ["staff", "viewer"])
def test_a_stored_secret_is_never_shown(request, account, page, user):
    client = request.getfixturevalue(user)
    for url in (page, LIST, reverse("admin:wechat_account_history", args=[account.pk])):
        shown = text(client.get(url))
        assert SECRET not in shown
        assert account.secret.encrypted not in shown


def test_a_refused_form_does_not_show_the_typed_secret(staff):
    assert "typed-in" not in text(staff.post(ADD, filled_in(appid="wrong")))


def test_the_secret_is_a_password_that_browsers_do_not_fill_in(staff, page):
    assert 'type="password" name="secret" autocomplete="new-password"' in text(staff.get(page))


def test_the_history_tells_which_field_changed(staff, account, page):
    staff.post(page, unchanged(account, secret="typed-in"))
    entry = LogEntry.objects.get()
    assert "AppSecret" in entry.get_change_message()
    assert "typed-in" not in entry.change_message


def test_the_history_does_not_claim_that_an_untouched_secret_changed(staff, account, page):
    staff.post(page, unchanged(account, name="Renamed"))
    assert "AppSecret" not in LogEntry.objects.get().get_change_message()


def test_a_viewer_cannot_change_anything(viewer, account, page):
    assert viewer.post(page, unchanged(account, name="Renamed")).status_code == 403


# --- Messages from WeChat ---


TOKEN, AES_KEY = "demoToken2026", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_AES_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"


@pytest.fixture
def agreed(staff, account, page) -> Account:
    """The account, after Token and EncodingAESKey were typed in."""
    staff.post(page, unchanged(account, callback_token=TOKEN, callback_aes_key=AES_KEY))
    account.refresh_from_db()
    return account


def test_token_and_aes_key_can_be_entered(agreed):
    assert (agreed.callback_keys().token, agreed.callback_keys().aes_keys) == (TOKEN, (AES_KEY,))


def test_saving_without_typing_them_keeps_them(staff, agreed, page):
    staff.post(page, unchanged(agreed, name="Renamed"))
    agreed.refresh_from_db()
    assert (agreed.name, agreed.callback_keys().token, agreed.callback_keys().aes_keys) == (
        "Renamed",
        TOKEN,
        (AES_KEY,),
    )


def test_another_aes_key_keeps_the_one_before(staff, agreed, page):
    staff.post(page, unchanged(agreed, callback_aes_key=OTHER_AES_KEY))
    agreed.refresh_from_db()
    assert agreed.callback_keys().aes_keys == (OTHER_AES_KEY, AES_KEY)


def test_the_same_aes_key_again_forgets_nothing(staff, agreed, page):
    staff.post(page, unchanged(agreed, callback_aes_key=OTHER_AES_KEY))
    staff.post(page, unchanged(agreed, callback_aes_key=OTHER_AES_KEY))
    agreed.refresh_from_db()
    assert agreed.callback_keys().aes_keys == (OTHER_AES_KEY, AES_KEY)


def test_both_can_be_forgotten(staff, agreed, page):
    staff.post(page, unchanged(agreed, callback_aes_key=OTHER_AES_KEY))
    staff.post(page, unchanged(agreed, callback_off="on"))
    agreed.refresh_from_db()
    assert not (agreed.callback_token or agreed.callback_aes_key or agreed.callback_aes_key_before)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("callback_token", "ab"),
        ("callback_token", "a" * 33),
        ("callback_token", "with space"),
        ("callback_token", "口令2026"),
        ("callback_aes_key", AES_KEY[1:]),
        ("callback_aes_key", AES_KEY + "H"),
        ("callback_aes_key", AES_KEY[1:] + "+"),
    ],
)
def test_what_wechat_would_not_take_is_shown_at_its_field(staff, account, page, field, value):
    response = staff.post(page, unchanged(account, **{"callback_token": TOKEN, field: value}))
    assert list(response.context["adminform"].form.errors) == [field]
    assert f'value="{value}"' not in text(response)


def test_an_aes_key_alone_is_not_enough(staff, account, page):
    response = staff.post(page, unchanged(account, callback_aes_key=AES_KEY))
    assert list(response.context["adminform"].form.errors) == ["callback_token"]


def test_after_a_lost_key_both_can_be_entered_again(staff, agreed, page, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["another-key"]
    assert staff.get(page).status_code == 200
    staff.post(page, unchanged(agreed, secret="s", callback_token=TOKEN, callback_aes_key=OTHER_AES_KEY))
    agreed.refresh_from_db()
    assert (agreed.callback_keys().token, agreed.callback_keys().aes_keys) == (TOKEN, (OTHER_AES_KEY,))


@pytest.mark.parametrize("user", ["staff", "viewer"])
def test_neither_token_nor_aes_key_is_ever_shown(request, staff, agreed, page, user):
    staff.post(page, unchanged(agreed, callback_aes_key=OTHER_AES_KEY))
    agreed.refresh_from_db()
    kept = (agreed.callback_token, agreed.callback_aes_key, agreed.callback_aes_key_before)
    client = request.getfixturevalue(user)
    for url in (page, LIST, reverse("admin:wechat_account_history", args=[agreed.pk])):
        shown = text(client.get(url))
        assert not [s for s in kept if s.reveal() in shown or s.encrypted in shown]


@pytest.mark.parametrize("user", ["staff", "viewer"])
def test_the_page_has_the_address_for_the_console(request, account, page, user):
    shown = text(request.getfixturevalue(user).get(page))
    assert f"http://testserver/wechat/callback/{account.uuid}/" in shown


def test_a_new_account_has_no_address_yet(staff):
    assert "callback" not in text(staff.get(ADD))


def test_the_page_tells_that_no_messages_are_taken(staff, account, page):
    assert "No messages are taken" in text(staff.get(page))


def test_the_page_tells_that_no_message_ever_came(staff, agreed, page):
    assert "No message has ever arrived." in text(staff.get(page))


def test_the_page_tells_when_the_last_message_came(staff, agreed, page):
    Account.objects.update(callback_at=datetime(2026, 11, 21, 5, 46, tzinfo=UTC))
    assert "The last message arrived on 11/21/2026 1:46 p.m." in text(staff.get(page))


# --- The list ---


def test_the_list_tells_families_and_mode_in_words(staff, account):
    shown = text(staff.get(LIST))
    assert "Live goods" in shown
    assert '<span class="pill pill-wait">Practice</span>' in shown


def test_the_list_tells_a_problem_and_what_to_do(staff, account):
    account.report_problem(WeChatError(Kind.PERMISSION, "invalid appsecret", errcode=40125))
    assert "Copy it again from the WeChat console" in text(staff.get(LIST))


def test_the_time_of_the_result_is_told_as_the_clock_here_shows_it(staff, account, page):
    account.record_test()
    Account.objects.update(tested_at=datetime(2026, 11, 21, 5, 46, tzinfo=UTC))
    assert "11/21/2026 1:46 p.m." in text(staff.get(LIST))
    assert "11/21/2026 1:46 p.m." in text(staff.get(page))


def test_wechats_words_are_escaped(staff, account):
    account.report_problem(WeChatError(Kind.INPUT, "<script>alert(1)</script>", errcode=47001))
    assert "<script>alert(1)" not in text(staff.get(LIST))


def test_a_lost_key_leaves_list_and_form_alive(staff, account, page, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["another-key"]
    assert staff.get(LIST).status_code == staff.get(page).status_code == 200


def test_after_a_lost_key_the_secret_can_be_entered_again(staff, account, page, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["another-key"]
    staff.post(page, unchanged(account, secret="typed-in"))
    account.refresh_from_db()
    assert account.secret.reveal() == "typed-in"


def test_a_long_list_costs_no_more_queries_than_a_short_one(staff, account):
    staff.get(LIST)
    with CaptureQueriesContext(connection) as few:
        staff.get(LIST)
    for number in range(20):
        Account.objects.create(name=f"Shop {number}", appid=f"wx{number:016x}", secret="s")
    with CaptureQueriesContext(connection) as many:
        staff.get(LIST)
    assert len(many) == len(few)


# --- Testing the connection ---


def test_the_action_leaves_the_test_to_the_worker(staff, account, sim, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = choose(staff, "test_connection", account)
    assert "1 connection is being tested" in text(response)
    [queued] = OrmQ.objects.all()
    task = queued.task
    assert (task["func"], task["args"]) == ("shopadmin.wechat.tasks.test_connection", (account.pk,))
    assert sim.calls() == []


def test_the_list_reloads_until_the_result_is_there(staff, account):
    assert RELOADING in text(choose(staff, "test_connection", account))
    tasks.test_connection(account.pk)
    shown = text(staff.get(LIST))
    assert RELOADING not in shown
    assert "The connection works." in shown


def test_the_list_does_not_reload_for_ever(staff, account):
    Account.objects.update(test_requested_at=timezone.now() - timedelta(minutes=3))
    shown = text(staff.get(LIST))
    assert RELOADING not in shown
    assert "Is the worker running?" in shown


def test_several_accounts_are_tested_at_once(staff, account, django_capture_on_commit_callbacks):
    other = Account.objects.create(name="Other", appid="wx00000000000000bb", secret="s")
    with django_capture_on_commit_callbacks(execute=True):
        response = choose(staff, "test_connection", account, other)
    assert "2 connections are being tested" in text(response)
    assert OrmQ.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_break_the_page(staff, account, monkeypatch):
    monkeypatch.setattr(type(get_broker()), "enqueue", lambda *_args: 1 / 0)
    assert "is being tested" in text(choose(staff, "test_connection", account))


def test_the_button_saves_and_asks_for_a_test(staff, account, page, django_capture_on_commit_callbacks):
    assert 'name="_test"' in text(staff.get(page))
    with django_capture_on_commit_callbacks(execute=True):
        response = staff.post(page, unchanged(account, secret="typed-in", _test="1"), follow=True)
    account.refresh_from_db()
    assert response.redirect_chain[0][0] == LIST
    assert account.secret.reveal() == "typed-in"
    assert account.test_pending
    assert OrmQ.objects.count() == 1


def test_deleting_stays_the_last_of_the_buttons(staff, page):
    shown = text(staff.get(page))
    assert shown.count("deletelink") == 1
    assert shown.index('name="_save"') < shown.index('name="_test"') < shown.index("deletelink")


def test_a_new_account_can_be_tested_at_once(staff):
    assert 'name="_test"' in text(staff.get(ADD))


def test_a_viewer_is_not_offered_a_test(viewer, account, page):
    assert "test_connection" not in text(viewer.get(LIST))
    assert 'name="_test"' not in text(viewer.get(page))


def test_a_viewers_request_for_a_test_is_refused(viewer, account):
    choose(viewer, "test_connection", account)
    account.refresh_from_db()
    assert account.test_requested_at is None


def test_without_a_csrf_token_nothing_is_tested(account, django_user_model):
    client = Client(enforce_csrf_checks=True)
    client.force_login(django_user_model.objects.create_superuser("owner"))
    response = client.post(LIST, {"action": "test_connection", "_selected_action": [account.pk]})
    assert response.status_code == 403


# --- Deleting ---


def test_an_account_without_records_can_be_deleted(staff, account):
    staff.post(reverse("admin:wechat_account_delete", args=[account.pk]), {"post": "yes"})
    assert not Account.objects.exists()


def test_an_account_with_records_is_kept_and_the_page_says_why(staff, account, make_goods):
    make_goods()
    response = staff.post(reverse("admin:wechat_account_delete", args=[account.pk]), {"post": "yes"})
    assert Account.objects.filter(appid=APPID).exists()
    assert response.context["protected"] == ["Live goods"]


def test_deleting_several_keeps_all_when_one_has_records(staff, account, make_goods):
    make_goods()
    other = Account.objects.create(name="Other", appid="wx00000000000000bb", secret="s")
    choose(staff, "delete_selected", account, other, post="yes")
    assert Account.objects.count() == 2


def test_a_viewer_reads_the_families_in_words(viewer, account, page):
    shown = viewer.get(page).content.decode()
    assert "Live goods" in shown and "live_goods" not in shown
