"""Answers ordered in advance: what goes wrong with one of the next calls."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from shopadmin.simulator.wire import HTML, Refusal, Reply, dumps, json_reply

MAX_WAIT = 600.0
_GATEWAY_PAGE = (
    b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)
# Ways of failing after which WeChat has not done what was asked, unless the order says otherwise.
_NOT_APPLIED = ("errcode", "http", "hang", "close_before")


@dataclass(slots=True)
class Fault:
    """One order. README.md explains what each ``do`` means and which fields it reads."""

    do: str
    path: str = ""
    times: int = 1
    skip: int = 0
    errcode: int = -1
    errmsg: str = "system error"
    fields: dict[str, Any] = field(default_factory=dict)
    status: int = 503
    body: str = ""
    seconds: float = 30.0
    apply: bool | None = None
    value: Any = None
    content_type: str = ""
    short_length: bool = False
    with_answer: bool = False
    audit_status: int | None = None
    without_skus: bool = False

    @property
    def applies(self) -> bool:
        """Whether the call takes effect in spite of the fault."""
        return self.do not in _NOT_APPLIED if self.apply is None else self.apply

    def matches(self, path: str) -> bool:
        """An empty filter takes every path; one that ends with * takes what begins like it."""
        if self.path.endswith("*"):
            return path.startswith(self.path[:-1])
        return self.path in ("", path)


class Faults:
    """The queue of orders."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put one more order at the end."""
        with self._lock:
            self._queue.append(fault)

    def clear(self) -> None:
        """Forget all orders."""
        with self._lock:
            self._queue.clear()

    def listing(self) -> list[dict[str, Any]]:
        """What is still ordered."""
        with self._lock:
            return [
                {"do": fault.do, "path": fault.path, "times": fault.times, "skip": fault.skip}
                for fault in self._queue
            ]

    def take(self, path: str) -> Fault | None:
        """The order that meets this call, if there is one."""
        if not self._queue:
            return None
        with self._lock:
            for fault in self._queue:
                if not fault.matches(path):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if not fault.times:
                    self._queue.remove(fault)
                return fault
        return None


def ordered(order: dict[str, Any]) -> Fault:
    """The order as a Fault; ValueError says what is wrong with it."""
    known = {entry.name for entry in fields(Fault)}
    unknown = sorted(set(order) - known)
    if unknown:
        raise ValueError(f"An order has no field {unknown[0]!r}. It has: {', '.join(sorted(known))}.")
    if order.get("do") not in KINDS:
        raise ValueError(f"do must be one of {', '.join(KINDS)}.")
    fault = Fault(**order)
    whole = (fault.times, fault.skip, fault.errcode, fault.status)
    if any(type(number) is not int for number in whole) or fault.times < 1 or fault.skip < 0:
        raise ValueError("times, skip, errcode and status are whole numbers; times is at least 1.")
    if not isinstance(fault.seconds, int | float) or not 0 <= fault.seconds <= MAX_WAIT:
        raise ValueError(f"seconds is a number up to {MAX_WAIT:g}.")
    if not isinstance(fault.fields, dict):
        raise ValueError("fields is an object.")
    if fault.audit_status is None and fault.errcode == 300021:
        # "Added, but the submission failed": such goods are not under audit.
        fault.audit_status = 0
    if fault.errcode == 100009:
        # "The product was made, adding its SKUs failed."
        fault.without_skus = True
    return fault


def play(
    fault: Fault, apply: Callable[[], Reply], wait: Callable[[float], object], now: Callable[[], float]
) -> Reply | None:
    """The spoilt answer, or None when the connection is cut instead. ``apply`` really does the call."""
    if fault.do == "slow":
        wait(fault.seconds)
    real = apply() if fault.applies else Reply()
    if fault.do == "hang":
        wait(fault.seconds)
    reply = KINDS[fault.do](fault, real, now())
    if reply is not None and fault.content_type:
        reply.content_type = fault.content_type
    return reply


def _as_it_is(_fault: Fault, real: Reply, _now: float) -> Reply:
    return real


def _errcode(fault: Fault, real: Reply, now: float) -> Reply:
    kept = (real.payload or {}) if fault.with_answer else {}
    return json_reply(kept | Refusal(fault.errcode, fault.errmsg).payload(now) | fault.fields)


def _http(fault: Fault, _real: Reply, _now: float) -> Reply:
    return Reply(fault.status, fault.body.encode())


def _cut(_fault: Fault, _real: Reply, _now: float) -> None:
    return None


def _garbage(fault: Fault, _real: Reply, _now: float) -> Reply:
    return Reply(body=fault.body.encode() or b"\x1f\x8b\x00\xff\xfe}{ not json \x80")


def _empty(_fault: Fault, _real: Reply, _now: float) -> Reply:
    return Reply()


def _truncated(fault: Fault, real: Reply, _now: float) -> Reply:
    promised = len(real.body) if fault.short_length else None
    body = real.body[: max(1, len(real.body) // 2)]
    return Reply(real.status, body, real.content_type, promised_length=promised, close=fault.short_length)


def _html(fault: Fault, _real: Reply, _now: float) -> Reply:
    return Reply(body=fault.body.encode() or _GATEWAY_PAGE, content_type=HTML)


def _wrong_type(fault: Fault, real: Reply, _now: float) -> Reply:
    return Reply(body=dumps(fault.value), content_type=real.content_type)


KINDS: dict[str, Callable[[Fault, Reply, float], Reply | None]] = {
    "errcode": _errcode,
    "http": _http,
    "hang": _cut,
    "close_before": _cut,
    "close_after": _cut,
    "garbage": _garbage,
    "empty": _empty,
    "truncated": _truncated,
    "html": _html,
    "wrong_type": _wrong_type,
    "apply_then_errcode": _errcode,
    "apply_then_http": _http,
    "slow": _as_it_is,
}
