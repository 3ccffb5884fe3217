"""What travels over the wire: a request as it came in, a reply as it goes out, a refusal with its errcode."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn

PLAIN = "text/plain; charset=utf-8"
JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, read to its end. Header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    client_ip: str

    @property
    def content_type(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def chunked(self) -> bool:
        """Whether the body came without a length."""
        return "chunked" in self.headers.get("transfer-encoding", "").lower()


@dataclass(slots=True)
class Reply:
    """One HTTP answer. ``payload`` is the JSON object it was made from, if it was made from one."""

    status: int = 200
    body: bytes = b""
    content_type: str = PLAIN
    headers: dict[str, str] = field(default_factory=dict)
    payload: dict[str, Any] | None = None
    close: bool = False
    # What Content-Length promises, when it is to be more than what is sent.
    promised_length: int | None = None

    @property
    def errcode(self) -> int | None:
        """The errcode a client reads in it; success without the field counts as 0."""
        return None if self.payload is None else int(self.payload.get("errcode", 0))


class Refusal(Exception):
    """The answer is an errcode. Raised by whatever rule is broken first."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode = errcode
        self.errmsg = errmsg

    def payload(self, now: float) -> dict[str, Any]:
        """The JSON object of the answer, with a request id as WeChat appends it."""
        return {"errcode": self.errcode, "errmsg": f"{self.errmsg} rid: {new_rid(now)}"}


def new_rid(now: float) -> str:
    """A request id: three groups of eight hexadecimal digits, the first one telling the time."""
    return f"{int(now) & 0xFFFFFFFF:08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"


def dumps(value: object) -> bytes:
    """JSON in real UTF-8 characters, without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def json_reply(
    payload: dict[str, Any], content_type: str = JSON, *, errcode_as_string: bool = False
) -> Reply:
    """An answer that carries one JSON object."""
    shown = payload
    if errcode_as_string and "errcode" in payload:
        shown = payload | {"errcode": str(payload["errcode"])}
    return Reply(body=dumps(shown), content_type=content_type, payload=payload)


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object of a request, fractions as Decimal; 47001 for anything else."""
    try:
        value = json.loads(body.decode(), parse_float=Decimal, parse_constant=_no_constant)
        if b"\\u" in body:
            # Half a surrogate pair can be written as an escape, but never be sent back.
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except (ValueError, RecursionError):
        raise Refusal(47001, "data format error") from None
    if not isinstance(value, dict):
        raise Refusal(47001, "data format error")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
