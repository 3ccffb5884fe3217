"""SKUs of the Mini Store (/product/sku/*): all but prices change the draft only."""

from collections.abc import Iterable, Mapping
from typing import Any

from shopadmin.simulator.routes import Call, Route
from shopadmin.simulator.rules import store_fields as rule
from shopadmin.simulator.rules.live_answers import shown_id
from shopadmin.simulator.rules.sku_fields import check_values, new_key, read_prices, read_sku
from shopadmin.simulator.rules.store_answers import SKU_DELETED, SKU_ON_SALE, sku_row, stamp
from shopadmin.simulator.store import Copy, Fields, Spu, SpuStatus
from shopadmin.simulator.wire import Refusal

Read = tuple[Spu, Fields]


def add(call: Call) -> dict[str, Any]:
    """POST /product/sku/add - one more SKU in the draft."""
    made = _keep(call, _read(call, call.fields))
    return {**rule.OK, "data": {"sku_id": made["sku_id"], **stamp(call, "create_time")}}


def batch_add(call: Call) -> dict[str, Any]:
    """POST /product/sku/batch_add - several SKUs: all or none, unless partial_batch_add is on."""
    rows = rule.items(call.fields.get("skus"), "skus")
    if not rows:
        raise rule.wrong("skus is required")
    made: list[dict[str, Any]] = []
    checked: list[Read] = []
    for row in rows:
        read = _read(call, row, checked)
        if call.settings.partial_batch_add:
            made.append(_keep(call, read))
        else:
            checked.append(read)
    made += [_keep(call, read) for read in checked]
    return {**rule.OK, "data": made}


def update(call: Call) -> dict[str, Any]:
    """POST /product/sku/update - all fields of one SKU of the draft anew, except its own key."""
    spu = rule.find_spu(call, call.fields)
    sku_id = _in_draft(spu, rule.find_sku(call, call.fields, spu))
    rule.check_changeable(call, spu, rule.SKU_STATE)
    sku = read_sku(spu.draft.skus[sku_id]["out_sku_id"], call.fields)
    check_values([sku, *(other for known, other in spu.draft.skus.items() if known != sku_id)])
    spu.draft.skus[sku_id] = sku
    spu.restocked.add(sku_id)
    spu.edited()
    return _changed(call, sku_id)


def update_price(call: Call) -> dict[str, Any]:
    """POST /product/sku/update_price - both copies at once if the product is on sale, else the draft."""
    spu = rule.find_spu(call, call.fields)
    sku_id = rule.find_sku(call, call.fields, spu)
    rule.check_changeable(call, spu, rule.SKU_STATE)
    prices = read_prices(call.fields)
    on_sale = spu.online is not None and spu.status is SpuStatus.ON_SALE and sku_id in spu.online.skus
    if on_sale and call.settings.prices_at_once:
        for copy in spu.copies:
            copy.change_sku(sku_id, **prices)
    else:
        spu.draft.change_sku(_in_draft(spu, sku_id), **prices)
        spu.edited()
    return _changed(call, sku_id)


def delete(call: Call) -> dict[str, Any]:
    """POST /product/sku/del - out of the draft; what is online stays until the next review passes."""
    spu = rule.find_spu(call, call.fields)
    sku_id = _in_draft(spu, rule.find_sku(call, call.fields, spu))
    rule.check_changeable(call, spu, rule.SKU_STATE)
    call.shop.store.remove_sku(spu, sku_id)
    spu.edited()
    return dict(rule.OK)


def get(call: Call) -> dict[str, Any]:
    """POST /product/sku/get - one SKU of either copy, with its status."""
    sku_id = rule.find_sku(call, call.fields, None)
    spu = call.shop.store.spus[call.shop.store.owners[sku_id]]
    copy = spu.draft if rule.flag(call.fields, "need_edit_sku") else spu.online
    status = SKU_ON_SALE
    if copy is spu.draft and sku_id not in copy.skus and spu.online is not None:
        copy, status = spu.online, SKU_DELETED
    if copy is None or sku_id not in copy.skus:
        raise Refusal(rule.NO_SKU, "sku is not exist")
    row = sku_row(call, spu, copy, sku_id, _stock(call, spu, sku_id))
    return {**rule.OK, "data": row | {"status": status}}


def get_list(call: Call) -> dict[str, Any]:
    """POST /product/sku/get_list - all SKUs of one copy; only product_id is read."""
    if not rule.given_id(call.fields, "product_id"):
        raise rule.wrong("product_id is required")
    spu = rule.find_spu(call, call.fields)
    copy: Copy | None = spu.draft if rule.flag(call.fields, "need_edit_sku") else spu.online
    if copy is None:
        raise Refusal(rule.NO_SPU, "spu is not exist")
    rows = [sku_row(call, spu, copy, sku_id, _stock(call, spu, sku_id)) for sku_id in copy.skus]
    return {**rule.OK, "skus": rows}


def _read(call: Call, fields: Mapping[str, Any], checked: Iterable[Read] = ()) -> Read:
    """A new SKU and its product, beside the others of the same request."""
    spu = rule.find_spu(call, fields)
    rule.check_changeable(call, spu, rule.SKU_STATE)
    beside = list(checked)
    key = new_key(call.shop.store, fields, [sku["out_sku_id"] for _, sku in beside])
    sku = read_sku(key, fields)
    check_values([*spu.draft.skus.values(), *(other for owner, other in beside if owner is spu), sku])
    return spu, sku


def _keep(call: Call, read: Read) -> dict[str, Any]:
    spu, sku = read
    sku_id = call.world.new_store_id()
    spu.draft.skus[sku_id] = sku
    call.shop.store.keep_sku(spu, sku_id, sku["out_sku_id"])
    spu.edited()
    made = {"sku_id": shown_id(call.settings, sku_id), "out_sku_id": sku["out_sku_id"]}
    return made | stamp(call, "create_time")


def _in_draft(spu: Spu, sku_id: int) -> int:
    if sku_id not in spu.draft.skus:
        raise Refusal(rule.NO_SKU, "sku is not exist")
    return sku_id


def _changed(call: Call, sku_id: int) -> dict[str, Any]:
    return {**rule.OK, "data": {"sku_id": shown_id(call.settings, sku_id), **stamp(call, "update_time")}}


def _stock(call: Call, spu: Spu, sku_id: int) -> int:
    real = rule.flag(call.fields, "need_real_stock")
    return spu.real_stock(sku_id) if real else spu.draft_stock(sku_id)


ROUTES = {
    "/product/sku/add": Route("POST", add, family=rule.FAMILY),
    "/product/sku/batch_add": Route("POST", batch_add, family=rule.FAMILY),
    "/product/sku/update": Route("POST", update, family=rule.FAMILY),
    "/product/sku/update_price": Route("POST", update_price, family=rule.FAMILY),
    "/product/sku/del": Route("POST", delete, family=rule.FAMILY),
    "/product/sku/get": Route("POST", get, family=rule.FAMILY),
    "/product/sku/get_list": Route("POST", get_list, family=rule.FAMILY),
}
