"""Everything this WeChat knows: the accounts, their tokens, the pictures, the ids it hands out."""

import hashlib
import io
import secrets
import string
import threading
from collections.abc import Iterator
from decimal import Decimal

from PIL import Image

from shopadmin.simulator.audit import judge
from shopadmin.simulator.clock import Clock
from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.shop import MEDIA_LIFETIME, Goods, Media, Origin, Shop, Status, Token

DEFAULT_APPID = "wx0123456789abcdef"
DEFAULT_SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # noqa: S105 - opens nothing but this simulator
FIRST_GOODS_ID = 101
FIRST_AUDIT_ID = 530_118_001
_ALPHABET = string.ascii_letters + string.digits
_KEPT_TOKENS = 2000
# Console-made goods of every new account, one in each status: name, url, price type, prices.
_CONSOLE_GOODS = {
    Status.UNAUDITED: ("控制台 手冲壶600ml", "pages/goods/detail?id=9001", 1, "129", "0"),
    Status.AUDITING: ("控制台 陶瓷滤杯V60", "pages/goods/detail?id=9002", 2, "58", "88"),
    Status.APPROVED: ("控制台 挂耳咖啡礼盒", "pages/goods/detail?id=9003", 3, "99", "79.9"),
    Status.REJECTED: ("控制台 顶级咖啡豆", "pages/goods/detail?id=9004", 1, "168", "0"),
}


class World:
    """The memory shared by all requests. Whoever reads or changes it holds ``lock``."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.settings = settings or Settings()
        self.shops: dict[str, Shop] = {}
        self.tokens: dict[str, Token] = {}
        self.blobs: dict[str, bytes] = {}
        self.next_goods_id = FIRST_GOODS_ID
        self.next_audit_id = FIRST_AUDIT_ID
        self.version = 0
        self.open_shop(DEFAULT_APPID, DEFAULT_SECRET)

    def reset(self, settings: Settings) -> None:
        """Start afresh, except that ids go on counting: a number once given is never given again."""
        self.settings = settings
        self.clock.offset = 0.0
        self.shops.clear()
        self.tokens.clear()
        self.blobs.clear()
        self.open_shop(DEFAULT_APPID, DEFAULT_SECRET)

    def open_shop(self, appid: str, secret: str) -> Shop:
        """A new account with the goods its owner made in the console."""
        shop = self.shops[appid] = Shop(appid, secret)
        now = self.clock.now()
        for status, (name, url, price_type, price, price2) in _CONSOLE_GOODS.items():
            picture = self.store_picture(shop, placeholder(status), now)
            goods = Goods(
                self.new_goods_id(), name, picture.media_id, url, price_type, Decimal(price), Decimal(price2)
            )
            goods.status, goods.origin = status, Origin.CONSOLE
            shop.goods[goods.goods_id] = goods
        return shop

    def catch_up(self) -> None:
        """Let everything happen that the clock says has happened by now."""
        now = self.clock.now()
        for shop in self.shops.values():
            shop.counters.roll(now)
            shop.ripen(now, self._judge)

    def ripen_all(self) -> int:
        """End every running audit now, by the usual rules."""
        return sum(shop.ripen(float("inf"), self._judge) for shop in self.shops.values())

    def _judge(self, shop: Shop, goods: Goods) -> Status:
        return judge(shop, goods, self.settings)

    def new_goods_id(self) -> int:
        """Counts up, never used twice on this server."""
        self.next_goods_id += 1
        return self.next_goods_id - 1

    def new_audit_id(self) -> int:
        """Nine digits; steps, so that nobody mistakes it for a count."""
        self.next_audit_id += 17
        return self.next_audit_id

    def all_goods(self) -> Iterator[tuple[Shop, Goods]]:
        """All goods of all accounts."""
        for shop in self.shops.values():
            for goods in shop.goods.values():
                yield shop, goods

    def find_goods(self, goods_id: int) -> tuple[Shop, Goods]:
        """The goods and its account; LookupError if there is no such id."""
        for shop in self.shops.values():
            if goods_id in shop.goods:
                return shop, shop.goods[goods_id]
        raise LookupError(f"There are no goods {goods_id}.")

    def shop(self, appid: str) -> Shop:
        """The account; LookupError if it is not known."""
        if appid not in self.shops:
            raise LookupError(f"There is no account {appid}.")
        return self.shops[appid]

    def keep_token(self, token: Token) -> None:
        """Remember a token. Of very many the dead are forgotten, and then are as unknown as invented ones."""
        if len(self.tokens) >= _KEPT_TOKENS:
            now = self.clock.now()
            self.tokens = {value: kept for value, kept in self.tokens.items() if kept.works(now)}
        self.tokens[token.value] = token

    def store_picture(self, shop: Shop, data: bytes, now: float) -> Media:
        """Keep a picture for the account under a new media id. Pillow's errors pass through."""
        with Image.open(io.BytesIO(data)) as image:
            mime = Image.MIME["JPEG" if image.format == "MPO" else image.format or ""]
            width, height = image.size
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        media = Media(new_media_id(), int(now), digest, mime, width, height, len(data))
        shop.media[media.media_id] = media
        return media

    def find_media(self, media_id: str) -> Media | None:
        """The picture under this id, whose-ever it is."""
        return next((shop.media[media_id] for shop in self.shops.values() if media_id in shop.media), None)

    def forget_old_media(self) -> None:
        """Drop ids that have lapsed and that no goods show any more."""
        now = self.clock.now()
        for shop in self.shops.values():
            shown = {goods.picture for goods in shop.goods.values()}
            for media in list(shop.media.values()):
                if media.media_id not in shown and now >= media.created_at + MEDIA_LIFETIME:
                    del shop.media[media.media_id]
        used = {media.digest for shop in self.shops.values() for media in shop.media.values()}
        self.blobs = {digest: data for digest, data in self.blobs.items() if digest in used}


def new_media_id() -> str:
    """64 characters, the length by which temporary ids are told from permanent ones."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(64))


def placeholder(number: int) -> bytes:
    """A small square in one colour, for goods that nobody uploaded a picture for."""
    shades = ("#8d99ae", "#e9c46a", "#2a9d8f", "#e76f51")
    buffer = io.BytesIO()
    Image.new("RGB", (120, 120), shades[number % len(shades)]).save(buffer, "PNG")
    return buffer.getvalue()
