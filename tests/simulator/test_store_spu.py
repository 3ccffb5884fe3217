"""Making, reading, listing and finding products of the Mini Store."""

import pytest

from tests.simulator.storefront import (
    DELETED,
    EDITING,
    NEW,
    ON_SALE,
    add,
    added,
    ask,
    draft,
    listed,
    online,
    sku_fields,
    skus,
    spu_fields,
    update,
)

DOCUMENTED = {
    "product_id",
    "out_product_id",
    "title",
    "sub_title",
    "head_img",
    "desc_info",
    "brand_id",
    "status",
    "edit_status",
    "min_price",
    "cats",
    "attrs",
    "model",
    "shopcat",
    "skus",
}


def test_add_answers_with_the_ids_and_a_time_in_beijing(wechat):
    answer = add(wechat)
    assert (answer["errcode"], answer["data"]["out_product_id"]) == (0, "TEA-7")
    assert answer["data"]["create_time"].startswith("2026-11-20 12:0")


def test_ids_are_beyond_what_javascript_counts_exactly(wechat):
    assert added(wechat) > 2**53


def test_new_product_is_a_draft_that_was_never_online(wechat):
    spu = draft(wechat, added(wechat))
    assert (spu["status"], spu["edit_status"]) == (NEW, EDITING)


def test_what_was_sent_is_in_the_draft(wechat):
    sent = spu_fields(wechat)
    spu = draft(wechat, ask(wechat, "spu/add", **sent)["data"]["product_id"])
    names = ["title", "sub_title", "head_img", "desc_info", "brand_id", "cats", "attrs", "model"]
    assert [spu[name] for name in names] == [sent[name] for name in names]


def test_read_product_has_the_documented_fields(wechat):
    assert set(draft(wechat, added(wechat))) == DOCUMENTED


def test_undocumented_fields_can_be_switched_on(sim, wechat):
    sim.settings(undocumented_fields=True)
    assert set(draft(wechat, added(wechat))) - DOCUMENTED == {"express_info", "product_type"}


def test_read_product_names_its_skus_by_id_only(wechat):
    product_id = added(wechat)
    ids = [{"sku_id": sku["sku_id"]} for sku in skus(wechat, product_id)]
    assert draft(wechat, product_id)["skus"] == ids != []


def test_lowest_price_is_that_of_the_cheapest_sku(wechat):
    product_id = added(wechat)
    ask(wechat, "sku/add", product_id=product_id, **sku_fields("CHEAP", sale_price=100))
    assert draft(wechat, product_id)["min_price"] == 100


def test_product_without_skus_costs_nothing(wechat):
    assert draft(wechat, added(wechat, skus=None))["min_price"] == 0


def test_product_is_found_by_its_own_key(wechat):
    product_id = added(wechat)
    answer = ask(wechat, "spu/get", out_product_id="TEA-7", need_edit_spu=1)
    assert answer["data"]["spu"]["product_id"] == product_id


def test_quoted_id_is_taken(wechat):
    answer = ask(wechat, "spu/get", product_id=str(added(wechat)), need_edit_spu=1)
    assert answer["errcode"] == 0


def test_of_contradicting_ids_the_number_wins(wechat):
    first, _ = added(wechat), added(wechat, out_product_id="TEA-8")
    answer = ask(wechat, "spu/get", product_id=first, out_product_id="TEA-8", need_edit_spu=1)
    assert answer["data"]["spu"]["product_id"] == first


def test_own_key_in_use(wechat):
    added(wechat)
    assert add(wechat)["errcode"] == 9401001


def test_own_key_is_free_in_another_account(wechat, other):
    added(wechat)
    assert add(other)["errcode"] == 0


def test_product_of_another_account_is_unknown(wechat, other):
    assert ask(other, "spu/get", product_id=added(wechat), need_edit_spu=1)["errcode"] == 9401002


@pytest.mark.parametrize("path", ["spu/get", "spu/update", "spu/del", "spu/listing", "spu/delisting"])
def test_unknown_product(wechat, path):
    assert ask(wechat, path, product_id=123)["errcode"] == 9401002


@pytest.mark.parametrize("path", ["spu/get", "spu/update", "spu/del", "spu/listing", "spu/delisting"])
def test_product_must_be_named(wechat, path):
    assert ask(wechat, path)["errcode"] == 9401020


@pytest.mark.parametrize("product_id", [1.5, True, [], "12a", "9" * 5000, -1])
def test_id_that_is_none(wechat, product_id):
    assert ask(wechat, "spu/get", product_id=product_id)["errcode"] in (9401002, 9401020)


def test_own_key_as_a_number_is_no_key(wechat):
    assert ask(wechat, "spu/get", out_product_id=7)["errcode"] == 9401020


def test_add_needs_an_own_key(wechat):
    assert add(wechat, out_product_id=None, skus=None)["errcode"] == 9401020


def test_update_replaces_the_draft(wechat):
    product_id = added(wechat)
    answer = update(wechat, product_id, title="山野白茶 礼盒", desc_info={"imgs": []}, model=None)
    spu = draft(wechat, product_id)
    assert answer["data"]["update_time"].startswith("2026-11-20 12:0")
    assert (spu["title"], spu["desc_info"], spu["model"]) == ("山野白茶 礼盒", {"imgs": []}, "")


def test_update_leaves_the_online_copy_alone(sim, wechat):
    product_id = listed(sim, wechat)
    update(wechat, product_id, title="山野白茶 礼盒")
    assert online(wechat, product_id)["title"] == "山野白茶 2026春 罐装"


def test_online_copy_of_what_never_went_online_is_unknown(wechat):
    assert ask(wechat, "spu/get", product_id=added(wechat))["errcode"] == 9401002


def test_deleted_product_is_gone(wechat):
    product_id = added(wechat)
    assert ask(wechat, "spu/del", product_id=product_id) == {"errcode": 0, "errmsg": "ok"}
    assert ask(wechat, "spu/del", product_id=product_id)["errcode"] == 9401002


def test_row_of_a_deleted_product_stays(sim, wechat):
    product_id = listed(sim, wechat)
    ask(wechat, "spu/del", product_id=product_id)
    answer = ask(wechat, "spu/get_list", status=DELETED, page=1, page_size=10)
    assert [row["product_id"] for row in answer["spus"]] == [product_id]


def test_keys_of_a_deleted_product_are_free_again(wechat):
    ask(wechat, "spu/del", product_id=added(wechat))
    assert add(wechat)["errcode"] == 0


def test_list_shows_online_data_by_default(sim, wechat):
    product_id = listed(sim, wechat)
    update(wechat, product_id, title="山野白茶 礼盒")
    answer = ask(wechat, "spu/get_list", status=ON_SALE, page=1, page_size=10)
    assert [row["title"] for row in answer["spus"]] == ["山野白茶 2026春 罐装"]


def test_list_shows_drafts_by_online_status(sim, wechat):
    product_id = listed(sim, wechat)
    update(wechat, product_id, title="山野白茶 礼盒")
    answer = ask(wechat, "spu/get_list", status=ON_SALE, page=1, page_size=10, need_edit_spu=1)
    assert [(row["title"], row["edit_status"]) for row in answer["spus"]] == [("山野白茶 礼盒", EDITING)]


def test_list_of_what_was_never_online_has_drafts_only(wechat):
    added(wechat)
    answers = [
        ask(wechat, "spu/get_list", status=NEW, page=1, page_size=10, need_edit_spu=edit) for edit in (0, 1)
    ]
    assert [answer["total_num"] for answer in answers] == [0, 1]


def test_list_rows_have_the_page_of_the_product(wechat):
    product_id = added(wechat)
    answer = ask(wechat, "spu/get_list", status=NEW, page=1, page_size=10, need_edit_spu=1)
    assert answer["spus"][0]["path"].endswith(f"productDetail?productId={product_id}")


def test_list_comes_in_pages(wechat):
    ids = [added(wechat, out_product_id=f"TEA-{number}") for number in range(5)]
    pages = [
        ask(wechat, "spu/get_list", status=NEW, page=page, page_size=2, need_edit_spu=1) for page in (1, 2, 3)
    ]
    assert [row["product_id"] for page in pages for row in page["spus"]] == ids
    assert {page["total_num"] for page in pages} == {5}


@pytest.mark.parametrize(
    "changes",
    [
        {"status": None},
        {"status": 7},
        {"page": 0},
        {"page": None},
        {"page_size": 0},
        {"page_size": 301},
        {"page_size": None},
        {"need_edit_spu": 2},
        {"source": 3},
    ],
)
def test_list_with_a_wrong_parameter(wechat, changes):
    query = {"status": 5, "page": 1, "page_size": 300, **changes}
    assert ask(wechat, "spu/get_list", **query)["errcode"] == 9401020


def test_goods_of_others_are_not_here(sim, wechat):
    listed(sim, wechat)
    assert ask(wechat, "spu/get_list", status=5, page=1, page_size=9, source=16)["spus"] == []


def test_empty_list_may_be_missing(sim, wechat):
    sim.settings(omit_empty_spus=True)
    answer = ask(wechat, "spu/get_list", status=5, page=1, page_size=9)
    assert answer == {"errcode": 0, "errmsg": "ok", "total_num": 0}


def test_search_finds_what_is_on_sale_by_its_title(sim, wechat):
    product_id = listed(sim, wechat)
    added(wechat, out_product_id="TEA-8")
    answer = ask(wechat, "spu/search", keyword="白茶", source=1, page=1, page_size=10)
    assert [row["product_id"] for row in answer["spus"]] == [product_id]
    assert "total_num" not in answer


@pytest.mark.parametrize(
    ("changes", "found"), [({"keyword": "咖啡"}, 0), ({"source": 2}, 0), ({"status": 0}, 0), ({}, 1)]
)
def test_search_finds_only_what_it_can(sim, wechat, changes, found):
    listed(sim, wechat)
    query = {"keyword": "罐装", "source": 1, "page": 1, "page_size": 10, **changes}
    assert len(ask(wechat, "spu/search", **query)["spus"]) == found


@pytest.mark.parametrize(
    "changes", [{"keyword": ""}, {"source": 3}, {"source": None}, {"page": 0}, {"page_size": 10_001}]
)
def test_search_with_a_wrong_parameter(wechat, changes):
    query = {"keyword": "茶", "source": 1, "page": 1, "page_size": 10, **changes}
    assert ask(wechat, "spu/search", **query)["errcode"] == 9401020
