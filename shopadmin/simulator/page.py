"""The page at /: what this WeChat has, for whoever wants to look over its shoulder."""

from collections import Counter
from html import escape
from typing import Any

from shopadmin.simulator.clock import beijing
from shopadmin.simulator.control import Control, shown_goods
from shopadmin.simulator.knobs import SUBMISSIONS
from shopadmin.simulator.page_store import store_section
from shopadmin.simulator.page_style import STYLE
from shopadmin.simulator.page_window import window_section
from shopadmin.simulator.rules import ROUTES
from shopadmin.simulator.rules.limits import daily_limit
from shopadmin.simulator.shop import Shop, Status

GOODS_SHOWN = 100
CALLS_SHOWN = 30
REFRESH_SECONDS = 5
_STATUS = {
    Status.UNAUDITED: "未审核 not audited",
    Status.AUDITING: "审核中 auditing",
    Status.APPROVED: "审核通过 approved",
    Status.REJECTED: "审核驳回 rejected",
}
_ORIGIN = {"api": "接口 API", "console": "控制台 console"}


def page(control: Control, *, still: bool = False) -> str:
    """The whole page; ``still`` leaves out the automatic reload."""
    with control.world.lock:
        control.world.catch_up()
        accounts = "".join(_account(control, shop) for shop in control.world.shops.values())
        clock = beijing(control.now()).strftime("%Y-%m-%d %H:%M:%S")
    refresh = "" if still else f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">'
    link = (
        '<a href="/">自动刷新 refresh by itself</a>'
        if still
        else '<a href="/?still=1">停止自动刷新 stop refreshing</a>'
    )
    return f"""<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8">{refresh}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>模拟微信 Simulator</title><style>{STYLE}</style></head><body>
<header><h1>模拟微信 Simulator — 这不是微信，not WeChat</h1>
这里的商品、审核和额度都是假的。<span lang="en">Goods, audits and quotas here are pretended.</span></header>
<main><p class="soft">模拟时间（北京） <span lang="en">simulated time in Beijing</span>: {clock} · {link}</p>
{accounts}{_calls(control)}</main></body></html>"""


def _account(control: Control, shop: Shop) -> str:
    off = "、".join(sorted(shop.switched_off))
    note = f'<p>未开通 <span lang="en">switched off</span>: {escape(off)}</p>' if off else ""
    goods = [shown_goods(item) for item in list(shop.goods.values())[-GOODS_SHOWN:]]
    rows = "".join(_goods_row(item) for item in reversed(goods))
    counts = Counter(item.status for item in shop.goods.values())
    summary = " · ".join(f"{label} {counts[status]}" for status, label in _STATUS.items())
    return f"""<section><h2>账号 <span lang="en">account</span> <code>{escape(shop.appid)}</code></h2>{note}
<h3>今日额度 <span lang="en">quota today</span></h3>{_quotas(control, shop)}
<h3>直播商品库 <span lang="en">live goods</span>: {len(shop.goods)}</h3>
<p class="soft">{summary}{_cut_note(len(shop.goods))}</p>
<table><thead><tr><th>图 <span lang="en">picture</span></th><th>名称 <span lang="en">name</span></th>
<th>价格 <span lang="en">price</span></th><th>状态 <span lang="en">status</span></th>
<th>goodsId</th><th>auditId</th><th>来源 <span lang="en">made by</span></th>
<th>裁定 <span lang="en">verdict</span></th></tr></thead>
<tbody>{rows}</tbody></table>{store_section(shop)}{window_section(shop)}</section>"""


def _cut_note(count: int) -> str:
    return f" · 显示最新 the latest {GOODS_SHOWN}" if count > GOODS_SHOWN else ""


def _goods_row(item: dict[str, Any]) -> str:
    status = Status(item["audit_status"])
    return f"""<tr><td><img src="/pictures/{escape(item["picture"])}" alt=""></td>
<td>{escape(item["name"])}<br><small><code>{escape(item["url"])}</code></small></td>
<td class="number">{_price(item)}</td>
<td><span class="pill status{status:d}">{_STATUS[status]}</span></td>
<td class="number">{item["goods_id"]}</td><td class="number">{item["audit_id"] or "–"}</td>
<td>{_ORIGIN[item["origin"]]}</td><td>{_buttons(item) if status is Status.AUDITING else ""}</td></tr>"""


def _price(item: dict[str, Any]) -> str:
    """As buyers see it: one price, a range, or the old price struck out beside the new one."""
    first, second = f"¥{item['price']:.12g}", f"¥{item['price2']:.12g}"
    return {2: f"{first} – {second}", 3: f"<del>{first}</del> {second}"}.get(item["price_type"], first)


def _buttons(item: dict[str, Any]) -> str:
    return "".join(
        f"""<form method="post" action="/_sim/verdict">
<input type="hidden" name="goodsId" value="{item["goods_id"]}">
<input type="hidden" name="approve" value="{value}">
<button aria-label="{label} {escape(item["name"])}">{label}</button></form> """
        for value, label in (("true", "通过 approve"), ("false", "驳回 refuse"))
    )


def _quotas(control: Control, shop: Shop) -> str:
    settings, counters = control.world.settings, shop.counters
    lines = [
        ("提交审核 submissions (add + audit)", counters.submissions, settings.quotas[SUBMISSIONS]),
        ("商品新增和更新 products, this hour", counters.spu_writes_this_hour, settings.spu_writes_per_hour),
        ("商品新增和更新 products, today", counters.spu_writes_today, settings.spu_writes_per_day),
    ]
    for path, used in sorted(counters.calls.items()):
        lines.append((path, used, daily_limit(path, ROUTES[path], settings)))
    rows = "".join(
        f'<tr><td><code>{escape(name)}</code></td><td class="number">{used} / {limit}</td>'
        f'<td><meter max="{max(limit, 1)}" value="{used}" aria-label="{escape(name)}"></meter></td></tr>'
        for name, used, limit in lines
    )
    return f"<table><tbody>{rows}</tbody></table>"


def _calls(control: Control) -> str:
    rows = "".join(
        f'<tr><td class="number">{call["seq"]}</td>'
        f'<td class="number">{beijing(call["time"]).strftime("%H:%M:%S")}</td>'
        f"<td><code>{call['method']} {escape(call['path'])}</code></td><td>{_outcome(call)}</td>"
        f'<td>{escape(call["fault"])}</td><td class="number">{call["ms"]} ms</td></tr>'
        for call in reversed(control.log.listing(last=CALLS_SHOWN))
    )
    return f"""<section><h2>最近的调用 <span lang="en">latest calls</span></h2>
<table><thead><tr><th>#</th><th>时间 <span lang="en">time</span></th>
<th>接口 <span lang="en">interface</span></th>
<th>应答 <span lang="en">answer</span></th><th>安排的故障 <span lang="en">ordered fault</span></th>
<th>耗时 <span lang="en">took</span></th></tr></thead><tbody>{rows}</tbody></table></section>"""


def _outcome(call: dict[str, Any]) -> str:
    if call["http"] is None:
        return "处理中 at work"
    if call["http"] == 0:
        return "连接中断 cut"
    errcode = call["errcode"]
    return f"HTTP {call['http']}" + ("" if errcode is None else f" · errcode {errcode}")
