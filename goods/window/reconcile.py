"""Finding out at WeChat whether a product came into the window when the answer got lost."""

from typing import TYPE_CHECKING

from audits.operations import Look, Verdict
from goods.window import wire
from goods.window.choices import WindowStatus
from goods.window.library import spent
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.window import WindowAPI

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import WindowProduct


def reconcile(product: "WindowProduct", push: "Push", look: Look) -> Verdict:
    """There is one product of this number in a shop: either it is in the window, or it is not."""
    try:
        with spent(push.account, WindowAPI.GET):
            found = look.client.window.get(push.body["product_id"], push.body["appid"], with_cps=False)
    except WeChatError as error:
        if wire.says_absent(error):
            return Verdict(absent=True)
        raise
    shown = found.product is not None and found.product.status == WindowStatus.SHOWN
    return Verdict(done=True) if shown else Verdict(absent=True)
