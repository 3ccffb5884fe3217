from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _

# What staff call these, instead of the words of the packages that bring them.
NAMES = {
    "auth.Group": (_("role"), _("roles")),
    "admin.LogEntry": (_("change log entry"), _("change log entries")),
    "axes.AccessLog": (_("sign-in"), _("sign-ins")),
    "axes.AccessFailureLog": (_("failed sign-in"), _("failed sign-ins")),
}


class PeopleConfig(AppConfig):
    """Who gets in, what they may do and what they did: pages over Django's and django-axes's tables."""

    name = "shopadmin.people"
    verbose_name = _("People")

    def ready(self) -> None:
        for label, (one, many) in NAMES.items():
            options = apps.get_model(label)._meta
            options.verbose_name, options.verbose_name_plural = one, many


class SignInConfig(AxesConfig):  # type: ignore[misc]
    """django-axes under a name that staff understand."""

    verbose_name = _("Sign-ins")
