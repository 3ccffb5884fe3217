import hashlib
import io
from typing import Any

from django.core.files.base import ContentFile
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from PIL import Image

from goods.pictures import make_thumbnail, thumbnail_name, usable_suffix
from shopadmin.wechat.mini_store.images import is_wechat_image
from shopadmin.wechat.models import Account


class PictureQuerySet(models.QuerySet["Picture"]):
    def keep(self, account: Account, data: bytes) -> "Picture":
        """The picture of this content; a file that is here already is not kept twice.

        ValueError for what is no picture that can be used.
        """
        digest = hashlib.sha256(data).hexdigest()
        found = self.filter(account=account, digest=digest).first()
        if found is not None:
            return found
        suffix = usable_suffix(io.BytesIO(data))
        if not suffix:
            raise ValueError("not a picture that can be used")
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
        picture = Picture(account=account, digest=digest, width=width, height=height)
        picture.file.save(f"{digest[:20]}{suffix}", ContentFile(data), save=False)
        make_thumbnail(picture.file.storage, str(picture.file.name))
        made, _new = self.get_or_create(
            account=account,
            digest=digest,
            defaults={"file": picture.file.name, "width": width, "height": height},
        )
        return made

    def of_link(self, account: Account, link: str) -> "Picture":
        """The picture behind a link of WeChat's, or behind one from which WeChat can fetch it."""
        if link.startswith("//"):
            link = f"https:{link}"
        if is_wechat_image(link):
            # WeChat may give two files the same link, so there may be several.
            found = self.filter(account=account, url=link).order_by("pk").first()
            return found or self.create(account=account, url=link)
        return self.get_or_create(account=account, source=link)[0]


class Picture(models.Model):
    """A product's picture: kept by us, uploaded to WeChat once, used by any number of products.

    ``url`` is the link to WeChat's copy, which does not expire; the only kind of link that is ever sent.
    A picture of a product that was made in the console has no file here, just that link.
    """

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"))
    file = models.ImageField(_("file"), upload_to="pictures/", max_length=200, blank=True)
    # SHA-256 of the file.
    digest = models.CharField(max_length=64, blank=True, editable=False)
    source = models.CharField(_("public address"), max_length=500, blank=True, editable=False)
    url = models.CharField(_("link at WeChat"), max_length=500, blank=True, editable=False)
    width = models.PositiveIntegerField(_("width"), null=True, editable=False)
    height = models.PositiveIntegerField(_("height"), null=True, editable=False)
    uploaded_at = models.DateTimeField(_("uploaded"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["account", "digest"], condition=~Q(digest=""), name="one_picture_per_content"
            ),
            models.UniqueConstraint(
                fields=["account", "source"], condition=~Q(source=""), name="one_picture_per_source"
            ),
            models.CheckConstraint(condition=~Q(file="", source="", url=""), name="picture_is_somewhere"),
        ]
        indexes = [models.Index(fields=["account", "url"], condition=~Q(url=""), name="picture_of_link")]

    def __str__(self) -> str:
        return self.url or str(self.file.name) or self.source

    @property
    def thumbnail(self) -> str:
        """The address of a small copy, or of WeChat's copy; "" for what cannot be shown."""
        if self.file:
            return str(self.file.storage.url(thumbnail_name(str(self.file.name))))
        # Servers of WeChat's hand out by https what is written with http.
        link = (self.url or self.source).replace("http://", "https://", 1)
        return link if link.startswith("https://") else ""

    def mark_uploaded(self, url: str) -> None:
        """WeChat has it under this link; of two uploads at once the first one counts."""
        now = timezone.now()
        Picture.objects.filter(pk=self.pk, url="").update(url=url, uploaded_at=now)
        self.refresh_from_db(fields=["url", "uploaded_at"])


def load_pictures(ids: set[Any]) -> dict[int, Picture]:
    """Pictures by their keys, for records that name them in lists. Causes one SQL query, or none."""
    return Picture.objects.in_bulk(ids) if ids else {}
