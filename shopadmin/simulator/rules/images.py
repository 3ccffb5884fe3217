"""Pictures of the Mini Store (/product/img/upload): a file, or a URL that nothing is fetched from."""

import io
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, UnidentifiedImageError

from shopadmin.simulator.routes import Body, Call, Route
from shopadmin.simulator.rules import store_fields as rule
from shopadmin.simulator.rules.media import media_part
from shopadmin.simulator.wire import Refusal, parsed
from shopadmin.simulator.world import new_media_id, placeholder

MEGABYTE = 1024 * 1024
BY_FILE, BY_URL = 0, 1
AS_MEDIA, AS_LINK = 0, 1
MAX_BYTES = {AS_MEDIA: 2 * MEGABYTE, AS_LINK: 10 * MEGABYTE}
# MPO is what Pillow calls the JPEG of many phones.
FORMATS = {"PNG", "JPEG", "MPO"}


def upload(call: Call) -> dict[str, Any]:
    """POST /product/img/upload - answers with media ids, or with the link that products are to have."""
    source, wanted = _choice(call, "upload_type"), _choice(call, "resp_type")
    data = _file(call, MAX_BYTES[wanted]) if source == BY_FILE else _behind_url(call)
    if wanted == AS_LINK:
        key = call.world.store_product_picture(call.shop, data, call.now)
        return {**rule.OK, "pic_file": {"temp_img_url": f"https://mmecimage.cn/p/{call.shop.appid}/{key}"}}
    media = call.world.store_picture(call.shop, data, call.now)
    return {**rule.OK, "pic_file": {"media_id": media.media_id, "pay_media_id": new_media_id()}}


def _choice(call: Call, name: str) -> int:
    value = call.request.query.get(name, "")
    if value not in ("0", "1"):
        raise rule.wrong(f"{name} must be 0 or 1")
    return int(value)


def _file(call: Call, limit: int) -> bytes:
    data = media_part(call.request)
    if not data:
        raise Refusal(101000, "file is empty")
    if len(data) > limit:
        raise Refusal(101002, "file is too big")
    try:
        with Image.open(io.BytesIO(data)) as image:
            size, known = image.size, image.format in FORMATS
            image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError):
        raise Refusal(101001, "file format is not allowed") from None
    if not known:
        raise Refusal(101001, "file format is not allowed")
    query = call.request.query
    if (query.get("width"), query.get("height")) != (str(size[0]), str(size[1])):
        raise Refusal(101003, "height or width differs from the file")
    return data


def _behind_url(call: Call) -> bytes:
    """A grey square: the simulator never opens a connection of its own."""
    url = rule.text(parsed(call.request.body), "img_url")
    try:
        good = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        good = False
    if not good:
        raise rule.wrong("img_url must be a URL")
    return placeholder(0)


ROUTES = {"/product/img/upload": Route("POST", upload, Body.RAW, family=rule.FAMILY)}
