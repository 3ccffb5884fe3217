"""Everything this WeChat knows: the accounts, their tokens, the pictures, the ids it hands out."""

import hashlib
import io
import secrets
import string
import threading
from collections.abc import Iterator
from decimal import Decimal

from PIL import Image

from shopadmin.simulator.audit import judge, judge_spu
from shopadmin.simulator.clock import Clock
from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.push import Message, common_fields, review_event, status_event
from shopadmin.simulator.pusher import Pusher
from shopadmin.simulator.shop import MEDIA_LIFETIME, Goods, Media, Origin, Shop, Status, Token
from shopadmin.simulator.store import Spu
from shopadmin.simulator.store_seed import TEMPLATES
from shopadmin.simulator.window import Kind, WindowProduct
from shopadmin.simulator.window_seed import fill

DEFAULT_APPID = "wx0123456789abcdef"
DEFAULT_SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # noqa: S105 - opens nothing but this simulator
FIRST_GOODS_ID = 101
FIRST_AUDIT_ID = 530_118_001
FIRST_TEMPLATE_ID = 60_213
# Where product and SKU ids start and how they go on, by the setting store_ids. A JavaScript number is exact
# up to 2^53, a signed 64-bit one ends at 2^63, an unsigned one at 2^64.
FIRST_STORE_IDS = {"above_2_53": 30_112_345_678_901_234, "near_2_63": 2**63 - 2, "up_to_2_64": 2**64 - 1}
_STORE_ID_STEPS = {"above_2_53": 1, "near_2_63": 1, "up_to_2_64": -1}
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

    def __init__(self, settings: Settings | None = None, stopping: threading.Event | None = None) -> None:
        self.lock = threading.RLock()
        self.pusher = Pusher(stopping or threading.Event())
        self.clock = Clock()
        self.settings = settings or Settings()
        self.shops: dict[str, Shop] = {}
        self.tokens: dict[str, Token] = {}
        self.blobs: dict[str, bytes] = {}
        self.next_goods_id = FIRST_GOODS_ID
        self.next_audit_id = FIRST_AUDIT_ID
        self.next_template_id = FIRST_TEMPLATE_ID
        self.next_store_ids = dict(FIRST_STORE_IDS)
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
        """A new account with the goods and the freight templates its owner made in the console."""
        shop = self.shops[appid] = Shop(appid, secret)
        now = self.clock.now()
        for status, (name, url, price_type, price, price2) in _CONSOLE_GOODS.items():
            picture = self.store_picture(shop, placeholder(status), now)
            goods = Goods(
                self.new_goods_id(), name, picture.media_id, url, price_type, Decimal(price), Decimal(price2)
            )
            goods.status, goods.origin = status, Origin.CONSOLE
            shop.goods[goods.goods_id] = goods
        self.give_templates(shop)
        self.give_window(shop)
        return shop

    def give_templates(self, shop: Shop) -> None:
        """The freight templates that every shop starts with."""
        now = int(self.clock.now())
        for template in TEMPLATES:
            number = self.new_template_id()
            own = {"template_id": number, "create_time": now, "update_time": now}
            shop.store.templates[number] = {**template, **own}

    def give_window(self, shop: Shop) -> None:
        """The bound shop and the products that every Channels window starts with."""
        fill(shop.window, self.new_store_id, self.clock.now())

    def catch_up(self) -> None:
        """Let everything happen that the clock says has happened by now."""
        now = self.clock.now()
        for shop in self.shops.values():
            shop.counters.roll(now)
            self._ripen(shop, now)

    def ripen_all(self) -> int:
        """End every running audit and review now, by the usual rules."""
        return sum(self._ripen(shop, float("inf")) for shop in self.shops.values())

    def _ripen(self, shop: Shop, now: float) -> int:
        reviewed = shop.store.ripen(now, self._judge_spu)
        for spu in reviewed:
            self.review_ended(shop, spu)
        decided = shop.ripen(now, self._judge) + len(reviewed)
        self.version += decided
        return decided

    def review_ended(self, shop: Shop, spu: Spu) -> None:
        """Tell the owner's callback, if there is one."""
        if self.settings.push_reviews:
            self._tell(shop, review_event(spu))

    def status_changed(self, shop: Shop, spu: Spu) -> None:
        """WeChat took it off sale or put it back."""
        if self.settings.push_status != "none":
            self._tell(shop, status_event(spu, self.settings.push_status))

    def _tell(self, shop: Shop, event: Message) -> None:
        self.send(shop, {**common_fields(shop.appid, self.clock.now()), **event})

    def send(self, shop: Shop, message: Message) -> None:
        """Hand a message over for sending; without a callback nothing happens."""
        if shop.callback is not None:
            self.pusher.send(shop.appid, shop.callback, message, self.settings.push_pause)

    def _judge_spu(self, spu: Spu) -> str:
        return judge_spu(spu, self.settings)

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

    def new_template_id(self) -> int:
        """Counts up over all accounts."""
        self.next_template_id += 7
        return self.next_template_id - 7

    def new_store_id(self) -> int:
        """For a product, SKU or cps product: from one count, so that none is taken for another by chance."""
        kind = self.settings.store_ids
        store_id = self.next_store_ids[kind]
        self.next_store_ids[kind] += _STORE_ID_STEPS[kind]
        return store_id

    def find_spu(self, product_id: int) -> tuple[Shop, Spu]:
        """The product and its account; LookupError if there is no such id."""
        for shop in self.shops.values():
            if product_id in shop.store.spus:
                return shop, shop.store.spus[product_id]
        raise LookupError(f"There is no product {product_id}.")

    def find_window(self, kind: Kind, number: int) -> tuple[Shop, WindowProduct]:
        """The window product and the account; LookupError if no window knows the id."""
        for shop in self.shops.values():
            if product := shop.window.find(kind, number):
                return shop, product
        raise LookupError(f"There is no {kind} window product {number}.")

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
        """Keep a picture for the account under a media id of three days. Pillow's errors pass through."""
        media = self._kept(new_media_id(), data, now)
        shop.media[media.media_id] = media
        return media

    def store_product_picture(self, shop: Shop, data: bytes, now: float) -> str:
        """Keep a picture for good; the last part of its link. Pillow's errors pass through."""
        media = self._kept(new_media_id(12), data, now)
        shop.pictures[media.media_id] = media
        return media.media_id

    def _kept(self, media_id: str, data: bytes, now: float) -> Media:
        with Image.open(io.BytesIO(data)) as image:
            mime = Image.MIME["JPEG" if image.format == "MPO" else image.format or ""]
            width, height = image.size
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        return Media(media_id, int(now), digest, mime, width, height, len(data))

    def find_media(self, media_id: str) -> Media | None:
        """The picture under this id or at the end of this link, whose-ever it is."""
        for shop in self.shops.values():
            if found := shop.media.get(media_id) or shop.pictures.get(media_id):
                return found
        return None

    def forget_old_media(self) -> None:
        """Drop ids that have lapsed and that no goods show any more."""
        now = self.clock.now()
        for shop in self.shops.values():
            shown = {goods.picture for goods in shop.goods.values()}
            for media in list(shop.media.values()):
                if media.media_id not in shown and now >= media.created_at + MEDIA_LIFETIME:
                    del shop.media[media.media_id]
        used = {media.digest for shop in self.shops.values() for media in shop.all_media}
        self.blobs = {digest: data for digest, data in self.blobs.items() if digest in used}


def new_media_id(length: int = 64) -> str:
    """64 characters, the length by which temporary ids are told from permanent ones; fewer in a link."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def placeholder(number: int) -> bytes:
    """A small square in one colour, for goods that nobody uploaded a picture for."""
    shades = ("#8d99ae", "#e9c46a", "#2a9d8f", "#e76f51")
    buffer = io.BytesIO()
    Image.new("RGB", (120, 120), shades[number % len(shades)]).save(buffer, "PNG")
    return buffer.getvalue()
