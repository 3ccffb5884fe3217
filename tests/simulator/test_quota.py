"""Quotas: calls per day, submissions per day, and when they start again."""

import pytest

LOOK = "/cgi-bin/openapi/quota/get"
CLEAR = "/cgi-bin/clear_quota"
GOODS = "/wxaapi/broadcast/goods/"
DAY = 24 * 3600


def quota(wechat, path):
    return wechat.post(LOOK, {"cgi_path": path})


def withdrawn(wechat):
    answer = wechat.add()
    wechat.act("resetaudit", answer["goodsId"], auditId=answer["auditId"])
    return answer["goodsId"]


def test_submission_past_the_limit_is_refused(sim, wechat):
    sim.settings(quotas={"submissions": 2})
    assert [wechat.add()["errcode"] for _ in range(3)] == [0, 0, 300012]


def test_add_and_audit_share_the_submissions(sim, wechat):
    sim.settings(quotas={"submissions": 2})
    goods_id = withdrawn(wechat)
    assert wechat.act("audit", goods_id)["errcode"] == 0
    assert wechat.add()["errcode"] == 300012


def test_audit_past_the_limit_is_refused(sim, wechat):
    sim.settings(quotas={"submissions": 1})
    assert wechat.act("audit", withdrawn(wechat))["errcode"] == 300012


def test_withdrawing_gives_no_submission_back(sim, wechat):
    sim.settings(quotas={"submissions": 1})
    withdrawn(wechat)
    assert wechat.add()["errcode"] == 300012


def test_refused_add_costs_no_submission(sim, wechat):
    wechat.add(name="短")
    assert sim.state()["accounts"][wechat.appid]["counters"]["submissions"] == 0


def test_goods_are_not_created_without_a_submission(sim, wechat):
    sim.settings(quotas={"submissions": 0})
    before = sim.goods()
    wechat.add()
    assert sim.goods() == before


def test_submissions_are_fresh_on_the_next_day(sim, wechat):
    sim.settings(quotas={"submissions": 0})
    wechat.add()
    sim.settings(quotas={"submissions": 1})
    wechat.add()
    sim.advance(DAY)
    wechat._token = ""
    assert wechat.add()["errcode"] == 0


def test_day_ends_at_midnight_in_beijing(sim, wechat):
    sim.settings(quotas={GOODS + "add": 1})
    noon = sim.now()
    sim.set_clock(noon + 12 * 3600 - 60)
    wechat.add()
    assert wechat.add()["errcode"] == 45009
    sim.set_clock(noon + 12 * 3600 + 1)
    assert wechat.add()["errcode"] == 0


def test_calls_of_each_interface_are_counted_apart(sim, wechat):
    sim.settings(quotas={GOODS + "delete": 1})
    wechat.act("delete", wechat.added())
    assert wechat.act("delete", 9)["errcode"] == 45009
    assert wechat.add()["errcode"] == 0


def test_refused_calls_are_counted_too(sim, wechat):
    wechat.add(name="短")
    assert quota(wechat, GOODS + "add")["quota"]["used"] == 1


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        (GOODS + "add", 500),
        (GOODS + "resetaudit", 500),
        (GOODS + "audit", 500),
        (GOODS + "delete", 1000),
        (GOODS + "update", 1000),
        ("/wxa/business/getgoodswarehouse", 1000),
        (GOODS + "getapproved", 10_000),
    ],
)
def test_daily_limits_are_the_documented_ones(wechat, path, limit):
    assert quota(wechat, path)["quota"] == {"daily_limit": limit, "used": 0, "remain": limit}


def test_quota_shows_what_is_left(wechat):
    wechat.listed(0)
    assert quota(wechat, GOODS + "getapproved")["quota"] == {
        "daily_limit": 10_000,
        "used": 1,
        "remain": 9_999,
    }


def test_quota_shows_the_rate_limit(sim, wechat):
    sim.settings(rate_limits={GOODS + "add": 60})
    assert quota(wechat, GOODS + "add")["rate_limit"] == {"call_count": 60, "refresh_second": 60}


@pytest.mark.parametrize(
    ("path", "errcode"), [("/cgi-bin/none", 76021), (None, 76021), ([], 76021), ("/sns/userinfo", 76022)]
)
def test_quota_of_a_path_that_cannot_be_asked(wechat, path, errcode):
    assert quota(wechat, path)["errcode"] == errcode


def test_clearing_starts_the_calls_again(sim, wechat):
    wechat.listed(0)
    assert wechat.post(CLEAR, {"appid": wechat.appid}) == {"errcode": 0, "errmsg": "ok"}
    assert quota(wechat, GOODS + "getapproved")["quota"]["used"] == 0


def test_clearing_does_not_bring_submissions_back(sim, wechat):
    sim.settings(quotas={"submissions": 1})
    wechat.add()
    wechat.post(CLEAR, {"appid": wechat.appid})
    assert wechat.add()["errcode"] == 300012


def test_clearing_for_another_appid_is_refused(wechat):
    assert wechat.post(CLEAR, {"appid": "wx0000000000000000"})["errcode"] == 40013


def test_eleventh_clearing_of_a_month_is_refused(wechat):
    answers = [wechat.post(CLEAR, {"appid": wechat.appid})["errcode"] for _ in range(11)]
    assert answers == [0] * 10 + [48006]


def test_clearing_is_allowed_again_next_month(sim, wechat):
    for _ in range(11):
        wechat.post(CLEAR, {"appid": wechat.appid})
    sim.advance(31 * DAY)
    wechat._token = ""
    assert wechat.post(CLEAR, {"appid": wechat.appid})["errcode"] == 0


def test_accounts_have_quotas_of_their_own(sim, wechat, other):
    sim.settings(quotas={"submissions": 1})
    wechat.add()
    assert other.add()["errcode"] == 0


def test_addresses_of_the_service(wechat):
    assert wechat.get("/cgi-bin/get_api_domain_ip")["ip_list"]
