"""WeChat's rules for the fields of live goods, against the document and against a WeChat that checks them."""

import string
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from goods.live import plans, wire
from goods.live.rules import appid_problems, name_problems, name_units, price_problems, url_problems
from goods.models import LiveGoods
from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.rules import live_fields
from shopadmin.simulator.wire import Refusal

prices = st.decimals(Decimal("0.01"), Decimal("9999999999.99"), places=2)


def good_name(name: str) -> bool:
    return not list(name_problems(name))


def good_url(url: str) -> bool:
    return not list(url_problems(url))


def wrong_price_fields(*price) -> list[str]:
    return [field for field, _ in price_problems(*price)]


# --- names ---


@pytest.mark.parametrize(
    ("name", "units"), [("", 0), ("abc", 3), ("咖啡", 4), ("咖啡250g", 8), ("（大）", 6), ("é", 2)]
)
def test_a_chinese_character_counts_two_and_a_letter_one(name, units):
    assert name_units(name) == units


@given(st.text(), st.text())
def test_units_add_up(first, second):
    assert name_units(first + second) == name_units(first) + name_units(second)


@pytest.mark.parametrize("name", ["咖" * 14, "a" * 28, "咖啡豆", "abcdef", "咖啡250g 袋装", "NO.1咖啡豆"])
def test_names_within_the_limits_are_good(name):
    assert good_name(name)


@pytest.mark.parametrize(
    "name", ["咖" * 15, "咖" * 14 + "a", "a" * 29, "咖啡", "abcde", "", "      ", "123456789"]
)
def test_names_beyond_the_limits_are_not(name):
    assert not good_name(name)


@pytest.mark.parametrize("name", [" 云南小粒咖啡", "云南小粒咖啡 ", "云南小粒咖啡\u3000", "云南小粒\n咖啡"])
def test_spaces_around_a_name_and_line_breaks_are_not_good(name):
    assert not good_name(name)


@pytest.mark.parametrize(
    "name", ["云南咖啡😀", "云南咖啡❤️", "云南咖啡\u200b", "云南\x00咖啡", "1️⃣号咖啡豆", "云南\u2028咖啡"]
)
def test_emoji_and_invisible_characters_are_not_good(name):
    assert not good_name(name)


@pytest.mark.parametrize("name", ["37℃恒温杯垫", "10㎡地毯垫子", "40°恒温杯垫"])
def test_units_of_measure_are_no_emoji(name):
    assert good_name(name)


@given(st.text())
def test_a_good_name_is_one_that_wechat_takes(name):
    if good_name(name):
        live_fields.check_name(name, Settings())


@given(st.text())
def test_any_name_gets_an_answer_in_words(name):
    assert all(isinstance(message, str) and message for message in name_problems(name))


# --- prices ---


@given(prices)
def test_one_price_needs_no_second(price):
    assert wrong_price_fields(1, price, None) == []


@given(prices, prices)
def test_a_range_goes_from_low_to_high(low, high):
    assert (wrong_price_fields(2, low, high) == []) == (low < high)


@given(prices, prices)
def test_a_discount_goes_from_high_to_low(original, present):
    assert (wrong_price_fields(3, original, present) == []) == (original > present)


@pytest.mark.parametrize("price_type", [2, 3])
def test_two_prices_are_needed_where_two_are_shown(price_type):
    assert wrong_price_fields(price_type, Decimal(5), None) == ["price2"]


@pytest.mark.parametrize("price_type", [1, 2, 3])
@pytest.mark.parametrize("price", [None, Decimal(0), Decimal(-1)])
def test_a_first_price_is_needed(price_type, price):
    assert "price" in wrong_price_fields(price_type, price, Decimal("0.01"))


@pytest.mark.parametrize("price_type", [None, 0, 4])
def test_only_the_documented_kinds_of_price_exist(price_type):
    assert wrong_price_fields(price_type, Decimal(5), None) == ["price_type"]


@given(st.sampled_from([1, 2, 3]), prices, st.none() | prices)
def test_good_prices_are_those_that_wechat_takes(price_type, price, price2):
    goods = LiveGoods(price_type=price_type, price=price, price2=price2)
    info = wire.goods_info(goods, wire.PRICES)
    first, second = (None if info.get(f) is None else Decimal(str(info[f])) for f in ("price", "price2"))
    try:
        live_fields.check_prices(price_type, first, second)
    except Refusal:
        assert wrong_price_fields(price_type, price, price2)
    else:
        assert not wrong_price_fields(price_type, price, price2)


@given(prices)
def test_a_price_on_the_wire_is_exact_to_the_fen(price):
    assert Decimal(str(wire.yuan(price))) == price


@given(prices)
def test_a_price_that_comes_back_in_fen_counts_as_the_same(price):
    assert plans.same_price(price, price * 100) and plans.same_price(price, str(price))


@given(prices, prices)
def test_other_prices_are_not_the_same(ours, theirs):
    assert plans.same_price(ours, theirs) == (theirs in (ours, ours * 100))


@pytest.mark.parametrize("nothing", [None, "", 0, "0"])
def test_no_price_is_the_same_as_none(nothing):
    assert plans.same_price(None, nothing) and not plans.same_price(Decimal(5), nothing)


# --- page paths ---


@pytest.mark.parametrize(
    "url",
    [
        "pages/goods/detail?id=88",
        "pages/index",
        "pages/goods/detail?from=https%3A%2F%2Fshop.example%2Fa",
        "pages/goods/detail?id=88&name=%E5%92%96%E5%95%A1",
        "pages/http/detail?id=1",
        "pages/a?" + "x" * 246,
    ],
)
def test_these_page_paths_are_good(url):
    assert good_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "/pages/goods/detail?id=88",
        "https://shop.example/goods",
        "pages%2Fgoods%2Fdetail?id=88",
        "pages/%E5%95%86%E5%93%81?id=1",
        "pages/goods/detail?from=https://shop.example/a",
        "pages/goods/detail?name=咖啡",
        "pages/商品?id=1",
        "pages/goods/detail?id=1 2",
        "pages/goods/detail?id=8\n",
        "pages/a?" + "x" * 256,
        "?id=88",
    ],
)
def test_these_page_paths_are_not(url):
    assert not good_url(url)


@given(st.text(st.sampled_from("/[]:?#%@." + string.ascii_lowercase + "咖 \n"), max_size=30))
@example("//[")
@example("pages/a?x=//[")
def test_any_page_path_gets_an_answer_in_words(url):
    assert all(isinstance(message, str) and message for message in url_problems(url))


@given(st.text(st.sampled_from("/[]:?#%@.=&25fF" + string.ascii_lowercase), max_size=30))
def test_a_good_page_path_is_one_that_wechat_takes(url):
    if good_url(url):
        live_fields.check_url(url, Settings())


# --- another Mini Program ---


@pytest.mark.parametrize("appid", ["", "wx0123456789abcdef"])
def test_no_appid_or_a_well_formed_one(appid):
    assert not list(appid_problems(appid))


@pytest.mark.parametrize(
    "appid", ["wx", "gh_0123456789ab", "wx0123456789ABCDEF", "wx0123456789abcdef0", "wx0123456789abcdef\n"]
)
def test_no_other_appid(appid):
    assert list(appid_problems(appid))
