import csv
import io
from pathlib import Path

import pytest
from PIL import Image

from goods import demo
from goods.demo.covers import DRAWINGS, draw_cover

CATALOGUE = Path(demo.__file__).with_name("catalog_products.csv")


@pytest.mark.parametrize("category", [*DRAWINGS, "图书"])
def test_a_cover_is_a_large_square_picture(category: str) -> None:
    _filename, data = draw_cover("26", "手机", category, "华为", 0)
    assert Image.open(io.BytesIO(data)).size == (800, 800)


@pytest.mark.parametrize(("index", "suffix", "kind"), [(0, ".jpg", "JPEG"), (2, ".png", "PNG")])
def test_the_file_name_tells_the_format(index: int, suffix: str, kind: str) -> None:
    filename, data = draw_cover("26", "手机", "手机通讯", "华为", index)
    assert filename.endswith(suffix)
    assert Image.open(io.BytesIO(data)).format == kind


def test_the_same_product_always_gets_the_same_cover() -> None:
    assert draw_cover("26", "手机", "手机通讯", "华为", 1) == draw_cover("26", "手机", "手机通讯", "华为", 1)


def test_two_products_of_one_category_get_different_covers() -> None:
    assert (
        draw_cover("26", "手机", "手机通讯", "华为", 1)[1]
        != draw_cover("27", "手机", "手机通讯", "华为", 4)[1]
    )


def test_every_category_of_the_catalogue_has_a_drawing_of_its_own() -> None:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        assert {row["category"] for row in csv.DictReader(file)} <= set(DRAWINGS)
