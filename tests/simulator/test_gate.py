"""What every call passes before its own rules."""

import json
import re
from http.client import HTTPConnection

import pytest

ADD = "/wxaapi/broadcast/goods/add"
UPDATE = "/wxaapi/broadcast/goods/update"
DELETE = "/wxaapi/broadcast/goods/delete"
APPROVED = "/wxaapi/broadcast/goods/getapproved"
WAREHOUSE = "/wxa/business/getgoodswarehouse"
POSTED = [
    ADD,
    UPDATE,
    DELETE,
    "/wxaapi/broadcast/goods/resetaudit",
    "/wxaapi/broadcast/goods/audit",
    WAREHOUSE,
]


def test_unknown_path_is_refused_as_json(wechat):
    assert wechat.get("/cgi-bin/nothing")["errcode"] == 40066


def test_unknown_path_of_the_live_family_is_a_plain_404(wechat):
    response = wechat.request("POST", "/wxaapi/broadcast/goods/deleteall")
    assert (response.status_code, response.text) == (404, "Not Found")
    assert response.headers["Content-Type"].startswith("text/plain")


def test_paths_are_case_sensitive(wechat):
    assert wechat.request("GET", "/wxaapi/broadcast/goods/getApproved").status_code == 404


@pytest.mark.parametrize("path", POSTED)
def test_get_where_post_is_required(wechat, path):
    assert wechat.get(path)["errcode"] == 43002


@pytest.mark.parametrize("path", ["/cgi-bin/token", "/cgi-bin/media/get", "/cgi-bin/get_api_domain_ip"])
def test_post_where_get_is_required(wechat, path):
    assert wechat.post(path, {})["errcode"] == 43001


def test_listing_by_post_is_a_system_error(wechat):
    assert wechat.post(APPROVED, {})["errcode"] == -1


def test_method_is_checked_before_the_token(wechat):
    assert wechat.get(ADD, token="")["errcode"] == 43002


def test_missing_token(wechat):
    assert wechat.post(ADD, {}, token="")["errcode"] == 41001


def test_unknown_token(wechat):
    assert wechat.post(ADD, {}, token="93_invented")["errcode"] == 40001


def test_expired_token(sim, wechat):
    assert wechat.token
    sim.advance(7200)
    assert wechat.post(ADD, {})["errcode"] == 42001


def test_token_is_checked_before_the_body(wechat):
    assert wechat.raw_post(ADD, b"not json", token="93_invented").json()["errcode"] == 40001


def test_empty_body(wechat):
    assert wechat.raw_post(ADD, b"").json()["errcode"] == 44002


@pytest.mark.parametrize(
    "body", [b"not json", b"[]", b'{"a":1,}', b'{"a":NaN}', b'{"a":"\xff"}', b"[" * 5000]
)
def test_body_that_is_no_json_object(wechat, body):
    assert wechat.raw_post(WAREHOUSE, body).json()["errcode"] == 47001


def test_body_is_checked_before_the_permission(sim, wechat):
    sim.add_account(wechat.appid, wechat.secret, {"live": False})
    assert wechat.raw_post(ADD, b"not json").json()["errcode"] == 47001


def test_account_without_live_is_not_authorised(sim, wechat):
    sim.add_account(wechat.appid, wechat.secret, {"live": False})
    assert wechat.warehouse(101)["errcode"] == 48001


def test_permission_is_checked_before_the_quota(sim, wechat):
    sim.add_account(wechat.appid, wechat.secret, {"live": False})
    sim.settings(quotas={WAREHOUSE: 0})
    assert wechat.warehouse(101)["errcode"] == 48001


def test_rate_is_checked_before_the_daily_quota(sim, wechat):
    sim.settings(quotas={WAREHOUSE: 0}, rate_limits={WAREHOUSE: 0})
    assert wechat.warehouse(101)["errcode"] == 45011


def test_daily_quota_is_checked_before_the_rules(sim, wechat):
    sim.settings(quotas={ADD: 0})
    assert wechat.post(ADD, {})["errcode"] == 45009


@pytest.mark.parametrize("kind", ["text/xml", "application/x-www-form-urlencoded", "text/plain"])
def test_live_family_reads_no_body_of_another_content_type(wechat, kind):
    answer = wechat.post(ADD, {"goodsInfo": {}}, headers={"Content-Type": kind})
    assert answer["errcode"] == 200002
    assert answer["errmsg"].startswith("goodsInfo must not be empty")


def test_other_families_do_not_look_at_the_content_type(wechat):
    body = json.dumps({"goods_ids": [101]}).encode()
    assert wechat.raw_post(WAREHOUSE, body, headers={"Content-Type": "text/plain"}).json()["errcode"] == 0


def test_charset_in_the_content_type_is_welcome(wechat):
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert wechat.post(ADD, {"goodsInfo": wechat.info()}, headers=headers)["errcode"] == 0


def test_escaped_chinese_is_refused(wechat):
    body = json.dumps({"goodsInfo": wechat.info()}).encode()
    assert wechat.raw_post(ADD, body).json()["errcode"] == 47002


@pytest.mark.parametrize("text", [r"\u0041", r"C:\\u4e2d"])
def test_what_only_looks_like_escaped_chinese_is_read(wechat, text):
    body = b'{"goodsInfo":{"name":"' + text.encode() + b'"}}'
    assert wechat.raw_post(ADD, body).json()["errcode"] == 200002


def test_escaped_chinese_is_read_where_the_switch_is_off(sim, wechat):
    sim.settings(refuse_unicode_escapes=False)
    body = json.dumps({"goodsInfo": wechat.info()}).encode()
    assert wechat.raw_post(ADD, body).json()["errcode"] == 0


def test_compressed_body_is_refused(wechat):
    headers = {"Content-Encoding": "gzip"}
    assert wechat.raw_post(ADD, b"\x1f\x8b", headers=headers).json()["errcode"] == 40221


def test_chunked_body_is_refused_without_a_word(wechat):
    response = wechat.raw_post(ADD, iter([b'{"goods', b'Info":{}}']))
    assert (response.status_code, response.content) == (412, b"")


def test_every_refusal_carries_a_request_id(wechat):
    errmsg = wechat.post(ADD, {}, token="")["errmsg"]
    assert re.search(r" rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$", errmsg)


def test_connection_is_kept_alive(sim):
    connection = HTTPConnection("127.0.0.1", sim.port, timeout=5)
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/cgi-bin/token")
        connection.getresponse().read()
        sockets.add(connection.sock)
    connection.close()
    assert len(sockets) == 1 and None not in sockets
