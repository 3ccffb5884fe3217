"""The pages with messages from WeChat: to be looked at by administrators only."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from audits.models import Notice
from tests.people import form_of, queries, text
from tests.wechat.callbacks import REFUSED

LIST = reverse("admin:audits_notice_changelist")


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def notice(account):
    Notice.objects.keep(account, REFUSED)
    return Notice.objects.get()


def somebody(role):
    user = User.objects.create_user(role, is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(user)
    return client


def test_the_list_tells_product_and_reason(staff, notice):
    page = text(staff.get(LIST))
    assert "TEA-0007" in page and "主图含有联系方式" in page


def test_the_page_shows_the_message_as_it_came(staff, notice):
    assert "&quot;product_id&quot;: 30112345678901234" in text(staff.get(form_of(notice)))


def test_a_message_cannot_put_anything_on_the_page(staff, account):
    Notice.objects.keep(account, REFUSED | {"Event": "<script>alert(1)</script>"})
    for url in (LIST, form_of(Notice.objects.get())):
        assert "<script>alert" not in text(staff.get(url))


def test_messages_are_found_by_the_products_ids(staff, notice):
    for word, found in (("TEA-0007", 1), ("30112345678901234", 1), ("TEA-0008", 0)):
        assert staff.get(LIST, {"q": word}).context["cl"].result_count == found


@pytest.mark.parametrize(("role", "status"), [("approver", 403), ("administrator", 200)])
def test_only_administrators_look_at_messages(notice, role, status):
    client = somebody(role)
    assert [client.get(url).status_code for url in (LIST, form_of(notice))] == [status, status]


def test_the_menu_has_messages_beside_the_other_traffic_with_wechat(staff):
    (group,) = (g for g in staff.get(LIST).context["available_apps"] if g["app_label"] == "wechat")
    assert "Messages from WeChat" in [str(entry["name"]) for entry in group["models"]]


def test_a_long_list_costs_no_more_queries_than_a_short_one(staff, account, notice):
    few = queries(staff, LIST)
    for number in range(20):
        Notice.objects.keep(account, REFUSED | {"CreateTime": number})
    assert queries(staff, LIST) == few
