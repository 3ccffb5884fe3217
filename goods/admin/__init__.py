from django.contrib import admin

from audits.admin.export import offer_exports
from goods.admin.import_run import ImportRunAdmin
from goods.admin.live_goods import LiveGoodsAdmin

__all__ = ["ImportRunAdmin", "LiveGoodsAdmin"]

offer_exports(admin.site)
