from goods.models.catalogue import Brand, Category, Courier
from goods.models.freight import FreightTemplate
from goods.models.import_run import ImportRow, ImportRun
from goods.models.live_goods import LiveGoods
from goods.models.picture import Picture
from goods.models.sku import Sku
from goods.models.spu import Spu
from goods.models.window_product import WindowFigure, WindowProduct

__all__ = [
    "Brand",
    "Category",
    "Courier",
    "FreightTemplate",
    "ImportRow",
    "ImportRun",
    "LiveGoods",
    "Picture",
    "Sku",
    "Spu",
    "WindowFigure",
    "WindowProduct",
]
