from goods.models.import_run import ImportRow, ImportRun
from goods.models.live_goods import LiveGoods

__all__ = ["ImportRow", "ImportRun", "LiveGoods"]
