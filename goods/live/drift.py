"""Live goods here beside live goods at WeChat: what differs, and what can be done about it."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import label_for_field
from django.utils.translation import gettext as _

from audits.operations import Operation, Text
from goods.live import plans, wire
from goods.live.choices import AuditStatus, PriceType
from goods.models.mirror import Compared
from shopadmin.wechat.reading import as_decimal

if TYPE_CHECKING:
    from goods.models import LiveGoods

# What the price columns hold.
PRICE_END = Decimal(10**10)

TEXTS = ("name", "url", "third_party_appid")

# A price that many times ours is rather fen read as yuan than a price.
TOO_DEAR = 10


def same(field: str, one: Any, other: Any) -> bool:
    """Two values of WeChat's mean the same; prices may come in yuan one time and in fen the next."""
    if field in ("price", "price2"):
        return plans.same_price(one, other) or plans.same_price(other, one)
    return (one or "") == (other or "")


def taken(goods: "LiveGoods", field: str) -> Any:
    """WeChat's value as our column takes it; a price that does not fit stays in ``remote`` alone."""
    value = goods.remote.get(field)
    if field in ("price", "price2"):
        price = as_decimal(value)
        return price.quantize(Decimal("0.01")) if price and 0 < price < PRICE_END else None
    if field == "price_type":
        return value or PriceType.FIXED
    return value or ""


def looks_like_fen(goods: "LiveGoods") -> bool:
    """Taking WeChat's prices would make the product ten times dearer: a person should look at it."""
    pairs = ((getattr(goods, field), taken(goods, field)) for field in ("price", "price2"))
    return any(ours and theirs and theirs >= ours * TOO_DEAR for ours, theirs in pairs)


def compare(goods: "LiveGoods") -> list[Compared]:
    """What both sides have, in the order of the form. Prices go together, as they are sent."""
    rows = [_text(goods, "name"), _cover(goods), _price(goods)]
    return [*rows, *(_text(goods, field) for field in TEXTS[1:])]


def _text(goods: "LiveGoods", field: str) -> Compared:
    differs = plans.differs(goods, field)
    theirs = goods.remote.get(field)
    return Compared(
        name=field,
        label=_label(goods, field),
        ours=plans.show(field, getattr(goods, field)),
        theirs=plans.show(field, theirs),
        fields=(field,),
        differs=differs,
        drifted=field in goods.drift,
        no_taking=_("WeChat names no value.") if not theirs and field != "third_party_appid" else "",
        no_sending=_unsendable(goods, field) if differs else "",
    )


def _price(goods: "LiveGoods") -> Compared:
    differs = any(plans.differs(goods, field) for field in wire.PRICES)
    return Compared(
        name="price",
        label=_("price"),
        ours=_price_words(goods.price_type, goods.price, goods.price2),
        theirs=_their_price(goods, differs),
        fields=wire.PRICES,
        differs=differs,
        drifted=bool({*goods.drift} & {*wire.PRICES}),
        no_taking=_untakable_price(goods) if differs else "",
        no_sending=_unsendable(goods, "price") if differs else "",
    )


def _their_price(goods: "LiveGoods", differs: bool) -> str:
    """An equal price that looks a hundred times ours came in fen."""
    raw = goods.remote.get("price")
    if not differs and as_decimal(raw) != goods.price:
        ours = _price_words(goods.price_type, goods.price, goods.price2)
        return _("%(price)s, in WeChat's answer as fen: %(raw)s") % {"price": ours, "raw": raw}
    return _price_words(*(goods.remote.get(field) for field in wire.PRICES))


def _price_words(price_type: Any, price: Any, price2: Any) -> str:
    """Such as “¥68.00 (one price)”."""
    values = [plans.show("price", price)]
    if price_type != PriceType.FIXED:
        values.append(plans.show("price2", price2))
    shown = (" → " if price_type == PriceType.DISCOUNT else " – ").join(str(value) for value in values)
    return _("%(price)s (%(kind)s)") % {"price": shown, "kind": plans.show("price_type", price_type)}


def _untakable_price(goods: "LiveGoods") -> str:
    price_type = taken(goods, "price_type")
    needed = ("price",) if price_type == PriceType.FIXED else ("price", "price2")
    if price_type not in set(PriceType) or any(taken(goods, field) is None for field in needed):
        return _("WeChat's price cannot be kept here.")
    return ""


def _cover(goods: "LiveGoods") -> Compared:
    """WeChat tells only a link to its copy, which cannot be compared: there is just the look."""
    differs = bool(goods.cover and goods.cover.name != goods.cover_sent)
    ours, theirs = goods.thumbnail, goods.remote_picture
    return Compared(
        name="cover",
        label=_label(goods, "cover"),
        ours="" if ours else "–",
        theirs="" if theirs else "–",
        differs=differs,
        no_taking=_("WeChat shows its picture, but does not hand it out."),
        no_sending=_unsendable(goods, "cover") if differs else "",
        pictures=(ours, theirs),
    )


def _unsendable(goods: "LiveGoods", name: str) -> Text:
    """Why this cannot be sent now; empty if it can."""
    reason = goods.forbidden(Operation.UPDATE)
    if reason:
        return reason
    if goods.audit_status == AuditStatus.APPROVED and name != "price":
        return _("It is approved: WeChat lets only prices change.")
    return ""


def _label(goods: "LiveGoods", field: str) -> str:
    return str(label_for_field(field, type(goods)))
