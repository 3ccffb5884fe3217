from goods.admin.live_goods import LiveGoodsAdmin

__all__ = ["LiveGoodsAdmin"]
