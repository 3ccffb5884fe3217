"""Messages from WeChat: whose they are, and what they say."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopadmin.wechat.callback import (
    MAX_DEPTH,
    CallbackKeys,
    NotFromWeChatError,
    UnreadableError,
    answer_to_check,
    read_message,
    signature,
)
from tests.conftest import APPID
from tests.wechat.callbacks import (
    AES_KEY,
    NONCE,
    OTHER_AES_KEY,
    REFUSED,
    TIMESTAMP,
    TOKEN,
    as_json,
    encrypted,
    sealed,
    secure,
    signed,
)

PLAIN = CallbackKeys(APPID, TOKEN)
SECURE = CallbackKeys(APPID, TOKEN, (AES_KEY,))

# The document's test vector.
MESSAGE = (
    '{"ToUserName":"gh_demo","FromUserName":"oDemoOpenId","CreateTime":1795000000,"MsgType":"event",'
    '"Event":"demo_event","note":"测试"}'
)
ENCRYPT = (
    "Q3stYC6hdFzMh9T8HCvyDNiHIkfMNJPl6OBEHXAVTy7x3+Ok6CCVOSaD5ZByZORZ0p4ceUSsIj0iyNzXVPfa1Is3ZIy2G0S/prHBAadp"
    "I4BheBXoGOuatZWyJzEcLTSAEBVJyD4GX06XTESJ7tkvISZ3fR6yLIt83qugRi3wOqdUIfc07Ng4toxxTWUQENcnCKY6Ea566p1E3/BZ"
    "MSGqSRK80HEdUvTI0aPUfh5oCHGYJ+qiauEBiASLSj8YWr8b"
)
SIGNATURE = "f495ae52d8a0a9d23227c62a8959ab933f1d7585"
MSG_SIGNATURE = "557b032f6402df5cef039555296318cf202c45f2"
VECTOR = {"timestamp": TIMESTAMP, "nonce": NONCE, "msg_signature": MSG_SIGNATURE, "encrypt_type": "aes"}

XML = """<xml><ToUserName><![CDATA[gh_demo]]></ToUserName><FromUserName>oDemoWeixinTeam</FromUserName>
<CreateTime>1795226400</CreateTime><MsgType>event</MsgType><Event>open_product_spu_audit</Event>
<OpenProductSpuAudit><out_product_id>TEA-0007</out_product_id><product_id>30112345678901234</product_id>
<status>3</status><reject_reason>主图含有联系方式</reject_reason></OpenProductSpuAudit></xml>"""


def wrapped(secret: str) -> bytes:
    return json.dumps({"ToUserName": "gh_demo", "Encrypt": secret}).encode()


# --- The document's vectors ---


def test_the_signature_is_the_documents():
    assert signature(TOKEN, TIMESTAMP, NONCE) == SIGNATURE


def test_the_signature_of_a_message_is_the_documents():
    assert signature(TOKEN, TIMESTAMP, NONCE, ENCRYPT) == MSG_SIGNATURE


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"ToUserName": "gh_demo", "Encrypt": ENCRYPT}),
        f"<xml><ToUserName><![CDATA[gh_demo]]></ToUserName><Encrypt><![CDATA[{ENCRYPT}]]></Encrypt></xml>",
    ],
    ids=["json", "xml"],
)
def test_the_documents_message_is_read(body):
    assert read_message(SECURE, VECTOR, body.encode()) == json.loads(MESSAGE)


def test_the_encoder_of_these_tests_makes_the_documents_message():
    assert encrypted(MESSAGE.encode(), salt=b"0123456789abcdef") == ENCRYPT


# --- WeChat's check of the address ---


@pytest.mark.parametrize("keys", [PLAIN, SECURE], ids=["plain", "secure"])
@pytest.mark.parametrize("word", ["4375120948345356249", " <b>&\n", ""])
def test_the_check_is_answered_to_the_letter(keys, word):
    assert answer_to_check(keys, signed(echostr=word)) == word


@pytest.mark.parametrize(
    "change", [{"signature": ""}, {"signature": SIGNATURE[:-1]}, {"nonce": "1"}, {"signature": "測試"}]
)
def test_a_check_that_is_not_wechats_is_refused(change):
    with pytest.raises(NotFromWeChatError):
        answer_to_check(PLAIN, signed(echostr="1") | change)


def test_a_check_without_a_word_to_repeat_is_unreadable():
    with pytest.raises(UnreadableError):
        answer_to_check(PLAIN, signed())


# --- Plaintext ---


@pytest.mark.parametrize("body", [as_json(REFUSED), b"\xef\xbb\xbf" + as_json(REFUSED)])
def test_a_plain_json_message_is_read(body):
    assert read_message(PLAIN, signed(), body) == REFUSED


def test_of_xml_everything_is_text():
    about = REFUSED["OpenProductSpuAudit"]
    expected = {name: str(value) for name, value in about.items()}
    assert read_message(PLAIN, signed(), XML.encode())["OpenProductSpuAudit"] == expected


def test_long_numbers_stay_exact():
    body = b'{"MsgType":"event","id":18446744073709551615,"share":0.10}'
    assert read_message(PLAIN, signed(), body) == {
        "MsgType": "event",
        "id": 2**64 - 1,
        "share": "0.10",
    }


def test_elements_of_the_same_name_are_a_list():
    assert read_message(PLAIN, signed(), b"<xml><a>1</a><a>2</a><a>3</a></xml>") == {"a": ["1", "2", "3"]}


def test_a_plain_message_that_is_not_signed_is_refused():
    with pytest.raises(NotFromWeChatError):
        read_message(PLAIN, signed(token="another"), as_json(REFUSED))


# --- Compatibility mode ---


def test_without_a_key_the_clear_fields_of_compatibility_mode_are_read():
    secret = encrypted(as_json(REFUSED))
    assert read_message(PLAIN, sealed(secret), as_json(REFUSED, Encrypt=secret)) == REFUSED


def test_with_a_key_the_clear_fields_are_not_believed():
    secret = encrypted(as_json(REFUSED))
    body = as_json(REFUSED, Encrypt=secret, Event="forged")
    assert read_message(SECURE, sealed(secret), body) == REFUSED


def test_without_a_key_a_secure_message_is_unreadable():
    with pytest.raises(UnreadableError):
        read_message(PLAIN, *secure(as_json(REFUSED)))


# --- Secure mode ---


def test_a_plain_message_is_not_believed_once_there_is_a_key():
    with pytest.raises(NotFromWeChatError):
        read_message(SECURE, signed(), as_json(REFUSED))


def test_the_signature_of_a_plain_message_is_not_enough():
    _, body = secure(as_json(REFUSED))
    with pytest.raises(NotFromWeChatError):
        read_message(SECURE, signed(), body)


@pytest.mark.parametrize("place", [0, 30, 200])
def test_a_changed_message_is_refused(place):
    query, body = secure(as_json(REFUSED))
    secret = json.loads(body)["Encrypt"]
    forged = secret[:place] + ("A" if secret[place] != "A" else "B") + secret[place + 1 :]
    with pytest.raises(NotFromWeChatError):
        read_message(SECURE, query, wrapped(forged))


@pytest.mark.parametrize("name", ["timestamp", "nonce", "msg_signature"])
def test_every_part_of_the_query_is_signed(name):
    query, body = secure(as_json(REFUSED))
    with pytest.raises(NotFromWeChatError):
        read_message(SECURE, query | {name: "1"}, body)


def test_a_message_for_another_appid_is_unreadable():
    with pytest.raises(UnreadableError):
        read_message(SECURE, *secure(as_json(REFUSED), appid="wxfedcba9876543210"))


@pytest.mark.parametrize("secret", ["", "AAAA", "no base64!", "A" * 64, ENCRYPT[:-4]])
def test_a_signed_message_that_decrypts_to_nothing_is_unreadable(secret):
    with pytest.raises(UnreadableError):
        read_message(SECURE, sealed(secret), wrapped(secret))


@pytest.mark.parametrize("keys", [(OTHER_AES_KEY, AES_KEY), (AES_KEY, OTHER_AES_KEY)])
def test_after_a_change_of_the_key_both_are_understood(keys):
    assert read_message(CallbackKeys(APPID, TOKEN, keys), *secure(as_json(REFUSED))) == REFUSED


def test_an_unknown_key_fits_nothing():
    with pytest.raises(UnreadableError):
        read_message(CallbackKeys(APPID, TOKEN, (OTHER_AES_KEY,)), *secure(as_json(REFUSED)))


@given(
    st.dictionaries(st.sampled_from(["Event", "note", "MsgType"]), st.text('a测🍵 <&]"\\')),
    st.binary(min_size=16, max_size=16),
)
def test_whatever_is_encrypted_comes_out_as_it_was(message, salt):
    assert read_message(SECURE, *secure(as_json(message), salt=salt)) == message


@pytest.mark.parametrize("length", range(160, 193))
def test_every_length_of_padding_is_understood(length):
    message = {"note": "x" * length}
    assert read_message(SECURE, *secure(as_json(message))) == message


# --- What is no message ---

DOCTYPE = '<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>'
LAUGHS = '<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><a>&b;</a></xml>'


@pytest.mark.parametrize(
    "body",
    [
        b"", b"success", b"[]", b'"text"', b"null", b"{", b'{"a":NaN}', b'{"a":"\\u0000"}',
        b'{"a":"\\ud800"}',
        b"\xff\xfe", b"<xml>", b"<xml/>", b"<xml>text</xml>", b"<a></b>", b"<xml><a>&e;</a></xml>",
        b"[" * 50_000, b'{"a":' * 9_000, b"<a>" * 9_000, b'{"a":' + b"9" * 9_000 + b"}",
        DOCTYPE.encode(), LAUGHS.encode(), b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml><a>1</a></xml>',
        b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["plain", "inside", "outside"])
def test_what_is_no_message_is_unreadable(body, mode):
    keys, query = (PLAIN, signed()) if mode == "plain" else (SECURE, sealed("AAAA"))
    if mode == "inside":
        query, body = secure(body)
    with pytest.raises((UnreadableError, NotFromWeChatError) if mode == "outside" else UnreadableError):
        read_message(keys, query, body)


@given(st.binary(max_size=300))
def test_no_bytes_bring_it_down(body):
    for keys in (PLAIN, SECURE):
        with suppress(NotFromWeChatError, UnreadableError):
            assert isinstance(read_message(keys, signed(), body), dict)


def test_an_error_quotes_neither_keys_nor_message():
    query, body = secure(b"a secret word, not JSON")
    with pytest.raises(UnreadableError) as caught:
        read_message(SECURE, query, body)
    told = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r} {SECURE!r}"
    assert not [word for word in (TOKEN, AES_KEY, "a secret word") if word in told]
