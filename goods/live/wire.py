"""Between our fields and WeChat's: the only place that knows WeChat's names for live goods."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from goods.live.choices import PriceType
from shopadmin.wechat.live_goods import RemoteLiveGoods

if TYPE_CHECKING:
    from goods.models import LiveGoods

NAMES = {
    "name": "name",
    "url": "url",
    "price_type": "priceType",
    "price": "price",
    "price2": "price2",
    "third_party_appid": "thirdPartyAppid",
}
PRICES = ("price_type", "price", "price2")


def yuan(value: Decimal | None) -> int | float | None:
    """A price as JSON takes it: yuan, two decimals at most, exact to print."""
    if value is None:
        return None
    value = value.quantize(Decimal("0.01"))
    return int(value) if value == value.to_integral_value() else float(value)


def goods_info(
    goods: "LiveGoods", fields: Mapping[str, Any] | tuple[str, ...] = tuple(NAMES)
) -> dict[str, Any]:
    """The part of ``goodsInfo`` for these of our fields, in yuan; the picture is added when it is uploaded.

    A fixed price has no second one, and an empty appid means one's own Mini Program: neither is sent
    when adding.
    """
    info: dict[str, Any] = {}
    for field in fields:
        value = getattr(goods, field)
        if field in ("price", "price2"):
            value = yuan(value)
        info[NAMES[field]] = value
    if goods.price_type == PriceType.FIXED:
        info.pop("price2", None)
    if (not goods.at_wechat or goods.missing_since) and not info.get("thirdPartyAppid"):
        info.pop("thirdPartyAppid", None)
    return info


def local_fields(info: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, under our names, as ``LiveGoods.remote`` keeps it (prices as text)."""
    fields = {ours: info[theirs] for ours, theirs in NAMES.items() if theirs in info}
    for price in ("price", "price2"):
        if price in fields:
            fields[price] = str(fields[price])
    if fields.get("price_type") == PriceType.FIXED:
        fields["price2"] = ""
    return fields


def snapshot(remote: RemoteLiveGoods) -> dict[str, Any]:
    """A product as WeChat shows it, as ``LiveGoods.remote`` keeps it."""
    return {
        "name": remote.name,
        "url": remote.url,
        "price_type": remote.price_type,
        "price": "" if remote.price is None else str(remote.price),
        "price2": "" if not remote.price2 else str(remote.price2),
        "third_party_appid": remote.third_party_appid,
        "cover_img_url": remote.cover_img_url,
    }
