"""Keeping the window true: its list tells ids only, so products are read one by one, as few as will do."""

import datetime as dt
import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from audits.models import Push, Reading, StatusChange, next_window
from audits.models.push import PushQuerySet
from audits.models.quota import quota_day
from goods.models import WindowFigure, WindowProduct
from goods.models.window_product import FIGURES_KEPT
from goods.window import wire
from goods.window.choices import Kind
from goods.window.library import spent
from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import Kind as ErrorKind
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.models import Account, Family
from shopadmin.wechat.window import EVERYTHING, Filter, ListedProduct, RemoteWindowProduct, WindowAPI

logger = logging.getLogger(__name__)

# Well below the time after which a task is ended.
SECONDS = 25.0
PAUSE_AFTER_ERROR = dt.timedelta(minutes=5)
# While a worker reads them, others leave these records alone.
READING = dt.timedelta(minutes=2)
AT_ONCE = 50
# How many records one statement names.
PART = 500

# A record's kind, and its number in the window.
Key = tuple[str, str]

# Trouble that may be about one product alone; if so many follow one another, it is WeChat's.
ABOUT_ONE = {ErrorKind.INPUT, ErrorKind.STATE, ErrorKind.UNKNOWN, ErrorKind.NO_ANSWER}
MOST_FAILURES = 3

# What was read within that time need not be read again by the nightly pull.
FRESH = dt.timedelta(hours=12)

# What a look may change, and nothing else: staff may be editing the rest meanwhile.
READ_FIELDS = (
    *wire.FIELDS, "hide", "product_id", "in_window", "remote", "drift", "drifted_at", "look_at",
    "missing_polls", "missing_since",
)  # fmt: skip


def accounts() -> list[Account]:
    """The accounts that may use the Channels window."""
    return [account for account in Account.objects.all() if Family.WINDOW in account.families]


# --- one by one -------------------------------------------------------------------------------------------


def look_due(account: Account, *, scheduled: bool = True, seconds: float = SECONDS) -> int:
    """Read what is due; returns the number of calls. What is left when the time is up stays due."""
    look = Look(account, scheduled=scheduled, seconds=seconds)
    try:
        look.run()
    except WeChatError as error:
        _later(account, error)
    return look.calls


class Look:
    """One run through what is due of an account.

    One call tells a product and all plans that promote it, so records of one product are read together.
    """

    def __init__(self, account: Account, *, scheduled: bool, seconds: float) -> None:
        self.account, self.scheduled = account, scheduled
        self.client: WeChatClient = client_for(account)
        self.deadline = time.monotonic() + seconds
        self.calls = self.failures = 0

    def run(self) -> None:
        while self._time_left() and (due := _claim(self.account)):
            groups = _grouped(due)
            while groups and self._time_left():
                self._look_at(groups.pop(0))
            # What nobody has got to is due as before.
            _put_off([product for group in groups for product in group], dt.timedelta())

    def _time_left(self) -> bool:
        return time.monotonic() < self.deadline

    def _look_at(self, group: Sequence[WindowProduct]) -> None:
        """What cannot be read of one product must not keep the others from being read."""
        started = timezone.now()
        try:
            found = self._read(group)
        except WeChatError as error:
            self.failures += 1
            if error.kind not in ABOUT_ONE or self.failures >= MOST_FAILURES:
                raise
            logger.warning("account %s: %s could not be read: %s", self.account.pk, group[0].window_id, error)
            _put_off(group, PAUSE_AFTER_ERROR)
            return
        self.failures = 0
        absorb(group, found, read_at=started)

    def _read(self, group: Sequence[WindowProduct]) -> dict[Key, RemoteWindowProduct]:
        """What WeChat tells of these records, by kind and id; nothing for what it does not know."""
        own = next((product for product in group if product.kind == Kind.OWN), None)
        # Without the shop's appid WeChat finds a product only together with its plans.
        with_cps = any(product.kind == Kind.CPS for product in group) or bool(own and not own.appid)
        number = group[0].product_id or group[0].cps_id
        found = self._get(number, own.appid if own else "", with_cps=with_cps)
        for plan in group:
            if plan.kind == Kind.CPS and _key(plan) not in found and plan.cps_id != number:
                # A number may be a product's and a promotion's: then WeChat tells that promotion only.
                found |= self._get(plan.cps_id, with_cps=True)
        return found

    def _get(self, number: str, appid: str = "", *, with_cps: bool) -> dict[Key, RemoteWindowProduct]:
        with spent(self.account, WindowAPI.GET, scheduled=self.scheduled):
            self.calls += 1
            try:
                found = self.client.window.get(number, appid, with_cps=with_cps)
            except WeChatError as error:
                if wire.says_absent(error):
                    return {}
                raise
        rows = [*([found.product] if found.product else []), *found.cps_products]
        return {(row.kind.value, row.cps_id or row.product_id): row for row in rows}


def _claim(account: Account) -> list[WindowProduct]:
    """Some that are due, with everything that is due of the same products.

    Those with an open push come after it: until then no answer counts.
    """
    now = timezone.now()
    with transaction.atomic():
        due = WindowProduct.objects.filter(account=account, look_at__lte=now)
        due = due.exclude(pk__in=_open_pushes().filter(account=account).values("target_id"))
        longest_ago = due.order_by(F("refreshed_at").asc(nulls_first=True), "product_id", "pk")
        numbers = set(longest_ago.values_list("product_id", flat=True)[:AT_ONCE])
        together = due.filter(product_id__in=numbers).order_by("pk")
        keys = list(together.select_for_update(skip_locked=True).values_list("pk", flat=True))
        for part in _parts(keys):
            WindowProduct.objects.filter(pk__in=part).update(look_at=now + READING)
    parts = (WindowProduct.objects.filter(pk__in=part).order_by("pk") for part in _parts(keys))
    return [product for part in parts for product in part]


def _grouped(due: Iterable[WindowProduct]) -> list[list[WindowProduct]]:
    """What one call can tell each: plans go along with the product that they promote."""
    groups: dict[str, list[list[WindowProduct]]] = defaultdict(list)
    for product in sorted(due, key=lambda product: (product.kind != Kind.OWN, product.pk)):
        if product.kind == Kind.CPS and product.product_id and groups[product.product_id]:
            groups[product.product_id][0].append(product)
        else:
            # Without the product in its shop each plan is asked for by its own number.
            groups[product.product_id].append([product])
    return [group for of_one_number in groups.values() for group in of_one_number]


def _put_off(products: Iterable[WindowProduct], pause: dt.timedelta) -> None:
    for part in _parts([product.pk for product in products]):
        WindowProduct.objects.filter(pk__in=part).update(look_at=timezone.now() + pause)


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """Databases take only so many values in one statement."""
    return (keys[start : start + PART] for start in range(0, len(keys), PART))


def _later(account: Account, error: WeChatError) -> None:
    logger.warning("account %s: the window could not be read: %s", account.pk, error)
    now = timezone.now()
    again = next_window() if error.kind is ErrorKind.QUOTA else now + PAUSE_AFTER_ERROR
    mine = WindowProduct.objects.filter(account=account, look_at__lte=now + READING)
    mine.update(look_at=again)


# --- everything -------------------------------------------------------------------------------------------


@dataclass
class Listed:
    """What the list told, by kind and id. It is ``complete`` if it has as many products as it announced."""

    products: dict[Key, ListedProduct] = field(default_factory=dict)
    calls: int = 0
    complete: bool = True

    def read(self, account: Account, which: Filter, *, scheduled: bool) -> None:
        total, before = None, len(self.products)
        walk = client_for(account).window.walk(
            which, around=lambda: spent(account, WindowAPI.LIST, scheduled=scheduled)
        )
        for page in walk:
            self.calls += 1
            total = page.total
            self.products |= {(row.key[0].value, row.key[1]): row for row in page.products}
        self.complete &= total is None or len(self.products) - before >= total


def pull(reading: Reading, *, scheduled: bool = True) -> None:
    """Read the list of a whole window: one call per 200. Its products are read afterwards, one by one.

    What the list lacks is looked up by its id before it counts as gone.
    """
    if not reading.start():
        return
    account, listed = reading.account, Listed()
    try:
        listed.read(account, EVERYTHING, scheduled=scheduled)
        if not any(kind == Kind.CPS for kind, _number in listed.products):
            # Whether "everything" includes them is not documented.
            listed.read(account, Filter(only_cps=True), scheduled=scheduled)
    except WeChatError as error:
        logger.warning("account %s: the window could not be listed: %s", account.pk, error)
        reading.fail(error)
        return
    with transaction.atomic():
        ours = {_key(product): product for product in _known(account)}
        created = _create(account, [row for key, row in listed.products.items() if key not in ours])
        _note_sources(ours, listed)
        updated = _look_now([product.pk for key, product in ours.items() if key in listed.products])
        lacking = [
            product.pk for key, product in ours.items() if key not in listed.products and product.in_window
        ]
        # A list with fewer products than it announced proves nothing of those that it lacks.
        _look_now(lacking, all_of_them=listed.complete)
    missing = len(lacking) if listed.complete else 0
    reading.finish(calls=listed.calls, created=created, updated=updated, missing=missing)


def _known(account: Account) -> Iterable[WindowProduct]:
    """Of two records with one number the one in the window comes last, and counts."""
    fields = ("kind", "appid", "product_id", "cps_id", "in_window", "product_source")
    return WindowProduct.objects.filter(account=account).only(*fields).order_by("in_window", "pk")


def _key(product: WindowProduct) -> Key:
    return product.kind, product.window_id


def _look_now(keys: Sequence[int], *, all_of_them: bool = False) -> int:
    """Have products read next, unless that was done lately; returns how many."""
    now, asked = timezone.now(), 0
    stale = Q(refreshed_at=None) | Q(refreshed_at__lt=now - FRESH) | Q(in_window=False)
    for part in _parts(keys):
        found = WindowProduct.objects.filter(pk__in=part)
        asked += (found if all_of_them else found.filter(stale)).update(look_at=now)
    return asked


def _note_sources(ours: Mapping[Key, WindowProduct], listed: Listed) -> None:
    """Where a product comes from is told by the list alone."""
    changed = []
    for key, row in listed.products.items():
        product, source = ours.get(key), wire.small(row.product_source)
        if product is not None and source is not None and product.product_source != source:
            product.product_source = source
            changed.append(product)
    WindowProduct.objects.bulk_update(changed, ["product_source"], batch_size=PART)


def _create(account: Account, rows: Sequence[ListedProduct]) -> int:
    """Records for what we do not know; what they are is read next."""
    now = timezone.now()
    made = [
        WindowProduct(
            account=account,
            kind=row.kind.value,
            appid=row.appid,
            product_id=row.product_id,
            cps_id=row.cps_id,
            product_source=wire.small(row.product_source),
            in_window=True,
            look_at=now,
        )
        for row in rows
    ]
    # Without those that another reading has just made.
    WindowProduct.objects.bulk_create(made, batch_size=500, ignore_conflicts=True)
    return len(made)


# --- writing down what was read ---------------------------------------------------------------------------


def absorb(
    records: Sequence[WindowProduct],
    found: Mapping[Key, RemoteWindowProduct],
    *,
    read_at: dt.datetime,
) -> int:
    """Write what WeChat showed at ``read_at``: only what changed. Returns how many changed.

    Never over a record with an open push, nor over one that got a newer answer meanwhile.
    """
    ids = [product.pk for product in records]
    changed, history, figures = 0, [], []
    with transaction.atomic():
        busy = set(_open_pushes().filter(target_id__in=ids).values_list("target_id", flat=True))
        not_newer = Q(pushed_at=None) | Q(pushed_at__lt=read_at)
        fresh = WindowProduct.objects.select_for_update().filter(not_newer, pk__in=ids).exclude(pk__in=busy)
        for product in fresh:
            before, status = _state(product), product.status
            remote = found.get(_key(product))
            if remote is None:
                product.mark_left()
            else:
                _mirror(product, remote)
                figures.append(_figure(product, read_at))
            if product.status != status:
                history.append(_change(product, status))
            values = {name: value for name, value in _state(product).items() if value != before[name]}
            changed += bool(values)
            seen = {"refreshed_at": read_at} if remote is not None else {}
            # A statement each: with so many columns one for all of them takes far longer to be made.
            WindowProduct.objects.filter(pk=product.pk).update(**values, **seen)
        StatusChange.objects.bulk_create(history)
        WindowFigure.objects.bulk_create(
            figures,
            update_conflicts=True,
            unique_fields=["product", "day"],
            update_fields=["sales", "stock"],
        )
    return changed


def _figure(product: WindowProduct, read_at: dt.datetime) -> WindowFigure:
    return WindowFigure(product=product, day=quota_day(read_at), sales=product.sales, stock=product.stock)


def _change(product: WindowProduct, before: int | None) -> StatusChange:
    kind = ContentType.objects.get_for_model(WindowProduct)
    return StatusChange(target_type=kind, target_id=product.pk, before=before, after=product.status)


def _mirror(product: WindowProduct, remote: RemoteWindowProduct) -> None:
    new = not product.remote and product.pushed_at is None and product.in_window
    product.mark_found(remote)
    if remote.product_id:
        product.product_id = remote.product_id
    if new:
        # It was found at WeChat, so nobody here has had a wish about it yet.
        product.mark_taken(product.SHARED)


def _open_pushes() -> PushQuerySet:
    return Push.objects.open().filter(target_type=ContentType.objects.get_for_model(WindowProduct))


def _state(product: WindowProduct) -> dict[str, Any]:
    return {name: getattr(product, name) for name in READ_FIELDS}


def prune() -> int:
    """Forget figures that are too old to be looked at; returns how many."""
    old = WindowFigure.objects.filter(day__lt=quota_day(timezone.now() - FIGURES_KEPT))
    return old.delete()[0]
