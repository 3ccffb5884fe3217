from goods.models.live_goods import LiveGoods

__all__ = ["LiveGoods"]
