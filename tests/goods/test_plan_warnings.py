"""What a plan of live goods warns of, and what it leaves in peace."""

from decimal import Decimal

import pytest

from audits.operations import Operation
from audits.services import create_batch, planned
from goods.live import wire
from goods.models import LiveGoods
from shopadmin.wechat.models import Account

ADD, UPDATE, DELETE = Operation.ADD, Operation.UPDATE, Operation.DELETE


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def at_wechat(make_goods):
    """Goods that WeChat has exactly as given; changes are made afterwards."""

    def make(**fields):
        number = str(LiveGoods.objects.count() + 1)
        goods = make_goods(goods_id=number, audit_id="88", audit_status=2, third_party_tag=2, **fields)
        goods.remote = wire.local_fields(wire.goods_info(goods))
        goods.cover_sent = goods.cover.name
        goods.save()
        return goods

    return make


def repriced(goods, **prices):
    for field, value in prices.items():
        setattr(goods, field, Decimal(value) if field != "price_type" else value)
    goods.save()
    return goods


def warnings(operation, *records) -> list[list[str]]:
    """What the plan of these records warns of, record by record."""
    batch = create_batch(LiveGoods, [goods.pk for goods in records], operation)
    return [[str(text) for text in row.plan.warnings] for row in planned(batch)]


# --- A price beside WeChat's ---


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("679.99", []),
        ("680", ["The price becomes ten times as high or more: ¥68.00 → ¥680.00."]),
        ("6799", ["The price becomes ten times as high or more: ¥68.00 → ¥6,799.00."]),
        (
            "6800",
            ["¥6,800.00 is exactly 100 times WeChat's price (¥68.00). Was it typed in fen? Enter yuan."],
        ),
        ("6.81", []),
        ("6.80", ["The price falls to a tenth or less: ¥68.00 → ¥6.80."]),
    ],
)
def test_a_price_ten_times_as_high_or_low_is_warned_of(at_wechat, price, expected):
    assert warnings(UPDATE, repriced(at_wechat(), price=price)) == [expected]


def test_the_second_price_is_looked_at_as_well(at_wechat):
    goods = at_wechat(price_type=2, price=Decimal(50), price2=Decimal(90))
    assert warnings(UPDATE, repriced(goods, price2="9000")) == [
        ["¥9,000.00 is exactly 100 times WeChat's price (¥90.00). Was it typed in fen? Enter yuan."]
    ]


def test_another_kind_of_price_is_compared_by_what_buyers_pay(at_wechat):
    goods = at_wechat(price=Decimal(50))
    assert warnings(UPDATE, repriced(goods, price_type=3, price="600", price2="49")) == [[]]


def test_a_second_price_that_is_not_in_use_is_not_compared(at_wechat):
    goods = repriced(at_wechat(), price="60", price2="9000")
    goods.remote["price2"] = "1"
    goods.save()
    assert warnings(UPDATE, goods) == [[]]


def test_a_name_that_changes_says_nothing_of_the_price(at_wechat):
    goods = at_wechat()
    LiveGoods.objects.update(name="云南小粒咖啡新版", audit_status=3)
    assert warnings(UPDATE, goods) == [[]]


# --- A new product beside the others ---


@pytest.mark.parametrize(
    ("price", "warned"), [("2040", False), ("2050", True), ("2055", False), ("2050.5", False)]
)
def test_a_new_price_far_above_the_average_that_ends_in_0_looks_like_fen(
    at_wechat, make_goods, price, warned
):
    at_wechat(price=Decimal(60))
    at_wechat(price=Decimal(76))
    (texts,) = warnings(ADD, make_goods(price=Decimal(price)))
    assert bool(texts) == warned


def test_what_is_not_at_wechat_is_no_measure(make_goods):
    make_goods(price=Decimal("9.90"))
    assert warnings(ADD, make_goods(price=Decimal(6800))) == [[]]


def test_an_empty_shop_has_no_measure(make_goods):
    assert warnings(ADD, make_goods(price=Decimal(6800))) == [[]]


# --- Twins ---


def test_the_same_name_and_page_is_warned_of_with_the_other_ones_number(make_goods):
    make_goods(name="云南小粒咖啡豆", url="pages/a", product_no="A-1")
    second = make_goods(name="云南小粒咖啡豆", url="pages/a")
    assert warnings(ADD, second) == [["Another record has the same name and page: A-1. Is it there twice?"]]


def test_twins_in_one_selection_are_both_warned_of(make_goods):
    twins = [make_goods(name="云南小粒咖啡豆", url="pages/a") for _ in range(2)]
    assert [len(texts) for texts in warnings(ADD, *twins)] == [1, 1]


@pytest.mark.parametrize("fields", [{"url": "pages/b"}, {"name": "云南小粒咖啡粉"}])
def test_the_same_name_or_the_same_page_alone_is_fine(make_goods, fields):
    same = {"name": "云南小粒咖啡豆", "url": "pages/a"}
    make_goods(**same)
    assert warnings(ADD, make_goods(**(same | fields))) == [[]]


def test_another_account_may_sell_the_same(make_goods, account):
    other = Account.objects.create(name="另一家", appid="wx" + "b" * 16, secret="s" * 32, practice=True)
    same = {"name": "云南小粒咖啡豆", "url": "pages/a"}
    make_goods(**same, account=other)
    assert warnings(ADD, make_goods(**same)) == [[]]


def test_what_is_not_sent_is_not_warned_of(make_goods):
    twins = [make_goods(name="短", url="pages/a") for _ in range(2)]
    assert warnings(ADD, *twins) == [[], []]


def test_a_deletion_is_not_warned_of(at_wechat):
    twins = [at_wechat(name="云南小粒咖啡豆", url="pages/a") for _ in range(2)]
    assert warnings(DELETE, *twins) == [[], []]


def test_looking_for_oddities_costs_the_same_for_few_and_for_many(
    make_goods, at_wechat, django_assert_num_queries
):
    at_wechat(price=Decimal(1))
    few = [make_goods(price=Decimal(6800))]
    many = [make_goods(price=Decimal(6800)) for _ in range(20)]
    for records in (few, many):
        batch = create_batch(LiveGoods, [goods.pk for goods in records], ADD)
        planned(batch)
        # Records, open pushes, accounts, records that look the same, average prices.
        with django_assert_num_queries(5):
            planned(batch)


# --- What a second person has to agree to, where an account wants that ---


@pytest.mark.parametrize(
    ("price", "grave"), [("34.01", False), ("34", True), ("101.99", False), ("102", True), ("69", False)]
)
def test_a_price_that_changes_by_half_is_grave(at_wechat, price, grave):
    assert repriced(at_wechat(), price=price).plan(UPDATE).grave == grave


@pytest.mark.parametrize("unknown", ["", None])
def test_a_price_is_grave_when_nobody_knows_what_wechat_has(at_wechat, unknown):
    goods = at_wechat()
    goods.remote |= {"price": unknown}
    assert repriced(goods, price="0.10").plan(UPDATE).grave


def test_a_deletion_is_grave(at_wechat):
    assert at_wechat().plan(DELETE).grave


def test_a_new_product_is_not_grave(make_goods):
    assert not make_goods(price=Decimal(99_999)).plan(ADD).grave
