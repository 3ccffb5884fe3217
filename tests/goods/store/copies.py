"""A product's copies at the pretend WeChat, and ours as WeChat would write them, to be compared."""

from typing import Any

from django.utils import timezone

from audits.models import Push, Reading
from audits.tasks import drain, sweep
from goods import tasks
from goods.models import Sku, Spu
from goods.store import refresh, wire
from shopadmin.simulator.server import Simulator
from tests.journal import fast_forward

SKU_FIELDS = ("out_sku_id", "thumb_img", "sale_price", "market_price", "sku_code", "barcode", "sku_attrs")


def theirs(sim: Simulator, spu: Spu) -> dict[str, Any]:
    """The product at WeChat: states, ``draft`` and ``online``."""
    return sim.spu(int(spu.product_id))


def all_theirs(sim: Simulator) -> list[dict[str, Any]]:
    """Every product that WeChat has, without the deleted ones."""
    return [row for row in sim.spus() if row["status"] != 9]


def copy_of(copy: dict[str, Any]) -> dict[str, Any]:
    """One copy, its SKUs by our numbers, without what WeChat works out by itself."""
    fields = {name: value for name, value in copy.items() if name not in ("skus", "min_price")}
    skus = {sku["out_sku_id"]: {name: sku[name] for name in SKU_FIELDS} for sku in copy["skus"]}
    return fields | {"skus": skus}


def ours(spu: Spu) -> dict[str, Any]:
    """What we want WeChat's copy to be."""
    spu = Spu.objects.get(pk=spu.pk)
    links = {name: [spu.picture(pk).url for pk in getattr(spu, name)] for name in ("head_imgs", "desc_imgs")}
    fields = wire.spu_fields(spu)
    del fields["product_type"]
    skus = {sku.out_sku_id: _sku(spu, sku) for sku in spu.kept_skus()}
    return {
        **fields, "head_img": links["head_imgs"], "desc_info": {"imgs": links["desc_imgs"]}, "skus": skus,
    }  # fmt: skip


def _sku(spu: Spu, sku: Sku) -> dict[str, Any]:
    entry = wire.sku_entry(sku)
    thumb = spu.picture(sku.picture_id).url if sku.picture_id else ""
    return {name: {"thumb_img": thumb, "market_price": 0, **entry}[name] for name in SKU_FIELDS}


def stocks(sim: Simulator, spu: Spu, copy: str = "draft") -> list[int]:
    """What is left to buy of each SKU."""
    return [sku["real_stock"] for sku in theirs(sim, spu)[copy]["skus"]]


def their_sku(sim: Simulator, sku: Sku, copy: str = "draft") -> dict[str, Any]:
    found: dict[str, Any] = next(
        row for row in theirs(sim, sku.spu)[copy]["skus"] if str(row["sku_id"]) == sku.sku_id
    )
    return found


def look(*spus: Spu) -> None:
    """Read these products and their SKUs now."""
    later_than_the_answers()
    Spu.objects.filter(pk__in=[spu.pk for spu in spus]).look_now()
    for account in {spu.account for spu in spus}:
        refresh.look_due(account)
    for spu in spus:
        spu.refresh_from_db()


def pull(account: Any) -> Reading:
    """The nightly sweep, and what follows from it."""
    later_than_the_answers()
    reading = Reading.objects.request(account, "mini_store")
    refresh.pull(reading)
    tasks.look()
    reading.refresh_from_db()
    return reading


def later_than_the_answers() -> None:
    """As if the last answers had come a while ago: a reading never undoes a newer one."""
    Spu.objects.filter(pushed_at__gte=timezone.now()).update(pushed_at=timezone.now())


def to_the_end(most: int = 12) -> None:
    """Let time pass until nothing is open any more, or only a person can go on."""
    for _ in range(most):
        fast_forward()
        drain()
        fast_forward()
        sweep()
        if not Push.objects.open().exclude(status="needs_person").exists():
            return
    drain()
