from datetime import UTC, datetime

import pytest
import time_machine

from audits import heartbeat

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.fixture
def clock() -> "time_machine.Coordinates":
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def names() -> list[str]:
    return [worker.name for worker in heartbeat.workers()]


def test_without_a_beat_no_worker_is_alive() -> None:
    assert not heartbeat.alive()
    assert heartbeat.last_beat() is None


def test_every_worker_that_beats_is_listed() -> None:
    heartbeat.beat("web-2:17")
    heartbeat.beat("web-1:40")
    assert names() == ["web-1:40", "web-2:17"]


def test_a_worker_that_beats_again_is_listed_once_with_its_latest_beat(
    clock: "time_machine.Coordinates",
) -> None:
    heartbeat.beat("web-1:40")
    clock.shift(5)
    heartbeat.beat("web-1:40")
    assert [(w.name, (w.seen - NOON).seconds) for w in heartbeat.workers()] == [("web-1:40", 5)]


def test_a_worker_that_falls_silent_is_no_longer_alive(clock: "time_machine.Coordinates") -> None:
    heartbeat.beat("web-1:40")
    clock.shift(21)
    assert not heartbeat.alive()


def test_the_last_beat_is_known_after_the_worker_has_gone(clock: "time_machine.Coordinates") -> None:
    heartbeat.beat("web-1:40")
    heartbeat.forget("web-1:40")
    clock.shift(24 * 3600)
    assert heartbeat.last_beat() == NOON


def test_forgetting_one_worker_leaves_the_others() -> None:
    heartbeat.beat("web-1:40")
    heartbeat.beat("web-2:17")
    heartbeat.forget("web-1:40")
    assert names() == ["web-2:17"]


def test_more_workers_than_slots_do_no_harm() -> None:
    for number in range(len(heartbeat.SLOTS) + 2):
        heartbeat.beat(f"web:{number:02}")
    assert len(names()) == len(heartbeat.SLOTS)
