"""Fit for the internet: wrong passwords, sessions, what pages may load, addresses typed by hand, sizes."""

import datetime as dt
import ipaddress
import re
from io import BytesIO

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings as project
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from shopadmin.people.sign_in import client_address
from shopadmin.people.tasks import prune
from tests.people import LIST, text

INDEX = reverse("admin:index")
LOGIN = reverse("admin:login")
PASSWORD = "Longjing-2026-tea"
LIMIT = project.AXES_FAILURE_LIMIT


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def clerk(db):
    return User.objects.create_user("clerk", password=PASSWORD, is_staff=True)


def sign_in(password, name="clerk", client=None, **headers):
    return (client or Client()).post(LOGIN, {"username": name, "password": password}, **headers)


def fail(times, name="clerk", **headers):
    answers = [sign_in("wrong", name, **headers) for _ in range(times)]
    return [answer.status_code for answer in answers]


# --- Wrong passwords ---


def test_after_five_wrong_passwords_the_right_one_does_not_help(clerk):
    assert fail(LIMIT) == [200] * (LIMIT - 1) + [429]
    assert sign_in(PASSWORD).status_code == 429


def test_four_wrong_passwords_and_the_right_one_begin_anew(clerk):
    fail(LIMIT - 1)
    assert sign_in(PASSWORD).status_code == 302
    assert fail(LIMIT - 1) == [200] * (LIMIT - 1)


def test_the_page_tells_until_when_and_that_is_true(clerk):
    with time_machine.travel(dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC), tick=False) as clock:
        fail(LIMIT)
        clock.shift(dt.timedelta(minutes=5))
        answer = sign_in("wrong")
        assert "Try again at 10:15, in 10 minutes." in text(answer)
        assert answer["Retry-After"] == "600"
        clock.shift(dt.timedelta(minutes=10, seconds=1))
        assert sign_in(PASSWORD).status_code == 302


def test_the_page_speaks_the_readers_language(clerk, settings):
    settings.LANGUAGE_CODE = "zh-hans"
    fail(LIMIT)
    assert 'lang="zh-hans"' in text(sign_in("wrong"))


def test_a_name_that_nobody_has_is_answered_the_same(clerk):
    for _ in range(LIMIT + 1):
        answers = [sign_in("wrong", name) for name in ("clerk", "nobody")]
        assert len({answer.status_code for answer in answers}) == 1
        [real, made_up] = [re.sub('(token|username)" value="[^"]+"', "", text(answer)) for answer in answers]
        assert real == made_up


def test_others_at_the_same_address_and_the_same_name_elsewhere_get_in(clerk):
    User.objects.create_user("colleague", password=PASSWORD, is_staff=True)
    fail(LIMIT, REMOTE_ADDR="198.51.100.7")
    assert sign_in(PASSWORD, "colleague", REMOTE_ADDR="198.51.100.7").status_code == 302
    assert sign_in(PASSWORD, REMOTE_ADDR="198.51.100.8").status_code == 302


def test_another_browser_or_a_made_up_header_does_not_start_the_count_anew(clerk):
    for number in range(LIMIT):
        answer = sign_in("wrong", HTTP_USER_AGENT=f"b{number}", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert answer.status_code == 429


def test_no_password_is_kept_of_those_who_tried(clerk):
    sign_in("my-other-password")
    [attempt] = AccessAttempt.objects.all()
    assert "password=***" in attempt.post_data and "my-other-password" not in attempt.post_data


def test_administrators_read_who_signed_in_and_who_failed(clerk, staff):
    fail(1, "stranger")
    client = Client()
    sign_in(PASSWORD, client=client, HTTP_USER_AGENT="Firefox")
    client.post(reverse("admin:logout"))
    page = text(staff.get(reverse("admin:axes_accesslog_changelist")))
    assert "clerk" in page and "Firefox" in page
    assert AccessLog.objects.get(username="clerk").logout_time is not None
    assert "stranger" in text(staff.get(reverse("admin:axes_accessfailurelog_changelist")))


@pytest.mark.parametrize("model", [AccessLog, AccessFailureLog])
def test_the_log_of_sign_ins_is_only_read(staff, clerk, model):
    sign_in("wrong")
    sign_in(PASSWORD)
    row = model.objects.first()
    name = f"admin:axes_{model._meta.model_name}"
    assert staff.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    assert staff.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert staff.get(reverse(f"{name}_add")).status_code == 403


def test_whoever_is_locked_out_stays_out_with_names_of_odd_characters(db):
    assert fail(LIMIT, "茶\u0000'\"><b>")[-1] in (200, 429)


# --- Whose address ---


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "found"),
    [
        ([], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (["10.0.0.0/8"], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.0/8"], "::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        (["10.0.0.0/8"], "", "198.51.100.1", None),
    ],
)
def test_only_what_our_own_proxies_say_is_believed(settings, proxies, remote, forwarded, found):
    settings.TRUSTED_PROXIES = [ipaddress.ip_network(name) for name in proxies]
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == found


def test_behind_a_proxy_that_is_named_strangers_lock_out_only_themselves(clerk, settings):
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("127.0.0.1")]
    fail(LIMIT, HTTP_X_FORWARDED_FOR="203.0.113.66")
    assert sign_in(PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 302


# --- Passwords and sessions ---


@pytest.mark.parametrize("weak", ["short-1", "9482057163", "password123", "clerk-clerk"])
def test_weak_passwords_are_refused(weak):
    with pytest.raises(ValidationError):
        validate_password(weak, User(username="clerk-clerk"))


def test_a_session_ends_twelve_hours_after_the_last_click(clerk):
    client = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(clerk)
        for hours in (11, 11, 11):
            clock.shift(dt.timedelta(hours=hours))
            assert client.get(INDEX).status_code == 200
        clock.shift(dt.timedelta(hours=12, seconds=1))
        assert client.get(INDEX).status_code == 302


def test_what_a_script_asks_for_is_no_click(clerk):
    client = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(clerk)
        clock.shift(dt.timedelta(hours=11))
        assert client.get(INDEX, headers={"sec-fetch-dest": "empty"}).status_code == 200
        clock.shift(dt.timedelta(hours=1, seconds=1))
        assert client.get(INDEX).status_code == 302


def test_not_every_click_writes_the_session(clerk):
    client = Client()
    client.force_login(clerk)
    client.get(INDEX)
    before = Session.objects.get().session_data
    client.get(INDEX)
    assert Session.objects.get().session_data == before


def test_strangers_get_no_session(client, db):
    client.get(LOGIN)
    client.get(INDEX)
    assert not Session.objects.exists()


def test_scripts_cannot_read_the_cookies(clerk):
    client = Client()
    client.get(LOGIN)
    sign_in(PASSWORD, client=client)
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    for name in ("sessionid", "csrftoken", "django_language"):
        cookie = client.cookies[name]
        assert (name, bool(cookie["httponly"]), cookie["samesite"]) == (name, True, "Lax")


# --- What pages may load ---

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "connect-src": "'self'",
    "font-src": "'self'", "form-action": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'",
    "object-src": "'none'",
}  # fmt: skip


def policy_of(answer):
    rules = (rule.strip().split(" ", 1) for rule in answer["Content-Security-Policy"].split(";"))
    return dict(rules)


@pytest.mark.parametrize("url", [INDEX, LIST, LOGIN, "/healthz", "/metrics", "/nowhere/", "/admin/jsi18n/"])
def test_every_answer_carries_the_strict_policy(staff, url):
    policy = policy_of(staff.get(url))
    assert policy | POLICY == policy
    assert "unsafe" not in str(policy)


def test_pictures_come_from_here_from_wechat_and_by_tls(staff):
    sources = policy_of(staff.get(INDEX))["img-src"].split()
    assert sources[:6] == ["'self'", "data:", "blob:", "https:", "http://*.qpic.cn", "http://*.qlogo.cn"]
    assert all(source.startswith("http://127.0.0.1:") for source in sources[6:])


def test_pictures_carry_the_policy_too(staff, make_goods):
    answer = staff.get(make_goods().cover.url)
    answer.getvalue()
    assert policy_of(answer)["script-src"] == "'self'"


# --- Addresses typed by hand ---

NONSENSE = [
    "created_at__year=0", "created_at__year=99999", "created_at__month=13&created_at__year=2026",
    "created_at__day=32&created_at__month=2&created_at__year=2026", "e=1", "e=1&created_at__year=0",
    "p=99999", "p=-1", "o=x", "o=99", "o=-99.1", "all=", "errcode=abc", "account=" + "9" * 40,
    "account__id__exact=x", "id__in=x", "id__gt=" + "9" * 40, "_to_field=secret&_popup=1", "q=%00",
    "user__password__startswith=a", "account__secret__startswith=a", "__=", "x__y__z=1",
    "status__exact=no&state=%00&person=x&kind=%00&done=9&role=%00&is_active__exact=7",
]  # fmt: skip


def lists():
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]


def dates():
    """The same for the dates by which a list is divided, whatever they are called there."""
    for model, owner in admin.site._registry.items():
        if owner.date_hierarchy:
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            for query in NONSENSE[:4]:
                yield f"{url}?{query.replace('created_at', owner.date_hierarchy)}"


@pytest.mark.parametrize("query", NONSENSE)
def test_a_list_survives_what_is_typed_into_its_address(staff, make_goods, query):
    make_goods()
    for url in lists():
        answer = staff.get(f"{url}?{query}")
        assert answer.status_code in (200, 302, 400, 403), (url, query)
        if answer.status_code == 302:
            assert staff.get(answer.url).status_code == 200, (url, query)


def test_a_list_survives_dates_that_there_are_not(staff, make_goods, send):
    send("add", make_goods())
    walked = list(dates())
    assert len(walked) >= 8
    for url in walked:
        answer = staff.get(url)
        assert (answer.status_code, answer.url) == (302, url.split("?")[0] + "?e=1"), url


def test_a_mistake_of_ours_is_not_taken_for_a_strange_address(staff, make_goods, monkeypatch):
    def broken(*args):
        raise ValueError("ours")

    monkeypatch.setattr("goods.admin.live_goods.LiveGoodsAdmin.get_queryset", broken)
    staff.raise_request_exception = False
    assert staff.get(LIST).status_code == 500


# --- Sizes ---


def test_a_request_that_is_larger_than_any_form_is_turned_down_unread(client, settings):
    settings.LARGEST_REQUEST = 1000
    answer = client.generic("POST", LOGIN, "x" * 1001, content_type="text/plain")
    assert (answer.status_code, text(answer)) == (413, "This file is too large.")


def test_there_is_room_for_an_import_of_twenty_megabytes(staff):
    upload = BytesIO(b"x" * 20_000_000)
    upload.name = "list.csv"
    assert staff.post(reverse("admin:goods_livegoods_add"), {"cover": upload}).status_code == 200


def test_uploaded_lists_are_for_nobody(staff, settings):
    folder = settings.MEDIA_ROOT / "imports"
    folder.mkdir(parents=True)
    (folder / "list.csv").write_text("costs")
    for path in (
        "imports/list.csv",
        "live_goods/../imports/list.csv",
        "./imports/list.csv",
        "/imports/list.csv",
    ):
        assert staff.get(f"/media/{path}").status_code == 404


# --- At night ---


def test_old_sign_ins_and_ended_sessions_are_forgotten(clerk):
    fail(1)
    sign_in(PASSWORD)
    fail(1)
    kept = [AccessLog, AccessFailureLog, AccessAttempt, Session]
    prune()
    assert [model.objects.count() for model in kept] == [1, 2, 1, 1]
    with time_machine.travel(timezone.now() + dt.timedelta(days=91)):
        prune()
        assert [model.objects.count() for model in kept] == [1, 0, 0, 0]
    with time_machine.travel(timezone.now() + dt.timedelta(days=401)):
        prune()
        assert AccessLog.objects.count() == 0
