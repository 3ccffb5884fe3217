"""What rows of products and SKUs change, in words: names for numbers, read at once for a whole page."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits.operations import Text
from goods.importing.report import field_label
from goods.models import Brand, Category, FreightTemplate, ImportRow
from goods.models.import_run import RowKind, Table
from goods.store.choices import NO_BRAND
from goods.store.words import NOTHING, attrs_line, price, prices
from shopadmin.wechat.models import Account

# A field, what it was, what it becomes.
Change = tuple[str, Text, Text]

PRICES = ("sale_price", "market_price")
PICTURES = ("head_imgs", "desc_imgs")
# Told beside the row, or too much to tell of a new one.
NOT_TOLD = {"title", "sku_code", "stock_change"}


class StoreWords:
    """The words of some rows of one import."""

    def __init__(self, account: Account, rows: Iterable[ImportRow]) -> None:
        values: dict[str, list[Any]] = {"cats": [], "brand_id": [], "freight_template": []}
        for row in rows:
            for name, found in values.items():
                found += [value for value in row.changes.get(name, ()) if value]
        cats = {cat for branch in values["cats"] for cat in branch}
        self.cats = _names(Category.objects.filter(account=account, cat_id__in=cats), "cat_id")
        self.brands = _names(
            Brand.objects.filter(account=account, brand_id__in=values["brand_id"]), "brand_id"
        )
        templates = FreightTemplate.objects.filter(account=account, pk__in=values["freight_template"])
        self.templates = _names(templates, "pk")

    def changes(self, row: ImportRow) -> list[Change]:
        table = Table(row.table)
        if row.kind != RowKind.CREATE:
            return [
                (field_label(name, table), self.show(name, old), self.show(name, new))
                for name, (old, new) in row.changes.items()
            ]
        values = {name: new for name, (_old, new) in row.changes.items() if new not in (None, "", [])}
        lines: list[Change] = []
        if "sale_price" in values:
            lines.append((_("price"), "", prices(values["sale_price"], values.get("market_price"))))
        others = (name for name in values if name not in NOT_TOLD and name not in PRICES)
        return lines + [(field_label(name, table), "", self.show(name, values[name])) for name in others]

    def show(self, name: str, value: Any) -> Text:
        if value in (None, "", []):
            return NOTHING
        if name in PRICES:
            return price(value)
        if name in PICTURES:
            return ngettext("%(count)s picture", "%(count)s pictures", len(value)) % {"count": len(value)}
        match name:
            case "cats":
                return " › ".join(self.cats.get(cat, cat) for cat in value)
            case "brand_id":
                return _("no brand") if value == NO_BRAND else self.brands.get(value, value)
            case "freight_template":
                return self.templates.get(value, NOTHING)
            case "attrs":
                return attrs_line(value)
            case "picture":
                return value if isinstance(value, str) else _("a picture that is here already")
            case "removed":
                return _("yes") if value else _("no")
        return str(value)


def _names(rows: Any, key: str) -> dict[Any, str]:
    return dict(rows.values_list(key, "name"))
