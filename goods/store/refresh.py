"""Keeping products true: reading both copies of them and of their SKUs back, with few calls."""

import datetime as dt
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from audits.models import Push, Reading, StatusChange, next_window
from audits.models.push import PushQuerySet
from audits.operations import Operation
from audits.states import PushStatus
from goods.models import Spu
from goods.store import catalogue, library
from goods.store.absorbing import absorb_skus, absorb_spu
from goods.store.choices import OnlineStatus
from goods.store.freight import refresh as freight
from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.mini_store import ProductKey
from shopadmin.wechat.mini_store.sku import RemoteSku
from shopadmin.wechat.mini_store.spu import RemoteSpu
from shopadmin.wechat.models import Account, Family

logger = logging.getLogger(__name__)

# Well below the time after which a task is ended.
SECONDS = 25.0
PAUSE_AFTER_ERROR = dt.timedelta(minutes=5)
# While a worker reads them, others leave these records alone.
READING = dt.timedelta(minutes=2)
AT_ONCE = 50
# How many records are written in one transaction.
PART = 200

# Trouble that may be about one product alone; if so many follow one another, it is WeChat's.
ABOUT_ONE = {Kind.INPUT, Kind.STATE, Kind.UNKNOWN, Kind.NO_ANSWER}
MOST_FAILURES = 3

# What a look may change of a product, and nothing else: staff may be editing the rest meanwhile.
READ_FIELDS = (
    "remote", "online", "status", "audit_status", "reject_reason", "out_product_id", "look_at",
    "skus_look_at", "missing_polls", "missing_since", "drift", "drifted_at",
)  # fmt: skip


def accounts() -> list[Account]:
    """The accounts that may use the Mini Store."""
    return [account for account in Account.objects.all() if Family.MINI_STORE in account.families]


# --- what is under review, and what somebody wants to know now --------------------------------------------


class Look:
    """One run through what is due of an account, by products or by lists, whichever takes fewer calls."""

    def __init__(self, account: Account, *, seconds: float = SECONDS) -> None:
        self.account = account
        self.client: WeChatClient = client_for(account)
        self.deadline = time.monotonic() + seconds
        self.calls = self.failures = 0

    def run(self) -> int:
        """Returns the number of calls. What is left when the time is up stays due."""
        try:
            while self._time_left() and (due := self._claim("look_at")):
                self._look_at_products(due)
            while self._time_left() and (due := self._claim("skus_look_at")):
                self._one_by_one("skus_look_at", due, self._look_at_skus)
        except WeChatError as error:
            self._later(error)
        return self.calls

    def _time_left(self) -> bool:
        return time.monotonic() < self.deadline

    def _one_by_one(self, field: str, due: Sequence[Spu], look: Callable[[Spu], None]) -> None:
        """What cannot be read of one product must not keep the others from being read."""
        for place, spu in enumerate(due):
            if not self._time_left():
                # What nobody has got to is due as before.
                _put_off(field, due[place:], dt.timedelta())
                return
            try:
                look(spu)
            except WeChatError as error:
                self.failures += 1
                if error.kind not in ABOUT_ONE or self.failures >= MOST_FAILURES:
                    raise
                logger.warning("account %s: %s could not be read: %s", self.account.pk, spu.product_id, error)
                _put_off(field, [spu], PAUSE_AFTER_ERROR)
            else:
                self.failures = 0

    def _claim(self, field: str) -> list[Spu]:
        """Some records that are due. Those with an open push come after it: until then no answer counts."""
        now = timezone.now()
        with transaction.atomic():
            due = Spu.objects.at_wechat().filter(account=self.account, **{f"{field}__lte": now})
            due = due.exclude(pk__in=_open_pushes().filter(account=self.account).values("target_id"))
            keys = list(
                due.order_by(field).select_for_update(skip_locked=True).values_list("pk", flat=True)[:AT_ONCE]
            )
            Spu.objects.filter(pk__in=keys).update(**{field: now + READING})
        return list(Spu.objects.with_skus().filter(pk__in=keys).order_by("pk"))

    def _look_at_products(self, due: Sequence[Spu]) -> None:
        by_state: dict[int | None, list[Spu]] = defaultdict(list)
        for spu in due:
            by_state[spu.status].append(spu)
        sizes = dict(
            Spu.objects.at_wechat()
            .filter(account=self.account, status__in=[status for status in by_state if status is not None])
            .order_by()
            .values_list("status")
            .annotate(Count("id"))
        )
        for status, group in by_state.items():
            pages = library.calls_for(sizes.get(status, 0))
            if status in library.DRAFT_LISTS and len(group) > pages:
                self._by_list(status, group)
            else:
                self._one_by_one("look_at", group, self._by_id)

    def _by_list(self, status: int, group: Sequence[Spu]) -> None:
        """What has left this state meanwhile is looked at by its id."""
        started, rows = timezone.now(), dict[str, RemoteSpu]()
        for page in library.read_pages(self.client, status, draft=True):
            self.calls += 1
            rows |= {row.product_id: row for row in page}

        def look(spu: Spu) -> None:
            row = rows.get(spu.product_id)
            if row is None:
                self._by_id(spu)
            else:
                self._absorb(spu, row, read_at=started)

        self._one_by_one("look_at", group, look)

    def _by_id(self, spu: Spu) -> None:
        started = timezone.now()
        self._absorb(spu, self._get(spu, draft=True), read_at=started)

    def _get(self, spu: Spu, *, draft: bool) -> RemoteSpu | None:
        self.calls += 1
        try:
            return self.client.mini_store.spu.get(ProductKey(spu.product_id), draft=draft)
        except WeChatError as error:
            # There may be no online copy: then it is refused, or the answer lacks it.
            if error.kind is Kind.NOT_FOUND or (not draft and not error.http_status and error.answer):
                return None
            raise

    def _absorb(self, spu: Spu, row: RemoteSpu | None, *, read_at: dt.datetime) -> None:
        """The draft tells both states; when they are other ones than before, the online copy is read too."""
        changed = row is not None and (row.status, row.edit_status) != (spu.status, spu.audit_status)
        status = row.status if row is not None and row.status is not None else spu.status
        online = None
        if row is not None and status not in (OnlineStatus.NEVER, None) and (changed or not spu.online):
            online = self._get(spu, draft=False)
        write({spu.pk: row}, {spu.pk: online} if online else {}, read_at=read_at, skus_too=changed)

    def _look_at_skus(self, spu: Spu) -> None:
        started = timezone.now()
        copies = [True] if spu.status in (OnlineStatus.NEVER, None) else [True, False]
        read = []
        for draft in copies:
            rows = self._sku_rows(spu, draft=draft)
            if rows is not None:
                read.append((draft, rows))
            elif draft:
                break
        if not read:
            # It is gone, as a look at the product itself will tell.
            Spu.objects.filter(pk=spu.pk, missing_since=None).update(look_at=timezone.now())
            Spu.objects.filter(pk=spu.pk).update(skus_look_at=None)
            return
        with transaction.atomic():
            for ours in _fresh([spu.pk], started):
                before = _state(ours)
                for draft, rows in read:
                    absorb_skus(ours, rows, draft=draft, at=started)
                if _state(ours) != before:
                    ours.save(update_fields=[*READ_FIELDS])
        Spu.objects.filter(pk=spu.pk).exclude(refreshed_at__gt=started).update(refreshed_at=started)

    def _sku_rows(self, spu: Spu, *, draft: bool) -> list[RemoteSku] | None:
        """One copy of its SKUs; None if there is no such copy."""
        self.calls += 1
        try:
            return self.client.mini_store.sku.get_list(spu.product_id, draft=draft)
        except WeChatError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise

    def _later(self, error: WeChatError) -> None:
        logger.warning("account %s: products could not be read: %s", self.account.pk, error)
        now = timezone.now()
        again = next_window() if error.kind is Kind.QUOTA else now + PAUSE_AFTER_ERROR
        mine = Spu.objects.filter(account=self.account)
        for field in ("look_at", "skus_look_at"):
            mine.filter(**{f"{field}__lte": now + READING}).update(**{field: again})


def _put_off(field: str, products: Sequence[Spu], pause: dt.timedelta) -> None:
    keys = [spu.pk for spu in products]
    Spu.objects.filter(pk__in=keys).update(**{field: timezone.now() + pause})


def look_due(account: Account, *, seconds: float = SECONDS) -> int:
    """Read what is due of an account; returns the number of calls."""
    return Look(account, seconds=seconds).run()


# --- everything -------------------------------------------------------------------------------------------


def pull(reading: Reading) -> None:
    """Read an account's products by list calls, both copies; create what exists only there.

    Before them what they refer to: freight templates, brands, couriers. Categories take a task of their own.
    Only what changed has its SKUs read, afterwards and one by one. Products that the lists lack are looked
    up by id before they count as missing.
    """
    if not reading.start():
        return
    account, started = reading.account, timezone.now()
    client = client_for(account)
    calls = 0
    copies: dict[bool, dict[str, RemoteSpu]] = {True: {}, False: {}}
    try:
        calls += freight.read(account, client)
        calls += catalogue.read_lists(account, client)
        for draft, lists in ((False, library.ONLINE_LISTS), (True, library.DRAFT_LISTS)):
            for status in lists:
                for page in library.read_pages(client, status, draft=draft):
                    calls += 1
                    copies[draft] |= {row.product_id: row for row in page}
    except WeChatError as error:
        logger.warning("account %s: the products could not be read: %s", account.pk, error)
        reading.fail(error)
        return
    created = updated = 0
    for rows in _parts(list(copies[True])):
        created += _create(account, {pk: copies[True][pk] for pk in rows}, read_at=started)
    ours = dict(Spu.objects.at_wechat().filter(account=account).values_list("product_id", "pk"))
    for rows in _parts([pk for pk in copies[True] if pk in ours]):
        drafts = {ours[pk]: copies[True][pk] for pk in rows}
        online = {ours[pk]: copies[False][pk] for pk in rows if pk in copies[False]}
        updated += write(drafts, online, read_at=started, skus_too=None)
    lacking = [key for pk, key in ours.items() if pk not in copies[True]]
    for keys in _parts(lacking):
        Spu.objects.filter(pk__in=keys, missing_since=None).update(look_at=timezone.now())
    reading.finish(calls=calls, created=created, updated=max(0, updated - created), missing=len(lacking))


def _parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """A transaction each: staff who save meanwhile wait for one part at most."""
    return (keys[start : start + PART] for start in range(0, len(keys), PART))


@transaction.atomic
def _create(account: Account, rows: Mapping[str, RemoteSpu], *, read_at: dt.datetime) -> int:
    """Records for products that we do not know; a draft of ours with the same number becomes the product's.

    Left out is what one of our own pushes is adding just now: its answer brings the id, or the look for it
    does. Left out as well is what one of them has deleted since ``read_at``.
    """
    known = set(Spu.objects.at_wechat().filter(account=account).values_list("product_id", flat=True))
    unknown = [row for pk, row in rows.items() if pk not in known and row.status != OnlineStatus.DELETED]
    adds = _open_pushes().filter(account=account, operation=Operation.ADD)
    adding = set(adds.values_list("body__out_product_id", flat=True))
    deleted = _deleted_since(account, read_at)
    unknown = [row for row in unknown if row.out_product_id not in adding and row.product_id not in deleted]
    numbers = {row.out_product_id for row in unknown if row.out_product_id}
    drafts = Spu.objects.filter(account=account, out_product_id__in=numbers).order_by("pk")
    ours = {spu.out_product_id: spu for spu in drafts.select_for_update()}
    made = 0
    for row in unknown:
        spu = ours.get(row.out_product_id)
        if spu is not None and spu.at_wechat:
            if spu.missing_since is None or spu.open_push() is not None:
                continue
            # What we knew by this number is gone for good; this is another product.
            spu.mark_deleted()
        if spu is None:
            spu = Spu(account=account, product_id=row.product_id, out_product_id=row.out_product_id)
            absorb_spu(spu, row, draft=True)
            # Saved before it is asked for SKUs, of which there are none yet.
            spu.save()
            spu.mark_taken([field for field in spu.SHARED if field in spu.remote])
        else:
            spu.mark_added(row.product_id)
            absorb_spu(spu, row, draft=True)
        spu.skus_look_at, spu.refreshed_at = timezone.now(), read_at
        spu.save()
        made += 1
    return made


def _deleted_since(account: Account, moment: dt.datetime) -> set[str]:
    deleted = Push.objects.filter(
        account=account,
        operation=Operation.DELETE,
        status=PushStatus.DONE,
        target_type=ContentType.objects.get_for_model(Spu),
        finished_at__gte=moment,
    )
    return set(deleted.values_list("remote_id", flat=True))


# --- writing down what was read ---------------------------------------------------------------------------


def write(
    drafts: Mapping[int, RemoteSpu | None],
    online: Mapping[int, RemoteSpu],
    *,
    read_at: dt.datetime,
    skus_too: bool | None,
) -> int:
    """Write what WeChat showed at ``read_at``, by our keys; only what changed. Returns how many changed.

    Never over a record with an open push, nor over one that got a newer answer meanwhile. ``skus_too`` asks
    for the SKUs to be read as well; None: of what changed.
    """
    changed, history = [], []
    kind = ContentType.objects.get_for_model(Spu)
    with transaction.atomic():
        fresh = _fresh(drafts, read_at)
        for spu in fresh:
            before, status = _state(spu), spu.audit_status
            # Somebody asked for a look after this one had begun.
            asked = spu.look_at if spu.look_at and read_at < spu.look_at <= timezone.now() else None
            row = drafts[spu.pk]
            if row is None or row.status == OnlineStatus.DELETED:
                spu.mark_missing()
            else:
                if spu.pk in online:
                    absorb_spu(spu, online[spu.pk], draft=False)
                absorb_spu(spu, row, draft=True)
                spu.look_at = asked or spu.look_at
            if spu.audit_status != status:
                history.append(
                    StatusChange(target_type=kind, target_id=spu.pk, before=status, after=spu.audit_status)
                )
            moved = _shown(_state(spu)) != _shown(before)
            if row is not None and (skus_too or (skus_too is None and moved)):
                spu.skus_look_at = timezone.now()
            if _state(spu) != before:
                changed.append(spu)
        Spu.objects.bulk_update(changed, READ_FIELDS, batch_size=100)
        StatusChange.objects.bulk_create(history)
        shown = [spu.pk for spu in fresh if drafts[spu.pk] is not None]
        Spu.objects.filter(pk__in=shown).update(refreshed_at=read_at)
    return len(changed)


def _fresh(keys: Iterable[int], read_at: dt.datetime) -> list[Spu]:
    """Those that may be written, locked until the transaction ends."""
    ids = list(keys)
    busy = set(_open_pushes().filter(target_id__in=ids).values_list("target_id", flat=True))
    not_sent_since = Q(pushed_at=None) | Q(pushed_at__lt=read_at)
    not_read_since = Q(refreshed_at=None) | Q(refreshed_at__lte=read_at)
    locked = Spu.objects.with_skus().filter(not_sent_since, not_read_since, pk__in=ids).exclude(pk__in=busy)
    # In one order everywhere, so that no two wait for each other.
    return list(locked.order_by("pk").select_for_update(of=("self",)))


def _open_pushes() -> PushQuerySet:
    return Push.objects.open().filter(target_type=ContentType.objects.get_for_model(Spu))


def _state(spu: Spu) -> dict[str, Any]:
    return {name: getattr(spu, name) for name in READ_FIELDS}


def _shown(state: dict[str, Any]) -> dict[str, Any]:
    """Without the times at which it is looked at."""
    return {name: value for name, value in state.items() if name not in ("look_at", "skus_look_at")}
