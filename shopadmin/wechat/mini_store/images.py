"""Product pictures: WeChat takes only links to its own copies of them."""

from urllib.parse import urlsplit

from shopadmin.wechat.mini_store.keys import FAMILY, Endpoints
from shopadmin.wechat.reading import mapping, required_text, unreadable

# Of the links, those that lead to uploaded product pictures.
HOSTS = {"store.mp.video.tencent-cloud.com": "", "mmbizurl.cn": "/p/", "mmecimage.cn": "/p/"}


def is_wechat_image(url: str) -> bool:
    """Whether products may carry this link; any other is refused (9401050)."""
    try:
        parts = urlsplit(url)
        beginning = HOSTS.get(parts.hostname or "")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and beginning is not None and parts.path.startswith(beginning)


class ImagesAPI(Endpoints):
    UPLOAD = "/product/img/upload"
    # What WeChat takes of a product's picture; the interface itself takes five times as much.
    MAX_BYTES = 2_000_000

    def upload(self, filename: str, data: bytes, content_type: str, *, width: int, height: int) -> str:
        """POST /product/img/upload: a JPEG or PNG; the link to WeChat's copy, which does not expire.

        ``width`` and ``height`` have to be the file's own. Errors: 101000 (empty), 101001 (format), 101002
        (too big), 101003 (other size than told), 101004 (failed).
        """
        params = {"upload_type": 0, "resp_type": 1, "height": height, "width": width}
        answer = self._calls.upload(self.UPLOAD, (filename, data, content_type), params, family=FAMILY)
        return _link(answer)

    def upload_from(self, url: str) -> str:
        """POST /product/img/upload: WeChat fetches a public picture; the link to its copy."""
        params = {"upload_type": 1, "resp_type": 1}
        return _link(self._calls.post(self.UPLOAD, {"img_url": url}, params, family=FAMILY))


def _link(answer: dict[str, object]) -> str:
    """The link in an answer, with a scheme; anything that products may not carry is no answer."""
    # The retired sibling interface calls the same object ``img_info``.
    link = required_text(mapping(answer, "pic_file") or mapping(answer, "img_info"), "temp_img_url")
    link = link if "://" in link else f"https://{link.removeprefix('//')}"
    if not is_wechat_image(link):
        raise unreadable(answer, "temp_img_url")
    return link
