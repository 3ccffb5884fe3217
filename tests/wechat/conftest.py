"""What the tests of the connection share: a transport, and servers that behave as no simulator does."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.models import Account
from shopadmin.wechat.token import TokenKeeper
from shopadmin.wechat.transport import Transport


@pytest.fixture
def transport() -> Transport:
    return Transport(timeout=(1, 1), upload_timeout=(1, 1))


@pytest.fixture
def keeper(account: Account, transport: Transport) -> TokenKeeper:
    return TokenKeeper(account, transport, patience=0.3)


def failure(ask: Callable[[], object]) -> WeChatError:
    """The error with which asking ends."""
    with pytest.raises(WeChatError) as caught:
        ask()
    return caught.value


@pytest.fixture
def refusing_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


class WireServer:
    """Answers every request with the same bytes, and keeps the bytes that came in."""

    def __init__(self) -> None:
        self.answer = http_answer(b'{"errcode":0}')
        self.requests: list[bytes] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while request := _read_request(connection.recv):
                self.requests.append(request)
                connection.sendall(self.answer)


def http_answer(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def _read_request(receive: Callable[[int], bytes]) -> bytes:
    """The bytes of one request, as far as its Content-Length says; nothing when the client is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (chunk := receive(65536)):
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    told = re.search(rb"(?i)content-length: (\d+)", head)
    while len(body) < int(told.group(1) if told else 0):
        body += receive(65536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def wire() -> Iterator[WireServer]:
    server = WireServer()
    yield server
    server.close()
