"""Questions about records that every import asks, whatever their kind."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from audits.models import Push
from goods.importing.finding import Problems

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser


def busy_records(model: type[models.Model], records: Iterable[models.Model]) -> set[int]:
    """Which of them are being sent."""
    pushes = Push.objects.open().filter(
        target_type=ContentType.objects.get_for_model(model),
        target_id__in=[record.pk for record in records],
    )
    return set(pushes.values_list("target_id", flat=True))


def being_sent(record: models.Model, busy: Collection[int]) -> str:
    """Why the record takes no changes now; empty if it does."""
    if record.pk in busy:
        return _("It is being sent to WeChat. Wait until that is done, then import this row again.")
    return ""


def fingerprint(record: models.Model, fields: Iterable[str]) -> str:
    """The same as long as these fields are."""
    values = [str(getattr(record, name)) for name in fields]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def invalid(record: models.Model, not_validated: Collection[str]) -> Problems:
    """What the database cannot take, and what the record does not allow in its present state."""
    errors: dict[str, list[ValidationError]] = {}
    checks: list[Callable[[], None]] = [partial(record.clean_fields, exclude=not_validated), record.clean]
    for check in checks:
        try:
            check()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
    texts = ((name, text) for name, found in errors.items() for error in found for text in error.messages)
    return [("" if name == NON_FIELD_ERRORS else name, text) for name, text in texts]


def made_meanwhile() -> str:
    return _("Somebody else has just made this product. Import again.")


def log_saved(saved: dict[int, list[Any]], filename: str, user: "AbstractUser | None") -> None:
    """Name the file and who imported it in the history of the records, by kind of entry."""
    if user is None:
        return
    text = _("Imported from %(file)s.") % {"file": filename}
    for kind, records in saved.items():
        if records:
            LogEntry.objects.log_actions(user.pk, records, kind, text)
