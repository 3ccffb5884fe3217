"""The files that staff start from, and what their columns mean."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audits.operations import Text
from goods.importing import csv_format
from goods.importing.columns import GOODS, Layout
from goods.importing.store.layouts import PRODUCTS, SKUS
from goods.models.import_run import Table


class Column(NamedTuple):
    field: str
    meaning: Text
    example: str
    layout: Layout = GOODS

    @property
    def heading(self) -> str:
        """As people who read our pages in their language write it."""
        english = str(get_language()).startswith("en")
        return next(name for name in self._headings if name.isascii() == english)

    @property
    def others(self) -> list[str]:
        return [name for name in self._headings if name != self.heading]

    @property
    def _headings(self) -> tuple[str, ...]:
        return self.layout.headings[self.field]


COLUMNS = (
    Column(
        "product_no",
        _("Required, and different in every row. Format the column as text."),
        "KF-001",
    ),
    Column(
        "name",
        _("Required for new products. 3 to 14 Chinese characters; a letter or digit counts half."),
        "云南小粒咖啡 250g",
    ),
    Column("price_type", _("May stay empty. 1 one price, 2 from – to, 3 original and present price."), ""),
    Column("price", _("What buyers pay, in yuan, with at most two decimals."), "68.00"),
    Column("price2", _("Only for kind 2 (the highest price) and kind 3 (the present price)."), ""),
    Column("original_price", _("The crossed-out price in yuan, if it is above the price."), "88.00"),
    Column("url", _("The page in the Mini Program. New products get one by the pattern above."), ""),
    Column("third_party_appid", _("Only if the page belongs to another Mini Program."), ""),
    Column(
        "cover",
        _(
            "The file name of the picture, if the table comes in a ZIP file with the pictures. "
            "Without a ZIP file it is not imported."
        ),
        "",
    ),
)


PRODUCT_COLUMNS = tuple(
    Column(field, meaning, example, PRODUCTS)
    for field, meaning, example in (
        (
            "product_no",
            _("Required, and different in every row. At most 32 letters, digits and signs."),
            "TX-003",
        ),
        ("title", _("Required for new products. At most 60 characters."), "纯棉圆领短袖T恤"),
        ("sub_title", _("At most 18 characters."), "透气不变形"),
        (
            "category",
            _("Of the third level: its name, or the path if several are called so."),
            "服饰内衣 > 男装 > T恤",
        ),
        ("brand", _("Counts if WeChat has granted it for the category."), ""),
        (
            "sale_price",
            _("What buyers pay, in yuan. Only for products that have no rows in the list of SKUs."),
            "59.00",
        ),
        ("original_price", _("The crossed-out price in yuan, if it is above the price."), "79.00"),
        ("stock", _("How many there are. Only for products that have no rows in the list of SKUs."), "100"),
        (
            "freight_template",
            _("Its name or number at WeChat. Left empty, new products get the default of the shop."),
            "",
        ),
        ("model_name", _("May stay empty."), ""),
        (
            "head_imgs",
            _(
                "1 to 9 pictures, the cover first, with semicolons between them: file names in the ZIP file, "
                "or links. Left empty: A001.jpg, A001-1.jpg … for the product A001."
            ),
            "",
        ),
        ("desc_imgs", _("Up to 20 pictures below the product, written likewise."), ""),
    )
)
SKU_COLUMNS = tuple(
    Column(field, meaning, example, SKUS)
    for field, meaning, example in (
        ("product_no", _("Required: the number of its product."), "TX-003"),
        (
            "sku_code",
            _("Required, and different from every other SKU's. At most 32 letters, digits and signs."),
            "TX-003-WM",
        ),
        (
            "attrs",
            _(
                "What tells it from the others, such as 颜色:白色;尺码:M, or a column for each: "
                "颜色, 尺码, 容量 …; any other is headed like 规格:香型."
            ),
            "颜色:白色;尺码:M",
        ),
        ("sale_price", _("What buyers pay, in yuan, with at most two decimals."), "59.00"),
        (
            "promotion_price",
            _("If it is below the price, buyers pay this and the price is crossed out."),
            "",
        ),
        ("original_price", _("The crossed-out price in yuan, if it is above the price."), "79.00"),
        ("stock", _("How many there are."), "100"),
        ("barcode", _("May stay empty."), ""),
        ("picture", _("One picture: a file name in the ZIP file, or a link."), ""),
    )
)
TEMPLATES: Mapping[Table, tuple[Column, ...]] = {
    Table.GOODS: COLUMNS,
    Table.PRODUCTS: PRODUCT_COLUMNS,
    Table.SKUS: SKU_COLUMNS,
}


def template_file(table: Table = Table.GOODS) -> bytes:
    """A CSV file with the headings and one example."""
    columns = TEMPLATES[table]
    return csv_format.write([[column.heading for column in columns], [column.example for column in columns]])
