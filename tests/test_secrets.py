"""Neither secret nor token shows anywhere, whatever goes wrong."""

import json
import logging
from urllib.parse import urlencode

import pytest
from django.core import serializers
from django.urls import reverse
from django_q.models import Success

from audits.models import Attempt, Batch, Notice, Push, Quota, Reading, StatusChange
from audits.tasks import drain, sweep
from goods.tasks import look, notices
from shopadmin.wechat.models import AccessToken, Account
from shopadmin.wechat.tasks import test_connection as check_connection
from tests.conftest import SECRET
from tests.journal import ADD, BY_LIST, TOKEN, UPLOAD, fast_forward
from tests.wechat import callbacks

FAULTS = [
    {"do": "errcode", "errcode": 40001},
    {"do": "errcode", "errcode": 48001},
    {"do": "http", "status": 502},
    {"do": "close_before"},
    {"do": "close_after"},
    {"do": "garbage"},
    {"do": "html"},
    {"do": "empty"},
    {"do": "truncated"},
    {"do": "wrong_type", "value": "text"},
]


@pytest.fixture
def everything_went_wrong(account, make_goods, push, sim, caplog, staff):
    """Every fault once, on every kind of call; then all that was written and shown, as one text."""
    caplog.set_level(logging.DEBUG)
    tokens = set()
    for fault in FAULTS:
        for path in (TOKEN, UPLOAD, ADD, BY_LIST):
            sim.next(path=path, **fault)
        sim.revoke_tokens()
        push("add", make_goods())
        check_connection(account.pk)
        for _ in range(4):
            drain()
            fast_forward()
            sweep()
            look()
        tokens |= {token.value.reveal() for token in AccessToken.objects.all()}
    models = [Attempt, Batch, Push, Quota, Reading, StatusChange, Success]
    written = [serializers.serialize("json", model.objects.all()) for model in models]
    rows = json.dumps(list(Account.objects.exclude(pk=None).values("problem_text", "test_detail", "name")))
    pages = [
        staff.get(reverse(f"admin:{name}")).content.decode()
        for name in (
            "index",
            "audits_push_changelist",
            "audits_attempt_changelist",
            "wechat_account_changelist",
        )
    ]
    pages += [staff.get(reverse("admin:wechat_account_change", args=[account.pk])).content.decode()]
    pages += [
        staff.get(reverse("admin:audits_push_change", args=[pk])).content.decode()
        for pk in Push.objects.values_list("pk", flat=True)
    ]
    return "\n".join([*written, rows, *pages, logged(caplog)]), tokens - {""}


def logged(caplog):
    return "\n".join(
        f"{record.getMessage()} {record.__dict__} {record.exc_info}" for record in caplog.records
    )


def test_neither_secret_nor_token_is_written_or_shown(everything_went_wrong):
    text, tokens = everything_went_wrong
    assert tokens
    assert [word for word in (SECRET, *tokens) if word in text] == []


# --- Messages from WeChat ---

AES_KEYS = (callbacks.OTHER_AES_KEY, callbacks.AES_KEY)
MESSAGE = callbacks.as_json(callbacks.REFUSED)


def pushes():
    """What is WeChat's, and everything that can be wrong with a message: query and body."""
    query, body = callbacks.secure(MESSAGE)
    return [
        (query, body),
        callbacks.secure(MESSAGE, key=AES_KEYS[0]),
        callbacks.secure(MESSAGE, key="a" * 43),
        callbacks.secure(MESSAGE, appid="wxfedcba9876543210"),
        callbacks.secure(b"no message"),
        callbacks.secure(b"<!DOCTYPE x><xml/>"),
        callbacks.secure(MESSAGE, token="another"),
        (callbacks.signed(), MESSAGE),
        (query, b""),
        (query, b" " * 70_000),
        ({}, body),
    ]


@pytest.fixture
def everything_was_pushed(account, staff, client, caplog, settings):
    """All kinds of messages once, in the end with a lost key of ours; all that was written and shown."""
    caplog.set_level(logging.DEBUG)
    account.callback_token = callbacks.TOKEN
    for aes_key in reversed(AES_KEYS):
        account.set_callback_aes_key(aes_key)
    account.save()
    url = reverse("wechat_callback", args=[account.uuid])
    send = [(f"{url}?{urlencode(query)}", body) for query, body in pushes()]
    answers = [client.get(f"{url}?{urlencode(callbacks.signed(echostr='1'))}"), client.get(url)]
    answers += [client.post(to, body, content_type="application/json") for to, body in send]
    notices()
    pages = [staff.get(reverse("admin:audits_notice_changelist"))]
    pages += [staff.get(reverse("admin:audits_notice_change", args=[n.pk])) for n in Notice.objects.all()]
    pages += [staff.get(reverse("admin:wechat_account_change", args=[account.pk]))]
    settings.FIELD_ENCRYPTION_KEYS = ["another"]
    answers += [client.post(*send[0], content_type="application/json")]
    shown = [answer.content.decode() + str(answer.headers) for answer in [*answers, *pages]]
    codes = {answer.status_code for answer in answers}
    return "\n".join([*shown, serializers.serialize("json", Notice.objects.all()), logged(caplog)]), codes


def test_neither_token_nor_aes_key_of_a_callback_is_written_or_shown(everything_was_pushed):
    text, codes = everything_was_pushed
    assert codes == {200, 400, 403, 413, 503}
    assert [word for word in (callbacks.TOKEN, *AES_KEYS) if word in text] == []


def test_the_answers_tell_nothing_of_the_message(client, account):
    account.callback_token = callbacks.TOKEN
    account.save()
    url = reverse("wechat_callback", args=[account.uuid])
    said = client.post(f"{url}?{urlencode(callbacks.signed())}", b'{"secret word"', content_type="text/plain")
    assert said.content == b"refused"
