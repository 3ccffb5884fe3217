"""Freight templates and couriers."""

import pytest

from tests.simulator.storefront import add, ask, template_id

PLACE = {"province_name": "青海省"}
CHARGE = {
    "address_info": [],
    "is_default": True,
    "first_val_amount": 1,
    "first_price": 800,
    "second_val_amount": 1,
    "second_price": 300,
}
FREE = {"address_infos": [PLACE], "min_amount": 9900, "amount_flag": 1}


def template(**changes):
    fields = {
        "name": "西北加价",
        "valuation_type": 1,
        "send_time": 7,
        "delivery_type": 1,
        "delivery_id": [""],
        "shipping_method": 2,
        "all_freight_calc_method": {"freight_calc_method_list": [CHARGE]},
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def insert(wechat, **changes):
    return ask(wechat, "delivery/insert_freight_template", freight_template=template(**changes))


def update(wechat, number, **changes):
    fields = template(template_id=number, **changes)
    return ask(wechat, "delivery/update_freight_template", freight_template=fields)


def templates(wechat):
    return ask(wechat, "delivery/get_freight_template")["template_list"]


def charges(*rules):
    return {"all_freight_calc_method": {"freight_calc_method_list": list(rules)}}


def frees(*rules):
    return {"all_condition_free_detail": {"condition_free_detail_list": list(rules)}}


def test_shop_starts_with_two_templates_one_by_piece_and_one_by_weight(wechat):
    assert [row["valuation_type"] for row in templates(wechat)] == [1, 2]


def test_every_shop_has_templates_of_its_own(wechat, other):
    own, others = ({row["template_id"] for row in templates(client)} for client in (wechat, other))
    assert not own & others


def test_new_template_can_be_used_at_once(wechat):
    answer = insert(wechat)
    assert set(answer) == {"errcode", "errmsg", "template_id"}
    assert add(wechat, express_info={"template_id": answer["template_id"]})["errcode"] == 0


def test_new_template_is_shown_with_its_times(sim, wechat):
    insert(wechat)
    row = templates(wechat)[-1]
    assert (row["name"], row["is_default"], row["not_send_area"]) == ("西北加价", 0, {"address_info": []})
    assert 0 <= sim.now() - row["create_time"] < 10
    assert row["update_time"] == row["create_time"]


def test_names_may_repeat(wechat):
    assert insert(wechat)["template_id"] != insert(wechat)["template_id"]


def test_update_replaces_all(sim, wechat):
    number = insert(wechat, **frees(FREE))["template_id"]
    before = templates(wechat)[-1]
    sim.advance(60)
    assert update(wechat, number, name="新名字") == {"errcode": 0, "errmsg": "ok"}
    after = templates(wechat)[-1]
    assert (after["template_id"], after["name"], after["is_default"]) == (number, "新名字", 0)
    assert after["all_condition_free_detail"] == {"condition_free_detail_list": []}
    assert (after["create_time"], after["update_time"]) == (before["create_time"], before["update_time"] + 60)


def test_update_of_an_unknown_template(wechat):
    assert update(wechat, 5)["errcode"] == 9401034


def test_one_template_is_the_default(wechat):
    insert(wechat, is_default=1)
    assert [row["is_default"] for row in templates(wechat)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"name": None}, 9401020),
        ({"name": ""}, 9401020),
        ({"valuation_type": None}, 9401020),
        ({"valuation_type": 3}, 9401020),
        ({"send_time": None}, 9401020),
        ({"send_time": 21}, 9401020),
        ({"delivery_type": 0}, 9401020),
        ({"shipping_method": None}, 9401020),
        ({"delivery_id": None}, 0),
        ({"delivery_id": ["SF", "YTO"]}, 0),
        ({"delivery_id": ["PIGEON"]}, 9401020),
        ({"delivery_id": "SF"}, 9401020),
        ({"is_default": True}, 9401020),
        ({"is_default": 2}, 9401020),
        ({"address_info": PLACE}, 0),
        ({"address_info": [PLACE]}, 9401020),
        ({"not_send_area": {"address_info": [PLACE]}}, 0),
        ({"not_send_area": {"address_info": PLACE}}, 9401020),
        (charges(), 9401020),
        ({"shipping_method": 1, **charges()}, 0),
        (charges(CHARGE, CHARGE), 9401020),
        (charges({**CHARGE, "is_default": 1}), 9401020),
        (charges(CHARGE, {**CHARGE, "is_default": False, "address_info": [PLACE]}), 0),
        (charges(CHARGE, {**CHARGE, "is_default": False}), 9401020),
        (charges({**CHARGE, "first_val_amount": 0.5}), 0),
        (charges({**CHARGE, "first_price": 1.5}), 9401020),
        (charges({**CHARGE, "second_price": None}), 9401020),
        (frees(FREE), 0),
        (frees({**FREE, "address_infos": None}), 9401020),
        (frees({"address_info": [PLACE], "min_amount": 1}), 9401020),
        (frees({"address_infos": [PLACE]}), 9401020),
        (frees({"address_infos": [PLACE], "min_piece": 2, "valuation_flag": 1}), 0),
        (frees({"address_infos": [PLACE], "min_weight": 2, "valuation_flag": 1}), 9401020),
        ({"valuation_type": 2, **frees({"address_infos": [PLACE], "min_weight": 2.5})}, 0),
        (frees({**FREE, "amount_flag": True}), 9401020),
    ],
)
def test_template_field(wechat, changes, errcode):
    assert insert(wechat, **changes)["errcode"] == errcode


@pytest.mark.parametrize("body", [{}, {"freight_template": []}, template()])
def test_template_is_wrapped(wechat, body):
    assert ask(wechat, "delivery/insert_freight_template", **body)["errcode"] == 9401020


def test_decimals_of_a_weight_come_back(wechat):
    insert(wechat, valuation_type=2, **charges({**CHARGE, "first_val_amount": 0.5}))
    rules = templates(wechat)[-1]["all_freight_calc_method"]["freight_calc_method_list"]
    assert rules[0]["first_val_amount"] == 0.5


def test_couriers_have_ids_and_names(wechat):
    rows = ask(wechat, "delivery/get_company_list")["company_list"]
    assert {"delivery_id": "SF", "delivery_name": "顺丰速运"} in rows


@pytest.mark.parametrize("path", ["get_freight_template", "get_company_list"])
def test_errcode_of_freight_answers_can_be_a_string(sim, wechat, path):
    sim.settings(freight_errcode_as_string=True)
    assert ask(wechat, f"delivery/{path}")["errcode"] == "0"


def test_errcode_of_other_answers_stays_a_number(sim, wechat):
    sim.settings(freight_errcode_as_string=True)
    assert ask(wechat, "store/get_info")["errcode"] == 0


def test_template_deleted_in_the_console_cannot_be_used(sim, wechat):
    number = template_id(wechat)
    sim.drop_template(number)
    assert add(wechat, express_info={"template_id": number})["errcode"] == 9401034
