"""What WeChat remembers of one Mini Store: products in two copies, SKUs, real stock, freight templates."""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

Fields = Mapping[str, Any]


class SpuStatus(IntEnum):
    """``status``: what buyers meet."""

    NEW = 0
    ON_SALE = 5
    RECYCLED = 6
    DELETED = 9
    DELISTED = 11
    SOLD_OUT = 12
    REMOVED = 13


class EditStatus(IntEnum):
    """``edit_status``: what becomes of the draft."""

    INITIAL = 0
    EDITING = 1
    UNDER_REVIEW = 2
    REFUSED = 3
    PASSED = 4


@dataclass(slots=True)
class Copy:
    """Draft or online copy. Its mappings are replaced, never changed, so that both copies may share them."""

    fields: Fields
    skus: dict[int, Fields] = field(default_factory=dict)

    def twin(self) -> "Copy":
        """The same once more, to go its own way from here."""
        return Copy(self.fields, dict(self.skus))

    def change_sku(self, sku_id: int, **changes: Any) -> None:
        """Other values for some fields of one SKU; nothing if this copy does not have it."""
        if sku_id in self.skus:
            self.skus[sku_id] = {**self.skus[sku_id], **changes}

    @property
    def min_price(self) -> int:
        """The lowest selling price, 0 without SKUs."""
        return min((sku["sale_price"] for sku in self.skus.values()), default=0)


@dataclass(slots=True)
class Spu:
    """One product. ``online`` is missing until a review passes for the first time."""

    product_id: int
    out_product_id: str
    product_type: int
    created_at: int
    draft: Copy
    online: Copy | None = None
    status: SpuStatus = SpuStatus.NEW
    edit_status: EditStatus = EditStatus.EDITING
    # Real stock of the SKUs that are online; and the SKUs whose stock the next passed review sets anew.
    stock: dict[int, int] = field(default_factory=dict)
    restocked: set[int] = field(default_factory=set)
    shopcats: tuple[int, ...] = ()
    review: int = 0
    review_due: float | None = None
    # Why the latest review refused it, or why it was removed. No interface tells; the page and the state do.
    reason: str = ""

    @property
    def copies(self) -> tuple[Copy, ...]:
        """The draft, and the online copy if there is one."""
        return (self.draft,) if self.online is None else (self.draft, self.online)

    @property
    def sku_keys(self) -> dict[int, str]:
        """The SKUs of either copy with their own keys."""
        return {sku_id: str(sku["out_sku_id"]) for copy in self.copies for sku_id, sku in copy.skus.items()}

    def edited(self) -> None:
        """The draft is no longer what was reviewed."""
        self.edit_status = EditStatus.EDITING

    def end_review(self, refusal: str) -> None:
        """Put the draft on sale, or refuse it for this reason."""
        self.review_due, self.reason = None, refusal
        if refusal:
            self.edit_status = EditStatus.REFUSED
        else:
            self.go_online()

    def go_online(self) -> None:
        """The draft replaces what buyers see. Stock they bought from stays as it is, unless it was set."""
        self.edit_status, self.status = EditStatus.PASSED, SpuStatus.ON_SALE
        online = self.online = self.draft.twin()
        kept = {sku_id: left for sku_id, left in self.stock.items() if sku_id not in self.restocked}
        drafted = {sku_id: int(sku["stock_num"]) for sku_id, sku in online.skus.items()}
        self.stock = {sku_id: kept.get(sku_id, left) for sku_id, left in drafted.items()}
        self.restocked.clear()
        self.notice_stock()

    def real_stock(self, sku_id: int) -> int:
        """What can be sold; of a SKU that was never online, what is to be sold."""
        if sku_id in self.stock:
            return self.stock[sku_id]
        return int(self.draft.skus[sku_id]["stock_num"])

    def draft_stock(self, sku_id: int) -> int:
        """What the draft says; of a SKU that the draft has lost, what can still be sold."""
        if sku_id in self.draft.skus:
            return int(self.draft.skus[sku_id]["stock_num"])
        return self.stock[sku_id]

    def set_stock(self, sku_id: int, left: int) -> None:
        """Change the real stock and the draft's at once."""
        if sku_id in self.stock:
            self.stock[sku_id] = left
        self.draft.change_sku(sku_id, stock_num=left)
        self.restocked.discard(sku_id)
        self.notice_stock()

    def sell(self, sku_id: int, count: int) -> None:
        """A buyer took some; the draft does not notice."""
        self.stock[sku_id] -= count
        self.notice_stock()

    def notice_stock(self) -> None:
        """Nothing left: off sale."""
        if self.status is SpuStatus.ON_SALE and not any(self.stock.values()):
            self.status = SpuStatus.SOLD_OUT


@dataclass(slots=True)
class Store:
    """The Mini Store of one account."""

    spus: dict[int, Spu] = field(default_factory=dict)
    templates: dict[int, Fields] = field(default_factory=dict)
    # Own keys in use: out_product_id to product, out_sku_id to SKU; and of every SKU its product.
    keys: dict[str, int] = field(default_factory=dict)
    sku_keys: dict[str, int] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    # (due, product id, number of the review), the earliest first; entries of reviews withdrawn are skipped.
    ripening: list[tuple[float, int, int]] = field(default_factory=list)

    def keep(self, spu: Spu) -> None:
        """Remember a product with its SKUs and its keys."""
        self.spus[spu.product_id] = spu
        if spu.out_product_id:
            self.keys[spu.out_product_id] = spu.product_id
        for sku_id, key in spu.sku_keys.items():
            self.keep_sku(spu, sku_id, key)
        if spu.review_due is not None:
            self._wait(spu)

    def keep_sku(self, spu: Spu, sku_id: int, key: str) -> None:
        """Remember whose SKU this is."""
        self.owners[sku_id] = spu.product_id
        if key:
            self.sku_keys[key] = sku_id

    def forget_skus(self, keys: Mapping[int, str]) -> None:
        """SKUs that neither copy has any more; their keys may be used again."""
        for sku_id, key in keys.items():
            self.owners.pop(sku_id, None)
            if self.sku_keys.get(key) == sku_id:
                del self.sku_keys[key]

    def delete(self, spu: Spu) -> None:
        """The row stays with status 9; its keys may be used again."""
        spu.status, spu.review_due = SpuStatus.DELETED, None
        self.keys.pop(spu.out_product_id, None)
        self.forget_skus(spu.sku_keys)

    def remove_sku(self, spu: Spu, sku_id: int) -> None:
        """Take one SKU out of the draft."""
        key = str(spu.draft.skus.pop(sku_id)["out_sku_id"])
        spu.restocked.discard(sku_id)
        if sku_id not in spu.sku_keys:
            self.forget_skus({sku_id: key})

    def start_review(self, spu: Spu, due: float) -> None:
        """Put the draft under review until ``due``."""
        spu.edit_status, spu.review, spu.review_due = EditStatus.UNDER_REVIEW, spu.review + 1, due
        self._wait(spu)

    def _wait(self, spu: Spu) -> None:
        heapq.heappush(self.ripening, (spu.review_due or 0.0, spu.product_id, spu.review))

    def end_review(self, spu: Spu, refusal: str) -> None:
        """Decide one review: an empty refusal passes it."""
        had = spu.sku_keys
        spu.end_review(refusal)
        kept = spu.sku_keys
        self.forget_skus({sku_id: key for sku_id, key in had.items() if sku_id not in kept})

    def ripen(self, now: float, judge: Callable[[Spu], str]) -> list[Spu]:
        """End every review that is due by ``now``; the products decided."""
        decided: list[Spu] = []
        while self.ripening and self.ripening[0][0] <= now:
            _, product_id, review = heapq.heappop(self.ripening)
            spu = self.spus.get(product_id)
            if spu is None or spu.review_due is None or spu.review != review:
                continue
            self.end_review(spu, judge(spu))
            decided.append(spu)
        return decided
