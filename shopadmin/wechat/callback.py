"""What WeChat pushes to us (message push, server mode): is it WeChat's, and what does it say?

Plain Python; the address at which it arrives is shopadmin.callback_view. With an EncodingAESKey only messages
that are signed as a whole and encrypted are believed. Without one a signature covers just the time and a
random word, so the message itself could be anybody's: it is a hint to look, nothing more.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from shopadmin.wechat.xml import XmlError, read_xml

# No event is a tenth as large.
MAX_BYTES = 64_000
MAX_DEPTH = 16

_BLOCK_BITS = 256  # WeChat pads to 32 bytes, twice the block of AES
_RANDOM_BYTES = 16
_LENGTH_BYTES = 4

Query = Mapping[str, str]


class CallbackError(Exception):
    """Its text is one sentence for a log: neither secrets nor anything of the message are in it."""


class NotFromWeChatError(CallbackError):
    """The signature is missing or does not fit."""


class UnreadableError(CallbackError):
    """The message cannot be made out."""


@dataclass(frozen=True)
class CallbackKeys:
    """What an account and WeChat have agreed on. ``aes_keys`` has the present key and then the one before."""

    appid: str
    token: str = field(repr=False)
    aes_keys: tuple[str, ...] = field(default=(), repr=False)


def answer_to_check(keys: CallbackKeys, query: Query) -> str:
    """What to answer, to the letter, when WeChat checks whether the address is ours (GET)."""
    _check_signature(keys, query, "signature")
    if "echostr" not in query:
        raise UnreadableError("WeChat's check of the address has no echostr")
    return query["echostr"]


def read_message(keys: CallbackKeys, query: Query, body: bytes) -> dict[str, Any]:
    """The message in a push (POST), JSON or XML, in the clear.

    Numbers with a fraction stay text; of XML everything is text.
    """
    if not keys.aes_keys:
        _check_signature(keys, query, "signature")
        message = _parsed(body)
        if "Encrypt" in message and "MsgType" not in message:
            raise UnreadableError("the message is encrypted, and no EncodingAESKey is known")
        return {name: value for name, value in message.items() if name != "Encrypt"}
    if "msg_signature" not in query:
        raise NotFromWeChatError("the message is not signed as a whole, although there is an EncodingAESKey")
    encrypted = _parsed(body).get("Encrypt")
    if not isinstance(encrypted, str) or not encrypted.isascii():
        raise NotFromWeChatError("the message is not encrypted, although there is an EncodingAESKey")
    _check_signature(keys, query, "msg_signature", encrypted)
    return _parsed(_decrypted(keys, encrypted))


def signature(token: str, *parts: str) -> str:
    """SHA-1 of the token and the parts, sorted by byte value and put together."""
    joined = b"".join(sorted(part.encode() for part in (token, *parts)))
    return hashlib.sha1(joined).hexdigest()  # noqa: S324 - WeChat's choice


def _check_signature(keys: CallbackKeys, query: Query, name: str, *parts: str) -> None:
    expected = signature(keys.token, query.get("timestamp", ""), query.get("nonce", ""), *parts)
    if not hmac.compare_digest(expected.encode(), query.get(name, "").encode()):
        raise NotFromWeChatError(f"{name} is missing or does not fit the token")


# --- decrypting -----------------------------------------------------------------------------------


def _decrypted(keys: CallbackKeys, encrypted: str) -> bytes:
    """After a change of the key, messages with the one before still come for a while."""
    try:
        data = base64.b64decode(encrypted, validate=True)
    except binascii.Error:
        raise UnreadableError("what is encrypted is not base64") from None
    for aes_key in keys.aes_keys:
        try:
            return _opened(data, aes_key, keys.appid)
        except ValueError:
            continue
    raise UnreadableError("no EncodingAESKey fits the message, or it is for another appid")


def _opened(data: bytes, aes_key: str, appid: str) -> bytes:
    """The message in: 16 random bytes, its length, itself, the appid, padding. ValueError if it is not so."""
    key = base64.b64decode(aes_key + "=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    padded = decryptor.update(data) + decryptor.finalize()
    plain = (unpadder.update(padded) + unpadder.finalize())[_RANDOM_BYTES:]
    length, rest = int.from_bytes(plain[:_LENGTH_BYTES], "big"), plain[_LENGTH_BYTES:]
    if rest[length:] != appid.encode():
        raise ValueError
    return rest[:length]


# --- JSON and XML ---------------------------------------------------------------------------------


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode("utf-8-sig").strip()
        message = read_xml(text) if text.startswith("<") else _read_json(text)
    except (ValueError, RecursionError, XmlError):
        # Outside this block: the error would quote the message.
        message = None
    if not isinstance(message, dict) or not _storable(message):
        raise UnreadableError("the message is neither JSON nor XML as WeChat writes it")
    return message


def _read_json(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_constant=_refuse)


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _storable(value: Any, depth: int = 0) -> bool:
    """No deeper than a message ever is, and without the characters that no database takes."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, dict):
        return depth < MAX_DEPTH and all(
            _storable(name) and _storable(entry, depth + 1) for name, entry in value.items()
        )
    if isinstance(value, list):
        return depth < MAX_DEPTH and all(_storable(entry, depth + 1) for entry in value)
    return True
