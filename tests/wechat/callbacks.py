"""Messages as WeChat pushes them, encrypted and signed here without any code of ours."""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.conftest import APPID

TOKEN = "demoToken2026"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_AES_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
TIMESTAMP, NONCE = "1795000001", "748213"

REFUSED: dict[str, Any] = {
    "ToUserName": "gh_demo",
    "FromUserName": "oDemoWeixinTeam",
    "CreateTime": 1795226400,
    "MsgType": "event",
    "Event": "open_product_spu_audit",
    "OpenProductSpuAudit": {
        "out_product_id": "TEA-0007",
        "product_id": 30112345678901234,
        "status": 3,
        "reject_reason": "主图含有联系方式",
    },
}


def sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypted(message: bytes, *, key: str = AES_KEY, appid: str = APPID, salt: bytes = b"0" * 16) -> str:
    raw = base64.b64decode(key + "=")
    plain = salt + len(message).to_bytes(4, "big") + message + appid.encode()
    pad = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def signed(*, token: str = TOKEN, **more: str) -> dict[str, str]:
    """The query of a plaintext push or of a check of the address."""
    signature = sha1(token, TIMESTAMP, NONCE)
    return {"signature": signature, "timestamp": TIMESTAMP, "nonce": NONCE, **more}


def secure(message: bytes, *, token: str = TOKEN, **options: Any) -> tuple[dict[str, str], bytes]:
    """Query and body of a push in secure mode, JSON outside."""
    secret = encrypted(message, **options)
    return sealed(secret, token=token), json.dumps({"ToUserName": "gh_demo", "Encrypt": secret}).encode()


def sealed(secret: str, *, token: str = TOKEN) -> dict[str, str]:
    """The query that goes with an ``Encrypt``."""
    return signed(token=token, encrypt_type="aes", msg_signature=sha1(token, TIMESTAMP, NONCE, secret))


def as_json(message: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps(message | changes, ensure_ascii=False).encode()
