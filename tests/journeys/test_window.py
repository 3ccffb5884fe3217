"""A clerk puts a product into the Channels window: real pages, a real worker, a pretend WeChat."""

import pytest
from django.urls import reverse

from goods.models import WindowProduct
from tests.people import form_of
from tests.processes import wait_for

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

SHOP = "wx5d2e90c4ab17f386"
LIST = reverse("admin:goods_windowproduct_changelist")


@pytest.fixture
def account(account):
    account.families = ["window"]
    account.save()
    return account


def reread(product):
    product.refresh_from_db()
    return product


def push(clerk, action, *products):
    """Choose in the list, look at the plan, confirm, and wait until the batch has ended; the plan's page."""
    clerk.open(LIST)
    plan = clerk.send(LIST, action=action, _selected_action=[product.pk for product in products])
    clerk.confirm()
    batch = clerk.url
    wait_for(lambda: "reloads by itself" not in clerk.open(batch), 60)
    return plan


@pytest.fixture
def product(clerk, account, sim):
    """Entered by hand: a product of the bound shop that is not in the window yet."""
    (number,) = sim.make_window(placed=False, title="白毫银针 50克", sales=12, stock=34)
    clerk.open(f"{LIST}add/")
    clerk.send(f"{LIST}add/", account=account.pk, appid=SHOP, product_id=number, _save="1")
    return WindowProduct.objects.get(product_id=str(number))


def test_a_product_entered_by_hand_comes_into_the_window_and_its_page_shows_it(clerk, worker, product, sim):
    plan = push(clerk, "push_add", product)
    assert "1 record will be sent." in plan and "Put into the window" in plan
    page = clerk.open(form_of(reread(product)))
    assert sim.window_product(int(product.product_id))["place"] == "on"
    assert "白毫银针 50克" in page and "12 / 34" in page and "in the window" in page


def test_taking_it_out_is_told_as_what_it_is(clerk, worker, product, sim):
    push(clerk, "push_add", product)
    plan = push(clerk, "push_off", product)
    assert "without effect for own products" in plan
    page = clerk.open(form_of(reread(product)))
    assert "own products stay there as long as their shop sells them" in page and product.in_window


def test_a_refusal_leads_to_the_field_to_correct(clerk, worker, product):
    WindowProduct.objects.update(appid="wx00000000000000aa")
    push(clerk, "push_add", product)
    page = clerk.open(form_of(reread(product)))
    assert "(10022008)" in page and 'href="#id_appid"' in page and 'id="id_appid"' in page


def test_a_pull_brings_the_whole_window_with_its_details(clerk, worker, account, sim):
    clerk.open(LIST)
    clerk.send(f"{LIST}pull/")
    there = sum(row["place"] == "on" and row["status"] == 1 for row in sim.window())
    wait_for(lambda: WindowProduct.objects.exclude(refreshed_at=None).count() == there, 60)
    assert "apply for the category" in clerk.open(LIST)
