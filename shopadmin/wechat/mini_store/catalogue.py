"""What products refer to: categories, brands, shelf categories, and the shop itself."""

from dataclasses import dataclass
from typing import Any

from shopadmin.wechat.mini_store.keys import Endpoints
from shopadmin.wechat.reading import (
    Answer,
    as_id,
    as_int,
    as_text,
    mapping,
    required_mapping,
    rows,
    wire_id,
)

ROOT = "0"
# What products without a brand name as theirs.
NO_BRAND = "2100000000"


@dataclass(frozen=True)
class RemoteCategory:
    cat_id: str
    parent_id: str
    name: str


@dataclass(frozen=True)
class RemoteBrand:
    """A brand granted to the shop, in one branch of categories: its products use exactly these three."""

    brand_id: str
    name: str
    cat_ids: tuple[str, str, str]


@dataclass(frozen=True)
class ShelfCategory:
    """A group on the shop's own shelf. ``level`` counts from 1; ``parent_id`` "0" is the top."""

    shopcat_id: str
    parent_id: str
    name: str
    level: int | None


@dataclass(frozen=True)
class StoreInfo:
    """``kind`` is 1 for a company's shop, 2 for a person's."""

    name: str
    logo: str
    kind: int | None


class CatalogueAPI(Endpoints):
    CATEGORY = "/product/category/get"
    BRAND = "/product/brand/get"
    SHOPCAT = "/product/store/get_shopcat"
    STORE = "/product/store/get_info"

    def get_categories(self, parent_id: str = ROOT) -> list[RemoteCategory]:
        """POST /product/category/get: the categories below one; one level per call.

        Nothing below a category of the second level means that the shop must apply for all of them first.
        """
        answer = self._post(self.CATEGORY, {"f_cat_id": wire_id(parent_id)})
        return [
            RemoteCategory(as_id(row.get("cat_id")), as_id(row.get("f_cat_id")), as_text(row.get("name")))
            for row in rows(answer, "cat_list")
        ]

    def get_brands(self) -> list[RemoteBrand]:
        """POST /product/brand/get: the brands granted to the shop, a row for each branch of categories."""
        return [_brand(row) for row in rows(self._post(self.BRAND, {}), "brands")]

    def get_shelf(self) -> list[ShelfCategory]:
        """POST /product/store/get_shopcat: the groups on the shop's own shelf; set in the console only."""
        return [
            ShelfCategory(
                as_id(row.get("shopcat_id")),
                as_id(row.get("f_shopcat_id")),
                as_text(row.get("shopcat_name")),
                as_int(row.get("cat_level")),
            )
            for row in rows(self._post(self.SHOPCAT, {}), "shopcat_list")
        ]

    def get_store(self) -> StoreInfo:
        """POST /product/store/get_info: name and kind of the shop; costs nothing, good as a test."""
        data: dict[str, Any] = required_mapping(self._post(self.STORE, {}), "data")
        return StoreInfo(as_text(data.get("store_name")), as_text(data.get("logo")), as_int(data.get("type")))


def _brand(row: Answer) -> RemoteBrand:
    brand = mapping(row, "brand_info")
    branch = tuple(as_id(row.get(f"{level}_cat_id")) for level in ("first", "second", "third"))
    return RemoteBrand(
        as_id(brand.get("brand_id")), as_text(brand.get("brand_name")), (branch[0], branch[1], branch[2])
    )
