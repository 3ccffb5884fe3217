"""Mini Program Live: the seven interfaces of the goods library.

Prices are in yuan here and at WeChat. Ids are text here and JSON numbers at WeChat. All of them need
the Live function switched on (48001 without it), and touch only goods that were added by API (300011).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from shopadmin.wechat.quota import QuotaGroup
from shopadmin.wechat.reading import (
    Answer,
    as_decimal,
    as_id,
    as_int,
    as_text,
    first_of,
    required_id,
    required_int,
    rows,
    unreadable,
    wire_id,
)
from shopadmin.wechat.transport import Calls

FAMILY = "live_goods"


@dataclass(frozen=True)
class Added:
    """What WeChat returns once, at adding, and by no query: store both."""

    goods_id: str
    audit_id: str


@dataclass(frozen=True)
class RemoteLiveGoods:
    """One item of the goods library as WeChat shows it.

    ``cover_img_url`` is a link to the picture, not the media id that was sent. ``price_type`` is 1 fixed,
    2 range (price to price2), 3 discount (price2 instead of price). ``audit_status`` is 0 not audited,
    1 auditing, 2 approved, 3 rejected. ``third_party_tag`` 1 or 2 means added by API.
    """

    goods_id: str
    name: str
    cover_img_url: str
    url: str
    price_type: int | None
    price: Decimal | None
    price2: Decimal | None
    audit_status: int | None
    third_party_tag: int | None
    third_party_appid: str


@dataclass(frozen=True)
class Page:
    """One page of a list: how many there are in all (by WeChat's count, which may be off), and these."""

    total: int
    goods: list[RemoteLiveGoods]


class LiveGoodsAPI:
    """One method per interface. Every method may also raise the errors of any call (see WeChatError)."""

    ADD = "/wxaapi/broadcast/goods/add"
    RESET_AUDIT = "/wxaapi/broadcast/goods/resetaudit"
    AUDIT = "/wxaapi/broadcast/goods/audit"
    DELETE = "/wxaapi/broadcast/goods/delete"
    UPDATE = "/wxaapi/broadcast/goods/update"
    GET_GOODS_WAREHOUSE = "/wxa/business/getgoodswarehouse"
    GET_APPROVED = "/wxaapi/broadcast/goods/getapproved"

    SUBMISSIONS = QuotaGroup("live_goods.submissions", 500)
    QUOTA: ClassVar[Mapping[str, QuotaGroup]] = {
        ADD: SUBMISSIONS,
        AUDIT: SUBMISSIONS,
        RESET_AUDIT: QuotaGroup("live_goods.resetaudit", 500),
        DELETE: QuotaGroup("live_goods.delete", 1000),
        UPDATE: QuotaGroup("live_goods.update", 1000),
        GET_GOODS_WAREHOUSE: QuotaGroup("live_goods.getgoodswarehouse", 1000),
        GET_APPROVED: QuotaGroup("live_goods.getapproved", 10_000),
    }
    MAX_IDS = 20
    MAX_LIMIT = 100

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def add(self, goods_info: Mapping[str, Any]) -> Added:
        """POST /wxaapi/broadcast/goods/add: put an item into the library and submit it for audit.

        ``goods_info``: name, coverImgUrl (a media id, not a link), priceType, price, price2 (yuan), url;
        optionally thirdPartyAppid and goodsKey. Costs one of the day's 500 submissions. Repeating it
        creates a second item. Errors: 200002, 300001-300008, 300012 (no submissions left), 300013,
        300018 (picture above 300 px), 300021 (added, but not submitted).
        """
        answer = self._post(self.ADD, {"goodsInfo": goods_info})
        return Added(required_id(answer, "goodsId"), required_id(answer, "auditId"))

    def reset_audit(self, goods_id: str, audit_id: str) -> None:
        """POST /wxaapi/broadcast/goods/resetaudit: withdraw the latest submission (auditing -> not audited).

        The submission spent is not given back. Errors: 300009 (failed), 300017 (is not auditing), 300011,
        1003 (no such item).
        """
        self._post(self.RESET_AUDIT, {"goodsId": wire_id(goods_id), "auditId": wire_id(audit_id)})

    def audit(self, goods_id: str) -> str:
        """POST /wxaapi/broadcast/goods/audit: submit again; the new audit id replaces the old one.

        Costs one of the day's 500 submissions. Errors: 300010 (the state forbids it), 300011, 300012
        (no submissions left), 300013 (failed).
        """
        answer = self._post(self.AUDIT, {"goodsId": wire_id(goods_id)})
        return required_id(answer, "auditId")

    def delete(self, goods_id: str) -> None:
        """POST /wxaapi/broadcast/goods/delete: remove from the library and from every live room, for good.

        Errors: 300014 (auditing, withdraw first), 300011, 300015 and 1003 (no such item).
        """
        self._post(self.DELETE, {"goodsId": wire_id(goods_id)})

    def update(self, goods_info: Mapping[str, Any]) -> None:
        """POST /wxaapi/broadcast/goods/update: change the given fields of the item ``goodsId``.

        Approved items: only priceType, price and price2 (yuan, all together); auditing ones: nothing.
        Submits nothing for audit. Errors: those of ``add``, and 300010 (the state forbids it), 300011,
        1003 (no such item).
        """
        goods_id = wire_id(as_id(goods_info["goodsId"]))
        self._post(self.UPDATE, {"goodsInfo": {**goods_info, "goodsId": goods_id}})

    def get_goods_warehouse(self, goods_ids: Sequence[str]) -> list[RemoteLiveGoods]:
        """POST /wxa/business/getgoodswarehouse: items with their audit status, at most 20 ids per call.

        An id that does not exist has no entry in the answer. Neither audit id nor reason are told.
        """
        if len(goods_ids) > self.MAX_IDS:
            raise ValueError(f"{len(goods_ids)} ids; WeChat takes at most {self.MAX_IDS} per call")
        answer = self._post(self.GET_GOODS_WAREHOUSE, {"goods_ids": [wire_id(pk) for pk in goods_ids]})
        return [_remote(answer, row) for row in rows(answer, "goods")]

    def get_approved(self, status: int, offset: int = 0, limit: int = MAX_LIMIT) -> Page:
        """GET /wxaapi/broadcast/goods/getapproved: the items with one audit status (any, despite the name).

        ``limit`` is at most 100. The rows lack the status, so they get the one asked for. Errors: 3001.
        """
        params = {"offset": offset, "limit": limit, "status": status}
        answer = self._calls.get(self.GET_APPROVED, params, family=FAMILY)
        goods = [_remote(answer, row, status) for row in rows(answer, "goods")]
        return Page(required_int(answer, "total"), goods)

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._calls.post(path, body, family=FAMILY)


def _remote(answer: Answer, row: Answer, status: int | None = None) -> RemoteLiveGoods:
    """A row in either spelling: one interface writes snake_case, the other camelCase, samples mix them."""
    goods_id = as_id(first_of(row, "goods_id", "goodsId"))
    if not goods_id:
        raise unreadable(answer, "goods[].goods_id")
    told = as_int(first_of(row, "audit_status", "auditStatus"))
    return RemoteLiveGoods(
        goods_id=goods_id,
        name=as_text(row.get("name")),
        cover_img_url=as_text(first_of(row, "cover_img_url", "coverImgUrl")),
        url=as_text(row.get("url")),
        price_type=as_int(first_of(row, "price_type", "priceType")),
        price=as_decimal(row.get("price")),
        price2=as_decimal(row.get("price2")),
        audit_status=status if told is None else told,
        third_party_tag=as_int(first_of(row, "third_party_tag", "thirdPartyTag")),
        third_party_appid=as_text(first_of(row, "third_party_appid", "thirdPartyAppid")),
    )
