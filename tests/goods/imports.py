"""Words for tests of imports in the browser."""

import io
import zipfile
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from audits.tables import csv_chunks
from goods.importing import URL_TEMPLATE
from goods.models import ImportRow, ImportRun
from goods.tasks import imports

LIST = reverse("admin:goods_importrun_changelist")
ADD = reverse("admin:goods_importrun_add")
RIGHTS = ("view_importrun", "add_importrun", "view_livegoods", "add_livegoods", "change_livegoods")
NAME = "云南小粒咖啡"


def address(what: str, run: ImportRun) -> str:
    return reverse(f"admin:goods_importrun_{what}", args=[run.pk])


def table(*rows: list[str]) -> bytes:
    return b"".join(csv_chunks(rows))


def uploaded(account: Any, *rows: list[str], by: User | None = None, filename: str = "list.csv") -> ImportRun:
    """A run as the upload leaves it, in English."""
    by = by or User.objects.get_or_create(username="xiaowang")[0]
    return ImportRun.objects.create(
        account=account,
        file=ContentFile(table(*rows), filename),
        filename=filename,
        url_template=URL_TEMPLATE,
        language="en",
        created_by=by,
        created_by_name=by.username,
    )


def archive(files: dict[str, bytes]) -> bytes:
    """A ZIP file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return buffer.getvalue()


def uploaded_archive(account: Any, data: bytes) -> ImportRun:
    run = uploaded(account)
    run.file.save("list.zip", ContentFile(data))
    run.filename = "list.zip"
    run.save()
    return run


def checked_archive(account: Any, data: bytes) -> ImportRun:
    run = uploaded_archive(account, data)
    imports()
    run.refresh_from_db()
    return run


def checked(account: Any, *rows: list[str], **fields: Any) -> ImportRun:
    """The same after a worker has compared it with the records."""
    run = uploaded(account, *rows, **fields)
    imports()
    run.refresh_from_db()
    return run


def stored(run: ImportRun) -> ImportRun:
    """Somebody confirms it, and a worker stores it."""
    assert run.confirm(by=run.created_by)
    imports()
    run.refresh_from_db()
    return run


def row(run: ImportRun, number: int) -> ImportRow:
    return run.found.get(number=number)


def send_file(client: Client, account: Any, data: bytes, name: str = "list.csv", **fields: Any) -> Any:
    """What the form of the upload sends."""
    file = ContentFile(data, name)
    values = {"account": account.pk, "file": file, "url_template": URL_TEMPLATE, **fields}
    return client.post(ADD, values)
