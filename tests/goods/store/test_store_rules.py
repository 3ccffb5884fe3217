"""Every limit of WeChat's for products and SKUs: told here before it is sent, and refused there if it is."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from audits.operations import Operation
from goods.models import Sku, Spu
from goods.store import rules
from goods.store.choices import CouponValid, ProductType
from goods.store.wire import BEIJING
from shopadmin.wechat.client import client_for
from shopadmin.wechat.errors import WeChatError
from shopadmin.wechat.mini_store.images import is_wechat_image

NOON = dt.datetime(2026, 8, 1, 12, 0, tzinfo=BEIJING)
TODAY = NOON.date()


def sku(**fields) -> Sku:
    values = {"out_sku_id": "A", "sale_price": Decimal("9"), "stock": 1, "attrs": [["尺码", "M"]]} | fields
    return Sku(**values)


def wrong(sku: Sku) -> set[str]:
    return {field for field, _text in rules.sku_problems(sku)}


# --- texts ---


@pytest.mark.parametrize(("title", "fine"), [("", False), (" ", False), ("茶", True), ("茶" * 60, True)])
def test_a_title_has_at_least_one_character(title, fine):
    assert (not list(rules.title_problems(title))) == fine


@pytest.mark.parametrize("character", ["茶", "a", "😀"])
def test_every_character_of_a_title_counts_one(character):
    assert not list(rules.title_problems(character * 60))
    assert list(rules.title_problems(character * 61))


def test_a_title_that_is_too_long_says_by_how_much():
    assert "61" in next(rules.title_problems("茶" * 61))


@pytest.mark.parametrize(("length", "fine"), [(0, True), (18, True), (19, False)])
def test_a_sub_title_has_at_most_18_characters(length, fine):
    assert (not list(rules.sub_title_problems("茶" * length))) == fine


# --- pictures ---


@pytest.mark.parametrize(("count", "fine"), [(0, False), (1, True), (9, True), (10, False)])
def test_one_to_nine_main_pictures(count, fine):
    assert (not list(rules.picture_problems(range(count), []))) == fine


@pytest.mark.parametrize(("count", "fine"), [(0, True), (20, True), (21, False)])
def test_at_most_twenty_detail_pictures(count, fine):
    assert (not list(rules.picture_problems([1], range(count)))) == fine


@pytest.mark.parametrize(
    ("link", "fine"),
    [
        ("https://mmecimage.cn/p/wx01/abc", True),
        ("http://mmecimage.cn/p/wx01/abc", True),
        ("https://mmbizurl.cn/p/abc", True),
        ("https://store.mp.video.tencent-cloud.com/anything", True),
        ("https://mmecimage.cn/q/abc", False),
        ("https://mmecimage.cn.evil.example/p/abc", False),
        ("https://evil.example/mmecimage.cn/p/abc", False),
        ("https://user@mmecimage.cn@evil.example/p/a", False),
        ("ftp://mmecimage.cn/p/abc", False),
        ("//mmecimage.cn/p/abc", False),
        ("mmecimage.cn/p/abc", False),
        ("https://[broken/p/abc", False),
        ("", False),
    ],
)
def test_only_links_to_wechats_own_pictures_may_be_sent(link, fine):
    assert is_wechat_image(link) == fine


# --- category ---


@pytest.mark.parametrize(
    ("cats", "fine"),
    [([], False), (["1"], False), (["1", "2"], False), (["1", "2", ""], False), (["1", "2", "3"], True),
     (["1", "2", "3", "4"], False)],
)  # fmt: skip
def test_a_category_has_three_levels(cats, fine):
    assert (not list(rules.cats_problems(cats))) == fine


# --- attributes ---


@pytest.mark.parametrize(
    ("attrs", "fine"),
    [
        ([], True),
        ([["颜" * 40, "白" * 40]], True),
        ([["颜" * 41, "白"]], False),
        ([["颜色", "白" * 41]], False),
        ([["颜色", ""]], False),
        ([["", "白"]], False),
        ([["颜色", "白"], ["颜色", "黑"]], False),
        ([["颜色", "白"], ["尺码", "M"]], True),
    ],
)
def test_attributes_have_a_name_and_a_value_of_at_most_40_characters(attrs, fine):
    assert (not list(rules.attr_problems(attrs))) == fine


# --- SKUs ---


@pytest.mark.parametrize(
    ("number", "fine"),
    [("", False), ("A" * 32, True), ("A" * 33, False), ("中文", False), ("A B", False), ("TEE-1_x.y", True)],
)
def test_our_numbers_have_at_most_32_characters(number, fine):
    assert ("out_sku_id" not in wrong(sku(out_sku_id=number))) == fine


def test_the_number_of_a_sku_from_the_console_is_not_asked_for():
    assert wrong(sku(out_sku_id="", sku_id="77")) == set()


@pytest.mark.parametrize(
    ("price", "fine"),
    [(None, False), ("0", False), ("-1", False), ("0.01", True), ("10000000", True), ("10000000.01", False)],
)
def test_a_price_is_from_one_fen_to_ten_million_yuan(price, fine):
    assert ("sale_price" not in wrong(sku(sale_price=price and Decimal(price)))) == fine


@pytest.mark.parametrize(
    ("market", "fine"),
    [(None, True), ("9", False), ("8.99", False), ("9.01", True), ("10000000", True), ("10000000.01", False)],
)
def test_a_market_price_is_above_the_selling_price(market, fine):
    assert ("market_price" not in wrong(sku(market_price=market and Decimal(market)))) == fine


@pytest.mark.parametrize(
    ("stock", "fine"), [(None, False), (-1, False), (0, True), (10_000_000, True), (10_000_001, False)]
)
def test_a_stock_is_a_number_of_pieces(stock, fine):
    assert ("stock" not in wrong(sku(stock=stock))) == fine


@pytest.mark.parametrize(("length", "fine"), [(0, True), (20, True), (21, False)])
def test_an_article_number_has_at_most_20_characters(length, fine):
    assert ("sku_code" not in wrong(sku(sku_code="A" * length))) == fine


def test_what_is_to_be_removed_may_be_wrong():
    assert sku(removed=True, sale_price=None).problems() == {}


def test_a_product_has_at_least_one_sku():
    assert list(rules.together_problems([]))


def test_all_skus_have_the_same_attributes_in_the_same_order():
    pair = [["颜色", "白"], ["尺码", "M"]]
    assert list(rules.together_problems([sku(attrs=pair), sku(out_sku_id="B", attrs=pair[::-1])]))


def test_no_two_skus_are_alike():
    assert list(rules.together_problems([sku(), sku(out_sku_id="B")]))


def test_no_two_skus_have_the_same_number():
    assert list(rules.together_problems([sku(), sku(attrs=[["尺码", "L"]])]))


@pytest.mark.parametrize(("count", "fine"), [(100, True), (101, False)])
def test_an_attribute_has_at_most_100_values(count, fine):
    skus = [sku(out_sku_id=f"N{n}", attrs=[["尺码", f"{n}"]]) for n in range(count)]
    assert (not list(rules.together_problems(skus))) == fine


# --- coupon codes ---


def coupon_problems(**fields) -> set[str]:
    values = {
        "product_type": ProductType.COUPON, "coupon_verify_type": 0, "coupon_valid_type": CouponValid.DAYS,
        "coupon_days": 30, "coupon_start": None, "coupon_end": None,
    } | fields  # fmt: skip
    with time_machine.travel(NOON, tick=False):
        return {field for field, _text in rules.coupon_problems(SimpleNamespace(**values))}


def period(start: int | None, end: int | None) -> dict:
    days = {"coupon_start": start, "coupon_end": end}
    return {"coupon_valid_type": CouponValid.PERIOD} | {
        name: None if ahead is None else TODAY + dt.timedelta(days=ahead) for name, ahead in days.items()
    }


def test_goods_to_be_shipped_need_no_validity():
    assert coupon_problems(product_type=ProductType.PHYSICAL, coupon_days=None) == set()


@pytest.mark.parametrize(("days", "fine"), [(None, False), (0, False), (1, True), (365, True), (366, False)])
def test_a_coupon_code_is_valid_for_1_to_365_days(days, fine):
    assert (coupon_problems(coupon_days=days) == set()) == fine


@pytest.mark.parametrize("field", ["coupon_verify_type", "coupon_valid_type"])
@pytest.mark.parametrize("value", [None, 7])
def test_how_a_coupon_code_is_redeemed_has_to_be_chosen(field, value):
    assert coupon_problems(**{field: value}) == {field}


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (0, 0, set()),
        (-5, 10, set()),
        (0, 364, set()),
        (0, 365, {"coupon_end"}),
        (5, 4, {"coupon_end"}),
        (-9, -1, {"coupon_end"}),
        (None, 4, {"coupon_start"}),
        (0, None, {"coupon_end"}),
    ],
)
def test_a_period_ends_within_365_days(start, end, found):
    assert coupon_problems(**period(start, end)) == found


# --- what we let pass, WeChat takes; what we do not, it refuses ---


LIMITS = {
    "title": (["茶" * 60, "a"], ["茶" * 61], {9401036}),
    "sub_title": (["茶" * 18, ""], ["茶" * 19], {9401039}),
}


@pytest.mark.parametrize("field", LIMITS)
def test_the_longest_text_that_we_let_pass_is_taken(make_spu, send, field):
    for text in LIMITS[field][0]:
        spu = make_spu(**{field: text})
        send("add", spu)
        assert (spu.errcode, bool(spu.product_id)) == (0, True)


@pytest.mark.parametrize("field", LIMITS)
def test_what_we_do_not_let_pass_would_be_refused(make_spu, account, template, field):
    for text in LIMITS[field][1]:
        spu = make_spu(**{field: text})
        assert field in spu.problems()
        body = {
            "out_product_id": "X", "title": "茶", "sub_title": "", "attrs": [], "brand_id": 2100000000,
            "head_img": ["https://mmecimage.cn/p/a/b"], "desc_info": {"imgs": []},
            "cats": [{"cat_id": int(cat), "level": level} for level, cat in enumerate(spu.cats, 1)],
            "express_info": {"template_id": int(template.template_id)},
        }  # fmt: skip
        with pytest.raises(WeChatError) as refusal:
            client_for(account).mini_store.spu.add(body | {field: text})
        assert refusal.value.errcode in LIMITS[field][2]


@pytest.mark.parametrize("operation", [Operation.ADD, Operation.UPDATE, Operation.LIST])
def test_what_is_wrong_is_not_sent(make_spu, added, operation):
    spu = make_spu() if operation is Operation.ADD else added()
    spu.title = "茶" * 61
    plan = spu.plan(operation)
    assert not plan.sends and "61" in str(plan.reason)


def test_without_a_template_nothing_is_sent(make_spu):
    assert "freight_template" in make_spu(freight_template=None).problems()


def test_a_template_that_wechat_does_not_have_is_to_be_sent_first(make_spu, template):
    type(template).objects.update(template_id="")
    assert "freight_template" in make_spu(freight_template=type(template).objects.get()).problems()


def test_the_kind_of_product_cannot_change_once_it_is_there(added):
    spu = added()
    spu.product_type = ProductType.COUPON
    with pytest.raises(Exception, match="product_type"):
        spu.clean()


def test_a_list_knows_what_is_to_be_corrected(make_spu):
    spu = make_spu(title="茶" * 61)
    assert Spu.objects.get(pk=spu.pk).faulty


@given(st.text(max_size=200))
def test_any_text_is_judged_by_its_characters(text):
    assert bool(list(rules.sub_title_problems(text))) == (len(text) > 18)
