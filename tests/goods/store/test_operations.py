"""What each operation does at WeChat and to our records."""

from typing import Any

from shopadmin.simulator.server import Simulator
from tests.journal import statuses


def test_added_product_is_a_draft_with_its_numbers(make_spu: Any, send: Any, sim: Simulator) -> None:
    spu = make_spu()
    send("add", spu)
    assert statuses() == ["done"]
    theirs = sim.spu(int(spu.product_id))
    assert (spu.status, spu.audit_status) == (0, 1)
    assert {str(sku["sku_id"]) for sku in theirs["draft"]["skus"]} == {sku.sku_id for sku in spu.skus.all()}
