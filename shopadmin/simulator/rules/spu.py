"""Products of the Mini Store (/product/spu/*): a draft is written, reviewed, and then shown to buyers."""

from collections.abc import Mapping
from typing import Any

from shopadmin.simulator.routes import Call, Route
from shopadmin.simulator.rules import store_fields as rule
from shopadmin.simulator.rules.sku_fields import check_values, new_key, read_sku
from shopadmin.simulator.rules.spu_fields import product_type, read_spu
from shopadmin.simulator.rules.store_answers import listed_row, named, spu_row, spus_answer, stamp
from shopadmin.simulator.store import Copy, EditStatus, Fields, Spu, SpuStatus
from shopadmin.simulator.wire import Refusal
from shopadmin.simulator.world import World

ADD = "/product/spu/add"
MAX_PAGE_SIZE = 300
MAX_SEARCH_SIZE = 10_000
OWN_GOODS = 1
LIST_SOURCES = (1, 2, 4, 8, 16)
SEARCH_SOURCES = (1, 2)
# What can be taken off sale; doing so a second time changes nothing.
_DELISTABLE = (SpuStatus.ON_SALE, SpuStatus.SOLD_OUT, SpuStatus.DELISTED)


def add(call: Call) -> dict[str, Any]:
    """POST /product/spu/add - a draft, with SKUs if some are sent; nothing is on sale yet."""
    _check_writes(call)
    store, key = call.shop.store, rule.filled(call.fields, "out_product_id")
    if key in store.keys:
        raise Refusal(9401001, "spu is exist")
    kind = product_type(call.fields)
    fields = read_spu(call, call.fields, kind)
    skus = _new_skus(call, key)
    spu = Spu(call.world.new_store_id(), key, kind, int(call.now), Copy(fields))
    spu.draft.skus = {call.world.new_store_id(): sku for sku in skus}
    store.keep(spu)
    _count_write(call)
    return {**rule.OK, "data": {**named(call, spu), **stamp(call, "create_time")}}


def take_back_skus(world: World, product_id: int) -> None:
    """Leave a new product as 100009 tells of it: made, but without its SKUs."""
    shop, spu = world.find_spu(product_id)
    for sku_id in list(spu.draft.skus):
        shop.store.remove_sku(spu, sku_id)


def update(call: Call) -> dict[str, Any]:
    """POST /product/spu/update - all product-level fields of the draft anew."""
    _check_writes(call)
    spu = rule.find_spu(call, call.fields)
    rule.check_changeable(call, spu, rule.SPU_STATE)
    if product_type(call.fields) != spu.product_type:
        raise rule.wrong("product_type can not be changed")
    spu.draft.fields = read_spu(call, call.fields, spu.product_type)
    spu.edited()
    _count_write(call)
    return {**rule.OK, "data": {**named(call, spu), **stamp(call, "update_time")}}


def delete(call: Call) -> dict[str, Any]:
    """POST /product/spu/del - for good, even from sale, but not from a review."""
    spu = rule.find_spu(call, call.fields)
    if spu.edit_status is EditStatus.UNDER_REVIEW:
        raise Refusal(9401023, "spu is auditing, can't delete")
    call.shop.store.delete(spu)
    return dict(rule.OK)


def get(call: Call) -> dict[str, Any]:
    """POST /product/spu/get - one copy of one product."""
    spu = rule.find_spu(call, call.fields)
    copy = spu.draft if rule.flag(call.fields, "need_edit_spu") else spu.online
    if copy is None:
        raise Refusal(rule.NO_SPU, "spu is not exist")
    return {**rule.OK, "data": {"spu": spu_row(call, spu, copy)}}


def get_list(call: Call) -> dict[str, Any]:
    """POST /product/spu/get_list - products of one online status, in the order they were made."""
    fields = call.fields
    status = rule.number(fields, "status")
    if status not in tuple(SpuStatus):
        raise rule.wrong("status is unknown")
    page, page_size = rule.number(fields, "page", 1), rule.number(fields, "page_size", 1, MAX_PAGE_SIZE)
    source = _source(fields, LIST_SOURCES, OWN_GOODS)
    found = [spu for spu in call.shop.store.spus.values() if spu.status == status and source == OWN_GOODS]
    if rule.flag(fields, "need_edit_spu"):
        copies = [(spu, spu.draft) for spu in found]
    else:
        copies = [(spu, spu.online) for spu in found if spu.online is not None]
    start = (page - 1) * page_size
    rows = [listed_row(call, spu, copy) for spu, copy in copies[start : start + page_size]]
    return {**rule.OK, "total_num": len(copies), **spus_answer(call, rows)}


def search(call: Call) -> dict[str, Any]:
    """POST /product/spu/search - what is on sale and has the keyword in its title."""
    fields = call.fields
    keyword, source = rule.filled(fields, "keyword"), _source(fields, SEARCH_SOURCES)
    page, page_size = rule.number(fields, "page", 1), rule.number(fields, "page_size", 1, MAX_SEARCH_SIZE)
    status = rule.number(fields, "status", default=SpuStatus.ON_SALE.value)
    findable = status == SpuStatus.ON_SALE and source == OWN_GOODS
    found = [
        (spu, spu.online)
        for spu in call.shop.store.spus.values()
        if findable
        and spu.status is SpuStatus.ON_SALE
        and spu.online
        and keyword in spu.online.fields["title"]
    ]
    start = (page - 1) * page_size
    rows = [listed_row(call, spu, copy) for spu, copy in found[start : start + page_size]]
    return {**rule.OK, **spus_answer(call, rows)}


def listing(call: Call) -> dict[str, Any]:
    """POST /product/spu/listing - submit the draft for review, changed or not."""
    spu = rule.find_spu(call, call.fields)
    rule.check_changeable(call, spu, rule.SPU_STATE)
    if not spu.draft.skus:
        raise rule.wrong("spu has no sku")
    call.shop.store.start_review(spu, call.now + call.settings.audit_delay)
    return dict(rule.OK)


def delisting(call: Call) -> dict[str, Any]:
    """POST /product/spu/delisting - off sale at once; a running review goes on."""
    spu = rule.find_spu(call, call.fields)
    if spu.status not in _DELISTABLE:
        raise Refusal(9401023, "spu is not on sale")
    spu.status = SpuStatus.DELISTED
    return dict(rule.OK)


def _new_skus(call: Call, product_key: str) -> list[Fields]:
    """The SKUs sent along with a new product, each naming it by its own key."""
    if "skus" not in call.fields:
        return []
    taken: list[str] = []
    skus: list[Fields] = []
    for row in rule.items(call.fields["skus"], "skus"):
        taken.append(new_key(call.shop.store, row, taken))
        if rule.text(row, "out_product_id") != product_key:
            raise rule.wrong("skus.out_product_id must be that of the spu")
        skus.append(read_sku(taken[-1], row))
    check_values(skus)
    return skus


def _source(fields: Mapping[str, Any], known: tuple[int, ...], default: int | None = None) -> int:
    source = rule.number(fields, "source", default=default)
    if source not in known:
        raise rule.wrong("source is unknown")
    return source


def _check_writes(call: Call) -> None:
    """Creating and updating products has a limit per hour and per day; refused calls do not count."""
    counters, settings = call.shop.counters, call.settings
    hour_is_full = counters.spu_writes_this_hour >= settings.spu_writes_per_hour
    if hour_is_full or counters.spu_writes_today >= settings.spu_writes_per_day:
        raise Refusal(settings.spu_limit_errcode, "add and update spu too frequently")


def _count_write(call: Call) -> None:
    call.shop.counters.spu_writes_this_hour += 1
    call.shop.counters.spu_writes_today += 1


ROUTES = {
    ADD: Route("POST", add, family=rule.FAMILY),
    "/product/spu/update": Route("POST", update, family=rule.FAMILY),
    "/product/spu/del": Route("POST", delete, family=rule.FAMILY),
    "/product/spu/get": Route("POST", get, family=rule.FAMILY),
    "/product/spu/get_list": Route("POST", get_list, family=rule.FAMILY),
    "/product/spu/search": Route("POST", search, family=rule.FAMILY),
    "/product/spu/listing": Route("POST", listing, family=rule.FAMILY),
    "/product/spu/delisting": Route("POST", delisting, family=rule.FAMILY),
}
