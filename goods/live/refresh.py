"""Keeping live goods true: reading WeChat's state back, with as few calls as it allows."""

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audits.models import Push, Reading, StatusChange, next_window
from audits.models.push import PushQuerySet
from audits.operations import Operation
from audits.states import PushStatus
from goods.live import wire
from goods.live.choices import AuditStatus
from goods.live.library import read_ids, read_pages
from goods.models import LiveGoods
from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.live_goods import LiveGoodsAPI, RemoteLiveGoods
from shopadmin.wechat.models import Account, Family

logger = logging.getLogger(__name__)

# What a reading may change, and nothing else: staff may be editing the rest meanwhile.
READ_FIELDS = [
    "remote", "audit_status", "third_party_tag", "look_at", "missing_polls", "missing_since",
    "drift", "drifted_at",
]  # fmt: skip
LOCAL_FIELDS = [*LiveGoods.SHARED, "faulty"]

# While a worker reads them, others leave these records alone.
READING = dt.timedelta(minutes=2)
PAUSE_AFTER_ERROR = dt.timedelta(minutes=5)


@dataclass
class Changed:
    created: int = 0
    updated: int = 0
    missing: int = 0


# --- by id: what is under review, and what somebody wants to know now --------------------------------


def look_due(account: Account, *, scheduled: bool) -> int:
    """Read every product whose next look has come, 20 per call; returns the number of calls."""
    client, calls = client_for(account), 0
    while records := _claim(account):
        try:
            started = timezone.now()
            remote = read_ids(account, client, [goods.goods_id for goods in records], scheduled=scheduled)
            calls += 1
        except WeChatError as error:
            _look_again_later(account, records, error)
            break
        with transaction.atomic():
            absorb(records, {row.goods_id: row for row in remote}, read_at=started)
    return calls


def _claim(account: Account) -> list[LiveGoods]:
    """Up to 20 due records; a call with room left takes along what is due soonest.

    Those with an open push come after it: until then the answer could not be used.
    """
    now = timezone.now()
    busy = _open_pushes().filter(account=account).values("target_id")
    with transaction.atomic():
        mine = LiveGoods.objects.at_wechat().filter(account=account, look_at__isnull=False)
        mine = mine.exclude(pk__in=busy)
        if not mine.filter(look_at__lte=now).exists():
            return []
        soon = mine.filter(look_at__lte=now + READING).order_by("look_at").select_for_update(skip_locked=True)
        records = list(soon[: LiveGoodsAPI.MAX_IDS])
        LiveGoods.objects.filter(pk__in=[goods.pk for goods in records]).update(look_at=now + READING)
    return records


def _look_again_later(account: Account, records: Sequence[LiveGoods], error: WeChatError) -> None:
    logger.warning("account %s: live goods could not be read: %s", account.pk, error)
    again = timezone.now() + PAUSE_AFTER_ERROR
    if error.kind is Kind.QUOTA:
        again = next_window()
    LiveGoods.objects.filter(account=account, look_at__lte=timezone.now() + READING).update(look_at=again)


# --- by list: everything -------------------------------------------------------------------------------


def pull(reading: Reading) -> None:
    """Read an account's whole library by list calls; create what exists only there.

    Products that the lists lack are looked up by id before they count as missing.
    """
    if not reading.start():
        return
    started, client = timezone.now(), client_for(reading.account)
    try:
        pages = _read_library(reading.account, client)
    except WeChatError as error:
        logger.warning("account %s: the goods library could not be read: %s", reading.account_id, error)
        reading.fail(error)
        return
    # What moved from one list to another meanwhile is kept as the later list shows it.
    remote = {row.goods_id: row for page in pages for row in page}
    with transaction.atomic():
        ours = list(LiveGoods.objects.at_wechat().filter(account=reading.account).select_for_update())
        known = [goods for goods in ours if goods.goods_id in remote]
        changed = absorb(known, remote, read_at=started)
        lacking = [goods.pk for goods in ours if goods.goods_id not in remote and not goods.missing_since]
        LiveGoods.objects.filter(pk__in=lacking).update(look_at=timezone.now())
        ids = {goods.goods_id for goods in ours}
        unknown = [row for pk, row in remote.items() if pk not in ids]
        changed.created = _create(reading.account, unknown, read_at=started)
    changed.missing = len(lacking) + sum(goods.missing_since is not None for goods in ours)
    reading.finish(
        calls=len(pages), created=changed.created, updated=changed.updated, missing=changed.missing
    )


def _read_library(account: Account, client: WeChatClient) -> list[list[RemoteLiveGoods]]:
    """All four lists, page by page: one call each."""
    return [page for status in AuditStatus for page in read_pages(account, client, status, scheduled=True)]


def _create(account: Account, rows: Iterable[RemoteLiveGoods], *, read_at: dt.datetime) -> int:
    """Records for products that we do not know.

    Left out is what one of our own pushes is adding just now: its answer brings the id, or the look
    for it does. A record of it here would take that id away from its product. Left out as well is what
    one of them has deleted since ``read_at``.
    """
    adding = _open_pushes().filter(account=account, operation=Operation.ADD)
    deleted = set(
        Push.objects.filter(
            account=account,
            operation=Operation.DELETE,
            status=PushStatus.DONE,
            target_type=ContentType.objects.get_for_model(LiveGoods),
            finished_at__gte=read_at,
        ).values_list("remote_id", flat=True)
    )
    ours = {
        (body["goodsInfo"]["name"], body["goodsInfo"]["url"])
        for body in adding.values_list("body", flat=True)
    }
    now = timezone.now()
    created = []
    for row in rows:
        if (row.name, row.url) in ours or row.goods_id in deleted:
            continue
        goods = LiveGoods(account=account, goods_id=row.goods_id, refreshed_at=now)
        _mirror(goods, row)
        goods.mark_taken(LiveGoods.SHARED)
        created.append(goods)
    # Without those that got the same id a moment ago from an answer or another reading.
    LiveGoods.objects.bulk_create(created, batch_size=500, ignore_conflicts=True)
    return len(created)


# --- writing down what was read ------------------------------------------------------------------------


def absorb(
    records: Sequence[LiveGoods], remote: dict[str, RemoteLiveGoods], *, read_at: dt.datetime
) -> Changed:
    """Write what WeChat showed at ``read_at``: only what changed, in bulk, within the caller's transaction.

    Never over a record with an open push, nor over one that got a newer answer meanwhile.
    """
    content_type = ContentType.objects.get_for_model(LiveGoods)
    ids = [goods.pk for goods in records]
    busy = set(_open_pushes().filter(target_id__in=ids).values_list("target_id", flat=True))
    not_newer = Q(pushed_at=None) | Q(pushed_at__lt=read_at)
    fresh = list(LiveGoods.objects.select_for_update().filter(not_newer, pk__in=ids).exclude(pk__in=busy))
    changed, touched, history = Changed(), [], []
    for goods in fresh:
        before = _state(goods)
        row = remote.get(goods.goods_id)
        if row is None:
            goods.mark_missing()
            changed.missing += 1
        else:
            status = goods.audit_status
            _mirror(goods, row)
            if goods.console_made:
                goods.mark_taken(LiveGoods.SHARED)
            if goods.audit_status != status:
                history.append(
                    StatusChange(
                        target_type=content_type, target_id=goods.pk, before=status, after=goods.audit_status
                    )
                )
        if _state(goods) != before:
            touched.append(goods)
            changed.updated += row is not None
    LiveGoods.objects.bulk_update(touched, [*READ_FIELDS, *LOCAL_FIELDS], batch_size=200)
    StatusChange.objects.bulk_create(history)
    shown = [goods.pk for goods in fresh if goods.goods_id in remote]
    LiveGoods.objects.filter(pk__in=shown).update(refreshed_at=read_at)
    return changed


def _open_pushes() -> PushQuerySet:
    return Push.objects.open().filter(target_type=ContentType.objects.get_for_model(LiveGoods))


def _state(goods: LiveGoods) -> list[object]:
    return [getattr(goods, field) for field in [*READ_FIELDS, *LOCAL_FIELDS]]


def _mirror(goods: LiveGoods, row: RemoteLiveGoods) -> None:
    goods.mark_read(wire.snapshot(row))
    # An answer that lacks one of these says nothing about it.
    if row.audit_status is not None:
        goods.audit_status = row.audit_status
    if row.third_party_tag is not None:
        goods.third_party_tag = row.third_party_tag
    goods.missing_polls, goods.missing_since = 0, None
    goods.look_later()


# --- asking for it --------------------------------------------------------------------------------------


def request_look(ids: Iterable[int]) -> int:
    """Mark products to be read at once; returns how many are at WeChat at all."""
    return LiveGoods.objects.filter(pk__in=list(ids)).look_now()


def accounts() -> list[Account]:
    """The accounts that may use live goods."""
    return [account for account in Account.objects.all() if Family.LIVE_GOODS in account.families]
