"""WeChat's records of the Mini Store against ours."""

from collections import Counter
from typing import Any

from audits.models import Push, Quota
from goods.models import Sku, Spu
from goods.store.refresh import look_due
from shopadmin.wechat.mini_store.spu import SpuAPI
from tests.chaos.shopkeeper import CHANGED, Shopkeeper, expected_stock, real_stocks
from tests.chaos.wechat import WeChat

OUT_OF_QUOTA = 300000


def compare(wechat: WeChat, keeper: Shopkeeper) -> dict[str, list[str]]:
    """What must not be, by name; empty lists if all is well."""
    before_the_last_look = _known(wechat, keeper)
    Spu.objects.all().look_now()
    while look_due(keeper.account):
        pass
    state = wechat.state(keeper.account.appid)
    return {
        **before_the_last_look,
        "products: wrong states": _wrong_states(_living(state)),
        "changes of stock lost or doubled": _wrong_stocks(keeper, state),
        "product quota overspent": _overspent(wechat, keeper, state),
    }


def _living(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {str(row["product_id"]): row for row in state["spus"] if row["status"] != 9}


def _known(wechat: WeChat, keeper: Shopkeeper) -> dict[str, list[str]]:
    """What the pushes alone have told us."""
    living = _living(wechat.state(keeper.account.appid))
    numbers = Counter(row["out_product_id"] for row in living.values())
    skus = {str(sku["sku_id"]): sku for row in living.values() for sku in row["draft"]["skus"]}
    sku_numbers = Counter(sku["out_sku_id"] for sku in skus.values())
    ours = set(Spu.objects.at_wechat().values_list("product_id", flat=True))
    our_skus = set(Sku.objects.exclude(sku_id="").filter(missing_since=None).values_list("sku_id", flat=True))
    return {
        "products: duplicates": [
            number for found in (numbers, sku_numbers) for number, count in found.items() if count > 1
        ],
        "products: lost ids": sorted((living.keys() - ours) | (skus.keys() - our_skus)),
        "products: made up": sorted((ours - living.keys()) | (our_skus - skus.keys())),
        "products: wrong drafts": [text for spu in _settled() for text in _wrong_draft(spu, living)],
    }


def _settled() -> list[Spu]:
    busy = Push.objects.open().filter(target_type__model="spu").values("target_id")
    return list(Spu.objects.at_wechat().with_skus().exclude(pk__in=busy))


def _wrong_draft(spu: Spu, living: dict[str, dict[str, Any]]) -> list[str]:
    """What we believe that WeChat's draft holds."""
    row = living.get(spu.product_id)
    if row is None:
        return []
    draft = row["draft"]
    found = [f"{spu.pk}: title {draft['title']}"] if draft["title"] != spu.remote["title"] else []
    prices = {str(sku["sku_id"]): f"{sku['sale_price'] / 100:.2f}" for sku in draft["skus"]}
    known = {sku.sku_id: sku.remote["sale_price"] for sku in spu.skus.all() if sku.at_wechat}
    return found + ([f"{spu.pk}: prices {prices}, here {known}"] if prices != known else [])


def _wrong_states(living: dict[str, dict[str, Any]]) -> list[str]:
    """After a last look nothing may differ."""
    wrong = []
    for spu in _settled():
        row = living[spu.product_id]
        if (row["status"], row["edit_status"]) != (spu.status, spu.audit_status):
            wrong.append(
                f"{spu.pk}: {row['status']}/{row['edit_status']}, here {spu.status}/{spu.audit_status}"
            )
        if row["online"] and row["online"]["title"] != spu.online.get("title"):
            wrong.append(f"{spu.pk}: buyers see {row['online']['title']}, here {spu.online.get('title')}")
        left = {str(sku["sku_id"]): sku["real_stock"] for sku in row["draft"]["skus"]}
        known = {sku.sku_id: sku.real_stock for sku in spu.skus.all() if sku.at_wechat}
        if left != known:
            wrong.append(f"{spu.pk}: stock {left}, here {known}")
        if spu.drift:
            wrong.append(f"{spu.pk}: drift {spu.drift} that nobody made")
    return wrong


def _wrong_stocks(keeper: Shopkeeper, state: dict[str, Any]) -> list[str]:
    """What every change that is done adds up to, less what was sold, is what is left."""
    left, wrong = real_stocks(state), []
    for spu in _settled():
        sku = spu.skus.get(position=CHANGED)
        wanted = expected_stock(spu, sku, keeper.sold)
        if left[sku.sku_id] != wanted:
            wrong.append(f"{spu.pk} {sku.sku_id}: {left[sku.sku_id]} at WeChat, {wanted} by the journal")
    return wrong


def _overspent(wechat: WeChat, keeper: Shopkeeper, state: dict[str, Any]) -> list[str]:
    found = [f"errcode {OUT_OF_QUOTA}"] if wechat.errcodes[OUT_OF_QUOTA] else []
    written = state["counters"]["spu_writes_today"]
    used = Quota.objects.today(keeper.account.pk, SpuAPI.CHANGES).used
    return found + ([f"{written} written at WeChat, {used} here"] if used < written else [])
