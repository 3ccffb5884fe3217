"""Message push: what is sent to a callback, when, how it is signed, and how often it is tried."""

import base64
import hashlib
import json
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from shopadmin.simulator.push import encrypt, sign
from shopadmin.simulator.server import Simulator
from shopadmin.simulator.world import DEFAULT_APPID
from tests.simulator.conftest import NOON
from tests.simulator.storefront import added, ask

TOKEN = "demoToken2026"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


class Receiver:
    """The owner's server. ``answers`` are given one after the other, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = [(200, b"success")]
        self.echoes = True
        self.queries: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.types: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = dict(parse_qsl(urlsplit(self.path).query))
                self._answer(200, query["echostr"].encode() if receiver.echoes else b'"no"')

            def do_POST(self) -> None:
                receiver.queries.append(dict(parse_qsl(urlsplit(self.path).query)))
                receiver.types.append(self.headers["Content-Type"])
                receiver.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                answers = receiver.answers
                self._answer(*(answers.pop(0) if len(answers) > 1 else answers[0]))

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/callback"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def callback(sim, receiver):
    """Enter the receiver in the console; JSON and in the clear, unless something else is said."""

    def enter(**options):
        sim.settings(push_pause=0)
        sim.set_callback(receiver.url, TOKEN, **{"form": "json"} | options)

    return enter


def settled(sim: Any, count: int = 1) -> list[dict[str, Any]]:
    """The messages that were sent, once it is known what became of each."""
    until = time.monotonic() + 5
    while len(sent := sim.pushes()) < count or any(push["delivered"] is None for push in sent):
        assert time.monotonic() < until, sent
        time.sleep(0.01)
    return sent


def opened(encrypted: str) -> tuple[bytes, bytes]:
    """Message and appid, decrypted by the steps of the document."""
    key = base64.b64decode(AES_KEY + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
    assert len(padded) % 32 == 0 and 1 <= padded[-1] <= 32
    plain = padded[16 : -padded[-1]]
    length = int.from_bytes(plain[:4], "big")
    return plain[4 : 4 + length], plain[4 + length :]


# --- What is sent ---


def test_without_a_callback_nothing_is_sent(sim):
    (product_id,) = sim.make_spus()
    sim.remove_spu(product_id)
    assert sim.pushes() == []


@pytest.mark.parametrize(
    ("approve", "about"),
    [
        (True, {"status": 4, "spu_status": 5}),
        (False, {"status": 3, "spu_status": 0, "reject_reason": "主图含有联系方式"}),
    ],
)
def test_the_end_of_a_review_is_told(sim, wechat, callback, receiver, approve, about):
    callback()
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.review(product_id, approve=approve, reason="主图含有联系方式")
    settled(sim)
    assert receiver.messages() == [
        {
            "ToUserName": "gh_0123456789ab",
            "FromUserName": "oSimulatedWechatTeam",
            "CreateTime": pytest.approx(NOON, abs=30),
            "MsgType": "event",
            "Event": "open_product_spu_audit",
            "OpenProductSpuAudit": {"out_product_id": "TEA-7", "product_id": product_id} | about,
        }
    ]


def test_a_review_that_ends_by_itself_is_told_without_being_asked_for(sim, wechat, callback, receiver):
    callback()
    sim.settings(audit_delay=0.1)
    ask(wechat, "spu/listing", product_id=added(wechat))
    settled(sim)
    assert receiver.messages()[0]["OpenProductSpuAudit"]["status"] == 4


def test_the_end_of_a_review_may_be_left_untold(sim, wechat, callback):
    callback()
    sim.settings(push_reviews=False)
    ask(wechat, "spu/listing", product_id=added(wechat))
    sim.ripen()
    assert sim.pushes() == []


@pytest.mark.parametrize(
    ("spelling", "event", "name", "reason"),
    [
        ("newer", "open_product_spu_status_update", "OpenProductSpuStatusUpdate", "reason"),
        ("older", "open_product_spu_status_update", "OpenProductSpuAudit", "reject_reason"),
        ("oldest", "open_product_spu_audit", "OpenProductSpuAudit", "reject_reason"),
    ],
)
def test_a_removal_is_told_in_each_of_the_forms(sim, callback, receiver, spelling, event, name, reason):
    callback()
    sim.settings(push_status=spelling)
    (product_id,) = sim.make_spus()
    sim.remove_spu(product_id, reason="涉嫌虚假宣传")
    settled(sim)
    (message,) = receiver.messages()
    about = {"out_product_id": "", "product_id": product_id, "status": 13, reason: "涉嫌虚假宣传"}
    assert (message["Event"], message[name]) == (event, about)


def test_that_it_is_back_on_sale_is_told(sim, callback):
    (product_id,) = sim.make_spus()
    sim.remove_spu(product_id)
    callback()
    sim.restore_spu(product_id)
    assert settled(sim)[0]["message"]["OpenProductSpuStatusUpdate"]["status"] == 5


def test_a_removal_may_be_left_untold(sim, callback):
    callback()
    sim.settings(push_status="none")
    sim.remove_spu(*sim.make_spus())
    assert sim.pushes() == []


def test_each_account_has_a_callback_of_its_own(sim, other, callback):
    callback(appid=other.appid)
    sim.remove_spu(*sim.make_spus())
    sim.remove_spu(*sim.make_spus(appid=other.appid))
    assert [push["appid"] for push in settled(sim)] == [other.appid]


def test_any_message_may_be_sent_and_sent_twice(sim, callback, receiver):
    callback()
    sim.push({"Event": "demo", "CreateTime": 7}, times=2)
    settled(sim, 2)
    assert receiver.messages()[0] == receiver.messages()[1]
    assert (receiver.messages()[0]["Event"], receiver.messages()[0]["CreateTime"]) == ("demo", 7)
    assert receiver.queries[0]["nonce"] != receiver.queries[1]["nonce"]


# --- How it is written ---


def test_signature_and_encryption_are_the_documents():
    assert sign(TOKEN, "1795000001", "748213") == "f495ae52d8a0a9d23227c62a8959ab933f1d7585"
    assert opened(encrypt("测试".encode(), AES_KEY, DEFAULT_APPID)) == (
        "测试".encode(),
        DEFAULT_APPID.encode(),
    )


def test_a_plain_message_is_signed(sim, callback, receiver):
    callback()
    sim.push({"Event": "demo"})
    settled(sim)
    (query,) = receiver.queries
    assert query["signature"] == sign(TOKEN, query["timestamp"], query["nonce"])
    assert "msg_signature" not in query


@pytest.mark.parametrize(("mode", "clear"), [("secure", False), ("compatible", True)])
def test_an_encrypted_message_is_signed_as_a_whole(sim, callback, receiver, mode, clear):
    callback(aes_key=AES_KEY, mode=mode)
    sim.push({"Event": "demo"})
    settled(sim)
    (query,), (body,) = receiver.queries, receiver.messages()
    words = sorted([TOKEN, query["timestamp"], query["nonce"], body["Encrypt"]])
    assert query["msg_signature"] == hashlib.sha1("".join(words).encode()).hexdigest()
    message, appid = opened(body["Encrypt"])
    assert (json.loads(message)["Event"], appid.decode()) == ("demo", DEFAULT_APPID)
    assert ("Event" in body) is clear


def test_xml_keeps_what_xml_would_take_for_its_own(sim, callback, receiver):
    callback(form="xml")
    sim.push({"Event": "demo", "about": {"reason": "a < b & ]]> c", "status": 3}})
    settled(sim)
    root = ElementTree.fromstring(receiver.bodies[0])
    assert (root.findtext("about/reason"), root.findtext("about/status")) == ("a < b & ]]> c", "3")
    assert receiver.types == ["text/xml"]


# --- How often it is tried ---


@pytest.mark.parametrize("answer", [b"success", b""])
def test_a_message_that_was_taken_is_not_sent_again(sim, callback, receiver, answer):
    receiver.answers = [(200, answer)]
    callback()
    sim.push({"Event": "demo"})
    assert [(push["tries"], push["delivered"]) for push in settled(sim)] == [(1, True)]


@pytest.mark.parametrize("answer", [(500, b""), (200, b"<html>"), (403, b"refused"), (302, b"")])
def test_a_message_that_was_not_taken_is_tried_three_times(sim, callback, receiver, answer):
    receiver.answers = [answer]
    callback()
    sim.push({"Event": "demo"})
    assert [(push["tries"], push["delivered"]) for push in settled(sim)] == [(3, False)]
    assert len(receiver.bodies) == 3


def test_a_message_that_is_taken_at_the_second_try_is_delivered(sim, callback, receiver):
    receiver.answers = [(502, b""), (200, b"success")]
    callback()
    sim.push({"Event": "demo"})
    assert [(push["tries"], push["delivered"]) for push in settled(sim)] == [(2, True)]


def test_a_callback_where_nobody_listens_is_tried_three_times(sim, receiver):
    sim.settings(push_pause=0)
    sim.set_callback("http://127.0.0.1:9/", TOKEN, verify=False)
    sim.push({"Event": "demo"})
    assert [(push["tries"], push["http"]) for push in settled(sim)] == [(3, 0)]


# --- The console ---


def test_an_address_that_does_not_know_the_token_is_not_taken(sim, receiver):
    receiver.echoes = False
    with pytest.raises(ValueError, match="check of the token"):
        sim.set_callback(receiver.url, TOKEN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://127.0.0.1/"}, {"url": "nowhere"}, {"token": "ab"}, {"token": "with space"},
        {"aes_key": AES_KEY[1:]}, {"mode": "secure"}, {"mode": "open"}, {"form": "yaml"},
    ],
)  # fmt: skip
def test_what_the_console_would_not_take_is_refused(sim, receiver, wrong):
    with pytest.raises(ValueError):
        sim.set_callback(**{"url": receiver.url, "token": TOKEN} | wrong)


def test_a_callback_can_be_removed(sim, callback):
    callback()
    sim.set_callback("")
    with pytest.raises(ValueError, match="no callback"):
        sim.push({"Event": "demo"})


def test_the_knobs_are_there_over_http(sim, wechat, receiver):
    fields = {"url": receiver.url, "token": TOKEN, "aes_key": AES_KEY}
    assert wechat.request("POST", "/_sim/callback", json=fields).json() == {"ok": True}
    message = {"message": {"Event": "demo"}, "times": 2}
    assert wechat.request("POST", "/_sim/push", json=message).json() == {"ok": True}
    settled(sim, 2)
    pushes = wechat.request("GET", "/_sim/push").json()["pushes"]
    assert [push["message"]["Event"] for push in pushes] == ["demo", "demo"]


def test_neither_token_nor_key_is_shown(sim, wechat, callback):
    callback(aes_key=AES_KEY)
    sim.push({"Event": "demo"})
    settled(sim)
    shown = wechat.request("GET", "/_sim/state").text + wechat.request("GET", "/_sim/push").text
    assert TOKEN not in shown and AES_KEY not in shown
    assert sim.state()["accounts"][DEFAULT_APPID]["callback"]["mode"] == "secure"


def test_a_callback_survives_a_restart(tmp_path, receiver):
    with Simulator(state_file=tmp_path / "state.json") as sim:
        sim.set_callback(receiver.url, TOKEN)
    with Simulator(state_file=tmp_path / "state.json") as sim:
        sim.push({"Event": "demo"})
        assert settled(sim)[0]["delivered"]


def test_a_reset_forgets_callback_and_messages(sim, callback):
    callback()
    sim.push({"Event": "demo"})
    settled(sim)
    sim.reset()
    assert (sim.pushes(), sim.state()["accounts"][DEFAULT_APPID]["callback"]) == ([], None)
