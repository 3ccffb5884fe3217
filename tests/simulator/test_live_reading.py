"""Reading goods back: by ids in snake_case, by status in camelCase."""

import pytest

LIST = "/wxaapi/broadcast/goods/getapproved"
WAREHOUSE = "/wxa/business/getgoodswarehouse"


@pytest.fixture
def goods_id(sim, wechat):
    goods_id = wechat.added(priceType=3, price=68, price2=49.9, thirdPartyAppid="wx1111111111111111")
    sim.verdict(goods_id, True)
    return goods_id


def test_row_by_id_is_in_snake_case(wechat, goods_id):
    answer = wechat.warehouse(goods_id)
    row = answer["goods"][0]
    assert row.pop("cover_img_url").startswith(f"{wechat.url}/pictures/")
    assert row == {
        "goods_id": goods_id,
        "name": "云南小粒咖啡250g",
        "url": "pages/goods/detail?id=88",
        "price_type": 3,
        "price": 68,
        "price2": 49.9,
        "audit_status": 2,
        "third_party_tag": 2,
        "thirdPartyAppid": "wx1111111111111111",
    }
    assert (answer["errcode"], answer["errmsg"], answer["total"]) == (0, "ok", 1)


def test_row_in_the_list_is_in_camel_case_and_without_a_status(sim, wechat, goods_id):
    row = wechat.listed(2)["goods"][-1]
    assert row.pop("coverImgUrl").startswith(f"{wechat.url}/pictures/")
    assert row == {
        "goodsId": goods_id,
        "name": "云南小粒咖啡250g",
        "url": "pages/goods/detail?id=88",
        "priceType": 3,
        "price": 68,
        "price2": 49.9,
        "thirdPartyTag": 2,
        "thirdPartyAppid": "wx1111111111111111",
    }


def test_other_appid_is_absent_where_there_is_none(wechat):
    assert "thirdPartyAppid" not in wechat.warehouse(wechat.added())["goods"][0]


def test_fixed_price_has_a_second_price_of_zero(wechat):
    assert wechat.warehouse(wechat.added())["goods"][0]["price2"] == 0


def test_price_sent_as_text_comes_back_as_a_number(wechat):
    assert wechat.warehouse(wechat.added(price="99.50"))["goods"][0]["price"] == 99.5


def test_chinese_is_sent_unescaped(wechat, goods_id):
    body = b'{"goods_ids":[%d]}' % goods_id
    assert "云南".encode() in wechat.raw_post(WAREHOUSE, body).content


def test_goods_come_in_the_order_asked_for(wechat):
    first, second = wechat.added(), wechat.added()
    assert [row["goods_id"] for row in wechat.warehouse(second, first)["goods"]] == [second, first]


def test_unknown_ids_are_left_out(wechat, goods_id):
    assert [row["goods_id"] for row in wechat.warehouse(999_999, goods_id)["goods"]] == [goods_id]


def test_goods_of_another_account_are_left_out(wechat, other):
    assert other.warehouse(wechat.added())["goods"] == []


def test_twenty_ids_are_answered(wechat):
    assert wechat.warehouse(*range(1, 21))["errcode"] == 0


def test_twenty_one_ids_are_refused(wechat):
    assert wechat.warehouse(*range(1, 22))["errcode"] == 200002


@pytest.mark.parametrize("ids", [None, [], "105", 105, ["105"], [1.5], [True]])
def test_ids_must_be_a_list_of_numbers(wechat, ids):
    assert wechat.post(WAREHOUSE, {"goods_ids": ids})["errcode"] == 200002


def test_goods_by_id_have_a_second_path(wechat, goods_id):
    answer = wechat.post("/wxaapi/broadcast/getgoodswarehouse", {"goods_ids": [goods_id]})
    assert answer["goods"][0]["goods_id"] == goods_id


def test_both_paths_use_the_same_quota(sim, wechat):
    sim.settings(quotas={WAREHOUSE: 1})
    wechat.post("/wxaapi/broadcast/getgoodswarehouse", {"goods_ids": [1]})
    assert wechat.warehouse(1)["errcode"] == 45009


@pytest.mark.parametrize(
    "query",
    [
        {"status": 2},
        {"offset": 0},
        {"offset": -1, "status": 2},
        {"offset": "a", "status": 2},
        {"offset": 0, "status": 4},
        {"offset": 0, "status": -1},
        {"offset": 0, "status": "0,1"},
        {"offset": 0, "status": 2, "limit": 0},
        {"offset": 0, "status": 2, "limit": 101},
        {"offset": 0, "status": 2, "limit": "many"},
    ],
)
def test_list_refuses_a_wrong_query(wechat, query):
    assert wechat.get(LIST, **query)["errcode"] == 200002


def test_list_has_thirty_rows_unless_told_otherwise(sim, wechat):
    sim.make_goods(count=40)
    assert len(wechat.listed(2)["goods"]) == 30


def test_list_has_up_to_a_hundred_rows(sim, wechat):
    sim.make_goods(count=120)
    assert len(wechat.listed(2, limit=100)["goods"]) == 100


def test_pages_together_are_the_whole_list(sim, wechat):
    made = sim.make_goods(count=25, audit_status=3)
    pages = [wechat.listed(3, offset=offset, limit=10) for offset in (0, 10, 20)]
    ids = [row["goodsId"] for page in pages for row in page["goods"]]
    assert set(made) <= set(ids)
    assert len(ids) == len(set(ids)) == pages[0]["total"] == 26


def test_page_past_the_end_is_empty(wechat):
    answer = wechat.listed(2, offset=500)
    assert (answer["goods"], answer["total"]) == ([], 1)


@pytest.mark.parametrize("status", range(4))
def test_console_goods_are_listed_in_every_status(wechat, status):
    assert [row["thirdPartyTag"] for row in wechat.listed(status)["goods"]] == [0]


def test_console_goods_under_audit_stay_there(sim, wechat):
    sim.advance(3600)
    sim.ripen()
    assert wechat.listed(1)["total"] == 1


def test_picture_can_be_seen_at_its_link(wechat, picture, goods_id):
    link = wechat.warehouse(goods_id)["goods"][0]["cover_img_url"]
    response = wechat.session.get(link, timeout=5)
    assert (response.content, response.headers["Content-Type"]) == (picture(), "image/png")


def test_unknown_picture_is_not_found(wechat):
    assert wechat.request("GET", "/pictures/none").status_code == 404


def test_switch_prices_in_fen(sim, wechat, goods_id):
    sim.settings(prices_in_fen=True)
    row = wechat.warehouse(goods_id)["goods"][0]
    assert (row["price"], row["price2"]) == (6800, 4990)


def test_switch_ids_as_strings_by_id(sim, wechat, goods_id):
    sim.settings(ids_as_strings=True)
    row = wechat.warehouse(goods_id)["goods"][0]
    assert (row["goods_id"], row["audit_status"]) == (str(goods_id), "2")


def test_switch_ids_as_strings_in_the_list(sim, wechat, goods_id):
    sim.settings(ids_as_strings=True)
    assert wechat.listed(2)["goods"][-1]["goodsId"] == str(goods_id)


def test_switch_ids_as_strings_after_add(sim, wechat):
    sim.settings(ids_as_strings=True)
    answer = wechat.add()
    assert isinstance(answer["goodsId"], str) and isinstance(answer["auditId"], str)


def test_switch_total_zero(sim, wechat, goods_id):
    sim.settings(zero_total=True)
    assert (wechat.warehouse(goods_id)["total"], wechat.listed(2)["total"]) == (0, 0)


def test_switch_errcode_as_string(sim, wechat, goods_id):
    sim.settings(errcode_as_string=True)
    assert wechat.warehouse(goods_id)["errcode"] == "0"
    assert wechat.act("delete", 999_999)["errcode"] == "300015"


def test_switch_content_type(sim, wechat, goods_id):
    sim.settings(content_type="text/plain")
    response = wechat.raw_post(WAREHOUSE, b'{"goods_ids":[%d]}' % goods_id)
    assert response.headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("third_party_tag", {"third_party_tag"}),
        ("both", {"third_party_tag", "thirdPartyTag"}),
    ],
)
def test_switch_spelling_of_the_origin(sim, wechat, choice, names):
    sim.settings(list_tag=choice)
    row = wechat.listed(2)["goods"][0]
    assert names == {"third_party_tag", "thirdPartyTag"} & set(row)


@pytest.mark.parametrize(
    ("choice", "names"), [("priceType", {"priceType"}), ("both", {"priceType", "price_type"})]
)
def test_switch_spelling_of_the_price_type(sim, wechat, goods_id, choice, names):
    sim.settings(warehouse_price_type=choice)
    row = wechat.warehouse(goods_id)["goods"][0]
    assert names == {"priceType", "price_type"} & set(row)
