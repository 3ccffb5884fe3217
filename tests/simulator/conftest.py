"""One simulator for all tests here, reset before each; and a client that speaks plain HTTP to it."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import requests
from PIL import Image

from shopadmin.simulator.clock import BEIJING
from shopadmin.simulator.server import Simulator
from shopadmin.simulator.world import DEFAULT_APPID, DEFAULT_SECRET

# Noon, so that no test runs into midnight unless it wants to.
NOON = datetime(2026, 11, 20, 12, tzinfo=BEIJING).timestamp()
GOODS = "/wxaapi/broadcast/goods/"
WAREHOUSE = "/wxa/business/getgoodswarehouse"
TOKEN = "/cgi-bin/token"
STABLE = "/cgi-bin/stable_token"


def draw(width: int = 200, height: int = 200, form: str = "PNG", padding: int = 0) -> bytes:
    """An image file; ``padding`` bytes at its end make it larger without changing what it shows."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "#336699").save(buffer, form)
    return buffer.getvalue() + bytes(padding)


class Wechat:
    """A client without any cleverness: it sends what it is told and shows what came back."""

    def __init__(self, url: str, appid: str = DEFAULT_APPID, secret: str = DEFAULT_SECRET) -> None:
        self.url = url
        self.appid = appid
        self.secret = secret
        self.session = requests.Session()
        self.session.trust_env = False
        self._token = ""

    @property
    def token(self) -> str:
        if not self._token:
            self._token = self.new_token()["access_token"]
        return self._token

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.url + path, **{"timeout": 5, **options})

    def new_token(self, **changes: Any) -> dict[str, Any]:
        query = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret, **changes}
        return self.request("GET", TOKEN, params=query).json()

    def stable_token(self, **changes: Any) -> dict[str, Any]:
        body = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret, **changes}
        return self.request("POST", STABLE, json=body).json()

    def raw_post(self, path: str, body: bytes, token: str | None = None, **options: Any) -> requests.Response:
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        query = {"access_token": self.token if token is None else token}
        return self.request("POST", path, params=query, data=body, headers=headers, **options)

    def post(self, path: str, body: object, **options: Any) -> dict[str, Any]:
        return self.raw_post(path, json.dumps(body, ensure_ascii=False).encode(), **options).json()

    def get(self, path: str, token: str | None = None, **query: Any) -> dict[str, Any]:
        query = {"access_token": self.token if token is None else token, **query}
        return self.request("GET", path, params=query).json()

    def upload(self, data: bytes, name: str = "cover.png", kind: str = "image") -> dict[str, Any]:
        query = {"access_token": self.token, "type": kind}
        return self.request(
            "POST", "/cgi-bin/media/upload", params=query, files={"media": (name, data)}
        ).json()

    def info(self, **changes: Any) -> dict[str, Any]:
        """A goodsInfo in which everything is right, except for the changes; None leaves a field out."""
        info = {
            "coverImgUrl": changes.get("coverImgUrl") or self.upload(draw())["media_id"],
            "name": "云南小粒咖啡250g",
            "priceType": 1,
            "price": 68,
            "url": "pages/goods/detail?id=88",
        }
        return {name: value for name, value in (info | changes).items() if value is not None}

    def add(self, **changes: Any) -> dict[str, Any]:
        return self.post(GOODS + "add", {"goodsInfo": self.info(**changes)})

    def added(self, **changes: Any) -> int:
        return int(self.add(**changes)["goodsId"])

    def update(self, goods_id: int, **fields: Any) -> dict[str, Any]:
        return self.post(GOODS + "update", {"goodsInfo": {"goodsId": goods_id, **fields}})

    def act(self, action: str, goods_id: int, **fields: Any) -> dict[str, Any]:
        return self.post(GOODS + action, {"goodsId": goods_id, **fields})

    def warehouse(self, *goods_ids: int) -> dict[str, Any]:
        return self.post(WAREHOUSE, {"goods_ids": list(goods_ids)})

    def listed(self, status: int, offset: int = 0, **query: Any) -> dict[str, Any]:
        return self.get(GOODS + "getapproved", offset=offset, status=status, **query)


@pytest.fixture(scope="session")
def running() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def sim(running: Simulator) -> Simulator:
    running.reset()
    running.set_clock(NOON)
    return running


@pytest.fixture
def wechat(sim: Simulator) -> Iterator[Wechat]:
    client = Wechat(sim.url)
    yield client
    client.session.close()


@pytest.fixture
def picture() -> Callable[..., bytes]:
    """Makes image files."""
    return draw


@pytest.fixture
def other(sim: Simulator) -> Iterator[Wechat]:
    """A second account at the same WeChat."""
    sim.add_account("wxfedcba9876543210", "another-secret")
    client = Wechat(sim.url, "wxfedcba9876543210", "another-secret")
    yield client
    client.session.close()
