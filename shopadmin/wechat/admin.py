"""The page where administrators enter an account and see whether its connection works."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
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

MESSAGES: Any = (
    _("Messages from WeChat"),
    {
        "fields": ("last_message", "callback_token", "callback_aes_key", "callback_off"),
        "description": _(
            "Only by a message does WeChat tell why it refused a product of the Mini Store. In the console "
            "(mp.weixin.qq.com) under Development, Development settings, Message push: enter the address and "
            "a Token of your own, have an EncodingAESKey made, and choose secure mode. Enter Token and "
            "EncodingAESKey here first: the console tries the address at once."
        ),
    },
)

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
    callback_token = SecretField(
        label=_("Token"),
        required=False,
        validators=[RegexValidator(r"\A[A-Za-z0-9]{3,32}\Z", _("3 to 32 letters and digits."))],
        help_text=_(
            "A secret word of your own, the same as in the console. Leave empty to keep the stored one."
        ),
    )
    callback_aes_key = SecretField(
        label=_("EncodingAESKey"),
        required=False,
        validators=[RegexValidator(r"\A[A-Za-z0-9]{43}\Z", _("Exactly 43 letters and digits."))],
        help_text=_(
            "As in the console. Leave empty to keep the stored one. When you enter another one, messages "
            "encrypted with the one before are still understood."
        ),
    )
    callback_off = forms.BooleanField(
        label=_("take no messages any more: forget Token and EncodingAESKey"), required=False
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

    def clean_callback_token(self) -> Any:
        return self.cleaned_data["callback_token"] or self.instance.callback_token

    def clean_callback_aes_key(self) -> Any:
        if typed := self.cleaned_data["callback_aes_key"]:
            self.instance.set_callback_aes_key(typed)
        return self.instance.callback_aes_key

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("callback_off"):
            self.instance.switch_callback_off()
            return {**cleaned, "callback_token": "", "callback_aes_key": ""}
        if cleaned.get("callback_aes_key") and not cleaned.get("callback_token", True):
            self.add_error("callback_token", _("Enter the Token too: without it no message is taken."))
        return cleaned


@admin.register(Account)
class AccountAdmin(AccountAdmin_):
    form = AccountForm
    list_display = ("name", "appid", "mode", "family_names", "connection", "as_of")
    list_filter = ("practice",)
    search_fields = ("name", "appid")
    actions = ("test_connection",)
    readonly_fields = (
        "family_names", "connection", "as_of", "last_message", "uuid", "created_at", "updated_at",
    )  # fmt: skip
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
        MESSAGES,
        (_("Record"), {"fields": ("uuid", "created_at", "updated_at"), "classes": ("collapse",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> Any:
        """Who may only look gets the families in words; the field itself holds their keys."""
        sections: Any = super().get_fieldsets(request, obj)
        if obj is None:
            return [section for section in sections if section is not MESSAGES]
        may_change = self.has_change_permission(request, obj)
        sections = [
            self._messages_section(request, obj, may_change) if section is MESSAGES else section
            for section in sections
        ]
        if may_change:
            return sections
        names = ["family_names" if name == "families" else name for name in sections[0][1]["fields"]]
        return [(None, {"fields": names}), *sections[1:]]

    def _messages_section(self, request: HttpRequest, account: Account, may_change: bool) -> Any:
        """With the address to enter in the console. Who may only look needs no fields for secrets."""
        title, options = MESSAGES
        address = request.build_absolute_uri(reverse("wechat_callback", args=[account.uuid]))
        description = format_html(
            "{}<br>{} <code>{}</code>",
            options["description"],
            _("The address (URL) for the console:"),
            address,
        )
        fields = options["fields"] if may_change else ("last_message",)
        return (title, {"fields": fields, "description": description})

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

    @admin.display(description=_("Last message"))
    def last_message(self, account: Account) -> str:
        if not account.callback_token:
            return gettext("No messages are taken: there is no Token yet.")
        if account.callback_at is None:
            return gettext("No message has ever arrived.")
        moment = date_format(localtime(account.callback_at), "SHORT_DATETIME_FORMAT")
        return gettext("The last message arrived on %(moment)s.") % {"moment": moment}

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
        asked: list[int] = []

        def ring() -> None:
            for pk in asked:
                async_task("shopadmin.wechat.tasks.test_connection", pk)

        with transaction.atomic():
            for account in accounts:
                account.request_test()
                asked.append(account.pk)
            transaction.on_commit(ring, robust=True)
        message = ngettext(
            "%(count)d connection is being tested. The result appears on this page in a few seconds.",
            "%(count)d connections are being tested. The results appear on this page in a few seconds.",
            len(asked),
        )
        self.message_user(request, message % {"count": len(asked)}, messages.INFO)

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
