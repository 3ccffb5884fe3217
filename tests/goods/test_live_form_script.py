"""What the form's script calculates is what the server says."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from playwright._impl._driver import compute_driver_executable

from goods.live.rules import name_units
from goods.models.live_goods import show_price
from goods.pictures import LARGEST_SIDE, fitted
from tests.conftest import png

MEASURE = Path("goods/static/goods/js/measure.js")
# Playwright brings one along.
NODE = shutil.which("node") or str(compute_driver_executable()[0])


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """Call a function of the script with each of the lists of arguments."""
    folder = tmp_path_factory.mktemp("script")
    shutil.copy(MEASURE, folder / "measure.mjs")
    program = (
        'import * as script from "./measure.mjs";'
        "const [name, calls] = JSON.parse(process.argv[2]);"
        "console.log(JSON.stringify(calls.map((values) => script[name](...values))));"
    )
    (folder / "call.mjs").write_text(program)

    def run(name, *calls):
        command = [NODE, str(folder / "call.mjs"), json.dumps([name, calls])]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return json.loads(answer.stdout)

    return run


def test_the_script_counts_names_as_the_server_does(call):
    names = [
        "",
        "abc",
        "云南小粒咖啡250g",
        "é",
        "（）【】",
        "🔥x",
        "ｆｕｌｌ",
        "\u007f\u0080",
        "a\u0301",
        "€ ℃",
    ]
    assert call("nameUnits", *([name] for name in names)) == [name_units(name) for name in names]


def test_the_script_counts_characters_as_the_server_does(call):
    assert call("characters", ["pages/a?x=云🔥"]) == [len("pages/a?x=云🔥")]


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_the_script_shows_prices_as_the_lists_do(call, kind):
    pairs = [("68", "49.9"), ("1234567.5", "0.01"), ("9999999999.99", ""), ("", "1000")]
    shown = call("buyersSee", *([str(kind), *pair] for pair in pairs))
    assert [(one["price"], one["original"]) for one in shown] == [show_price(kind, *pair) for pair in pairs]


def test_what_is_no_number_is_shown_as_a_dash(call):
    assert call("yuan", ["abc"], ["-"], ["  "]) == ["–", "–", "–"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("6800", "68.00"), ("6800.00", "68.00"), ("129900", "1299.00"), ("1000", "10.00")]
    + [(typed, "") for typed in ("900", "6850", "68.00", "6800.50", "", "abc", "-6800", "0100", "100")],
)
def test_a_price_that_looks_like_fen_is_turned_into_yuan(call, typed, meant):
    assert call("fromFen", [typed]) == [meant]


@pytest.mark.parametrize("size", [(300, 300), (800, 600), (600, 800), (120, 90), (3000, 7)])
def test_the_script_names_the_size_that_is_sent(call, size, make_goods):
    goods = make_goods()
    goods.cover.save("size.png", ContentFile(png(*size)))
    sent = fitted(goods.cover.storage, goods.cover.name)
    with Image.open(io.BytesIO(sent.data)) as image:
        assert call("sentSize", [*size, LARGEST_SIDE]) == [list(image.size)]
