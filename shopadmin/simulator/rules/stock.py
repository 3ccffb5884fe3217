"""Stock of the Mini Store (/product/stock/*), and the paths it had before, which are off by default."""

from typing import Any

from shopadmin.simulator.routes import Call, Route
from shopadmin.simulator.rules import store_fields as rule
from shopadmin.simulator.rules.store_answers import stamp
from shopadmin.simulator.store import Spu
from shopadmin.simulator.wire import Refusal

# Here a missing product and a missing SKU have codes of their own.
NO_SPU, NO_SKU = 100002, 100004
SET, ADD = 1, 2
UPDATE, GET = "/product/stock/update", "/product/stock/get"


def update(call: Call) -> dict[str, Any]:
    """POST /product/stock/update - set or change the stock, on sale and under review as well."""
    spu, sku_id = _found(call)
    kind = rule.number(call.fields, "type", SET, ADD)
    sent = call.fields.get("stock_num")
    if type(sent) is not int or (kind == SET and sent <= 0):
        raise rule.wrong("stock_num must be a number, above 0 for type 1")
    at_once = call.settings.stock_at_once
    before = spu.real_stock(sku_id) if at_once else spu.draft_stock(sku_id)
    left = sent if kind == SET else before + sent
    if left < 0:
        raise rule.wrong("stock_num must not go below 0")
    if at_once:
        spu.set_stock(sku_id, left)
    else:
        rule.check_changeable(call, spu, rule.SKU_STATE)
        spu.draft.change_sku(sku_id, stock_num=left)
        spu.restocked.add(sku_id)
        spu.edited()
    return {**rule.OK, "data": stamp(call, "update_time")}


def get(call: Call) -> dict[str, Any]:
    """POST /product/stock/get - the real stock."""
    spu, sku_id = _found(call)
    return {**rule.OK, "data": {"stock_num": spu.real_stock(sku_id)}}


def _found(call: Call) -> tuple[Spu, int]:
    spu = rule.find_spu(call, call.fields, unknown=NO_SPU)
    sku_id = rule.find_sku(call, call.fields, spu, unknown=NO_SKU)
    if not call.settings.stock_at_once and sku_id not in spu.draft.skus:
        raise Refusal(NO_SKU, "sku is not exist")
    return spu, sku_id


ROUTES = {
    UPDATE: Route("POST", update, family=rule.FAMILY),
    GET: Route("POST", get, family=rule.FAMILY),
    "/product/sku/stock/update": Route(
        "POST", update, family=rule.FAMILY, counted_as=UPDATE, switch="old_stock_paths"
    ),
    "/product/sku/stock/get": Route(
        "POST", get, family=rule.FAMILY, counted_as=GET, switch="old_stock_paths"
    ),
}
