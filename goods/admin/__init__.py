from django.contrib import admin

from audits.admin.export import offer_exports
from goods.admin.freight import FreightTemplateAdmin
from goods.admin.import_run import ImportRunAdmin
from goods.admin.live_goods import LiveGoodsAdmin
from goods.admin.spu import SpuAdmin

__all__ = ["FreightTemplateAdmin", "ImportRunAdmin", "LiveGoodsAdmin", "SpuAdmin"]

offer_exports(admin.site)
