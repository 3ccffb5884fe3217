"""Who looks at the start page, and what may be shown to them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from shopadmin.navigation import place
from shopadmin.wechat.models import Account, Family

Kind = type[models.Model]


class Viewer:
    """One person's view of the site: which lists are open to them, and where these are."""

    def __init__(self, request: HttpRequest, site: AdminSite, accounts: Sequence[Account]) -> None:
        self.request = request
        self.site = site
        # A shop without accounts may still become anything.
        used = {family for account in accounts for family in account.families}
        self.families = used or set(Family.values)

    def may(self, permission: str) -> bool:
        return self.request.user.has_perm(permission)

    def sees(self, model: Kind) -> bool:
        owner = self.site._registry.get(model)
        return owner is not None and owner.has_view_permission(self.request)

    def mirrors(self) -> list[tuple[Any, Any]]:
        """The kinds of records that mirror something of this shop's at WeChat, each with its admin."""
        registry: Any = self.site._registry
        found = [
            (model, owner)
            for model, owner in registry.items()
            if hasattr(model, "OPERATIONS")
            and model.FAMILY in self.families
            and owner.has_view_permission(self.request)
        ]
        return sorted(found, key=lambda each: place(each[0]._meta.label_lower))

    def list_of(self, model: Kind, **query: Any) -> str:
        """The address of a list, filtered; "" if it is not open to them."""
        if not self.sees(model):
            return ""
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        return f"{url}?{urlencode(query)}" if query else url

    def form_of(self, record: models.Model) -> str:
        if not self.sees(type(record)):
            return ""
        meta = record._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])

    def page(self, name: str) -> str:
        """The address of a page by its name; "" if there is none."""
        try:
            return reverse(name)
        except NoReverseMatch:
            return ""
