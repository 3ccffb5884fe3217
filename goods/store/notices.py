"""What becomes of a message about a product of the Mini Store."""

import datetime as dt

from django.db.models import Q

from audits.models import Notice
from goods.models import Spu
from shopadmin.wechat.mini_store.events import REFUSED, REMOVED, ReviewEvent

# WeChat's clock and ours may differ, and it tells whole seconds.
CLOCKS_APART = dt.timedelta(minutes=1)


def absorb_notice(notice: Notice) -> None:
    """A review ended, or WeChat took a product off sale or put it back: it is looked at now.

    Runs inside a transaction and makes no call. The message only says where to look; of what it tells, the
    reason alone is kept, because nothing else tells it.
    """
    event = notice.review_event
    product = _product(notice, event) if event else None
    if product is None or event is None:
        return
    fields = product.look_now()
    # Of a review that somebody has asked for anew since then, an older reason tells nothing.
    submitted, told = product.submitted_at, notice.created_at
    outdated = bool(submitted and told and told < submitted - CLOCKS_APART)
    if event.status in (REFUSED, REMOVED) and not outdated:
        fields += product.mark_reason(event.reason)
    product.save(update_fields=fields)


def _product(notice: Notice, event: ReviewEvent) -> Spu | None:
    named = Q(product_id=event.product_id) if event.product_id else Q(out_product_id=event.out_product_id)
    found: Spu | None = (
        Spu.objects.select_for_update()
        .filter(named, account=notice.account_id)
        .exclude(product_id="")
        .first()
    )
    return found
