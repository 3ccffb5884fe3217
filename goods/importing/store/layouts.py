"""The columns of the two tables, and which of the two a sheet is."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from goods.importing.columns import Layout, heading_key, match_columns
from goods.importing.errors import ImportFileError
from goods.importing.finding import SheetTable
from goods.importing.sheet import Sheet
from goods.models import Sku, Spu
from goods.models.import_run import Table

NUMBERS = ("product_no", "商品编号", "商品货号", "货号", "product_id", "out_product_id", "product_sn")

# In the order of preference where a table has several.
PRODUCTS = Layout(
    headings={
        "product_no": NUMBERS,
        "title": ("title", "商品标题", "标题", "name", "商品名称", "名称"),
        "sub_title": ("sub_title", "副标题", "商品副标题"),
        "category": ("category", "类目", "商品类目", "分类"),
        "brand": ("brand", "品牌"),
        "sale_price": ("price", "价格", "售价", "price_yuan", "sale_price"),
        "original_price": ("original_price", "原价", "市场价", "original_price_yuan", "market_price"),
        "stock": ("stock", "库存"),
        "freight_template": ("freight_template", "运费模板", "运费"),
        "model_name": ("model", "型号"),
        "head_imgs": ("pictures", "主图", "图片", "商品图片", "封面", "cover", "head_imgs"),
        "desc_imgs": ("detail_pictures", "详情图", "desc_imgs"),
    },
    record=Spu,
    names={
        "product_no": "out_product_id", "category": "cats", "brand": "brand_id",
        "sale_price": "", "original_price": "", "stock": "",
    },
)  # fmt: skip

SKUS = Layout(
    headings={
        "product_no": NUMBERS,
        "sku_code": ("sku_code", "SKU编号", "SKU编码", "规格编码", "out_sku_id", "sku_no", "sku_id"),
        "sale_price": ("price", "价格", "售价", "price_yuan", "sale_price"),
        "promotion_price": ("promotion_price", "促销价", "活动价", "promotion_price_yuan"),
        "original_price": ("original_price", "原价", "市场价", "original_price_yuan", "market_price"),
        "stock": ("stock", "库存"),
        "attrs": ("attrs", "规格", "属性", "sku_attrs"),
        "barcode": ("barcode", "条码", "条形码"),
        "picture": ("picture", "图片", "规格图"),
    },
    record=Sku,
    names={
        "product_no": "", "sku_code": "out_sku_id", "promotion_price": "", "original_price": "market_price",
    },
    attributes=(
        "颜色", "尺码", "尺寸", "容量", "版本", "款式", "口味", "套餐", "规格型号", "重量", "净含量", "材质",
        "内存", "color", "colour", "size", "capacity", "style", "flavour", "flavor", "weight", "material",
    ),
)  # fmt: skip

LAYOUTS: Mapping[Table, Layout] = {Table.PRODUCTS: PRODUCTS, Table.SKUS: SKUS}


def tables_of(sheets: Iterable[tuple[str, Sequence[Sheet]]]) -> list[SheetTable]:
    """The one or two tables of some files, the products first; ImportFileError for any other combination.

    Every file has to bring one. A workbook may have other sheets beside them.
    """
    found: dict[Table, SheetTable] = {}
    for filename, of_file in sheets:
        known = [(sheet, table) for sheet in of_file if (table := table_of(sheet))]
        if not known:
            match_columns(of_file[0], PRODUCTS)  # says what is missing
        for sheet, table in known:
            if table in found:
                raise _twice(table, found[table].filename, filename)
            columns = match_columns(sheet, LAYOUTS[table])
            found[table] = SheetTable(table, filename, sheet, columns)
    return [found[table] for table in LAYOUTS if table in found]


def table_of(sheet: Sheet) -> Table | None:
    """What a sheet lists, by its headings; None for something else."""
    keys = {heading_key(heading) for heading in sheet.headings}

    def has(layout: Layout, name: str) -> bool:
        return not keys.isdisjoint(layout.keys(name))

    if has(SKUS, "sku_code"):
        return Table.SKUS
    if not has(PRODUCTS, "product_no"):
        return None
    if not has(PRODUCTS, "title") and (has(SKUS, "attrs") or has(SKUS, "promotion_price")):
        raise ImportFileError(
            _("This looks like a list of SKUs, but no column has their numbers. Name it sku_code or SKU编号.")
        )
    return Table.PRODUCTS


def _twice(table: Table, one: str, other: str) -> ImportFileError:
    if table == Table.PRODUCTS:
        text = _(
            "%(one)s and %(other)s both list products. The list of SKUs needs a column with their numbers, "
            "named sku_code or SKU编号; of lists of products import one at a time."
        )
    else:
        text = _(
            "%(one)s and %(other)s both list SKUs, since both have a column with SKU numbers. "
            "Import one at a time, or together with a list of products."
        )
    return ImportFileError(text % {"one": one, "other": other})
