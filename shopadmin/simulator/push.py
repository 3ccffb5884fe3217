"""Message push: what WeChat sends by itself, and how it is signed, encrypted and written."""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from shopadmin.simulator.store import EditStatus, Spu

MODES = ("plain", "compatible", "secure")
FORMS = ("xml", "json")
CONTENT_TYPES = {"xml": "text/xml", "json": "application/json"}
SENDER = "oSimulatedWechatTeam"
_PAD = 32
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PushTarget:
    """What the owner of an account has entered in the console under message push."""

    url: str
    token: str
    aes_key: str = ""
    mode: str = "plain"
    form: str = "xml"

    def check(self) -> None:
        """ValueError for what the console would not take."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url must begin with http:// or https:// and name a server.")
        if not (3 <= len(self.token) <= 32 and self.token.isascii() and self.token.isalnum()):
            raise ValueError("token must be 3 to 32 letters and digits.")
        if self.mode not in MODES or self.form not in FORMS:
            raise ValueError(f"mode is one of {', '.join(MODES)}, form one of {', '.join(FORMS)}.")
        has_key = len(self.aes_key) == 43 and self.aes_key.isascii() and self.aes_key.isalnum()
        if not has_key and (self.aes_key or self.mode != "plain"):
            raise ValueError("aes_key must be 43 letters and digits.")

    def shown(self) -> dict[str, str]:
        """Without secrets, for the state."""
        return {"url": self.url, "mode": self.mode, "form": self.form}


# --- What happened to a product ---


def common_fields(appid: str, now: float) -> Message:
    """What every event begins with."""
    return {
        "ToUserName": f"gh_{appid[2:14]}",
        "FromUserName": SENDER,
        "CreateTime": int(now),
        "MsgType": "event",
    }


def review_event(spu: Spu) -> Message:
    """A review ended: 4 passed, 3 refused."""
    about: Message = {**_named(spu), "status": int(spu.edit_status), "spu_status": int(spu.status)}
    if spu.edit_status is EditStatus.REFUSED:
        about["reject_reason"] = spu.reason
    return {"Event": "open_product_spu_audit", "OpenProductSpuAudit": about}


def status_event(spu: Spu, spelling: str) -> Message:
    """WeChat took it off sale (13) or put it back (5), as the newer or one of the older pages writes it."""
    newer = spelling == "newer"
    about = {**_named(spu), "status": int(spu.status), "reason" if newer else "reject_reason": spu.reason}
    return {
        "Event": "open_product_spu_audit" if spelling == "oldest" else "open_product_spu_status_update",
        "OpenProductSpuStatusUpdate" if newer else "OpenProductSpuAudit": about,
    }


def _named(spu: Spu) -> Message:
    return {"out_product_id": spu.out_product_id, "product_id": spu.product_id}


# --- On the wire ---


def address_check(target: PushTarget, echo: str) -> str:
    """The address with which the console tries whether somebody there knows the token."""
    return _address(target, {**_signed(target), "echostr": echo})


def sealed(target: PushTarget, appid: str, message: Message) -> tuple[str, bytes]:
    """Address and body of one push; signed and encrypted anew each time, as repetitions are."""
    query = _signed(target)
    if target.mode == "plain":
        return _address(target, query), written(message, target.form)
    encrypted = encrypt(written(message, target.form), target.aes_key, appid)
    query["encrypt_type"] = "aes"
    query["msg_signature"] = sign(target.token, query["timestamp"], query["nonce"], encrypted)
    clear = message if target.mode == "compatible" else {"ToUserName": message.get("ToUserName", "")}
    return _address(target, query), written({**clear, "Encrypt": encrypted}, target.form)


def _signed(target: PushTarget) -> dict[str, str]:
    # Real seconds: who checks the timestamp has a real clock.
    timestamp, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
    return {"signature": sign(target.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}


def _address(target: PushTarget, query: dict[str, str]) -> str:
    return f"{target.url}{'&' if urlsplit(target.url).query else '?'}{urlencode(query)}"


def sign(*words: str) -> str:
    """Lower-case hexadecimal SHA-1 of the words, sorted."""
    return hashlib.sha1("".join(sorted(words)).encode()).hexdigest()  # noqa: S324 - as WeChat does it


def encrypt(text: bytes, aes_key: str, appid: str) -> str:
    """AES-256-CBC of random bytes, length, text and appid, padded to 32 bytes; in base64."""
    key = base64.b64decode(aes_key + "=")
    plain = secrets.token_bytes(16) + len(text).to_bytes(4, "big") + text + appid.encode()
    padding = _PAD - len(plain) % _PAD
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed_text = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed_text).decode()


def written(message: Message, form: str) -> bytes:
    """The message as JSON or XML."""
    if form == "json":
        return json.dumps(message, ensure_ascii=False).encode()
    return f"<xml>{_elements(message)}</xml>".encode()


def _elements(fields: Message) -> str:
    return "".join(f"<{name}>{_content(value)}</{name}>" for name, value in fields.items())


def _content(value: object) -> str:
    if isinstance(value, dict):
        return _elements(value)
    if isinstance(value, str):
        return f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
    return str(value)
