"""Sends messages in threads of its own: nothing that is asked of this WeChat waits for a callback."""

import itertools
import logging
import secrets
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from shopadmin.simulator.push import CONTENT_TYPES, Message, PushTarget, address_check, sealed

ANSWER_WITHIN = 5.0
TRIES = 3
_THREADS = 4
_REMEMBERED = 1000
# The answers that end it. Of a longer one no more is read.
_TAKEN = (b"success", b"")
_READ = 1000
logger = logging.getLogger(__name__)
# Callbacks are on this machine or in this network.
_opener = build_opener(ProxyHandler({}))


@dataclass(slots=True)
class Delivery:
    """One message on its way. ``http`` is 0 when nobody answered, ``delivered`` None while it is tried."""

    seq: int
    appid: str
    target: PushTarget
    message: Message
    tries: int = 0
    http: int = 0
    delivered: bool | None = None

    def shown(self) -> dict[str, Any]:
        """As JSON, without secrets."""
        return {
            "seq": self.seq,
            "appid": self.appid,
            "url": self.target.url,
            "message": self.message,
            "tries": self.tries,
            "http": self.http,
            "delivered": self.delivered,
        }


class Pusher:
    """Keeps the latest deliveries. ``stopping`` ends the pauses between tries."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._numbers = itertools.count(1)
        self._deliveries: deque[Delivery] = deque(maxlen=_REMEMBERED)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="push")

    def send(self, appid: str, target: PushTarget, message: Message, pause: float) -> None:
        """Try up to three times, ``pause`` seconds apart, until somebody takes it."""
        delivery = Delivery(next(self._numbers), appid, target, message)
        self._deliveries.append(delivery)
        if not self._stopping.is_set():
            self._threads.submit(self._deliver, delivery, pause)

    def listing(self) -> list[dict[str, Any]]:
        """What was sent, the oldest first."""
        return [delivery.shown() for delivery in list(self._deliveries)]

    def clear(self) -> None:
        """Forget what was sent."""
        self._deliveries.clear()

    def close(self) -> None:
        """Send nothing more."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, delivery: Delivery, pause: float) -> None:
        taken = False
        while not taken and delivery.tries < TRIES:
            if delivery.tries and self._stopping.wait(pause):
                break
            url, body = sealed(delivery.target, delivery.appid, delivery.message)
            delivery.tries += 1
            delivery.http, answer = _ask(url, body, CONTENT_TYPES[delivery.target.form])
            taken = delivery.http == 200 and answer in _TAKEN
        delivery.delivered = taken
        if not taken:
            logger.info("nobody took message %d", delivery.seq)


def knows_token(target: PushTarget) -> bool:
    """What the console tries before it takes an address: whether the word comes back exactly."""
    word = str(secrets.randbelow(10**19))
    return _ask(address_check(target, word)) == (200, word.encode())


def _ask(url: str, body: bytes | None = None, content_type: str = "") -> tuple[int, bytes]:
    headers = {"Content-Type": content_type} if body is not None else {}
    request = Request(url, body, headers)  # noqa: S310 - PushTarget.check() lets only http and https through
    try:
        with _opener.open(request, timeout=ANSWER_WITHIN) as response:
            return response.status, response.read(_READ)
    except HTTPError as error:
        with error:
            return error.code, b""
    except (OSError, ValueError) as error:
        logger.debug("no answer: %s", type(error).__name__)
        return 0, b""
