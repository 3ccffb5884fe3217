"""SKUs: their fields, the copies they are in, and their prices."""

import pytest

from tests.simulator.storefront import (
    EDITING,
    LINK,
    PASSED,
    add,
    added,
    ask,
    draft,
    first_sku,
    listed,
    sku_fields,
    skus,
)


def add_sku(wechat, product_id, key="NEW", **changes):
    return ask(wechat, "sku/add", product_id=product_id, **sku_fields(key, **changes))


def update_sku(wechat, product_id, sku_id, **changes):
    fields = {"out_sku_id": None, **changes}
    return ask(wechat, "sku/update", product_id=product_id, sku_id=sku_id, **sku_fields(**fields))


def price(wechat, product_id, sku_id, **prices):
    return ask(wechat, "sku/update_price", product_id=product_id, sku_id=sku_id, **prices)


def test_skus_of_a_new_product_are_found_by_their_own_key(wechat):
    sku = skus(wechat, added(wechat))[0]
    assert (sku["out_sku_id"], sku["sale_price"], sku["market_price"]) == ("TEA-7-100", 8800, 12800)


def test_list_row_has_the_documented_fields(wechat):
    assert set(skus(wechat, added(wechat))[0]) == {
        "product_id",
        "out_product_id",
        "sku_id",
        "out_sku_id",
        "thumb_img",
        "sale_price",
        "market_price",
        "stock_num",
        "sku_code",
        "barcode",
        "sku_attrs",
    }


def test_single_sku_has_a_status_beside(sim, wechat):
    sku_id = first_sku(wechat, listed(sim, wechat))
    answer = ask(wechat, "sku/get", sku_id=sku_id)
    assert (answer["data"]["status"], answer["data"]["out_sku_id"]) == (5, "TEA-7-100")


def test_single_sku_is_found_by_its_own_key(wechat):
    sku_id = first_sku(wechat, added(wechat))
    answer = ask(wechat, "sku/get", out_sku_id="TEA-7-100", need_edit_sku=1)
    assert answer["data"]["sku_id"] == sku_id


def test_add_answers_with_id_and_time(wechat):
    answer = add_sku(wechat, added(wechat))
    assert set(answer["data"]) == {"sku_id", "create_time"}
    assert answer["data"]["sku_id"] > 2**53


def test_added_sku_is_in_the_draft_only(sim, wechat):
    product_id = listed(sim, wechat)
    add_sku(wechat, product_id)
    assert (len(skus(wechat, product_id)), len(skus(wechat, product_id, edit=0))) == (2, 1)


def test_added_sku_goes_online_with_the_next_review(sim, wechat):
    product_id = listed(sim, wechat)
    add_sku(wechat, product_id)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert len(skus(wechat, product_id, edit=0)) == 2


def test_several_are_added_with_ids_keys_and_times(wechat):
    product_id = added(wechat)
    rows = [sku_fields(key, product_id=product_id) for key in ("A", "B")]
    answer = ask(wechat, "sku/batch_add", skus=rows)
    assert [row["out_sku_id"] for row in answer["data"]] == ["A", "B"]
    assert set(answer["data"][0]) == {"sku_id", "out_sku_id", "create_time"}


@pytest.mark.parametrize(("partial", "left"), [(False, 1), (True, 2)])
def test_several_are_added_all_or_none_unless_switched(sim, wechat, partial, left):
    sim.settings(partial_batch_add=partial)
    product_id = added(wechat)
    rows = [sku_fields(key, product_id=product_id) for key in ("A", "TEA-7-100", "C")]
    assert ask(wechat, "sku/batch_add", skus=rows)["errcode"] == 9401005
    assert len(skus(wechat, product_id)) == left


@pytest.mark.parametrize("rows", [None, [], {}, ["A"]])
def test_several_without_any(wechat, rows):
    assert ask(wechat, "sku/batch_add", skus=rows)["errcode"] == 9401020


def test_same_key_twice_in_one_request(wechat):
    product_id = added(wechat)
    rows = [sku_fields("A", product_id=product_id)] * 2
    assert ask(wechat, "sku/batch_add", skus=rows)["errcode"] == 9401005


def test_own_key_is_unique_over_all_products(wechat):
    added(wechat)
    rows = [sku_fields("TEA-7-100", out_product_id="TEA-8")]
    assert add(wechat, out_product_id="TEA-8", skus=rows)["errcode"] == 9401005


def test_sku_of_a_new_product_names_it(wechat):
    assert add(wechat, skus=[sku_fields("A", out_product_id="TEA-8")])["errcode"] == 9401020


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"out_sku_id": None}, 9401020),
        ({"out_sku_id": "k" * 32}, 0),
        ({"out_sku_id": "k" * 33}, 9401020),
        ({"thumb_img": None}, 0),
        ({"thumb_img": "https://example.com/a.jpg"}, 9401050),
        ({"sale_price": None}, 9401020),
        ({"sale_price": 0}, 9401054),
        ({"sale_price": -1}, 9401020),
        ({"sale_price": 88.5}, 9401020),
        ({"sale_price": "8800"}, 9401020),
        ({"sale_price": 1_000_000_000, "market_price": None}, 0),
        ({"sale_price": 1_000_000_001, "market_price": None}, 9401020),
        ({"market_price": 8800}, 9401055),
        ({"market_price": 8801}, 0),
        ({"market_price": None}, 0),
        ({"market_price": 1_000_000_001}, 9401020),
        ({"stock_num": None}, 9401020),
        ({"stock_num": 0}, 0),
        ({"stock_num": -1}, 9401020),
        ({"sku_code": "c" * 20}, 0),
        ({"sku_code": "c" * 21}, 9401020),
        ({"barcode": None}, 0),
        ({"sku_attrs": None}, 9401020),
        ({"sku_attrs": []}, 0),
        ({"sku_attrs": [{"attr_key": "键" * 40, "attr_value": "值" * 40}]}, 0),
        ({"sku_attrs": [{"attr_key": "键" * 41, "attr_value": "值"}]}, 9401020),
        ({"sku_attrs": [{"attr_key": "键", "attr_value": "值" * 41}]}, 9401020),
        ({"sku_attrs": [{"attr_key": "键", "attr_value": ""}]}, 9401020),
    ],
)
def test_sku_field(wechat, changes, errcode):
    fields = {"out_sku_id": "NEW", **changes}
    answer = ask(wechat, "sku/add", product_id=added(wechat), **sku_fields(**fields))
    assert answer["errcode"] == errcode


@pytest.mark.parametrize(("count", "errcode"), [(100, 0), (101, 9401020)])
def test_values_of_one_attribute(wechat, count, errcode):
    rows = [
        sku_fields(f"S{n}", out_product_id="TEA-7", sku_attrs=[{"attr_key": "色", "attr_value": f"{n}"}])
        for n in range(count)
    ]
    assert add(wechat, skus=rows)["errcode"] == errcode


def test_update_changes_the_draft_only(sim, wechat):
    product_id = listed(sim, wechat)
    answer = update_sku(wechat, product_id, first_sku(wechat, product_id), sale_price=7000)
    assert set(answer["data"]) == {"sku_id", "update_time"}
    prices = [skus(wechat, product_id, edit=edit)[0]["sale_price"] for edit in (1, 0)]
    assert prices == [7000, 8800]


def test_update_clears_what_it_leaves_out(wechat):
    product_id = added(wechat)
    update_sku(wechat, product_id, first_sku(wechat, product_id), sku_code=None, market_price=None)
    assert (skus(wechat, product_id)[0]["sku_code"], skus(wechat, product_id)[0]["market_price"]) == ("", 0)


def test_own_key_cannot_be_changed(wechat):
    product_id = added(wechat)
    update_sku(wechat, product_id, first_sku(wechat, product_id), out_sku_id="OTHER")
    assert skus(wechat, product_id)[0]["out_sku_id"] == "TEA-7-100"


def test_sku_of_another_product_is_unknown(wechat):
    sku_id = first_sku(wechat, added(wechat))
    other = added(wechat, out_product_id="TEA-8")
    assert update_sku(wechat, other, sku_id)["errcode"] == 9401006


@pytest.mark.parametrize("path", ["sku/update", "sku/update_price", "sku/del", "sku/get"])
def test_unknown_sku(wechat, path):
    assert ask(wechat, path, product_id=added(wechat), sku_id=5)["errcode"] == 9401006


@pytest.mark.parametrize("path", ["sku/update", "sku/update_price", "sku/del", "sku/get"])
def test_sku_must_be_named(wechat, path):
    assert ask(wechat, path, product_id=added(wechat))["errcode"] == 9401020


@pytest.mark.parametrize("path", ["sku/add", "sku/update", "sku/update_price", "sku/del", "sku/get_list"])
def test_sku_of_an_unknown_product(wechat, path):
    assert ask(wechat, path, product_id=5, sku_id=5)["errcode"] == 9401002


def test_list_of_skus_takes_the_number_only(wechat):
    added(wechat)
    answer = ask(wechat, "sku/get_list", out_product_id="TEA-7", need_edit_sku=1)
    assert answer["errcode"] == 9401020


def test_online_skus_of_what_was_never_online(wechat):
    assert ask(wechat, "sku/get_list", product_id=added(wechat))["errcode"] == 9401002


def test_online_sku_that_is_in_the_draft_only(sim, wechat):
    sku_id = add_sku(wechat, listed(sim, wechat))["data"]["sku_id"]
    assert ask(wechat, "sku/get", sku_id=sku_id)["errcode"] == 9401006


def test_removed_sku_stays_online_until_the_next_review(sim, wechat):
    product_id = listed(sim, wechat)
    add_sku(wechat, product_id)
    ask(wechat, "sku/del", product_id=product_id, out_sku_id="TEA-7-100")
    assert [sku["out_sku_id"] for sku in skus(wechat, product_id, edit=0)] == ["TEA-7-100"]
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert [sku["out_sku_id"] for sku in skus(wechat, product_id, edit=0)] == ["NEW"]


def test_draft_of_a_removed_sku_has_the_status_of_deleted_ones(sim, wechat):
    product_id = listed(sim, wechat)
    ask(wechat, "sku/del", product_id=product_id, out_sku_id="TEA-7-100")
    assert ask(wechat, "sku/get", out_sku_id="TEA-7-100", need_edit_sku=1)["data"]["status"] == 21


def test_key_of_a_removed_sku_is_free_once_it_is_nowhere(sim, wechat):
    product_id = listed(sim, wechat)
    add_sku(wechat, product_id)
    ask(wechat, "sku/del", product_id=product_id, out_sku_id="TEA-7-100")
    assert add_sku(wechat, product_id, "TEA-7-100")["errcode"] == 9401005
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert add_sku(wechat, product_id, "TEA-7-100")["errcode"] == 0


def test_price_on_sale_changes_both_copies_without_a_review(sim, wechat):
    product_id = listed(sim, wechat)
    answer = price(wechat, product_id, first_sku(wechat, product_id), sale_price=7900, market_price=9900)
    assert set(answer["data"]) == {"sku_id", "update_time"}
    assert [skus(wechat, product_id, edit=edit)[0]["sale_price"] for edit in (1, 0)] == [7900, 7900]
    assert draft(wechat, product_id)["edit_status"] == PASSED


def test_price_can_be_made_to_wait_for_a_review(sim, wechat):
    sim.settings(prices_at_once=False)
    product_id = listed(sim, wechat)
    price(wechat, product_id, first_sku(wechat, product_id), sale_price=7900)
    assert [skus(wechat, product_id, edit=edit)[0]["sale_price"] for edit in (1, 0)] == [7900, 8800]
    assert draft(wechat, product_id)["edit_status"] == EDITING


def test_price_off_sale_changes_the_draft_only(sim, wechat):
    product_id = listed(sim, wechat)
    ask(wechat, "spu/delisting", product_id=product_id)
    price(wechat, product_id, first_sku(wechat, product_id), sale_price=7900)
    assert [skus(wechat, product_id, edit=edit)[0]["sale_price"] for edit in (1, 0)] == [7900, 8800]


@pytest.mark.parametrize(
    ("prices", "errcode"),
    [
        ({}, 9401020),
        ({"sale_price": 0}, 9401054),
        ({"sale_price": 100, "market_price": 100}, 9401055),
        ({"sale_price": 100}, 0),
    ],
)
def test_price_rules(wechat, prices, errcode):
    product_id = added(wechat)
    assert price(wechat, product_id, first_sku(wechat, product_id), **prices)["errcode"] == errcode


def test_barcode_is_a_string_by_default(wechat):
    assert skus(wechat, added(wechat))[0]["barcode"] == "0690123456784"


def test_barcode_can_be_a_number_without_its_zeros(sim, wechat):
    sim.settings(barcode_as_number=True)
    assert skus(wechat, added(wechat))[0]["barcode"] == 690123456784


def test_thumbnail_may_be_any_of_wechats_links(wechat):
    assert add_sku(wechat, added(wechat), thumb_img=LINK)["errcode"] == 0
