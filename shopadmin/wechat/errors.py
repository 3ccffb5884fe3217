"""What can go wrong between us and WeChat, by what has to happen next."""

import re
from enum import StrEnum

RID = re.compile(r"rid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})")


class Kind(StrEnum):
    """The class of an error: it decides what happens next, the code only what is said about it."""

    TOKEN = "token"  # noqa: S105 - the access token was rejected: renew once, repeat once
    BUSY = "busy"  # too many calls or a passing fault, and certainly not executed: later
    QUOTA = "quota"  # the day's calls are used up: wait for the window
    INPUT = "input"  # a field is wrong: a person corrects it
    PERMISSION = "permission"  # account, rights or settings: an administrator corrects it
    NOT_FOUND = "not_found"  # the object is not at WeChat (any more)
    STATE = "state"  # the object's state forbids it: read the state again
    NOT_SENT = "not_sent"  # the request never reached WeChat: repeating is safe
    NO_ANSWER = "no_answer"  # time-out, reset, 5xx or an unreadable body: it may have been executed
    UNKNOWN = "unknown"  # an answer that leaves open whether it was executed, or a code nobody documents


class WeChatError(Exception):
    """WeChat said no, or said nothing we can rely on.

    ``kind`` says what to do next, ``errcode`` and ``errmsg`` are WeChat's own words (``None`` and a
    short text of ours when there was no answer), ``rid`` is the request id that WeChat's support asks
    for. Nothing in here contains the token or the secret.
    """

    def __init__(
        self,
        kind: Kind,
        errmsg: str = "",
        *,
        errcode: int | None = None,
        http_status: int | None = None,
        answer: object = None,
    ) -> None:
        super().__init__(f"{kind}: {'' if errcode is None else errcode} {errmsg}".strip())
        self.kind = kind
        self.errcode = errcode
        self.errmsg = errmsg
        self.http_status = http_status
        self.answer = answer
        found = RID.search(errmsg)
        self.rid = found.group(1) if found else ""
