"""Testing the connection: a token, one harmless read, and the result in plain words."""

import pytest
from django.utils import translation

from shopadmin.wechat import tasks
from shopadmin.wechat.errcodes import explain
from shopadmin.wechat.models import Account
from tests.conftest import APPID, SECRET


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def try_out(account: Account) -> Account:
    account.request_test()
    tasks.test_connection(account.pk)
    account.refresh_from_db()
    assert not account.test_pending
    return account


def test_a_good_connection_works(sim, account):
    assert try_out(account).connection_summary == "The connection works."


def test_it_reads_one_item_and_changes_nothing(sim, account):
    try_out(account)
    assert [call["path"] for call in sim.calls()] == [
        "/cgi-bin/stable_token",
        "/wxaapi/broadcast/goods/getapproved",
    ]
    assert sim.calls()[-1]["query"]["limit"] == "1"


def test_an_account_without_live_goods_reads_something_else(sim, account):
    account.families = ["window"]
    account.save()
    assert try_out(account).test_ok
    assert sim.calls()[-1]["path"] == "/cgi-bin/get_api_domain_ip"


def test_a_wrong_secret_is_named(sim, account):
    sim.add_account(APPID, "changed-at-wechat")
    assert "The AppSecret is wrong." in try_out(account).connection_summary


def test_an_unknown_appid_is_named(sim, account):
    account.appid = "wx00000000000000ee"
    account.save()
    assert "does not know this AppID" in try_out(account).connection_summary


def test_a_missing_whitelist_entry_is_named_with_the_address(sim, account):
    sim.settings(ip_whitelist=["198.51.100.1"])
    summary = try_out(account).connection_summary
    assert "this server's address (127.0.0.1)" in summary
    assert "IP whitelist" in summary


def test_a_family_that_is_switched_off_is_named(sim, account):
    sim.add_account(APPID, SECRET, {"live": False})
    assert "Switch the function on" in try_out(account).connection_summary


def test_an_unreachable_server_is_named(sim, account, settings, refusing_url):
    settings.SIMULATOR_URL = refusing_url
    assert "could not be reached" in try_out(account).connection_summary


def test_a_server_that_answers_nonsense_is_named(sim, account):
    sim.next("html", path="/wxaapi/broadcast/goods/getapproved")
    assert "did not answer properly" in try_out(account).connection_summary


def test_a_token_that_is_always_refused_is_named(sim, account):
    sim.next("errcode", path="/wxaapi/broadcast/goods/getapproved", errcode=40001, times=9)
    assert "refuses the access token" in try_out(account).connection_summary


def test_a_used_up_quota_is_named(sim, account):
    sim.next("errcode", path="/wxaapi/broadcast/goods/getapproved", errcode=45009)
    assert "used up" in try_out(account).connection_summary


def test_a_lost_key_is_named(sim, account, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["another-key"]
    assert "FIELD_ENCRYPTION_KEYS" in try_out(account).connection_summary


def test_a_stored_token_does_not_hide_a_wrong_secret(sim, account):
    try_out(account)
    sim.add_account(APPID, "changed-at-wechat")
    assert not try_out(account).test_ok


def test_a_remembered_failure_does_not_hide_that_it_works_again(sim, account):
    sim.settings(ip_whitelist=["198.51.100.1"])
    try_out(account)
    sim.settings(ip_whitelist=[])
    assert try_out(account).connection_summary == "The connection works."


def test_an_account_that_is_gone_is_no_error(db):
    tasks.test_connection(12345)


def test_the_result_is_told_in_the_readers_language(sim, account):
    sim.next("errcode", path="/wxaapi/broadcast/goods/getapproved", errcode=47001)
    try_out(account)
    with translation.override("zh-hans"):
        assert explain(47001, "live_goods").meaning_zh in account.connection_summary
