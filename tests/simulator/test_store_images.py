"""Uploading product pictures."""

import pytest

from tests.simulator.storefront import add

PATH = "/product/img/upload"


def upload(wechat, data, name="tea.png", part="media", **query):
    query = {
        "access_token": wechat.token,
        "upload_type": 0,
        "resp_type": 1,
        "height": 200,
        "width": 200,
        **query,
    }
    query = {name: value for name, value in query.items() if value is not None}
    return wechat.request("POST", PATH, params=query, files={part: (name, data)}).json()


def by_url(wechat, body, **query):
    query = {"access_token": wechat.token, "upload_type": 1, "resp_type": 1, **query}
    return wechat.request("POST", PATH, params=query, json=body).json()


def test_file_becomes_a_link(wechat, picture):
    answer = upload(wechat, picture())
    assert answer["errcode"] == 0
    assert answer["pic_file"]["temp_img_url"].startswith("https://mmecimage.cn/p/wx0123456789abcdef/")


def test_link_can_be_used_in_a_product(wechat, picture):
    link = upload(wechat, picture())["pic_file"]["temp_img_url"]
    assert add(wechat, head_img=[link])["errcode"] == 0


def test_link_never_lapses(sim, wechat, picture):
    link = upload(wechat, picture())["pic_file"]["temp_img_url"]
    sim.advance(30 * 24 * 3600)
    sim.world.forget_old_media()
    response = wechat.session.get(f"{sim.url}/pictures/{link.rpartition('/')[2]}", timeout=5)
    assert response.content == picture()


def test_every_upload_has_a_link_of_its_own(wechat, picture):
    links = {upload(wechat, picture())["pic_file"]["temp_img_url"] for _ in range(2)}
    assert len(links) == 2


def test_file_becomes_media_ids(wechat, picture):
    assert set(upload(wechat, picture(), resp_type=0)["pic_file"]) == {"media_id", "pay_media_id"}


def test_jpeg_is_taken(wechat, picture):
    assert upload(wechat, picture(form="JPEG"), "tea.jpg")["errcode"] == 0


@pytest.mark.parametrize("form", ["GIF", "BMP", "WEBP"])
def test_other_formats_are_not(wechat, picture, form):
    assert upload(wechat, picture(form=form))["errcode"] == 101001


@pytest.mark.parametrize("data", [b"not a picture", b"\x89PNG\r\n\x1a\n half"])
def test_what_is_no_picture(wechat, data):
    assert upload(wechat, data)["errcode"] == 101001


def test_truncated_picture(wechat, picture):
    assert upload(wechat, picture()[:-30])["errcode"] == 101001


def test_empty_file(wechat):
    assert upload(wechat, b"")["errcode"] == 101000


def test_part_under_another_name(wechat, picture):
    assert upload(wechat, picture(), part="file")["errcode"] == 101000


@pytest.mark.parametrize(
    ("resp_type", "megabytes", "errcode"), [(0, 1, 0), (0, 3, 101002), (1, 3, 0), (1, 11, 101002)]
)
def test_size_of_the_file(wechat, picture, resp_type, megabytes, errcode):
    data = picture(padding=megabytes * 1024 * 1024)
    assert upload(wechat, data, resp_type=resp_type)["errcode"] == errcode


@pytest.mark.parametrize("query", [{"height": 201}, {"width": 199}, {"height": None}, {"width": "wide"}])
def test_stated_size_must_match(wechat, picture, query):
    assert upload(wechat, picture(), **query)["errcode"] == 101003


def test_height_and_width_are_not_mixed_up(wechat, picture):
    assert upload(wechat, picture(width=90, height=60), width=90, height=60)["errcode"] == 0


@pytest.mark.parametrize(
    "query", [{"upload_type": None}, {"upload_type": 2}, {"resp_type": None}, {"resp_type": 2}]
)
def test_both_types_must_be_chosen(wechat, picture, query):
    assert upload(wechat, picture(), **query)["errcode"] == 9401020


def test_url_becomes_a_link(wechat):
    answer = by_url(wechat, {"img_url": "https://shop.example/img/tea.jpg"})
    assert answer["pic_file"]["temp_img_url"].startswith("https://mmecimage.cn/p/")


@pytest.mark.parametrize("url", [None, "", "tea.jpg", "ftp://shop.example/a.jpg", "http://[", 5])
def test_url_that_is_none(wechat, url):
    assert by_url(wechat, {"img_url": url})["errcode"] == 9401020


def test_url_wants_json(wechat):
    query = {"access_token": wechat.token, "upload_type": 1, "resp_type": 1}
    answer = wechat.request("POST", PATH, params=query, data=b"img_url=x").json()
    assert answer["errcode"] == 47001


def test_link_form_is_that_of_the_uploading_account(other, picture):
    assert other.appid in upload(other, picture())["pic_file"]["temp_img_url"]
