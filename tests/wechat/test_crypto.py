"""Secrets at rest: unreadable without a key, and never shown by accident."""

import io
import json

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from shopadmin.wechat.crypto import CannotDecryptError, SecretText, decrypt, encrypt
from shopadmin.wechat.models import Account

SECRET = "a-made-up-secret"
APPID = "wx00000000000000aa"


def make_account(**fields) -> Account:
    return Account.objects.create(**{"name": "Shop", "appid": APPID, "secret": SECRET, **fields})


def stored_secret(account: Account) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM wechat_account WHERE id = %s", [account.pk])
        return cursor.fetchone()[0]


def test_what_was_encrypted_can_be_decrypted():
    assert decrypt(encrypt("密钥")) == "密钥"


def test_the_same_text_encrypts_differently_each_time():
    assert encrypt(SECRET) != encrypt(SECRET)


def test_a_fernet_key_is_used_as_it_is(settings):
    key = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [key]
    assert Fernet(key).decrypt(encrypt(SECRET)).decode() == SECRET


def test_any_other_string_serves_as_a_key(settings):
    settings.FIELD_ENCRYPTION_KEYS = ["四个汉字"]
    assert decrypt(encrypt(SECRET)) == SECRET


def test_an_older_key_still_decrypts(settings):
    settings.FIELD_ENCRYPTION_KEYS = ["old"]
    stored = encrypt(SECRET)
    settings.FIELD_ENCRYPTION_KEYS = ["new", "old"]
    assert decrypt(stored) == SECRET


def test_without_its_key_a_text_cannot_be_decrypted(settings):
    settings.FIELD_ENCRYPTION_KEYS = ["old"]
    stored = encrypt(SECRET)
    settings.FIELD_ENCRYPTION_KEYS = ["another-key"]
    with pytest.raises(CannotDecryptError, match="FIELD_ENCRYPTION_KEYS") as caught:
        decrypt(stored)
    assert "another-key" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_secret_does_not_show_itself():
    secret = SecretText.of(SECRET)
    assert f"{secret} {secret!r} {[secret]}".count("••••••") == 3
    assert SECRET not in f"{secret} {secret!r}"


def test_the_database_holds_ciphertext(db):
    account = make_account()
    assert SECRET not in stored_secret(account)
    assert decrypt(stored_secret(account)) == SECRET


def test_an_instance_never_holds_the_plain_text():
    account = Account(secret=SECRET)
    assert SECRET not in str(vars(account))
    assert account.secret.reveal() == SECRET


def test_a_loaded_secret_can_be_revealed(db):
    assert Account.objects.get(pk=make_account().pk).secret.reveal() == SECRET


def test_update_encrypts_too(db):
    account = make_account()
    Account.objects.update(secret="another")
    assert decrypt(stored_secret(account)) == "another"


def test_loading_needs_no_key(db, settings):
    account = make_account()
    settings.FIELD_ENCRYPTION_KEYS = ["another-key"]
    loaded = Account.objects.get(pk=account.pk)
    with pytest.raises(CannotDecryptError):
        loaded.secret.reveal()


def test_a_backup_holds_ciphertext_and_can_be_loaded(db, tmp_path):
    account = make_account()
    backup = tmp_path / "backup.json"
    call_command("dumpdata", "wechat", output=str(backup))
    assert SECRET not in backup.read_text()
    account.delete()
    call_command("loaddata", str(backup), verbosity=0)
    assert Account.objects.get(appid=APPID).secret.reveal() == SECRET


def test_rotating_keys_leaves_the_older_ones_unneeded(db, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["old"]
    account = make_account()
    settings.FIELD_ENCRYPTION_KEYS = ["new", "old"]
    call_command("rotate_keys", stdout=io.StringIO())
    settings.FIELD_ENCRYPTION_KEYS = ["new"]
    assert decrypt(stored_secret(account)) == SECRET


def test_rotating_keys_says_what_it_could_not_read(db, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["lost"]
    account = make_account()
    before = stored_secret(account)
    settings.FIELD_ENCRYPTION_KEYS = ["new"]
    with pytest.raises(CommandError, match="1 stored secrets could not be read"):
        call_command("rotate_keys", stdout=io.StringIO())
    assert stored_secret(account) == before


def test_rotating_keys_prints_no_secret(db):
    make_account()
    output = io.StringIO()
    call_command("rotate_keys", stdout=output)
    assert "wechat.Account.secret: 1 encrypted anew, 0 unreadable" in output.getvalue()
    assert SECRET not in output.getvalue()


def test_a_secret_is_not_json():
    with pytest.raises(TypeError):
        json.dumps({"secret": SecretText.of(SECRET)})
