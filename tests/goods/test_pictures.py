"""A shop's picture becomes one that WeChat takes."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from goods.models import Picture
from goods.pictures import LARGEST_FILE, fitted, make_thumbnail, thumbnail_name, usable_suffix
from shopadmin.wechat.errors import Kind, WeChatError


def stored(image: Image.Image, form: str = "PNG", **options) -> str:
    data = io.BytesIO()
    image.save(data, form, **options)
    return default_storage.save(f"picture.{form.lower()}", ContentFile(data.getvalue()))


def content(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


def sent(name: str) -> Image.Image:
    picture = fitted(default_storage, name)
    assert picture.content_type == "image/jpeg"
    return Image.open(io.BytesIO(picture.data))


@pytest.mark.parametrize("size", [(300, 300), (301, 20), (20, 301), (4000, 3000), (1, 1)])
def test_no_side_is_longer_than_300(size):
    image = sent(stored(Image.new("RGB", size, "teal")))
    assert max(image.size) <= 300


def test_the_shape_stays():
    assert sent(stored(Image.new("RGB", (1200, 600), "teal"))).size == (300, 150)


def test_a_small_picture_is_not_blown_up():
    assert sent(stored(Image.new("RGB", (120, 90), "teal"))).size == (120, 90)


def test_a_phone_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    assert sent(stored(Image.new("RGB", (800, 400), "teal"), "JPEG", exif=exif)).size == (150, 300)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_kind_of_png_is_taken(mode):
    assert sent(stored(Image.new(mode, (400, 400)))).mode == "RGB"


def test_a_cmyk_jpeg_is_taken():
    assert sent(stored(Image.new("CMYK", (400, 400)), "JPEG")).mode == "RGB"


def test_what_is_transparent_becomes_white():
    image = sent(stored(Image.new("RGBA", (10, 10), (0, 0, 0, 0))))
    assert image.getpixel((5, 5)) == (255, 255, 255)


def test_a_restless_picture_is_small_too():
    noise = Image.effect_noise((600, 600), 200).convert("RGB")
    assert len(fitted(default_storage, stored(noise)).data) <= LARGEST_FILE


def test_the_original_stays_as_it_is():
    name = stored(Image.new("RGB", (800, 800), "teal"))
    before = content(name)
    fitted(default_storage, name)
    assert content(name) == before


def test_what_is_no_picture_is_a_matter_for_a_person():
    name = default_storage.save("notes.png", ContentFile(b"not a picture"))
    with pytest.raises(WeChatError) as refused:
        fitted(default_storage, name)
    assert refused.value.kind is Kind.INPUT


def test_a_file_that_is_gone_is_a_matter_for_a_person():
    with pytest.raises(WeChatError) as refused:
        fitted(default_storage, "gone.png")
    assert refused.value.kind is Kind.INPUT


def test_a_thumbnail_is_made_once():
    name = stored(Image.new("RGB", (800, 800), "teal"))
    make_thumbnail(default_storage, name)
    make_thumbnail(default_storage, name)
    assert default_storage.listdir("thumbnails")[1] == [thumbnail_name(name).removeprefix("thumbnails/")]


def test_what_is_no_picture_gets_no_thumbnail():
    name = default_storage.save("notes.png", ContentFile(b"not a picture"))
    make_thumbnail(default_storage, name)
    assert not default_storage.exists(thumbnail_name(name))


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"x" * 100])
def test_nonsense_has_no_usable_suffix(data):
    assert usable_suffix(io.BytesIO(data)) == ""


def test_a_link_without_a_scheme_is_the_same_picture_as_with_it(account):
    link = "mmecimage.cn/p/wx0123456789abcdef/abc"
    kept = Picture.objects.of_link(account, f"//{link}")
    assert (kept.url, Picture.objects.of_link(account, f"https://{link}")) == (f"https://{link}", kept)
