"""What was called: a bounded log that never holds a token, and never shows a secret."""

import json
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from shopadmin.simulator.wire import Request

MAX_ENTRIES = 20_000
MAX_BODY = 8_000
_HEADERS = (
    "content-type",
    "content-length",
    "transfer-encoding",
    "user-agent",
    "connection",
    "accept-encoding",
)
_SECRETS = ("secret", "appsecret")
_MASK = "***"


@dataclass(slots=True)
class Entry:
    """One call. ``http`` is None until it is answered, and 0 if the connection was cut instead."""

    seq: int
    time: float
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    body_size: int
    appid: str
    fault: str
    applied: bool
    http: int | None = None
    errcode: int | None = None
    milliseconds: float = 0.0

    def shown(self) -> dict[str, Any]:
        """The entry as JSON. Bodies are parsed here, since most are never looked at."""
        return {
            "seq": self.seq,
            "time": round(self.time, 3),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "content_type": self.headers.get("content-type", ""),
            "body": self._shown_body(),
            "appid": self.appid,
            "http": self.http,
            "errcode": self.errcode,
            "fault": self.fault,
            "applied": self.applied,
            "ms": round(self.milliseconds, 1),
        }

    def _shown_body(self) -> Any:
        if not self.body:
            return None
        if "multipart" in self.headers.get("content-type", ""):
            return f"multipart, {self.body_size} bytes"
        try:
            parsed = json.loads(self.body)
        except (ValueError, RecursionError):
            # Half a JSON text may hold a whole secret.
            hidden = self.path.startswith("/cgi-bin/")
            return f"{self.body_size} bytes" if hidden else self.body.decode("utf-8", "replace")
        if isinstance(parsed, dict):
            return {key: _MASK if key in _SECRETS else value for key, value in parsed.items()}
        return parsed


class CallLog:
    """The latest calls, numbered from 1 without gaps."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self._seq = 0

    def note(self, request: Request, **known: Any) -> Entry:
        """Write down one call as it comes in; what came of it is for the caller to add."""
        query = {
            name: _MASK if name in _SECRETS else value
            for name, value in request.query.items()
            if name != "access_token"
        }
        headers = {name: request.headers[name] for name in _HEADERS if name in request.headers}
        with self._lock:
            self._seq += 1
            entry = Entry(
                seq=self._seq,
                method=request.method,
                path=request.path,
                query=query,
                headers=headers,
                body=request.body[:MAX_BODY],
                body_size=len(request.body),
                **known,
            )
            self._entries.append(entry)
        return entry

    def listing(
        self, path: str | None = None, since: int = 0, last: int | None = None
    ) -> list[dict[str, Any]]:
        """Calls after number ``since``, of one path if it is given, the oldest first."""
        with self._lock:
            entries = [entry for entry in self._entries if entry.seq > since and path in (None, entry.path)]
        return [entry.shown() for entry in (entries if last is None else entries[-last:])]

    def clear(self) -> None:
        """Forget the calls; the numbers go on."""
        with self._lock:
            self._entries.clear()
