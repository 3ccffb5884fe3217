"""Simulated time: it runs at the pace of real time, but can be moved by hand."""

import time
from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))


class Clock:
    """Real time plus an offset, so that tests reach tomorrow without waiting for it."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        """Simulated Unix seconds."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Move the clock; a negative number moves it back."""
        self.offset += seconds

    def set(self, moment: float) -> None:
        """Make it this moment now, in Unix seconds."""
        self.offset = moment - time.time()


def beijing(moment: float) -> datetime:
    """The moment on a wall clock in Beijing."""
    return datetime.fromtimestamp(moment, UTC).astimezone(BEIJING)


def beijing_day(moment: float) -> str:
    """The day a daily quota belongs to, as YYYY-MM-DD."""
    return beijing(moment).strftime("%Y-%m-%d")


def beijing_hour(moment: float) -> str:
    """The hour an hourly limit belongs to, as YYYY-MM-DD HH."""
    return beijing(moment).strftime("%Y-%m-%d %H")


def beijing_month(moment: float) -> str:
    """The month the quota resets are counted in, as YYYY-MM."""
    return beijing(moment).strftime("%Y-%m")


def beijing_time(moment: float) -> str:
    """The moment as the Mini Store writes it, without a zone."""
    return beijing(moment).strftime("%Y-%m-%d %H:%M:%S")
