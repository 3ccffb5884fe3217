"""Access tokens of both endpoints."""

import pytest

LIST = "/wxaapi/broadcast/goods/getapproved"


def works(wechat, token):
    return wechat.get(LIST, token=token, offset=0, status=0)["errcode"]


def test_classic_token_comes_without_errcode(wechat):
    answer = wechat.new_token()
    assert set(answer) == {"access_token", "expires_in"}
    assert answer["expires_in"] == 7200


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"grant_type": "password"}, 40002),
        ({"grant_type": None, "appid": None}, 40002),
        ({"appid": "", "secret": ""}, 41002),
        ({"appid": "wx0000000000000000", "secret": ""}, 41004),
        ({"appid": "wx0000000000000000", "secret": "wrong"}, 40013),
        ({"secret": "wrong"}, 40125),
    ],
)
@pytest.mark.parametrize("endpoint", ["new_token", "stable_token"])
def test_credentials_are_checked_in_order(wechat, endpoint, changes, errcode):
    assert getattr(wechat, endpoint)(**changes)["errcode"] == errcode


def test_address_outside_the_whitelist_is_named(sim, wechat):
    sim.settings(ip_whitelist=["203.0.113.7"])
    answer = wechat.stable_token()
    assert answer["errcode"] == 40164
    assert "127.0.0.1" in answer["errmsg"]


def test_address_in_the_whitelist_gets_a_token(sim, wechat):
    sim.settings(ip_whitelist=["127.0.0.1"])
    assert "access_token" in wechat.stable_token()


def test_each_classic_call_gives_a_new_token(wechat):
    assert wechat.new_token() != wechat.new_token()


def test_old_classic_token_works_five_minutes_more(sim, wechat):
    old = wechat.new_token()["access_token"]
    wechat.new_token()
    sim.advance(299)
    assert works(wechat, old) == 0


def test_old_classic_token_is_unknown_after_five_minutes(sim, wechat):
    old = wechat.new_token()["access_token"]
    wechat.new_token()
    sim.advance(300)
    assert works(wechat, old) == 40001


def test_stable_token_stays_the_same(sim, wechat):
    first = wechat.stable_token()
    sim.advance(659)
    again = wechat.stable_token()
    assert again["access_token"] == first["access_token"]
    assert 6540 <= again["expires_in"] <= 6541


def test_stable_token_is_the_same_until_five_minutes_remain(sim, wechat):
    first = wechat.stable_token()["access_token"]
    sim.advance(7200 - 310)
    assert wechat.stable_token()["access_token"] == first


def test_stable_token_is_renewed_in_its_last_five_minutes(sim, wechat):
    first = wechat.stable_token()["access_token"]
    sim.advance(7200 - 299)
    second = wechat.stable_token()
    assert second["access_token"] != first
    assert second["expires_in"] == 7200


def test_renewed_stable_token_works_five_minutes_more(sim, wechat):
    old = wechat.stable_token()["access_token"]
    sim.advance(7200 - 10)
    wechat.stable_token()
    sim.advance(290)
    assert works(wechat, old) == 0


def test_renewed_stable_token_expires_in_the_end(sim, wechat):
    old = wechat.stable_token()["access_token"]
    sim.advance(7200 - 10)
    wechat.stable_token()
    sim.advance(300)
    assert works(wechat, old) == 42001


def test_expired_stable_token_is_not_brought_back_by_a_new_one(sim, wechat):
    old = wechat.stable_token()["access_token"]
    sim.advance(7300)
    wechat.stable_token()
    assert works(wechat, old) == 42001


def test_the_two_endpoints_do_not_disturb_each_other(sim, wechat):
    stable, classic = wechat.stable_token()["access_token"], wechat.new_token()["access_token"]
    wechat.stable_token(force_refresh=True)
    sim.advance(400)
    assert works(wechat, classic) == 0
    wechat.new_token()
    assert wechat.stable_token()["access_token"] != stable


def test_forced_refresh_kills_the_previous_token(wechat):
    old = wechat.stable_token()["access_token"]
    new = wechat.stable_token(force_refresh=True)["access_token"]
    assert (works(wechat, old), works(wechat, new)) == (40001, 0)


def test_forced_refresh_within_thirty_seconds_changes_nothing(sim, wechat):
    first = wechat.stable_token(force_refresh=True)["access_token"]
    sim.advance(29)
    assert wechat.stable_token(force_refresh=True)["access_token"] == first


def test_forced_refresh_after_thirty_seconds_gives_a_new_token(sim, wechat):
    first = wechat.stable_token(force_refresh=True)["access_token"]
    sim.advance(30)
    assert wechat.stable_token(force_refresh=True)["access_token"] != first


def test_twenty_first_forced_refresh_of_a_day_is_refused(sim, wechat):
    for _ in range(20):
        assert "access_token" in wechat.stable_token(force_refresh=True)
        sim.advance(31)
    assert wechat.stable_token(force_refresh=True)["errcode"] == 45009


def test_stable_token_has_a_limit_per_minute(sim, wechat):
    sim.settings(rate_limits={"/cgi-bin/stable_token": 2})
    answers = [wechat.stable_token().get("errcode") for _ in range(3)]
    assert answers == [None, None, 45011]


def test_minute_limit_is_over_with_the_minute(sim, wechat):
    sim.settings(rate_limits={"/cgi-bin/stable_token": 1})
    wechat.stable_token()
    sim.advance(60)
    assert "access_token" in wechat.stable_token()


def test_classic_token_has_a_limit_per_day(sim, wechat):
    sim.settings(quotas={"/cgi-bin/token": 1})
    wechat.new_token()
    assert wechat.new_token()["errcode"] == 45009


def test_short_lifetime_leaves_time_in_which_the_token_stays(sim, wechat):
    sim.settings(token_lifetime=10)
    first = wechat.stable_token()["access_token"]
    sim.advance(4)
    assert wechat.stable_token()["access_token"] == first


def test_short_lifetime_ends(sim, wechat):
    sim.settings(token_lifetime=10)
    token = wechat.stable_token()["access_token"]
    sim.advance(10)
    assert works(wechat, token) == 42001


def test_unknown_account_is_refused_while_accounts_are_closed(wechat):
    assert wechat.stable_token(appid="wx00000000000000aa")["errcode"] == 40013


def test_open_accounts_take_any_well_formed_appid(sim, wechat):
    sim.settings(open_accounts=True)
    assert "access_token" in wechat.stable_token(appid="wx00000000000000aa", secret="mine")


def test_open_accounts_keep_the_secret_first_used(sim, wechat):
    sim.settings(open_accounts=True)
    wechat.stable_token(appid="wx00000000000000aa", secret="mine")
    assert wechat.stable_token(appid="wx00000000000000aa", secret="yours")["errcode"] == 40125


def test_open_accounts_refuse_a_malformed_appid(sim, wechat):
    sim.settings(open_accounts=True)
    assert wechat.stable_token(appid="shop-1", secret="mine")["errcode"] == 40013


def test_new_secret_kills_the_tokens(sim, wechat):
    token = wechat.token
    sim.add_account(wechat.appid, "a-new-secret")
    assert works(wechat, token) == 40001


def test_revoked_token_is_unknown(sim, wechat):
    token = wechat.token
    assert sim.revoke_tokens(wechat.appid) == 1
    assert works(wechat, token) == 40001


def test_stable_token_is_new_after_revoking(sim, wechat):
    old = wechat.stable_token()["access_token"]
    sim.revoke_tokens()
    assert wechat.stable_token()["access_token"] != old
