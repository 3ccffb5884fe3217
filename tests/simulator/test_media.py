"""Uploading and downloading temporary pictures."""

import pytest

DAY = 24 * 3600


def send_parts(wechat, **files):
    query = {"access_token": wechat.token, "type": "image"}
    return wechat.request("POST", "/cgi-bin/media/upload", params=query, files=files).json()


def fetch(wechat, media_id):
    query = {"access_token": wechat.token, "media_id": media_id}
    return wechat.request("GET", "/cgi-bin/media/get", params=query)


def test_upload_answers_with_a_media_id_of_64_characters(sim, wechat, picture):
    answer = wechat.upload(picture())
    assert set(answer) == {"type", "media_id", "created_at"}
    assert len(answer["media_id"]) == 64
    assert abs(answer["created_at"] - sim.now()) < 5


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
def test_these_formats_are_taken(wechat, picture, form):
    assert "media_id" in wechat.upload(picture(form=form))


@pytest.mark.parametrize("form", ["BMP", "WEBP", "TIFF"])
def test_other_formats_are_refused(wechat, picture, form):
    assert wechat.upload(picture(form=form))["errcode"] == 40113


def test_what_is_no_picture_is_refused(wechat):
    assert wechat.upload(b"<svg/>")["errcode"] == 40113


def test_damaged_picture_is_refused(wechat, picture):
    assert wechat.upload(picture()[:60])["errcode"] == 40160


def test_empty_file_is_refused(wechat):
    assert send_parts(wechat, media=("cover.png", b""))["errcode"] == 44001


def test_part_of_another_name_is_no_media(wechat, picture):
    assert send_parts(wechat, file=("cover.png", picture()))["errcode"] == 41005


def test_part_without_a_filename_is_no_media(wechat, picture):
    assert send_parts(wechat, media=(None, picture()))["errcode"] == 41005


def test_json_body_is_no_media(wechat):
    assert wechat.post("/cgi-bin/media/upload?type=image", {})["errcode"] == 41005


def test_chinese_filename_is_taken(wechat, picture):
    assert "media_id" in wechat.upload(picture(), name="封面.png")


def test_picture_over_ten_megabytes_is_refused(wechat, picture):
    assert wechat.upload(picture(padding=10 * 1024 * 1024))["errcode"] == 40009


@pytest.mark.parametrize("kind", ["voice", "video", "thumb", "", "picture"])
def test_only_pictures_are_taken(wechat, picture, kind):
    assert wechat.upload(picture(), kind=kind)["errcode"] == 40004


def test_chunked_upload_is_refused(wechat):
    query = {"access_token": wechat.token, "type": "image"}
    response = wechat.request("POST", "/cgi-bin/media/upload", params=query, data=iter([b"a", b"b"]))
    assert (response.status_code, response.content) == (412, b"")


def test_download_returns_the_same_bytes(wechat, picture):
    response = fetch(wechat, wechat.upload(picture(form="JPEG"))["media_id"])
    assert response.content == picture(form="JPEG")
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-disposition"].startswith("attachment; filename=")


def test_media_lives_three_days(sim, wechat, picture):
    media_id = wechat.upload(picture())["media_id"]
    sim.advance(3 * DAY - 60)
    wechat._token = ""
    assert fetch(wechat, media_id).status_code == 200
    assert fetch(wechat, media_id).content == picture()


def test_media_is_gone_after_three_days(sim, wechat, picture):
    media_id = wechat.upload(picture())["media_id"]
    sim.advance(3 * DAY)
    wechat._token = ""
    assert fetch(wechat, media_id).json()["errcode"] == 40007


def test_media_of_another_account_cannot_be_fetched(wechat, other, picture):
    assert fetch(other, wechat.upload(picture())["media_id"]).json()["errcode"] == 40007


def test_download_without_an_id(wechat):
    assert fetch(wechat, "").json()["errcode"] == 41006
