"""What an operation would send in each state: section 5 of the live goods document as a table."""

from decimal import Decimal

import pytest
from django.core.files.base import ContentFile

from goods.live import plans, wire
from goods.models import LiveGoods
from tests.conftest import png

OPERATIONS = ADD, UPDATE, WITHDRAW, RESUBMIT, DELETE = tuple(LiveGoods.OPERATIONS)
STATUSES = {"not under review": 0, "under review": 1, "approved": 2, "refused": 3}

# The operations that each state allows, when the price was changed.
ALLOWED = {
    0: {UPDATE, RESUBMIT, DELETE},
    1: {WITHDRAW},
    2: {UPDATE, DELETE},
    3: {UPDATE, RESUBMIT, DELETE},
}


@pytest.fixture
def at_wechat(make_goods):
    """Goods that WeChat has exactly as we have them, in one state."""

    def do(status, **fields):
        goods = make_goods(goods_id="77", audit_id="88", audit_status=status, third_party_tag=2, **fields)
        goods.remote = wire.local_fields(wire.goods_info(goods))
        goods.cover_sent = goods.cover.name
        goods.save()
        return goods

    return do


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", STATUSES.values(), ids=STATUSES.keys())
def test_each_state_allows_its_operations(at_wechat, status, operation):
    goods = at_wechat(status)
    goods.price = Decimal("45")
    assert goods.plan(operation).sends == (operation in ALLOWED[status])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_draft_can_only_be_added(make_goods, operation):
    assert make_goods().plan(operation).sends == (operation is ADD)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [*STATUSES.values(), 9, None])
@pytest.mark.parametrize("tag", [0, None, 7])
def test_goods_of_the_console_allow_nothing(at_wechat, status, tag, operation):
    goods = at_wechat(status)
    goods.third_party_tag, goods.price = tag, Decimal("45")
    assert not goods.plan(operation).sends


@pytest.mark.parametrize("operation", [UPDATE, RESUBMIT, DELETE, WITHDRAW])
@pytest.mark.parametrize("status", STATUSES.values(), ids=STATUSES.keys())
def test_what_is_not_possible_says_why(at_wechat, status, operation):
    plan = at_wechat(status).plan(operation)
    assert plan.sends or (str(plan.reason) and not plan.body)


@pytest.mark.parametrize("status", STATUSES.values(), ids=STATUSES.keys())
def test_without_changes_there_is_nothing_to_update(at_wechat, status):
    assert not at_wechat(status).plan(UPDATE).sends


def test_without_its_review_number_a_submission_cannot_be_withdrawn(at_wechat):
    goods = at_wechat(1)
    goods.audit_id = ""
    assert not goods.plan(WITHDRAW).sends


@pytest.mark.parametrize("operation", [UPDATE, RESUBMIT])
@pytest.mark.parametrize(
    ("field", "value", "sent"),
    [
        ("name", "云南小粒咖啡新版", {"name": "云南小粒咖啡新版"}),
        ("url", "pages/goods/detail?id=9", {"url": "pages/goods/detail?id=9"}),
        ("third_party_appid", "wxaaaaaaaaaaaaaaaa", {"thirdPartyAppid": "wxaaaaaaaaaaaaaaaa"}),
        ("price", Decimal("45.50"), {"priceType": 1, "price": 45.5}),
    ],
)
def test_only_what_changed_is_sent(at_wechat, operation, field, value, sent):
    goods = at_wechat(3)
    setattr(goods, field, value)
    assert goods.plan(operation).body == {"goodsInfo": sent}


def test_a_cleared_appid_is_sent_as_empty(at_wechat):
    goods = at_wechat(0, third_party_appid="wxaaaaaaaaaaaaaaaa")
    goods.third_party_appid = ""
    assert goods.plan(UPDATE).body == {"goodsInfo": {"thirdPartyAppid": ""}}


def test_another_kind_of_price_is_sent_with_both_prices(at_wechat):
    goods = at_wechat(0)
    goods.price_type, goods.price2 = 3, Decimal("50")
    assert goods.plan(UPDATE).body == {"goodsInfo": {"priceType": 3, "price": 68, "price2": 50}}


def test_a_new_cover_is_sent(at_wechat):
    goods = at_wechat(0)
    goods.cover.save("new.png", ContentFile(png(colour="red")), save=False)
    assert goods.plan(UPDATE).body == {"goodsInfo": {}, "cover": goods.cover.name}


def test_of_approved_goods_only_prices_are_sent(at_wechat):
    goods = at_wechat(2)
    goods.name, goods.price = "云南小粒咖啡新版", Decimal("45")
    assert goods.plan(UPDATE).body == {"goodsInfo": {"priceType": 1, "price": 45}}


def test_it_is_said_that_the_rest_is_not_sent(at_wechat):
    goods = at_wechat(2)
    goods.price = Decimal("45")
    silent = len(goods.plan(UPDATE).notes)
    goods.name = "云南小粒咖啡新版"
    assert len(goods.plan(UPDATE).notes) == silent + 1


@pytest.mark.parametrize("field", ["name", "url", "third_party_appid"])
def test_of_approved_goods_nothing_but_prices_can_be_changed(at_wechat, field):
    goods = at_wechat(2)
    setattr(goods, field, "wxaaaaaaaaaaaaaaaa")
    assert not goods.plan(UPDATE).sends


def test_resubmitting_without_changes_sends_no_update(at_wechat):
    assert at_wechat(0).plan(RESUBMIT).body == {}


def test_resubmitting_unchanged_after_a_refusal_is_warned_about(at_wechat):
    goods = at_wechat(3)
    assert goods.plan(RESUBMIT).notes
    goods.audit_status = 0
    assert not goods.plan(RESUBMIT).notes


@pytest.mark.parametrize("operation", [ADD, UPDATE, RESUBMIT])
def test_a_broken_rule_stops_what_would_send_it(at_wechat, make_goods, operation):
    goods = make_goods() if operation is ADD else at_wechat(3)
    goods.name = "短"
    assert not goods.plan(operation).sends


@pytest.mark.parametrize(("operation", "status"), [(DELETE, 3), (WITHDRAW, 1)])
def test_a_broken_rule_does_not_stop_the_rest(at_wechat, operation, status):
    goods = at_wechat(status)
    goods.name = "短"
    assert goods.plan(operation).sends


def test_prices_that_come_back_in_fen_are_no_change(at_wechat):
    goods = at_wechat(0)
    goods.remote["price"] = "6800"
    assert plans.changed_fields(goods) == []


def test_a_second_price_that_is_not_in_use_is_no_change(at_wechat):
    goods = at_wechat(0)
    goods.price2 = Decimal("12")
    assert plans.changed_fields(goods) == []


def test_a_second_price_of_zero_at_wechat_is_no_change(at_wechat):
    goods = at_wechat(0)
    goods.remote["price2"] = "0"
    assert plans.changed_fields(goods) == []


def test_the_changes_show_old_and_new(at_wechat):
    goods = at_wechat(0)
    goods.price = Decimal("45.5")
    change = goods.plan(UPDATE).changes[0]
    assert (change.old, change.new) == ("¥68.00", "¥45.50")


def test_the_changes_show_the_prices_as_they_are_sent(at_wechat):
    goods = at_wechat(0)
    goods.price_type, goods.price2 = 3, Decimal("49.90")
    assert goods.plan(UPDATE).changes[-1].new == "priceType 3, price 68, price2 49.9"


def test_without_another_price_none_is_shown_as_sent(at_wechat):
    goods = at_wechat(0)
    goods.name = "云南小粒咖啡新版"
    assert [change.new for change in goods.plan(UPDATE).changes] == ["云南小粒咖啡新版"]


def test_a_new_product_shows_its_page_and_its_price_as_buyers_see_it_and_as_sent(make_goods):
    goods = make_goods(price_type=3, price=Decimal("68"), price2=Decimal("49.9"))
    assert [(change.old, str(change.new)) for change in goods.plan(ADD).changes] == [
        (None, goods.url),
        (None, "¥49.90 <del>¥68.00</del>"),
        (None, "priceType 3, price 68, price2 49.9"),
    ]


def test_the_picture_is_our_small_copy(make_goods):
    assert make_goods().plan(ADD).picture().endswith(".png.jpg")


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://mmbiz.qpic.cn/a", "https://mmbiz.qpic.cn/a"),
        ("javascript:alert(1)", ""),
        (7, ""),
        (None, ""),
    ],
)
def test_without_a_picture_of_ours_wechats_is_shown_if_it_is_a_link(at_wechat, link, shown):
    goods = at_wechat(2)
    goods.cover, goods.remote["cover_img_url"] = "", link
    assert goods.plan(DELETE).picture() == shown


# --- The effect ---


@pytest.mark.parametrize(
    ("operation", "status", "effect"),
    [
        (ADD, 2, "nothing"),
        (UPDATE, 2, "nothing"),
        (UPDATE, 1, "nothing"),
        (WITHDRAW, 1, "change"),
        (WITHDRAW, 2, "nothing"),
        (RESUBMIT, 0, "change"),
        (RESUBMIT, 1, "nothing"),
        (RESUBMIT, 2, "nothing"),
        (DELETE, 2, "delete"),
        (DELETE, 1, "blocked"),
    ],
)
def test_the_effect_tells_apart_what_is_needless_and_what_is_blocked(at_wechat, operation, status, effect):
    assert at_wechat(status).plan(operation).effect == effect


def test_adding_a_draft_creates(make_goods):
    assert make_goods().plan(ADD).effect == "create"


def test_a_draft_cannot_be_updated_and_need_not_be_deleted(make_goods):
    goods = make_goods()
    assert (goods.plan(UPDATE).effect, goods.plan(DELETE).effect) == ("blocked", "nothing")


def test_a_broken_rule_blocks(make_goods):
    assert make_goods(name="短").plan(ADD).effect == "blocked"


def test_a_name_that_an_approved_product_cannot_get_is_blocked_not_needless(at_wechat):
    goods = at_wechat(2)
    goods.name = "云南小粒咖啡新版"
    assert goods.plan(UPDATE).effect == "blocked"


def test_goods_of_the_console_are_blocked(at_wechat):
    goods = at_wechat(2)
    goods.third_party_tag = 0
    assert {goods.plan(operation).effect for operation in (UPDATE, WITHDRAW, RESUBMIT, DELETE)} == {"blocked"}


def test_an_added_product_is_sent_whole(make_goods):
    goods = make_goods(price_type=3, price=Decimal("68"), price2=Decimal("49.9"))
    assert goods.plan(ADD).body == {
        "goodsInfo": {"name": goods.name, "url": goods.url, "priceType": 3, "price": 68, "price2": 49.9},
        "cover": goods.cover.name,
    }


def test_goods_without_a_cover_cannot_be_added(make_goods):
    assert not make_goods(cover="").plan(ADD).sends
