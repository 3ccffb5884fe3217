"""The knobs of the simulator that runs as a process, and the faults ordered from it."""

import random
import time
from collections import Counter
from typing import Any

import requests

# How calls end that do not end well, and how often compared with one another.
FAULTS: list[tuple[int, dict[str, Any]]] = [
    (3, {"do": "close_before"}),
    (3, {"do": "close_after"}),
    (2, {"do": "http", "status": 502, "body": "<html>Bad Gateway</html>"}),
    (2, {"do": "apply_then_http", "status": 502}),
    (1, {"do": "http", "status": 429}),
    (2, {"do": "garbage"}),
    (2, {"do": "truncated"}),
    (1, {"do": "truncated", "short_length": True}),
    (2, {"do": "empty"}),
    (1, {"do": "html"}),
    (1, {"do": "wrong_type"}),
    (1, {"do": "errcode", "errcode": -1}),
    (1, {"do": "hang", "seconds": 1}),
    (2, {"do": "slow", "seconds": 0.5}),
]
SHARE = 0.1
# So many calls ahead the faults are ordered.
AHEAD = 400


class WeChat:
    """What a test does behind WeChat's back, over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._planned = self._seen = 0
        self.faults: Counter[str] = Counter()
        self.errcodes: Counter[int] = Counter()

    def wait(self) -> None:
        for _ in range(200):
            try:
                return self.settings()
            except requests.ConnectionError:
                time.sleep(0.1)
        raise SystemExit("the simulator did not start")

    def knob(self, name: str, **values: Any) -> Any:
        answer = self._session.post(f"{self.url}/_sim/{name}", json=values, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def settings(self, **changes: Any) -> None:
        self.knob("settings", **changes)

    def state(self, appid: str) -> dict[str, Any]:
        state = self._session.get(f"{self.url}/_sim/state", timeout=30).json()
        account: dict[str, Any] = state["accounts"][appid]
        return account

    def approve(self, goods_id: str) -> None:
        self.knob("verdict", goodsId=int(goods_id), approve=True)

    def revoke_tokens(self) -> None:
        self.knob("tokens/revoke")

    def count(self) -> int:
        """How many calls there were; what became of the latest is noted."""
        query = {"since": str(self._seen)}
        for call in self._session.get(f"{self.url}/_sim/calls", params=query, timeout=30).json()["calls"]:
            if call["http"] is None:
                break  # still being answered: counted the next time
            self._seen = call["seq"]
            self.faults[call["fault"]] += 1
            if call["errcode"]:
                self.errcodes[call["errcode"]] += 1
        return self._seen

    def order_faults(self, rng: random.Random) -> None:
        """Let one call in ten fail; to be called often, for the orders reach only some way ahead."""
        ahead = max(0, self._planned - self._seen)
        if ahead > AHEAD // 2:
            return
        self._planned = self._seen + ahead + AHEAD
        kinds, weights = [fault for _, fault in FAULTS], [weight for weight, _ in FAULTS]
        places = [place for place in range(AHEAD) if rng.random() < SHARE]
        # Orders count down together, and what an earlier one has met does not count for a later one.
        earlier = round(ahead * SHARE)
        for number, place in enumerate(places, earlier):
            self.knob("next", **rng.choices(kinds, weights)[0], skip=max(0, ahead + place - number))

    def calm(self) -> None:
        self._session.delete(f"{self.url}/_sim/next", timeout=30)
