"""The access token: fetched once for everybody, renewed once when refused, never in a loop."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from shopadmin.wechat.client import client_for
from shopadmin.wechat.errors import Kind
from shopadmin.wechat.models import AccessToken, Account
from shopadmin.wechat.token import (
    FORCE_AT_MOST_EVERY,
    Renewal,
    TokenAnswer,
    TokenKeeper,
    ask_again,
    begin_renewal,
    current,
    finish_renewal,
)
from tests.conftest import APPID, SECRET
from tests.wechat.conftest import failure

STABLE = "/cgi-bin/stable_token"
LIST = "/wxaapi/broadcast/goods/getapproved"


def later(seconds: float):
    return timezone.now() + timedelta(seconds=seconds)


def fetched(sim) -> list[bool]:
    """For each time a token was asked for, whether by force."""
    return [call["body"]["force_refresh"] for call in sim.calls(STABLE)]


# --- Fetching and keeping ---


def test_a_token_is_fetched_once(sim, keeper):
    assert keeper.get() == keeper.get()
    assert fetched(sim) == [False]


def test_another_process_finds_the_token_in_the_database(sim, keeper, account, transport):
    assert TokenKeeper(Account.objects.get(), transport).get() == keeper.get() == current(account.pk)
    assert fetched(sim) == [False]


def test_a_new_account_has_no_token(account):
    assert current(account.pk) is None


def test_a_token_is_stored_encrypted(keeper):
    token = keeper.get()
    stored = AccessToken.objects.get()
    assert token not in stored.value.encrypted
    assert stored.value.reveal() == token


@pytest.mark.parametrize(("lifetime", "renewed_after"), [(7200, 6900), (400, 200), (300, 150)])
def test_a_token_is_renewed_before_its_end(sim, keeper, lifetime, renewed_after):
    sim.settings(token_lifetime=lifetime)
    keeper.get()
    stored = AccessToken.objects.get()
    assert stored.renew_at - timezone.now() == pytest.approx(
        timedelta(seconds=renewed_after), abs=timedelta(seconds=2)
    )


def test_when_it_is_time_the_token_is_fetched_anew(sim, keeper, account):
    keeper.get()
    AccessToken.objects.update(renew_at=timezone.now())
    assert current(account.pk) is None
    keeper.get()
    assert fetched(sim) == [False, False]


def test_while_another_renews_the_old_token_serves(keeper, account):
    token = keeper.get()
    AccessToken.objects.update(renew_at=timezone.now(), lease="other", lease_until=later(20))
    assert keeper.get() == current(account.pk) == token


def test_while_wechat_hands_out_none_the_old_token_serves_to_its_end(sim, keeper):
    token = keeper.get()
    ask_again(Account.objects.get().pk)
    sim.next("errcode", path=STABLE, errcode=-1)
    assert failure(keeper.get).kind is Kind.BUSY
    assert keeper.get() == token
    AccessToken.objects.update(expires_at=later(5))
    assert failure(keeper.get).kind is Kind.BUSY


# --- Taking turns ---


def test_only_one_may_renew(account):
    assert isinstance(begin_renewal(account), Renewal)
    assert begin_renewal(account) is None


def test_a_lease_that_ran_out_is_taken_over(account):
    begin_renewal(account)
    AccessToken.objects.update(lease_until=timezone.now())
    assert isinstance(begin_renewal(account), Renewal)


def test_waiting_for_another_ends(keeper, account):
    begin_renewal(account)
    error = failure(keeper.get)
    assert (error.kind, error.errcode) == (Kind.BUSY, None)


def test_an_account_does_not_wait_for_another(sim, account, transport):
    begin_renewal(account)
    sim.add_account("wx00000000000000bb", "other-secret")
    other = Account.objects.create(
        name="Other", appid="wx00000000000000bb", secret="other-secret", practice=True
    )
    assert TokenKeeper(other, transport).get()


def test_who_lost_the_lease_does_not_overwrite_what_another_stored(keeper, account):
    slow = begin_renewal(account)
    AccessToken.objects.update(lease_until=timezone.now())
    token = keeper.get()
    assert finish_renewal(account.pk, slow, TokenAnswer("late", 7200)) == token
    assert current(account.pk) == token


def test_a_token_of_former_credentials_is_not_used(account):
    renewal = begin_renewal(account)
    account.secret = "another"
    account.save()
    error = failure(lambda: finish_renewal(account.pk, renewal, TokenAnswer("former", 7200)))
    assert error.kind is Kind.BUSY
    assert current(account.pk) is None


def test_a_renewal_uses_the_credentials_as_they_are_now(sim, keeper):
    sim.add_account(APPID, "changed")
    changed = Account.objects.get()
    changed.secret = "changed"
    changed.save()
    assert keeper.get()


SCRIPT = """
import threading, django
django.setup()
from django.db import connection
from shopadmin.wechat.models import Account
from shopadmin.wechat.token import TokenKeeper
from shopadmin.wechat.transport import Transport

transport, tokens = Transport(), []

def ask():
    tokens.append(TokenKeeper(Account.objects.get(), transport).get())
    connection.close()

threads = [threading.Thread(target=ask) for _ in range(6)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(tokens), len(set(tokens)), tokens[0])
"""
SET_UP = """
import django
django.setup()
from django.core.management import call_command
from shopadmin.wechat.models import Account
call_command("migrate", "wechat", verbosity=0)
Account.objects.create(name="Shop", appid="wx0123456789abcdef", secret="THE-SECRET", practice=True)
"""


def test_many_askers_in_several_processes_cause_one_renewal(sim, tmp_path):
    sim.settings(latency=0.5)
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "SIMULATOR_URL": sim.url,
    }
    run = [sys.executable, "-c"]
    set_up = SET_UP.replace("THE-SECRET", SECRET)
    subprocess.run([*run, set_up], env=environment, check=True, timeout=60)
    started = [
        subprocess.Popen([*run, SCRIPT], env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    answers = [process.communicate(timeout=60)[0].split() for process in started]
    assert {(answer[0], answer[1]) for answer in answers} == {("6", "1")}
    assert len({answer[2] for answer in answers}) == 1
    assert fetched(sim) == [False]


# --- Refused tokens ---


def test_a_refused_token_is_renewed_and_the_call_repeated(sim, account):
    client = client_for(account)
    client.live_goods.get_approved(2)
    sim.revoke_tokens()
    assert client.live_goods.get_approved(2).total == 1
    assert [call["errcode"] for call in sim.calls(LIST)] == [0, 40001, 0]
    assert fetched(sim) == [False, False]


def test_an_expired_token_is_renewed_and_the_call_repeated(sim, account):
    client = client_for(account)
    client.live_goods.get_approved(2)
    sim.advance(8000)
    client.live_goods.get_approved(2)
    assert [call["errcode"] for call in sim.calls(LIST)] == [0, 42001, 0]


def test_a_token_that_another_has_renewed_already_is_taken_over(sim, keeper):
    keeper.get()
    assert keeper.renew("an older one") == keeper.get()
    assert fetched(sim) == [False]


def test_a_token_handed_out_again_after_its_refusal_is_forced_once(sim, account):
    client = client_for(account)
    client.live_goods.get_approved(2)
    sim.next("errcode", path=LIST, errcode=40001)
    client.live_goods.get_approved(2)
    assert fetched(sim) == [False, False, True]


def test_a_call_that_is_always_refused_is_repeated_only_once(sim, account):
    client = client_for(account)
    sim.next("errcode", path=LIST, errcode=40001, times=100)
    error = failure(lambda: client.live_goods.get_approved(2))
    assert (error.kind, error.errcode) == (Kind.TOKEN, 40001)
    assert len(sim.calls(LIST)) == 2


def test_many_refused_calls_force_one_refresh(sim, account):
    client = client_for(account)
    sim.next("errcode", path=LIST, errcode=40001, times=100)
    for _ in range(5):
        assert failure(lambda: client.live_goods.get_approved(2)).kind is Kind.TOKEN
    assert fetched(sim).count(True) == 1


def test_a_refresh_may_be_forced_again_when_the_last_is_long_ago(sim, keeper):
    keeper.renew(keeper.get())
    AccessToken.objects.update(forced_at=timezone.now() - FORCE_AT_MOST_EVERY)
    sim.advance(60)
    keeper.renew(keeper.get())
    assert fetched(sim).count(True) == 2


def test_when_forcing_is_not_allowed_the_account_needs_attention(sim, keeper, account):
    token = keeper.get()
    AccessToken.objects.update(forced_at=timezone.now())
    error = failure(lambda: keeper.renew(token))
    account.refresh_from_db()
    assert error.kind is Kind.TOKEN
    assert account.has_problem
    assert fetched(sim) == [False, False]


def test_a_forced_refresh_without_an_answer_counts_as_spent(sim, keeper):
    token = keeper.get()
    sim.next("close_before", path=STABLE, skip=1)
    assert failure(lambda: keeper.renew(token)).kind is Kind.NOT_SENT
    AccessToken.objects.update(failed_until=None)
    assert failure(lambda: keeper.renew(token)).kind is Kind.TOKEN
    assert fetched(sim).count(True) == 1
