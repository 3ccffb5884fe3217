"""What people do at the pages, in the words that they see (English)."""

import re

from playwright.sync_api import Locator, Page, expect

GOODS = "/admin/goods/livegoods/"
# A worker wakes up, calls, and the page asks again: seconds, but on a busy machine more of them.
WORK_MS = 60_000


def log_in(page: Page, name: str, password: str) -> None:
    field(page, "Username").fill(name)
    field(page, "Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def field(page: Page, label: str) -> Locator:
    """A control by its label, with or without a colon behind it."""
    return page.get_by_label(re.compile(f"^{re.escape(label)}:?$", re.I))


def row(page: Page, words: str) -> Locator:
    return page.get_by_role("row").filter(has_text=words)


def tick(page: Page, *names: str) -> None:
    """Tick these records in the list."""
    for name in names:
        row(page, name).get_by_role("checkbox").check()


def tick_all(page: Page) -> None:
    """Tick every record of this page of the list."""
    page.get_by_role("checkbox", name=re.compile("^Select all")).check()


def choose(page: Page, action: str) -> None:
    """Run a bulk action on what is ticked."""
    page.get_by_role("combobox", name=re.compile("Action")).select_option(label=action)
    page.get_by_role("button", name="Go", exact=True).click()


def confirm(page: Page) -> None:
    """Agree to the plan that is shown."""
    page.get_by_role("button", name=re.compile("confirm", re.I)).click(timeout=WORK_MS)


def plan(page: Page, action: str, *names: str) -> None:
    """From the list to the plan for these records."""
    page.goto(GOODS)
    tick(page, *names)
    choose(page, action)


def refresh_until(page: Page, address: str, name: str, words: str) -> None:
    """Ask for the state at WeChat until a record's row says these words."""
    page.goto(address)
    tick(page, name)
    choose(page, "Refresh from WeChat")
    expect(page.get_by_text("being read from WeChat")).to_be_visible()
    see_in_time(page, row(page, name).filter(has_text=words))


def see_in_time(page: Page, what: Locator, reloads: int = 30) -> None:
    """Reload a page that does not move by itself until this is on it."""
    for _ in range(reloads):
        try:
            expect(what.first).to_be_visible(timeout=2_000)
        except AssertionError:
            page.reload()
        else:
            return
    expect(what.first).to_be_visible()
