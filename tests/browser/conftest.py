"""Staff at a real browser, a shop with everything running behind it.

A shop lasts for one file of tests: starting its processes takes seconds. Within a file, tests keep to
records of their own.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import STEP_MS, Watch, chromium, window
from tests.browser.shop import Shop
from tests.processes import ROOT

FOLDER = Path(__file__).parent
PICTURES = ROOT / "var" / "browser-failures"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only the lane runs what is here: a mark that `make test` leaves out."""
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Let fixtures know whether the test failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(autouse=True)
def _own_files() -> None:
    """Uploads go to the shop's folder."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shops are."""
    return tmp_path_factory.mktemp("shops")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=STEP_MS)
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with chromium() as opened:
            yield opened


@pytest.fixture(scope="module")
def shop(
    request: pytest.FixtureRequest, browser: Browser, folder: Path, django_db_blocker: Any
) -> Iterator[Shop]:
    """A shop without a product, its web server and its pretend WeChat; ``shop.work()`` starts a worker."""
    with django_db_blocker.unblock(), Shop(folder / request.module.__name__) as opened:
        yield opened


@pytest.fixture
def open_window(
    request: pytest.FixtureRequest, shop: Shop, browser: Browser
) -> Iterator[Callable[..., Page]]:
    """Sit somebody down at a browser of their own: ``open_window(user, language="zh-hans", …)``.

    After the test nothing may have gone wrong in any of them; of a failed test their pictures are kept.
    """
    opened: list[tuple[BrowserContext, Watch]] = []

    def sit(user: User | None = None, language: str = "en", **options: Any) -> Page:
        context = window(browser, language, base_url=shop.url, **options)
        opened.append((context, Watch(context)))
        if user is not None:
            shop.sign_in(context, user)
        page = context.new_page()
        page.watch = opened[-1][1]
        return page

    yield sit
    if request.node.stash.get(FAILED, True):
        keep_pictures(request.node.name, [page for context, _ in opened for page in context.pages])
    noted = [what for _, watch in opened for what in watch.take()]
    for context, _ in opened:
        context.close()
    assert not noted, noted


def keep_pictures(name: str, pages: list[Page]) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages):
        path = PICTURES / f"{re.sub('[^a-z0-9_]+', '-', name)}-{number}.png"
        page.screenshot(path=path, full_page=True)


@pytest.fixture
def page(shop: Shop, open_window: Callable[..., Page]) -> Page:
    """A browser in English in which somebody with every right is signed in."""
    return open_window(shop.person())
