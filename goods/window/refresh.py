"""Keeping the window true: its list tells ids only, so products are read one by one, as few as will do."""

import datetime as dt
import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from audits.models import Push, Quota, Reading, StatusChange, next_window
from audits.models.push import PushQuerySet
from audits.models.quota import quota_day
from goods.models import WindowFigure, WindowProduct
from goods.models.window_product import FIGURES_KEPT
from goods.window import wire
from goods.window.choices import Kind
from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import Kind as ErrorKind
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.models import Account, Family
from shopadmin.wechat.window import Found, ListedProduct, RemoteWindowProduct, WindowAPI

logger = logging.getLogger(__name__)

# Well below the time after which a task is ended.
SECONDS = 25.0
PAUSE_AFTER_ERROR = dt.timedelta(minutes=5)
# While a worker reads them, others leave these records alone.
READING = dt.timedelta(minutes=2)
AT_ONCE = 50
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


@contextmanager
def _spent(account: Account, path: str, *, scheduled: bool) -> Iterator[None]:
    """One call out of the day's allowance, which is corrected if the call fails."""
    group = WindowAPI.QUOTA[path]
    if not Quota.objects.spend(account.pk, group, scheduled=scheduled):
        raise WeChatError(ErrorKind.QUOTA, gettext_noop("No calls are left today."))
    try:
        yield
    except WeChatError as error:
        Quota.objects.correct(account.pk, group, error)
        raise


# --- one by one -------------------------------------------------------------------------------------------


def look_due(account: Account, *, scheduled: bool = True, seconds: float = SECONDS) -> int:
    """Read what is due; returns the number of calls. What is left when the time is up stays due.

    One call tells a product and all plans that promote it, so records of one product are read together.
    """
    client, calls, deadline = client_for(account), 0, time.monotonic() + seconds
    while time.monotonic() < deadline and (due := _claim(account)):
        groups: dict[tuple[str, str], list[WindowProduct]] = defaultdict(list)
        for product in due:
            groups[product.appid if product.kind == Kind.OWN else "", product.product_id].append(product)
        try:
            for group in _merged(groups):
                started = timezone.now()
                found = _read(account, client, group, scheduled=scheduled)
                calls += 1
                absorb(group, found, read_at=started)
        except WeChatError as error:
            _later(account, error)
            break
    return calls


def _claim(account: Account) -> list[WindowProduct]:
    """Some that are due. Those with an open push come after it: until then no answer counts."""
    now = timezone.now()
    with transaction.atomic():
        due = WindowProduct.objects.filter(account=account, look_at__lte=now)
        due = due.exclude(pk__in=_open_pushes().filter(account=account).values("target_id"))
        keys = list(
            due.order_by("product_id", "pk")
            .select_for_update(skip_locked=True)
            .values_list("pk", flat=True)[:AT_ONCE]
        )
        WindowProduct.objects.filter(pk__in=keys).update(look_at=now + READING)
    return list(WindowProduct.objects.filter(pk__in=keys).order_by("pk"))


def _merged(groups: Mapping[tuple[str, str], list[WindowProduct]]) -> list[list[WindowProduct]]:
    """Plans go along with the own product that they promote, if that is read as well."""
    merged: dict[str, list[list[WindowProduct]]] = defaultdict(list)
    for (appid, number), group in groups.items():
        if appid:
            merged[number].append(group)
    for (appid, number), group in groups.items():
        if not appid:
            if number and merged[number]:
                merged[number][0] += group
            elif number:
                merged[number].append(group)
            else:
                # Without the product in its shop each plan is asked for by its own number.
                merged[""] += [[product] for product in group]
    return [group for groups_ in merged.values() for group in groups_]


def _read(
    account: Account, client: WeChatClient, group: Sequence[WindowProduct], *, scheduled: bool
) -> dict[tuple[str, str], RemoteWindowProduct]:
    """What one call tells, by kind and id; nothing for what WeChat does not know."""
    own = next((product for product in group if product.kind == Kind.OWN), None)
    # Without the shop's appid WeChat finds a product only together with its plans.
    with_cps = any(product.kind == Kind.CPS for product in group) or bool(own and not own.appid)
    number = group[0].product_id or group[0].cps_id
    with _spent(account, WindowAPI.GET, scheduled=scheduled):
        try:
            found = client.window.get(number, own.appid if own else "", with_cps=with_cps)
        except WeChatError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return {}
            raise
    return _by_id(found)


def _by_id(found: Found) -> dict[tuple[str, str], RemoteWindowProduct]:
    rows = [*([found.product] if found.product else []), *found.cps_products]
    return {(row.kind.value, row.cps_id or row.product_id): row for row in rows}


def _later(account: Account, error: WeChatError) -> None:
    logger.warning("account %s: the window could not be read: %s", account.pk, error)
    now = timezone.now()
    again = next_window() if error.kind is ErrorKind.QUOTA else now + PAUSE_AFTER_ERROR
    mine = WindowProduct.objects.filter(account=account, look_at__lte=now + READING)
    mine.update(look_at=again)


# --- everything -------------------------------------------------------------------------------------------


def pull(reading: Reading, *, scheduled: bool = True) -> None:
    """Read the list of a whole window: one call per 200. Its products are read afterwards, one by one.

    What the list lacks is looked up by its id before it counts as gone.
    """
    if not reading.start():
        return
    account, client, calls = reading.account, client_for(reading.account), 0
    listed: dict[tuple[str, str], ListedProduct] = {}
    total: int | None = None
    try:
        for page in client.window.walk(around=lambda: _spent(account, WindowAPI.LIST, scheduled=scheduled)):
            calls += 1
            total = page.total
            listed |= {(kind.value, number): row for row in page.products for kind, number in [row.key]}
    except WeChatError as error:
        logger.warning("account %s: the window could not be listed: %s", account.pk, error)
        reading.fail(error)
        return
    now = timezone.now()
    with transaction.atomic():
        ours = {_key(product): product for product in _known(account)}
        created = _create(account, [row for key, row in listed.items() if key not in ours])
        there = [product.pk for key, product in ours.items() if key in listed]
        known = WindowProduct.objects.filter(pk__in=there)
        stale = Q(refreshed_at=None) | Q(refreshed_at__lt=now - FRESH) | Q(in_window=False)
        updated = known.filter(stale).update(look_at=now)
        # A list with fewer products than it announced proves nothing of those it lacks.
        complete = total is None or len(listed) >= total
        gone = [product.pk for key, product in ours.items() if key not in listed and product.in_window]
        WindowProduct.objects.filter(pk__in=gone).update(look_at=now)
    reading.finish(calls=calls, created=created, updated=updated, missing=len(gone) if complete else 0)


def _known(account: Account) -> Iterable[WindowProduct]:
    fields = ("kind", "appid", "product_id", "cps_id", "in_window")
    return WindowProduct.objects.filter(account=account).only(*fields).order_by("in_window", "pk")


def _key(product: WindowProduct) -> tuple[str, str]:
    return product.kind, product.window_id


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
    found: Mapping[tuple[str, str], RemoteWindowProduct],
    *,
    read_at: dt.datetime,
) -> int:
    """Write what WeChat showed at ``read_at``: only what changed. Returns how many changed.

    Never over a record with an open push, nor over one that got a newer answer meanwhile.
    """
    kind = ContentType.objects.get_for_model(WindowProduct)
    ids = [product.pk for product in records]
    changed, history, figures = [], [], []
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
                figures.append(
                    WindowFigure(
                        product=product, day=quota_day(read_at), sales=product.sales, stock=product.stock
                    )
                )
            if product.status != status:
                history.append(
                    StatusChange(target_type=kind, target_id=product.pk, before=status, after=product.status)
                )
            if _state(product) != before:
                changed.append(product)
        WindowProduct.objects.bulk_update(changed, READ_FIELDS, batch_size=100)
        StatusChange.objects.bulk_create(history)
        WindowFigure.objects.bulk_create(
            figures,
            update_conflicts=True,
            unique_fields=["product", "day"],
            update_fields=["sales", "stock"],
        )
        WindowProduct.objects.filter(pk__in=[figure.product_id for figure in figures]).update(
            refreshed_at=read_at
        )
    return len(changed)


def _mirror(product: WindowProduct, remote: RemoteWindowProduct) -> None:
    new = not product.remote and product.pushed_at is None
    product.mark_found(remote)
    if remote.product_id:
        product.product_id = remote.product_id
    if new:
        # Nobody here has had a wish about it yet.
        product.mark_taken(product.SHARED)


def _open_pushes() -> PushQuerySet:
    return Push.objects.open().filter(target_type=ContentType.objects.get_for_model(WindowProduct))


def _state(product: WindowProduct) -> list[Any]:
    return [getattr(product, name) for name in READ_FIELDS]


def prune() -> int:
    """Forget figures that are too old to be looked at; returns how many."""
    old = WindowFigure.objects.filter(day__lt=quota_day(timezone.now() - FIGURES_KEPT))
    return old.delete()[0]
