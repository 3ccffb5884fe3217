"""Stock: the draft's, the real one, and what happens when nothing is left."""

import pytest

from tests.simulator.storefront import (
    EDITING,
    ON_SALE,
    PASSED,
    SOLD_OUT,
    added,
    ask,
    draft,
    first_sku,
    listed,
    sku_fields,
    skus,
)

SET, ADD = 1, 2


def change(wechat, product_id, kind, number, path="stock/update", **ids):
    ids = ids or {"sku_id": first_sku(wechat, product_id)}
    return ask(wechat, path, product_id=product_id, type=kind, stock_num=number, **ids)


def left(wechat, product_id):
    answer = ask(wechat, "stock/get", product_id=product_id, sku_id=first_sku(wechat, product_id))
    return answer["data"]["stock_num"]


def stocks(wechat, product_id):
    """What the reads show: the draft's stock, and the real one."""
    return [skus(wechat, product_id, real=real)[0]["stock_num"] for real in (0, 1)]


@pytest.mark.parametrize(
    ("kind", "number", "after"), [(SET, 7, 7), (ADD, 7, 47), (ADD, -7, 33), (ADD, -40, 0)]
)
def test_stock_is_set_or_changed(sim, wechat, kind, number, after):
    product_id = listed(sim, wechat)
    answer = change(wechat, product_id, kind, number)
    assert answer["data"]["update_time"].startswith("2026-11-20 12:0")
    assert left(wechat, product_id) == after


def test_both_stocks_change_at_once(sim, wechat):
    product_id = listed(sim, wechat)
    change(wechat, product_id, SET, 7)
    assert stocks(wechat, product_id) == [7, 7]
    assert draft(wechat, product_id)["edit_status"] == PASSED


def test_stock_can_be_made_to_wait_for_a_review(sim, wechat):
    sim.settings(stock_at_once=False)
    product_id = listed(sim, wechat)
    change(wechat, product_id, SET, 7)
    assert stocks(wechat, product_id) == [7, 40]
    assert draft(wechat, product_id)["edit_status"] == EDITING


@pytest.mark.parametrize(
    ("kind", "number"), [(SET, 0), (SET, -1), (SET, None), (SET, "5"), (3, 5), (None, 5), (ADD, -41)]
)
def test_stock_that_cannot_be(wechat, kind, number):
    product_id = added(wechat)
    assert change(wechat, product_id, kind, number)["errcode"] == 9401020
    assert left(wechat, product_id) == 40


@pytest.mark.parametrize("path", ["stock/update", "stock/get"])
def test_unknown_product_has_a_code_of_its_own_here(wechat, path):
    assert ask(wechat, path, product_id=5, sku_id=5, type=1, stock_num=1)["errcode"] == 100002


@pytest.mark.parametrize("path", ["stock/update", "stock/get"])
def test_unknown_sku_has_a_code_of_its_own_here(wechat, path):
    answer = ask(wechat, path, product_id=added(wechat), sku_id=5, type=1, stock_num=1)
    assert answer["errcode"] == 100004


def test_own_keys_are_taken(wechat):
    added(wechat)
    answer = ask(wechat, "stock/get", out_product_id="TEA-7", out_sku_id="TEA-7-100")
    assert answer == {"errcode": 0, "errmsg": "ok", "data": {"stock_num": 40}}


def test_stock_can_be_changed_under_review(wechat):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    assert change(wechat, product_id, SET, 7)["errcode"] == 0


def test_sales_lower_the_real_stock_only(sim, wechat):
    product_id = listed(sim, wechat)
    sim.sell(first_sku(wechat, product_id), 3)
    assert stocks(wechat, product_id) == [40, 37]


def test_passed_review_does_not_undo_sales(sim, wechat):
    product_id = listed(sim, wechat)
    sim.sell(first_sku(wechat, product_id), 3)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert left(wechat, product_id) == 37


def test_stock_sent_with_a_sku_counts_from_the_next_review(sim, wechat):
    product_id = listed(sim, wechat)
    sim.sell(first_sku(wechat, product_id), 3)
    fields = sku_fields(stock_num=50, product_id=product_id)
    ask(wechat, "sku/update", **fields)
    assert stocks(wechat, product_id) == [50, 37]
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert stocks(wechat, product_id) == [50, 50]


def test_product_is_off_sale_when_the_last_piece_is_sold(sim, wechat):
    product_id = listed(sim, wechat)
    sim.sell(first_sku(wechat, product_id), 40)
    assert draft(wechat, product_id)["status"] == SOLD_OUT


def test_product_is_off_sale_when_its_stock_is_taken_away(sim, wechat):
    product_id = listed(sim, wechat)
    change(wechat, product_id, ADD, -40)
    assert draft(wechat, product_id)["status"] == SOLD_OUT


def test_product_stays_on_sale_while_one_sku_has_stock(sim, wechat):
    rows = [sku_fields(key, out_product_id="TEA-7") for key in ("A", "B")]
    product_id = listed(sim, wechat, skus=rows)
    change(wechat, product_id, ADD, -40)
    assert draft(wechat, product_id)["status"] == ON_SALE


def test_sold_out_product_comes_back_by_a_listing(sim, wechat):
    product_id = listed(sim, wechat)
    sim.sell(first_sku(wechat, product_id), 40)
    change(wechat, product_id, SET, 5)
    assert draft(wechat, product_id)["status"] == SOLD_OUT
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert (draft(wechat, product_id)["status"], left(wechat, product_id)) == (ON_SALE, 5)


def test_product_that_passes_without_stock_is_sold_out(sim, wechat):
    product_id = listed(sim, wechat, skus=[sku_fields(out_product_id="TEA-7", stock_num=0)])
    assert draft(wechat, product_id)["status"] == SOLD_OUT


@pytest.mark.parametrize("count", [0, 41])
def test_no_more_is_sold_than_there_is(sim, wechat, count):
    sku_id = first_sku(wechat, listed(sim, wechat))
    with pytest.raises(ValueError, match="There are not"):
        sim.sell(sku_id, count)


def test_old_paths_do_not_exist(wechat):
    assert ask(wechat, "sku/stock/get", product_id=5, sku_id=5)["errcode"] == 40066


def test_old_paths_can_be_switched_on(sim, wechat):
    sim.settings(old_stock_paths=True)
    product_id = added(wechat)
    assert change(wechat, product_id, SET, 7, path="sku/stock/update")["errcode"] == 0
    assert left(wechat, product_id) == 7
