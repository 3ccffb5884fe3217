"""Into the window and out of it: what is sent, what refusals say, and that nothing is there twice."""

import pytest
from django.utils.translation import override

from audits.admin.words import field_to_fix, outcome
from audits.models import Push, Quota
from audits.operations import Effect, Operation
from audits.states import OPEN, PushStatus
from audits.tasks import drain, sweep
from goods.models import WindowProduct
from shopadmin.wechat.errcodes import TABLE, all_codes, explain
from shopadmin.wechat.window import WindowAPI
from tests.goods.window.conftest import SHOP, look, pull, reread
from tests.journal import calls, fast_forward, push_of, statuses

ADD, GET, OFF = WindowAPI.ADD, WindowAPI.GET, WindowAPI.OFF


def in_window(sim, product):
    """What WeChat's window has under the product's number."""
    rows = sim.window(product.account.appid)
    return [row for row in rows if str(row["product_id"]) == product.product_id and row["place"] == "on"]


def carry_on(rounds=6):
    """Let workers and the sweep do what they do, until nothing is open."""
    for _ in range(rounds):
        if not Push.objects.filter(status__in=OPEN).exists():
            return
        fast_forward()
        sweep()
        drain()


# --- add ---


def test_a_product_is_put_into_the_window_and_read_back(planned, send, empty):
    product = planned()
    send("add", product)
    assert (product.in_window, product.status, product.title) == (True, 1, "橱窗商品")
    assert (calls(empty, ADD), calls(empty, GET), statuses()) == (1, 1, ["done"])


def test_what_is_sent_is_what_wechats_example_shows(planned, send, empty):
    product = planned(hide=True)
    send("add", product)
    assert empty.calls(ADD)[0]["body"] == {
        "product_id": product.product_id,
        "appid": SHOP,
        "is_hide_for_window": True,
    }


def test_a_product_left_out_of_the_public_page_is_read_back_as_hidden(planned, send):
    product = planned(hide=True)
    send("add", product)
    assert (product.is_hide_for_window, product.drift) == (True, [])


@pytest.mark.parametrize("state", [True, False])
def test_the_push_keeps_the_number_of_what_it_brought_into_the_window(planned, send, state):
    product = planned(hide=state)
    send("add", product)
    assert push_of(product).remote_id == product.product_id


FAULTS = [
    {"do": "close_before"},
    {"do": "close_after"},
    {"do": "hang", "seconds": 0.1},
    {"do": "hang", "seconds": 0.1, "apply": True},
    {"do": "garbage"},
    {"do": "garbage", "apply": False},
    {"do": "empty"},
    {"do": "truncated"},
    {"do": "truncated", "short_length": True},
    {"do": "html"},
    {"do": "wrong_type", "value": [1]},
    {"do": "apply_then_errcode", "errcode": -1},
    {"do": "apply_then_errcode", "errcode": 10022005},
    {"do": "apply_then_http", "status": 502},
    {"do": "http", "status": 503},
    {"do": "errcode", "errcode": -1},
    {"do": "errcode", "errcode": 45011},
    {"do": "slow", "seconds": 0.1},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
def test_with_any_fault_the_product_is_in_the_window_once(planned, push, empty, fault):
    product = planned()
    empty.next(**fault, path=ADD)
    push("add", product)
    drain()
    carry_on()
    assert statuses() == ["done"]
    assert len(in_window(empty, product)) == 1 and reread(product).in_window


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
def test_a_fault_of_reading_it_back_costs_no_second_add(planned, push, empty, fault):
    product = planned()
    empty.next(**fault, path=GET)
    push("add", product)
    drain()
    carry_on()
    assert (statuses(), calls(empty, ADD), reread(product).in_window) == (["done"], 1, True)


def test_a_lost_answer_is_looked_up_before_anything_is_repeated(planned, push, empty):
    product = planned()
    empty.next("close_after", path=ADD)
    push("add", product)
    drain()
    carry_on()
    assert (calls(empty, ADD), statuses()) == (1, ["done"])


def test_the_look_for_a_lost_answer_counts_against_the_quota(planned, push, account, empty):
    empty.next("close_after", path=ADD)
    push("add", planned())
    drain()
    fast_forward()
    sweep()
    assert Quota.objects.today(account.pk, WindowAPI.QUOTA[GET]).used == 1


def test_a_lost_refusal_of_a_shop_that_is_not_bound_does_not_stay_in_doubt(planned, push, empty):
    product, other = planned(appid="wx00000000000000aa"), planned()
    empty.next("close_after", path=ADD, times=2)
    push("add", product, other)
    drain()
    carry_on()
    assert (reread(product).errcode, reread(other).in_window) == (10022008, True)


def test_what_is_in_the_window_already_is_left_out_of_the_plan(shown):
    plan = shown().plan(Operation.ADD)
    assert (plan.effect, plan.sends) == (Effect.NOTHING, False)


def test_a_product_that_came_into_the_window_meanwhile_is_added_without_harm(planned, send, empty):
    product = planned()
    send("add", product)
    WindowProduct.objects.update(in_window=False)
    send("add", reread(product))
    assert (len(in_window(empty, product)), statuses()) == (1, ["done", "done"])


def test_an_add_without_effect_is_not_told_as_success(planned, send, empty):
    product = planned()
    empty.settings(window_add_does_nothing=True)
    send("add", product)
    assert (product.in_window, product.errcode, statuses()) == (False, 10022003, ["refused"])


def test_an_add_of_a_product_that_is_off_sale_in_its_shop_is_not_told_as_being_there(planned, send, empty):
    product = planned()
    empty.set_source(int(product.product_id), state="delisted")
    send("add", product)
    with override("en"):
        said = " ".join(map(str, outcome(push_of(product))))
    assert (product.in_window, product.status) == (False, 2)
    assert "added" not in said and "its own page" in said


# --- refused ---


def test_a_shop_that_is_not_bound_is_refused_with_advice_at_the_appid(planned, send):
    product = planned(appid="wx00000000000000aa")
    send("add", product)
    assert (product.errcode, statuses()) == (10022008, ["refused"])
    assert field_to_fix(WindowProduct, product.errcode).name == "appid"


def test_a_promotions_number_is_refused_with_advice_at_the_number(account, empty, send):
    (plan,) = empty.make_window(kind="cps")
    product = WindowProduct.objects.create(account=account, appid=SHOP, product_id=str(plan))
    send("add", product)
    assert product.errcode == 10022007
    assert field_to_fix(WindowProduct, product.errcode).name == "product_id"


def test_a_number_that_no_shop_has_is_refused_with_advice_at_the_number(account, empty, send):
    product = WindowProduct.objects.create(account=account, appid=SHOP, product_id="4711")
    send("add", product)
    assert product.errcode == 10022003
    assert field_to_fix(WindowProduct, product.errcode).name == "product_id"


@pytest.mark.parametrize("operation", [Operation.ADD, Operation.OFF])
def test_a_promoted_product_is_neither_added_nor_taken_out(shown, operation):
    plan = shown(kind="cps").plan(operation)
    assert (plan.effect, plan.sends) == (Effect.BLOCKED, False)


@pytest.mark.parametrize("number", ["", "0", "-1", "1.5", "abc", "1e9", "٣", "2" * 20, "9" * 200, str(2**64)])
def test_a_number_that_cannot_be_one_is_not_sent(planned, number):
    product = planned()
    product.product_id = number[:64]
    product.save()
    assert product.faulty and not product.plan(Operation.ADD).sends


@pytest.mark.parametrize(
    "appid", ["", "wx", "wx5d2e90c4ab17f38g", "gh_0123456789abcdef", "wx5d2e90c4ab17f386 "]
)
def test_an_appid_that_cannot_be_one_is_not_sent(planned, appid):
    product = planned(appid=appid)
    assert product.faulty and not product.plan(Operation.ADD).sends


def test_the_largest_number_there_is_may_be_sent(planned):
    product = planned()
    product.product_id = str(2**64 - 1)
    product.save()
    assert product.plan(Operation.ADD).sends


def test_a_second_call_of_the_day_that_wechat_counts_waits_for_midnight(planned, send, empty):
    product = planned()
    empty.next("errcode", path=ADD, errcode=45009)
    send("add", product)
    assert push_of(product).status == PushStatus.WAITING


# --- off ---


def test_taking_out_is_documented_as_without_effect_and_the_record_says_so(shown, send, empty):
    product = shown()
    send("off", product)
    assert (product.in_window, product.status, statuses()) == (True, 1, ["done"])
    assert empty.calls(OFF)[0]["body"] == {"product_id": product.product_id, "appid": SHOP}


def test_should_it_have_an_effect_the_record_says_that_too(shown, send, empty):
    product = shown()
    empty.settings(window_off_is_legacy=True)
    send("off", product)
    assert (product.in_window, product.status) == (False, 2)


def test_the_plan_of_taking_out_tells_honestly_what_wechat_documents(shown):
    with override("en"):
        notes = " ".join(map(str, shown().plan(Operation.OFF).notes))
    assert "without effect" in notes and "take it off sale in its shop" in notes


def test_what_is_not_in_the_window_is_not_taken_out(planned):
    assert planned().plan(Operation.OFF).effect is Effect.NOTHING


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
def test_with_any_fault_taking_out_comes_to_an_end(shown, push, empty, fault):
    product = shown()
    empty.next(**fault, path=OFF)
    push("off", product)
    drain()
    carry_on()
    assert statuses() == ["done"]


def test_a_product_that_is_gone_at_wechat_needs_no_taking_out(account, shown, send, empty):
    product = shown()
    empty.drop_window(int(product.product_id))
    send("off", product)
    look(account)
    look(account)
    assert not reread(product).in_window


def test_after_a_refusal_the_state_is_read_again(shown, send, empty, account):
    product = shown()
    empty.next("errcode", path=OFF, errcode=10022003)
    send("off", product)
    assert product.look_at is not None


# --- the table of refusals ---

SECTION_9 = [
    48001, 10022001, 10022002, 10022003, 10022004, 10022005, 10022006, 10022007, 10022008, -1, 40001, 40013,
    40066, 40097, 41001, 42001, 43002, 43003, 44002, 45009, 45011, 45035, 61004, 47001, 48004, 50001, 50002,
]  # fmt: skip


@pytest.mark.parametrize("code", SECTION_9)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_code_has_text_and_advice_in_both_languages(code, language):
    with override(language):
        known = explain(code, "window")
        assert known.code == code and known.meaning and known.advice


# Of interfaces that are not called here: agencies, and where a shop orders its home page.
ELSEWHERE = {"account", "finder_id", "product_link"}


def test_every_field_that_a_code_names_is_one_of_the_record():
    named = {code.field for code in all_codes() if code.family == "window" and code.field} - ELSEWHERE
    assert named <= {field.name for field in WindowProduct._meta.get_fields()}, TABLE
    assert named == {"product_id", "appid"}


def test_a_pulled_window_can_be_sent_nothing_by_mistake(account, empty, shown):
    shown(), pull(account)
    assert calls(empty, ADD) == calls(empty, OFF) == 0
