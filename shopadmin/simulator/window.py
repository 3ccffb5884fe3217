"""What WeChat remembers of one Channels window: the products in it, its own ones and promoted ones."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

Key = tuple["Kind", int]


class Kind(StrEnum):
    """Own products come from a bound shop; cps products are another merchant's, promoted for commission."""

    OWN = "own"
    CPS = "cps"


class Source(StrEnum):
    """What has become of a product in its shop."""

    LISTED = "listed"
    DELISTED = "delisted"
    DELETED = "deleted"


class Place(StrEnum):
    """Whether a product was put into the window. One that never was is not found there."""

    NEVER = "never"
    ON = "on"
    OFF = "off"


class WindowStatus(IntEnum):
    """``status``: what comes of source and place."""

    ON_WINDOW = 1
    NOT_ON_WINDOW = 2
    DELETED = 3


@dataclass(slots=True)
class WindowProduct:
    """One product. ``seq`` tells when it came into the window: the larger, the later. Prices are fen."""

    kind: Kind
    product_id: int  # in its shop
    appid: str
    cps_id: int = 0
    out_product_id: str = ""
    title: str = ""
    img_url: str = ""
    category_id: int = 0
    category_name: str = ""
    market_price: int = 0
    selling_price: int = 0
    stock: int = 0
    sales: int = 0
    platform_id: int = 0
    platform_name: str = ""
    cps_item_type: int = 0
    promotion_link: str = ""
    branch_id: int = 0
    branch_name: str = ""
    branch_status: int = 0
    hidden: bool = False
    ban: int | None = None  # the reason while selling is forbidden
    discount_price: int | None = None
    discount_until: float = 0.0
    discount_stock: int = 0
    source: Source = Source.LISTED
    place: Place = Place.ON
    seq: int = 0

    @property
    def number(self) -> int:
        """The id that answers call product_id."""
        return self.cps_id if self.kind is Kind.CPS else self.product_id

    @property
    def status(self) -> WindowStatus:
        """A product follows its shop, as far as it was put into the window at all."""
        if self.source is Source.DELETED:
            return WindowStatus.DELETED
        if self.source is Source.LISTED and self.place is Place.ON:
            return WindowStatus.ON_WINDOW
        return WindowStatus.NOT_ON_WINDOW


@dataclass(slots=True)
class Window:
    """The window of one account: the shops bound to it, and its products in the order they came in."""

    shops: dict[str, str] = field(default_factory=dict)  # appid to name
    products: dict[Key, WindowProduct] = field(default_factory=dict)
    last_seq: int = 0

    def keep(self, product: WindowProduct) -> None:
        """Put a product behind all others, be it new or not."""
        self.last_seq += 1
        product.seq = self.last_seq
        key = (product.kind, product.number)
        self.products.pop(key, None)
        self.products[key] = product

    def drop(self, product: WindowProduct) -> None:
        """Forget a product: from now on it is not found."""
        del self.products[product.kind, product.number]

    def find(self, kind: Kind, number: int) -> WindowProduct | None:
        """The own product with this id of its shop, or the promoted one with this cps id."""
        return self.products.get((kind, number))

    def latest_first(self) -> Iterator[WindowProduct]:
        """What was ever put into the window, the latest first: newcomers move all others one place on."""
        return (product for product in reversed(self.products.values()) if product.place is not Place.NEVER)

    def plans_of(self, product_id: int) -> list[WindowProduct]:
        """The promoted products that sell this product of a shop."""
        return [
            product
            for product in self.products.values()
            if product.kind is Kind.CPS and product.product_id == product_id
        ]
