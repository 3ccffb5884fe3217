"""How live goods are written into answers: snake_case by ids, camelCase in the list, both with switches."""

from decimal import Decimal
from typing import Any

from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.routes import Call
from shopadmin.simulator.shop import Goods


def written(settings: Settings, **ids: int) -> dict[str, Any]:
    """The answer to a write: the new ids and no errmsg."""
    return {"errcode": 0} | {name: shown_id(settings, number) for name, number in ids.items()}


def warehouse_row(call: Call, goods: Goods) -> dict[str, Any]:
    """One row of getgoodswarehouse."""
    settings = call.settings
    price_type = _spelled(settings.warehouse_price_type, ("price_type", "priceType"), goods.price_type)
    row = {
        "goods_id": shown_id(settings, goods.goods_id),
        "name": goods.name,
        "cover_img_url": picture_link(call, goods),
        "url": goods.url,
        **price_type,
        "price": shown_price(settings, goods.price),
        "price2": shown_price(settings, goods.price2),
        "audit_status": shown_id(settings, int(goods.status)),
        "third_party_tag": int(goods.origin),
    }
    return row | _other_appid(goods)


def list_row(call: Call, goods: Goods) -> dict[str, Any]:
    """One row of getapproved; its status is the one that was asked for."""
    settings = call.settings
    row = {
        "goodsId": shown_id(settings, goods.goods_id),
        "name": goods.name,
        "coverImgUrl": picture_link(call, goods),
        "url": goods.url,
        "priceType": goods.price_type,
        "price": shown_price(settings, goods.price),
        "price2": shown_price(settings, goods.price2),
        **_spelled(settings.list_tag, ("thirdPartyTag", "third_party_tag"), int(goods.origin)),
    }
    return row | _other_appid(goods)


def shown_id(settings: Settings, number: int) -> int | str:
    """A number, or a string where the switch says so."""
    return str(number) if settings.ids_as_strings else number


def shown_price(settings: Settings, amount: Decimal) -> int | float:
    """Yuan, or fen where the switch says so; whole amounts without decimals."""
    shown = amount * 100 if settings.prices_in_fen else amount
    return int(shown) if shown == shown.to_integral_value() else float(shown)


def picture_link(call: Call, goods: Goods) -> str:
    """Where the picture can be seen: on this server, under the name the caller used for it."""
    return f"http://{call.request.headers.get('host', '')}/pictures/{goods.picture}"


def _spelled(choice: str, names: tuple[str, ...], value: int) -> dict[str, int]:
    return {name: value for name in names if choice in (name, "both")}


def _other_appid(goods: Goods) -> dict[str, str]:
    return {"thirdPartyAppid": goods.third_party_appid} if goods.third_party_appid else {}
