"""Secrets at rest: encrypted with the first of ``FIELD_ENCRYPTION_KEYS``, readable with any of them.

A secret is decrypted only where somebody asks for it (``account.secret.reveal()``). So a lost key
makes calls to WeChat fail with a clear sentence, and leaves every page and list of the admin alive.
"""

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    TextField = models.TextField["str | SecretText", "SecretText"]
else:
    TextField = models.TextField


class CannotDecryptError(Exception):
    """The stored text was encrypted with a key that FIELD_ENCRYPTION_KEYS no longer lists."""

    def __init__(self) -> None:
        super().__init__(
            "A stored secret cannot be decrypted: FIELD_ENCRYPTION_KEYS does not list the key it was "
            "encrypted with. Put that key back into the list, or enter the secret again."
        )


def _fernet(key: str) -> Fernet:
    """A Fernet key is used as it is; any other string is stretched to one."""
    try:
        return Fernet(key)
    except ValueError:
        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))


@lru_cache(maxsize=4)
def _keyring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([_fernet(key) for key in keys])


def _current_keyring() -> MultiFernet:
    return _keyring(tuple(settings.FIELD_ENCRYPTION_KEYS))


def encrypt(text: str) -> str:
    """The text, encrypted with the first key; different every time."""
    return _current_keyring().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text behind what ``encrypt`` returned; CannotDecryptError when no key fits."""
    try:
        return _current_keyring().decrypt(token).decode()
    except InvalidToken:
        # Outside this block, so that nothing of the failed attempt is chained to the error.
        pass
    raise CannotDecryptError


def rotate(token: str) -> str:
    """The same text, encrypted anew with the first key."""
    try:
        return _current_keyring().rotate(token).decode()
    except InvalidToken:
        pass
    raise CannotDecryptError


class SecretText:
    """An encrypted text that shows itself to nobody who does not ask with ``reveal()``."""

    __slots__ = ("encrypted",)

    def __init__(self, encrypted: str) -> None:
        self.encrypted = encrypted

    @classmethod
    def of(cls, plain: str) -> "SecretText":
        return cls(encrypt(plain) if plain else "")

    def reveal(self) -> str:
        return decrypt(self.encrypted) if self.encrypted else ""

    def __bool__(self) -> bool:
        return bool(self.encrypted)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretText) and self.encrypted == other.encrypted

    def __hash__(self) -> int:
        return hash(self.encrypted)

    def __str__(self) -> str:
        return "••••••" if self.encrypted else ""

    def __repr__(self) -> str:
        return "SecretText(••••••)"


class _EncryptingAttribute(DeferredAttribute):
    """Encrypts plain text the moment it is assigned, so that an instance never holds it."""

    def __set__(self, instance: models.Model, value: "str | SecretText | None") -> None:
        instance.__dict__[self.field.attname] = SecretText.of(value) if isinstance(value, str) else value


class EncryptedTextField(TextField):
    """A text column holding ciphertext; the attribute is a ``SecretText``, and takes plain ``str``."""

    descriptor_class = _EncryptingAttribute

    def from_db_value(
        self, value: str | None, expression: object, connection: "BaseDatabaseWrapper"
    ) -> SecretText | None:
        return None if value is None else SecretText(value)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, SecretText):
            return value.encrypted
        return SecretText.of(value).encrypted if isinstance(value, str) else value

    def to_python(self, value: Any) -> Any:
        """What ``loaddata`` reads is what ``dumpdata`` wrote: the ciphertext."""
        return SecretText(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)) or "")
