"""What each operation on a product sends, and what the answers do to the product and its SKUs.

A push may take many calls: pictures, the product, its SKUs, and looks at what WeChat made of it. Which ones
depends on what was planned, so the steps are made from the body of the push. Those for one SKU carry its
number in their names.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from audits.operations import Call, Operation, Recovery, Step
from goods.store import wire
from goods.store.absorbing import absorb_skus, absorb_spu
from goods.store.choices import EditStatus, OnlineStatus
from goods.store.sku_steps import (
    Recovered,
    adding_steps,
    entry_fields,
    price_steps,
    sku_steps,
    stock_steps,
    store_step,
)
from goods.store.uploads import upload_steps, url_of
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.mini_store import ProductKey
from shopadmin.wechat.mini_store.sku import RemoteSku, SkuAPI
from shopadmin.wechat.mini_store.spu import RemoteSpu, SpuAPI

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import Spu

SPU_EXISTS = 9401001
SKUS_NOT_ADDED = 100009

# --- the product ------------------------------------------------------------------------------------------


def _links(spu: "Spu", push: "Push") -> tuple[list[str], list[str]]:
    """WeChat's links to its pictures, which have all been uploaded by now."""
    head, desc = ([url_of(spu, pk) for pk in push.body[name]] for name in ("head_imgs", "desc_imgs"))
    return head, desc


def _spu_body(spu: "Spu", push: "Push") -> dict[str, Any]:
    head, desc = _links(spu, push)
    return {**push.body["spu"], "head_img": head, "desc_info": {"imgs": desc}}


def _number(spu: "Spu", push: "Push") -> str:
    """Our number as it was planned: another may have been entered since, which WeChat does not know."""
    return push.body.get("out_product_id") or spu.out_product_id


def _prepare_add(spu: "Spu", push: "Push") -> Call:
    number = _number(spu, push)
    skus = [{"out_product_id": number, **entry_fields(spu, entry)} for entry in push.body["skus"]]
    body = {"out_product_id": number, **_spu_body(spu, push), "skus": skus}
    return Call(body, lambda client: client.mini_store.spu.add(body))


def _absorb_add(spu: "Spu", push: "Push", product_id: str) -> list[str]:
    # An earlier product that is missing at WeChat: nothing of it holds for the new one.
    forgotten = spu.mark_deleted() if spu.at_wechat else []
    accepted = spu.mark_accepted(wire.sent_spu(push.body["spu"], *_links(spu, push)))
    return [*forgotten, *accepted, *spu.mark_added(product_id), *spu.mark_numbered(_number(spu, push))]


def _made_all_the_same(spu: "Spu", push: "Push", error: WeChatError) -> Recovered:
    """The product may be there although the answer is an error: then the next steps look what is missing.

    Our number is taken either by somebody else's product or, if an earlier answer got lost, by this one.
    """
    ours = error.errcode == SPU_EXISTS and push.attempts.filter(
        step="add", kind__in=(Kind.NO_ANSWER, Kind.UNKNOWN)
    ).exists()  # fmt: skip
    if error.errcode == SKUS_NOT_ADDED or ours:
        return Recovery.NEXT, spu.mark_deleted() if spu.at_wechat else []
    return None, []


def _prepare_update(spu: "Spu", push: "Push") -> Call:
    body = {**spu.key.wire(), **_spu_body(spu, push)}
    return Call(body, lambda client: client.mini_store.spu.update(body))


def _absorb_update(spu: "Spu", push: "Push", answer: Any) -> list[str]:
    accepted = spu.mark_accepted(wire.sent_spu(push.body["spu"], *_links(spu, push)))
    return [*accepted, *spu.mark_edited()]


# --- looking what WeChat has now ----------------------------------------------------------------------------


def _prepare_read(spu: "Spu", push: "Push") -> Call:
    key = ProductKey(spu.product_id, _number(spu, push))
    return Call({**key.wire(), "need_edit_spu": 1}, lambda client: client.mini_store.spu.get(key, draft=True))


def _absorb_read(spu: "Spu", push: "Push", remote: RemoteSpu) -> list[str]:
    found = []
    if not spu.at_wechat:
        found = [*spu.mark_added(remote.product_id), *spu.mark_numbered(_number(spu, push))]
    return [*found, *absorb_spu(spu, remote, draft=True)]


def _prepare_read_skus(draft: bool, spu: "Spu", push: "Push") -> Call:
    product_id = spu.product_id
    return Call(
        {"product_id": product_id, "need_edit_sku": int(draft), "need_real_stock": 1},
        lambda client: client.mini_store.sku.get_list(product_id, draft=draft),
    )


def _absorb_read_skus(draft: bool, spu: "Spu", push: "Push", remote: list[RemoteSku]) -> list[str]:
    return absorb_skus(spu, remote, draft=draft, at=timezone.now(), adding=push.operation == Operation.ADD)


READ = store_step("read", SpuAPI.GET, _prepare_read, _absorb_read, repeatable=True)
READ_SKUS = store_step(
    "read_skus", SkuAPI.GET_LIST, partial(_prepare_read_skus, True), partial(_absorb_read_skus, True),
    repeatable=True,
)  # fmt: skip
READ_ONLINE_SKUS = store_step(
    "read_online_skus", SkuAPI.GET_LIST, partial(_prepare_read_skus, False),
    partial(_absorb_read_skus, False),
    repeatable=True, wanted=lambda spu, push: spu.status == OnlineStatus.ON_SALE,
)  # fmt: skip


# --- on sale, off sale, deleted -----------------------------------------------------------------------------


def _prepare_keyed(call: Callable[..., Any], spu: "Spu", push: "Push") -> Call:
    key = spu.key
    return Call(key.wire(), lambda client: call(client, key))


def _absorb_list(spu: "Spu", push: "Push", answer: Any) -> list[str]:
    return spu.mark_submitted()


def _absorb_delist(spu: "Spu", push: "Push", answer: Any) -> list[str]:
    return [*spu.mark_delisted(), *spu.look_now()]


def _absorb_delete(spu: "Spu", push: "Push", answer: Any) -> list[str]:
    push.remote_id = spu.product_id
    return spu.mark_deleted()


def _gone_already(spu: "Spu", push: "Push", error: WeChatError) -> Recovered:
    """Deleting what is not there has the wanted effect."""
    if error.kind is Kind.NOT_FOUND:
        return Recovery.DONE, _absorb_delete(spu, push, None)
    return None, []


def _keyed(name: str, path: str, call: Callable[[Any, ProductKey], Any], absorb: Any, **rest: Any) -> Step:
    return store_step(name, path, partial(_prepare_keyed, call), absorb, **rest)


ADD = store_step(
    "add", SpuAPI.ADD, _prepare_add, _absorb_add, repeatable=False, recover=_made_all_the_same,
)  # fmt: skip
UPDATE = store_step(
    "update", SpuAPI.UPDATE, _prepare_update, _absorb_update, repeatable=True,
    wanted=lambda spu, push: bool(push.body.get("spu")),
)  # fmt: skip
LIST = _keyed(
    "list", SpuAPI.LISTING, lambda client, key: client.mini_store.spu.listing(key), _absorb_list,
    repeatable=False,
    # While it is under review already, submitting it once more is a mistake that WeChat counts.
    wanted=lambda spu, push: spu.audit_status != EditStatus.AUDITING,
)  # fmt: skip
DELIST = _keyed(
    "delist", SpuAPI.DELISTING, lambda client, key: client.mini_store.spu.delisting(key), _absorb_delist,
    repeatable=True,
)  # fmt: skip
DELETE = _keyed(
    "delete", SpuAPI.DEL, lambda client, key: client.mini_store.spu.delete(key), _absorb_delete,
    repeatable=True, recover=_gone_already,
)  # fmt: skip

# The steps that every push of an operation has; ``steps_of`` puts those for pictures and SKUs between them.
OPERATIONS: Mapping[Operation, tuple[Step, ...]] = {
    Operation.ADD: (ADD, READ, READ_SKUS),
    Operation.UPDATE: (UPDATE, READ, READ_SKUS),
    Operation.LIST: (UPDATE, READ, READ_SKUS, LIST),
    Operation.DELIST: (DELIST,),
    Operation.PRICE: (READ, READ_SKUS, READ_ONLINE_SKUS),
    Operation.STOCK: (READ, READ_SKUS),
    Operation.DELETE: (DELETE,),
}


def steps_of(operation: Operation, body: Mapping[str, Any]) -> list[Step]:
    """The calls of one push, in their order.

    WeChat's numbers of new SKUs are read, never taken for granted: ``spu/add`` does not tell them. Nor is it
    that buyers see new prices and stock at once: the state of the draft tells if they need a review.
    """
    match operation:
        case Operation.ADD:
            missing = list(adding_steps(body.get("skus", ())))
            return [*upload_steps(body), ADD, READ, READ_SKUS, *missing]
        case Operation.UPDATE | Operation.LIST:
            ending = [LIST] if operation is Operation.LIST else []
            return [*upload_steps(body), UPDATE, *sku_steps(body), READ, READ_SKUS, *ending]
        case Operation.PRICE:
            return [*price_steps(body), READ, READ_SKUS, READ_ONLINE_SKUS]
        case Operation.STOCK:
            return [*stock_steps(body), READ, READ_SKUS]
    return list(OPERATIONS[operation])
