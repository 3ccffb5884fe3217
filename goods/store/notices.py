"""What becomes of a message about a product of the Mini Store."""

import logging

from audits.models import Notice
from shopadmin.wechat.mini_store.events import ReviewEvent
from shopadmin.wechat.models import Account

logger = logging.getLogger(__name__)


def absorb_notice(notice: Notice) -> None:
    if (event := notice.review_event) is not None:
        absorb_review_event(notice.account, event)


def absorb_review_event(account: Account, event: ReviewEvent) -> None:
    """A review ended, or WeChat took a product off sale or put it back: mark it to be looked at now.

    Runs inside a transaction and makes no call. The message only says where to look; of what it tells, the
    reason alone is kept, because nothing else tells it.
    """
    name = event.product_id or event.out_product_id
    logger.info("account %s, product %s: %s %s", account.pk, name, event.kind, event.status)
