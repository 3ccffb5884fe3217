"""Making a shop's picture fit for WeChat; the original stays as it is."""

import io
import logging
from dataclasses import dataclass
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.utils.translation import gettext_noop
from PIL import Image, ImageOps

from shopadmin.wechat.errors import Kind, WeChatError

logger = logging.getLogger(__name__)

LARGEST_SIDE = 300
LARGEST_FILE = 90_000
QUALITIES = (90, 80, 65, 50)
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


THUMBNAIL_SIDE = 160
# The EXIF tag that tells which side is up.
ORIENTATION = 0x0112
# Colours that can be mixed when a picture is made smaller.
DIRECT_MODES = {"RGB", "RGBA", "L", "LA"}

# What staff may hand in.
BYTES_MOST = 10_000_000
PIXELS_MOST = 40_000_000
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "WEBP": ".webp", "BMP": ".bmp"}


@dataclass(frozen=True)
class Picture:
    filename: str
    data: bytes
    content_type: str


def usable_suffix(file: IO[bytes]) -> str:
    """The suffix for a picture that can be used; "" for anything else.

    The whole picture is read: the first bytes of a broken or enormous one look right.
    """
    try:
        file.seek(0)
        with Image.open(file, formats=list(SUFFIXES)) as image:
            if image.width * image.height > PIXELS_MOST:
                return ""
            image.load()
            return SUFFIXES[image.format or ""]
    except (*UNREADABLE, KeyError):
        return ""


def fitted(storage: Storage, name: str) -> Picture:
    """The stored picture as a JPEG of at most 300 × 300 pixels, upright and small.

    Raises WeChatError(INPUT) when the file is gone or is no picture: a person has to choose another.
    """
    try:
        return Picture("cover.jpg", _jpeg(_shrunk(storage, name, LARGEST_SIDE)), "image/jpeg")
    except UNREADABLE as error:
        logger.warning("the cover picture %s cannot be read: %s", name, error)
        text = gettext_noop("The cover picture cannot be read. Choose it again.")
        raise WeChatError(Kind.INPUT, text) from None


def thumbnail_name(name: str) -> str:
    return f"thumbnails/{name}.jpg"


def make_thumbnail(storage: Storage, name: str) -> None:
    """Keep a small copy for lists, once; a file that is no picture gets none."""
    small = thumbnail_name(name)
    if storage.exists(small):
        return
    try:
        data = _jpeg(_shrunk(storage, name, THUMBNAIL_SIDE))
    except UNREADABLE:
        return
    storage.save(small, ContentFile(data))


def _shrunk(storage: Storage, name: str, side: int) -> Image.Image:
    """The picture upright, on white, at most ``side`` pixels wide and high."""
    with storage.open(name) as file, Image.open(file) as opened:
        # Shrunk before anything else, a JPEG is decoded at a fraction of its size.
        image = opened if opened.mode in DIRECT_MODES else opened.convert("RGBA")
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        image = ImageOps.exif_transpose(image).convert("RGBA")
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def _jpeg(image: Image.Image, most_bytes: int = LARGEST_FILE) -> bytes:
    data = b""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        data = buffer.getvalue()
        if len(data) <= most_bytes:
            break
    return data


# --- product pictures of the Mini Store -----------------------------------------------------------------

# Wider ones gain nothing on a phone.
PRODUCT_SIDE = 1600
AS_THEY_ARE = {"JPEG": ("image/jpeg", "picture.jpg"), "PNG": ("image/png", "picture.png")}


@dataclass(frozen=True)
class ProductPicture(Picture):
    """``width`` and ``height`` are told to WeChat, which compares them with the file."""

    width: int
    height: int


def product_picture(storage: Storage, name: str, most_bytes: int) -> ProductPicture:
    """The stored picture as it is, if WeChat takes it so; else as a JPEG that it takes.

    Raises WeChatError(INPUT) when the file is gone or is no picture: a person has to choose another.
    """
    try:
        return _as_it_is(storage, name, most_bytes) or _made_to_fit(storage, name, most_bytes)
    except UNREADABLE as error:
        logger.warning("the picture %s cannot be read: %s", name, error)
        raise WeChatError(
            Kind.INPUT, gettext_noop("A picture of the product cannot be read. Choose it again.")
        ) from None


def _as_it_is(storage: Storage, name: str, most_bytes: int) -> ProductPicture | None:
    with storage.open(name) as file:
        data: bytes = file.read()
    with Image.open(io.BytesIO(data)) as image:
        kind = AS_THEY_ARE.get(image.format or "")
        turned = image.getexif().get(ORIENTATION, 1) != 1
        if kind is None or len(data) > most_bytes or turned or max(image.size) > PRODUCT_SIDE:
            return None
        content_type, filename = kind
        return ProductPicture(filename, data, content_type, image.width, image.height)


def _made_to_fit(storage: Storage, name: str, most_bytes: int) -> ProductPicture:
    image = _shrunk(storage, name, PRODUCT_SIDE)
    return ProductPicture("picture.jpg", _jpeg(image, most_bytes), "image/jpeg", image.width, image.height)
