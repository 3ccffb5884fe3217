"""A batch's page moves by itself and takes nothing away from whoever reads it."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from audits.models import Batch, Push
from audits.operations import Operation
from audits.services import create_batch, submit
from goods.models import LiveGoods
from tests.browser.scene import make_goods
from tests.browser.shop import Shop

PARTS = re.compile(r"/audits/batch/\d+/progress/")


@pytest.fixture
def batch(shop: Shop) -> Batch:
    """Three products wait for a worker that nobody has started."""
    first = LiveGoods.objects.count() + 1
    records = [make_goods(shop.account(), first + number) for number in range(3)]
    batch = create_batch(LiveGoods, [goods.pk for goods in records], Operation.ADD)
    submit(batch)
    return batch


@pytest.fixture
def shown(page: Page, batch: Batch) -> Page:
    """The batch's page, with a mark that a reload would take away."""
    page.goto(f"/admin/audits/batch/{batch.pk}/change/")
    page.evaluate("window.stillTheSame = true")
    return page


def finish(batch: Batch, count: int = 3, status: str = "done") -> None:
    ids = list(batch.pushes.filter(status="queued").values_list("pk", flat=True)[:count])
    Push.objects.filter(pk__in=ids).update(
        status=status, errcode=300002 if status == "refused" else 0, finished_at=timezone.now()
    )


def headline(page: Page, words: str) -> None:
    expect(page.locator("#headline")).to_contain_text(words)


def test_it_moves_without_being_loaded_again(shown, batch):
    headline(shown, "0 of 3 finished")
    finish(batch, 1)
    headline(shown, "1 of 3 finished (33 %)")
    assert shown.evaluate("window.stillTheSame")


def test_rows_and_causes_move_too(shown, batch):
    finish(batch, 1, "refused")
    expect(shown.get_by_role("link", name="Fix this 1")).to_be_visible()
    expect(shown.get_by_role("row").filter(has_text="refused")).to_have_count(1)


def test_what_has_the_focus_keeps_it(shown, batch):
    link = shown.get_by_role("link", name=re.compile("^all 3"))
    link.focus()
    finish(batch, 1)
    expect(shown.get_by_role("link", name="done 1")).to_be_visible()
    expect(shown.get_by_role("link", name=re.compile("^all 3"))).to_be_focused()


def test_a_broken_connection_is_told_and_mends(shown, batch):
    shown.watch.expect(503)
    shown.route(PARTS, lambda route: route.fulfill(status=503))
    expect(shown.get_by_role("alert")).to_contain_text("The connection to this system is broken.")
    shown.unroute(PARTS)
    expect(shown.get_by_role("alert")).to_be_hidden(timeout=40_000)
    finish(batch)
    headline(shown, "Finished: done 3.")


def test_whoever_was_logged_out_is_told(shown, batch):
    Session.objects.all().delete()
    expect(shown.get_by_role("alert")).to_contain_text("Reload it; you may have to log in again.")


def test_at_its_end_it_says_so_and_asks_no_more(shown, batch):
    finish(batch)
    expect(shown.locator("#progress-said")).to_have_text("Finished: done 3.")
    asked = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.wait_for_timeout(3_000)
    assert asked == []


def test_without_scripts_it_loads_itself_again(shop, open_window, batch):
    page = open_window(shop.person(), java_script_enabled=False)
    page.goto(f"/admin/audits/batch/{batch.pk}/change/")
    finish(batch)
    headline(page, "Finished: done 3.")


@pytest.mark.parametrize("width", [360, 2560])
def test_it_fits_the_window(shop, open_window, batch, width):
    finish(batch, 1, "refused")
    page = open_window(shop.person(), viewport={"width": width, "height": 800})
    page.goto(f"/admin/audits/batch/{batch.pk}/change/")
    headline(page, "1 of 3 finished")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
