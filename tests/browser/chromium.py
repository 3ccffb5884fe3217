"""Chromium without a screen, and a note of everything in it that goes wrong without anybody seeing it."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, Response, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
LOCALES = {"zh-hans": "zh-CN", "en": "en-US"}
# Bounds, not waits: two busy processors need them.
STEP_MS = 15_000
PAGE_MS = 30_000
# Where WeChat keeps pictures; nothing of it can be reached from here.
WECHAT_PICTURES = re.compile(r"^https://(mmecimage\.cn|mmbizurl\.cn)/p/")
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


def executable() -> str:
    """The browser of this machine; CHROMIUM names another one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise FileNotFoundError("There is no Chromium here; .ci/lane-browser installs Debian's.")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=ARGUMENTS, timeout=PAGE_MS, chromium_sandbox=False
        )
        try:
            yield browser
        finally:
            browser.close()


def window(browser: Browser, language: str = "en", **options: Any) -> BrowserContext:
    """A browser of somebody's own: no cookies, this language, 1280 pixels wide unless told otherwise."""
    context = browser.new_context(
        **(
            {
                "locale": LOCALES[language],
                "timezone_id": "Asia/Shanghai",
                "viewport": {"width": 1280, "height": 900},
                "reduced_motion": "reduce",
            }
            | options
        )
    )
    context.set_default_timeout(STEP_MS)
    context.set_default_navigation_timeout(PAGE_MS)
    context.route(WECHAT_PICTURES, lambda route: route.fulfill(body=PICTURE, content_type="image/svg+xml"))
    return context


class Watch:
    """Script errors, content that the policy blocked, and requests that failed, in every page of a window."""

    def __init__(self, context: BrowserContext) -> None:
        self.noted: list[str] = []
        self._expected: set[int] = set()
        context.on("console", self._console)
        context.on("weberror", lambda error: self.noted.append(f"script: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def expect(self, *statuses: int) -> None:
        """From now on these answers are no fault."""
        self._expected |= set(statuses)

    def take(self) -> list[str]:
        """What went wrong since the last time."""
        noted, self.noted = self.noted, []
        return noted

    def _console(self, message: ConsoleMessage) -> None:
        # A failed request is noted below, with its status and address.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.noted.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # Leaving a page aborts what it was still loading.
        if request.failure != "net::ERR_ABORTED":
            self.noted.append(f"request: {request.failure} {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self.noted.append(f"answer: {response.status} {response.url}")
