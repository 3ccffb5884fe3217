from django.contrib import admin

from audits.admin.export import offer_exports
from goods.admin.freight import FreightTemplateAdmin
from goods.admin.import_run import ImportRunAdmin
from goods.admin.live_goods import LiveGoodsAdmin
from goods.admin.sku import SkuAdmin
from goods.admin.spu import SpuAdmin
from goods.admin.window_product import WindowProductAdmin

__all__ = [
    "FreightTemplateAdmin",
    "ImportRunAdmin",
    "LiveGoodsAdmin",
    "SkuAdmin",
    "SpuAdmin",
    "WindowProductAdmin",
]

offer_exports(admin.site)
