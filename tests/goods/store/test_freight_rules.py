"""WeChat's rules for freight templates, and amounts on their way there and back."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.models import Push
from audits.operations import Operation
from goods.models import Courier, FreightTemplate
from goods.store.freight import wire
from shopadmin.wechat.reading import as_id
from tests.goods.store.freights import charge, everywhere, free

DEFAULT = everywhere("1", "8", "1", "2")


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def problems(**fields):
    values = {"name": "全国", "charge_rules": [DEFAULT]}
    return FreightTemplate(**(values | fields)).problems()


def test_a_right_template_has_no_problems():
    assert problems() == {}


# --- fields ---


def test_a_template_needs_a_name():
    assert problems(name=" ") == {"name": ["Enter a name for the freight template."]}


@pytest.mark.parametrize("code", ["send_time", "delivery_type", "shipping_method"])
def test_codes_may_not_be_empty(code):
    assert list(problems(**{code: 0})) == [code]


@pytest.mark.parametrize("number", [1, 7, 20, 99])
def test_codes_may_be_whatever_wechat_says(number):
    assert problems(send_time=number, delivery_type=number) == {}


def test_a_courier_that_wechat_does_not_know_is_told(account):
    Courier.objects.create(account=account, delivery_id="SF", name="顺丰")
    (text,) = problems(account=account, delivery_ids=["SF", "XX"])["delivery_ids"]
    assert "XX" in text and "SF" not in text


def test_couriers_are_not_asked_about_before_they_are_read(account):
    assert problems(account=account, delivery_ids=["SF"]) == {}


# --- places ---


def test_a_place_by_a_short_name_is_told_with_the_official_one():
    (text,) = problems(not_send=[["福建"]])["not_send"]
    assert "“福建省”" in text


@pytest.mark.parametrize("place", [["福建省"], ["福建省", "宁德市"], ["福建省", "宁德市", "福鼎市"]])
def test_an_address_may_stop_at_the_province_or_the_city(place):
    assert problems(dispatch=place, not_send=[place]) == {}


def test_a_place_that_wechat_has_named_itself_is_right():
    assert problems(not_send=[["福建"]], remote={"not_send": [["福建"]]}) == {}


def test_a_place_may_be_named_once():
    twice = [charge([["青海省"]], "1", "9", "1", "9")] * 2
    assert problems(charge_rules=[DEFAULT, *twice]) == {"charge_rules": ["青海省 is there twice."]}


def test_a_place_may_have_a_rule_for_each_courier():
    rules = [charge([["青海省"]], "1", "9", "1", "9", courier=courier) for courier in ("SF", "YTO")]
    assert problems(charge_rules=[DEFAULT, *rules]) == {}


# --- charges ---


def test_what_is_not_free_needs_a_rule_for_everywhere_else():
    assert "exactly one rule" in problems(charge_rules=[])["charge_rules"][0]


def test_what_is_free_needs_no_charges():
    assert problems(charge_rules=[], shipping_method=1) == {}


def test_only_one_rule_is_for_everywhere_else():
    assert problems(charge_rules=[DEFAULT, DEFAULT])["charge_rules"] == [
        "Only one rule may be for everywhere else."
    ]


def test_a_rule_that_is_not_for_everywhere_needs_places():
    texts = problems(charge_rules=[DEFAULT, charge([], "1", "9", "1", "9")])["charge_rules"]
    assert texts == ["Rule 2: Enter the places, or choose everywhere else."]


@pytest.mark.parametrize("amount", ["", "0", "-1", "x"])
def test_amounts_are_above_nothing(amount):
    rule = DEFAULT | {"more_amount": amount}
    assert problems(charge_rules=[rule]) == {"charge_rules": ["Rule 1: Enter a number of pieces above 0."]}


def test_pieces_are_whole_and_weights_need_not_be():
    rule = DEFAULT | {"first_amount": "1.5"}
    assert problems(charge_rules=[rule]) == {"charge_rules": ["Rule 1: Pieces are whole numbers."]}
    assert problems(charge_rules=[rule], valuation_type=2) == {}


@pytest.mark.parametrize("price", ["", "-0.01", "100000.01", "0.001"])
def test_prices_are_yuan_and_fen(price):
    assert list(problems(charge_rules=[DEFAULT | {"first_price": price}])) == ["charge_rules"]


def test_a_further_piece_may_cost_nothing():
    assert problems(charge_rules=[DEFAULT | {"more_price": "0.00"}]) == {}


# --- free of charge ---


def test_a_free_rule_needs_places():
    assert problems(free_rules=[free([], min_amount="99.00")]) == {
        "free_rules": ["Rule 1: Enter the places."]
    }


@pytest.mark.parametrize(
    ("valuation", "conditions", "right"),
    [
        (1, {"min_pieces": "2"}, True),
        (1, {"min_amount": "99.00"}, True),
        (1, {"min_weight": "2"}, False),
        (1, {"min_weight": "2", "min_amount": "99.00"}, True),
        (2, {"min_weight": "0.5"}, True),
        (2, {"min_amount": "99.00"}, True),
        (2, {"min_pieces": "2"}, False),
        (1, {}, False),
        (2, {}, False),
    ],
)
def test_a_free_rule_needs_a_condition_of_its_kind(valuation, conditions, right):
    found = problems(valuation_type=valuation, free_rules=[free([["福建省"]], **conditions)])
    assert (found == {}) == right


@pytest.mark.parametrize("conditions", [{"min_pieces": "0"}, {"min_pieces": "1.5"}, {"min_amount": "0"}])
def test_conditions_are_above_nothing(conditions):
    assert list(problems(free_rules=[free([["福建省"]], **conditions)])) == ["free_rules"]


# --- on the wire and back ---

yuan = st.decimals("0", "99999.99", places=2)
amounts = st.decimals("0.001", "9999", places=3)


@given(first=amounts, more=amounts, price=yuan, further=yuan)
def test_amounts_and_prices_come_back_as_they_went(first, more, price, further):
    rule = {
        "places": [["福建省"]], "is_default": False, "courier": "",
        "first_amount": wire.amount_text(first), "first_price": wire.price_text(price),
        "more_amount": wire.amount_text(more), "more_price": wire.price_text(further),
    }  # fmt: skip
    template = FreightTemplate(name="x", charge_rules=[rule])
    assert wire.snapshot(wire.template_fields(template))["charge_rules"] == [rule]


@given(price=yuan)
def test_a_price_is_exactly_its_fen(price):
    template = FreightTemplate(name="x", free_rules=[free([["福建省"]], min_amount=wire.price_text(price))])
    (row,) = wire.template_fields(template)["all_condition_free_detail"]["condition_free_detail_list"]
    assert Decimal(row["min_amount"]) == price * 100


def test_a_part_of_a_fen_is_never_sent():
    with pytest.raises(ValueError, match="not a whole number of fen"):
        wire.price_text(Decimal("0.001"))


def test_conditions_carry_their_flags():
    rows = [free([["福建省"]], min_amount="99.00"), free([["浙江省"]], min_pieces="2")]
    fields = wire.template_fields(FreightTemplate(name="x", free_rules=rows))
    sent = fields["all_condition_free_detail"]["condition_free_detail_list"]
    assert [(row["valuation_flag"], row["amount_flag"]) for row in sent] == [(0, 1), (1, 0)]


def test_a_condition_that_its_flag_denies_does_not_count():
    row = {"address_infos": [], "min_piece": 3, "valuation_flag": 0, "min_amount": 9900, "amount_flag": 1}
    (rule,) = wire.snapshot({"all_condition_free_detail": {"condition_free_detail_list": [row]}})[
        "free_rules"
    ]
    assert (rule["min_pieces"], rule["min_amount"]) == ("", "99.00")


def test_what_an_answer_does_not_tell_stays_as_it_was_sent():
    template = FreightTemplate(name="x", charge_rules=[DEFAULT])
    template.mark_accepted(wire.sent(wire.template_fields(template)))
    template.mark_read(wire.snapshot({"template_id": 1, "name": "x", "valuation_type": 1}))
    assert [field for field in template.SHARED if template.differs(field)] == []


def test_the_order_of_rules_and_places_is_no_difference():
    one = [charge([["福建省"], ["浙江省"]], "1", "9", "1", "9"), DEFAULT]
    other = [DEFAULT, charge([["浙江省"], ["福建省"]], "1", "9.00", "1.0", "9")]
    assert wire.same("charge_rules", one, other)


@given(number=st.integers(1, 2**64 - 1))
def test_every_number_of_wechats_goes_back_as_it_came(number):
    template = FreightTemplate(name="x", template_id=as_id(json.loads(json.dumps(number))))
    push = Push(body={"freight_template": wire.template_fields(template)})
    call = FreightTemplate.OPERATIONS[Operation.UPDATE][0].prepare(template, push)
    assert call.body["freight_template"]["template_id"] == number
