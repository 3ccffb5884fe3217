"""How people write prices, and which kind of price they mean."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goods.importing.errors import CellError
from goods.importing.prices import PriceCells, price_values, read_kind, read_price
from goods.models import LiveGoods

amounts = st.decimals(0, 9_999_999_999, places=2)
full_width = str.maketrans("0123456789.,", "０１２３４５６７８９．，")


@given(amounts, st.sampled_from(["", "¥", "￥", "¥ "]), st.sampled_from(["", "元", " 元"]), st.booleans())
def test_a_price_is_read_however_it_is_dressed(amount, before, after, wide):
    text = f"{amount:,.2f}"
    assert read_price("price", before + (text.translate(full_width) if wide else text) + after) == amount


@given(st.text(max_size=8))
def test_any_text_is_a_price_or_a_told_problem(text):
    try:
        assert read_price("price", text) >= 0
    except CellError as error:
        assert error.field == "price" and error.text


@pytest.mark.parametrize(
    "text", ["abc", "-5", "1.999", "1,29", "12,34,567", "1e5", "1.2.3", "¥", "99起", "٣"]
)
def test_what_is_no_price_is_refused(text):
    with pytest.raises(CellError):
        read_price("price", text)


@pytest.mark.parametrize(
    ("text", "kind"), [("１", 1), ("固定价格", 1), ("价格区间", 2), ("Discount", 3), ("折扣价", 3)]
)
def test_a_kind_of_price_is_read_from_its_number_or_name(text, kind):
    assert read_kind(text) == kind


def test_an_unknown_kind_of_price_is_refused():
    with pytest.raises(CellError, match="no kind of price"):
        read_kind("4")


def cells(**values) -> PriceCells:
    return PriceCells(**{name: value if name == "kind" else Decimal(value) for name, value in values.items()})


def fixed(price=100) -> LiveGoods:
    return LiveGoods(price_type=1, price=Decimal(price))


def ranged() -> LiveGoods:
    return LiveGoods(price_type=2, price=Decimal(100), price2=Decimal(200))


def discounted() -> LiveGoods:
    return LiveGoods(price_type=3, price=Decimal(120), price2=Decimal(100))


@pytest.mark.parametrize(
    ("given_cells", "goods", "expected"),
    [
        (cells(price=100), None, (1, 100, None)),
        (cells(price=100, original=120), None, (3, 120, 100)),
        (cells(price=100, original=100), None, (1, 100, None)),
        (cells(kind=2, price=100, price2=200), None, (2, 100, 200)),
        (cells(kind=3, price=120, price2=100), None, (3, 120, 100)),
        (cells(kind=3, price=100, original=120), None, (3, 120, 100)),
        (cells(kind=1, price=100, price2=90), None, (1, 100, None)),
        (cells(original=120), fixed(), (3, 120, 100)),
        (cells(price=90), discounted(), (3, 120, 90)),
        (cells(price=130), discounted(), (1, 130, None)),
        (cells(original=150), discounted(), (3, 150, 100)),
        (cells(price=90), ranged(), (2, 90, 200)),
        (cells(price2=300), ranged(), (2, 100, 300)),
        (cells(kind=1), discounted(), (1, 120, None)),
        (cells(), discounted(), (3, 120, 100)),
    ],
)
def test_the_cells_of_a_row_make_the_price(given_cells, goods, expected):
    record = goods or LiveGoods()
    for name, value in price_values(given_cells, goods).items():
        setattr(record, name, value)
    assert (record.price_type, record.price, record.price2) == expected


@pytest.mark.parametrize(
    ("given_cells", "field"),
    [
        (cells(original=120), "price"),
        (cells(price=100, price2=200), "price_type"),
        (cells(price=100, price2=200, original=120), "price_type"),
        (cells(kind=3, price=110, price2=100, original=120), "price"),
    ],
)
def test_prices_that_could_mean_two_things_are_asked_about(given_cells, field):
    with pytest.raises(CellError) as caught:
        price_values(given_cells, None)
    assert caught.value.field == field


small = st.none() | st.integers(1, 4).map(Decimal)


@given(
    st.builds(PriceCells, st.none() | st.sampled_from([1, 2, 3]), small, small, small),
    st.none() | st.builds(LiveGoods, price_type=st.sampled_from([1, 2, 3]), price=small, price2=small),
)
def test_the_same_cells_applied_again_change_nothing(given_cells, goods):
    record = goods or LiveGoods()
    try:
        first = price_values(given_cells, goods)
    except CellError:
        return
    for name, value in first.items():
        setattr(record, name, value)
    for name, value in price_values(given_cells, record).items():
        assert getattr(record, name) == value
