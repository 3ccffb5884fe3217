"""The access token: one per account, kept in the database, renewed by one process at a time.

The work is cut in three, so that a caller with threads can do the HTTP part away from the database:
``begin_renewal`` (database), ``Renewal.fetch`` (HTTP), ``finish_renewal`` (database). ``TokenKeeper``
does all three in a row. Accounts have nothing in common here, so none waits for another's renewal.
"""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from shopadmin.wechat.connection import UNREADABLE_SECRET
from shopadmin.wechat.crypto import CannotDecryptError
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.models import AccessToken, Account
from shopadmin.wechat.reading import required_int, required_text
from shopadmin.wechat.transport import Transport

STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 - a path

LEASE = timedelta(seconds=20)
# How long everybody waiting for a token is told of a failure instead of asking WeChat again.
FAILURE_REMEMBERED = timedelta(seconds=60)
# A forced refresh ends the running calls of every program with this AppID, and WeChat allows 20 a day.
FORCE_AT_MOST_EVERY = timedelta(hours=2)
# WeChat hands out the same token until 5 minutes before its end; asking earlier is in vain.
RENEW_BEFORE_END = 300
POLL_SECONDS = 0.1
# A token this close to its end may expire on the way.
MARGIN = timedelta(seconds=10)


@dataclass(frozen=True)
class TokenAnswer:
    """A token that WeChat handed out, and whether it had to be forced."""

    value: str = field(repr=False)
    expires_in: int
    forced: bool = False


@dataclass(frozen=True)
class Renewal:
    """The right and the duty to fetch a token: this process holds the account's lease.

    ``refused`` is the token that WeChat has just refused, if any; ``force`` allows one forced refresh
    in case WeChat hands out that very token again.
    """

    base_url: str
    appid: str
    secret: str = field(repr=False)
    lease: str
    refused: str = field(default="", repr=False)
    force: bool = False

    def fetch(self, transport: Transport) -> TokenAnswer:
        """POST /cgi-bin/stable_token; no database. A WeChatError here means that nothing was executed."""
        answer = self._ask(transport, force=False)
        if answer.value == self.refused and self.force:
            answer = self._ask(transport, force=True)
        if answer.value == self.refused:
            raise WeChatError(Kind.TOKEN, gettext_noop("WeChat hands out the access token that it refuses"))
        return answer

    def _ask(self, transport: Transport, *, force: bool) -> TokenAnswer:
        body = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": force,
        }
        try:
            answer = transport.request("POST", self.base_url + STABLE_TOKEN, json_body=body)
            expires_in = required_int(answer, "expires_in")
            return TokenAnswer(required_text(answer, "access_token"), max(expires_in, 1), force)
        except WeChatError as error:
            failure = _seen_from_the_business_call(error)
        # Not chained to the original, whose answer might contain a token.
        raise failure


def _seen_from_the_business_call(error: WeChatError) -> WeChatError:
    """The call that needs the token was not executed, whatever went wrong; and a refusal is no passing state.

    So a wrong secret (which WeChat may call 40001) is a matter for the administrator, not for a renewal.
    """
    if error.errcode == -1:
        kind = Kind.BUSY
    elif error.kind in (Kind.BUSY, Kind.QUOTA, Kind.NOT_SENT):
        kind = error.kind
    elif error.kind is Kind.NO_ANSWER:
        kind = Kind.NOT_SENT
    else:
        kind = Kind.PERMISSION
    return WeChatError(kind, error.errmsg, errcode=error.errcode, http_status=error.http_status)


def current(account_id: int) -> str | None:
    """A usable token from the database; None when this process should see to a new one."""
    stored = AccessToken.objects.filter(account_id=account_id).first()
    return _usable(stored, timezone.now()) if stored else None


def _usable(stored: AccessToken, now: datetime) -> str | None:
    """The stored token, unless it is time to renew it and nobody is doing so.

    While another process renews, or WeChat hands out none, the old one serves until its end.
    """
    if stored.renew_at is None or stored.expires_at is None:
        return None
    waiting = _ahead(stored.lease_until, now) or _ahead(stored.failed_until, now)
    best_before = stored.expires_at - MARGIN if waiting else stored.renew_at
    return _value(stored) if now < best_before else None


def _value(stored: AccessToken) -> str | None:
    try:
        return stored.value.reveal() or None
    except CannotDecryptError:
        return None


def _ahead(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now


def ask_again(account_id: int) -> None:
    """Make the next call fetch a token, even if there is one or fetching has just failed."""
    AccessToken.objects.filter(account_id=account_id).update(renew_at=timezone.now(), failed_until=None)


def begin_renewal(account: Account, rejected: str | None = None) -> Renewal | str | None:
    """A usable token; or a Renewal, which this process must fetch; or None: ask again in 0.1 s.

    ``rejected`` is a token that WeChat refused: it is dropped, unless another has replaced it already.
    Raises the failure of a recent renewal instead of allowing another.
    """
    now = timezone.now()
    stored, _created = AccessToken.objects.get_or_create(account=account)
    usable = _usable(stored, now)
    if usable is not None and usable != rejected:
        return usable
    if _ahead(stored.failed_until, now) and stored.failure:
        raise _remembered(stored.failure)
    if _ahead(stored.lease_until, now):
        return None
    renewal = _renewal(account, stored, rejected, now)
    drop = rejected is not None and _value(stored) == rejected
    return renewal if _take_lease(stored, renewal.lease, now, drop=drop) else None


def _renewal(account: Account, stored: AccessToken, rejected: str | None, now: datetime) -> Renewal:
    # Workers live long; the credentials may have been changed since the account was loaded.
    account.refresh_from_db(fields=Account.CREDENTIALS)
    try:
        secret = account.secret.reveal()
    except CannotDecryptError:
        failure = WeChatError(Kind.PERMISSION, UNREADABLE_SECRET)
    else:
        return Renewal(
            base_url=account.base_url,
            appid=account.appid,
            secret=secret,
            lease=uuid.uuid4().hex,
            refused=rejected or "",
            force=not _ahead(stored.forced_at, now - FORCE_AT_MOST_EVERY),
        )
    account.report_problem(failure)
    raise failure


def _take_lease(stored: AccessToken, lease: str, now: datetime, *, drop: bool) -> bool:
    """One conditional UPDATE decides who renews; nobody wins who has read an outdated row."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    changes: dict[str, Any] = {"lease": lease, "lease_until": now + LEASE}
    if drop:
        changes |= {"value": "", "expires_at": None, "renew_at": None}
    unchanged = AccessToken.objects.filter(free, pk=stored.pk, value=stored.value)
    return unchanged.update(**changes) == 1


def finish_renewal(account_id: int, renewal: Renewal, outcome: TokenAnswer | WeChatError) -> str:
    """Store what came of the renewal; the new token, or the error raised.

    An error is remembered for a minute. One that an administrator has to put right is also noted at the
    account, and a success takes such a note away.
    """
    with transaction.atomic():
        mine = AccessToken.objects.filter(account_id=account_id, lease=renewal.lease)
        stored = mine.update(lease="", lease_until=None, **_changes(renewal, outcome, timezone.now())) == 1
        if stored:
            _note_at_account(account_id, outcome)
    if isinstance(outcome, WeChatError):
        raise outcome
    if stored:
        return outcome.value
    # The lease ran out, or the credentials were changed meanwhile: what we hold may be outdated.
    newer = current(account_id)
    if newer is None:
        raise WeChatError(Kind.BUSY, gettext_noop("the access token is being renewed"))
    return newer


def _changes(renewal: Renewal, outcome: TokenAnswer | WeChatError, now: datetime) -> dict[str, Any]:
    if isinstance(outcome, WeChatError):
        failure = {"kind": outcome.kind, "errcode": outcome.errcode, "errmsg": outcome.errmsg}
        changes = {"failed_until": now + FAILURE_REMEMBERED, "failure": failure}
        # Whether it was forced before it failed is unknown; one too few is better than one too many.
        forced = renewal.force and bool(renewal.refused)
    else:
        lifetime = outcome.expires_in
        changes = {
            "value": outcome.value,
            "expires_at": now + timedelta(seconds=lifetime),
            "renew_at": now + timedelta(seconds=max(lifetime - RENEW_BEFORE_END, lifetime / 2)),
            "failed_until": None,
            "failure": None,
            "renewals": F("renewals") + 1,
        }
        forced = outcome.forced
    return {**changes, "forced_at": now} if forced else changes


def _note_at_account(account_id: int, outcome: TokenAnswer | WeChatError) -> None:
    account = Account.objects.get(pk=account_id)
    if isinstance(outcome, TokenAnswer):
        if account.has_problem:
            account.clear_problem()
    elif outcome.kind in (Kind.PERMISSION, Kind.TOKEN):
        account.report_problem(outcome)


def _remembered(failure: dict[str, Any]) -> WeChatError:
    return WeChatError(Kind(failure["kind"]), failure["errmsg"], errcode=failure["errcode"])


class TokenKeeper:
    """Gives an account's calls their token; for threads that may use the database.

    ``patience`` is how many seconds to wait for another process that is fetching the token.
    """

    def __init__(self, account: Account, transport: Transport, *, patience: float = 15) -> None:
        self._account = account
        self._transport = transport
        self._patience = patience

    def get(self) -> str:
        """The current token, fetched if need be."""
        return self._obtain(None)

    def renew(self, rejected: str) -> str:
        """Another token than the one that WeChat refused; WeChatError of kind TOKEN if there is none."""
        return self._obtain(rejected)

    def _obtain(self, rejected: str | None) -> str:
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            begun = begin_renewal(self._account, rejected)
            if isinstance(begun, str):
                return begun
            if begun is not None:
                return finish_renewal(self._account.pk, begun, self._fetched(begun))
            time.sleep(POLL_SECONDS)
        raise WeChatError(Kind.BUSY, gettext_noop("another process is still fetching the access token"))

    def _fetched(self, renewal: Renewal) -> TokenAnswer | WeChatError:
        try:
            return renewal.fetch(self._transport)
        except WeChatError as error:
            return error
