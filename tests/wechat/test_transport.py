"""One HTTP exchange: the bytes that go out, and what is believed of those that come back."""

import datetime
import logging
import multiprocessing
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.transport import Transport, encode
from tests.wechat.conftest import http_answer

TOKEN = "a-token-that-nobody-may-see"
PATH = "/wxaapi/broadcast/goods/getapproved"


def call(transport: Transport, url: str, **what):
    return transport.request("POST", url + PATH, params={"access_token": TOKEN}, json_body={"a": 1}, **what)


def failure(transport: Transport, url: str, **what) -> WeChatError:
    with pytest.raises(WeChatError) as caught:
        call(transport, url, **what)
    return caught.value


def assert_tells_nothing(error: WeChatError) -> None:
    assert TOKEN not in f"{error} {error!r} {vars(error)}"
    assert error.__context__ is None and error.__cause__ is None


# --- What goes out ---


def test_chinese_goes_out_as_itself(transport, wire):
    transport.request("POST", wire.url, json_body={"name": "挂耳咖啡"})
    assert wire.requests[0].endswith('{"name":"挂耳咖啡"}'.encode())


def test_a_body_is_declared_as_json_with_its_length(transport, wire):
    transport.request("POST", wire.url, json_body={"name": "杯"})
    head = wire.requests[0].lower()
    assert b"content-type: application/json; charset=utf-8\r\n" in head
    assert b"content-length: 14\r\n" in head
    assert b"transfer-encoding" not in head


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("99.50", "99.5"),
        ("99.00", "99"),
        ("1E+2", "100"),
        ("0.01", "0.01"),
        ("1234567890.99", "1234567890.99"),
        ("0", "0"),
        ("18446744073709551615", "18446744073709551615"),
    ],
)
def test_decimals_go_out_exactly_and_plainly(amount, written):
    assert encode({"price": Decimal(amount)}) == f'{{"price":{written}}}'.encode()


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "0.00000001", "1.00000000000000000001"])
def test_a_decimal_that_json_cannot_carry_exactly_is_refused(amount):
    with pytest.raises(ValueError, match="cannot be sent exactly"):
        encode({"price": Decimal(amount)})


def test_what_is_not_json_is_refused():
    with pytest.raises(TypeError, match="date cannot be sent"):
        encode({"day": datetime.date(2026, 1, 1)})


def test_a_file_goes_out_as_one_part_with_its_name(transport, wire):
    transport.request("POST", wire.url, files={"media": ("cover.png", b"picture", "image/png")})
    assert b'name="media"; filename="cover.png"\r\nContent-Type: image/png\r\n\r\npicture' in wire.requests[0]
    assert b"transfer-encoding" not in wire.requests[0].lower()


def test_a_connection_is_used_again(transport, wire):
    call(transport, wire.url)
    call(transport, wire.url)
    assert (len(wire.requests), wire.connections) == (2, 1)


def test_a_connection_that_was_idle_for_long_is_not_trusted(wire):
    transport = Transport(idle_seconds=0)
    call(transport, wire.url)
    call(transport, wire.url)
    assert wire.connections == 2


def test_every_thread_has_its_own_connection(transport, wire):
    call(transport, wire.url)
    other = threading.Thread(target=call, args=(transport, wire.url))
    other.start()
    other.join()
    assert wire.connections == 2


def test_no_more_requests_than_agreed_are_under_way_at_once(sim):
    sim.settings(latency=0.2)
    transport = Transport(concurrency=1)
    threads = [threading.Thread(target=failure, args=(transport, sim.url)) for _ in range(3)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun >= 3 * 0.2


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_forked_process_makes_its_own_connection(transport, wire):
    call(transport, wire.url)
    child = multiprocessing.get_context("fork").Process(target=call, args=(transport, wire.url))
    child.start()
    child.join(10)
    call(transport, wire.url)
    assert (child.exitcode, wire.connections) == (0, 2)


def test_proxies_in_the_environment_are_ignored(transport, wire, refusing_url, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, refusing_url)
    assert call(transport, wire.url) == {"errcode": 0}


def test_a_redirect_is_not_followed(transport, wire):
    wire.answer = http_answer(b"", "307 Temporary Redirect", f"Location: {wire.url}/elsewhere\r\n")
    assert failure(transport, wire.url).kind is Kind.PERMISSION
    assert len(wire.requests) == 1


@pytest.mark.parametrize("fault", ["close_before", "close_after", "empty", "http"])
def test_nothing_is_repeated(sim, transport, fault):
    sim.next(fault)
    failure(transport, sim.url)
    assert len(sim.calls()) == 1


# --- What is believed ---


@pytest.mark.parametrize(
    "body",
    [
        b'{"errcode":0}',
        b"{}",
        b'{"errcode":"0"}',
        b'{"errcode":null}',
        b'{"errcode":0.0,"new":[{}]}',
        b"\xef\xbb\xbf{}",
    ],
)
def test_success_may_be_said_in_many_ways(transport, wire, body):
    wire.answer = http_answer(body)
    assert isinstance(call(transport, wire.url), dict)


def test_the_content_type_of_an_answer_does_not_matter(transport, wire):
    wire.answer = http_answer(
        '{"name":"杯"}'.encode(), headers="Content-Type: text/plain; charset=latin-1\r\n"
    )
    assert call(transport, wire.url) == {"name": "杯"}


def test_control_characters_in_texts_are_read(transport, wire):
    wire.answer = http_answer(b'{"name":"a\nb\tc"}')
    assert call(transport, wire.url) == {"name": "a\nb\tc"}


def test_characters_that_no_database_takes_are_left_out(transport, wire):
    wire.answer = http_answer(rb'{"name":"a\u0000b\ud800c","list":[{"\u0000k":"\u676f"}]}')
    assert call(transport, wire.url) == {"name": "ab?c", "list": [{"k": "杯"}]}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_no_database_takes_are_left_out(transport, wire, number):
    wire.answer = http_answer(b'{"price":%s}' % number.encode())
    assert call(transport, wire.url) == {"price": None}


def test_an_error_carries_everything_wechat_said(transport, wire):
    body = b'{"errcode":300017,"errmsg":"goods is not auditing rid: 691f7a10-2b7c1d44-5e0a9931","x":1}'
    wire.answer = http_answer(body)
    error = failure(transport, wire.url, family="live_goods")
    assert (error.kind, error.errcode, error.rid) == (Kind.STATE, 300017, "691f7a10-2b7c1d44-5e0a9931")
    assert error.errmsg.startswith("goods is not auditing")
    assert (error.http_status, error.answer["x"]) == (200, 1)


def test_an_errcode_may_be_text(transport, wire):
    wire.answer = http_answer(b'{"errcode":"45009"}')
    assert failure(transport, wire.url).errcode == 45009


def test_an_error_without_words_is_still_that_error(transport, wire):
    wire.answer = http_answer(b'{"errcode":45009}')
    error = failure(transport, wire.url)
    assert (error.kind, error.errcode, error.errmsg) == (Kind.QUOTA, 45009, "")


def test_an_undocumented_code_leaves_open_what_happened(transport, wire):
    wire.answer = http_answer(b'{"errcode":987654,"errmsg":"?"}')
    assert failure(transport, wire.url).kind is Kind.UNKNOWN


@pytest.mark.parametrize("code", [40001, 40014, 41001, 42001, 48012])
@pytest.mark.parametrize("family", ["common", "live_goods"])
def test_a_refused_token_is_told_apart(transport, wire, code, family):
    wire.answer = http_answer(b'{"errcode":%d}' % code)
    assert failure(transport, wire.url, family=family).kind is Kind.TOKEN


def test_the_family_decides_what_a_code_means(transport, wire):
    wire.answer = http_answer(b'{"errcode":1003}')
    assert failure(transport, wire.url, family="live_goods").kind is Kind.NOT_FOUND
    assert failure(transport, wire.url, family="common").kind is Kind.INPUT


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"null", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b'"ok"', "not a JSON object"),
        (b'{"errcode":0', "not a JSON object"),
        (b"<html>busy</html>", "not a JSON object"),
        (b"\xff\xfe\x00", "not a JSON object"),
        (b"[" * 100_000, "not a JSON object"),
        (b'{"errcode":"soon"}', "errcode"),
        (b'{"errcode":[]}', "errcode"),
        (b'{"errcode":true}', "errcode"),
        (b'{"errcode":1e30}', "errcode"),
    ],
)
def test_what_is_no_answer_is_called_so(transport, wire, body, says):
    wire.answer = http_answer(body)
    error = failure(transport, wire.url)
    assert (error.kind, error.errcode) == (Kind.NO_ANSWER, None)
    assert says in error.errmsg


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "garbage"},
        {"do": "empty"},
        {"do": "html"},
        {"do": "truncated"},
        {"do": "truncated", "short_length": True},
        {"do": "wrong_type", "value": [1]},
        {"do": "http", "status": 503},
        {"do": "http", "status": 502, "body": '{"errcode":0}'},
        {"do": "close_before"},
        {"do": "close_after"},
        {"do": "hang", "seconds": 1.5},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_without_a_usable_answer_nobody_knows_what_happened(sim, transport, fault):
    sim.next(**fault)
    error = failure(transport, sim.url)
    assert error.kind is Kind.NO_ANSWER
    assert_tells_nothing(error)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("404 Not Found", Kind.PERMISSION),
        ("403 Forbidden", Kind.PERMISSION),
        ("412 Precondition Failed", Kind.INPUT),
        ("413 Content Too Large", Kind.INPUT),
        ("429 Too Many Requests", Kind.BUSY),
    ],
)
def test_a_refusal_by_the_gateway_was_not_executed(transport, wire, status, kind):
    wire.answer = http_answer(b"No", status)
    error = failure(transport, wire.url)
    assert (error.kind, error.errmsg, error.http_status) == (kind, f"HTTP {status[:3]}", int(status[:3]))


def test_a_refusal_with_a_code_is_judged_by_the_code(transport, wire):
    wire.answer = http_answer(b'{"errcode":45009,"errmsg":"quota"}', "403 Forbidden")
    assert failure(transport, wire.url).kind is Kind.QUOTA


# --- What never left ---


def test_a_refused_connection_was_not_sent(transport, refusing_url):
    error = failure(transport, refusing_url)
    assert (error.kind, error.errmsg) == (Kind.NOT_SENT, "no connection to the server")
    assert_tells_nothing(error)


def test_an_unknown_name_was_not_sent(transport):
    error = failure(transport, "http://wechat.invalid")
    assert (error.kind, error.errmsg) == (Kind.NOT_SENT, "the server's name could not be resolved")
    assert_tells_nothing(error)


@pytest.mark.parametrize("url", ["api.weixin.qq.com", "ftp://api.weixin.qq.com", "http://"])
def test_a_malformed_address_was_not_sent(transport, url):
    error = failure(transport, url)
    assert (error.kind, error.errmsg) == (Kind.NOT_SENT, "the address of the server is not valid")
    assert_tells_nothing(error)


def test_a_server_that_speaks_no_tls_gets_nothing(transport):
    with OneConnection(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        error = failure(transport, f"https://127.0.0.1:{port}")
    assert (error.kind, error.errmsg) == (Kind.NOT_SENT, "no trusted TLS connection")
    assert_tells_nothing(error)


def test_a_certificate_that_nobody_vouches_for_is_refused(transport, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed_certificate(tmp_path / "server.pem"))
    with OneConnection(lambda connection: context.wrap_socket(connection, server_side=True).close()) as port:
        error = failure(transport, f"https://127.0.0.1:{port}")
    assert (error.kind, error.errmsg) == (Kind.NOT_SENT, "no trusted TLS connection")
    assert_tells_nothing(error)


def self_signed_certificate(file: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, *plain))
    return file


class OneConnection:
    """A server for one connection, which is treated as given."""

    def __init__(self, treat: Callable[[socket.socket], object]) -> None:
        self._treat = treat
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> int:
        self._thread.start()
        return self._socket.getsockname()[1]

    def __exit__(self, *_error: object) -> None:
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection, suppress(OSError):
            self._treat(connection)
            connection.recv(65536)


# --- What is told ---


def test_no_log_tells_the_token(sim, transport, wire, refusing_url, caplog):
    caplog.set_level(logging.DEBUG)
    call(transport, wire.url)
    sim.next("close_before")
    failure(transport, sim.url)
    failure(transport, refusing_url)
    assert TOKEN not in caplog.text
