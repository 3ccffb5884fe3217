"""Where WeChat's messages arrive: checked, stored, answered at once; what they mean is looked up later."""

import logging
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_q.tasks import async_task

from audits.models import Notice
from shopadmin.wechat.callback import (
    MAX_BYTES,
    NotFromWeChatError,
    UnreadableError,
    answer_to_check,
    read_message,
)
from shopadmin.wechat.crypto import CannotDecryptError
from shopadmin.wechat.models import Account

logger = logging.getLogger(__name__)


def plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """WeChat waits five seconds, then it sends the message again: no call is made in here."""
    account = Account.objects.filter(uuid=uuid).first()
    if account is None or not account.callback_token:
        raise Http404
    try:
        return _answer(request, account)
    except NotFromWeChatError as error:
        reason, status = str(error), 403
    except UnreadableError as error:
        reason, status = str(error), 400
    except CannotDecryptError as error:
        # Ours to put right; WeChat sends the message again.
        reason, status = str(error), 503
    logger.warning("A message for account %s was turned away: %s", account.pk, reason)
    return plain("refused", status)


def _answer(request: HttpRequest, account: Account) -> HttpResponse:
    keys, query = account.callback_keys(), request.GET.dict()
    if request.method == "GET":
        return plain(answer_to_check(keys, query))
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return plain("too large", 413)
    message = read_message(keys, query, body)
    with transaction.atomic():
        account.note_message()
        if Notice.objects.keep(account, message):
            transaction.on_commit(lambda: async_task("goods.tasks.notices"), robust=True)
    return plain("success")
