"""One HTTP exchange with WeChat: what goes out, and what may be believed of what comes back."""

import json
import math
import os
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from decimal import Decimal
from typing import Any, Protocol

import requests
import urllib3
from django.utils.translation import gettext_noop

from shopadmin.wechat.errcodes import kind_of
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.reading import as_int, as_text

JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8"}

# Refusals by the gateway that carry no JSON. It refuses before anything is executed.
KIND_OF_STATUS = {
    400: Kind.INPUT,
    408: Kind.BUSY,
    411: Kind.INPUT,
    412: Kind.INPUT,
    413: Kind.INPUT,
    414: Kind.INPUT,
    429: Kind.BUSY,
}

# What OpenSSL says when the two sides could not agree, that is, before a byte of the request left.
# Other TLS faults (a sudden end) also happen after sending, so they count as "no answer".
HANDSHAKE_FAULTS = {
    "CERTIFICATE_VERIFY_FAILED",
    "HTTP_REQUEST",
    "NO_SHARED_CIPHER",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "TLSV1_UNRECOGNIZED_NAME",
    "UNSUPPORTED_PROTOCOL",
    "WRONG_VERSION_NUMBER",
}

BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)

# One file of a form: its name, its bytes, its content type.
File = tuple[str, bytes, str]


class Calls(Protocol):
    """What the methods of an interface family need: calls that carry the account's access token."""

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, family: str) -> dict[str, Any]: ...

    def post(
        self, path: str, body: Mapping[str, Any], params: Mapping[str, Any] | None = None, *, family: str
    ) -> dict[str, Any]: ...

    def upload(self, path: str, file: File, params: Mapping[str, Any], *, family: str) -> dict[str, Any]: ...


class Transport:
    """Sends requests and reads answers; safe to share between threads, each of which keeps its connection.

    Nothing is repeated in here. ``timeout`` and ``upload_timeout`` are seconds to connect and seconds
    without a byte of the answer. A connection unused for longer than ``idle_seconds`` may have been closed
    on the way, and a POST on it would end as "no answer": it is dropped instead. ``concurrency`` is how many
    requests may be under way at the same time; further ones wait.
    """

    def __init__(
        self,
        timeout: tuple[float, float] = (3, 10),
        upload_timeout: tuple[float, float] = (3, 30),
        idle_seconds: float = 30,
        concurrency: int | None = None,
    ) -> None:
        self._timeout = timeout
        self._upload_timeout = upload_timeout
        self._idle_seconds = idle_seconds
        self._turn = threading.BoundedSemaphore(concurrency) if concurrency else nullcontext()
        self._local = threading.local()

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json_body: Mapping[str, Any] | None = None,
        files: Mapping[str, File] | None = None,
        family: str = "common",
    ) -> dict[str, Any]:
        """The decoded answer of a success; WeChatError for everything else.

        ``family`` says whose table of error codes applies.
        """
        body = None if json_body is None else encode(json_body)
        try:
            with self._turn:
                response = self._session().request(
                    method,
                    url,
                    params=params,
                    data=body,
                    files=files,
                    headers=JSON_HEADERS if body is not None else None,
                    timeout=self._upload_timeout if files else self._timeout,
                    allow_redirects=False,
                )
        except (OSError, urllib3.exceptions.HTTPError) as error:
            failure = _failure(error)
        else:
            self._local.used = time.monotonic()
            return read_answer(response.status_code, response.content, family)
        # Raised out here because the original's text contains the URL, access token included:
        # inside the except block it would stay attached as the context.
        raise failure

    def _session(self) -> requests.Session:
        """This thread's session. requests never repeats a request on its own (max_retries is 0)."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is not None and not self._still_good():
            session.close()
            session = None
        if session is None:
            session = requests.Session()
            # No proxy, no .netrc and no CA bundle from the environment.
            session.trust_env = False
            self._local.session = session
            self._local.process = os.getpid()
        self._local.used = time.monotonic()
        return session

    def _still_good(self) -> bool:
        """A forked process must not write into the connection that its parent goes on using."""
        fresh: bool = time.monotonic() - self._local.used <= self._idle_seconds
        ours: bool = self._local.process == os.getpid()
        return fresh and ours


def encode(body: Mapping[str, Any]) -> bytes:
    """JSON as WeChat wants it: real UTF-8 instead of \\u escapes, exact plain numbers."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain_number)
    return text.encode()


def _plain_number(value: object) -> int | float:
    """A Decimal as a number that JSON writes exactly and without an exponent."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} cannot be sent as JSON")
    if value.is_finite():
        if value == value.to_integral_value():
            return int(value)
        number = float(value)
        if Decimal(repr(number)) == value and "e" not in repr(number):
            return number
    raise ValueError(f"{value} cannot be sent exactly as a JSON number")


def read_answer(status: int, content: bytes, family: str) -> dict[str, Any]:
    """The answer of a success; WeChatError for an error code and for anything that is no answer."""
    if status >= 500:
        raise WeChatError(Kind.NO_ANSWER, f"HTTP {status}", http_status=status)
    answer = _decode(content)
    code = _errcode(answer) if isinstance(answer, dict) else 0
    if isinstance(answer, dict) and code:
        text = as_text(answer.get("errmsg"))
        raise WeChatError(kind_of(code, family), text, errcode=code, http_status=status, answer=answer)
    if not 200 <= status < 300:
        kind = KIND_OF_STATUS.get(status, Kind.PERMISSION)
        raise WeChatError(kind, f"HTTP {status}", http_status=status)
    if not isinstance(answer, dict):
        text = (
            gettext_noop("the answer is not a JSON object")
            if content.strip()
            else gettext_noop("the answer is empty")
        )
        raise WeChatError(Kind.NO_ANSWER, text, http_status=status)
    if code is None:
        text = 'the answer has no usable "errcode"'
        raise WeChatError(Kind.NO_ANSWER, text, http_status=status, answer=answer)
    return answer


def _errcode(answer: Mapping[str, Any]) -> int | None:
    """0 for success, which often goes without saying; None for something that is no code."""
    raw = answer.get("errcode")
    code = 0 if raw is None else as_int(raw)
    return code if code is not None and abs(code) < 2**31 else None


def _decode(content: bytes) -> object:
    """The JSON in the bytes, whatever the Content-Type header says of them; None when there is none."""
    text = content.decode("utf-8-sig", "replace")
    try:
        # WeChat's texts may contain raw control characters, hence not strict.
        found = json.loads(text, strict=False, parse_float=_finite, parse_constant=lambda name: None)
        return _storable(found) if "\\u" in text or "\0" in text else found
    except (ValueError, RecursionError):
        return None


def _finite(text: str) -> float | None:
    """A number with a fraction or an exponent; None for one that no database takes, such as 1e999."""
    number = float(text)
    return number if math.isfinite(number) else None


def _storable(value: Any) -> Any:
    """The same without what no database takes: NUL characters and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, list) else value


def _failure(error: Exception) -> WeChatError:
    """A fault of the connection, in words that do not contain the address with its token."""
    if _never_sent(error):
        return WeChatError(Kind.NOT_SENT, _why_not_sent(error))
    if isinstance(error, requests.exceptions.Timeout):
        return WeChatError(Kind.NO_ANSWER, gettext_noop("no answer in time"))
    return WeChatError(Kind.NO_ANSWER, gettext_noop("the connection broke before the answer was complete"))


def _never_sent(error: Exception) -> bool:
    if isinstance(error, (requests.exceptions.ConnectTimeout, *BAD_ADDRESS)):
        return True
    return any(
        isinstance(cause, (urllib3.exceptions.NewConnectionError, ssl.SSLCertVerificationError))
        or (isinstance(cause, ssl.SSLError) and cause.reason in HANDSHAKE_FAULTS)
        for cause in _causes(error)
    )


def _why_not_sent(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return gettext_noop("no trusted TLS connection")
    if isinstance(error, BAD_ADDRESS):
        return gettext_noop("the address of the server is not valid")
    if any(isinstance(cause, urllib3.exceptions.NameResolutionError) for cause in _causes(error)):
        return gettext_noop("the server's name could not be resolved")
    return gettext_noop("no connection to the server")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps: requests and urllib3 keep that in ``args`` and ``reason``."""
    yield error
    for inner in (*error.args, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _causes(inner)
