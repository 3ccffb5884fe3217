"""Neither secret nor token shows anywhere, whatever goes wrong."""

import json
import logging

import pytest
from django.core import serializers
from django.urls import reverse
from django_q.models import Success

from audits.models import Attempt, Batch, Push, Quota, Reading, StatusChange
from audits.tasks import drain, sweep
from goods.tasks import look
from shopadmin.wechat.models import AccessToken, Account
from shopadmin.wechat.tasks import test_connection as check_connection
from tests.conftest import SECRET
from tests.journal import ADD, BY_LIST, TOKEN, UPLOAD, fast_forward

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
    logs = "\n".join(
        f"{record.getMessage()} {record.__dict__} {record.exc_info}" for record in caplog.records
    )
    return "\n".join([*written, rows, *pages, logs]), tokens - {""}


def test_neither_secret_nor_token_is_written_or_shown(everything_went_wrong):
    text, tokens = everything_went_wrong
    assert tokens
    assert [word for word in (SECRET, *tokens) if word in text] == []
