"""The knobs of the Channels window, as Python methods: what its shops, its console and WeChat do to it."""

from typing import Any

from shopadmin.simulator.shop import Shop
from shopadmin.simulator.window import Kind, Place, Source, WindowProduct
from shopadmin.simulator.window_seed import BOUND_APPID, OTHER_APPID, cps_product, own_product
from shopadmin.simulator.world import DEFAULT_APPID, World

BAN_REASONS = (0, 1, 2)
_LARGEST_ID = 2**64 - 1
_FIELDS: dict[str, type] = {
    "out_product_id": str,
    "title": str,
    "img_url": str,
    "category_id": int,
    "category_name": str,
    "market_price": int,
    "selling_price": int,
    "stock": int,
    "sales": int,
    "platform_id": int,
    "platform_name": str,
    "cps_item_type": int,
    "promotion_link": str,
    "branch_id": int,
    "branch_name": str,
    "branch_status": int,
    "hidden": bool,
}


class WindowControl:
    """The part of Control that turns the Channels window.

    Methods about one product take ``product_id`` for an own product or ``cps_id`` for a promoted one, and
    raise LookupError if there is none.
    """

    world: World

    def window(self, appid: str = DEFAULT_APPID) -> list[dict[str, Any]]:
        """What the window of the account knows, the latest first, whatever its status."""
        with self.world.lock:
            products = self.world.shop(appid).window.products
            return [shown_window(product) for product in reversed(products.values())]

    def window_product(self, product_id: int = 0, *, cps_id: int = 0) -> dict[str, Any]:
        """One product."""
        with self.world.lock:
            return shown_window(self._in_window(product_id, cps_id))

    # --- Shops ---

    def bind_shop(self, shop_appid: str, name: str = "", appid: str = DEFAULT_APPID) -> None:
        """Bind a shop to the owner of the window."""
        if not shop_appid:
            raise ValueError("A shop needs an appid.")
        with self.world.lock:
            self.world.shop(appid).window.shops[shop_appid] = name or shop_appid
            self.world.version += 1

    def unbind_shop(self, shop_appid: str, appid: str = DEFAULT_APPID) -> None:
        """Unbind a shop: its products leave the window with it."""
        with self.world.lock:
            window = self.world.shop(appid).window
            if shop_appid not in window.shops:
                raise LookupError(f"There is no shop {shop_appid} bound to {appid}.")
            del window.shops[shop_appid]
            for product in [item for item in window.products.values() if item.kind is Kind.OWN]:
                if product.appid == shop_appid:
                    window.drop(product)
            self.world.version += 1

    def set_source(self, product_id: int = 0, *, cps_id: int = 0, state: str) -> None:
        """List, delist or delete a product in its shop: ``listed``, ``delisted`` or ``deleted``."""
        with self.world.lock:
            self._in_window(product_id, cps_id).source = Source(state)
            self.world.version += 1

    # --- Products ---

    def make_window(
        self,
        *,
        appid: str = DEFAULT_APPID,
        kind: str = Kind.OWN,
        shop_appid: str = "",
        count: int = 1,
        placed: bool = True,
        product_id: int = 0,
        cps_id: int = 0,
        **fields: Any,
    ) -> list[int]:
        """Products in the window, no rule asked; the ids of own ones, the cps ids of ``kind="cps"``.

        ``placed=False`` leaves an own product in its shop, ready to be added. Ids may be given for a single
        product; ``product_id`` also for the product that several cps ones promote.
        """
        fixed = cps_id if kind == Kind.CPS else product_id
        if type(count) is not int or count < 1 or (fixed and count > 1):
            raise ValueError("count is a whole number from 1, and 1 where the id is given.")
        fields = _fitting(fields) | {"place": Place.ON if placed else Place.NEVER}
        with self.world.lock:
            shop = self.world.shop(appid)
            made = [
                self._made_window(shop, Kind(kind), shop_appid, (product_id, cps_id), fields)
                for _ in range(count)
            ]
            for product in made:
                shop.window.keep(product)
            self.world.version += 1
            return [product.number for product in made]

    def _made_window(
        self, shop: Shop, kind: Kind, shop_appid: str, ids: tuple[int, int], fields: dict[str, Any]
    ) -> WindowProduct:
        product_id = ids[0] or self.world.new_store_id()
        if kind is Kind.CPS:
            cps_id = ids[1] or self.world.new_store_id()
            product = cps_product(cps_id, product_id, shop_appid or OTHER_APPID, **fields)
        else:
            shop_appid = shop_appid or BOUND_APPID
            if shop_appid not in shop.window.shops:
                raise ValueError(f"The shop {shop_appid} is not bound to {shop.appid}.")
            named = {"platform_name": shop.window.shops[shop_appid]}
            product = own_product(product_id, shop_appid, **named | fields)
        if not 0 < product.number <= _LARGEST_ID or shop.window.find(kind, product.number):
            raise ValueError(f"The id {product.number} is taken, or none of WeChat's.")
        return product

    def change_window(self, product_id: int = 0, *, cps_id: int = 0, **fields: Any) -> None:
        """Change fields of a product; no rule is asked."""
        changes = _fitting(fields)
        with self.world.lock:
            product = self._in_window(product_id, cps_id)
            for name, value in changes.items():
                setattr(product, name, value)
            self.world.version += 1

    def ban_window(self, product_id: int = 0, *, cps_id: int = 0, reason: int = 0) -> None:
        """WeChat forbids selling: reason 0 category or product, 1 category to be applied for, 2 branch."""
        if reason not in BAN_REASONS:
            raise ValueError("reason is 0, 1 or 2.")
        with self.world.lock:
            self._in_window(product_id, cps_id).ban = reason
            self.world.version += 1

    def unban_window(self, product_id: int = 0, *, cps_id: int = 0) -> None:
        """WeChat allows selling again."""
        with self.world.lock:
            self._in_window(product_id, cps_id).ban = None
            self.world.version += 1

    def discount_window(
        self, product_id: int, *, price: int = 9900, seconds: float = 3600, stock: int = 10
    ) -> None:
        """Start a limited-time discount of an own product; 0 ``seconds`` leave one that is over."""
        with self.world.lock:
            product = self._in_window(product_id, 0)
            product.discount_price, product.discount_stock = int(price), int(stock)
            product.discount_until = self.world.clock.now() + float(seconds)
            self.world.version += 1

    def end_discount(self, product_id: int) -> None:
        """Take the discount of an own product away, without a trace."""
        with self.world.lock:
            self._in_window(product_id, 0).discount_price = None
            self.world.version += 1

    def drop_window(self, product_id: int = 0, *, cps_id: int = 0) -> None:
        """Remove a product for good: 10022003 from now on."""
        with self.world.lock:
            kind, number = (Kind.CPS, cps_id) if cps_id else (Kind.OWN, product_id)
            shop, product = self.world.find_window(kind, number)
            shop.window.drop(product)
            self.world.version += 1

    def empty_window(self, appid: str = DEFAULT_APPID) -> None:
        """Forget all products of a window; the shops stay bound."""
        with self.world.lock:
            self.world.shop(appid).window.products.clear()
            self.world.version += 1

    def _in_window(self, product_id: int, cps_id: int) -> WindowProduct:
        kind, number = (Kind.CPS, cps_id) if cps_id else (Kind.OWN, product_id)
        return self.world.find_window(kind, number)[1]


def shown_window(product: WindowProduct) -> dict[str, Any]:
    """One product as JSON, under plain names of our own."""
    ids = {"kind": product.kind, "product_id": product.product_id, "cps_id": product.cps_id}
    state = {"status": int(product.status), "source": product.source, "place": product.place}
    discount = {
        "discount_price": product.discount_price,
        "discount_until": product.discount_until,
        "discount_stock": product.discount_stock,
    }
    fields = {name: getattr(product, name) for name in _FIELDS}
    return {**ids, "appid": product.appid, **state, **fields, "ban": product.ban, **discount}


def _fitting(fields: dict[str, Any]) -> dict[str, Any]:
    for name, value in fields.items():
        if name not in _FIELDS:
            raise ValueError(f"There is no field {name!r}. There are: {', '.join(_FIELDS)}.")
        if type(value) is not _FIELDS[name]:
            raise ValueError(f"{name} does not take {value!r}.")
    return fields
