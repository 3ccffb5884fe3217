"""The walk through the whole list of a Channels window: where it ends, what it costs, what moves then."""

from contextlib import contextmanager

import pytest

from shopadmin.wechat.client import client_for
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.window import WindowAPI
from tests.wechat.conftest import failure


@pytest.fixture
def window(account) -> WindowAPI:
    return client_for(account).window


def keys(pages) -> list[str]:
    """The ids of all pages, as the list told them."""
    return [product.key[1] for page in pages for product in page.products]


@pytest.fixture
def seven(sim) -> list[str]:
    """The seven products of a window, in the order of the list."""
    sim.empty_window()
    return [str(number) for number in sim.make_window(count=7)][::-1]


@pytest.mark.parametrize("end", ["empty_buffer", "empty_page"])
@pytest.mark.parametrize("documented", [False, True], ids=["samples", "tables"])
@pytest.mark.parametrize("page_size", [1, 2, 3, 7, 8])
def test_the_whole_list_is_read_however_it_ends(sim, window, seven, end, documented, page_size):
    sim.settings(window_list_end=end, window_documented_types=documented)
    assert keys(window.walk(page_size=page_size)) == seven


@pytest.mark.parametrize(("page_size", "calls"), [(2, 4), (7, 1), (200, 1)])
def test_no_call_is_made_for_an_empty_rest(sim, window, seven, page_size, calls):
    list(window.walk(page_size=page_size))
    assert len(sim.calls(WindowAPI.LIST)) == calls


def test_an_empty_window_is_one_empty_page(sim, window, seven):
    for number in seven:
        sim.drop_window(int(number))
    [page] = window.walk()
    assert (page.products, page.total) == ([], 0)


def test_every_page_tells_the_count_of_the_first(sim, window, seven):
    assert [page.total for page in window.walk(page_size=3)] == [7, 7, 7]


def test_the_count_is_asked_for_once(sim, window, seven):
    list(window.walk(page_size=3))
    bodies = [call["body"] for call in sim.calls(WindowAPI.LIST)]
    assert ["need_total_num" in body for body in bodies] == [True, False, False]
    assert not any("page_index" in body for body in bodies)


def test_the_list_is_read_on_beyond_10000_products(sim, window, seven):
    sim.settings(window_page_limit=2)
    assert keys(window.walk(page_size=2)) == seven


def test_what_comes_and_goes_meanwhile_neither_hides_nor_doubles_the_rest(sim, window, seven):
    found = []
    for page in window.walk(page_size=2):
        found += keys([page])
        sim.make_window()
        if len(found) == 4:
            sim.drop_window(int(seven[3]))
            sim.drop_window(int(seven[5]))
    assert found == [*seven[:5], seven[6]]


def test_a_product_that_is_told_twice_comes_once(sim, window, seven):
    row = lambda number: {"product_id": number, "product_source": 1}  # noqa: E731
    for numbers, buffer in ((seven[:2], "a"), (seven[1:3], "b"), (seven[2:4], "")):
        value = {"errcode": 0, "products": [row(number) for number in numbers], "last_buffer": buffer}
        sim.next("wrong_type", path=WindowAPI.LIST, value=value)
    assert keys(window.walk(page_size=2)) == seven[:4]


def test_an_own_product_and_a_promotion_with_the_same_number_both_come(sim, window, seven):
    sim.make_window(kind="cps", cps_id=int(seven[0]))
    assert keys(window.walk(page_size=3)) == [seven[0], *seven]


@pytest.mark.parametrize("buffers", [["a", "a"], ["a", "b"]], ids=["stuck", "round in circles"])
def test_a_list_that_repeats_itself_ends(sim, window, buffers):
    for buffer in buffers:
        value = {"errcode": 0, "products": [{"product_id": "5"}, {"product_id": "6"}], "last_buffer": buffer}
        sim.next("wrong_type", path=WindowAPI.LIST, value=value)
    assert keys(window.walk(page_size=2)) == ["5", "6"]
    assert len(sim.calls(WindowAPI.LIST)) == 2


def test_a_short_page_is_not_the_end_while_more_are_announced(sim, window):
    for number, more in (("5", {"last_buffer": "a", "total_num": 2}), ("6", {"last_buffer": "b"})):
        value = {"errcode": 0, "products": [{"product_id": number}], **more}
        sim.next("wrong_type", path=WindowAPI.LIST, value=value)
    assert keys(window.walk(page_size=2)) == ["5", "6"]


def test_a_list_without_end_is_no_answer(window, seven):
    window.MAX_PAGES = 3
    assert failure(lambda: list(window.walk(page_size=2))).kind is Kind.NO_ANSWER


def test_every_call_is_paid_when_its_page_is_wanted(sim, window, seven):
    paid = []

    @contextmanager
    def pay():
        paid.append("before")
        yield
        paid.append("after")

    pages = window.walk(page_size=3, around=pay)
    assert paid == []
    next(pages)
    assert (paid, len(sim.calls(WindowAPI.LIST))) == (["before", "after"], 1)


def test_a_call_that_cannot_be_paid_is_not_made(sim, window, seven):
    @contextmanager
    def bankrupt():
        raise WeChatError(Kind.QUOTA, "No calls are left today.")
        yield

    assert failure(lambda: list(window.walk(around=bankrupt))).kind is Kind.QUOTA
    assert sim.calls(WindowAPI.LIST) == []


def test_3000_products_are_15_calls(sim, window, seven):
    made = [str(number) for number in sim.make_window(count=2993)][::-1]
    assert keys(window.walk()) == made + seven
    assert len(sim.calls(WindowAPI.LIST)) == 15
