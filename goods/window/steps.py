"""What each operation on a window product sends, and what the answers do to the record."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from audits.operations import Call, Operation, Step
from shopadmin.wechat.window import Found, WindowAPI

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import WindowProduct


def _prepare_add(product: "WindowProduct", push: "Push") -> Call:
    number, appid, hide = (push.body[name] for name in ("product_id", "appid", "hide"))
    body = {"product_id": number, "appid": appid, "is_hide_for_window": hide}
    return Call(body, lambda client: client.window.add(number, appid, hide=hide))


def _prepare_off(product: "WindowProduct", push: "Push") -> Call:
    number, appid = push.body["product_id"], push.body["appid"]
    return Call({"product_id": number, "appid": appid}, lambda client: client.window.off(number, appid))


def _absorb_nothing(product: "WindowProduct", push: "Push", answer: Any) -> list[str]:
    """Success proves nothing: the next step reads what became of it."""
    return []


def _prepare_read(product: "WindowProduct", push: "Push") -> Call:
    number, appid = push.body["product_id"], push.body["appid"]
    body = {"product_id": number, "appid": appid, "need_cps_product": False}
    return Call(body, lambda client: client.window.get(number, appid, with_cps=False))


def _absorb_read(product: "WindowProduct", push: "Push", found: Found) -> list[str]:
    return product.mark_found(found.product) if found.product else []


def _step(name: str, path: str, prepare: Any, absorb: Any, *, repeatable: bool) -> Step:
    return Step(name, path, "window", prepare, absorb, repeatable, quota=WindowAPI.QUOTA.get(path))


READ = _step("read_window", WindowAPI.GET, _prepare_read, _absorb_read, repeatable=True)

OPERATIONS: Mapping[Operation, tuple[Step, ...]] = {
    # What a second call does with a product that is there already is not documented: look first.
    Operation.ADD: (_step("add", WindowAPI.ADD, _prepare_add, _absorb_nothing, repeatable=False), READ),
    Operation.OFF: (_step("off", WindowAPI.OFF, _prepare_off, _absorb_nothing, repeatable=True), READ),
}
