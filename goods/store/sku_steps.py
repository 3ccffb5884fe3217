"""The calls about single SKUs: removed, changed, added, with new prices and with another stock.

``entry`` is what the push keeps of a SKU, ``code`` in it the number by which its steps are named.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from audits.operations import Call, Recovery, Step
from goods.store import wire
from goods.store.uploads import url_of
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.mini_store import SkuKey
from shopadmin.wechat.mini_store.sku import SkuAPI
from shopadmin.wechat.mini_store.spu import SpuAPI
from shopadmin.wechat.mini_store.stock import StockAPI

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import Sku, Spu

SKU_GONE = {9401006, 100004}

Recovered = tuple[Recovery | None, list[str]]


def store_step(
    name: str, path: str, prepare: Callable[..., Call], absorb: Callable[..., list[str]], **rest: Any
) -> Step:
    return Step(name, path, "mini_store", prepare, absorb, quota=SpuAPI.QUOTA.get(path), **rest)


def entry_fields(spu: "Spu", entry: Mapping[str, Any]) -> dict[str, Any]:
    return wire.sku_fields(entry, url_of(spu, entry["picture"]) if entry["picture"] else "")


def _sku(spu: "Spu", entry: Mapping[str, Any]) -> "Sku | None":
    """The record of an entry; None if it was deleted here meanwhile."""
    return spu.skus.filter(pk=entry["pk"]).first()


def _key(spu: "Spu", entry: Mapping[str, Any]) -> SkuKey:
    sku = _sku(spu, entry)
    return SkuKey(sku.sku_id, sku.out_sku_id) if sku else SkuKey(out_sku_id=entry["code"])


def _note_refusal(entry: Mapping[str, Any], spu: "Spu", push: "Push", error: WeChatError) -> Recovered:
    """What WeChat says to one SKU is told at that SKU as well."""
    sku = _sku(spu, entry)
    if sku is not None and error.errcode:
        sku.mark_refused(error.errcode, error.errmsg)
    return None, []


def _of_sku(
    kind: str,
    path: str,
    prepare: Callable[..., Call],
    absorb: Callable[..., list[str]],
    entry: Any,
    **rest: Any,
) -> Step:
    rest = {"repeatable": True, "recover": partial(_note_refusal, entry)} | rest
    return store_step(
        f"{kind}:{entry['code']}", path, partial(prepare, entry), partial(absorb, entry), **rest
    )


def _prepare_remove(entry: Mapping[str, Any], spu: "Spu", push: "Push") -> Call:
    product, key = spu.key, SkuKey(sku_id=entry["sku_id"])
    return Call({**product.wire(), **key.wire()}, lambda client: client.mini_store.sku.delete(product, key))


def _absorb_remove(entry: Mapping[str, Any], spu: "Spu", push: "Push", answer: Any) -> list[str]:
    if sku := _sku(spu, entry):
        sku.delete()
        spu.forget_skus()
    return spu.mark_edited()


def _removed_already(entry: Mapping[str, Any], spu: "Spu", push: "Push", error: WeChatError) -> Recovered:
    if error.errcode in SKU_GONE:
        return Recovery.NEXT, _absorb_remove(entry, spu, push, None)
    return _note_refusal(entry, spu, push, error)


def _prepare_change(entry: Mapping[str, Any], spu: "Spu", push: "Push") -> Call:
    product, key = spu.key, SkuKey(sku_id=entry["sku_id"])
    fields = {
        name: value
        for name, value in entry_fields(spu, entry).items()
        if name not in ("sku_id", "out_sku_id")
    }
    body = {**product.wire(), **fields, **key.wire()}
    return Call(body, lambda client: client.mini_store.sku.update(product, key, fields))


def _absorb_change(entry: Mapping[str, Any], spu: "Spu", push: "Push", answer: Any) -> list[str]:
    if sku := _sku(spu, entry):
        thumb = url_of(spu, entry["picture"]) if entry["picture"] else ""
        sku.mark_accepted({**wire.sent_sku(entry, thumb), "out_sku_id": sku.out_sku_id})
    return spu.mark_edited()


def _missing_of(spu: "Spu", entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that WeChat does not have yet, as far as we know."""
    missing = {
        sku.pk for sku in spu.skus.filter(pk__in=[entry["pk"] for entry in entries]) if not sku.at_wechat
    }
    return [entry for entry in entries if entry["pk"] in missing]


def _lacking(entries: Sequence[Mapping[str, Any]], spu: "Spu", push: "Push") -> bool:
    return not spu.at_wechat or bool(_missing_of(spu, entries))


def _prepare_add_skus(entries: Sequence[Mapping[str, Any]], spu: "Spu", push: "Push") -> Call:
    product, skus = spu.key, [entry_fields(spu, entry) for entry in _missing_of(spu, entries)]
    body = {"skus": [{**product.wire(), **sku} for sku in skus]}
    return Call(body, lambda client: client.mini_store.sku.batch_add(product, skus))


def _absorb_add_skus(
    entries: Sequence[Mapping[str, Any]], spu: "Spu", push: "Push", ids: Mapping[str, str]
) -> list[str]:
    for entry in entries:
        sku, sku_id = _sku(spu, entry), ids.get(entry["out_sku_id"], "")
        if sku is not None and sku_id:
            sku.sku_id, sku.missing_since = sku_id, None
            sku.save(update_fields=["sku_id", "missing_since"])
            sku.mark_accepted(wire.sent_sku(entry, url_of(spu, entry["picture"]) if entry["picture"] else ""))
    return spu.mark_edited()


def _some_may_be_there(spu: "Spu", push: "Push", error: WeChatError) -> Recovered:
    """What WeChat does with the others when one is wrong is not documented: look at all of them."""
    return None, spu.look_now() if error.errcode else []


def adding_steps(entries: Sequence[Mapping[str, Any]]) -> Iterator[Step]:
    for start in range(0, len(entries), SkuAPI.MAX_BATCH):
        part = entries[start : start + SkuAPI.MAX_BATCH]
        yield store_step(
            f"add_skus:{start + 1}-{start + len(part)}",
            SkuAPI.BATCH_ADD,
            partial(_prepare_add_skus, part),
            partial(_absorb_add_skus, part),
            repeatable=False,
            wanted=partial(_lacking, part),
            recover=_some_may_be_there,
        )


# --- prices and stock ---------------------------------------------------------------------------------------


def _prepare_price(entry: Mapping[str, Any], spu: "Spu", push: "Push") -> Call:
    product, key, sale, market = spu.key, _key(spu, entry), entry["sale_price"], entry.get("market_price")
    body = {**product.wire(), **key.wire(), "sale_price": sale} | ({"market_price": market} if market else {})
    return Call(body, lambda client: client.mini_store.sku.update_price(product, key, sale, market))


def _absorb_price(entry: Mapping[str, Any], spu: "Spu", push: "Push", answer: Any) -> list[str]:
    if sku := _sku(spu, entry):
        prices = {name: wire.yuan_text(entry.get(name)) for name in ("sale_price", "market_price")}
        sku.mark_accepted(prices)
    return []


def _prepare_count(entry: Mapping[str, Any], spu: "Spu", push: "Push") -> Call:
    product, key = spu.key, _key(spu, entry)
    return Call({**product.wire(), **key.wire()}, lambda client: client.mini_store.stock.get(product, key))


def _absorb_count(entry: Mapping[str, Any], spu: "Spu", push: "Push", count: int) -> list[str]:
    if sku := _sku(spu, entry):
        sku.mark_counted(count)
    return []


def by_how_many(spu: "Spu", entry: Mapping[str, Any]) -> int:
    """The change of stock that an entry asks for, once it was counted what there is."""
    sku = _sku(spu, entry)
    before = sku.stock_before if sku and sku.stock_before is not None else 0
    return -before if entry.get("empty") else int(entry["change"])


def _prepare_stock_change(entry: Mapping[str, Any], spu: "Spu", push: "Push") -> Call:
    product, key, pieces = spu.key, _key(spu, entry), by_how_many(spu, entry)
    body = {**product.wire(), **key.wire(), "type": StockAPI.CHANGE, "stock_num": pieces}
    return Call(body, lambda client: client.mini_store.stock.change(product, key, pieces))


def _absorb_stock_change(entry: Mapping[str, Any], spu: "Spu", push: "Push", answer: Any) -> list[str]:
    """``answer`` is what there was when somebody looked, if WeChat's own got lost."""
    if sku := _sku(spu, entry):
        wanted = (sku.stock_before or 0) + by_how_many(spu, entry)
        sku.mark_stock_sent(wanted, change=entry.get("change"), seen=answer)
    return []


def _count_again(entry: Mapping[str, Any], spu: "Spu", push: "Push", error: WeChatError) -> Recovered:
    """Buyers were faster: fewer are left than were counted to be taken away."""
    _note_refusal(entry, spu, push, error)
    return Recovery.BACK if entry.get("empty") and error.kind is Kind.INPUT else None, []


def _prepare_stock_set(entry: Mapping[str, Any], spu: "Spu", push: "Push") -> Call:
    product, key, pieces = spu.key, _key(spu, entry), entry["set"]
    body = {**product.wire(), **key.wire(), "type": StockAPI.SET, "stock_num": pieces}
    return Call(body, lambda client: client.mini_store.stock.set(product, key, pieces))


def _absorb_stock_set(entry: Mapping[str, Any], spu: "Spu", push: "Push", answer: Any) -> list[str]:
    if sku := _sku(spu, entry):
        sku.mark_stock_sent(entry["set"])
    return []


def _steps_of_stock(entry: Mapping[str, Any]) -> Iterator[Step]:
    if "set" in entry:
        yield _of_sku("stock", StockAPI.UPDATE, _prepare_stock_set, _absorb_stock_set, entry)
        return
    # Adding is not to be repeated: what there was before tells whether it arrived.
    yield _of_sku("count", StockAPI.GET, _prepare_count, _absorb_count, entry, fleeting=True)
    yield _of_sku(
        "stock_change", StockAPI.UPDATE, _prepare_stock_change, _absorb_stock_change, entry,
        repeatable=False, wanted=lambda spu, push: by_how_many(spu, entry) != 0 or not _counted(spu, entry),
        recover=partial(_count_again, entry),
    )  # fmt: skip


def _counted(spu: "Spu", entry: Mapping[str, Any]) -> bool:
    sku = _sku(spu, entry)
    return sku is None or sku.stock_before is not None


def sku_steps(body: Mapping[str, Any]) -> Iterator[Step]:
    """Removing comes first: it frees what the others may want."""
    for entry in body.get("remove", ()):
        yield _of_sku(
            "remove",
            SkuAPI.DEL,
            _prepare_remove,
            _absorb_remove,
            entry,
            recover=partial(_removed_already, entry),
        )
    for entry in body.get("change", ()):
        yield _of_sku("change", SkuAPI.UPDATE, _prepare_change, _absorb_change, entry)
    yield from adding_steps(body.get("add", ()))


def price_steps(body: Mapping[str, Any]) -> Iterator[Step]:
    for entry in body.get("prices", ()):
        yield _of_sku("price", SkuAPI.UPDATE_PRICE, _prepare_price, _absorb_price, entry)


def stock_steps(body: Mapping[str, Any]) -> Iterator[Step]:
    for entry in body.get("stocks", ()):
        yield from _steps_of_stock(entry)
