"""An account: what it may hold, where it sends, and what is known of its connection."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone, translation

from shopadmin.wechat.connection import in_plain_words
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.models import AccessToken, Account, Family

WRONG_SECRET = WeChatError(
    Kind.PERMISSION, "invalid appsecret rid: 691f7a10-2b7c1d44-5e0a9931", errcode=40125
)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def account(db) -> Account:
    return Account.objects.create(name="Shop", appid="wx00000000000000aa", secret="s")


@pytest.fixture
def known(account) -> Account:
    """An account of which something has been found out already."""
    now = timezone.now()
    AccessToken.objects.create(account=account, value="token", expires_at=now, renew_at=now)
    account.report_problem(WRONG_SECRET)
    account.record_test(WRONG_SECRET)
    return account


@pytest.mark.parametrize(
    "appid", ["", "wx123", "wx00000000000000AA", "gh00000000000000aa", "wx00000000000000aa\n"]
)
def test_an_appid_of_another_shape_is_refused(appid):
    with pytest.raises(ValidationError) as caught:
        Account(name="Shop", appid=appid, secret="s").clean_fields()
    assert "appid" in caught.value.message_dict


def test_the_refusal_says_what_an_appid_looks_like():
    with pytest.raises(ValidationError, match="followed by 16 characters"):
        Account(name="Shop", appid="12345", secret="s").clean_fields()


def test_an_appid_is_entered_once(account):
    with pytest.raises(IntegrityError):
        Account.objects.create(name="Again", appid=account.appid, secret="s")


@pytest.mark.parametrize("families", [[], ["live_goods", "live_goods"], ["unheard_of"], "live_goods"])
def test_families_are_known_ones_and_each_once(families):
    with pytest.raises(ValidationError) as caught:
        Account(name="Shop", appid="wx00000000000000aa", secret="s", families=families).clean_fields()
    assert "families" in caught.value.message_dict


def test_a_new_account_is_for_live_goods(account):
    assert account.families == [Family.LIVE_GOODS]


def test_practice_goes_to_the_simulator(settings):
    assert Account(practice=True).base_url == settings.SIMULATOR_URL


def test_real_accounts_go_to_wechat(settings):
    assert Account(practice=False).base_url == settings.WECHAT_API_BASE


@pytest.mark.parametrize("change", [{"secret": "other"}, {"appid": "wx00000000000000bb"}, {"practice": True}])
def test_other_credentials_make_what_is_known_obsolete(known, change):
    for name, value in change.items():
        setattr(known, name, value)
    known.save()
    known.refresh_from_db()
    assert not AccessToken.objects.exists()
    assert (known.has_problem, known.test_ok, known.tested_at) == (False, None, None)


def test_saving_only_the_secret_makes_what_is_known_obsolete(known):
    known.secret = "other"
    known.save(update_fields=["secret"])
    known.refresh_from_db()
    assert not known.has_problem
    assert known.secret.reveal() == "other"


def test_another_name_changes_nothing_else(known):
    known.name = "Other"
    known.save()
    known.refresh_from_db()
    assert AccessToken.objects.exists()
    assert known.has_problem


def test_a_reported_problem_says_what_to_do(account):
    account.report_problem(WRONG_SECRET)
    account.refresh_from_db()
    assert account.problem_code == 40125
    assert "The AppSecret is wrong." in account.connection_summary
    assert "(error 40125)" in account.connection_summary


def test_a_problem_can_be_cleared(known):
    known.clear_problem()
    known.refresh_from_db()
    assert known.problem_summary == ""


def test_an_account_begins_untested(account):
    assert account.connection_summary == "Not tested yet."
    assert account.connection_as_of is None


def test_a_requested_test_is_pending(account):
    account.request_test()
    assert account.connection_summary == "The connection is being tested."
    assert list(Account.objects.test_pending()) == [account]


def test_a_test_that_nobody_carries_out_is_not_waited_for(account):
    Account.objects.update(test_requested_at=timezone.now() - timedelta(minutes=3))
    account.refresh_from_db()
    assert "Is the worker running?" in account.connection_summary
    assert not Account.objects.test_pending().exists()


def test_a_good_test_ends_the_waiting_and_the_problem(known):
    known.request_test()
    known.record_test()
    known.refresh_from_db()
    assert known.connection_summary == "The connection works."
    assert not Account.objects.test_pending().exists()


def test_a_bad_test_is_told_in_words(account):
    account.record_test(WeChatError(Kind.NOT_SENT, "no connection to the server"))
    assert account.connection_summary == (
        "WeChat could not be reached: no connection to the server. Check this server's network connection."
    )


def test_a_newer_problem_replaces_a_good_test(account):
    account.record_test()
    account.report_problem(WRONG_SECRET)
    assert "The AppSecret is wrong." in account.connection_summary
    assert account.connection_as_of == account.problem_at


def test_recording_a_test_does_not_overwrite_what_somebody_edits(account):
    Account.objects.update(name="Renamed meanwhile")
    account.record_test()
    account.refresh_from_db()
    assert account.name == "Renamed meanwhile"


def test_a_result_without_a_time_is_impossible(account):
    with pytest.raises(IntegrityError):
        Account.objects.update(test_ok=True)


@pytest.mark.parametrize(
    "errmsg",
    [
        "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 691f7a10-2b7c1d44-5e0a9931",
        "invalid ip 203.0.113.7, not in whitelist",
        "access clientip is not registered requestIP: 203.0.113.7",
    ],
)
def test_a_refused_address_is_named(errmsg):
    assert "(203.0.113.7)" in in_plain_words(Kind.PERMISSION, 40164, errmsg)


def test_a_refused_ipv6_address_is_named():
    assert "(2001:db8::7)" in in_plain_words(
        Kind.PERMISSION, 40164, "invalid ip 2001:db8::7, not in whitelist"
    )


def test_a_refused_address_that_wechat_does_not_name_is_unknown():
    assert "(unknown)" in in_plain_words(
        Kind.PERMISSION, 40164, "not in whitelist rid: 691f7a10-2b7c1d44-5e0a9931"
    )


def test_a_percent_sign_in_wechats_words_is_harmless():
    assert "100%d" in in_plain_words(Kind.NO_ANSWER, None, "100%d")


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("code", [None, 0, 40001, 40164, 48001, 45009, 123456789])
def test_every_failure_has_words(kind, code):
    assert in_plain_words(kind, code, "some words")


def test_40001_of_a_call_is_not_taken_for_a_wrong_secret():
    assert "AppSecret is wrong" in in_plain_words(Kind.PERMISSION, 40001, "invalid credential")
    assert "refuses the access token" in in_plain_words(Kind.TOKEN, 40001, "invalid credential")
