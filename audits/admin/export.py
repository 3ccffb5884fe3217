"""Any list of the admin as a file: what its filters have left, in its order, with the fields staff know."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.contrib import admin, messages
from django.db.models import BooleanField, Field, FileField, ForeignKey, JSONField, Model, QuerySet
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.tables import CSV, XLSX, csv_chunks, xlsx_file
from shopadmin.wechat.crypto import EncryptedTextField

ROWS_MOST = 100_000
AT_ONCE = 1_000

# Never in a file, whatever model it is of.
SECRET = re.compile(r"secret|passw|token|session|cookie|credential|_data$|key$", re.IGNORECASE)


@admin.action(description=gettext_lazy("Export as CSV"), permissions=["view"])
def export_csv(owner: Any, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponseBase | None:
    if _too_many(owner, request, queryset):
        return None
    response = StreamingHttpResponse(csv_chunks(_table(owner, queryset)), content_type=CSV)
    return _saved(response, owner, "csv")


@admin.action(description=gettext_lazy("Export as Excel"), permissions=["view"])
def export_xlsx(owner: Any, request: HttpRequest, queryset: QuerySet[Model]) -> HttpResponseBase | None:
    if _too_many(owner, request, queryset):
        return None
    return _saved(FileResponse(xlsx_file(_table(owner, queryset)), content_type=XLSX), owner, "xlsx")


def offer_exports(site: admin.AdminSite) -> None:
    """On every list of the site."""
    site.add_action(export_csv, "export_csv")
    site.add_action(export_xlsx, "export_xlsx")


def _too_many(owner: Any, request: HttpRequest, queryset: QuerySet[Model]) -> bool:
    if queryset.order_by().values("pk")[: ROWS_MOST + 1].count() <= ROWS_MOST:
        return False
    text = _("These are more than %(most)s rows. Narrow the list with its filters, and export the parts.")
    owner.message_user(request, text % {"most": f"{ROWS_MOST:,}"}, messages.ERROR)
    return True


def _saved(response: Any, owner: Any, suffix: str) -> HttpResponseBase:
    """For saving only; the admin's own wrapper keeps it out of every cache."""
    now = timezone.localtime()
    name = f"{owner.opts.model_name}-{now:%Y%m%d-%H%M%S}.{suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    found: HttpResponseBase = response
    return found


# --- which fields, and how they read ----------------------------------------------------------------


def exported(owner: Any) -> "list[Field[Any, Any]]":
    """The key and every field that has a name for staff; no secret, and no JSON that nobody reads.

    A ModelAdmin may name fields in ``export_exclude``.
    """
    return [field for field in owner.opts.concrete_fields if _for_staff(owner, field)]


def _for_staff(owner: Any, field: Any) -> bool:
    if field.primary_key:
        return True
    hidden = (EncryptedTextField, JSONField)
    if isinstance(field, hidden) or SECRET.search(field.name):
        return False
    # A name that nobody translated was never meant for a page.
    return isinstance(field.verbose_name, Promise) and field.name not in getattr(owner, "export_exclude", ())


def _table(owner: Any, queryset: QuerySet[Model]) -> Iterator[list[str]]:
    """The headings, then a row for each record, read from the database as they are sent."""
    fields = exported(owner)
    # Words are looked up now: when the rows are sent, nobody's language may be active any more.
    headings = [capfirst(str(field.verbose_name)) for field in fields]
    readers = [_reader(owner, field) for field in fields]
    related = [field.name for field in fields if isinstance(field, ForeignKey)]
    records = queryset.select_related(*related).iterator(chunk_size=AT_ONCE)
    return chain([headings], ([read(record) for read in readers] for record in records))


def _reader(owner: Any, field: Any) -> Callable[[Any], str]:
    """Like the pages: choices by their names, times in the shop's time zone.

    A ModelAdmin may give in ``export_choices`` the enumeration of a field that has none of its own, for
    numbers of WeChat's that are kept as they come.
    """
    given: Mapping[str, Any] = getattr(owner, "export_choices", {})
    choices: Sequence[Any] = given[field.name].choices if field.name in given else field.flatchoices
    labels: dict[Any, str] = {value: str(label) for value, label in choices}
    if isinstance(field, BooleanField):
        labels = {True: _("yes"), False: _("no")}

    def read(record: Any) -> str:
        value = getattr(record, field.name)
        return labels[value] if value in labels else as_text(value)

    return _file_name(field) if isinstance(field, FileField) else read


def _file_name(field: Any) -> Callable[[Any], str]:
    return lambda record: getattr(record, field.name).name or ""


def as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    return str(value)
