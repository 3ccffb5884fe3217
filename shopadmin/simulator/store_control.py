"""The knobs of the Mini Store, as Python methods: what its console, its buyers and WeChat's reviewers do."""

from typing import Any

from shopadmin.simulator.shop import Shop
from shopadmin.simulator.store import Copy, EditStatus, Spu, SpuStatus
from shopadmin.simulator.store_seed import NO_BRAND, branch_ids
from shopadmin.simulator.world import DEFAULT_APPID, World

_SPU_FIELDS: dict[str, type] = {
    "title": str,
    "sub_title": str,
    "head_img": list,
    "desc_info": dict,
    "brand_id": int,
    "cats": list,
    "attrs": list,
    "model": str,
    "express_info": dict,
}
_SKU_FIELDS: dict[str, type] = {
    "thumb_img": str,
    "sale_price": int,
    "market_price": int,
    "stock_num": int,
    "sku_code": str,
    "barcode": str,
    "sku_attrs": list,
}
PHYSICAL = 1
_BRANCH = "食品饮料/茶叶/白茶"
_CONSOLE_SKU = {
    "out_sku_id": "",
    "thumb_img": "",
    "sale_price": 1000,
    "market_price": 0,
    "stock_num": 10,
    "sku_code": "",
    "barcode": "",
    "sku_attrs": [{"attr_key": "规格", "attr_value": "默认"}],
}


class StoreControl:
    """The part of Control that turns the Mini Store."""

    world: World

    def spus(self, appid: str = DEFAULT_APPID) -> list[dict[str, Any]]:
        """All products of the account, deleted ones too, in the order they were made, both copies."""
        with self.world.lock:
            self.world.catch_up()
            return [shown_spu(spu) for spu in self.world.shop(appid).store.spus.values()]

    def spu(self, product_id: int) -> dict[str, Any]:
        """One product; LookupError if there is none."""
        with self.world.lock:
            self.world.catch_up()
            return shown_spu(self.world.find_spu(product_id)[1])

    def templates(self, appid: str = DEFAULT_APPID) -> list[dict[str, Any]]:
        """The freight templates of the account."""
        with self.world.lock:
            return [dict(template) for template in self.world.shop(appid).store.templates.values()]

    # --- Reviews ---

    def review(self, product_id: int, approve: bool, reason: str = "") -> None:
        """Decide one review at once. LookupError: no such product. ValueError: not under review."""
        with self.world.lock:
            shop, spu = self._under_review(product_id)
            shop.store.end_review(spu, "" if approve else reason or "不符合平台规范")
            self.world.review_ended(shop, spu)
            self.world.version += 1

    def withdraw(self, product_id: int) -> None:
        """Withdraw a review, which only the console can."""
        with self.world.lock:
            _, spu = self._under_review(product_id)
            spu.review_due = None
            spu.edited()
            self.world.version += 1

    def _under_review(self, product_id: int) -> tuple[Shop, Spu]:
        self.world.catch_up()
        shop, spu = self.world.find_spu(product_id)
        if spu.edit_status is not EditStatus.UNDER_REVIEW:
            raise ValueError(f"Product {product_id} is not under review.")
        return shop, spu

    # --- Online status ---

    def remove_spu(self, product_id: int, reason: str = "涉嫌虚假宣传") -> None:
        """WeChat takes it off sale: status 13. ValueError if it has never been online."""
        with self.world.lock:
            shop, spu = self._online(product_id)
            spu.status, spu.reason = SpuStatus.REMOVED, reason
            self.world.status_changed(shop, spu)
            self.world.version += 1

    def restore_spu(self, product_id: int) -> None:
        """WeChat puts it back on sale. ValueError if WeChat had not removed it."""
        with self.world.lock:
            shop, spu = self._online(product_id)
            if spu.status is not SpuStatus.REMOVED:
                raise ValueError(f"Product {product_id} is not removed.")
            spu.status, spu.reason = SpuStatus.ON_SALE, ""
            self.world.status_changed(shop, spu)
            spu.notice_stock()
            self.world.version += 1

    def recycle_spu(self, product_id: int) -> None:
        """Somebody puts it into the recycle bin of the console: status 6."""
        with self.world.lock:
            self._living(product_id)[1].status = SpuStatus.RECYCLED
            self.world.version += 1

    def drop_spu(self, product_id: int) -> None:
        """Somebody deletes it in the console: status 9."""
        with self.world.lock:
            shop, spu = self._living(product_id)
            shop.store.delete(spu)
            self.world.version += 1

    def sell(self, sku_id: int, count: int = 1) -> None:
        """Buyers take some of a SKU. ValueError if it is not on sale or there is less."""
        with self.world.lock:
            spu = self._owner(sku_id)
            if spu.status is not SpuStatus.ON_SALE or not 0 < count <= spu.stock.get(sku_id, 0):
                raise ValueError(f"There are not {count} of SKU {sku_id} on sale.")
            spu.sell(sku_id, count)
            self.world.version += 1

    # --- Console ---

    def make_spus(
        self, *, appid: str = DEFAULT_APPID, count: int = 1, on_sale: bool = True, **fields: Any
    ) -> list[int]:
        """Products as if made in the console, each with one SKU: no own keys, no rule asked; their ids."""
        if type(count) is not int or count < 1:
            raise ValueError("count is a whole number from 1.")
        with self.world.lock:
            shop = self.world.shop(appid)
            self.world.version += 1
            return [self._made_spu(shop, on_sale, fields).product_id for _ in range(count)]

    def _made_spu(self, shop: Shop, on_sale: bool, changes: dict[str, Any]) -> Spu:
        product_id, sku_id = self.world.new_store_id(), self.world.new_store_id()
        own = {name: value for name, value in changes.items() if name in _SPU_FIELDS}
        rest = {name: value for name, value in changes.items() if name not in own}
        fields = _console_fields(shop, product_id) | _fitting(_SPU_FIELDS, own)
        sku = _CONSOLE_SKU | _fitting(_SKU_FIELDS, rest)
        spu = Spu(product_id, "", PHYSICAL, int(self.world.clock.now()), Copy(fields, {sku_id: sku}))
        if on_sale:
            spu.go_online()
        shop.store.keep(spu)
        return spu

    def change_spu(self, product_id: int, **fields: Any) -> None:
        """Change fields of both copies as if in the console, or ``shopcats``; no rule is asked."""
        with self.world.lock:
            _, spu = self._living(product_id)
            if "shopcats" in fields:
                spu.shopcats = tuple(int(shopcat) for shopcat in fields.pop("shopcats"))
            changes = _fitting(_SPU_FIELDS, fields)
            for copy in spu.copies:
                copy.fields = {**copy.fields, **changes}
            self.world.version += 1

    def change_sku(self, sku_id: int, **fields: Any) -> None:
        """Change fields of a SKU in both copies as if in the console; ``stock_num`` is the real stock too."""
        with self.world.lock:
            spu, changes = self._owner(sku_id), _fitting(_SKU_FIELDS, fields)
            for copy in spu.copies:
                copy.change_sku(sku_id, **changes)
            if "stock_num" in changes:
                spu.set_stock(sku_id, changes["stock_num"])
            self.world.version += 1

    def drop_template(self, template_id: int, appid: str = DEFAULT_APPID) -> None:
        """Delete a freight template, which only the console can."""
        with self.world.lock:
            templates = self.world.shop(appid).store.templates
            if template_id not in templates:
                raise LookupError(f"There is no freight template {template_id}.")
            del templates[template_id]
            self.world.version += 1

    # --- Finding ---

    def _living(self, product_id: int) -> tuple[Shop, Spu]:
        self.world.catch_up()
        shop, spu = self.world.find_spu(product_id)
        if spu.status is SpuStatus.DELETED:
            raise LookupError(f"Product {product_id} is deleted.")
        return shop, spu

    def _online(self, product_id: int) -> tuple[Shop, Spu]:
        shop, spu = self._living(product_id)
        if spu.online is None:
            raise ValueError(f"Product {product_id} has never been online.")
        return shop, spu

    def _owner(self, sku_id: int) -> Spu:
        self.world.catch_up()
        for shop in self.world.shops.values():
            if sku_id in shop.store.owners:
                return shop.store.spus[shop.store.owners[sku_id]]
        raise LookupError(f"There is no SKU {sku_id}.")


def shown_spu(spu: Spu) -> dict[str, Any]:
    """One product as JSON, with both copies and the real stock."""
    return {
        "product_id": spu.product_id,
        "out_product_id": spu.out_product_id,
        "product_type": spu.product_type,
        "status": int(spu.status),
        "edit_status": int(spu.edit_status),
        "reason": spu.reason,
        "shopcats": list(spu.shopcats),
        "draft": _shown_copy(spu, spu.draft),
        "online": None if spu.online is None else _shown_copy(spu, spu.online),
    }


def _console_fields(shop: Shop, product_id: int) -> dict[str, Any]:
    """What somebody may have typed into the console."""
    levels = enumerate(branch_ids(_BRANCH), start=1)
    return {
        "title": f"控制台商品 {product_id % 10_000}",
        "sub_title": "",
        "head_img": [f"https://mmecimage.cn/p/{shop.appid}/console"],
        "desc_info": {"imgs": []},
        "brand_id": NO_BRAND,
        "cats": [{"cat_id": cat_id, "level": level} for level, cat_id in levels],
        "attrs": [],
        "model": "",
        "express_info": {"template_id": next(iter(shop.store.templates), 0)},
    }


def _shown_copy(spu: Spu, copy: Copy) -> dict[str, Any]:
    skus = [
        {"sku_id": sku_id, **sku, "real_stock": spu.real_stock(sku_id)} for sku_id, sku in copy.skus.items()
    ]
    return {**copy.fields, "min_price": copy.min_price, "skus": skus}


def _fitting(known: dict[str, type], fields: dict[str, Any]) -> dict[str, Any]:
    for name, value in fields.items():
        if name not in known:
            raise ValueError(f"There is no field {name!r}. There are: {', '.join(known)}.")
        if isinstance(value, bool) or not isinstance(value, known[name]):
            raise ValueError(f"{name} does not take {value!r}.")
    return fields
