"""The accounts we speak for, and the access token of each."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shopadmin.wechat.callback import CallbackKeys
from shopadmin.wechat.connection import in_plain_words
from shopadmin.wechat.crypto import CannotDecryptError, EncryptedTextField
from shopadmin.wechat.errors import Kind, WeChatError

# A test that the worker has not taken up by then is not coming any more.
TEST_PATIENCE = timedelta(minutes=2)


class Family(models.TextChoices):
    """A group of WeChat interfaces that an account is entitled to."""

    LIVE_GOODS = "live_goods", _("Live goods")
    MINI_STORE = "mini_store", _("Mini store")
    SMALL_STORE = "small_store", _("Small store")
    WINDOW = "window", _("Channels window")


def validate_families(value: object) -> None:
    if not isinstance(value, list) or not value or len(value) != len(set(map(str, value))):
        raise ValidationError(_("Choose at least one family, each of them once."))
    if unknown := [str(name) for name in value if name not in Family.values]:
        raise ValidationError(_("Unknown family: %(names)s"), params={"names": ", ".join(unknown)})


def default_families() -> list[str]:
    return [Family.LIVE_GOODS.value]


class AccountQuerySet(models.QuerySet["Account"]):
    def test_pending(self) -> "AccountQuerySet":
        """Those whose test of the connection is still to bring a result."""
        unanswered = Q(tested_at=None) | Q(tested_at__lt=F("test_requested_at"))
        return self.filter(unanswered, test_requested_at__gt=timezone.now() - TEST_PATIENCE)


class Account(models.Model):
    """One appid with its secret, in practice (the simulator) or for real.

    The problem fields say what an administrator has to put right before calls can succeed; the test
    fields keep the last "test the connection".
    """

    CREDENTIALS = ("appid", "secret", "practice")
    NO_PROBLEM: dict[str, Any] = {
        "problem_kind": "",
        "problem_code": None,
        "problem_text": "",
        "problem_at": None,
    }
    NOT_TESTED: dict[str, Any] = {
        "tested_at": None,
        "test_requested_at": None,
        "test_ok": None,
        "test_kind": "",
        "test_code": None,
        "test_detail": "",
    }

    uuid = models.UUIDField(_("UUID"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    appid = models.CharField(
        _("AppID"),
        max_length=18,
        unique=True,
        validators=[
            RegexValidator(
                r"\Awx[0-9a-f]{16}\Z",
                _("An AppID is “wx” followed by 16 characters out of 0–9 and a–f."),
            )
        ],
    )
    secret = EncryptedTextField(_("AppSecret"))
    families = models.JSONField(_("families"), default=default_families, validators=[validate_families])
    practice = models.BooleanField(
        _("practice mode"),
        default=False,
        help_text=_("Sends to the built-in simulator; nothing reaches WeChat."),
    )
    second_person = models.BooleanField(
        _("a second person must agree"),
        default=False,
        help_text=_(
            "Deletions and large changes of prices are sent only when somebody else has approved them."
        ),
    )

    callback_token = EncryptedTextField(_("token of the message push"), blank=True, default="")
    callback_aes_key = EncryptedTextField(_("EncodingAESKey"), blank=True, default="")
    # With this one WeChat still encrypts for a while after a change.
    callback_aes_key_before = EncryptedTextField(
        _("previous EncodingAESKey"), blank=True, default="", editable=False
    )
    callback_at = models.DateTimeField(_("last message"), null=True, editable=False)

    problem_kind = models.CharField(_("kind of problem"), max_length=20, blank=True, editable=False)
    problem_code = models.IntegerField(_("error code"), null=True, editable=False)
    problem_text = models.TextField(_("WeChat's words"), blank=True, editable=False)
    problem_at = models.DateTimeField(_("problem since"), null=True, editable=False)

    test_requested_at = models.DateTimeField(_("test requested at"), null=True, editable=False)
    tested_at = models.DateTimeField(_("tested at"), null=True, editable=False)
    test_ok = models.BooleanField(_("test passed"), null=True, editable=False)
    test_kind = models.CharField(_("kind of test failure"), max_length=20, blank=True, editable=False)
    test_code = models.IntegerField(_("error code of the test"), null=True, editable=False)
    test_detail = models.TextField(_("WeChat's words at the test"), blank=True, editable=False)

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="account_test_has_result",
                condition=Q(tested_at=None, test_ok=None) | Q(tested_at__isnull=False, test_ok__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; with other credentials, what was found out with the old ones is forgotten."""
        update_fields = kwargs.get("update_fields")
        if self.pk is None or (update_fields is not None and not set(update_fields) & set(self.CREDENTIALS)):
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            if self._credentials_differ_from_stored():
                AccessToken.objects.filter(account_id=self.pk).delete()
                self._set({**self.NO_PROBLEM, **self.NOT_TESTED})
                if update_fields is not None:
                    kwargs["update_fields"] = {*update_fields, *self.NO_PROBLEM, *self.NOT_TESTED}
            super().save(*args, **kwargs)

    def _credentials_differ_from_stored(self) -> bool:
        stored = type(self)._base_manager.filter(pk=self.pk).values_list(*self.CREDENTIALS).first()
        return stored is not None and stored != tuple(getattr(self, name) for name in self.CREDENTIALS)

    def _set(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name, value)

    def _store(self, values: dict[str, Any]) -> None:
        self._set(values)
        self.save(update_fields=list(values))

    @property
    def base_url(self) -> str:
        """Where the account's calls go."""
        url: str = settings.SIMULATOR_URL if self.practice else settings.WECHAT_API_BASE
        return url

    def callback_keys(self) -> CallbackKeys:
        """What messages for this account are checked and decrypted with; CannotDecryptError as usual."""
        aes_keys = (self.callback_aes_key, self.callback_aes_key_before)
        return CallbackKeys(
            appid=self.appid,
            token=self.callback_token.reveal(),
            aes_keys=tuple(key.reveal() for key in aes_keys if key),
        )

    def set_callback_aes_key(self, aes_key: str) -> None:
        """Take another key and keep the one before; the caller saves."""
        try:
            before = self.callback_aes_key.reveal()
        except CannotDecryptError:
            before = ""
        if aes_key != before:
            self.callback_aes_key_before, self.callback_aes_key = before, aes_key

    def switch_callback_off(self) -> None:
        """Forget what was agreed on, so that no message is taken any more; the caller saves."""
        self.callback_token = self.callback_aes_key = self.callback_aes_key_before = ""

    def note_message(self) -> None:
        """A message that is WeChat's has arrived."""
        self._store({"callback_at": timezone.now()})

    def request_test(self) -> None:
        """Note that somebody asked for a test of the connection."""
        self._store({"test_requested_at": timezone.now()})

    def record_test(self, error: WeChatError | None = None) -> None:
        """Note how a test of the connection ended: with the error, or well, which ends a problem too."""
        self._store(
            {
                **({} if error else self.NO_PROBLEM),
                "tested_at": timezone.now(),
                "test_ok": error is None,
                "test_kind": error.kind if error else "",
                "test_code": error.errcode if error else None,
                "test_detail": error.errmsg if error else "",
            }
        )

    def report_problem(self, error: WeChatError) -> None:
        """Note that an administrator has to put the account right."""
        self._store(
            {
                "problem_kind": error.kind,
                "problem_code": error.errcode,
                "problem_text": error.errmsg,
                "problem_at": timezone.now(),
            }
        )

    def clear_problem(self) -> None:
        self._store(self.NO_PROBLEM)

    @property
    def has_problem(self) -> bool:
        return self.problem_at is not None

    @property
    def problem_summary(self) -> str:
        """The problem and its remedy in the reader's language; "" when there is none."""
        if not self.has_problem:
            return ""
        return self._in_words(self.problem_kind, self.problem_code, self.problem_text)

    @property
    def test_pending(self) -> bool:
        """Whether a result is still to be expected."""
        return self._test_unanswered and self._requested_after(timezone.now() - TEST_PATIENCE)

    @property
    def test_summary(self) -> str:
        """How the last test ended, in the reader's language."""
        if self.test_pending:
            return str(_("The connection is being tested."))
        if self._test_unanswered:
            return str(_("Nobody has carried out the test. Is the worker running?"))
        if self.test_ok is None:
            return str(_("Not tested yet."))
        if self.test_ok:
            return str(_("The connection works."))
        return self._in_words(self.test_kind, self.test_code, self.test_detail)

    def _in_words(self, kind: str, code: int | None, text: str) -> str:
        return in_plain_words(Kind(kind), code, text, self.families)

    @property
    def connection_summary(self) -> str:
        """The latest that is known of the connection, in the reader's language."""
        return self.problem_summary if self._problem_is_newest else self.test_summary

    @property
    def connection_as_of(self) -> datetime | None:
        if self._problem_is_newest:
            return self.problem_at
        return self.test_requested_at if self._test_unanswered else self.tested_at

    @property
    def _problem_is_newest(self) -> bool:
        if self.problem_at is None or self.test_pending:
            return False
        return self.tested_at is None or self.problem_at > self.tested_at

    @property
    def _test_unanswered(self) -> bool:
        if self.test_requested_at is None:
            return False
        return self.tested_at is None or self._requested_after(self.tested_at)

    def _requested_after(self, moment: datetime) -> bool:
        return self.test_requested_at is not None and self.test_requested_at > moment


class AccessToken(models.Model):
    """The token with which one account's calls identify themselves, shared by all processes.

    Whoever holds the lease is fetching a new one. A failure is remembered for a short time, so that
    everything waiting for a token does not ask again one after the other.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="access_token")
    value = EncryptedTextField(blank=True, default="")
    expires_at = models.DateTimeField(null=True)
    renew_at = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    failed_until = models.DateTimeField(null=True)
    failure = models.JSONField(null=True)
    forced_at = models.DateTimeField(null=True)
    renewals = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        constraints = [
            models.CheckConstraint(
                name="access_token_lease_ends",
                condition=Q(lease="", lease_until=None) | (~Q(lease="") & Q(lease_until__isnull=False)),
            ),
            models.CheckConstraint(
                name="access_token_expires",
                condition=Q(value="") | Q(expires_at__isnull=False, renew_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.account_id}"
