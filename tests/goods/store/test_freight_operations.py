"""What adding and changing a freight template does at WeChat and to the record."""

from typing import Any

import pytest

from audits.models import Push
from audits.operations import Operation
from audits.resolve import decide
from audits.tasks import drain, sweep
from goods.models import FreightTemplate, Spu
from goods.store.freight import wire
from shopadmin.simulator.server import Simulator
from shopadmin.wechat.mini_store.freight import FreightAPI
from shopadmin.wechat.models import Account
from tests.goods.store.freights import charge, everywhere, free
from tests.journal import calls, fast_forward, push_of, statuses

MakeTemplate = Any
# What ``make_template`` makes.
RULES = {"charge_rules": [everywhere("1", "8", "1", "2")]}


@pytest.fixture(autouse=True)
def english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


def theirs(sim: Simulator, template: FreightTemplate) -> dict[str, Any]:
    rows = sim.templates(template.account.appid)
    return next(row for row in rows if str(row["template_id"]) == template.template_id)


def named(sim: Simulator, template: FreightTemplate) -> list[dict[str, Any]]:
    return [row for row in sim.templates(template.account.appid) if row["name"] == template.name]


def settle() -> None:
    """Let some minutes pass, in which what is unsure is looked up and sent again if need be."""
    for _ in range(5):
        drain()
        fast_forward()
        sweep()


# --- adding ---


def test_added_template_is_at_wechat_field_by_field(make_template: MakeTemplate, send: Any, sim: Any) -> None:
    template = make_template(
        valuation_type=2,
        dispatch=["福建省", "宁德市", "福鼎市"],
        delivery_ids=["SF", "JD"],
        charge_rules=[everywhere("1.5", "8.00", "0.5", "2.30"), charge([["青海省"]], "1", "18", "1", "12")],
        free_rules=[free([["福建省"], ["浙江省", "温州市"]], min_weight="2.5", min_amount="99.00")],
        not_send=[["西藏自治区"]],
    )
    send("add", template)
    assert wire.snapshot(theirs(sim, template)) == {
        name: getattr(template, name) for name in FreightTemplate.SHARED
    }


def test_money_is_fen_at_wechat(make_template: MakeTemplate, send: Any, sim: Any) -> None:
    template = make_template(charge_rules=[everywhere("1", "8.05", "1", "0.00")])
    send("add", template)
    (rule,) = theirs(sim, template)["all_freight_calc_method"]["freight_calc_method_list"]
    assert (rule["first_price"], rule["second_price"]) == (805, 0)


def test_no_chosen_courier_is_one_empty_text(make_template: MakeTemplate, send: Any, sim: Any) -> None:
    template = make_template()
    send("add", template)
    (call,) = sim.calls(FreightAPI.INSERT)
    assert call["body"]["freight_template"]["delivery_id"] == [""]


def test_added_template_is_the_same_on_both_sides(make_template: MakeTemplate, send: Any) -> None:
    template = make_template()
    send("add", template)
    assert (statuses(), template.errcode) == (["done"], 0)
    assert [row.name for row in template.compared() if row.differs] == []


def test_a_new_default_of_the_shop_replaces_the_present_one(
    make_template: MakeTemplate, send: Any, pulled: Any
) -> None:
    pulled()
    old = FreightTemplate.objects.get(is_default=True)
    template = make_template(is_default=True)
    send("add", template)
    old.refresh_from_db()
    assert (old.is_default, old.remote["is_default"], old.drift) == (False, False, [])


# --- an answer that gets lost ---


def test_lost_answer_of_an_insert_is_found_by_name_and_content(
    make_template: MakeTemplate, push: Any, sim: Any
) -> None:
    template = make_template()
    sim.next("close_after", path=FreightAPI.INSERT)
    push("add", template)
    settle()
    template.refresh_from_db()
    assert (statuses(), len(named(sim, template))) == (["done"], 1)
    assert template.template_id == str(named(sim, template)[0]["template_id"])


def test_insert_that_never_arrived_is_sent_again(make_template: MakeTemplate, push: Any, sim: Any) -> None:
    template = make_template()
    sim.next("close_before", path=FreightAPI.INSERT)
    push("add", template)
    settle()
    assert (statuses(), len(named(sim, template))) == (["done"], 1)


def test_a_template_of_the_same_name_but_other_rules_is_not_taken_for_it(
    make_template: MakeTemplate, push: Any, sim: Any, wechat_template: Any
) -> None:
    template = make_template()
    wechat_template(name=template.name)
    sim.next("close_before", path=FreightAPI.INSERT)
    push("add", template)
    settle()
    assert (statuses(), len(named(sim, template))) == (["done"], 2)


def test_lost_answer_of_an_update_is_sent_again(make_template: MakeTemplate, send: Any, sim: Any) -> None:
    template = make_template()
    send("add", template)
    template.name = "改名"
    template.save()
    sim.next("close_after", path=FreightAPI.UPDATE)
    send("update", template)
    fast_forward()
    drain()
    assert (statuses(), theirs(sim, template)["name"]) == (["done", "done"], "改名")
    assert calls(sim, FreightAPI.UPDATE) == 2


# --- changing ---


def test_update_replaces_the_whole_template(make_template: MakeTemplate, send: Any, sim: Any) -> None:
    template = make_template(dispatch=["福建省", "宁德市", "福鼎市"], not_send=[["西藏自治区"]])
    send("add", template)
    template.dispatch, template.not_send = [], []
    template.save()
    send("update", template)
    assert wire.snapshot(theirs(sim, template))["not_send"] == []
    assert [row.name for row in template.compared() if row.differs] == []


def test_nothing_is_sent_when_nothing_differs(make_template: MakeTemplate, send: Any, sim: Any) -> None:
    template = make_template()
    send("add", template)
    assert str(template.plan(Operation.UPDATE).reason) == "There is nothing to send: WeChat has the same."


def test_refused_update_is_told_and_looked_at(make_template: MakeTemplate, send: Any, sim: Any) -> None:
    template = make_template()
    send("add", template)
    template.name = "改名"
    template.save()
    sim.next("errcode", path=FreightAPI.UPDATE, errcode=9401034)
    send("update", template)
    assert (push_of(template).status, template.errcode) == ("refused", 9401034)
    assert template.look_at is not None


# --- plans ---


def test_plan_of_a_change_tells_how_many_products_it_ships(
    make_template: MakeTemplate, send: Any, make_spu: Any
) -> None:
    template = make_template()
    send("add", template)
    make_spu(freight_template=template)
    template.name = "改名"
    template.save()
    assert "1 product is shipped by it." in [str(note) for note in template.plan(Operation.UPDATE).notes]


def test_plan_of_an_addition_says_that_nothing_deletes_a_template(make_template: MakeTemplate) -> None:
    (note,) = make_template().plan(Operation.ADD).notes
    assert "only its console delete" in str(note)


def test_template_that_breaks_a_rule_is_not_sent(make_template: MakeTemplate) -> None:
    assert make_template(charge_rules=[]).plan(Operation.ADD).effect == "blocked"


def test_shipping_that_costs_hundreds_is_asked_about(make_template: MakeTemplate) -> None:
    template = make_template(charge_rules=[everywhere("1", "800", "1", "200")])
    assert "typed in fen" in str(template.plan(Operation.ADD).warnings[0])


def test_template_of_which_only_the_name_is_known_is_warned_about(
    make_template: MakeTemplate, account: Account
) -> None:
    template = make_template(template_id="77", remote={"name": "x", "valuation_type": 1})
    assert "only the name" in str(template.plan(Operation.UPDATE).warnings[0])


def test_every_push_names_its_template(make_template: MakeTemplate, send: Any) -> None:
    template = make_template()
    send("add", template)
    assert Push.objects.get().remote_id == template.template_id


def test_product_can_be_sent_once_its_template_is_there(
    make_template: MakeTemplate, send: Any, make_spu: Any
) -> None:
    template = make_template()
    spu: Spu = make_spu(freight_template=template)
    assert "freight_template" in spu.problems()
    send("add", template)
    assert "freight_template" not in Spu.objects.get(pk=spu.pk).problems()


def test_of_two_alike_a_person_chooses(
    make_template: MakeTemplate, push: Any, sim: Any, wechat_template: Any
) -> None:
    template = make_template()
    ids = {wechat_template(name=template.name, **RULES), wechat_template(name=template.name, **RULES)}
    sim.next("close_before", path=FreightAPI.INSERT)
    push("add", template)
    settle()
    asked = push_of(template)
    assert (asked.status, {row["id"] for row in asked.candidates}) == ("needs_person", ids)
    chosen = sorted(ids)[0]
    decide(asked, chosen)
    template.refresh_from_db()
    assert (statuses(), template.template_id) == (["done"], chosen)
