"""What each operation on a product sends, and what the answers do to the product and its SKUs.

A push may take many calls: pictures, the product, its SKUs, and looks at what WeChat made of it. Which ones
depends on what was planned, so the steps are made from the body of the push. Those for one SKU carry its
number in their names.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from audits.operations import Call, Operation, Recovery, Step
from goods.store import wire
from goods.store.absorbing import absorb_skus, absorb_spu
from goods.store.choices import EditStatus, OnlineStatus
from goods.store.uploads import upload_steps, url_of
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.mini_store import ProductKey, SkuKey
from shopadmin.wechat.mini_store.sku import RemoteSku, SkuAPI
from shopadmin.wechat.mini_store.spu import RemoteSpu, SpuAPI
from shopadmin.wechat.mini_store.stock import StockAPI

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import Sku, Spu

SPU_EXISTS = 9401001
SKUS_NOT_ADDED = 100009
SKU_GONE = {9401006, 100004}

Recovered = tuple[Recovery | None, list[str]]


def _step(
    name: str, path: str, prepare: Callable[..., Call], absorb: Callable[..., list[str]], **rest: Any
) -> Step:
    return Step(name, path, "mini_store", prepare, absorb, quota=SpuAPI.QUOTA.get(path), **rest)


# --- the product ------------------------------------------------------------------------------------------


def _links(spu: "Spu", push: "Push") -> tuple[list[str], list[str]]:
    """WeChat's links to its pictures, which have all been uploaded by now."""
    head, desc = ([url_of(spu, pk) for pk in push.body[name]] for name in ("head_imgs", "desc_imgs"))
    return head, desc


def _spu_body(spu: "Spu", push: "Push") -> dict[str, Any]:
    head, desc = _links(spu, push)
    return {**push.body["spu"], "head_img": head, "desc_info": {"imgs": desc}}


def _entry_fields(spu: "Spu", entry: Mapping[str, Any]) -> dict[str, Any]:
    return wire.sku_fields(entry, url_of(spu, entry["picture"]) if entry["picture"] else "")


def _number(spu: "Spu", push: "Push") -> str:
    """Our number as it was planned: another may have been entered since, which WeChat does not know."""
    return push.body.get("out_product_id") or spu.out_product_id


def _prepare_add(spu: "Spu", push: "Push") -> Call:
    number = _number(spu, push)
    skus = [{"out_product_id": number, **_entry_fields(spu, entry)} for entry in push.body["skus"]]
    body = {"out_product_id": number, **_spu_body(spu, push), "skus": skus}
    return Call(body, lambda client: client.mini_store.spu.add(body))


def _absorb_add(spu: "Spu", push: "Push", product_id: str) -> list[str]:
    # An earlier product that is missing at WeChat: nothing of it holds for the new one.
    forgotten = spu.mark_deleted() if spu.at_wechat else []
    accepted = spu.mark_accepted(wire.sent_spu(push.body["spu"], *_links(spu, push)))
    return [*forgotten, *accepted, *spu.mark_added(product_id), *spu.mark_numbered(_number(spu, push))]


def _made_all_the_same(spu: "Spu", push: "Push", error: WeChatError) -> Recovered:
    """The product may be there although the answer is an error: then the next steps look what is missing.

    Our number is taken either by somebody else's product or, if an earlier answer got lost, by this one.
    """
    ours = error.errcode == SPU_EXISTS and push.attempts.filter(
        step="add", kind__in=(Kind.NO_ANSWER, Kind.UNKNOWN)
    ).exists()  # fmt: skip
    if error.errcode == SKUS_NOT_ADDED or ours:
        return Recovery.NEXT, spu.mark_deleted() if spu.at_wechat else []
    return None, []


def _prepare_update(spu: "Spu", push: "Push") -> Call:
    body = {**spu.key.wire(), **_spu_body(spu, push)}
    return Call(body, lambda client: client.mini_store.spu.update(body))


def _absorb_update(spu: "Spu", push: "Push", answer: Any) -> list[str]:
    accepted = spu.mark_accepted(wire.sent_spu(push.body["spu"], *_links(spu, push)))
    return [*accepted, *spu.mark_edited()]


# --- looking what WeChat has now ----------------------------------------------------------------------------


def _prepare_read(spu: "Spu", push: "Push") -> Call:
    key = ProductKey(spu.product_id, _number(spu, push))
    return Call({**key.wire(), "need_edit_spu": 1}, lambda client: client.mini_store.spu.get(key, draft=True))


def _absorb_read(spu: "Spu", push: "Push", remote: RemoteSpu) -> list[str]:
    found = []
    if not spu.at_wechat:
        found = [*spu.mark_added(remote.product_id), *spu.mark_numbered(_number(spu, push))]
    return [*found, *absorb_spu(spu, remote, draft=True)]


def _prepare_read_skus(draft: bool, spu: "Spu", push: "Push") -> Call:
    product_id = spu.product_id
    return Call(
        {"product_id": product_id, "need_edit_sku": int(draft), "need_real_stock": 1},
        lambda client: client.mini_store.sku.get_list(product_id, draft=draft),
    )


def _absorb_read_skus(draft: bool, spu: "Spu", push: "Push", remote: list[RemoteSku]) -> list[str]:
    return absorb_skus(spu, remote, draft=draft, at=timezone.now(), adding=push.operation == Operation.ADD)


READ = _step("read", SpuAPI.GET, _prepare_read, _absorb_read, repeatable=True)
READ_SKUS = _step(
    "read_skus", SkuAPI.GET_LIST, partial(_prepare_read_skus, True), partial(_absorb_read_skus, True),
    repeatable=True,
)  # fmt: skip
READ_ONLINE_SKUS = _step(
    "read_online_skus", SkuAPI.GET_LIST, partial(_prepare_read_skus, False),
    partial(_absorb_read_skus, False),
    repeatable=True, wanted=lambda spu, push: spu.status == OnlineStatus.ON_SALE,
)  # fmt: skip


# --- SKUs -------------------------------------------------------------------------------------------------


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
    return _step(f"{kind}:{entry['code']}", path, partial(prepare, entry), partial(absorb, entry), **rest)


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
        for name, value in _entry_fields(spu, entry).items()
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
    product, skus = spu.key, [_entry_fields(spu, entry) for entry in _missing_of(spu, entries)]
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


def _adding_steps(entries: Sequence[Mapping[str, Any]]) -> Iterator[Step]:
    for start in range(0, len(entries), SkuAPI.MAX_BATCH):
        part = entries[start : start + SkuAPI.MAX_BATCH]
        yield _step(
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


def _stock_steps(entry: Mapping[str, Any]) -> Iterator[Step]:
    if "set" in entry:
        yield _of_sku("stock", StockAPI.UPDATE, _prepare_stock_set, _absorb_stock_set, entry)
        return
    # Adding is not to be repeated: what there was before tells whether it arrived.
    yield _of_sku("count", StockAPI.GET, _prepare_count, _absorb_count, entry)
    yield _of_sku(
        "stock_change", StockAPI.UPDATE, _prepare_stock_change, _absorb_stock_change, entry,
        repeatable=False, wanted=lambda spu, push: by_how_many(spu, entry) != 0 or not _counted(spu, entry),
        recover=partial(_count_again, entry),
    )  # fmt: skip


def _counted(spu: "Spu", entry: Mapping[str, Any]) -> bool:
    sku = _sku(spu, entry)
    return sku is None or sku.stock_before is not None


# --- on sale, off sale, deleted -----------------------------------------------------------------------------


def _prepare_keyed(call: Callable[..., Any], spu: "Spu", push: "Push") -> Call:
    key = spu.key
    return Call(key.wire(), lambda client: call(client, key))


def _absorb_list(spu: "Spu", push: "Push", answer: Any) -> list[str]:
    return spu.mark_submitted()


def _absorb_delist(spu: "Spu", push: "Push", answer: Any) -> list[str]:
    return [*spu.mark_delisted(), *spu.look_now()]


def _absorb_delete(spu: "Spu", push: "Push", answer: Any) -> list[str]:
    push.remote_id = spu.product_id
    return spu.mark_deleted()


def _gone_already(spu: "Spu", push: "Push", error: WeChatError) -> Recovered:
    """Deleting what is not there has the wanted effect."""
    if error.kind is Kind.NOT_FOUND:
        return Recovery.DONE, _absorb_delete(spu, push, None)
    return None, []


def _keyed(name: str, path: str, call: Callable[[Any, ProductKey], Any], absorb: Any, **rest: Any) -> Step:
    return _step(name, path, partial(_prepare_keyed, call), absorb, **rest)


ADD = _step(
    "add", SpuAPI.ADD, _prepare_add, _absorb_add, repeatable=False, recover=_made_all_the_same,
)  # fmt: skip
UPDATE = _step(
    "update", SpuAPI.UPDATE, _prepare_update, _absorb_update, repeatable=True,
    wanted=lambda spu, push: bool(push.body.get("spu")),
)  # fmt: skip
LIST = _keyed(
    "list", SpuAPI.LISTING, lambda client, key: client.mini_store.spu.listing(key), _absorb_list,
    repeatable=False,
    # While it is under review already, submitting it once more is a mistake that WeChat counts.
    wanted=lambda spu, push: spu.audit_status != EditStatus.AUDITING,
)  # fmt: skip
DELIST = _keyed(
    "delist", SpuAPI.DELISTING, lambda client, key: client.mini_store.spu.delisting(key), _absorb_delist,
    repeatable=True,
)  # fmt: skip
DELETE = _keyed(
    "delete", SpuAPI.DEL, lambda client, key: client.mini_store.spu.delete(key), _absorb_delete,
    repeatable=True, recover=_gone_already,
)  # fmt: skip

# The steps that every push of an operation has; ``steps_of`` puts those for pictures and SKUs between them.
OPERATIONS: Mapping[Operation, tuple[Step, ...]] = {
    Operation.ADD: (ADD, READ, READ_SKUS),
    Operation.UPDATE: (UPDATE, READ, READ_SKUS),
    Operation.LIST: (UPDATE, READ, READ_SKUS, LIST),
    Operation.DELIST: (DELIST,),
    Operation.PRICE: (READ, READ_SKUS, READ_ONLINE_SKUS),
    Operation.STOCK: (READ, READ_SKUS),
    Operation.DELETE: (DELETE,),
}


def steps_of(operation: Operation, body: Mapping[str, Any]) -> list[Step]:
    """The calls of one push, in their order.

    WeChat's numbers of new SKUs are read, never taken for granted: ``spu/add`` does not tell them. Nor is it
    that buyers see new prices and stock at once: the state of the draft tells if they need a review.
    """
    match operation:
        case Operation.ADD:
            missing = list(_adding_steps(body.get("skus", ())))
            return [*upload_steps(body), ADD, READ, READ_SKUS, *missing]
        case Operation.UPDATE | Operation.LIST:
            ending = [LIST] if operation is Operation.LIST else []
            return [*upload_steps(body), UPDATE, *_sku_steps(body), READ, READ_SKUS, *ending]
        case Operation.PRICE:
            prices = [
                _of_sku("price", SkuAPI.UPDATE_PRICE, _prepare_price, _absorb_price, entry)
                for entry in body.get("prices", ())
            ]
            return [*prices, READ, READ_SKUS, READ_ONLINE_SKUS]
        case Operation.STOCK:
            stocks = [step for entry in body.get("stocks", ()) for step in _stock_steps(entry)]
            return [*stocks, READ, READ_SKUS]
    return list(OPERATIONS[operation])


def _sku_steps(body: Mapping[str, Any]) -> Iterator[Step]:
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
    yield from _adding_steps(body.get("add", ()))
