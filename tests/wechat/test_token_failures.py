"""Failing to get a token: what it means for the call that needed one, and for the account."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from shopadmin.wechat.connection import UNREADABLE_SECRET
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.models import AccessToken
from shopadmin.wechat.token import TokenAnswer, begin_renewal, current
from tests.conftest import APPID, SECRET
from tests.wechat.conftest import failure

STABLE = "/cgi-bin/stable_token"


def test_a_wrong_secret_is_a_matter_for_the_administrator(sim, keeper, account):
    sim.add_account(APPID, "changed-at-wechat")
    error = failure(keeper.get)
    account.refresh_from_db()
    assert (error.kind, error.errcode) == (Kind.PERMISSION, 40125)
    assert account.problem_code == 40125


def test_a_fetched_token_ends_the_problem(keeper, account):
    account.report_problem(WeChatError(Kind.PERMISSION, "invalid appsecret", errcode=40125))
    keeper.get()
    account.refresh_from_db()
    assert not account.has_problem


def test_a_failure_is_remembered_instead_of_repeated(sim, keeper):
    sim.add_account(APPID, "changed-at-wechat")
    first = failure(keeper.get)
    for _ in range(3):
        again = failure(keeper.get)
        assert (again.kind, again.errcode, again.errmsg) == (first.kind, first.errcode, first.errmsg)
    assert len(sim.calls(STABLE)) == 1


def test_a_failure_is_forgotten_after_a_minute(sim, keeper):
    sim.next("errcode", path=STABLE, errcode=-1)
    failure(keeper.get)
    stored = AccessToken.objects.get()
    assert timedelta(seconds=55) < stored.failed_until - timezone.now() <= timedelta(seconds=60)
    AccessToken.objects.update(failed_until=timezone.now())
    assert keeper.get()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-1, Kind.BUSY),
        (45011, Kind.BUSY),
        (45009, Kind.QUOTA),
        *(
            (code, Kind.PERMISSION)
            for code in (
                40001, 40002, 40013, 40125, 40164, 40243, 41002, 41004, 50004, 50007, 61024, 89501, 89503,
                89506, 89507, 987654,
            )
        ),
    ],
)  # fmt: skip
def test_codes_of_the_token_endpoint_have_their_own_kinds(sim, keeper, code, kind):
    sim.next("errcode", path=STABLE, errcode=code, errmsg="no")
    error = failure(keeper.get)
    assert (error.kind, error.errcode) == (kind, code)


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "close_before"},
        {"do": "empty"},
        {"do": "http", "status": 503},
        {"do": "wrong_type", "value": {"expires_in": 7200}},
        {"do": "wrong_type", "value": {"access_token": 7, "expires_in": 7200}},
        {"do": "wrong_type", "value": {"access_token": "t"}},
        {"do": "wrong_type", "value": {"access_token": "t", "expires_in": "soon"}},
    ],
    ids=str,
)
def test_without_a_token_the_business_call_was_not_sent(sim, keeper, fault):
    sim.next(path=STABLE, **fault)
    assert failure(keeper.get).kind is Kind.NOT_SENT


def test_a_lifetime_may_be_text(sim, keeper):
    sim.next("wrong_type", path=STABLE, value={"access_token": "t", "expires_in": "7200"})
    assert keeper.get() == "t"


def test_an_unreadable_secret_is_a_matter_for_the_administrator(sim, keeper, account, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["another-key"]
    error = failure(keeper.get)
    account.refresh_from_db()
    assert (error.kind, error.errmsg) == (Kind.PERMISSION, UNREADABLE_SECRET)
    assert account.has_problem
    assert sim.calls() == []


def test_an_unreadable_token_is_fetched_anew(keeper, account, settings):
    keeper.get()
    settings.FIELD_ENCRYPTION_KEYS = ["another-key"]
    assert current(account.pk) is None


def test_neither_secret_nor_token_is_told(sim, keeper, account, caplog):
    caplog.set_level(logging.DEBUG)
    sim.next("close_after", path=STABLE)
    error = failure(keeper.get)
    AccessToken.objects.update(failed_until=None)
    renewal = begin_renewal(account)
    AccessToken.objects.update(lease="", lease_until=None)
    token = keeper.get()
    told = f"{error!r} {vars(error)} {renewal!r} {TokenAnswer(token, 1)!r} {AccessToken.objects.get()!r}"
    assert error.__context__ is None
    for text in (told, caplog.text):
        assert token not in text
        assert SECRET not in text
