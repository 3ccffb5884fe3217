"""Keeping freight templates true: one call reads all of an account's."""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audits.models import Push, next_window
from audits.models.push import PushQuerySet
from audits.operations import Operation
from goods.models import FreightTemplate
from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.mini_store.freight import RemoteTemplate
from shopadmin.wechat.models import Account

logger = logging.getLogger(__name__)

PAUSE_AFTER_ERROR = dt.timedelta(minutes=5)

# What a reading may change, and nothing else: staff may be editing the rest meanwhile.
READ_FIELDS = (
    "remote", "drift", "drifted_at", "created_remote_at", "look_at", "missing_polls", "missing_since",
)  # fmt: skip


def look_due(account: Account) -> int:
    """Read the account's templates if one of them is due; returns the number of calls."""
    due = FreightTemplate.objects.look_due().filter(account=account)
    if not due.exclude(pk__in=_open_pushes().values("target_id")).exists():
        return 0
    try:
        return read(account, client_for(account))
    except WeChatError as error:
        logger.warning("account %s: freight templates could not be read: %s", account.pk, error)
        again = next_window() if error.kind is Kind.QUOTA else timezone.now() + PAUSE_AFTER_ERROR
        due.update(look_at=again)
        return 0


def read(account: Account, client: WeChatClient) -> int:
    """Read all templates of an account; returns the number of calls. Raises WeChatError.

    What exists only at WeChat gets a record; what WeChat lacks is marked as missing, the second time.
    """
    started = timezone.now()
    remote = {row.template_id: row for row in client.mini_store.freight.get_templates()}
    with transaction.atomic():
        ours = _fresh(account, started)
        _write(ours, remote, read_at=started)
        _create(account, remote.values())
    return 1


def _fresh(account: Account, read_at: dt.datetime) -> list[FreightTemplate]:
    """Those that may be written, locked: none that is being sent, nor one with a newer answer."""
    busy = _open_pushes().filter(account=account).values("target_id")
    not_newer = Q(pushed_at=None) | Q(pushed_at__lt=read_at)
    mine = FreightTemplate.objects.at_wechat().filter(not_newer, account=account)
    return list(mine.exclude(pk__in=busy).select_for_update())


def _write(
    ours: Sequence[FreightTemplate], remote: Mapping[str, RemoteTemplate], *, read_at: dt.datetime
) -> None:
    changed, shown = [], []
    for template in ours:
        before = _state(template)
        row = remote.get(template.template_id)
        if row is not None:
            template.mark_shown(row.content)
            shown.append(template.pk)
        elif template.missing_since is None:
            template.mark_missing()
        else:
            template.look_at = None
        if _state(template) != before:
            changed.append(template)
    FreightTemplate.objects.bulk_update(changed, READ_FIELDS, batch_size=100)
    FreightTemplate.objects.filter(pk__in=shown).update(refreshed_at=read_at)


def _create(account: Account, rows: Iterable[RemoteTemplate]) -> None:
    """Records for templates that we do not know.

    Left out is what one of our own pushes is adding just now: its answer brings the id, or the look for it
    does. A record of it here would take that id away from its template.
    """
    known = set(
        FreightTemplate.objects.at_wechat().filter(account=account).values_list("template_id", flat=True)
    )
    bodies = _open_pushes().filter(account=account, operation=Operation.ADD).values_list("body", flat=True)
    adding = {body["freight_template"]["name"] for body in bodies}
    found = []
    for row in rows:
        if row.template_id in known or row.name in adding:
            continue
        template = FreightTemplate(account=account, template_id=row.template_id)
        template.mark_shown(row.content)
        template.mark_taken([field for field in template.SHARED if field in template.remote])
        template.refreshed_at = timezone.now()
        found.append(template)
    # Without those that got the same id a moment ago from an answer or another reading.
    FreightTemplate.objects.bulk_create(found, ignore_conflicts=True)


def _open_pushes() -> PushQuerySet:
    return Push.objects.open().filter(target_type=ContentType.objects.get_for_model(FreightTemplate))


def _state(template: FreightTemplate) -> list[Any]:
    return [getattr(template, name) for name in READ_FIELDS]
