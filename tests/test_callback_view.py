"""The address at which WeChat's messages arrive."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django_q.brokers import get_broker
from django_q.models import OrmQ

from audits.models import Notice
from shopadmin.wechat.callback import MAX_BYTES
from tests.wechat.callbacks import AES_KEY, REFUSED, TOKEN, as_json, encrypted, sealed, secure, signed

KINDS = {"json": "application/json", "xml": "text/xml"}


@pytest.fixture
def pushed(account):
    """The account, with a token."""
    account.callback_token = TOKEN
    account.save()
    return account


@pytest.fixture
def sealed_account(pushed):
    pushed.set_callback_aes_key(AES_KEY)
    pushed.save()
    return pushed


@pytest.fixture
def wechat():
    """A client that has never seen the site, and insists on what Django asks of browsers."""
    return Client(enforce_csrf_checks=True)


def address(account, query=None):
    return reverse("wechat_callback", args=[account.uuid], query=query)


def push(client, account, query, body, kind="application/json"):
    return client.post(address(account, query), body, content_type=kind)


def rings():
    return [task.func() for task in OrmQ.objects.all()]


# --- WeChat's check ---


def test_the_address_is_the_agreed_one(account):
    assert address(account) == f"/wechat/callback/{account.uuid}/"


def test_the_check_is_answered_as_plain_text_to_the_letter(wechat, pushed):
    answer = wechat.get(address(pushed, signed(echostr='43751209"<b>')))
    assert (answer.status_code, answer.content) == (200, b'43751209"<b>')
    assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("query", [{}, {"echostr": "1"}, signed(token="another", echostr="1")])
def test_a_check_by_somebody_else_is_refused(wechat, pushed, query):
    assert wechat.get(address(pushed, query)).status_code == 403


def test_an_account_without_a_token_has_no_such_address(wechat, account):
    codes = [
        wechat.get(address(account, signed(echostr="1"))),
        push(wechat, account, signed(), as_json(REFUSED)),
    ]
    assert [answer.status_code for answer in codes] == [404, 404]


def test_an_account_that_does_not_exist_has_no_such_address(wechat, db):
    url = "/wechat/callback/0c6b1b1e-8a3b-4d0b-8b0a-3f3e5f5b8f10/"
    assert wechat.get(url, signed(echostr="1")).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
def test_nothing_but_a_check_and_a_push_is_taken(wechat, pushed, method):
    assert wechat.generic(method, address(pushed, signed(echostr="1"))).status_code == 405


# --- A push ---


def test_a_message_is_answered_with_success(wechat, sealed_account):
    answer = push(wechat, sealed_account, *secure(as_json(REFUSED)))
    assert (answer.status_code, answer.content) == (200, b"success")
    assert answer["Content-Type"].startswith("text/plain")


def test_a_message_is_stored_in_the_clear(wechat, sealed_account):
    push(wechat, sealed_account, *secure(as_json(REFUSED)))
    notice = Notice.objects.get()
    assert notice.payload == REFUSED
    assert (notice.account, notice.product_id, notice.status) == (sealed_account, "30112345678901234", 3)


def test_a_plain_message_is_taken_when_there_is_no_key(wechat, pushed):
    assert push(wechat, pushed, signed(), as_json(REFUSED)).content == b"success"
    assert Notice.objects.count() == 1


def test_a_message_in_xml_is_taken(wechat, sealed_account):
    inner = b"<xml><MsgType>event</MsgType><Event>e</Event></xml>"
    secret = encrypted(inner)
    body = f"<xml><Encrypt><![CDATA[{secret}]]></Encrypt></xml>"
    push(wechat, sealed_account, sealed(secret), body, "text/xml")
    assert Notice.objects.get().event == "e"


@pytest.mark.django_db(transaction=True)
def test_a_message_rings_for_a_worker(wechat, sealed_account):
    push(wechat, sealed_account, *secure(as_json(REFUSED)))
    assert rings() == ["goods.tasks.notices"]


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_again_is_answered_and_nothing_else(wechat, sealed_account):
    answers = [
        push(wechat, sealed_account, *secure(as_json(REFUSED), salt=bytes([n]) * 16)) for n in range(3)
    ]
    assert {answer.content for answer in answers} == {b"success"}
    assert (Notice.objects.count(), len(rings())) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_twice_at_once_is_stored_once(sealed_account):
    def push_once(number):
        try:
            return push(
                Client(), sealed_account, *secure(as_json(REFUSED), salt=bytes([number]) * 16)
            ).content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(push_once, range(8))) == {b"success"}
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_matter(wechat, sealed_account, monkeypatch):
    monkeypatch.setattr(type(get_broker()), "enqueue", lambda *_args: 1 / 0)
    assert push(wechat, sealed_account, *secure(as_json(REFUSED))).content == b"success"
    assert Notice.objects.count() == 1


def test_no_call_is_made_to_wechat(wechat, sealed_account, sim):
    push(wechat, sealed_account, *secure(as_json(REFUSED)))
    assert sim.calls() == []


def test_what_a_customer_writes_is_not_kept(wechat, sealed_account):
    message = {"ToUserName": "gh_demo", "MsgType": "text", "Content": "还有货吗", "MsgId": 1}
    assert push(wechat, sealed_account, *secure(as_json(message))).content == b"success"
    assert not Notice.objects.exists()


def test_the_account_knows_when_the_last_message_came(wechat, sealed_account):
    push(wechat, sealed_account, *secure(as_json(REFUSED)))
    sealed_account.refresh_from_db()
    assert sealed_account.callback_at is not None


# --- What is turned away ---


def refused(account):
    """Queries and bodies that are not WeChat's, or not readable."""
    query, body = secure(as_json(REFUSED))
    return {
        "unsigned": ({}, body, 403),
        "other token": (secure(as_json(REFUSED), token="another")[0], body, 403),
        "plain": (signed(), as_json(REFUSED), 403),
        "other appid": (*secure(as_json(REFUSED), appid="wxfedcba9876543210"), 400),
        "no json": (*secure(b"no json"), 400),
        "nothing": (query, b"", 400),
        "form": (query, b"a=1&b=2", 400),
    }


@pytest.mark.parametrize(
    "case", ["unsigned", "other token", "plain", "other appid", "no json", "nothing", "form"]
)
def test_what_is_not_wechats_or_not_readable_is_turned_away(wechat, sealed_account, case):
    query, body, status = refused(sealed_account)[case]
    answer = push(wechat, sealed_account, query, body)
    assert (answer.status_code, answer.content) == (status, b"refused")
    assert not Notice.objects.exists()


@pytest.mark.parametrize(("size", "status"), [(MAX_BYTES, 400), (MAX_BYTES + 1, 413)])
def test_a_body_that_no_message_has_is_too_large(wechat, sealed_account, size, status):
    query, _ = secure(as_json(REFUSED))
    assert push(wechat, sealed_account, query, b" " * size).status_code == status


def test_a_lost_key_of_ours_makes_wechat_come_again(wechat, sealed_account, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["another"]
    assert push(wechat, sealed_account, *secure(as_json(REFUSED))).status_code == 503


def test_what_was_turned_away_does_not_count_as_a_message(wechat, sealed_account):
    push(wechat, sealed_account, signed(), as_json(REFUSED))
    sealed_account.refresh_from_db()
    assert sealed_account.callback_at is None


# --- From the simulator, over HTTP ---


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["plain", "compatible", "secure"])
@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_simulators_message_arrives(live_server, sim, sealed_account, mode, form):
    if mode == "plain":
        sealed_account.switch_callback_off()
        sealed_account.callback_token = TOKEN
        sealed_account.save()
    sim.set_callback(live_server.url + address(sealed_account), TOKEN, aes_key=AES_KEY, mode=mode, form=form)
    (product_id,) = sim.make_spus()
    sim.remove_spu(product_id, reason="涉嫌虚假宣传 <&]]>")
    until = time.monotonic() + 10
    while not sim.pushes() or sim.pushes()[0]["delivered"] is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    notice = Notice.objects.get()
    assert (notice.product_id, notice.status, notice.reason) == (str(product_id), 13, "涉嫌虚假宣传 <&]]>")
