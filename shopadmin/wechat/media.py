"""Temporary media: the pictures that other interfaces take by ``media_id``."""

from dataclasses import dataclass
from datetime import UTC, datetime

from shopadmin.wechat.reading import Answer, as_int, required_text
from shopadmin.wechat.transport import Calls


@dataclass(frozen=True)
class Uploaded:
    """An uploaded file: WeChat keeps it for 3 days from ``created_at``, for this account only."""

    media_id: str
    created_at: datetime


class MediaAPI:
    UPLOAD = "/cgi-bin/media/upload"

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def upload_image(self, filename: str, data: bytes, content_type: str) -> Uploaded:
        """POST /cgi-bin/media/upload?type=image: a PNG, JPEG or GIF; every call makes a new media id.

        Errors: 40005, 40113, 40137 and 40160 (format), 40006, 40009, 45001 and 45068 (size), 44001
        (empty), 45101 (upload limit), HTTP 412 (refused by the gateway).
        """
        answer = self._calls.upload(
            self.UPLOAD, (filename, data, content_type), {"type": "image"}, family="common"
        )
        return Uploaded(required_text(answer, "media_id"), _created_at(answer))


def _created_at(answer: Answer) -> datetime:
    """Unix seconds, sometimes as text; now when WeChat does not say."""
    seconds = as_int(answer.get("created_at"))
    if seconds is not None and 0 <= seconds < 2**33:
        return datetime.fromtimestamp(seconds, UTC)
    return datetime.now(UTC)
