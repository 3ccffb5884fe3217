"""What add and update accept in each field."""

import pytest

ADD = "/wxaapi/broadcast/goods/add"
PAGE = "pages/goods/detail"


@pytest.mark.parametrize("body", [{}, {"goodsInfo": None}, {"goodsInfo": {}}, {"goodsInfo": []}])
@pytest.mark.parametrize("action", ["add", "update"])
def test_wrapper_is_mandatory(wechat, action, body):
    answer = wechat.post(f"/wxaapi/broadcast/goods/{action}", body)
    assert answer["errcode"] == 200002
    assert answer["errmsg"].startswith("goodsInfo must not be empty")


def test_fields_without_the_wrapper_are_not_found(wechat):
    assert wechat.post(ADD, wechat.info())["errcode"] == 200002


@pytest.mark.parametrize("field", ["coverImgUrl", "name", "priceType", "price", "url"])
def test_missing_field_is_named(wechat, field):
    info = wechat.info()
    del info[field]
    answer = wechat.post(ADD, {"goodsInfo": info})
    assert answer["errcode"] == 200002
    assert answer["errmsg"].startswith(f"{field} must not be empty")


@pytest.mark.parametrize("changes", [{"name": 5}, {"url": 5}, {"coverImgUrl": 5}, {"thirdPartyAppid": 5}])
def test_text_must_be_text(wechat, changes):
    assert wechat.add(**changes)["errcode"] == 200002


@pytest.mark.parametrize("keys", ["productId", [5], {"a": 1}])
def test_goods_key_must_be_a_list_of_strings(wechat, keys):
    assert wechat.add(goodsKey=keys)["errcode"] == 200002


def test_goods_key_is_kept(sim, wechat):
    wechat.add(goodsKey=["id"])
    assert sim.goods()[-1]["goods_key"] == ["id"]


@pytest.mark.parametrize("name", ["咖啡豆", "coffee", "咖" * 14, "a" * 28, "咖啡" * 6 + "ABCD"])
def test_name_of_6_to_28_units_is_accepted(wechat, name):
    assert wechat.add(name=name)["errcode"] == 0


@pytest.mark.parametrize("name", ["咖啡", "latte", "咖" * 14 + "a", "a" * 29])
def test_name_outside_6_to_28_units_is_refused(wechat, name):
    assert wechat.add(name=name)["errcode"] == 300002


def test_name_of_digits_only_is_refused(wechat):
    assert wechat.add(name="20261121")["errcode"] == 300004


def test_forbidden_word_can_be_refused_at_once(sim, wechat):
    sim.settings(forbidden_at_once=True)
    assert wechat.add(name="最佳咖啡豆")["errcode"] == 300004


@pytest.mark.parametrize(
    "prices",
    [
        {"priceType": 1, "price": 68},
        {"priceType": 1, "price": 0.01},
        {"priceType": 1, "price": 99.5, "price2": 0},
        {"priceType": 1, "price": "99.50"},
        {"priceType": 2, "price": 10, "price2": 20},
        {"priceType": 3, "price": 68, "price2": 49.9},
    ],
)
def test_these_prices_are_accepted(wechat, prices):
    assert wechat.add(**prices)["errcode"] == 0


@pytest.mark.parametrize(
    "prices",
    [
        {"priceType": 1, "price": 0},
        {"priceType": 1, "price": -1},
        {"priceType": 1, "price": 9.999},
        {"priceType": 1, "price": "abc"},
        {"priceType": 1, "price": True},
        {"priceType": 1, "price": "Infinity"},
        {"priceType": 1, "price": "1E+2"},
        {"priceType": 1, "price": 10, "price2": 20},
        {"priceType": 2, "price": 10},
        {"priceType": 2, "price": 20, "price2": 10},
        {"priceType": 2, "price": 10, "price2": 10},
        {"priceType": 3, "price": 68},
        {"priceType": 3, "price": 49.9, "price2": 68},
        {"priceType": 3, "price": 68, "price2": 68},
        {"priceType": 3, "price": 68, "price2": -1},
        {"priceType": 4, "price": 68},
        {"priceType": "1", "price": 68},
    ],
)
def test_these_prices_are_refused(wechat, prices):
    assert wechat.add(**prices)["errcode"] == 300003


@pytest.mark.parametrize(
    "url", [PAGE, f"{PAGE}?id=88", f"{PAGE}?from=https%3A%2F%2Fshop.example%2Fa&n=%E4%B8%AD"]
)
def test_these_urls_are_accepted(wechat, url):
    assert wechat.add(url=url)["errcode"] == 0


@pytest.mark.parametrize(
    "url",
    [
        f"/{PAGE}?id=88",
        "pages%2Fgoods%2Fdetail?id=88",
        f"https://shop.example/{PAGE}",
        f"{PAGE}?from=https://shop.example/a",
        "?id=88",
        f"{PAGE} ?id=88",
    ],
)
def test_these_urls_are_refused(wechat, url):
    assert wechat.add(url=url)["errcode"] == 300007


def test_page_outside_the_published_version_is_refused(sim, wechat):
    sim.settings(pages=["pages/index"])
    assert wechat.add(url=PAGE)["errcode"] == 300007


def test_page_of_the_published_version_is_accepted(sim, wechat):
    sim.settings(pages=["pages/index", PAGE])
    assert wechat.add(url=f"{PAGE}?id=88")["errcode"] == 0


@pytest.mark.parametrize("media_id", ["x" * 43, "https://mmbiz.qpic.cn/a/0"])
def test_what_is_no_media_id_is_refused(wechat, media_id):
    assert wechat.add(coverImgUrl=media_id)["errcode"] == 300006


def test_expired_media_id_is_refused(sim, wechat, picture):
    media_id = wechat.upload(picture())["media_id"]
    sim.advance(3 * 24 * 3600)
    wechat._token = ""
    assert wechat.add(coverImgUrl=media_id)["errcode"] == 300006


def test_media_id_of_another_account_is_refused(wechat, other, picture):
    assert wechat.add(coverImgUrl=other.upload(picture())["media_id"])["errcode"] == 300006


def test_media_id_may_be_used_twice(wechat, picture):
    media_id = wechat.upload(picture())["media_id"]
    assert [wechat.add(coverImgUrl=media_id)["errcode"] for _ in range(2)] == [0, 0]


@pytest.mark.parametrize("size", [(301, 200), (200, 301)])
def test_picture_over_300_pixels_is_refused(wechat, picture, size):
    assert wechat.add(coverImgUrl=wechat.upload(picture(*size))["media_id"])["errcode"] == 300018


def test_picture_of_300_pixels_is_accepted(wechat, picture):
    assert wechat.add(coverImgUrl=wechat.upload(picture(300, 300))["media_id"])["errcode"] == 0


def test_fields_are_checked_in_the_documented_order(sim, wechat, picture):
    sim.settings(quotas={"submissions": 0})
    large = wechat.upload(picture(400, 400))["media_id"]
    wrong = {"name": "短", "price": -1, "url": "/x", "coverImgUrl": "unknown"}
    answers = [wechat.add(**wrong | {"url": ""})["errcode"]]
    for correction in ({}, {"name": "咖啡豆"}, {"price": 1}, {"url": PAGE}, {"coverImgUrl": large}):
        wrong |= correction
        answers.append(wechat.add(**wrong)["errcode"])
    answers.append(wechat.add()["errcode"])
    assert answers == [200002, 300002, 300003, 300007, 300006, 300018, 300012]


@pytest.mark.parametrize("goods_id", [None, "", "105", 1.5, True, [105]])
@pytest.mark.parametrize("action", ["delete", "audit", "resetaudit"])
def test_goods_id_must_be_a_number(wechat, action, goods_id):
    assert wechat.act(action, goods_id)["errcode"] == 200002


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"name": "短"}, 300002),
        ({"name": ""}, 200002),
        ({"url": "/pages/a"}, 300007),
        ({"coverImgUrl": "unknown"}, 300006),
        ({"price": 0}, 300003),
        ({"priceType": 3}, 300003),
        ({"price2": 5}, 300003),
        ({"goodsKey": "id"}, 200002),
    ],
)
def test_update_checks_the_fields_it_is_sent(wechat, fields, errcode):
    answer = wechat.add()
    wechat.act("resetaudit", answer["goodsId"], auditId=answer["auditId"])
    assert wechat.update(answer["goodsId"], **fields)["errcode"] == errcode


def test_refused_update_changes_nothing(sim, wechat):
    answer = wechat.add()
    wechat.act("resetaudit", answer["goodsId"], auditId=answer["auditId"])
    before = sim.goods()
    wechat.update(answer["goodsId"], name="新的好名字", url="/pages/a")
    assert sim.goods() == before


def test_update_with_the_id_alone_changes_nothing(sim, wechat):
    answer = wechat.add()
    wechat.act("resetaudit", answer["goodsId"], auditId=answer["auditId"])
    before = sim.goods()
    assert wechat.update(answer["goodsId"]) == {"errcode": 0}
    assert sim.goods() == before
