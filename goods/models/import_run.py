"""The import of a file in the browser: looked at first, stored once somebody has confirmed it."""

import datetime as dt
import secrets
from pathlib import PurePosixPath
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from goods.models.live_goods import LiveGoods
from goods.models.spu import Spu
from shopadmin.wechat.models import Account, Family

# Longer than any task lives: it is ended after 60 s.
LEASE = dt.timedelta(seconds=75)
MOST_TRIES = 3
UPLOADS_KEPT = dt.timedelta(days=30)
SUFFIXES = (".csv", ".xlsx", ".zip")

Person = AbstractBaseUser | AnonymousUser


class ImportStatus(models.TextChoices):
    UPLOADED = "uploaded", _("waits for its check")
    CHECKING = "checking", _("is being checked")
    CHECKED = "checked", _("checked: look at it and confirm")
    STORING = "storing", _("is being stored")
    DONE = "done", _("imported")
    FAILED = "failed", _("failed")


# What a worker has to bring on.
AT_WORK = (ImportStatus.UPLOADED, ImportStatus.CHECKING, ImportStatus.STORING)


class Table(models.TextChoices):
    """What a table of an upload lists."""

    GOODS = "goods", _("live goods")
    PRODUCTS = "products", _("products")
    SKUS = "skus", _("SKUs")


class RowKind(models.TextChoices):
    CREATE = "create", _("new")
    CHANGE = "change", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    ERROR = "error", _("not imported")


class LostRun(Exception):
    """Another worker has taken over: what this one was about to write must not be written."""


def upload_path(run: "ImportRun", filename: str) -> str:
    """A name that nobody can guess; the person's own is kept in ``filename``."""
    suffix = PurePosixPath(filename).suffix.lower()
    return f"imports/{secrets.token_urlsafe(24)}{suffix if suffix in SUFFIXES else ''}"


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def at_work(self) -> Self:
        return self.filter(status__in=AT_WORK)

    def due(self) -> Self:
        """What a worker may take now: nobody has it, or who had it is gone."""
        return self.at_work().filter(Q(lease_until=None) | Q(lease_until__lt=timezone.now()))

    def old(self) -> Self:
        """Those whose upload and rows have been kept long enough."""
        old = self.filter(created_at__lt=timezone.now() - UPLOADS_KEPT)
        return old.exclude(file="").exclude(status__in=AT_WORK)

    def claim(self) -> "ImportRun | None":
        """The oldest run that is due, for the one worker that gets it."""
        for run in self.due().order_by("pk")[:5]:
            if run.claim():
                return run
        return None


class ImportRun(models.Model):
    """One upload on its way into the records: uploaded → checking → checked → storing → done.

    The row is the work: a task only rings, and whoever claims the row works on it under a lease.
    ``position`` grows in the same transaction as what is written, so nothing is checked or stored twice:
    while it is checked it counts rows, while it is stored it is the position of the latest one.
    Products of the Mini Store may come in two files, of which ``second_file`` is one.
    """

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"))
    family = models.CharField(_("kind"), max_length=20, choices=Family, default=Family.LIVE_GOODS)
    file = models.FileField(_("file"), upload_to=upload_path, max_length=200, blank=True)
    filename = models.CharField(_("file"), max_length=255)
    second_file = models.FileField(_("second file"), upload_to=upload_path, max_length=200, blank=True)
    second_filename = models.CharField(_("second file"), max_length=255, blank=True)
    url_template = models.CharField(_("page path of new products"), max_length=500, blank=True)
    # The sentences about the rows are written while nobody is looking: in the language of who asked.
    language = models.CharField(max_length=10, blank=True)
    status = models.CharField(
        _("state"), max_length=10, choices=ImportStatus, default=ImportStatus.UPLOADED, db_index=True
    )
    error = models.TextField(_("what is wrong"), blank=True)

    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)

    rows = models.PositiveIntegerField(_("rows"), default=0)
    creates = models.PositiveIntegerField(_("new"), default=0)
    changes = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    errors = models.PositiveIntegerField(_("not imported"), default=0)
    to_fix = models.PositiveIntegerField(_("to be corrected"), default=0)
    warned = models.PositiveIntegerField(_("with a warning"), default=0)
    without_cover = models.PositiveIntegerField(_("without a picture"), default=0)
    stored = models.PositiveIntegerField(_("stored"), default=0)
    left_out = models.PositiveIntegerField(_("left out"), default=0)
    ignored_columns = models.JSONField(_("columns not imported"), default=list)

    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_by_name = models.CharField(_("by"), max_length=150, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_by_name = models.CharField(_("confirmed by"), max_length=150, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        default_permissions = ("add", "view")

    def __str__(self) -> str:
        return f"#{self.pk} {self.filenames}"

    @property
    def filenames(self) -> str:
        return " + ".join(name for name in (self.filename, self.second_filename) if name)

    @property
    def of_store(self) -> bool:
        """It brings products of the Mini Store."""
        return self.family == Family.MINI_STORE

    @property
    def at_work(self) -> bool:
        return self.status in AT_WORK

    @property
    def packed(self) -> bool:
        """It came with pictures, or might have."""
        return (self.file.name or "").endswith(".zip")

    @property
    def to_store(self) -> int:
        return self.creates + self.changes

    def to_correct(self) -> "models.QuerySet[ImportRow]":
        """The rows that are not imported, or break a rule, or were left out."""
        return self.found.filter(Q(kind=RowKind.ERROR) | Q(flagged=True) | ~Q(left_out=""))

    def to_store_next(self) -> "models.QuerySet[ImportRow]":
        """The rows that were shown as new or changed and are not stored yet."""
        wanted = self.found.filter(kind__in=(RowKind.CREATE, RowKind.CHANGE), position__gt=self.position)
        return wanted.order_by("position")

    def ready(self) -> "models.QuerySet[LiveGoods] | models.QuerySet[Spu]":
        """The products of this import that can be submitted: drafts with nothing to correct."""
        stored = self.found.exclude(kind=RowKind.ERROR).filter(left_out="")
        if self.of_store:
            return Spu.objects.drafts().filter(faulty=False, pk__in=stored.values("spu_id"))
        drafts = LiveGoods.objects.filter(goods_id="", deleted_at=None, faulty=False)
        return drafts.filter(pk__in=stored.values("record_id"))

    # --- a worker's hold on it ------------------------------------------------------------------

    def claim(self) -> bool:
        """Take it, if nobody else has. What has been lost too often is given up."""
        if self.tries >= MOST_TRIES:
            return self.give_up()
        status = ImportStatus.CHECKING if self.status == ImportStatus.UPLOADED else self.status
        lease = timezone.now() + LEASE
        taken = self._still().update(status=status, lease_until=lease, tries=F("tries") + 1)
        if taken:
            self.refresh_from_db()
        return taken == 1

    def give_up(self) -> bool:
        """Always False: there is nothing to work on."""
        text = gettext("It could not be finished, although it was tried %(count)s times.")
        self._move(ImportStatus.FAILED, error=text % {"count": self.tries}, finished_at=timezone.now())
        return False

    def advance(self, position: int, **fields: Any) -> None:
        """Note how far it is and hold it for longer; LostRun if somebody else has it by now.

        Call it in the transaction that writes the rows: then both are kept, or neither.
        """
        fields |= {"position": position, "lease_until": timezone.now() + LEASE}
        # Who gets on will get to the end, however often it has to be taken up again.
        if position:
            fields["tries"] = 1
        if not self._still().update(**fields):
            raise LostRun
        for name, value in fields.items():
            setattr(self, name, value)

    def note_stored(self, rows: "list[ImportRow]", left_out: int) -> None:
        """These rows are stored, but for so many that were left out."""
        self.advance(
            rows[-1].position,
            stored=self.stored + len(rows) - left_out,
            left_out=self.left_out + left_out,
        )

    def hand_over(self) -> None:
        """The next worker goes on where this one stopped."""
        if self._still().update(lease_until=None, tries=0):
            self.lease_until, self.tries = None, 0

    # --- its states -----------------------------------------------------------------------------

    def mark_checked(self) -> bool:
        return self._move(ImportStatus.CHECKED, position=0, tries=0, checked_at=timezone.now())

    def mark_failed(self, error: str) -> bool:
        return self._move(ImportStatus.FAILED, error=error, finished_at=timezone.now())

    def mark_done(self) -> bool:
        return self._move(ImportStatus.DONE, finished_at=timezone.now())

    def confirm(self, *, by: Person) -> bool:
        """True for the one caller whose confirmation counts; a second click gets False."""
        fields = {
            "status": ImportStatus.STORING,
            "confirmed_at": timezone.now(),
            "confirmed_by_id": by.pk,
            "confirmed_by_name": by.get_username(),
        }
        ready = ImportRun.objects.filter(pk=self.pk, status=ImportStatus.CHECKED).exclude(file="")
        if not ready.update(**fields):
            return False
        for name, value in fields.items():
            setattr(self, name, value)
        return True

    def forget_upload(self) -> None:
        """Remove the file and the rows; what became of them stays."""
        with transaction.atomic():
            self.found.all().delete()
            names = (self.file.name, self.second_file.name)
            self.file.name = self.second_file.name = ""
            self.save(update_fields=["file", "second_file"])
        for name in filter(None, names):
            self.file.storage.delete(name)

    def _still(self) -> ImportRunQuerySet:
        """This run, if it is as we know it."""
        return ImportRun.objects.filter(pk=self.pk, status=self.status, lease_until=self.lease_until)

    def _move(self, status: ImportStatus, **fields: Any) -> bool:
        fields |= {"status": status, "lease_until": None}
        if not self._still().update(**fields):
            return False
        for name, value in fields.items():
            setattr(self, name, value)
        return True


class ImportRow(models.Model):
    """What one row of a file would do, as it was shown to whoever confirmed it.

    ``number`` is the row's in its table. ``position`` is its place among all rows of the upload, where the
    rows of a product's SKUs follow that of the product.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="found")
    position = models.PositiveIntegerField()
    table = models.CharField(max_length=10, choices=Table, default=Table.GOODS)
    number = models.PositiveIntegerField(_("row"))
    kind = models.CharField(max_length=10, choices=RowKind)
    product_no = models.CharField(_("product number"), max_length=200, blank=True)
    sku_no = models.CharField(_("SKU number"), max_length=200, blank=True)
    name = models.CharField(_("name"), max_length=300, blank=True)
    record = models.ForeignKey(LiveGoods, models.SET_NULL, null=True, related_name="+")
    spu = models.ForeignKey(Spu, models.SET_NULL, null=True, related_name="+")
    # What the record was like when the row was compared with it; it is stored only if it still is.
    version = models.CharField(max_length=64, blank=True)
    # field -> [old, new]
    changes = models.JSONField(default=dict)
    # [field, sentence]: of an error why it is not imported, of another row which rule it breaks
    problems = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    # Why it was not stored although somebody confirmed it.
    left_out = models.TextField(blank=True)
    flagged = models.BooleanField(default=False)
    warned = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="one_row_per_import_and_position")
        ]
        indexes = [models.Index(fields=["run", "kind", "position"], name="import_rows_by_kind")]

    def __str__(self) -> str:
        return f"{self.number} {self.sku_no or self.product_no}"
