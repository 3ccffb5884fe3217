"""What a Mini Store chooses from: categories, brands, shelf; and what it says of itself."""

import pytest

from tests.simulator.storefront import ask, category


def children(wechat, parent):
    return ask(wechat, "category/get", f_cat_id=parent)["cat_list"]


def test_tree_is_read_level_by_level(wechat):
    root = children(wechat, 0)[0]
    assert root["f_cat_id"] == 0
    assert {row["f_cat_id"] for row in children(wechat, root["cat_id"])} == {root["cat_id"]}


@pytest.mark.parametrize(
    "names",
    [
        ("服饰内衣", "男装", "T恤"),
        ("服饰内衣", "女装", "外套"),
        ("鞋靴箱包", "男鞋", "运动鞋"),
        ("手机通讯", "手机", "智能手机"),
        ("电脑办公", "电脑整机", "笔记本"),
        ("电脑办公", "电脑配件", "硬盘"),
        ("家用电器", "大家电", "电视"),
        ("家用电器", "厨卫大电", "热水器"),
        ("食品饮料", "茶叶", "白茶"),
    ],
)
def test_general_catalogue_finds_its_place(wechat, names):
    assert [cat["level"] for cat in category(wechat, *names)] == [1, 2, 3]


def test_branch_that_needs_a_qualification_shows_no_children(wechat):
    levels = category(wechat, "医药保健", "保健食品")
    assert children(wechat, levels[1]["cat_id"]) == []


def test_third_level_has_no_children(wechat):
    assert children(wechat, category(wechat, "食品饮料", "茶叶", "白茶")[2]["cat_id"]) == []


@pytest.mark.parametrize("body", [{}, {"f_cat_id": [1]}])
def test_parent_must_be_named(wechat, body):
    assert ask(wechat, "category/get", **body)["errcode"] == 9401020


def test_category_ids_are_unique(wechat):
    seen, todo = [], [0]
    while todo:
        rows = children(wechat, todo.pop())
        seen += [row["cat_id"] for row in rows]
        if len(seen) > 400:
            break
        todo += [row["cat_id"] for row in rows if row["cat_id"] % 10 == 0]
    assert len(seen) == len(set(seen)) > 100


def test_brand_has_a_row_for_every_branch(wechat):
    rows = ask(wechat, "brand/get")["brands"]
    branches = [row["third_cat_id"] for row in rows if row["brand_info"]["brand_name"] == "小米"]
    assert len(branches) == len(set(branches)) > 1


def test_brand_branches_are_in_the_tree(wechat):
    row = ask(wechat, "brand/get")["brands"][0]
    found = [child["cat_id"] for child in children(wechat, row["second_cat_id"])]
    assert row["third_cat_id"] in found


def test_shelf_categories_have_parents_and_levels(wechat):
    rows = ask(wechat, "store/get_shopcat")["shopcat_list"]
    assert {row["cat_level"] for row in rows} == {1, 2}
    ids = {row["shopcat_id"] for row in rows} | {0}
    assert all(row["f_shopcat_id"] in ids for row in rows)


def test_store_says_its_name_logo_and_kind(wechat):
    data = ask(wechat, "store/get_info")["data"]
    assert (data["store_name"], data["type"]) == ("演示小商店", 1)
    assert data["logo"].startswith("https://mmecimage.cn/p/wx0123456789abcdef/")


def test_interface_without_parameters_still_wants_an_object(wechat):
    assert wechat.raw_post("/product/store/get_info", b"").json()["errcode"] == 44002
