"""What products refer to: categories, brands and couriers, read from WeChat, and looked up.

Categories come one level per call, which makes dozens of calls: they are read in parts, and at most daily.
Nothing is deleted that a product may name; what WeChat no longer lists is marked.
"""

import datetime as dt
import logging
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from goods.models import Brand, Category, Courier
from goods.models.catalogue import LEVELS
from goods.store.choices import NO_BRAND
from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.mini_store.catalogue import ROOT, RemoteCategory
from shopadmin.wechat.models import Account

logger = logging.getLogger(__name__)

# Well below the time after which a task is ended.
SECONDS = 25.0
# Somewhat less than a day, so that the nightly reading finds them old enough.
FRESH = dt.timedelta(hours=20)

PATH = re.compile(r"\s*[/>＞›»]\s*")


# --- reading ----------------------------------------------------------------------------------------------


def read_lists(account: Account, client: WeChatClient) -> int:
    """Read brands and couriers; returns the number of calls. A shop that may not read them has none."""
    calls = 0
    for read in (_read_brands, _read_couriers):
        calls += 1
        try:
            read(account, client)
        except WeChatError as error:
            logger.warning("account %s: %s failed: %s", account.pk, read.__name__, error)
    return calls


def _read_brands(account: Account, client: WeChatClient) -> None:
    remote: dict[tuple[str, ...], dict[str, Any]] = {
        (brand.brand_id, brand.cat_ids[-1]): {"name": brand.name, "cats": list(brand.cat_ids)}
        for brand in client.mini_store.catalogue.get_brands()
    }
    _keep(Brand, account, ("brand_id", "leaf_id"), remote)


def _read_couriers(account: Account, client: WeChatClient) -> None:
    companies = client.mini_store.freight.get_companies()
    _keep(Courier, account, ("delivery_id",), {(pk,): {"name": name} for pk, name in companies.items()})


def _keep(
    model: Any, account: Account, key: tuple[str, ...], remote: Mapping[tuple[str, ...], dict[str, Any]]
) -> None:
    """Write what changed; what is gone is marked."""
    with transaction.atomic():
        ours = {
            tuple(getattr(row, name) for name in key): row for row in model.objects.filter(account=account)
        }
        changed = []
        for found, row in ours.items():
            values = remote[found] | {"gone_at": None} if found in remote else _gone(row)
            if _write(row, values):
                changed.append(row)
        fields = ["gone_at", *next(iter(remote.values()), {})]
        model.objects.bulk_update(changed, fields, batch_size=200)
        new = [
            model(account=account, **dict(zip(key, found, strict=True)), **values)
            for found, values in remote.items()
            if found not in ours
        ]
        model.objects.bulk_create(new, batch_size=200, ignore_conflicts=True)


def _gone(row: Any) -> dict[str, Any]:
    return {"gone_at": row.gone_at or timezone.now()}


def _write(row: models.Model, values: Mapping[str, Any]) -> bool:
    """Set these fields; whether one of them was another before."""
    changed = any(getattr(row, name) != value for name, value in values.items())
    for name, value in values.items():
        setattr(row, name, value)
    return changed


def categories_due(account: Account) -> bool:
    """Something of the tree is to be read."""
    return _root(account).pk is None or _stale(account).exists()


def read_categories(account: Account, *, seconds: float = SECONDS) -> int:
    """Read what is due of the tree, level by level; returns the number of calls. Raises WeChatError.

    Every call is written at once, so whoever comes next goes on where this one stopped.
    """
    client, deadline, calls = client_for(account), time.monotonic() + seconds, 0
    root = _root(account)
    if root.pk is None:
        root.save()
    while time.monotonic() < deadline and (parent := _stale(account).order_by("level", "id").first()):
        calls += 1
        _keep_children(parent, client.mini_store.catalogue.get_categories(parent.cat_id))
    return calls


def request_categories(account: Account) -> None:
    """Ask for the whole tree to be read anew, however young it is."""
    Category.objects.filter(account=account).update(children_read_at=None)


def _root(account: Account) -> Category:
    return Category.objects.filter(account=account, level=0).first() or Category(
        account=account, cat_id=ROOT, level=0
    )


def _stale(account: Account) -> models.QuerySet[Category]:
    return Category.objects.filter(account=account).stale(timezone.now() - FRESH)


def _keep_children(parent: Category, remote: Sequence[RemoteCategory]) -> None:
    """Write what is below a category, only what changed."""
    with transaction.atomic():
        mine = Category.objects.filter(account=parent.account)
        ours = {row.cat_id: row for row in mine.filter(cat_id__in=[row.cat_id for row in remote])}
        values = {"parent_id": parent.cat_id, "level": parent.level + 1, "gone_at": None}
        new, changed = [], []
        for row in remote:
            known = ours.get(row.cat_id)
            if known is None:
                new.append(Category(account=parent.account, cat_id=row.cat_id, name=row.name, **values))
                continue
            back = known.gone_at is not None
            if _write(known, values | {"name": row.name}):
                # What was below it may have been marked as gone with it.
                known.children_read_at = None if back else known.children_read_at
                changed.append(known)
        Category.objects.bulk_create(new, batch_size=200, ignore_conflicts=True)
        Category.objects.bulk_update(changed, [*values, "name", "children_read_at"], batch_size=200)
        _mark_gone(parent, kept=[row.cat_id for row in remote])
        parent.children_read_at, parent.has_children = timezone.now(), bool(remote)
        parent.save(update_fields=["children_read_at", "has_children"])


def _mark_gone(parent: Category, *, kept: Iterable[str]) -> None:
    """With everything below."""
    mine = Category.objects.usable().filter(account=parent.account)
    gone = list(
        mine.filter(parent_id=parent.cat_id).exclude(cat_id__in=kept).values_list("cat_id", flat=True)
    )
    while gone:
        mine.filter(cat_id__in=gone).update(gone_at=timezone.now())
        gone = list(mine.filter(parent_id__in=gone).values_list("cat_id", flat=True))


# --- looking up -------------------------------------------------------------------------------------------


def category_children(account: Account, parent: str = ROOT) -> list[dict[str, Any]]:
    """What can be chosen below a category. Not ``open``: the shop has to apply for what is below it first."""
    rows = Category.objects.usable().filter(account=account, parent_id=parent).order_by("id")
    return [
        {
            "id": row.cat_id,
            "name": row.name,
            "leaf": row.level == LEVELS,
            "open": row.level == LEVELS or row.has_children or row.children_read_at is None,
        }
        for row in rows
    ]


def brands(account: Account) -> models.QuerySet[Brand]:
    """The brands granted to the shop, a row for each branch of categories."""
    return Brand.objects.usable().filter(account=account)


def check_cats(account: Account, brand_id: str, cats: Sequence[str]) -> list[str]:
    """What is wrong with a product's three categories; nothing as long as WeChat's have not been read."""
    if len(cats) != LEVELS or not all(cats):
        return []
    if brand_id and brand_id != NO_BRAND and Brand.objects.filter(account=account).exists():
        return _brand_problems(account, brand_id, list(cats))
    if not Category.objects.filter(account=account, level=LEVELS).exists():
        return []
    return _branch_problems(account, cats)


def _brand_problems(account: Account, brand_id: str, cats: list[str]) -> list[str]:
    branches = [brand.cats for brand in brands(account).filter(brand_id=brand_id)]
    if not branches:
        return [_("This brand is not granted to the shop. Choose another one, or “no brand”.")]
    if cats in branches:
        return []
    names = _names(account, {cat for branch in branches for cat in branch})
    shown = _(", ").join(" › ".join(names.get(cat, cat) for cat in branch) for branch in branches)
    return [
        _("This brand is granted only for: %(branches)s. Choose that, or “no brand”.") % {"branches": shown}
    ]


def _branch_problems(account: Account, cats: Sequence[str]) -> list[str]:
    rows = Category.objects.filter(account=account, cat_id__in=cats)
    found = {row.cat_id: row for row in rows}
    above = found.get(cats[1])
    if cats[2] not in found and above and not above.gone_at and above.children_read_at is None:
        # What is below it has not been read yet.
        return []
    known = [found.get(cat) for cat in cats]
    if not all(row and row.gone_at is None for row in known):
        shown = " › ".join(row.name if row else cat for cat, row in zip(cats, known, strict=True))
        if above and not above.gone_at and not above.has_children:
            text = _("The shop must apply for this category at shop.weixin.qq.com first: %(category)s.")
        else:
            text = _(
                "WeChat no longer has this category, or not for this shop: %(category)s. Choose another one."
            )
        return [text % {"category": shown}]
    levels = [(row.level, row.parent_id) for row in known if row]
    if levels != [(1, ROOT), (2, cats[0]), (3, cats[1])]:
        return [_("The three categories do not belong together. Choose the category again.")]
    return []


def _names(account: Account, cats: Iterable[str]) -> dict[str, str]:
    rows = Category.objects.filter(account=account, cat_id__in=list(cats))
    return dict(rows.values_list("cat_id", "name"))


def find_category(account: Account, text: str) -> list[str]:
    """The three ids of the one category that is meant, see ``find_categories``; else []."""
    found = find_categories(account, text)
    return found[0] if len(found) == 1 else []


def find_categories(account: Account, text: str) -> list[list[str]]:
    """The branches that a text may mean: a path such as “服饰内衣 › 男装 › T恤”, its end, or a number."""
    names = [name for name in PATH.split(text.strip()) if name]
    if not names or len(names) > LEVELS:
        return []
    usable = Category.objects.usable().filter(account=account)
    leaves = usable.filter(level=LEVELS, name=names[-1])
    if not leaves and len(names) == 1 and text.strip().isdigit():
        leaves = usable.filter(level=LEVELS, cat_id=text.strip())
        names = []
    return [branch for leaf in leaves if (branch := _branch(usable, leaf, names))]


def _branch(usable: models.QuerySet[Category], leaf: Category, names: Sequence[str]) -> list[str]:
    """From the first level to this leaf, if the names are those of its end."""
    rows = [leaf]
    while rows[0].level > 1:
        above = usable.filter(cat_id=rows[0].parent_id).first()
        if above is None:
            return []
        rows.insert(0, above)
    ending = [row.name for row in rows[LEVELS - len(names) :]]
    return [row.cat_id for row in rows] if not names or ending == list(names) else []
