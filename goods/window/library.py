"""Calls that read the window, counted against the day's allowance."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_noop

from audits.models import Quota
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.models import Account
from shopadmin.wechat.window import WindowAPI


@contextmanager
def spent(account: Account, path: str, *, scheduled: bool = False) -> Iterator[None]:
    """One call out of the day's allowance, which is corrected if the call fails."""
    group = WindowAPI.QUOTA[path]
    if not Quota.objects.spend(account.pk, group, scheduled=scheduled):
        raise WeChatError(Kind.QUOTA, gettext_noop("No calls are left today."))
    try:
        yield
    except WeChatError as error:
        Quota.objects.correct(account.pk, group, error)
        raise
