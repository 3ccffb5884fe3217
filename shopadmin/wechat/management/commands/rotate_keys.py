from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models

from shopadmin.wechat.crypto import CannotDecryptError, EncryptedTextField, SecretText, rotate


class Command(BaseCommand):
    help = (
        "Encrypt every stored secret anew with the first of FIELD_ENCRYPTION_KEYS. "
        "When it has finished without a complaint, the other keys may be removed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        for model in apps.get_models():
            for field in model._meta.local_concrete_fields:
                if isinstance(field, EncryptedTextField):
                    unreadable += self._rotate_column(model, field)
        if unreadable:
            raise CommandError(
                f"{unreadable} stored secrets could not be read with any of FIELD_ENCRYPTION_KEYS and were "
                "left as they are. Put the missing key back into the list, or enter those secrets again."
            )

    def _rotate_column(self, model: type[models.Model], field: EncryptedTextField) -> int:
        done = unreadable = 0
        rows = model._base_manager.exclude(**{field.name: ""}).values_list("pk", field.name)
        for pk, secret in rows.iterator():
            try:
                renewed = SecretText(rotate(secret.encrypted))
            except CannotDecryptError:
                unreadable += 1
                continue
            # Only if nobody has entered another secret in the meantime.
            unchanged = model._base_manager.filter(pk=pk, **{field.name: secret})
            done += unchanged.update(**{field.name: renewed})
        self.stdout.write(f"{model._meta.label}.{field.name}: {done} encrypted anew, {unreadable} unreadable")
        return unreadable
