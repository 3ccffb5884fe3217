"""The memory survives a restart."""

import json
import time

import pytest

from shopadmin.simulator import server
from shopadmin.simulator.server import Simulator
from tests.simulator.conftest import Wechat, draw


@pytest.fixture
def state_file(tmp_path):
    return tmp_path / "simulator.json"


def test_goods_media_tokens_and_quotas_survive(state_file):
    with Simulator(state_file=state_file) as sim:
        wechat = Wechat(sim.url)
        token = wechat.token
        goods_id = wechat.added(priceType=3, price=68, price2=49.9, goodsKey=["id"])
        before = sim.state()["accounts"]
        wechat.session.close()
    with Simulator(state_file=state_file) as sim:
        wechat = Wechat(sim.url)
        assert sim.state()["accounts"] == before
        row = wechat.post("/wxa/business/getgoodswarehouse", {"goods_ids": [goods_id]}, token=token)["goods"][
            0
        ]
        assert wechat.session.get(row["cover_img_url"], timeout=5).content == draw()
        wechat.session.close()


def test_audit_goes_on_after_a_restart(state_file):
    with Simulator(state_file=state_file) as sim:
        sim.make_goods(origin="api", audit_status=1)
    with Simulator(state_file=state_file) as sim:
        sim.advance(15)
        assert sim.goods()[-1]["audit_status"] == 2


def test_ids_go_on_counting_after_a_restart(state_file):
    with Simulator(state_file=state_file) as sim:
        (first,) = sim.make_goods()
    with Simulator(state_file=state_file) as sim:
        assert sim.make_goods() == [first + 1]


def test_moved_clock_stays_moved(state_file):
    with Simulator(state_file=state_file) as sim:
        moved = sim.advance(5 * 24 * 3600)
    with Simulator(state_file=state_file) as sim:
        assert 0 <= sim.now() - moved < 10


def test_knobs_are_as_at_the_beginning_after_a_restart(state_file):
    with Simulator(state_file=state_file) as sim:
        sim.settings(latency=1)
    with Simulator(state_file=state_file) as sim:
        assert sim.settings()["latency"] == 0


def test_memory_is_saved_while_running(state_file, monkeypatch):
    monkeypatch.setattr(server, "SAVE_EVERY", 0.05)
    with Simulator(state_file=state_file) as sim:
        (goods_id,) = sim.make_goods()
        deadline = time.monotonic() + 5
        while not state_file.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        saved = json.loads(state_file.read_text())
    assert goods_id in [goods["goods_id"] for goods in saved["shops"][0]["goods"]]


@pytest.mark.parametrize(
    "content", ["", "not json", "[]", "{}", '{"format": 99}', '{"format": 1, "shops": 5}']
)
def test_broken_file_is_kept_aside_with_a_sentence(state_file, caplog, content):
    state_file.write_text(content)
    with Simulator(state_file=state_file) as sim:
        assert len(sim.goods()) == 4
    assert state_file.with_name("simulator.json.broken").read_text() == content
    assert "cannot be read" in caplog.text


def test_missing_picture_makes_the_file_a_broken_one(state_file, caplog):
    with Simulator(state_file=state_file):
        pass
    for picture in state_file.with_name("simulator.json.media").iterdir():
        picture.unlink()
    with Simulator(state_file=state_file) as sim:
        assert len(sim.goods()) == 4
    assert "cannot be read" in caplog.text


def test_no_drafts_are_left_behind(state_file):
    with Simulator(state_file=state_file):
        pass
    assert not list(state_file.parent.rglob("*.tmp"))


def test_file_can_only_be_read_by_its_owner(state_file):
    with Simulator(state_file=state_file):
        pass
    assert state_file.stat().st_mode & 0o077 == 0


def test_pictures_that_nothing_shows_are_dropped_after_they_lapsed(state_file):
    with Simulator(state_file=state_file) as sim:
        wechat = Wechat(sim.url)
        wechat.upload(draw(33, 33))
        wechat.session.close()
        count = len(sim.state()["accounts"][wechat.appid]["media"])
        sim.advance(3 * 24 * 3600 + 60)
    with Simulator(state_file=state_file) as sim:
        assert len(sim.state()["accounts"][wechat.appid]["media"]) == count - 1


def test_memory_that_cannot_be_saved_is_no_reason_to_fail(tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with Simulator(state_file=blocked / "simulator.json") as sim:
        assert len(sim.goods()) == 4
    assert "could not be saved" in caplog.text
