"""The interfaces as methods: what is sent, what is read, against the simulator."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import Kind
from shopadmin.wechat.live_goods import LiveGoodsAPI
from tests.conftest import png
from tests.wechat.conftest import failure

API = LiveGoodsAPI
CONSOLE_NAME = "控制台 挂耳咖啡礼盒"


@pytest.fixture
def client(account) -> WeChatClient:
    return client_for(account)


@pytest.fixture
def info(client) -> dict[str, object]:
    """What goods are made of, with a picture that is at WeChat already."""
    media_id = client.media.upload_image("cover.png", png(300, 300), "image/png").media_id
    return {
        "coverImgUrl": media_id,
        "name": "云南小粒咖啡250g",
        "priceType": 3,
        "price": Decimal("68.00"),
        "price2": Decimal("49.90"),
        "url": "pages/goods/detail?id=88",
    }


def sent(sim, path: str):
    return sim.calls(path)[-1]["body"]


def test_adding_returns_both_ids(sim, client, info):
    added = client.live_goods.add(info)
    [goods] = [goods for goods in sim.goods() if goods["origin"] == "api"]
    assert (added.goods_id, added.audit_id) == (str(goods["goods_id"]), str(goods["audit_id"]))


def test_adding_sends_the_wrapper_and_plain_prices(sim, client, info):
    client.live_goods.add(info)
    body = sent(sim, API.ADD)["goodsInfo"]
    assert (body["name"], body["price"], body["price2"]) == ("云南小粒咖啡250g", 68, 49.9)


def test_ids_may_come_as_text(sim, client, info):
    sim.settings(ids_as_strings=True)
    added = client.live_goods.add(info)
    assert client.live_goods.get_goods_warehouse([added.goods_id])[0].goods_id == added.goods_id


@pytest.mark.parametrize("missing", ["goodsId", "auditId"])
def test_success_without_an_id_is_no_answer_and_loses_nothing(sim, client, info, missing):
    answer = {"errcode": 0, "goodsId": 214, "auditId": 530118842}
    del answer[missing]
    sim.next("wrong_type", path=API.ADD, value=answer)
    error = failure(lambda: client.live_goods.add(info))
    assert error.kind is Kind.NO_ANSWER
    assert missing in error.errmsg
    assert error.answer == answer


def test_a_refusal_carries_the_familys_kind(sim, client, info):
    error = failure(lambda: client.live_goods.add({**info, "name": "短"}))
    assert (error.kind, error.errcode) == (Kind.INPUT, 300002)
    assert error.rid


def test_an_audit_can_be_withdrawn(sim, client, info):
    added = client.live_goods.add(info)
    client.live_goods.reset_audit(added.goods_id, added.audit_id)
    assert client.live_goods.get_goods_warehouse([added.goods_id])[0].audit_status == 0


def test_submitting_again_returns_the_new_audit_id(sim, client, info):
    added = client.live_goods.add(info)
    client.live_goods.reset_audit(added.goods_id, added.audit_id)
    assert client.live_goods.audit(added.goods_id) not in ("", added.audit_id)


def test_withdrawing_what_is_not_under_audit_is_a_matter_of_state(sim, client, info):
    added = client.live_goods.add(info)
    sim.verdict(int(added.goods_id), True)
    error = failure(lambda: client.live_goods.reset_audit(added.goods_id, added.audit_id))
    assert (error.kind, error.errcode) == (Kind.STATE, 300017)


def test_deleted_goods_are_gone(sim, client, info):
    added = client.live_goods.add(info)
    sim.verdict(int(added.goods_id), True)
    client.live_goods.delete(added.goods_id)
    assert client.live_goods.get_goods_warehouse([added.goods_id]) == []


def test_deleting_what_is_gone_is_told_apart(sim, client):
    assert failure(lambda: client.live_goods.delete("999999")).kind is Kind.NOT_FOUND


def test_an_update_changes_the_fields_it_names(sim, client, info):
    added = client.live_goods.add(info)
    sim.verdict(int(added.goods_id), True)
    client.live_goods.update({"goodsId": added.goods_id, "priceType": 1, "price": Decimal("45.50")})
    [row] = client.live_goods.get_goods_warehouse([added.goods_id])
    assert (row.price_type, row.price, row.name) == (1, Decimal("45.5"), info["name"])


def test_ids_go_out_as_numbers(sim, client, info):
    added = client.live_goods.add(info)
    client.live_goods.reset_audit(added.goods_id, added.audit_id)
    assert sent(sim, API.RESET_AUDIT) == {"goodsId": int(added.goods_id), "auditId": int(added.audit_id)}


def test_goods_by_id_are_read_completely(sim, client, info):
    added = client.live_goods.add({**info, "thirdPartyAppid": "wx00000000000000cc"})
    [row] = client.live_goods.get_goods_warehouse([added.goods_id])
    assert row.cover_img_url.startswith("http")
    assert (row.name, row.url, row.price_type) == (info["name"], info["url"], 3)
    assert (row.price, row.price2) == (Decimal("68"), Decimal("49.9"))
    assert (row.audit_status, row.third_party_tag, row.third_party_appid) == (1, 2, "wx00000000000000cc")


def test_more_than_twenty_ids_are_refused_before_sending(sim, client):
    with pytest.raises(ValueError, match="21 ids"):
        client.live_goods.get_goods_warehouse([str(number) for number in range(21)])
    assert sim.calls() == []


@pytest.mark.parametrize("spelling", ["price_type", "priceType", "both"])
def test_both_spellings_of_the_price_type_are_read(sim, client, spelling):
    sim.settings(warehouse_price_type=spelling)
    goods_id = next(str(goods["goods_id"]) for goods in sim.goods() if goods["name"] == CONSOLE_NAME)
    assert client.live_goods.get_goods_warehouse([goods_id])[0].price_type == 3


@pytest.mark.parametrize("spelling", ["thirdPartyTag", "third_party_tag", "both"])
def test_both_spellings_of_the_origin_are_read(sim, client, spelling):
    sim.settings(list_tag=spelling)
    assert client.live_goods.get_approved(2).goods[0].third_party_tag == 0


@pytest.mark.parametrize("status", [0, 1, 2, 3])
def test_a_list_has_the_status_that_was_asked_for(sim, client, status):
    page = client.live_goods.get_approved(status)
    assert page.total == 1
    assert [goods.audit_status for goods in page.goods] == [status]


def test_a_list_is_read_page_by_page(sim, client):
    sim.make_goods(count=4)
    page = client.live_goods.get_approved(2, offset=2, limit=2)
    assert (page.total, len(page.goods)) == (5, 2)


def test_an_unknown_status_is_kept(sim, client):
    row = {"goods_id": 7, "name": "杯", "audit_status": "9"}
    sim.next("wrong_type", path=API.GET_GOODS_WAREHOUSE, value={"errcode": 0, "goods": [row]})
    assert client.live_goods.get_goods_warehouse(["7"])[0].audit_status == 9


def test_a_missing_list_is_empty(sim, client):
    sim.next("wrong_type", path=API.GET_GOODS_WAREHOUSE, value={"errcode": 0})
    assert client.live_goods.get_goods_warehouse(["7"]) == []


@pytest.mark.parametrize("goods", ["none", {"7": {}}, [7], [{"name": "without an id"}]], ids=str)
def test_a_list_of_something_else_is_no_answer(sim, client, goods):
    sim.next("wrong_type", path=API.GET_GOODS_WAREHOUSE, value={"errcode": 0, "goods": goods})
    error = failure(lambda: client.live_goods.get_goods_warehouse(["7"]))
    assert error.kind is Kind.NO_ANSWER
    assert "goods" in error.errmsg


@pytest.mark.parametrize("price", ["68.00", 68, 68.0])
def test_a_price_may_come_in_any_form(sim, client, price):
    value = {"errcode": 0, "goods": [{"goods_id": 7, "price": price}]}
    sim.next("wrong_type", path=API.GET_GOODS_WAREHOUSE, value=value)
    assert client.live_goods.get_goods_warehouse(["7"])[0].price == Decimal(68)


@pytest.mark.parametrize("price", ["cheap", None, [], True, "NaN"], ids=str)
def test_a_price_that_is_none_does_not_spoil_the_rest(sim, client, price):
    value = {"errcode": 0, "goods": [{"goods_id": 7, "name": "杯", "price": price}]}
    sim.next("wrong_type", path=API.GET_GOODS_WAREHOUSE, value=value)
    [row] = client.live_goods.get_goods_warehouse(["7"])
    assert (row.name, row.price) == ("杯", None)


def test_a_picture_is_uploaded(sim, client):
    uploaded = client.media.upload_image("封面.png", png(), "image/png")
    assert len(uploaded.media_id) == 64
    assert abs(datetime.now(UTC) - uploaded.created_at) < timedelta(seconds=5)


def test_an_uploads_time_may_be_text_or_missing(sim, client):
    sim.next("wrong_type", path="/cgi-bin/media/upload", value={"media_id": "m", "created_at": "1795219200"})
    assert client.media.upload_image("a.png", png(), "image/png").created_at.year == 2026
    sim.next("wrong_type", path="/cgi-bin/media/upload", value={"media_id": "m"})
    assert client.media.upload_image("a.png", png(), "image/png").created_at.year >= 2026


def test_what_is_no_picture_is_refused(sim, client):
    assert failure(lambda: client.media.upload_image("a.png", b"no picture", "image/png")).kind is Kind.INPUT


def test_a_refused_token_during_an_upload_is_renewed(sim, client):
    client.diagnostics.get_api_domain_ip()
    sim.revoke_tokens()
    assert client.media.upload_image("a.png", png(), "image/png").media_id


def test_adding_and_submitting_again_share_one_quota():
    assert API.QUOTA[API.ADD] is API.QUOTA[API.AUDIT]
    assert API.QUOTA[API.ADD].per_day == 500


def test_every_interface_has_a_quota():
    paths = {value for name, value in vars(API).items() if name.isupper() and isinstance(value, str)}
    assert set(API.QUOTA) == paths
    assert len({group.name for group in API.QUOTA.values()}) == 6


def test_without_renewing_a_refused_token_is_an_error_at_once(sim, transport):
    client = WeChatClient(sim.url, lambda: "refused", transport=transport)
    assert failure(lambda: client.live_goods.get_approved(2)).kind is Kind.TOKEN
    assert len(sim.calls()) == 1
