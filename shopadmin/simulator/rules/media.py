"""Temporary media: /cgi-bin/media/upload and /cgi-bin/media/get. Only pictures, as for Mini Programs."""

import io
import re
from typing import Any

from PIL import Image, UnidentifiedImageError

from shopadmin.simulator.routes import Body, Call, Route
from shopadmin.simulator.wire import Refusal, Reply, Request

MAX_BYTES = 10 * 1024 * 1024
# MPO is what Pillow calls the JPEG of many phones, with a second picture behind the first.
FORMATS = {"PNG", "JPEG", "MPO", "GIF"}
_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*(name|filename)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


def upload(call: Call) -> dict[str, Any]:
    """POST /cgi-bin/media/upload - one multipart part named media, with a filename."""
    if call.request.query.get("type") != "image":
        raise Refusal(40004, "invalid media type")
    data = media_part(call.request)
    if data is None:
        raise Refusal(41005, "media data missing")
    if not data:
        raise Refusal(44001, "empty media data")
    if len(data) > MAX_BYTES:
        raise Refusal(40009, "invalid image size")
    _check_format(data)
    media = call.world.store_picture(call.shop, data, call.now)
    return {"type": "image", "media_id": media.media_id, "created_at": media.created_at}


def download(call: Call) -> Reply:
    """GET /cgi-bin/media/get - the bytes of the account's own picture while its id lives."""
    media_id = call.request.query.get("media_id")
    if not media_id:
        raise Refusal(41006, "media_id missing")
    media = call.shop.media.get(media_id)
    if media is None or not media.alive(call.now):
        raise Refusal(40007, "invalid media_id")
    name = f"{media_id}.{media.mime.partition('/')[2]}"
    disposition = {"Content-disposition": f'attachment; filename="{name}"'}
    return Reply(body=call.world.blobs[media.digest], content_type=media.mime, headers=disposition)


def _check_format(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.format not in FORMATS:
                raise Refusal(40113, "unsupported file type")
            image.verify()
    except UnidentifiedImageError:
        raise Refusal(40113, "unsupported file type") from None
    except (OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError):
        raise Refusal(40160, "invalid image file") from None


def media_part(request: Request) -> bytes | None:
    """The bytes of the part named media that has a filename; None if there is no such part."""
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    if request.content_type != "multipart/form-data" or boundary is None:
        return None
    for part in request.body.split(b"--" + boundary.group(1).encode())[1:-1]:
        head, separator, data = part.partition(b"\r\n\r\n")
        disposition = _disposition(head)
        if separator and disposition.get("name") == "media" and disposition.get("filename"):
            return data.removesuffix(b"\r\n")
    return None


def _disposition(head: bytes) -> dict[str, str]:
    for line in head.decode("utf-8", "replace").splitlines():
        if line.lower().startswith("content-disposition:"):
            return {name.lower(): value for name, value in _PARAMETER.findall(line)}
    return {}


ROUTES = {
    "/cgi-bin/media/upload": Route("POST", upload, Body.RAW),
    "/cgi-bin/media/get": Route("GET", download, Body.NONE),
}
