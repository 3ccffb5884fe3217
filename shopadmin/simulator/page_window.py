"""The Channels window on the page: its latest products, and buttons for what shops and WeChat do to them."""

from html import escape
from typing import Any

from shopadmin.simulator.shop import Shop
from shopadmin.simulator.window import Kind, Place, Source, WindowProduct, WindowStatus

WINDOW_SHOWN = 100
_KIND = {Kind.OWN: "自营 own", Kind.CPS: "带货 cps"}
_STATUS = {
    WindowStatus.ON_WINDOW: "在橱窗 on the window",
    WindowStatus.NOT_ON_WINDOW: "不在橱窗 not on it",
    WindowStatus.DELETED: "源头已删除 deleted",
}
_BAN = {0: "类目或商品 category or product", 1: "需申请类目 apply for category", 2: "门店停业 branch closed"}
# The classes that colour live goods: 2 approved, 3 rejected, 0 anything else.
_COLOUR = {WindowStatus.ON_WINDOW: 2, WindowStatus.DELETED: 3}


def window_section(shop: Shop) -> str:
    """The window of one account; nothing while it is empty."""
    products = list(shop.window.products.values())
    heading = f'<h3>视频号橱窗 <span lang="en">Channels window</span>: {len(products)}</h3>'
    if not products:
        return heading
    shops = " · ".join(f"{name} {appid}" for appid, name in shop.window.shops.items())
    cut = f" · 显示最新 the latest {WINDOW_SHOWN}" if len(products) > WINDOW_SHOWN else ""
    rows = "".join(_row(product) for product in reversed(products[-WINDOW_SHOWN:]))
    return f"""{heading}<p class="soft">绑定的店铺 bound shops: {escape(shops) or "–"}{cut}</p>
<table><thead><tr><th>标题 <span lang="en">title</span></th><th>价格 <span lang="en">price</span></th>
<th>来源 <span lang="en">kind</span></th><th>状态 <span lang="en">status</span></th>
<th>product_id</th><th>带货商品ID <span lang="en">cps id</span></th>
<th>操作 <span lang="en">change</span></th></tr></thead><tbody>{rows}</tbody></table>"""


def _row(product: WindowProduct) -> str:
    status = "未加入 never added" if product.place is Place.NEVER else _STATUS[product.status]
    colour = 0 if product.place is Place.NEVER else _COLOUR.get(product.status, 0)
    notes = [f"禁售 banned: {_BAN[product.ban]}"] if product.ban is not None else []
    notes += ["隐藏 hidden"] if product.hidden else []
    notes += [f"{product.branch_name} ({product.branch_id})"] if product.branch_id else []
    small = "".join(f"<br><small>{escape(note)}</small>" for note in notes)
    return f"""<tr><td>{escape(product.title)}<br><small><code>{escape(product.appid)}</code></small></td>
<td class="number">{_price(product)}</td><td>{_KIND[product.kind]}</td>
<td><span class="pill status{colour}">{status}</span>{small}</td>
<td class="number">{product.product_id}</td><td class="number">{product.cps_id or "–"}</td>
<td>{_buttons(product)}</td></tr>"""


def _price(product: WindowProduct) -> str:
    price = f"¥{product.selling_price / 100:.2f}"
    if product.discount_price is None:
        return price
    return f"<del>{price}</del> ¥{product.discount_price / 100:.2f}"


def _buttons(product: WindowProduct) -> str:
    if product.source is Source.DELETED:
        return ""
    if product.source is Source.LISTED:
        buttons = [_button(product, "店铺下架 delist", action="source", state="delisted")]
    else:
        buttons = [_button(product, "店铺上架 list", action="source", state="listed")]
    if product.ban is None:
        buttons.append(_button(product, "禁售 ban", action="ban"))
    else:
        buttons.append(_button(product, "解禁 unban", action="unban"))
    return " ".join(buttons)


def _button(product: WindowProduct, label: str, **fields: Any) -> str:
    name = "cps_id" if product.kind is Kind.CPS else "product_id"
    hidden = "".join(
        f'<input type="hidden" name="{key}" value="{value}">'
        for key, value in {name: product.number, **fields}.items()
    )
    return f"""<form method="post" action="/_sim/window">{hidden}
<button aria-label="{label} {escape(product.title)}">{label}</button></form>"""
