"""The goods library of Mini Program Live: seven interfaces and the states between which they move."""

from collections.abc import Mapping
from typing import Any

from shopadmin.simulator.audit import forbidden_word
from shopadmin.simulator.knobs import SUBMISSIONS
from shopadmin.simulator.routes import Body, Call, Route
from shopadmin.simulator.rules import live_fields as rule
from shopadmin.simulator.rules.live_answers import list_row, warehouse_row, written
from shopadmin.simulator.shop import Goods, Origin, Status
from shopadmin.simulator.wire import Refusal

MAX_IDS = 20
DEFAULT_LIMIT = 30
MAX_LIMIT = 100
OTHER_FIELDS = ("coverImgUrl", "name", "url", "thirdPartyAppid", "goodsKey")
WAREHOUSE_PATH = "/wxa/business/getgoodswarehouse"


def add(call: Call) -> dict[str, Any]:
    """POST /wxaapi/broadcast/goods/add - create goods and submit them for audit."""
    info = _goods_info(call)
    rule.required(info, ("coverImgUrl", "name", "priceType", "price", "url"))
    name, url, picture = rule.text(info, "name"), rule.text(info, "url"), rule.text(info, "coverImgUrl")
    third_party_appid, goods_key = rule.text(info, "thirdPartyAppid"), rule.goods_key(info)
    rule.check_name(name, call.settings)
    prices = rule.check_prices(info["priceType"], info["price"], info.get("price2"))
    rule.check_url(url, call.settings)
    rule.check_picture(call, picture)
    _check_submissions(call)
    goods = Goods(
        call.world.new_goods_id(), name, picture, url, prices.price_type, prices.price, prices.price2
    )
    goods.third_party_appid, goods.goods_key = third_party_appid, goods_key
    call.shop.goods[goods.goods_id] = goods
    _submit(call, goods)
    return written(call.settings, goodsId=goods.goods_id, auditId=goods.audit_id)


def reset_audit(call: Call) -> dict[str, Any]:
    """POST /wxaapi/broadcast/goods/resetaudit - withdraw; the submission stays used."""
    goods = _own_goods(call, call.fields)
    if goods.status is not Status.AUDITING:
        raise Refusal(300017, "goods is not auditing, can't reset review")
    if call.fields.get("auditId") != goods.audit_id:
        raise Refusal(300009, "goods audit rest fail")
    goods.end_audit(Status.UNAUDITED)
    return written(call.settings)


def audit(call: Call) -> dict[str, Any]:
    """POST /wxaapi/broadcast/goods/audit - submit again, under a new audit id."""
    goods = _own_goods(call, call.fields)
    if goods.status is not Status.UNAUDITED and not _reopened(call, goods):
        raise Refusal(300010, "goods auditStatus can not submit audit")
    if call.settings.forbidden_at_once and forbidden_word(goods.name, call.settings):
        raise Refusal(300004, "goods name illegal")
    _check_submissions(call)
    _submit(call, goods)
    return written(call.settings, auditId=goods.audit_id)


def delete(call: Call) -> dict[str, Any]:
    """POST /wxaapi/broadcast/goods/delete - for good, unless it is under audit."""
    goods = _own_goods(call, call.fields, unknown=300015)
    if goods.status is Status.AUDITING:
        raise Refusal(300014, "goods is auditing, can't delete")
    del call.shop.goods[goods.goods_id]
    return written(call.settings)


def update(call: Call) -> dict[str, Any]:
    """POST /wxaapi/broadcast/goods/update - change the fields that are sent; never submits."""
    info = _goods_info(call)
    goods = _own_goods(call, info)
    sent = [name for name in (*OTHER_FIELDS, *rule.PRICE_FIELDS) if info.get(name) is not None]
    _check_changeable(call, goods, sent)
    prices = rule.Prices(goods.price_type, goods.price, goods.price2)
    rule.required(info, tuple(name for name in ("coverImgUrl", "name", "url") if name in sent))
    name, url, picture = rule.text(info, "name"), rule.text(info, "url"), rule.text(info, "coverImgUrl")
    third_party_appid, goods_key = rule.text(info, "thirdPartyAppid"), rule.goods_key(info)
    if "name" in sent:
        rule.check_name(name, call.settings)
    if set(sent) & set(rule.PRICE_FIELDS):
        prices = _merged_prices(goods, info)
    if "url" in sent:
        rule.check_url(url, call.settings)
    if "coverImgUrl" in sent:
        rule.check_picture(call, picture)
    goods.name, goods.url, goods.picture = name or goods.name, url or goods.url, picture or goods.picture
    goods.price_type, goods.price, goods.price2 = prices.price_type, prices.price, prices.price2
    if "thirdPartyAppid" in sent:
        goods.third_party_appid = third_party_appid
    if "goodsKey" in sent:
        goods.goods_key = goods_key
    return written(call.settings)


def get_goods_warehouse(call: Call) -> dict[str, Any]:
    """POST /wxa/business/getgoodswarehouse - up to 20 goods by id, with their status."""
    rule.required(call.fields, ("goods_ids",))
    ids = call.fields["goods_ids"]
    if not isinstance(ids, list) or any(type(goods_id) is not int for goods_id in ids):
        raise Refusal(200002, "goods_ids must be Array<number>")
    if len(ids) > MAX_IDS:
        raise Refusal(200002, f"goods_ids must not be more than {MAX_IDS}")
    found = [call.shop.goods[goods_id] for goods_id in dict.fromkeys(ids) if goods_id in call.shop.goods]
    rows = [warehouse_row(call, goods) for goods in found]
    total = 0 if call.settings.zero_total else len(rows)
    return {"errcode": 0, "errmsg": "ok", "goods": rows, "total": total}


def get_approved(call: Call) -> dict[str, Any]:
    """GET /wxaapi/broadcast/goods/getapproved - in spite of its name, the goods of any one status."""
    offset = _query_number(call, "offset")
    status = _query_number(call, "status")
    limit = _query_number(call, "limit", DEFAULT_LIMIT)
    if status not in tuple(Status):
        raise Refusal(200002, "status must be 0, 1, 2 or 3")
    if not 1 <= limit <= MAX_LIMIT:
        raise Refusal(200002, f"limit must be between 1 and {MAX_LIMIT}")
    matching = [goods for goods in call.shop.goods.values() if goods.status == status]
    rows = [list_row(call, goods) for goods in matching[offset : offset + limit]]
    return {"errcode": 0, "total": 0 if call.settings.zero_total else len(matching), "goods": rows}


def _goods_info(call: Call) -> Mapping[str, Any]:
    rule.required(call.fields, ("goodsInfo",))
    info = call.fields["goodsInfo"]
    if not isinstance(info, dict):
        raise Refusal(200002, "goodsInfo must be an object")
    return info


def _own_goods(call: Call, fields: Mapping[str, Any], unknown: int = 1003) -> Goods:
    """The goods named by goodsId, if the API may touch them."""
    goods = call.shop.goods.get(rule.number(fields, "goodsId"))
    if goods is None:
        raise Refusal(unknown, "goodsId is not exist")
    if goods.origin is Origin.CONSOLE:
        raise Refusal(300011, "operation is illegal, goods is not added by api")
    return goods


def _check_changeable(call: Call, goods: Goods, sent: list[str]) -> None:
    """300010 unless the state allows a change of these fields."""
    allowed = {
        Status.UNAUDITED: True,
        Status.AUDITING: False,
        Status.APPROVED: not set(sent) & set(OTHER_FIELDS),
        Status.REJECTED: _reopened(call, goods),
    }
    if not allowed[goods.status]:
        raise Refusal(300010, "goods auditStatus can not update")


def _reopened(call: Call, goods: Goods) -> bool:
    return goods.status is Status.REJECTED and not call.settings.rejected_is_final


def _merged_prices(goods: Goods, info: Mapping[str, Any]) -> rule.Prices:
    """What is sent, completed by what is stored; a price2 does not outlive the change to a fixed price."""
    price_type = info.get("priceType", goods.price_type)
    price2 = info.get("price2")
    if price2 is None and price_type == goods.price_type:
        price2 = goods.price2
    return rule.check_prices(price_type, info.get("price", goods.price), price2)


def _check_submissions(call: Call) -> None:
    if call.shop.counters.submissions >= call.settings.quotas[SUBMISSIONS]:
        raise Refusal(300012, "no audit quota left today")


def _submit(call: Call, goods: Goods) -> None:
    call.shop.counters.submissions += 1
    call.shop.start_audit(goods, call.world.new_audit_id(), call.now + call.settings.audit_delay)


def _query_number(call: Call, name: str, default: int | None = None) -> int:
    value = call.request.query.get(name, "")
    if not value and default is not None:
        return default
    if not value:
        raise Refusal(200002, f"{name} must not be empty")
    if not (value.isascii() and value.isdigit()):
        raise Refusal(200002, f"{name} must be a number")
    return int(value)


ROUTES = {
    "/wxaapi/broadcast/goods/add": Route("POST", add, family="live", daily=500),
    "/wxaapi/broadcast/goods/resetaudit": Route("POST", reset_audit, family="live", daily=500),
    "/wxaapi/broadcast/goods/audit": Route("POST", audit, family="live", daily=500),
    "/wxaapi/broadcast/goods/delete": Route("POST", delete, family="live", daily=1000),
    "/wxaapi/broadcast/goods/update": Route("POST", update, family="live", daily=1000),
    WAREHOUSE_PATH: Route("POST", get_goods_warehouse, family="live", daily=1000),
    "/wxaapi/broadcast/getgoodswarehouse": Route(
        "POST", get_goods_warehouse, family="live", daily=1000, counted_as=WAREHOUSE_PATH
    ),
    "/wxaapi/broadcast/goods/getapproved": Route(
        "GET", get_approved, Body.NONE, family="live", daily=10_000, wrong_method=-1
    ),
}
