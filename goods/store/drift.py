"""Products and SKUs here beside those at WeChat: what differs, and what can be done about it."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import label_for_field
from django.utils.translation import gettext as _

from audits.operations import Operation, Text
from goods.models.mirror import Compared
from goods.store import wire, words
from goods.store.choices import ProductType
from shopadmin.wechat.reading import as_decimal

if TYPE_CHECKING:
    from goods.models import Sku, Spu

# A price that many times ours is rather a mistake at WeChat than a price.
TOO_DEAR = 10
PRICE_END = Decimal(10**10)

# Our fields of a coupon code, which WeChat has as one.
COUPON = ("coupon_verify_type", "coupon_valid_type", "coupon_days", "coupon_start", "coupon_end")


# --- SPU ----------------------------------------------------------------------------------------------


def spu_value(spu: "Spu", field: str) -> Any:
    """Our value as a snapshot has it."""
    match field:
        case "head_imgs" | "desc_imgs":
            return [spu.picture(pk).url for pk in getattr(spu, field)]
        case "freight_template":
            return spu.template_id
        case "coupon":
            return wire.coupon_info(spu) if spu.product_type == ProductType.COUPON else {}
    return getattr(spu, field)


def spu_differs(spu: "Spu", field: str) -> bool:
    if field == "skus":
        return any(sku_changed(sku) for sku in spu.skus.all())
    return not spu_same(field, spu_value(spu, field), spu.remote.get(field))


def spu_seen(spu: "Spu", field: str) -> tuple[Any, Any]:
    """Our value and WeChat's; of its SKUs those of all of them."""
    if field == "skus":
        skus = list(spu.skus.all())
        ours = [(sku.pk, sku.removed, *(sku_value(sku, name) for name in sku.SHARED)) for sku in skus]
        return ours, [(sku.remote, sku.missing_since) for sku in skus]
    ours = getattr(spu, field) if field != "coupon" else spu_value(spu, field)
    return ours, spu.remote.get(field)


def spu_same(field: str, one: Any, other: Any) -> bool:
    if field == "product_type":
        return (one or ProductType.PHYSICAL) == (other or ProductType.PHYSICAL)
    if field in ("head_imgs", "desc_imgs"):
        return list(map(_link, one or [])) == list(map(_link, other or []))
    return bool((one or None) == (other or None))


def _link(url: str) -> str:
    """WeChat writes the same link with http or https, or with neither."""
    return url.removeprefix("https:").removeprefix("http:").removeprefix("//")


def take_spu(spu: "Spu", field: str) -> list[str]:
    """Set ours to WeChat's value; returns the names of the fields that it is kept in."""
    theirs = spu.remote.get(field)
    match field:
        case "head_imgs" | "desc_imgs":
            links = [link for link in theirs or [] if link]
            pictures = [spu.picture_of_link(link) for link in links]
            setattr(spu, field, [picture.pk for picture in pictures])
        case "freight_template":
            spu.freight_template = spu.template_of(theirs)
        case "coupon":
            return take_coupon(spu, theirs or {})
        case "product_type":
            spu.product_type = theirs or ProductType.PHYSICAL
        case "cats" | "attrs":
            setattr(spu, field, theirs or [])
        case _:
            setattr(spu, field, theirs or "")
    return [field]


def take_coupon(spu: "Spu", theirs: dict[str, Any]) -> list[str]:
    valid = theirs.get("valid_info") or {}
    spu.coupon_verify_type = theirs.get("verify_type")
    spu.coupon_valid_type = valid.get("valid_type")
    spu.coupon_days = valid.get("valid_day_num")
    spu.coupon_start, spu.coupon_end = (
        wire.day_of(valid.get("start_time")),
        wire.day_of(valid.get("end_time")),
    )
    return list(COUPON)


# --- SKU ----------------------------------------------------------------------------------------------


def sku_value(sku: "Sku", field: str) -> Any:
    """Our value as a snapshot has it."""
    if field == "thumb_img":
        return sku.picture.url if sku.picture_id and sku.picture else ""
    value = getattr(sku, field)
    if field in ("sale_price", "market_price"):
        return "" if value is None else str(value)
    return value


def sku_differs(sku: "Sku", field: str) -> bool:
    return not sku_same(field, sku_value(sku, field), sku.remote.get(field))


def sku_same(field: str, one: Any, other: Any) -> bool:
    match field:
        case "sale_price" | "market_price":
            return (as_decimal(one) or Decimal(0)) == (as_decimal(other) or Decimal(0))
        case "barcode":
            # WeChat answers a number, which has no leading zeros.
            return str(one or "").lstrip("0") == str(other or "").lstrip("0")
        case "thumb_img":
            return _link(one or "") == _link(other or "")
    return bool((one or None) == (other or None))


def sku_changed(sku: "Sku") -> bool:
    """WeChat's draft does not have it as we have it; stock apart."""
    if not sku.at_wechat:
        return not sku.removed
    return sku.removed or any(sku.differs(field) for field in sku.SHARED)


def take_sku(sku: "Sku", field: str) -> str:
    """Set ours to WeChat's value; returns the name of the field that it is kept in."""
    theirs = sku.remote.get(field)
    if field == "thumb_img":
        sku.picture = sku.spu.picture_of_link(theirs) if theirs else None
        return "picture"
    if field in ("sale_price", "market_price"):
        price = as_decimal(theirs)
        setattr(sku, field, price if price and 0 < price < PRICE_END else None)
    else:
        setattr(sku, field, theirs or ([] if field == "attrs" else ""))
    return field


# --- the table on the form ------------------------------------------------------------------------------


def compare(spu: "Spu") -> list[Compared]:
    """What both sides have, in the order of the form; what buyers see beside it."""
    fields = [field for field in spu.SHARED if field != "skus"]
    if spu.product_type != ProductType.COUPON and not spu.remote.get("coupon"):
        fields.remove("coupon")
    return [*(_field(spu, field) for field in fields), *_skus(spu)]


def _field(spu: "Spu", field: str) -> Compared:
    differs = spu.differs(field)
    theirs, online = spu.remote.get(field), spu.online.get(field)
    pictured = field in ("head_imgs", "desc_imgs")
    return Compared(
        name=field,
        label=spu.label_of(field),
        ours=words.show_later(spu, field, spu_value(spu, field)),
        theirs=words.show_later(spu, field, theirs),
        online=words.show_later(spu, field, online) if spu.online else "",
        fields=(field,),
        differs=differs,
        drifted=field in spu.drift,
        online_differs=bool(spu.online) and field in spu.online and not spu.same(field, theirs, online),
        no_taking=_untakable(spu, field) if differs else "",
        no_sending=spu.forbidden(Operation.UPDATE) if differs else "",
        pictures=_first_pictures(spu, field) if pictured else ("", ""),
    )


def _first_pictures(spu: "Spu", field: str) -> tuple[str, str]:
    ours, theirs = getattr(spu, field), spu.remote.get(field) or []
    return spu.picture(ours[0]).thumbnail if ours else "", words.safe_link(theirs[0]) if theirs else ""


def _untakable(spu: "Spu", field: str) -> Text:
    theirs = spu.remote.get(field)
    if field == "freight_template":
        return "" if spu.template_of(theirs) else _("This freight template is not known here: pull first.")
    if field == "product_type":
        return _("The kind of product cannot change.")
    if not theirs and field in ("title", "head_imgs", "cats", "brand_id"):
        return _("WeChat names no value.")
    return ""


def _skus(spu: "Spu") -> list[Compared]:
    """Each SKU in one line: all its SKUs are taken and sent together with their product."""
    skus = list(spu.skus.all())
    changed = [sku for sku in skus if sku_changed(sku)]
    drifted = [sku for sku in skus if sku.drift or (sku.missing_since and not sku.removed)]
    if not skus:
        return []
    shown = changed or skus[:1]
    dear = any(looks_too_dear(sku) for sku in changed)
    return [
        Compared(
            name="skus",
            label=spu.label_of("skus"),
            ours=words.sku_lines(shown, theirs=False),
            theirs=words.sku_lines(shown, theirs=True),
            online=words.sku_lines(shown, theirs=True, online=True) if spu.online else "",
            fields=("skus",),
            differs=bool(changed),
            drifted=bool(drifted),
            no_taking=_("A price is ten times ours or more. Look at it, then enter it by hand.")
            if dear
            else "",
            no_sending=spu.forbidden(Operation.UPDATE) if changed else "",
        )
    ]


def looks_too_dear(sku: "Sku") -> bool:
    theirs = as_decimal(sku.remote.get("sale_price"))
    return bool(sku.sale_price and theirs and theirs >= sku.sale_price * TOO_DEAR)


def sku_label(sku: "Sku", field: str) -> str:
    return str(label_for_field("picture" if field == "thumb_img" else field, type(sku)))
