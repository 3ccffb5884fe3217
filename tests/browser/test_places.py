"""Every page as staff find it: in both languages, light and dark, on narrow and wide screens."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.axe import CONTRAST, violations
from tests.browser.chromium import LOCALES, Watch, window
from tests.browser.places import PLACES, Place, unlisted
from tests.browser.scene import Scene, furnish
from tests.browser.shop import Shop

# Right edges beyond the window, of what no box of its own scrolls.
TOO_WIDE = """() => {
  const scrolls = box => box && (getComputedStyle(box).overflowX !== "visible" || scrolls(box.parentElement));
  if (document.documentElement.scrollWidth <= window.innerWidth) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(
    box => box.getBoundingClientRect().right > window.innerWidth + 1 && !scrolls(box.parentElement));
  return wide.map(box => box.cloneNode(false).outerHTML.slice(0, 120)).slice(0, 5).concat("");
}"""


@dataclass
class Visit:
    """A page that is open, and what went wrong while it opened."""

    page: Page
    status: int
    place: Place
    noted: list[str]


@pytest.fixture(scope="module")
def scene(shop: Shop) -> Scene:
    made = furnish(shop)
    shop.work()
    return made


@pytest.fixture(scope="module", params=LOCALES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def windows(shop: Shop, browser: Browser, language: str) -> Iterator[dict[bool, BrowserContext]]:
    """A browser of somebody signed in, and one of nobody."""
    both = {known: window(browser, language, base_url=shop.url) for known in (True, False)}
    shop.sign_in(both[True], shop.person())
    yield both
    for context in both.values():
        context.close()


@pytest.fixture(scope="module", params=PLACES, ids=lambda place: place.name)
def visit(
    request: pytest.FixtureRequest, scene: Scene, windows: dict[bool, BrowserContext]
) -> Iterator[Visit]:
    place: Place = request.param
    context = windows[place.signed_in]
    watch = Watch(context)
    if place.status != 200:
        watch.expect(place.status)
    page = context.new_page()
    answer = page.goto(place.path(scene), wait_until="load")
    assert answer is not None
    yield Visit(page, answer.status, place, watch.take())
    page.close()


def test_every_page_of_the_admin_is_in_the_table():
    assert not unlisted()


def test_the_page_opens_and_nothing_fails_in_the_background(visit):
    assert (visit.status, visit.noted) == (visit.place.status, [])


def test_the_page_says_which_language_it_is_in(visit, language):
    assert visit.page.locator("html").get_attribute("lang") == language


def test_axe_finds_nothing_serious(visit):
    found = violations(visit.page)
    assert not found, "\n".join(map(str, found))


def test_axe_finds_enough_contrast_in_the_dark(visit):
    visit.page.emulate_media(color_scheme="dark")
    try:
        found = violations(visit.page, *CONTRAST)
    finally:
        visit.page.emulate_media(color_scheme="light")
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("width", [360, 390, 2560])
def test_the_page_fits_the_screen(visit, width):
    visit.page.set_viewport_size({"width": width, "height": 900})
    wide = visit.page.evaluate(TOO_WIDE)
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    assert not wide, "\n".join(wide)
