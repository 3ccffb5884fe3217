"""How an audit of live goods and a review of a product end: rules that a trainee can foresee."""

from shopadmin.simulator.knobs import Settings
from shopadmin.simulator.shop import Goods, Shop, Status
from shopadmin.simulator.store import Spu


def forbidden_word(name: str, settings: Settings) -> str | None:
    """The first forbidden word in the name, if there is one."""
    return next((word for word in settings.forbidden_words if word and word in name), None)


def judge(shop: Shop, goods: Goods, settings: Settings) -> Status:
    """Refused for a forbidden word or for a picture file that is too big, approved otherwise."""
    if forbidden_word(goods.name, settings):
        return Status.REJECTED
    picture = shop.media.get(goods.picture)
    if picture is not None and picture.size > settings.max_picture_bytes:
        return Status.REJECTED
    return Status.APPROVED


def judge_spu(spu: Spu, settings: Settings) -> str:
    """Why the draft of a product is refused; empty if it passes."""
    if settings.spu_verdict == "approve":
        return ""
    if settings.spu_verdict == "refuse":
        return "不符合平台规范"
    fields = spu.draft.fields
    word = forbidden_word(fields["title"], settings) or forbidden_word(fields["sub_title"], settings)
    return f"标题含有违规词「{word}」" if word else ""
