"""How everything of one family of an account is read."""

from collections.abc import Callable, Mapping

from audits.models import Reading
from goods.live import refresh as live
from goods.store import refresh as store
from shopadmin.wechat.models import Family

READERS: Mapping[str, Callable[[Reading], None]] = {
    Family.LIVE_GOODS: live.pull,
    Family.MINI_STORE: store.pull,
}
