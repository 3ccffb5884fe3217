"""What each field of a product may hold, and which code answers when it does not."""

import pytest

from tests.simulator.storefront import (
    LINK,
    add,
    added,
    ask,
    category,
    draft,
    listed,
    sku_fields,
    spu_fields,
    update,
    white_tea,
)

YEAR = 365 * 24 * 3600
FORMS = [
    "https://store.mp.video.tencent-cloud.com/161/20304/snscosdownload/x",
    "http://mmbizurl.cn/p/abc",
    "https://mmecimage.cn/p/wx0123456789abcdef/abc",
]
BAD_LINKS = [
    "",
    "https://example.com/a.jpg",
    "mmecimage.cn/p/a",
    "https://mmecimage.cn/q/a",
    "http://[",
    "ftp://mmecimage.cn/p/a",
]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"title": ""}, 9401035),
        ({"title": None}, 9401035),
        ({"title": "茶" * 60}, 0),
        ({"title": "茶" * 61}, 9401036),
        ({"title": 5}, 9401020),
        ({"sub_title": "茶" * 18}, 0),
        ({"sub_title": "茶" * 19}, 9401039),
        ({"sub_title": None}, 0),
        ({"head_img": []}, 9401037),
        ({"head_img": None}, 9401037),
        ({"head_img": [LINK] * 9}, 0),
        ({"head_img": [LINK] * 10}, 9401038),
        ({"head_img": LINK}, 9401020),
        ({"desc_info": {"imgs": [LINK] * 20}}, 0),
        ({"desc_info": {"imgs": [LINK] * 21}}, 9401040),
        ({"desc_info": None}, 0),
        ({"desc_info": []}, 9401020),
        ({"brand_id": None}, 9401020),
        ({"brand_id": 5}, 9401020),
        ({"attrs": None}, 9401020),
        ({"attrs": []}, 0),
        ({"attrs": [{"attr_key": "产地"}]}, 9401020),
        ({"model": None}, 0),
        ({"model": 5}, 9401020),
        ({"product_type": 3}, 9401020),
        ({"product_type": None}, 0),
        ({"express_info": None}, 9401034),
        ({"express_info": {"template_id": 1}}, 9401034),
        ({"skus": []}, 0),
        ({"skus": {}}, 9401020),
    ],
)
def test_product_field(wechat, changes, errcode):
    assert add(wechat, **changes)["errcode"] == errcode


@pytest.mark.parametrize("link", FORMS)
def test_picture_links_of_wechat(wechat, link):
    assert add(wechat, head_img=[link], desc_info={"imgs": [link]})["errcode"] == 0


@pytest.mark.parametrize("link", BAD_LINKS)
def test_other_main_pictures(wechat, link):
    assert add(wechat, head_img=[link])["errcode"] == 9401050


@pytest.mark.parametrize("link", BAD_LINKS)
def test_other_detail_pictures(wechat, link):
    assert add(wechat, desc_info={"imgs": [link]})["errcode"] == 9401050


@pytest.mark.parametrize("levels", [[], [1, 2], [1, 2, 2], [1, 2, 3, 3], [0, 1, 2], ["1", "2", "3"]])
def test_categories_have_three_levels(wechat, levels):
    ids = [cat["cat_id"] for cat in white_tea(wechat)]
    cats = [{"cat_id": ids[number % 3], "level": level} for number, level in enumerate(levels)]
    assert ask(wechat, "spu/add", **spu_fields(wechat) | {"cats": cats})["errcode"] == 9401026


def test_categories_are_of_one_branch(wechat):
    cats = white_tea(wechat)[:2] + category(wechat, "食品饮料", "咖啡", "咖啡豆")[2:]
    assert add(wechat, cats=cats)["errcode"] == 9401032


def test_category_without_qualification(wechat):
    levels = category(wechat, "医药保健", "保健食品")
    cats = [*levels, {"cat_id": levels[1]["cat_id"] + 1, "level": 3}]
    assert add(wechat, cats=cats)["errcode"] == 9401033


def test_brand_goes_with_its_own_branch(wechat):
    row = next(
        row
        for row in ask(wechat, "brand/get")["brands"]
        if row["third_cat_id"] == white_tea(wechat)[2]["cat_id"]
    )
    assert add(wechat, brand_id=row["brand_info"]["brand_id"])["errcode"] == 0


def test_brand_does_not_go_with_another_branch(wechat):
    row = ask(wechat, "brand/get")["brands"][0]
    cats = category(wechat, "食品饮料", "咖啡", "咖啡豆")
    assert add(wechat, brand_id=row["brand_info"]["brand_id"], cats=cats)["errcode"] == 100010


def coupon(**valid):
    return {"product_type": 2, "couponcode_info": {"verify_type": 0, "valid_info": valid}}


@pytest.mark.parametrize("days", [1, 365])
def test_coupon_valid_for_days(wechat, days):
    assert add(wechat, **coupon(valid_type=2, valid_day_num=days))["errcode"] == 0


def test_coupon_days_under_their_misprinted_name(wechat):
    assert add(wechat, **coupon(valid_type=2, valid_day_A=30))["errcode"] == 0


def test_coupon_valid_for_a_period(sim, wechat):
    now = int(sim.now())
    assert add(wechat, **coupon(valid_type=1, start_time=now, end_time=now + YEAR))["errcode"] == 0


def test_coupon_period_of_more_than_a_year(sim, wechat):
    now = int(sim.now())
    answer = add(wechat, **coupon(valid_type=1, start_time=now, end_time=now + YEAR + 60))
    assert answer["errcode"] == 110112


@pytest.mark.parametrize(
    ("valid", "errcode"),
    [
        ({"valid_type": 2, "valid_day_num": 366}, 110112),
        ({"valid_type": 2, "valid_day_num": 0}, 110111),
        ({"valid_type": 2}, 110111),
        ({"valid_type": 1, "start_time": 5}, 110111),
        ({"valid_type": 1, "start_time": 5, "end_time": 5}, 110111),
        ({"valid_type": 3}, 110111),
        ({}, 110111),
    ],
)
def test_coupon_validity(wechat, valid, errcode):
    assert add(wechat, **coupon(**valid))["errcode"] == errcode


@pytest.mark.parametrize(
    "info", [None, 5, {}, {"verify_type": 2, "valid_info": {"valid_type": 2, "valid_day_num": 1}}]
)
def test_coupon_goods_need_their_rules(wechat, info):
    assert add(wechat, product_type=2, couponcode_info=info)["errcode"] == 110111


def test_coupon_rules_of_ordinary_goods_are_not_looked_at(wechat):
    assert add(wechat, couponcode_info={"verify_type": 9})["errcode"] == 0


@pytest.mark.parametrize("kind", [2, 3])
def test_product_type_cannot_change(wechat, kind):
    changes = coupon(valid_type=2, valid_day_num=30) | {"product_type": kind}
    assert update(wechat, added(wechat), **changes)["errcode"] == 9401020


def test_product_type_left_out_is_the_ordinary_one(wechat):
    product_id = added(wechat, **coupon(valid_type=2, valid_day_num=30))
    assert update(wechat, product_id, product_type=None)["errcode"] == 9401020


def test_update_asks_the_same_rules_as_add(wechat):
    assert update(wechat, added(wechat), title="")["errcode"] == 9401035


def test_refused_update_changes_nothing(sim, wechat):
    product_id = listed(sim, wechat)
    before = draft(wechat, product_id)
    update(wechat, product_id, title="另一个标题", express_info={"template_id": 1})
    assert draft(wechat, product_id) == before


def test_refused_add_makes_nothing(sim, wechat):
    add(wechat, skus=[sku_fields(out_product_id="TEA-7", sale_price=0)])
    assert sim.spus() == []


ORDER = [
    ({"title": ""}, 9401035),
    ({"sub_title": "茶" * 19}, 9401039),
    ({"head_img": []}, 9401037),
    ({"desc_info": {"imgs": [LINK] * 21}}, 9401040),
    ({"desc_info": {"imgs": ["x"]}}, 9401050),
    ({"cats": [{"cat_id": 1, "level": 1}]}, 9401026),
    ({"express_info": {}}, 9401034),
    ({"product_type": 2}, 110111),
    ({"skus": [sku_fields("S", out_product_id="TEA-7", sale_price=0)]}, 9401054),
]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_first_mistake_in_wechats_order_is_answered(wechat, first):
    changes = {name: value for change, _ in reversed(ORDER[first:]) for name, value in change.items()}
    assert add(wechat, **changes)["errcode"] == ORDER[first][1]


def test_taken_key_is_answered_before_any_field(wechat):
    added(wechat)
    assert add(wechat, title="")["errcode"] == 9401001


def test_running_review_is_answered_before_any_field(wechat):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    assert update(wechat, product_id, title="", product_type=2)["errcode"] == 9401023
