"""Long lists: counted only so far, and all of it can still be chosen."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audits.admin import paging
from audits.admin.paging import FastPaginator
from audits.models import Attempt, Batch, Push, Quota
from tests.people import text

PUSHES = reverse("admin:audits_push_changelist")


@pytest.fixture(autouse=True)
def short(settings, monkeypatch):
    settings.LANGUAGE_CODE = "en"
    monkeypatch.setattr(paging, "COUNTED", 10)


@pytest.fixture
def groups(db):
    def make(count):
        Group.objects.all().delete()
        Group.objects.bulk_create(Group(name=f"group {number}") for number in range(count))
        return FastPaginator(Group.objects.order_by("pk"), 4)

    return make


@pytest.mark.parametrize(
    ("rows", "count", "shown", "pages"), [(0, 0, "0", 1), (9, 9, "9", 3), (10, 10, "10", 3)]
)
def test_a_short_list_is_counted_exactly(groups, rows, count, shown, pages):
    paginator = groups(rows)
    assert (paginator.count, str(paginator.count), paginator.num_pages) == (count, shown, pages)


def test_a_long_list_is_so_many_and_more(groups):
    paginator = groups(11)
    assert (paginator.count, str(paginator.count), paginator.num_pages) == (10, "10+", 3)


def test_the_number_is_written_with_its_thousands():
    assert str(paging.AtLeast(10_000)) == "10,000+"


def test_the_last_page_ends_where_counting_ends(groups):
    assert len(groups(11).page(3).object_list) == 2


def test_counting_stops_in_the_database(groups):
    paginator = groups(30)
    with CaptureQueriesContext(connection) as captured:
        assert paginator.count == 10
    assert "LIMIT 11" in captured[0]["sql"]


def test_a_plain_list_has_pages_as_well():
    assert FastPaginator(list(range(25)), 10).num_pages == 3


@pytest.fixture
def many_pushes(make_goods, push):
    push("add", *(make_goods() for _ in range(12)))


def test_the_page_of_a_long_list_says_that_there_is_more(staff, many_pushes):
    assert "10+ pushes" in text(staff.get(PUSHES))


def test_an_action_on_all_rows_takes_those_beyond_the_pages_along(staff, many_pushes):
    taken = []

    def take(modeladmin, request, queryset):
        taken.extend(queryset.values_list("pk", flat=True))

    admin.site.add_action(take, "take")
    try:
        some = Push.objects.first().pk
        staff.post(PUSHES, {"action": "take", "select_across": "1", "_selected_action": [some]})
    finally:
        del admin.site._actions["take"], admin.site._global_actions["take"]
    assert len(taken) == 12


@pytest.mark.parametrize("model", [Push, Batch, Attempt, Quota])
def test_nothing_of_the_journal_can_be_deleted_from_its_list(rf, model):
    request = rf.get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    assert "delete_selected" not in admin.site.get_model_admin(model).get_actions(request)
