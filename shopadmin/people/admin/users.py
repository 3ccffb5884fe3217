"""The people who may sign in, and what they may do."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from goods.roles import BY_NAME
from shopadmin.people.rights import groups_within, in_order, may_manage, role_label

NOTHING = "–"


class RolesField(forms.ModelMultipleChoiceField):
    """Roles to tick, each with what it may do."""

    def label_from_instance(self, group: Any) -> str:
        label = role_label(group)
        if group.name not in BY_NAME:
            return str(label)
        return gettext("%(role)s: %(may)s") % {"role": label, "may": BY_NAME[group.name].may}


class PersonForm(auth_forms.UserChangeForm):
    # Its page has a button instead, not the way in which the password is stored.
    password = None  # type: ignore[assignment]

    class Meta(auth_forms.UserChangeForm.Meta):
        help_texts = {
            "is_active": _(
                "Untick it when somebody leaves. People are never deleted: what they did stays known."
            ),
        }


class NewPersonForm(auth_forms.UserCreationForm):
    class Meta(auth_forms.UserCreationForm.Meta):
        help_texts = {"username": _("What they type in to sign in, such as zhangsan.")}


class NewPasswordForm(auth_forms.AdminPasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Every sign-in here is by password.
        self.fields.pop("usable_password", None)


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(group.name, role_label(group)) for group in in_order(Group.objects.all())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    add_form_template = "admin/change_form.html"
    change_password_form = NewPasswordForm
    list_display = ("username", "full_name", "roles", "is_active", "last_login")
    list_filter = ("is_active", RoleFilter)
    list_per_page = 50
    filter_horizontal = ()
    readonly_fields = ("password_button", "roles", "last_login", "date_joined")
    add_fieldsets = (
        (None, {"fields": ("username", "last_name", "first_name", "password1", "password2")}),
        (_("What this person may do"), {"fields": ("groups",)}),
    )
    person_fields = (None, {"fields": ("username", "password_button", "last_name", "first_name", "email")})
    dates = (_("Important dates"), {"fields": ("last_login", "date_joined")})

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people: QuerySet[User] = super().get_queryset(request)
        return people.prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        fields = ["is_active", "groups" if self.has_change_permission(request, obj) else "roles"]
        if request.user.is_superuser:
            fields += ["is_staff", "is_superuser"]
        return (self.person_fields, (_("What this person may do"), {"fields": fields}), self.dates)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Nobody opens or closes the door to themselves: that takes a colleague."""
        fields: tuple[Any, ...] = self.readonly_fields
        if obj is not None and obj.pk == request.user.pk:
            fields += ("is_active", "is_staff", "is_superuser")
        return fields

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "groups":
            return super().formfield_for_manytomany(db_field, request, **kwargs)
        return RolesField(
            queryset=groups_within(request.user),  # type: ignore[arg-type]
            widget=forms.CheckboxSelectMultiple,
            label=_("Roles"),
            required=False,
            help_text=_("One is enough: each may do what those above it may."),
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        found = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "groups" and found:
            # Roles are thought about on a page of their own.
            found.widget.can_add_related = False
        return found

    # --- whose record it may be -------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_manage(request.user, obj))  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """The log of what somebody changed would go with them."""
        return False

    # --- what is kept of it -----------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The log says which roles somebody had and has: it is the change that matters most."""
        before = _role_names(form.instance)
        super().save_related(request, form, formsets, change)
        after = _role_names(form.instance)
        if change and before != after:
            text = gettext("Roles: %(before)s → %(after)s.") % {"before": before, "after": after}
            self.log_change(request, form.instance, text)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        if add:
            return gettext("Added. Roles: %(roles)s.") % {"roles": _role_names(form.instance)}
        return super().construct_change_message(request, form, formsets, add)

    # --- columns ----------------------------------------------------------------------------------

    @admin.display(description=_("full name"), ordering="last_name")
    def full_name(self, person: User) -> str:
        # In Chinese the family name comes first, without a space.
        return f"{person.last_name}{person.first_name}" or NOTHING

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> str:
        if person.is_superuser:
            return gettext("everything (superuser)")
        return gettext(", ").join(str(role_label(group)) for group in person.groups.all()) or NOTHING

    @admin.display(description=_("password"))
    def password_button(self, person: User) -> SafeString:
        url = reverse("admin:auth_user_password_change", args=[person.pk])
        return format_html('<a class="button" href="{}">{}</a>', url, _("Set a new password"))


def _role_names(person: User) -> str:
    groups = Group.objects.filter(user=person)
    return gettext(", ").join(str(role_label(group)) for group in in_order(groups)) or NOTHING
