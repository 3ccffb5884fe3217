"""The knobs over HTTP, the call log and the page."""

import pytest

from shopadmin.simulator.world import DEFAULT_APPID, DEFAULT_SECRET


@pytest.fixture
def knob(wechat):
    """Turns a knob: method, path below /_sim/, JSON body; answers with status and JSON."""

    def turn(method, path, body=None, **options):
        response = wechat.request(method, f"/_sim/{path}", json=body, **options)
        return response.status_code, response.json()

    return turn


def test_state_shows_goods_and_counters(wechat, knob):
    goods_id = wechat.added()
    account = knob("GET", "state")[1]["accounts"][DEFAULT_APPID]
    assert goods_id in [goods["goods_id"] for goods in account["goods"]]
    assert account["counters"]["submissions"] == 1
    assert account["media"][-1]["alive"] is True


def test_state_shows_neither_secret_nor_token(wechat):
    token = wechat.stable_token()["access_token"]
    text = wechat.request("GET", "/_sim/state").text
    assert DEFAULT_SECRET not in text and token not in text
    assert token[:6] in text


def test_settings_are_changed_and_shown(knob):
    assert knob("POST", "settings", {"audit_delay": 3})[1]["audit_delay"] == 3
    assert knob("GET", "settings")[1]["audit_delay"] == 3


def test_quotas_are_changed_one_by_one(knob):
    knob("POST", "settings", {"quotas": {"/cgi-bin/token": 5}})
    assert knob("POST", "settings", {"quotas": {"submissions": 7}})[1]["quotas"] == {
        "/cgi-bin/token": 5,
        "submissions": 7,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "red"},
        {"latency": "slow"},
        {"latency": -1},
        {"latency": True},
        {"zero_total": 1},
        {"pages": "pages/index"},
        {"quotas": {"/no/such/path": 1}},
        {"quotas": {"submissions": -1}},
        {"quotas": 5},
        {"list_tag": "tag"},
        {"content_type": 5},
    ],
)
def test_settings_that_do_not_fit_are_refused(knob, changes):
    status, answer = knob("POST", "settings", changes)
    assert status == 400
    assert answer["error"]


def test_refused_settings_change_nothing(knob):
    knob("POST", "settings", {"audit_delay": 3, "colour": "red"})
    assert knob("GET", "settings")[1]["audit_delay"] == 15


def test_next_answer_is_ordered_over_http(wechat, knob):
    knob("POST", "next", {"do": "errcode", "errcode": 45009})
    assert wechat.stable_token()["errcode"] == 45009


def test_next_answers_are_cleared_over_http(wechat, knob):
    knob("POST", "next", {"do": "errcode"})
    knob("DELETE", "next")
    assert "access_token" in wechat.stable_token()


def test_order_without_a_kind_is_refused(knob):
    assert knob("POST", "next", {"errcode": 1})[0] == 400


def test_clock_is_advanced_over_http(sim, knob):
    before = sim.now()
    assert 3600 <= knob("POST", "clock", {"advance": 3600})[1]["now"] - before < 3610


def test_clock_is_set_over_http(knob):
    now = knob("POST", "clock", {"set": "2027-01-01T08:00:00+08:00"})[1]["now"]
    assert 0 <= now - 1798761600 < 10


def test_time_without_a_zone_is_beijing_time(knob):
    now = knob("POST", "clock", {"set": "2027-01-01 08:00:00"})[1]["now"]
    assert 0 <= now - 1798761600 < 10


def test_goods_are_made_over_http(wechat, knob):
    body = {"name": "控制台里的商品", "price_type": 2, "price": 10, "price2": 20.5, "audit_status": 3}
    (goods_id,) = knob("POST", "goods", body)[1]["goodsIds"]
    row = wechat.warehouse(goods_id)["goods"][0]
    assert (row["name"], row["price2"], row["audit_status"], row["third_party_tag"]) == (
        "控制台里的商品",
        20.5,
        3,
        0,
    )


def test_goods_can_be_made_as_if_by_api(wechat, knob):
    (goods_id,) = knob("POST", "goods", {"origin": "api"})[1]["goodsIds"]
    assert wechat.act("delete", goods_id)["errcode"] == 0


def test_goods_made_under_audit_as_if_by_api_ripen(sim, wechat):
    (goods_id,) = sim.make_goods(origin="api", audit_status=1)
    sim.ripen()
    assert wechat.warehouse(goods_id)["goods"][0]["audit_status"] == 2


def test_goods_are_changed_over_http(wechat, knob):
    goods_id = wechat.added()
    knob("POST", "goods", {"action": "change", "goodsId": goods_id, "price": 1.5, "audit_status": 3})
    row = wechat.warehouse(goods_id)["goods"][0]
    assert (row["price"], row["audit_status"]) == (1.5, 3)


def test_goods_are_deleted_over_http(wechat, knob):
    goods_id = wechat.added()
    knob("POST", "goods", {"action": "delete", "goodsId": goods_id})
    assert wechat.warehouse(goods_id)["goods"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "paint"}, 400),
        ({"action": "delete", "goodsId": 999_999}, 404),
        ({"action": "delete"}, 404),
        ({"appid": "wx0000000000000000"}, 404),
        ({"origin": "nowhere"}, 400),
        ({"count": 0}, 400),
        ({"colour": "red"}, 400),
        ({"price": "much"}, 400),
        ({"audit_status": 9}, 400),
    ],
)
def test_impossible_goods_are_refused(sim, knob, body, status):
    before = sim.goods()
    assert knob("POST", "goods", body)[0] == status
    assert sim.goods() == before


def test_verdict_over_http(wechat, knob):
    goods_id = wechat.added()
    assert knob("POST", "verdict", {"goodsId": goods_id, "approve": False})[0] == 200
    assert wechat.warehouse(goods_id)["goods"][0]["audit_status"] == 3


def test_verdict_on_unknown_goods(knob):
    assert knob("POST", "verdict", {"goodsId": 999_999, "approve": True})[0] == 404


def test_verdict_on_goods_not_under_audit(sim, knob):
    goods_id = sim.goods()[0]["goods_id"]
    assert knob("POST", "verdict", {"goodsId": goods_id, "approve": True})[0] == 400


def test_audits_are_ended_over_http(wechat, knob):
    wechat.add()
    assert knob("POST", "ripen")[1] == {"decided": 1}


def test_account_is_opened_over_http(sim, wechat, knob):
    knob("POST", "accounts", {"appid": "wx2222222222222222", "secret": "s", "families": {"live": False}})
    assert "access_token" in wechat.stable_token(appid="wx2222222222222222", secret="s")
    assert sim.state()["accounts"]["wx2222222222222222"]["families"]["live"] is False


@pytest.mark.parametrize(
    "body", [{"appid": "", "secret": ""}, {"appid": "wx1"}, {"secret": "s", "appid": "a", "x": 1}]
)
def test_incomplete_account_is_refused(knob, body):
    assert knob("POST", "accounts", body)[0] == 400


def test_family_that_does_not_exist_is_refused(knob):
    body = {"appid": DEFAULT_APPID, "secret": DEFAULT_SECRET, "families": {"moon": True}}
    assert knob("POST", "accounts", body)[0] == 400


def test_family_can_be_switched_on_again(sim, wechat):
    sim.add_account(wechat.appid, wechat.secret, {"live": False})
    sim.add_account(wechat.appid, wechat.secret, {"live": True})
    assert wechat.warehouse(1)["errcode"] == 0


def test_tokens_are_revoked_over_http(wechat, knob):
    assert wechat.token
    assert knob("POST", "tokens/revoke", {"appid": wechat.appid})[1] == {"revoked": 1}


def test_reset_brings_the_first_day_back(sim, wechat, knob):
    wechat.add()
    sim.settings(audit_delay=1)
    sim.next("errcode")
    sim.add_account("wx2222222222222222", "s")
    knob("POST", "reset")
    state = sim.state()
    assert list(state["accounts"]) == [DEFAULT_APPID]
    assert [goods["origin"] for goods in sim.goods()] == ["console"] * 4
    assert (state["settings"]["audit_delay"], state["next"], sim.calls()) == (15, [], [])


def test_reset_never_gives_an_id_twice(sim, wechat):
    last = wechat.added()
    sim.reset()
    assert sim.goods()[0]["goods_id"] > last


def test_unknown_knob_lists_the_known_ones(knob):
    status, answer = knob("GET", "nothing")
    assert status == 404
    assert "POST /_sim/next" in answer["knobs"]


@pytest.mark.parametrize("body", [[], "text"])
def test_body_of_a_knob_must_be_an_object(knob, body):
    assert knob("POST", "settings", body)[0] == 400
    assert knob("POST", "next", body)[0] == 400


def test_knobs_cannot_be_turned_from_another_site(wechat):
    headers = {"Origin": "https://elsewhere.example"}
    assert wechat.request("POST", "/_sim/reset", headers=headers).status_code == 403


def test_log_holds_the_call_with_its_answer(wechat, knob):
    wechat.warehouse(7)
    (call,) = knob("GET", "calls", params={"path": "/wxa/business/getgoodswarehouse"})[1]["calls"]
    assert (call["method"], call["body"], call["http"], call["errcode"]) == (
        "POST",
        {"goods_ids": [7]},
        200,
        0,
    )
    assert (call["content_type"], call["appid"]) == ("application/json", wechat.appid)


def test_log_goes_on_after_a_number(sim, wechat):
    wechat.warehouse(1)
    last = sim.calls()[-1]["seq"]
    wechat.warehouse(2)
    assert [call["body"] for call in sim.calls(since=last)] == [{"goods_ids": [2]}]


def test_log_can_be_emptied(wechat, knob):
    wechat.warehouse(1)
    knob("DELETE", "calls")
    assert knob("GET", "calls")[1]["calls"] == []


def test_log_holds_no_token_and_no_secret(sim, wechat):
    token = wechat.token
    wechat.stable_token()
    wechat.warehouse(1)
    wechat.request("POST", "/cgi-bin/stable_token", data=f'{{"secret":"{DEFAULT_SECRET}"')
    text = str(sim.calls())
    assert token not in text and DEFAULT_SECRET not in text


def test_log_says_how_large_an_upload_was(sim, wechat, picture):
    wechat.upload(picture())
    assert sim.calls("/cgi-bin/media/upload")[0]["body"].startswith("multipart, ")


def test_log_names_the_fault_and_whether_the_call_took_effect(sim, wechat):
    sim.next("errcode")
    wechat.new_token()
    call = sim.calls()[-1]
    assert (call["fault"], call["applied"]) == ("errcode", False)


def test_page_says_that_it_is_not_wechat(wechat):
    response = wechat.request("GET", "/")
    assert "not WeChat" in response.text
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_page_shows_prices_as_buyers_see_them(wechat):
    wechat.add(priceType=3, price=68, price2=49.9)
    text = wechat.request("GET", "/").text
    assert "<del>¥68</del> ¥49.9" in text
    assert "¥58 – ¥88" in text


def test_page_escapes_what_others_wrote(sim, wechat):
    sim.make_goods(name="<script>alert(1)</script>")
    assert "<script>" not in wechat.request("GET", "/").text


def test_page_shows_the_latest_calls(sim, wechat):
    sim.next("close_before", path="/cgi-bin/stable_token")
    wechat.new_token()
    assert "/cgi-bin/token" in wechat.request("GET", "/").text


def test_page_reloads_unless_told_not_to(wechat):
    assert 'http-equiv="refresh"' in wechat.request("GET", "/").text
    assert 'http-equiv="refresh"' not in wechat.request("GET", "/?still=1").text


@pytest.mark.parametrize(("approve", "status"), [("true", 2), ("false", 3)])
def test_buttons_of_the_page_decide_an_audit(wechat, approve, status):
    goods_id = wechat.added()
    form = {"goodsId": goods_id, "approve": approve}
    headers = {"Origin": wechat.url}
    response = wechat.request("POST", "/_sim/verdict", data=form, headers=headers, allow_redirects=False)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert wechat.warehouse(goods_id)["goods"][0]["audit_status"] == status


def test_json_is_understood_even_if_it_is_called_a_form(wechat):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = wechat.request("POST", "/_sim/settings", data='{"audit_delay": 4}', headers=headers)
    assert response.json()["audit_delay"] == 4
