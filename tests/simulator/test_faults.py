"""Ordered answers: what the client sees, and whether the call took effect."""

import threading
import time

import pytest
import requests

from shopadmin.simulator.server import Simulator

ADD = "/wxaapi/broadcast/goods/add"
WAREHOUSE = "/wxa/business/getgoodswarehouse"


@pytest.fixture
def info(wechat):
    """A goodsInfo, its picture uploaded before anything is ordered to fail."""
    return {"goodsInfo": wechat.info()}


def send(wechat, info, **options):
    """The raw response to an add."""
    headers = {"Content-Type": "application/json"}
    query = {"access_token": wechat.token}
    body = str(info).replace("'", '"').encode()
    return wechat.request("POST", ADD, params=query, data=body, headers=headers, **options)


def added_goods(sim):
    return [goods for goods in sim.goods() if goods["origin"] == "api"]


def test_errcode_is_answered_instead(sim, wechat, info):
    sim.next("errcode", errcode=45011, errmsg="too fast")
    answer = wechat.post(ADD, info)
    assert answer["errcode"] == 45011
    assert answer["errmsg"].startswith("too fast rid: ")
    assert added_goods(sim) == []


def test_errcode_is_minus_one_unless_told_otherwise(sim, wechat, info):
    sim.next("errcode")
    assert wechat.post(ADD, info)["errcode"] == -1


def test_errcode_may_come_with_other_fields(sim, wechat, info):
    sim.next("errcode", errcode=300021, fields={"goodsId": 7})
    assert wechat.post(ADD, info)["goodsId"] == 7


def test_http_status_is_answered_instead(sim, wechat, info):
    sim.next("http", status=502, body="bad gateway")
    response = send(wechat, info)
    assert (response.status_code, response.text) == (502, "bad gateway")
    assert added_goods(sim) == []


def test_connection_is_closed_before_anything_happens(sim, wechat, info):
    sim.next("close_before")
    with pytest.raises(requests.ConnectionError):
        send(wechat, info)
    assert added_goods(sim) == []


def test_connection_is_closed_after_the_goods_were_made(sim, wechat, info):
    sim.next("close_after")
    with pytest.raises(requests.ConnectionError):
        send(wechat, info)
    assert len(added_goods(sim)) == 1


def test_hanging_call_runs_into_the_time_out(sim, wechat, info):
    sim.next("hang", seconds=0.6)
    with pytest.raises(requests.ReadTimeout):
        send(wechat, info, timeout=0.2)
    assert added_goods(sim) == []


def test_hanging_call_can_take_effect(sim, wechat, info):
    sim.next("hang", seconds=0.6, apply=True)
    with pytest.raises(requests.ReadTimeout):
        send(wechat, info, timeout=0.2)
    assert len(added_goods(sim)) == 1


def test_hanging_ends_with_a_closed_connection(sim, wechat, info):
    sim.next("hang", seconds=0.1)
    with pytest.raises(requests.ConnectionError):
        send(wechat, info)


def test_hanging_call_is_in_the_log_at_once(sim, wechat, info):
    sim.next("hang", seconds=0.6)
    with pytest.raises(requests.ReadTimeout):
        send(wechat, info, timeout=0.2)
    assert sim.calls(ADD)[-1]["http"] is None


def test_stop_ends_a_hanging_call():
    sim = Simulator().start()
    sim.next("hang", seconds=60)
    answers = []

    def ask():
        try:
            requests.get(f"{sim.url}/cgi-bin/token", timeout=30)
        except requests.ConnectionError as error:
            answers.append(error)

    client = threading.Thread(target=ask)
    client.start()
    while not sim.calls():
        time.sleep(0.01)
    started = time.monotonic()
    sim.stop()
    client.join()
    assert answers and time.monotonic() - started < 5


def test_slow_call_is_answered_rightly_in_the_end(sim, wechat, info):
    sim.next("slow", seconds=0.3)
    started = time.monotonic()
    assert wechat.post(ADD, info)["errcode"] == 0
    assert time.monotonic() - started >= 0.3


def test_garbage_is_no_json(sim, wechat, info):
    sim.next("garbage")
    with pytest.raises(requests.JSONDecodeError):
        send(wechat, info).json()
    assert len(added_goods(sim)) == 1


def test_empty_answer(sim, wechat, info):
    sim.next("empty")
    response = send(wechat, info)
    assert (response.status_code, response.content) == (200, b"")
    assert len(added_goods(sim)) == 1


def test_truncated_answer_is_half_of_the_json(sim, wechat, info):
    sim.next("truncated")
    body = send(wechat, info).content
    assert body.startswith(b'{"errcode"') and not body.endswith(b"}")
    assert len(added_goods(sim)) == 1


def test_truncated_answer_can_break_its_promised_length(sim, wechat, info):
    sim.next("truncated", short_length=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        send(wechat, info)


def test_html_answer(sim, wechat, info):
    sim.next("html")
    response = send(wechat, info)
    assert response.headers["Content-Type"].startswith("text/html")
    assert "<html>" in response.text


@pytest.mark.parametrize("value", [None, [], "ok", 0])
def test_answer_of_the_wrong_type(sim, wechat, info, value):
    sim.next("wrong_type", value=value)
    assert send(wechat, info).json() == value


def test_spoilt_answer_can_be_without_effect(sim, wechat, info):
    sim.next("garbage", apply=False)
    send(wechat, info)
    assert added_goods(sim) == []


def test_errcode_after_the_goods_were_made(sim, wechat, info):
    sim.next("apply_then_errcode", errcode=-1)
    answer = wechat.post(ADD, info)
    assert answer["errcode"] == -1
    assert "goodsId" not in answer
    assert len(added_goods(sim)) == 1


def test_errcode_after_the_goods_were_made_with_their_id(sim, wechat, info):
    sim.next("apply_then_errcode", errcode=300021, with_answer=True)
    answer = wechat.post(ADD, info)
    assert (answer["errcode"], answer["goodsId"]) == (300021, added_goods(sim)[0]["goods_id"])


def test_goods_whose_submission_failed_are_not_under_audit(sim, wechat, info):
    sim.next("apply_then_errcode", errcode=300021)
    wechat.post(ADD, info)
    assert added_goods(sim)[0]["audit_status"] == 0


def test_goods_whose_submission_failed_can_be_rejected_ones(sim, wechat, info):
    sim.next("apply_then_errcode", errcode=300021, audit_status=3)
    wechat.post(ADD, info)
    assert added_goods(sim)[0]["audit_status"] == 3


def test_http_status_after_the_goods_were_made(sim, wechat, info):
    sim.next("apply_then_http", status=504)
    assert send(wechat, info).status_code == 504
    assert len(added_goods(sim)) == 1


def test_any_order_can_set_the_content_type(sim, wechat, info):
    sim.next("errcode", content_type="text/plain")
    assert send(wechat, info).headers["Content-Type"] == "text/plain"


def test_order_is_used_up(sim, wechat):
    sim.next("errcode", times=2)
    assert [wechat.new_token().get("errcode") for _ in range(3)] == [-1, -1, None]


def test_order_waits_for_its_path(sim, wechat, info):
    sim.next("errcode", path=ADD)
    assert wechat.warehouse(1)["errcode"] == 0
    assert wechat.post(ADD, info)["errcode"] == -1


def test_order_for_a_family_of_paths(sim, wechat, info):
    sim.next("errcode", path="/wxaapi/*")
    assert wechat.warehouse(1)["errcode"] == 0
    assert wechat.post(ADD, info)["errcode"] == -1


def test_order_lets_some_calls_pass(sim, wechat):
    assert wechat.token
    sim.next("errcode", path=WAREHOUSE, skip=2)
    assert [wechat.warehouse(1)["errcode"] for _ in range(4)] == [0, 0, -1, 0]


def test_orders_are_met_one_after_the_other(sim, wechat):
    sim.next("errcode", errcode=1)
    sim.next("errcode", errcode=2)
    assert [wechat.new_token().get("errcode") for _ in range(3)] == [1, 2, None]


def test_orders_can_be_taken_back(sim, wechat):
    sim.next("errcode", times=100)
    sim.clear_next()
    assert "access_token" in wechat.new_token()


def test_frozen_secret_can_be_ordered(sim, wechat):
    sim.next("errcode", path="/cgi-bin/stable_token", errcode=40243, errmsg="appsecret has been frozen")
    assert wechat.stable_token()["errcode"] == 40243


@pytest.mark.parametrize(
    "order",
    [
        {"do": "explode"},
        {"do": "errcode", "times": 0},
        {"do": "errcode", "skip": -1},
        {"do": "errcode", "errcode": "45009"},
        {"do": "hang", "seconds": 100_000},
        {"do": "hang", "seconds": "long"},
        {"do": "errcode", "fields": []},
        {"do": "errcode", "colour": "red"},
    ],
)
def test_order_that_makes_no_sense_is_refused(sim, order):
    with pytest.raises(ValueError):
        sim.next(**order)


def test_latency_delays_every_call(sim, wechat):
    sim.settings(latency=0.2)
    started = time.monotonic()
    wechat.new_token()
    assert time.monotonic() - started >= 0.2


def test_calls_wait_side_by_side(sim, wechat):
    sim.settings(latency=0.3, jitter=0.05)
    started = time.monotonic()
    clients = [
        threading.Thread(target=requests.get, args=(f"{sim.url}/cgi-bin/token",), kwargs={"timeout": 5})
        for _ in range(8)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert time.monotonic() - started < 1.5


def test_knobs_are_not_delayed(sim):
    sim.settings(latency=5)
    assert requests.get(f"{sim.url}/_sim/settings", timeout=2).json()["latency"] == 5
