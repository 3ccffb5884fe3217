"""Which action is allowed in which state of the goods, and what it does."""

import pytest

UNAUDITED, AUDITING, APPROVED, REJECTED = range(4)
OTHER_FIELDS = [
    {"name": "新的好名字"},
    {"url": "pages/other"},
    {"thirdPartyAppid": "wx1111111111111111"},
    {"goodsKey": ["id"]},
]


def in_state(sim, wechat, status):
    """Goods made by API in this state, with their latest audit id."""
    answer = wechat.add()
    if status == UNAUDITED:
        wechat.act("resetaudit", answer["goodsId"], auditId=answer["auditId"])
    elif status != AUDITING:
        sim.verdict(answer["goodsId"], status == APPROVED)
    return answer["goodsId"], answer["auditId"]


def shown(wechat, goods_id):
    return wechat.warehouse(goods_id)["goods"][0]


@pytest.mark.parametrize("fields", OTHER_FIELDS)
@pytest.mark.parametrize(
    ("status", "errcode"), [(UNAUDITED, 0), (AUDITING, 300010), (APPROVED, 300010), (REJECTED, 0)]
)
def test_update_of_other_fields(sim, wechat, status, errcode, fields):
    goods_id, _ = in_state(sim, wechat, status)
    assert wechat.update(goods_id, **fields)["errcode"] == errcode


@pytest.mark.parametrize(
    ("status", "errcode"), [(UNAUDITED, 0), (AUDITING, 300010), (APPROVED, 0), (REJECTED, 0)]
)
def test_update_of_prices(sim, wechat, status, errcode):
    goods_id, _ = in_state(sim, wechat, status)
    assert wechat.update(goods_id, priceType=3, price=68, price2=45.5)["errcode"] == errcode


@pytest.mark.parametrize(
    ("status", "errcode"), [(UNAUDITED, 300017), (AUDITING, 0), (APPROVED, 300017), (REJECTED, 300017)]
)
def test_withdrawing(sim, wechat, status, errcode):
    goods_id, audit_id = in_state(sim, wechat, status)
    assert wechat.act("resetaudit", goods_id, auditId=audit_id)["errcode"] == errcode


@pytest.mark.parametrize(
    ("status", "errcode"), [(UNAUDITED, 0), (AUDITING, 300010), (APPROVED, 300010), (REJECTED, 0)]
)
def test_submitting_again(sim, wechat, status, errcode):
    goods_id, _ = in_state(sim, wechat, status)
    assert wechat.act("audit", goods_id)["errcode"] == errcode


@pytest.mark.parametrize(
    ("status", "errcode"), [(UNAUDITED, 0), (AUDITING, 300014), (APPROVED, 0), (REJECTED, 0)]
)
def test_deleting(sim, wechat, status, errcode):
    goods_id, _ = in_state(sim, wechat, status)
    assert wechat.act("delete", goods_id)["errcode"] == errcode


@pytest.mark.parametrize("status", [UNAUDITED, AUDITING, APPROVED, REJECTED])
def test_reading_is_possible_in_every_state(sim, wechat, status):
    goods_id, _ = in_state(sim, wechat, status)
    assert shown(wechat, goods_id)["audit_status"] == status
    assert goods_id in [row["goodsId"] for row in wechat.listed(status)["goods"]]


def test_rejected_goods_can_be_made_final_for_update(sim, wechat):
    sim.settings(rejected_is_final=True)
    goods_id, _ = in_state(sim, wechat, REJECTED)
    assert wechat.update(goods_id, price=1)["errcode"] == 300010


def test_rejected_goods_can_be_made_final_for_audit(sim, wechat):
    sim.settings(rejected_is_final=True)
    goods_id, _ = in_state(sim, wechat, REJECTED)
    assert wechat.act("audit", goods_id)["errcode"] == 300010


def test_add_answers_with_two_ids_and_no_errmsg(wechat):
    assert set(wechat.add()) == {"errcode", "goodsId", "auditId"}


def test_add_leaves_the_goods_under_audit(wechat):
    assert shown(wechat, wechat.added())["audit_status"] == AUDITING


def test_goods_ids_count_up(wechat):
    first = wechat.added()
    assert wechat.added() == first + 1


def test_goods_ids_are_unique_over_all_accounts(wechat, other):
    assert wechat.added() != other.added()


def test_adding_twice_makes_two_goods(wechat):
    info = wechat.info()
    ids = {wechat.post("/wxaapi/broadcast/goods/add", {"goodsInfo": info})["goodsId"] for _ in range(2)}
    assert len(ids) == 2


def test_audit_ids_have_nine_digits(wechat):
    assert len(str(wechat.add()["auditId"])) == 9


def test_each_submission_has_a_new_audit_id(sim, wechat):
    goods_id, first = in_state(sim, wechat, UNAUDITED)
    answer = wechat.act("audit", goods_id)
    assert set(answer) == {"errcode", "auditId"}
    assert answer["auditId"] != first


def test_withdrawing_answers_with_the_errcode_alone(wechat):
    answer = wechat.add()
    assert wechat.act("resetaudit", answer["goodsId"], auditId=answer["auditId"]) == {"errcode": 0}


def test_withdrawing_needs_the_latest_audit_id(sim, wechat):
    goods_id, first = in_state(sim, wechat, UNAUDITED)
    wechat.act("audit", goods_id)
    assert wechat.act("resetaudit", goods_id, auditId=first)["errcode"] == 300009


def test_withdrawing_with_a_misspelt_audit_id_fails(wechat):
    answer = wechat.add()
    assert wechat.act("resetaudit", answer["goodsId"], auditid=answer["auditId"])["errcode"] == 300009


def test_price_of_approved_goods_changes_at_once_without_an_audit(sim, wechat):
    goods_id, _ = in_state(sim, wechat, APPROVED)
    wechat.update(goods_id, priceType=3, price=68, price2=45.5)
    row = shown(wechat, goods_id)
    assert (row["price_type"], row["price"], row["price2"], row["audit_status"]) == (3, 68, 45.5, APPROVED)


def test_update_never_submits(sim, wechat):
    goods_id, _ = in_state(sim, wechat, UNAUDITED)
    assert wechat.update(goods_id, name="新的好名字") == {"errcode": 0}
    assert (shown(wechat, goods_id)["name"], shown(wechat, goods_id)["audit_status"]) == (
        "新的好名字",
        UNAUDITED,
    )


def test_one_price_field_may_be_sent_alone(sim, wechat):
    goods_id, _ = in_state(sim, wechat, APPROVED)
    wechat.update(goods_id, price=70)
    assert shown(wechat, goods_id)["price"] == 70


def test_change_to_a_fixed_price_forgets_the_second_price(sim, wechat):
    goods_id = wechat.added(priceType=2, price=10, price2=20)
    sim.verdict(goods_id, True)
    assert wechat.update(goods_id, priceType=1, price=45)["errcode"] == 0
    assert shown(wechat, goods_id)["price2"] == 0


def test_new_picture_is_shown(sim, wechat, picture):
    goods_id, _ = in_state(sim, wechat, UNAUDITED)
    data = picture(90, 90)
    wechat.update(goods_id, coverImgUrl=wechat.upload(data)["media_id"])
    assert wechat.session.get(shown(wechat, goods_id)["cover_img_url"], timeout=5).content == data


def test_deleted_goods_are_gone(sim, wechat):
    goods_id, _ = in_state(sim, wechat, APPROVED)
    assert wechat.act("delete", goods_id) == {"errcode": 0}
    assert wechat.warehouse(goods_id)["goods"] == []


@pytest.mark.parametrize(("action", "errcode"), [("audit", 1003), ("resetaudit", 1003), ("delete", 300015)])
def test_action_on_unknown_goods(wechat, action, errcode):
    assert wechat.act(action, 999_999, auditId=1)["errcode"] == errcode


def test_update_of_unknown_goods(wechat):
    assert wechat.update(999_999, price=1)["errcode"] == 1003


def test_goods_of_another_account_are_unknown(wechat, other):
    assert other.act("delete", wechat.added())["errcode"] == 300015


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("action", ["audit", "resetaudit", "delete"])
def test_console_goods_cannot_be_acted_on(sim, wechat, action, position):
    goods_id = sim.goods()[position]["goods_id"]
    assert wechat.act(action, goods_id, auditId=1)["errcode"] == 300011


@pytest.mark.parametrize("position", range(4))
def test_console_goods_cannot_be_updated(sim, wechat, position):
    assert wechat.update(sim.goods()[position]["goods_id"], price=1)["errcode"] == 300011
