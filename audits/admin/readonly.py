from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from audits.admin.paging import FastPaginator


class ReadOnlyAdmin(admin.ModelAdmin):
    """The journal is looked at, never edited: only its own methods write it."""

    # Not None, which would keep out the actions of the whole site, too.
    actions: Sequence[Any] = []
    list_per_page = 50
    paginator = FastPaginator
    show_full_result_count = False
    change_form_template = "admin/audits/change_form.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Headed by what it lists: there is nothing here to "select to change"."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
