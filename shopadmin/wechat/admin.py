"""The page where administrators enter an account and see whether its connection works."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_q.tasks import async_task

from shopadmin.wechat.models import Account, Family

if TYPE_CHECKING:
    AccountForm_ = forms.ModelForm[Account]
    AccountAdmin_ = admin.ModelAdmin[Account]
else:
    AccountForm_ = forms.ModelForm
    AccountAdmin_ = admin.ModelAdmin

# While a test is under way, the list asks again after so many seconds.
RELOAD_SECONDS = 3


class SecretField(forms.CharField):
    """A text that is typed in, never shown; empty means "as it was"."""

    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


class AccountForm(AccountForm_):
    secret = SecretField(
        label=_("AppSecret"), max_length=200, help_text=_("Leave empty to keep the stored one.")
    )
    families = forms.MultipleChoiceField(
        label=_("Families"),
        choices=Family.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The groups of interfaces that this account may use at WeChat."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "secret" in self.fields:
            self.fields["secret"].required = self.instance.pk is None

    def clean_secret(self) -> Any:
        return self.cleaned_data["secret"] or self.instance.secret


@admin.register(Account)
class AccountAdmin(AccountAdmin_):
    form = AccountForm
    list_display = ("name", "appid", "mode", "family_names", "connection", "as_of")
    list_filter = ("practice",)
    search_fields = ("name", "appid")
    actions = ("test_connection",)
    readonly_fields = ("family_names", "connection", "as_of", "uuid", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("name", "practice", "families", "second_person")}),
        (
            _("Credentials"),
            {
                "fields": ("appid", "secret"),
                "description": _(
                    "Both are in the WeChat console (mp.weixin.qq.com) under Development, Development "
                    "settings. The AppSecret is shown there only once, when it is made or reset. If the "
                    "console has an IP whitelist, put this server's outgoing address on it."
                ),
            },
        ),
        (_("Connection"), {"fields": ("connection", "as_of")}),
        (_("Record"), {"fields": ("uuid", "created_at", "updated_at"), "classes": ("collapse",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> Any:
        """Who may only look gets the families in words; the field itself holds their keys."""
        sections: Any = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sections
        names = ["family_names" if name == "families" else name for name in sections[0][1]["fields"]]
        return ((None, {"fields": names}), *sections[1:])

    @admin.display(description=_("Mode"), ordering="practice")
    def mode(self, account: Account) -> SafeString:
        look, words = ("wait", _("Practice")) if account.practice else ("good", _("Real"))
        return format_html('<span class="pill pill-{}">{}</span>', look, words)

    @admin.display(description=_("Families"))
    def family_names(self, account: Account) -> str:
        return gettext(", ").join(
            str(Family(name).label) for name in account.families if name in Family.values
        )

    @admin.display(description=_("Connection"))
    def connection(self, account: Account) -> str:
        return account.connection_summary

    @admin.display(description=_("As of"))
    def as_of(self, account: Account) -> str:
        moment = account.connection_as_of
        return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""

    @admin.action(description=_("Test the connection"), permissions=["change"])
    def test_connection(self, request: HttpRequest, queryset: models.QuerySet[Account]) -> None:
        self._ask_for_test(request, queryset)

    def response_add(
        self, request: HttpRequest, obj: Account, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._pressed_test(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Account) -> HttpResponse:
        return self._pressed_test(request, obj) or super().response_change(request, obj)

    def _pressed_test(self, request: HttpRequest, obj: Account) -> HttpResponse | None:
        if "_test" not in request.POST:
            return None
        self._ask_for_test(request, [obj])
        return redirect("admin:wechat_account_changelist")

    def _ask_for_test(self, request: HttpRequest, accounts: Iterable[Account]) -> None:
        """Leave the test to the worker: no page waits for WeChat."""
        asked = 0
        with transaction.atomic():
            for account in accounts:
                account.request_test()
                ring = partial(async_task, "shopadmin.wechat.tasks.test_connection", account.pk)
                transaction.on_commit(ring, robust=True)
                asked += 1
        message = ngettext(
            "%(count)d connection is being tested. The result appears on this page in a few seconds.",
            "%(count)d connections are being tested. The results appear on this page in a few seconds.",
            asked,
        )
        self.message_user(request, message % {"count": asked}, messages.INFO)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        reload_seconds = RELOAD_SECONDS if Account.objects.test_pending().exists() else None
        return super().changelist_view(request, {**(extra_context or {}), "reload_seconds": reload_seconds})

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name the kinds of records that keep an account from being deleted; there may be a million each."""
        protected = [
            capfirst(relation.related_model._meta.verbose_name_plural)
            for relation in Account._meta.related_objects
            if relation.on_delete is models.PROTECT
            and relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": objs}).exists()
        ]
        return ([], {}, set(), protected) if protected else super().get_deleted_objects(objs, request)
