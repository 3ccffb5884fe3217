"""Roles. Ours are as their table says and only looked at; a shop may add some of its own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.operations import Text
from goods.roles import BY_NAME
from shopadmin.people.rights import grantable, groups_within, permission_label, role_label


class RightsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, permission: Any) -> str:
        return permission_label(permission)


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    list_display = ("title", "may", "people")
    filter_horizontal = ()
    readonly_fields = ("title", "may")
    # As they were made: ours from the least to the most.
    ordering = ("pk",)
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        roles: QuerySet[Group] = super().get_queryset(request)
        return roles.annotate(number=Count("user"))

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return ("title", "may")
        return ("name", "permissions")

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        if db_field.name != "permissions" or request is None:
            return super().formfield_for_manytomany(db_field, request, **kwargs)
        return RightsField(
            queryset=grantable(request.user),  # type: ignore[arg-type]
            widget=forms.CheckboxSelectMultiple,
            label=capfirst(gettext("may do")),
        )

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and self._is_within(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and self._is_within(request, obj)

    def _is_within(self, request: HttpRequest, group: Group | None) -> bool:
        """The shop's own, and nothing in it that this person may not do."""
        if group is None:
            return True
        within: QuerySet[Group] = groups_within(request.user)  # type: ignore[arg-type]
        return group.name not in BY_NAME and within.filter(pk=group.pk).exists()

    # --- columns ----------------------------------------------------------------------------------

    @admin.display(description=_("role"))
    def title(self, group: Group) -> Text:
        return role_label(group)

    @admin.display(description=_("may do"))
    def may(self, group: Group) -> Text:
        return BY_NAME[group.name].may if group.name in BY_NAME else _("as this shop decided")

    @admin.display(description=_("people"))
    def people(self, group: Any) -> int:
        number: int = group.number
        return number
