"""What holds for every page: who gets in, what is said at the top, no traceback, no secret."""

import datetime as dt
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from audits import heartbeat
from audits.models import Attempt, Batch, Push, Quota
from audits.operations import Operation
from audits.services import create_batch
from goods.models import LiveGoods
from shopadmin.wechat import tasks
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.models import Account
from tests.conftest import SECRET, png
from tests.people import LIST, browser_of, form_of, text

INDEX = reverse("admin:index")
HEALTH = reverse("healthz")
OURS = [LiveGoods, Batch, Push, Attempt, Quota, Account]


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def rows(make_goods, send):
    """A row of every model of ours, and a plan."""
    send("add", make_goods())
    create_batch(LiveGoods, [make_goods().pk], Operation.ADD)
    return {model: model.objects.order_by("pk").first() for model in OURS}


def addresses(model, pk):
    """Every address that the admin has for a model, its own views included, about this row."""
    found = []
    for pattern in admin.site.get_model_admin(model).get_urls():
        if pattern.name is None:
            continue
        converters = pattern.pattern.converters
        try:
            found.append(reverse(f"admin:{pattern.name}", kwargs=dict.fromkeys(converters, pk)))
        except NoReverseMatch:  # a number is wanted
            continue
    return found


def all_addresses(rows, pk=None):
    return [url for model in OURS for url in addresses(model, pk if pk is not None else rows[model].pk)]


# --- Who gets in ---


def test_the_walk_over_the_addresses_finds_our_own_views(rows):
    found = all_addresses(rows)
    named = {url.rstrip("/").rsplit("/", 1)[-1] for url in found}
    assert {"plan", "decide", "pull", "change", "delete", "history", "add"} <= named
    assert len(found) > 30


@pytest.mark.parametrize("method", ["get", "post"])
def test_whoever_is_not_logged_in_is_sent_to_the_login_from_everywhere(rows, client, method):
    for url in [INDEX, *all_addresses(rows)]:
        answer = getattr(client, method)(url)
        assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("admin:login")), url


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_customer_is_sent_to_the_login_as_well(rows, client, method):
    client.force_login(User.objects.create_user("customer"))
    for url in [INDEX, *all_addresses(rows)]:
        assert getattr(client, method)(url).status_code == 302, url


PEOPLE = {
    "may everything": None,
    "may nothing": [],
    "may look": [f"view_{model._meta.model_name}" for model in OURS],
    "may push": ["push_livegoods", "delete_remote_livegoods"],
}


def somebody(permissions):
    if permissions is not None:
        return browser_of(*permissions)
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


people = pytest.mark.parametrize("permissions", PEOPLE.values(), ids=PEOPLE)


@people
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_address_of_a_row_answers_with_a_traceback(rows, permissions, method):
    client = somebody(permissions)
    for url in [INDEX, *all_addresses(rows)]:
        assert getattr(client, method)(url).status_code in (200, 302, 403, 404, 405), url


@pytest.mark.parametrize("permissions", [PEOPLE["may everything"], PEOPLE["may look"]], ids=["all", "look"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("pk", [999_999, 10**30, "abc", "_00"])
def test_no_address_without_a_row_answers_with_a_traceback(rows, permissions, method, pk):
    client = somebody(permissions)
    for url in all_addresses(rows, pk):
        assert getattr(client, method)(url).status_code in (200, 302, 403, 404, 405), url


@pytest.mark.parametrize("permissions", [PEOPLE["may nothing"], PEOPLE["may look"]], ids=["nothing", "look"])
def test_whoever_may_not_push_changes_nothing_anywhere(rows, permissions):
    before = [list(model.objects.order_by("pk").values()) for model in OURS]
    client = somebody(permissions)
    for url in all_addresses(rows):
        client.post(url, {"post": "yes", "confirm": "1", "choice": "", "_push": "add", "name": "x"})
    assert [list(model.objects.order_by("pk").values()) for model in OURS] == before


def test_whoever_may_nothing_reads_no_page_of_ours(rows):
    client = browser_of()
    lists = [reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist") for model in OURS]
    assert {client.get(url).status_code for url in [*lists, *map(form_of, rows.values())]} == {403}


def test_the_queues_own_tables_have_no_pages():
    assert not [m for m in apps.get_app_config("django_q").get_models() if admin.site.is_registered(m)]


def test_the_front_door_leads_to_the_admin(client, db):
    assert client.get("/").url == INDEX


def test_pages_forbid_frames_and_guessing_of_types(staff):
    answer = staff.get(INDEX)
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_by_caches(staff):
    assert "no-store" in staff.get(INDEX)["Cache-Control"]


# --- Pictures ---


@pytest.fixture
def cover(make_goods):
    return make_goods().cover.url


def test_staff_see_the_pictures(cover):
    answer = browser_of().get(cover)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert b"".join(answer.streaming_content) == png()


def test_pictures_are_not_for_the_public(client, cover):
    assert client.get(cover).url.startswith(reverse("admin:login"))


@pytest.mark.parametrize(
    "path",
    ["../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "live_goods/../../secret.txt", "/etc/passwd"],
)
def test_only_the_folder_of_pictures_is_served(staff, settings, cover, path):
    (settings.MEDIA_ROOT.parent / "secret.txt").write_text("secret")
    assert staff.get(f"/media/{path}").status_code in (400, 404)


@pytest.mark.parametrize("path", ["", "live_goods/", "live_goods", "nothing.png", "%00"])
def test_folders_of_pictures_are_not_listed(staff, cover, path):
    assert staff.get(f"/media/{path}").status_code == 404


# --- Language ---


@pytest.mark.parametrize("page", [INDEX, f"{LIST}?state=draft&q=%E8%8C%B6"])
def test_the_language_switch_keeps_the_page(staff, account, page):
    assert f'name="next" value="{page.replace("&", "&amp;")}"' in text(staff.get(page))
    answer = staff.post(reverse("set_language"), {"language": "zh-hans", "next": page})
    assert answer.url == page
    assert 'lang="zh-hans"' in text(staff.get(page))


def test_the_language_switch_leads_to_no_foreign_site(staff):
    answer = staff.post(reverse("set_language"), {"language": "en", "next": "https://evil.example/"})
    assert answer.url == "/"


def test_the_default_language_is_chinese(settings):
    settings.LANGUAGE_CODE = "zh-hans"
    assert 'lang="zh-hans"' in text(Client().get(reverse("admin:login")))


# --- The top of every page ---


def test_without_a_worker_every_page_says_so(staff):
    page = text(staff.get(INDEX))
    assert "The worker is not running." in page and "Nothing is sent or read until it runs again." in page


def test_without_a_worker_the_pushes_that_wait_are_counted(staff, make_goods, push):
    push("add", make_goods(), make_goods())
    assert "2 pushes wait for it." in text(staff.get(INDEX))


def test_with_a_worker_nothing_is_said(staff):
    heartbeat.beat("worker:1")
    assert 'class="notice' not in text(staff.get(INDEX))


def test_an_account_in_trouble_is_told_with_the_way_there(staff, account):
    account.report_problem(WeChatError(Kind.PERMISSION, "invalid appsecret", errcode=40125))
    page = text(staff.get(INDEX))
    assert "Copy it again from the WeChat console" in page and f'href="{form_of(account)}"' in page


def test_whoever_may_not_open_the_account_gets_no_link_to_it(account):
    account.report_problem(WeChatError(Kind.PERMISSION, "invalid appsecret", errcode=40125))
    assert form_of(account) not in text(browser_of("view_livegoods").get(INDEX))


@pytest.mark.parametrize(
    ("status", "words"),
    [("unsure", "2 pushes have an unknown outcome"), ("needs_person", "Needs a person: 2.")],
)
def test_pushes_in_doubt_are_told_with_a_link_that_shows_them(staff, make_goods, push, status, words):
    push("add", make_goods(), make_goods(), make_goods())
    Push.objects.exclude(pk=Push.objects.first().pk).update(status=status)
    link = f"{reverse('admin:audits_push_changelist')}?status__exact={status}"
    page = text(staff.get(LIST))
    assert words in page and f'href="{link}"' in page
    assert staff.get(link).context["cl"].result_count == 2


@pytest.mark.parametrize("status", ["unsure", "needs_person", "queued"])
def test_whoever_may_not_see_pushes_is_told_no_number_of_them(make_goods, push, status):
    push("add", *(make_goods() for _ in range(7)))
    Push.objects.update(status=status)
    page = text(browser_of("view_livegoods").get(LIST))
    assert reverse("admin:audits_push_changelist") not in page
    assert "7 push" not in page and "Needs a person" not in page.split('id="changelist"')[0]


def test_the_login_page_tells_nothing(client, account, make_goods, push):
    push("add", make_goods())
    account.report_problem(WeChatError(Kind.PERMISSION, "invalid appsecret", errcode=40125))
    assert "notice" not in text(client.get(reverse("admin:login")))


def test_the_words_of_wechat_are_escaped_at_the_top(staff, account):
    account.report_problem(WeChatError(Kind.INPUT, "<script>alert(1)</script>", errcode=47001))
    Account.objects.update(name="<script>alert(2)</script>")
    assert "<script>alert(" not in text(staff.get(INDEX))


# --- The start page ---


@pytest.fixture
def stock(make_goods):
    """So many products of each kind that no two numbers are equal."""
    number = 100

    def put(count, **fields):
        nonlocal number
        for _ in range(count):
            number += 1
            at_wechat = {"goods_id": str(number), "third_party_tag": 2} if "audit_status" in fields else {}
            make_goods(cover="live_goods/x.png", **at_wechat | fields)

    put(1)
    put(2, name="bad")
    put(1, deleted_at=timezone.now())
    for status, count in ((1, 3), (3, 4), (0, 5), (2, 6)):
        put(count, audit_status=status)
    put(1, audit_status=7)
    put(1, audit_status=2, missing_since=timezone.now())


def test_the_numbers_of_the_start_page_are_those_of_the_lists_they_lead_to(staff, stock):
    figures = next(found for title, found in staff.get(INDEX).context["overviews"] if title == "Live goods")
    assert [figure.count for figure in figures] == [1, 2, 3, 4, 5, 6]
    assert [staff.get(figure.url).context["cl"].result_count for figure in figures] == [1, 2, 3, 4, 5, 6]


def test_whoever_may_not_see_products_sees_no_numbers_of_them(stock):
    assert browser_of("view_push").get(INDEX).context["overviews"] == []


# --- Health ---


def health(client):
    answer = client.get(HEALTH)
    return answer.status_code, answer.json()


def test_healthy_is_a_living_worker_and_an_empty_queue(client, db):
    heartbeat.beat("worker:1")
    assert health(client) == (200, {"database": True, "queue_age_seconds": 0, "worker_alive": True})


def test_without_a_worker_it_is_not_healthy(client, db):
    assert health(client) == (503, {"database": True, "queue_age_seconds": 0, "worker_alive": False})


@pytest.mark.parametrize(("age", "status"), [(200, 200), (400, 503)])
def test_a_push_that_waits_for_long_is_not_healthy(client, make_goods, push, age, status):
    heartbeat.beat("worker:1")
    push("add", make_goods())
    Push.objects.update(not_before=timezone.now() - dt.timedelta(seconds=age))
    code, said = health(client)
    assert code == status and said["queue_age_seconds"] == pytest.approx(age, abs=5)


def test_a_push_that_waits_until_tomorrow_is_healthy(client, make_goods, push):
    heartbeat.beat("worker:1")
    push("add", make_goods())
    Push.objects.update(not_before=timezone.now() + dt.timedelta(hours=9))
    assert health(client)[0] == 200


@contextmanager
def broken_database():
    def refuse(execute, sql, params, many, context):
        raise OperationalError("the disk is full")

    with connection.execute_wrapper(refuse):
        yield


def test_a_database_that_does_not_answer_is_not_healthy(client, db):
    with broken_database():
        assert health(client) == (503, {"database": False})


# --- Secrets ---


def test_secret_and_token_are_on_no_page(staff, account, rows):
    tasks.test_connection(account.pk)
    account.refresh_from_db()
    token = account.access_token.value
    hidden = {SECRET, account.secret.encrypted, token.reveal(), token.encrypted}
    assert all(hidden)
    pages = [INDEX, *all_addresses(rows), *map(form_of, [*Attempt.objects.all(), *Push.objects.all()])]
    shown = "".join(text(answer) for answer in map(staff.get, pages) if answer.status_code == 200)
    assert not [value for value in hidden if value in shown]


def test_the_admins_log_keeps_no_secret(staff, account):
    staff.post(form_of(account), {
        "name": "Renamed", "appid": account.appid, "secret": "typed-in-secret", "families": ["live_goods"],
        "practice": "on",
    })  # fmt: skip
    entry = LogEntry.objects.get()
    assert "typed-in-secret" not in f"{entry.change_message} {entry.object_repr} {entry}"
