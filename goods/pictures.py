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


def _jpeg(image: Image.Image) -> bytes:
    data = b""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        data = buffer.getvalue()
        if len(data) <= LARGEST_FILE:
            break
    return data
