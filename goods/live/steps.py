"""What each operation on live goods sends, and what its answer does to the record."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from audits.operations import Call, Operation, Recovery, Step
from goods.live import wire
from goods.pictures import fitted
from shopadmin.wechat.client import WeChatClient
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.live_goods import Added, LiveGoodsAPI
from shopadmin.wechat.media import MediaAPI, Uploaded
from shopadmin.wechat.reading import as_id, wire_id

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import LiveGoods

PICTURE_REJECTED = {300006, 40007}
GONE = {300015, 1003}


# --- the picture ------------------------------------------------------------------------------------


def _prepare_upload(goods: "LiveGoods", push: "Push") -> Call:
    cover = push.body["cover"]
    storage = goods.cover.storage

    def send(client: WeChatClient) -> Uploaded:
        picture = fitted(storage, cover)
        return client.media.upload_image(picture.filename, picture.data, picture.content_type)

    return Call({"media": cover}, send)


def _absorb_upload(goods: "LiveGoods", push: "Push", uploaded: Uploaded) -> list[str]:
    return goods.mark_uploaded(push.body["cover"], uploaded.media_id, uploaded.created_at)


def _wants_upload(goods: "LiveGoods", push: "Push") -> bool:
    cover = push.body.get("cover", "")
    return bool(cover) and not goods.media_fresh(cover)


def _upload_again(goods: "LiveGoods", push: "Push", error: WeChatError) -> tuple[Recovery | None, list[str]]:
    """WeChat has forgotten the picture: upload it once more."""
    if error.errcode in PICTURE_REJECTED:
        return Recovery.AGAIN, goods.forget_media()
    return None, []


# --- add, update, submit again -----------------------------------------------------------------------


def _goods_info(goods: "LiveGoods", push: "Push") -> dict[str, Any]:
    info = dict(push.body["goodsInfo"])
    if push.body.get("cover"):
        info["coverImgUrl"] = goods.media_id
    return info


def _prepare_add(goods: "LiveGoods", push: "Push") -> Call:
    info = _goods_info(goods, push)
    return Call({"goodsInfo": info}, lambda client: client.live_goods.add(info))


def _absorb_add(goods: "LiveGoods", push: "Push", added: Added) -> list[str]:
    # An earlier product that is missing at WeChat: nothing of it holds for the new one.
    forgotten = goods.mark_deleted() if goods.at_wechat else []
    accepted = goods.mark_accepted(wire.local_fields(push.body["goodsInfo"]), push.body["cover"])
    return [*forgotten, *accepted, *goods.mark_added(added.goods_id, added.audit_id)]


def _added_all_the_same(
    goods: "LiveGoods", push: "Push", error: WeChatError
) -> tuple[Recovery | None, list[str]]:
    """An error answer may still name the product that was made (300021, or an answer cut short)."""
    answer = error.answer if isinstance(error.answer, dict) else {}
    goods_id = as_id(answer.get("goodsId"))
    if not goods_id:
        return _upload_again(goods, push, error)
    fields = _absorb_add(goods, push, Added(goods_id, as_id(answer.get("auditId"))))
    if not error.errcode:
        return Recovery.DONE, fields
    return Recovery.REFUSE, [*fields, *goods.look_now()]


def _prepare_update(goods: "LiveGoods", push: "Push") -> Call:
    info = {"goodsId": wire_id(goods.goods_id), **_goods_info(goods, push)}
    return Call({"goodsInfo": info}, lambda client: client.live_goods.update(info))


def _absorb_update(goods: "LiveGoods", push: "Push", answer: Any) -> list[str]:
    fields = goods.mark_accepted(wire.local_fields(push.body["goodsInfo"]), push.body.get("cover", ""))
    return [*fields, *goods.look_later()]


def _wants_update(goods: "LiveGoods", push: "Push") -> bool:
    return bool(push.body.get("goodsInfo") or push.body.get("cover"))


def _prepare_audit(goods: "LiveGoods", push: "Push") -> Call:
    goods_id = goods.goods_id
    return Call({"goodsId": wire_id(goods_id)}, lambda client: client.live_goods.audit(goods_id))


def _absorb_audit(goods: "LiveGoods", push: "Push", audit_id: str) -> list[str]:
    return goods.mark_submitted(audit_id)


# --- withdraw, delete ---------------------------------------------------------------------------------


def _prepare_withdraw(goods: "LiveGoods", push: "Push") -> Call:
    goods_id, audit_id = goods.goods_id, goods.audit_id
    return Call(
        {"goodsId": wire_id(goods_id), "auditId": wire_id(audit_id)},
        lambda client: client.live_goods.reset_audit(goods_id, audit_id),
    )


def _absorb_withdraw(goods: "LiveGoods", push: "Push", answer: Any) -> list[str]:
    return goods.mark_withdrawn()


def _prepare_delete(goods: "LiveGoods", push: "Push") -> Call:
    goods_id = goods.goods_id
    return Call({"goodsId": wire_id(goods_id)}, lambda client: client.live_goods.delete(goods_id))


def _absorb_delete(goods: "LiveGoods", push: "Push", answer: Any) -> list[str]:
    push.remote_id = goods.goods_id
    return goods.mark_deleted()


def _gone_already(goods: "LiveGoods", push: "Push", error: WeChatError) -> tuple[Recovery | None, list[str]]:
    """Deleting what is not there has the wanted effect."""
    if error.kind is Kind.NOT_FOUND or error.errcode in GONE:
        return Recovery.DONE, _absorb_delete(goods, push, None)
    return None, []


# --- the table ----------------------------------------------------------------------------------------


def _step(
    name: str, path: str, prepare: Callable[..., Call], absorb: Callable[..., list[str]], **rest: Any
) -> Step:
    return Step(name, path, "live_goods", prepare, absorb, quota=LiveGoodsAPI.QUOTA.get(path), **rest)


UPLOAD = _step(
    "upload_cover", MediaAPI.UPLOAD, _prepare_upload, _absorb_upload, repeatable=True, wanted=_wants_upload
)
UPDATE = _step(
    "update", LiveGoodsAPI.UPDATE, _prepare_update, _absorb_update,
    repeatable=True, wanted=_wants_update, recover=_upload_again,
)  # fmt: skip

OPERATIONS: Mapping[Operation, tuple[Step, ...]] = {
    Operation.ADD: (
        UPLOAD,
        _step(
            "add", LiveGoodsAPI.ADD, _prepare_add, _absorb_add, repeatable=False, recover=_added_all_the_same
        ),
    ),
    Operation.UPDATE: (UPLOAD, UPDATE),
    Operation.WITHDRAW: (
        _step("withdraw", LiveGoodsAPI.RESET_AUDIT, _prepare_withdraw, _absorb_withdraw, repeatable=False),
    ),
    # What was corrected goes along: staff think "fixed, once more", not "update, then submit".
    Operation.RESUBMIT: (
        UPLOAD,
        UPDATE,
        _step("audit", LiveGoodsAPI.AUDIT, _prepare_audit, _absorb_audit, repeatable=False),
    ),
    Operation.DELETE: (
        _step(
            "delete",
            LiveGoodsAPI.DELETE,
            _prepare_delete,
            _absorb_delete,
            repeatable=True,
            recover=_gone_already,
        ),
    ),
}
