"""Sales and stock day by day: what a reading keeps, what the charts say, what is forgotten."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from audits.models.quota import BEIJING, quota_day
from goods import tasks
from goods.models import WindowFigure
from goods.window import refresh
from tests.goods.window.conftest import look
from tests.people import form_of, text


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def figures():
    return list(WindowFigure.objects.values_list("day", "sales", "stock"))


def test_a_reading_keeps_a_figure_of_the_day(shown):
    shown(sales=7, stock=50)
    assert figures() == [(quota_day(), 7, 50)]


def test_the_last_reading_of_a_day_is_the_days_figure(shown, account, empty):
    product = shown(sales=7, stock=50)
    empty.change_window(int(product.product_id), sales=9, stock=48)
    look(account)
    assert figures() == [(quota_day(), 9, 48)]


def test_a_day_begins_at_midnight_in_beijing(account, empty, shown):
    product = shown(sales=7, stock=50)
    WindowFigure.objects.all().delete()
    night = dt.datetime(2026, 12, 5, 23, 59, tzinfo=BEIJING)
    for moment in (night, night + dt.timedelta(minutes=2)):
        with time_machine.travel(moment, tick=True):
            look(account)
    assert [day for day, _sales, _stock in figures()] == [dt.date(2026, 12, 5), dt.date(2026, 12, 6)]
    assert product.figures.count() == 2


def test_promoted_products_have_figures_of_their_own(shown):
    plan = shown(kind="cps", sales=3)
    assert plan.figures.get().sales == 3


def test_what_is_not_found_leaves_no_figure(shown, account, empty):
    product = shown()
    WindowFigure.objects.all().delete()
    empty.drop_window(int(product.product_id))
    look(account)
    assert figures() == []


def history(product, *days):
    """Figures of the last days, the latest last: (sales, stock)."""
    WindowFigure.objects.all().delete()
    today = quota_day()
    for ago, (sales, stock) in enumerate(reversed(days)):
        WindowFigure.objects.create(
            product=product, day=today - dt.timedelta(days=ago), sales=sales, stock=stock
        )


def day(ago):
    return f"{quota_day() - dt.timedelta(days=ago):%m-%d}"


def test_the_chart_says_in_words_what_was_sold_each_day(staff, shown):
    product = shown()
    history(product, (10, 90), (15, 85), (15, 100), (40, 75))
    page = text(staff.get(form_of(product)))
    assert f"<li>{day(0)}: 25 sold</li><li>{day(1)}: 0 sold</li><li>{day(2)}: 5 sold</li>" in page


def test_the_chart_says_in_words_what_was_left_each_day(staff, shown):
    product = shown()
    history(product, (10, 90), (15, 85))
    page = text(staff.get(form_of(product)))
    assert f"<li>{day(0)}: 85 left</li><li>{day(1)}: 90 left</li>" in page


def test_on_the_first_day_there_are_no_sales_to_compare(staff, shown):
    assert "from the second day on" in text(staff.get(form_of(shown())))


def test_sales_that_wechat_counts_down_again_are_drawn_as_none(staff, shown):
    product = shown()
    history(product, (10, 90), (4, 90))
    assert f"{day(0)}: 0 sold" in text(staff.get(form_of(product)))


def test_a_day_that_tells_no_number_is_left_out(staff, shown):
    product = shown()
    history(product, (10, 90), (None, None), (12, 80))
    page = text(staff.get(form_of(product)))
    assert f"{day(1)}: – sold" in page and f"<li>{day(0)}: 2 sold</li></ul>" in page


def test_figures_of_more_than_a_year_ago_are_forgotten(shown):
    product = shown()
    WindowFigure.objects.create(product=product, day=timezone.now().date() - dt.timedelta(days=500), sales=1)
    assert refresh.prune() == 1
    assert product.figures.count() == 1


def test_they_are_forgotten_by_the_clock(shown):
    product = shown()
    WindowFigure.objects.create(product=product, day=timezone.now().date() - dt.timedelta(days=500), sales=1)
    tasks.pull_all()
    assert product.figures.filter(day__lt=timezone.now().date() - dt.timedelta(days=400)).count() == 0
