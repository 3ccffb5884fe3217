"""What surrounds every page: the menu, whether it is practice, and the pages about errors."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.views.defaults import server_error

from shopadmin.charts import nice
from shopadmin.wechat.models import Account
from tests.people import LIST, browser_of, text

INDEX = reverse("admin:index")
PUSHES = reverse("admin:audits_push_changelist")


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


# --- The menu ---


def groups(client):
    return [
        (group["app_label"], [str(e["name"]) for e in group["models"]])
        for group in client.get(INDEX).context["available_apps"]
    ]


def test_the_menu_follows_the_work(staff):
    assert [name for name, _entries in groups(staff)] == ["products", "import", "sending", "wechat", "people"]


def test_the_menu_has_the_pages_that_are_no_lists_of_their_own(staff):
    assert dict(groups(staff))["sending"][:4] == ["Batches", "Approvals", "Pushes", "needs a person"]


def test_the_menu_shows_only_what_is_open(account):
    assert groups(browser_of("view_livegoods")) == [("products", ["Live goods"])]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (LIST, "Live goods"),
        (PUSHES, "Pushes"),
        (f"{PUSHES}?status__exact=needs_person", "Needs a person"),
        (INDEX, "Overview"),
    ],
)
def test_the_menu_marks_the_page_one_is_on(staff, url, name):
    marked = re.findall(r'aria-current="page">([^<]+)<', text(staff.get(url)).split('id="nav-sidebar"')[1])
    assert marked[0] == name


# --- Practice or real ---


@pytest.mark.parametrize(
    ("modes", "words"),
    [
        ([True], "Practice: nothing reaches WeChat"),
        ([False], "Real: everything goes to WeChat"),
        ([True, False], "1 account in practice mode, the others real"),
    ],
)
@pytest.mark.parametrize("page", [INDEX, LIST])
def test_every_page_says_whether_it_is_real(staff, modes, words, page):
    for number, practice in enumerate(modes):
        Account.objects.create(name=f"{number}", appid=f"wx{number:016x}", secret="x", practice=practice)
    assert words in text(staff.get(page))


def test_without_an_account_nothing_is_said_of_it(staff):
    assert "Practice:" not in text(staff.get(INDEX)) and "Real:" not in text(staff.get(INDEX))


# --- Pages about errors ---


def test_a_page_that_does_not_exist_says_what_to_do(staff):
    answer = staff.get("/admin/goods/nothing/")
    assert answer.status_code == 404 and "To the overview" in text(answer)


def test_a_page_that_is_not_allowed_says_whom_to_ask(account):
    answer = browser_of().get(LIST)
    assert answer.status_code == 403 and "ask an administrator" in text(answer)


def test_a_form_from_an_old_page_says_that_nothing_was_changed(account):
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("boss"))
    answer = client.post(LIST, {"action": "push_add"})
    assert answer.status_code == 403 and "Nothing was changed. Go back" in text(answer)


def test_error_pages_speak_the_language_of_the_reader(staff):
    answer = staff.get("/nothing/", headers={"accept-language": "zh-hans"})
    assert 'lang="zh-hans"' in text(answer)


def test_the_page_for_our_own_failures_needs_no_database(rf, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = server_error(rf.get("/"))
    assert answer.status_code == 500 and "Something went wrong" in text(answer)


def test_browsers_find_the_icon(client, db):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302 and answer.url.endswith("favicon.svg")


# --- Charts ---


@pytest.mark.parametrize(
    ("amount", "top"),
    [(0, 1), (1, 1), (3, 4), (9, 10), (10, 10), (11, 20), (65, 80), (81, 100), (1000, 1000)],
)
def test_a_chart_ends_at_a_round_number(amount, top):
    assert nice(amount) == top
