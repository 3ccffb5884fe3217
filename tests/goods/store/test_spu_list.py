"""The lists of products and of SKUs: what they show, what they offer, and what they cost."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audits.models import Batch, Reading
from goods.models import Sku, Spu
from goods.store import refresh
from shopadmin.simulator.server import Simulator
from shopadmin.wechat.models import Account
from tests.people import form_of

LIST, SKUS = "/admin/goods/spu/", "/admin/goods/sku/"


def text(client: Client, url: str) -> str:
    return client.get(url, headers={"accept-language": "en"}).content.decode()


def shown(client: Client, url: str) -> list[Any]:
    return [record.pk for record in client.get(url).context["cl"].result_list]


def act(client: Client, url: str, action: str, *records: Any) -> Any:
    return client.post(url, {"action": action, "_selected_action": [record.pk for record in records]})


def on_sale(spu: Spu, send: Any, sim: Simulator, account: Account) -> Spu:
    send("add", spu)
    send("list", spu)
    sim.review(int(spu.product_id), approve=True)
    Spu.objects.look_now()
    refresh.look_due(account)
    return Spu.objects.get(pk=spu.pk)


@pytest.mark.parametrize("url", [LIST, SKUS])
def test_twenty_products_cost_as_many_queries_as_one(staff: Client, make_spu: Any, url: str) -> None:
    make_spu()
    staff.get(url)
    with CaptureQueriesContext(connection) as one:
        staff.get(url)
    for _each in range(19):
        make_spu()
    with CaptureQueriesContext(connection) as twenty:
        staff.get(url)
    assert len(twenty) == len(one)


def test_both_states_stand_in_the_list(
    staff: Client, make_spu: Any, send: Any, sim: Simulator, account: Account
) -> None:
    spu = on_sale(make_spu(), send, sim, account)
    spu.sub_title = "换一句"
    spu.save(update_fields=["sub_title"])
    send("update", spu)
    page = text(staff, LIST)
    assert "on sale" in page and "draft: not submitted" in page


def test_what_breaks_a_rule_is_told_in_the_list(staff: Client, make_spu: Any) -> None:
    make_spu(title="长" * 61)
    assert "Title too long: 61 of at most 60 characters." in text(staff, LIST)


def test_a_product_from_the_console_is_not_called_wrong(
    staff: Client, sim: Simulator, account: Account
) -> None:
    sim.make_spus(title="后台商品")
    refresh.pull(Reading.objects.request(account, "mini_store"))
    refresh.look_due(account)
    assert Spu.objects.get().problems() == {}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?sale=here", {"draft"}),
        ("?sale=5", {"sold", "dear"}),
        ("?state=1", set()),
        ("?state=4", {"sold", "dear"}),
        ("?todo=price", {"dear"}),
        ("?todo=stock", set()),
        ("?todo=fix", set()),
        ("?todo=ready", {"draft", "sold", "dear"}),
        ("?sale=99", {"draft", "sold", "dear"}),
        ("?state=x", {"draft", "sold", "dear"}),
    ],
)
def test_filters_find_what_they_say(
    staff: Client, make_spu: Any, send: Any, sim: Simulator, account: Account, query: str, found: set[str]
) -> None:
    products = {name: make_spu() for name in ("draft", "sold", "dear")}
    for name in ("sold", "dear"):
        on_sale(products[name], send, sim, account)
    sku = products["dear"].skus.all()[0]
    sku.sale_price = Decimal("99.00")
    sku.save(update_fields=["sale_price"])
    assert set(shown(staff, f"{LIST}{query}")) == {products[name].pk for name in found}


@pytest.mark.parametrize("words", ["TEE-1-2", "TEE-1", "圆领"])
def test_a_product_is_found_by_numbers_and_title(staff: Client, make_spu: Any, words: str) -> None:
    spu = make_spu()
    assert shown(staff, f"{LIST}?q={words}") == [spu.pk]


@pytest.mark.parametrize(
    "action",
    ["push_add", "push_update", "push_list", "push_price", "push_stock", "push_delist", "push_delete"],
)
def test_each_action_leads_to_its_plan(staff: Client, make_spu: Any, action: str) -> None:
    answer = act(staff, LIST, action, make_spu())
    batch = Batch.objects.get()
    assert answer.url == f"/admin/audits/batch/{batch.pk}/plan/"
    assert batch.operation == action.removeprefix("push_")


@pytest.mark.parametrize("action", ["push_price", "push_stock"])
def test_an_action_on_skus_leads_to_the_plan_of_their_products(
    staff: Client, make_spu: Any, action: str
) -> None:
    spu = make_spu()
    act(staff, SKUS, action, *spu.skus.all())
    assert Batch.objects.get().selection == [spu.pk]


def test_refreshing_skus_asks_for_their_products(
    staff: Client, make_spu: Any, send: Any, account: Account
) -> None:
    spu = make_spu()
    send("add", spu)
    act(staff, SKUS, "refresh", spu.skus.all()[0])
    spu.refresh_from_db()
    assert spu.look_at is not None and spu.skus_look_at is not None


def test_a_sku_opens_as_part_of_its_product(staff: Client, make_spu: Any) -> None:
    sku = make_spu().skus.all()[0]
    assert staff.get(f"{SKUS}{sku.pk}/change/").url == f"/admin/goods/spu/{sku.spu_id}/change/#skus"


def test_prices_and_stock_that_wait_are_marked_at_the_sku(
    staff: Client, make_spu: Any, send: Any, sim: Simulator, account: Account
) -> None:
    spu = on_sale(make_spu(), send, sim, account)
    sku = spu.skus.all()[0]
    sku.stock_change = -2
    sku.save(update_fields=["stock_change"])
    assert "10 → -2" in text(staff, SKUS)
    assert shown(staff, f"{SKUS}?todo=stock") == [sku.pk]


def test_the_numbers_of_the_start_page_are_those_of_their_lists(
    staff: Client, make_spu: Any, send: Any, sim: Simulator, account: Account
) -> None:
    make_spu()
    make_spu(title="")
    on_sale(make_spu(), send, sim, account)
    send("add", make_spu())
    owner: Any = admin.site.get_model_admin(Spu)
    for figure in owner.overview():
        assert len(shown(staff, figure.url)) == figure.count


def test_nobody_adds_or_deletes_skus_by_themselves(staff: Client, make_spu: Any) -> None:
    sku = make_spu().skus.all()[0]
    assert staff.get(f"{SKUS}add/").status_code == 403
    assert staff.post(f"{SKUS}{sku.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Sku.objects.filter(pk=sku.pk).exists()


def test_a_product_that_is_only_here_is_deleted_with_its_skus(staff: Client, make_spu: Any) -> None:
    spu = make_spu()
    staff.post(form_of(spu).replace("change", "delete"), {"post": "yes"})
    assert not Spu.objects.exists() and not Sku.objects.exists()
