"""Values of products and SKUs as people read them, ours and WeChat's alike (both as snapshots have them)."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.functional import lazy
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits.operations import Text
from goods.store.choices import NO_BRAND, CouponValid, CouponVerify, ProductType
from goods.store.wire import day_of
from shopadmin.wechat.reading import as_decimal

if TYPE_CHECKING:
    from goods.models import Sku, Spu

NOTHING = "–"


def show(spu: "Spu", field: str, value: Any) -> Text:
    """A field's value in words."""
    if value in (None, "", [], {}):
        return NOTHING
    match field:
        case "head_imgs" | "desc_imgs":
            count = len(value)
            return ngettext("%(count)s picture", "%(count)s pictures", count) % {"count": count}
        case "cats":
            return spu.category_path(value)
        case "brand_id":
            return _("no brand") if value == NO_BRAND else spu.brand_name(value)
        case "attrs":
            return attrs_line(value)
        case "freight_template":
            template = spu.template_of(value)
            return template.name if template else str(value)
        case "product_type":
            return _named(ProductType, value)
        case "coupon":
            return coupon_line(value)
    return str(value)


# For what may never be looked at: some values cost a query.
show_later = lazy(show, str)


def _named(choices: Any, value: Any) -> str:
    known = value in set(choices)
    return str(choices(value).label) if known else _("unknown (%(value)s)") % {"value": value}


def attrs_line(attrs: Iterable[Sequence[str]]) -> str:
    return " · ".join(_("%(name)s: %(value)s") % {"name": name, "value": value} for name, value in attrs)


def coupon_line(coupon: Any) -> str:
    valid = coupon.get("valid_info") or {}
    if valid.get("valid_type") == CouponValid.DAYS:
        days = valid.get("valid_day_num")
        span = _("valid for %(days)s days after purchase") % {"days": days}
    else:
        first, last = day_of(valid.get("start_time")), day_of(valid.get("end_time"))
        span = _("valid from %(first)s to %(last)s") % {"first": first or NOTHING, "last": last or NOTHING}
    return f"{span} · {_named(CouponVerify, coupon.get('verify_type'))}"


def price(value: Any) -> str:
    """Yuan, as a number or as a snapshot's text."""
    number = as_decimal(value)
    return NOTHING if number is None else f"¥{number:,.2f}"


def prices(sale: Any, market: Any) -> str:
    shown = price(sale)
    return f"{shown} ({_('market price')} {price(market)})" if as_decimal(market) else shown


def sku_line(sku: "Sku", snapshot: Any) -> str:
    """A SKU in one line: its attributes, its number and its prices."""
    if not snapshot:
        return _("%(sku)s: not there") % {"sku": sku}
    values = " / ".join(value for _name, value in snapshot.get("attrs") or [])
    parts = [
        values,
        snapshot.get("sku_code"),
        prices(snapshot.get("sale_price"), snapshot.get("market_price")),
    ]
    return " · ".join(str(part) for part in parts if part)


def sku_lines(skus: Sequence["Sku"], *, theirs: bool, online: bool = False) -> SafeString:
    rows = ((_side(sku, theirs=theirs, online=online),) for sku in skus)
    return format_html_join("", "<div>{}</div>", rows)


def _side(sku: "Sku", *, theirs: bool, online: bool) -> str:
    if online:
        return sku_line(sku, sku.online)
    if theirs:
        return sku_line(sku, None if sku.missing_since else sku.remote)
    if sku.removed:
        return _("%(sku)s: taken out") % {"sku": sku}
    ours = {name: getattr(sku, name) for name in ("attrs", "sku_code", "sale_price", "market_price")}
    return sku_line(sku, ours)


def safe_link(link: object) -> str:
    """A link to a picture of WeChat's, fit for a page; "" if it is anything else."""
    if not isinstance(link, str) or not link.startswith(("http://", "https://")):
        return ""
    return link.replace("http://", "https://", 1)
