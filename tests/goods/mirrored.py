"""Words for tests of products that are at WeChat."""

from typing import Any

from goods.models import LiveGoods


def as_at_wechat(goods: LiveGoods, **theirs: Any) -> LiveGoods:
    """The product as if it had been sent and read back; ``theirs`` is what WeChat has otherwise."""
    remote = {
        "name": goods.name, "url": goods.url, "price_type": goods.price_type,
        "price": str(goods.price or ""), "price2": str(goods.price2 or ""),
        "third_party_appid": goods.third_party_appid, "cover_img_url": "",
    }  # fmt: skip
    at_wechat = {
        "goods_id": goods.goods_id or str(900 + goods.pk), "audit_id": "77",
        "audit_status": 2 if goods.audit_status is None else goods.audit_status,
        "third_party_tag": 2 if goods.third_party_tag is None else goods.third_party_tag,
    }  # fmt: skip
    LiveGoods.objects.filter(pk=goods.pk).update(
        remote=remote | theirs, cover_sent=goods.cover.name, **at_wechat
    )
    goods.refresh_from_db()
    return goods
