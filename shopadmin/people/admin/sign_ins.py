"""Who signed in, and who tried to: django-axes's records, to be read and nothing else."""

from axes.models import AccessFailureLog, AccessLog
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from audits.admin.readonly import ReadOnlyAdmin


class RecordOfSignIn(ReadOnlyAdmin):
    date_hierarchy = "attempt_time"
    search_fields = ("username", "ip_address")
    search_help_text = _("Sign-in name or address")
    list_display_links = None

    @admin.display(description=_("when"), ordering="attempt_time")
    def at(self, record: AccessLog | AccessFailureLog) -> object:
        return record.attempt_time

    @admin.display(description=_("sign-in name"), ordering="username")
    def who(self, record: AccessLog | AccessFailureLog) -> str:
        return record.username or "–"

    @admin.display(description=_("from address"), ordering="ip_address")
    def address(self, record: AccessLog | AccessFailureLog) -> str:
        return record.ip_address or "–"

    @admin.display(description=_("browser"))
    def browser(self, record: AccessLog | AccessFailureLog) -> str:
        return str(record.user_agent)


@admin.register(AccessLog)
class SignInAdmin(RecordOfSignIn):
    list_display = ("at", "who", "address", "browser", "left")
    fields = readonly_fields = list_display

    @admin.display(description=_("signed out"), ordering="logout_time")
    def left(self, record: AccessLog) -> object:
        return record.logout_time


@admin.register(AccessFailureLog)
class FailedSignInAdmin(RecordOfSignIn):
    list_display = ("at", "who", "address", "browser", "locked")
    list_filter = ("locked_out",)
    fields = readonly_fields = list_display

    @admin.display(description=_("then locked out"), boolean=True, ordering="locked_out")
    def locked(self, record: AccessFailureLog) -> bool:
        return bool(record.locked_out)
