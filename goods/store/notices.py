"""What becomes of a message about a product of the Mini Store."""

import logging

from django.db import transaction
from django_q.tasks import async_task

from audits.models import Notice
from shopadmin.wechat.mini_store.events import ReviewEvent
from shopadmin.wechat.models import Account

logger = logging.getLogger(__name__)


def absorb_notice(notice: Notice) -> None:
    if (event := notice.review_event) is not None:
        absorb_review_event(notice.account, event)


def absorb_review_event(account: Account, event: ReviewEvent) -> None:
    """A review ended, or WeChat took a product off sale or put it back: have the product looked at now.

    Runs inside a transaction, may run twice, and makes no call: the message only says where to look.
    """
    name = event.product_id or event.out_product_id
    logger.info("account %s, product %s: %s %s", account.pk, name, event.kind, event.status)
    transaction.on_commit(lambda: async_task("goods.tasks.look"), robust=True)
