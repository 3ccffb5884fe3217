"""What shops, console and WeChat do to a Channels window: the seed, knobs, the page, the state file."""

import json

import pytest

from shopadmin.simulator.server import Simulator
from shopadmin.simulator.window_seed import BOUND_APPID
from shopadmin.simulator.world import DEFAULT_APPID
from tests.simulator.conftest import Wechat
from tests.simulator.shopwindow import act, ids, listed, plans, product


@pytest.fixture
def knob(wechat):
    """Turns the knob of the window: JSON body; answers with status and JSON."""

    def turn(**body):
        response = wechat.request("POST", "/_sim/window", json=body)
        return response.status_code, response.json()

    return turn


# --- The seed ---


def test_window_starts_with_every_reason_of_a_ban(sim):
    assert {entry["ban"] for entry in sim.window()} == {None, 0, 1, 2}


def test_window_starts_with_every_status(sim):
    assert {entry["status"] for entry in sim.window()} == {1, 2, 3}


def test_window_starts_with_a_running_discount(sim, wechat):
    (entry,) = [entry for entry in sim.window() if entry["discount_price"]]
    assert product(wechat, entry["product_id"])["limit_discount_info"]["is_effect"] is True


def test_window_starts_with_hidden_branch_and_unplaced_products(sim):
    shown = sim.window()
    assert any(entry["hidden"] for entry in shown)
    assert any(entry["branch_id"] for entry in shown)
    assert any(entry["place"] == "never" for entry in shown)


def test_window_starts_with_plans_of_an_own_product_and_of_a_foreign_one(sim, wechat):
    cps = [entry for entry in sim.window() if entry["kind"] == "cps"]
    own = {entry["product_id"] for entry in sim.window() if entry["kind"] == "own"}
    assert {entry["cps_item_type"] for entry in cps} == {0, 1, 2}
    (promoted,) = {entry["product_id"] for entry in cps} & own
    assert len(plans(wechat, promoted)) == 2


def test_every_account_has_a_window_of_its_own(sim, wechat, other):
    assert not set(ids(listed(wechat))) & set(ids(listed(other)))


def test_reset_gives_the_first_products_again(sim):
    first = len(sim.window())
    sim.make_window()
    sim.reset()
    assert len(sim.window()) == first


# --- Python ---


def test_made_product_has_the_fields_given(sim, wechat):
    (number,) = sim.make_window(title="白毫银针", selling_price=5, out_product_id="T-9")
    row = product(wechat, number)
    assert (row["title"], row["selling_price"], row["out_product_id"]) == ("白毫银针", 5, "T-9")


@pytest.mark.parametrize(
    "fields",
    [
        {"colour": "red"},
        {"title": 5},
        {"stock": "1"},
        {"stock": True},
        {"hidden": 1},
        {"count": 0},
        {"count": 2, "product_id": 5},
        {"kind": "moon"},
        {"shop_appid": "wx00000000000000ff"},
        {"product_id": 2**64},
        {"product_id": -1},
        {"seq": 3},
    ],
)
def test_product_that_cannot_be_made(sim, fields):
    before = sim.window()
    with pytest.raises(ValueError):
        sim.make_window(**fields)
    assert sim.window() == before


def test_id_that_is_taken(sim):
    sim.make_window(product_id=5)
    with pytest.raises(ValueError, match="taken"):
        sim.make_window(product_id=5)


def test_own_product_and_promotion_may_have_the_same_number(sim, wechat):
    sim.make_window(product_id=5)
    sim.make_window(kind="cps", cps_id=5, product_id=6)
    assert (product(wechat, 5)["product_id"], plans(wechat, 5)[0]["out_product_id"]) == ("5", "6")


@pytest.mark.parametrize("store_ids", ["near_2_63", "up_to_2_64"])
def test_new_ids_can_be_very_large(sim, wechat, store_ids):
    sim.settings(store_ids=store_ids)
    numbers = [*sim.make_window(count=3), *sim.make_window(kind="cps")]
    assert all(number > 2**62 for number in numbers)
    assert ids(listed(wechat, page_size=4)) == numbers[::-1]


def test_promoted_product_is_changed_by_its_cps_id(sim):
    (cps_id,) = sim.make_window(kind="cps")
    sim.change_window(cps_id=cps_id, cps_item_type=3)
    sim.ban_window(cps_id=cps_id)
    entry = sim.window_product(cps_id=cps_id)
    assert (entry["cps_item_type"], entry["ban"]) == (3, 0)


def test_dropped_product_is_not_found(sim, wechat):
    (number,) = sim.make_window()
    sim.drop_window(number)
    assert act(wechat, "get", number)["errcode"] == 10022003


def test_unbound_shop_takes_its_products_along(sim, wechat):
    sim.unbind_shop(BOUND_APPID)
    assert {entry["kind"] for entry in sim.window()} == {"cps"}
    assert listed(wechat, appid=BOUND_APPID)["errcode"] == 10022008


def test_ended_discount_leaves_no_trace(sim, wechat):
    (number,) = sim.make_window()
    sim.discount_window(number)
    sim.end_discount(number)
    assert "limit_discount_info" not in product(wechat, number)


@pytest.mark.parametrize(
    "turn",
    [
        lambda sim: sim.window_product(5),
        lambda sim: sim.change_window(5, title="x"),
        lambda sim: sim.ban_window(cps_id=5),
        lambda sim: sim.set_source(5, state="listed"),
        lambda sim: sim.drop_window(5),
        lambda sim: sim.unbind_shop("wx00000000000000ff"),
        lambda sim: sim.make_window(appid="wx00000000000000ff"),
    ],
)
def test_what_there_is_not(sim, turn):
    with pytest.raises(LookupError):
        turn(sim)


# --- HTTP ---


def test_products_are_made_over_http(sim, knob):
    answer = knob(title="控制台", count=2)[1]
    assert [entry["product_id"] for entry in sim.window()[:2]] == answer["ids"][::-1]


def test_promoted_products_are_made_over_http(sim, knob):
    knob(kind="cps", cps_id="18446744073709551615", product_id="7")
    assert sim.window_product(cps_id=2**64 - 1)["product_id"] == 7


def test_product_is_turned_over_http(sim, knob):
    (number,) = sim.make_window()
    for body in (
        {"action": "change", "title": "改过"},
        {"action": "ban", "reason": 2},
        {"action": "discount", "price": 5, "seconds": 60, "stock": 1},
        {"action": "source", "state": "delisted"},
    ):
        assert knob(product_id=number, **body) == (200, {"ok": True})
    entry = sim.window_product(number)
    assert (entry["title"], entry["ban"], entry["discount_price"], entry["source"]) == (
        "改过",
        2,
        5,
        "delisted",
    )


def test_product_is_turned_back_over_http(sim, knob):
    (number,) = sim.make_window()
    sim.ban_window(number)
    sim.discount_window(number)
    knob(action="unban", product_id=str(number))
    knob(action="end_discount", product_id=number)
    entry = sim.window_product(number)
    assert (entry["ban"], entry["discount_price"]) == (None, None)


def test_product_is_dropped_over_http(sim, knob):
    (number,) = sim.make_window()
    knob(action="drop", product_id=number)
    assert number not in [entry["product_id"] for entry in sim.window()]


def test_window_is_emptied_over_http(sim, knob):
    knob(action="empty")
    assert sim.window() == []


def test_shops_are_bound_and_unbound_over_http(sim, knob):
    knob(action="bind", shop_appid="wx00000000000000ff", name="分店")
    assert sim.state()["accounts"][DEFAULT_APPID]["window_shops"]["wx00000000000000ff"] == "分店"
    knob(action="unbind", shop_appid="wx00000000000000ff")
    assert "wx00000000000000ff" not in sim.state()["accounts"][DEFAULT_APPID]["window_shops"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "paint"}, 400),
        ({"action": "ban", "product_id": 5}, 404),
        ({"action": "drop"}, 404),
        ({"action": "discount"}, 400),
        ({"colour": "red"}, 400),
        ({"product_id": "tea"}, 400),
        ({"action": "source", "product_id": 5, "state": "listed"}, 404),
        ({"action": "bind", "shop_appid": ""}, 400),
        ({"action": "unbind", "shop_appid": "wx"}, 404),
    ],
)
def test_knob_that_cannot_be_turned(knob, body, status):
    code, answer = knob(**body)
    assert (code, bool(answer["error"])) == (status, True)


@pytest.mark.parametrize(("action", "fields"), [("ban", {"reason": 7}), ("source", {"state": "lost"})])
def test_value_that_does_not_exist(sim, knob, action, fields):
    (number,) = sim.make_window()
    assert knob(action=action, product_id=number, **fields)[0] == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"window_list_end": "never"},
        {"window_page_limit": "10000"},
        {"window_limit_errcode": 1.5},
        {"window_cps_product": True},
        {"window_off_is_legacy": 1},
    ],
)
def test_setting_that_does_not_fit(sim, changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        sim.settings(**changes)


# --- Page, state, file ---


def test_state_shows_the_window(sim, wechat):
    account = wechat.request("GET", "/_sim/state").json()["accounts"][DEFAULT_APPID]
    assert account["window"] == json.loads(json.dumps(sim.window()))
    assert account["families"]["window"] is True


def test_page_shows_products_with_buttons(sim, wechat):
    (number,) = sim.make_window(title="<白毫银针>")
    text = wechat.request("GET", "/").text
    assert "&lt;白毫银针&gt;" in text and "<白毫银针>" not in text
    assert f'name="product_id" value="{number}"' in text


def test_page_shows_an_empty_window(sim, wechat):
    sim.empty_window()
    assert "Channels window</span>: 0" in wechat.request("GET", "/").text


def test_page_shows_the_latest_of_many(sim, wechat):
    sim.make_window(count=120)
    assert "the latest 100" in wechat.request("GET", "/").text


def test_button_of_the_page_takes_a_product_off_in_its_shop(sim, wechat):
    (number,) = sim.make_window()
    form = {"product_id": str(number), "action": "source", "state": "delisted"}
    response = wechat.request("POST", "/_sim/window", data=form, allow_redirects=False)
    assert (response.status_code, sim.window_product(number)["status"]) == (303, 2)


def test_window_survives_a_restart(tmp_path):
    path = tmp_path / "simulator.json"
    with Simulator(state_file=path) as sim:
        sim.bind_shop("wx00000000000000ff", "分店")
        (number,) = sim.make_window(product_id=2**64 - 1, shop_appid="wx00000000000000ff")
        sim.discount_window(number)
        wechat = Wechat(sim.url)
        buffer = listed(wechat, page_size=2)["last_buffer"]
        rest = ids(listed(wechat, last_buffer=buffer))
        before = sim.state()["accounts"]
        wechat.session.close()
    with Simulator(state_file=path) as sim:
        wechat = Wechat(sim.url)
        assert sim.state()["accounts"] == before
        assert ids(listed(wechat, last_buffer=buffer)) == rest
        sim.make_window()
        assert ids(listed(wechat))[1] == number
        wechat.session.close()


def test_file_of_a_time_without_the_window_is_still_read(tmp_path):
    path = tmp_path / "simulator.json"
    with Simulator(state_file=path) as sim:
        products = len(sim.window())
    saved = json.loads(path.read_text())
    for shop in saved["shops"]:
        del shop["window"]
    path.write_text(json.dumps(saved))
    with Simulator(state_file=path) as sim:
        assert (len(sim.window()), len(sim.goods())) == (products, 4)
