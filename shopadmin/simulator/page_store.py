"""The Mini Store on the page: its latest products, and buttons for what WeChat's reviewers do."""

from collections import Counter
from html import escape
from typing import Any

from shopadmin.simulator.shop import Shop
from shopadmin.simulator.store import EditStatus, Spu, SpuStatus

SPUS_SHOWN = 100
_STATUS = {
    SpuStatus.NEW: "未上架 new",
    SpuStatus.ON_SALE: "上架 on sale",
    SpuStatus.RECYCLED: "回收站 recycled",
    SpuStatus.DELETED: "已删除 deleted",
    SpuStatus.DELISTED: "自主下架 delisted",
    SpuStatus.SOLD_OUT: "售罄下架 sold out",
    SpuStatus.REMOVED: "违规下架 removed",
}
_EDIT_STATUS = {
    EditStatus.INITIAL: "初始 initial",
    EditStatus.EDITING: "编辑中 editing",
    EditStatus.UNDER_REVIEW: "审核中 under review",
    EditStatus.REFUSED: "审核失败 refused",
    EditStatus.PASSED: "审核成功 passed",
}
# The classes that colour live goods: 1 auditing, 2 approved, 3 rejected, 0 anything else.
_STATUS_COLOUR = {SpuStatus.ON_SALE: 2, SpuStatus.REMOVED: 3}
_EDIT_COLOUR = {EditStatus.UNDER_REVIEW: 1, EditStatus.PASSED: 2, EditStatus.REFUSED: 3}


def store_section(shop: Shop) -> str:
    """The products of one account; nothing while there are none."""
    spus = list(shop.store.spus.values())
    heading = f'<h3>小商店商品 <span lang="en">Mini Store products</span>: {len(spus)}</h3>'
    if not spus:
        return heading
    counts = Counter(spu.status for spu in spus)
    summary = " · ".join(f"{label} {counts[status]}" for status, label in _STATUS.items() if counts[status])
    cut = f" · 显示最新 the latest {SPUS_SHOWN}" if len(spus) > SPUS_SHOWN else ""
    rows = "".join(_row(shop, spu) for spu in reversed(spus[-SPUS_SHOWN:]))
    return f"""{heading}<p class="soft">{summary}{cut}</p>
<table><thead><tr><th>图 <span lang="en">picture</span></th><th>标题 <span lang="en">title</span></th>
<th>最低价 <span lang="en">from</span></th><th>SKU</th><th>线上 <span lang="en">online</span></th>
<th>草稿 <span lang="en">draft</span></th><th>product_id</th>
<th>裁定 <span lang="en">verdict</span></th></tr></thead><tbody>{rows}</tbody></table>"""


def _row(shop: Shop, spu: Spu) -> str:
    fields = spu.draft.fields
    online = _pill(_STATUS[spu.status], _STATUS_COLOUR.get(spu.status, 0))
    edit = _pill(_EDIT_STATUS[spu.edit_status], _EDIT_COLOUR.get(spu.edit_status, 0))
    if spu.status is SpuStatus.REMOVED:
        online += _reason(spu)
    else:
        edit += _reason(spu)
    return f"""<tr><td>{_picture(shop, spu)}</td>
<td>{escape(fields["title"])}<br><small><code>{escape(spu.out_product_id)}</code></small></td>
<td class="number">¥{spu.draft.min_price / 100:.2f}</td><td class="number">{len(spu.draft.skus)}</td>
<td>{online}</td><td>{edit}</td>
<td class="number">{spu.product_id}</td><td>{_buttons(spu)}</td></tr>"""


def _picture(shop: Shop, spu: Spu) -> str:
    """The cover, if it was uploaded here."""
    key = str(next(iter(spu.draft.fields["head_img"]), "")).rpartition("/")[2]
    return f'<img src="/pictures/{key}" alt="">' if key in shop.pictures else ""


def _reason(spu: Spu) -> str:
    return f"<br><small>{escape(spu.reason)}</small>" if spu.reason else ""


def _pill(label: str, colour: int) -> str:
    return f'<span class="pill status{colour}">{label}</span>'


def _buttons(spu: Spu) -> str:
    buttons: list[str] = []
    if spu.edit_status is EditStatus.UNDER_REVIEW:
        buttons.append(_button(spu, "verdict", "通过 approve", approve="true"))
        buttons.append(_button(spu, "verdict", "驳回 refuse", approve="false"))
    if spu.status is SpuStatus.ON_SALE:
        buttons.append(_button(spu, "spus", "违规下架 remove", action="remove"))
    if spu.status is SpuStatus.REMOVED:
        buttons.append(_button(spu, "spus", "恢复上架 restore", action="restore"))
    return " ".join(buttons)


def _button(spu: Spu, knob: str, label: str, **fields: Any) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{value}">'
        for name, value in {"product_id": spu.product_id, **fields}.items()
    )
    return f"""<form method="post" action="/_sim/{knob}">{hidden}
<button aria-label="{label} {escape(spu.draft.fields["title"])}">{label}</button></form>"""
