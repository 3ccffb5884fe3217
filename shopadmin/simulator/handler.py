"""HTTP/1.1 on one connection: read a request, have it answered, write the answer in one piece."""

import logging
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from shopadmin.simulator.wire import PLAIN, Reply, Request

MAX_BODY = 32 * 1024 * 1024
# How long a stop waits for requests that are being answered.
_PATIENCE = 2.0
Respond = Callable[[Request], Reply | None]
logger = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    """A thread per connection; a stop ends the kept-alive connections too."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], respond: Respond) -> None:
        self.respond = respond
        self._open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Bind without asking the name service for our own name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then serve it in a thread of its own."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """The connection is over."""
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every open connection; a client would otherwise go on being answered after the stop."""
        patience = time.monotonic() + _PATIENCE
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                logger.debug("connection was already gone")
        while self._open and time.monotonic() < patience:
            time.sleep(0.005)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is nothing to report; anything else is a fault of ours."""
        logger.debug("connection from %s broke off", client_address, exc_info=True)


class Handler(BaseHTTPRequestHandler):
    """Reads and writes; what to answer is the server's ``respond``."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        request = self._read()
        if request is None:
            return
        try:
            reply = self.server.respond(request)
        except Exception:
            logger.exception("the simulator failed at %s %s", request.method, request.path)
            reply = Reply(500, b"The simulator itself failed; see its log.\n", PLAIN, close=True)
        if reply is None:
            self.close_connection = True
        else:
            self._write(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def _read(self) -> Request | None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            self._write(Reply(413, close=True))
            return None
        if "chunked" in headers.get("transfer-encoding", "").lower():
            self._swallow_chunks()
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=headers,
            body=self.rfile.read(int(length)),
            client_ip=str(self.client_address[0]),
        )

    def _swallow_chunks(self) -> None:
        # An answer sent before the body is read would be lost with the connection.
        while (size := int(self.rfile.readline(20).partition(b";")[0] or b"0", 16)) > 0:
            self.rfile.read(min(size, MAX_BODY) + 2)

    def _write(self, reply: Reply) -> None:
        length = len(reply.body) if reply.promised_length is None else reply.promised_length
        lines = [
            f"HTTP/1.1 {reply.status} {_phrase(reply.status)}",
            "Server: wechat-simulator",
            f"Date: {self.date_time_string()}",
            f"Content-Type: {reply.content_type}",
            f"Content-Length: {length}",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
        ]
        if reply.close or self.close_connection:
            self.close_connection = True
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        self.wfile.write(head if self.command == "HEAD" else head + reply.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the call log shows more, and this line would show tokens."""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
