"""What pages say to whom: advice at the top, no commands for clerks, labels in the reader's language."""

import json

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from goods.importing.columns import HEADINGS
from goods.importing.template import COLUMNS
from goods.models import LiveGoods
from goods.tasks import imports
from shopadmin.people.admin.log import NOTHING
from tests.goods.imports import NAME, uploaded
from tests.people import LIST, browser_of, form_of, text

START = reverse("admin:index")
LOG = reverse("admin:admin_logentry_changelist")
AT_WECHAT = {"goods_id": "901", "audit_id": "77", "third_party_tag": 2}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


# --- A refused product ---


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"audit_status": 3}, "review refused it"),
        ({"audit_status": 0, "errcode": 300003}, "300003"),
    ],
)
def test_a_refused_product_tells_it_before_its_fields(staff, make_goods, change, words):
    page = text(staff.get(form_of(make_goods(**AT_WECHAT | change))))
    top, fields = page.index('<div class="notice notice-bad">'), page.index("<fieldset")
    assert words in page[top:fields]


def test_a_product_in_order_has_no_notice(staff, make_goods):
    page = text(staff.get(form_of(make_goods(**AT_WECHAT, audit_status=2))))
    assert '<div class="notice' not in page


# --- No worker ---


def test_a_clerk_is_sent_to_the_administrator_when_no_worker_runs(account):
    page = text(browser_of("view_livegoods").get(START))
    assert "Tell your administrator." in page and "manage.py" not in page


@pytest.mark.parametrize("right", ["change_account", "change_user"])
def test_who_administers_is_told_the_command(account, right):
    page = text(browser_of(right).get(START))
    assert "manage.py worker" in page and "Tell your administrator." not in page


# --- Lists ---


def test_a_whole_list_does_not_offer_to_show_all(staff, make_goods):
    make_goods()
    page = text(staff.get(reverse("admin:audits_push_changelist")))
    assert 'id="searchbar"' in page and 'class="found"' not in page
    assert 'class="found"' not in text(staff.get(LIST))


@pytest.mark.parametrize("query", ["q=x", "state=2", "errcode=300003"])
def test_part_of_a_list_offers_to_show_all(staff, query):
    assert 'class="found"' in text(staff.get(f"{LIST}?{query}"))


# --- The change log ---


@pytest.fixture
def logged(admin_user: User):
    """Write down a change as Django does."""

    def write(message: str) -> None:
        kind = ContentType.objects.get_for_model(LiveGoods)
        LogEntry.objects.create(
            user=admin_user, content_type=kind, object_repr="x", action_flag=CHANGE, change_message=message
        )

    return write


def test_the_log_names_fields_in_the_readers_language(staff, logged, settings):
    settings.LANGUAGE_CODE = "zh-hans"
    logged(json.dumps([{"changed": {"fields": ["Kind of price", "second price (yuan)", "Elsewhere"]}}]))
    page = text(staff.get(LOG))
    assert '<td class="field-details">已修改价格类型、第二个价格（元）' in page and "Elsewhere" in page


@pytest.mark.parametrize(
    ("message", "shown"),
    [("By hand.", "By hand."), ("", NOTHING), ("[not a list", "[not a list"), ("17", "17")],
)
def test_the_log_shows_what_is_no_list_of_changes_as_it_is(staff, logged, message, shown):
    logged(message)
    assert f'<td class="field-details">{shown}</td>' in text(staff.get(LOG))


# --- Imports ---


def test_every_column_that_is_read_is_explained():
    assert {column.field for column in COLUMNS} == set(HEADINGS)


HEAD = ["product_no", "name", "price"]
TOO_SHORT = "茶"


def test_a_checked_file_says_what_will_have_to_be_corrected(staff, account):
    run = uploaded(account, HEAD, ["A1", NAME, "68"], ["A2", TOO_SHORT, "68"])
    imports()
    assert "1 product is imported as a draft" in text(staff.get(form_of(run)))


def test_a_file_with_nothing_to_store_does_not_speak_of_drafts(staff, account):
    rows = (HEAD, ["A2", TOO_SHORT, "68"])
    first = uploaded(account, *rows)
    imports()
    staff.post(reverse("admin:goods_importrun_confirm", args=[first.pk]))
    imports()
    assert "1 product was imported as a draft" in text(staff.get(form_of(first)))
    again = uploaded(account, *rows)
    imports()
    page = text(staff.get(form_of(again)))
    assert "There is nothing to store" in page and "as a draft" not in page
