"""How calls name a product or a SKU, and the shape of every call of the family."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shopadmin.wechat.reading import wire_id
from shopadmin.wechat.transport import Calls

FAMILY = "mini_store"


@dataclass(frozen=True)
class ProductKey:
    """A product by WeChat's id once it is known, else by ours. Never both: if they contradict each other
    nobody knows which one WeChat takes."""

    product_id: str = ""
    out_product_id: str = ""

    def wire(self) -> dict[str, Any]:
        return _one_of("product_id", self.product_id, "out_product_id", self.out_product_id)


@dataclass(frozen=True)
class SkuKey:
    """A SKU by WeChat's id once it is known, else by ours."""

    sku_id: str = ""
    out_sku_id: str = ""

    def wire(self) -> dict[str, Any]:
        return _one_of("sku_id", self.sku_id, "out_sku_id", self.out_sku_id)


def _one_of(name: str, pk: str, out_name: str, out_pk: str) -> dict[str, Any]:
    if pk:
        return {name: wire_id(pk)}
    if out_pk:
        return {out_name: out_pk}
    raise ValueError(f"neither {name} nor {out_name} is known")


class Endpoints:
    """Base of the groups of interfaces: all are POST with a JSON body, ``{}`` when there is nothing."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._calls.post(path, body, family=FAMILY)
