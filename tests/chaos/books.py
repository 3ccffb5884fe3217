"""WeChat's records against ours."""

from collections import Counter
from typing import Any

from django.db.models import Count

from audits.models import Attempt, Push, Quota
from audits.operations import Operation
from audits.states import OPEN, PushStatus
from goods.live.choices import AuditStatus
from goods.models import LiveGoods
from shopadmin.wechat.live_goods import LiveGoodsAPI
from tests.chaos.staff import Staff
from tests.chaos.wechat import WeChat

OUT_OF_QUOTA = (45009, 300012)


def figures() -> dict[str, Any]:
    """What happened, by our journal."""
    operations = (
        Push.objects.order_by("target_type__model", "operation")
        .values_list("target_type__model", "operation")
        .annotate(Count("id"))
    )
    kinds = Attempt.objects.exclude(kind="").order_by("kind").values_list("kind").annotate(Count("id"))
    return {
        "pushes": Push.objects.count(),
        **{f"  {model} {operation}": count for model, operation, count in operations},
        "calls journalled": Attempt.objects.count(),
        **{f"  ended as {kind}": count for kind, count in kinds},
        "pushes that were looked up": Push.objects.filter(looks__gt=0).count(),
    }


def compare(wechat: WeChat, staff: Staff) -> dict[str, list[str]]:
    """What must not be, by name; empty lists if all is well."""
    state = wechat.state(staff.account.appid)
    made = [row for row in state["goods"] if row["origin"] == "api"]
    records = {goods.url: goods for goods in LiveGoods.objects.all()}
    ours = set(LiveGoods.objects.at_wechat().values_list("goods_id", flat=True))
    return {
        "duplicates": [url for url, count in Counter(row["url"] for row in made).items() if count > 1],
        "lost ids": [f"{row['goods_id']} {row['url']}" for row in made if str(row["goods_id"]) not in ours],
        "wrong states": _wrong_states({str(row["goods_id"]): row for row in made}, records, staff),
        "pushes not in a final state": [f"{push.pk} {push.status}" for push in Push.objects.open()],
        "pushes refused": [
            f"{push.pk} {push.operation} {push.errcode} {push.errmsg}"
            for push in Push.objects.filter(status=PushStatus.REFUSED)
        ],
        "submitted more or less often than asked": _submissions(state),
        "quota overspent": _overspent(wechat, staff, state),
    }


def _wrong_states(
    at_wechat: dict[str, dict[str, Any]], records: dict[str, LiveGoods], staff: Staff
) -> list[str]:
    at_work = Push.objects.filter(status__in=OPEN, target_type__model="livegoods")
    busy = set(at_work.values_list("target_id", flat=True))
    wrong = []
    for goods in records.values():
        if goods.pk in busy or not goods.at_wechat:
            continue
        row = at_wechat.get(goods.goods_id)
        if row is None:
            wrong.append(f"{goods.pk}: {goods.goods_id} is not at WeChat")
            continue
        theirs = (row["name"], row["url"], row["price"])
        if theirs != (goods.name, goods.url, float(goods.price)):
            wrong.append(f"{goods.pk}: WeChat has {theirs}, and the price here is {goods.price}")
        # We may not have looked yet since staff had it approved.
        unread = goods.pk in staff.approved and goods.audit_status == AuditStatus.AUDITING
        if row["audit_status"] != goods.audit_status and not unread:
            wrong.append(f"{goods.pk}: review {row['audit_status']} at WeChat, {goods.audit_status} here")
        if goods.audit_id and row["audit_id"] != int(goods.audit_id):
            wrong.append(f"{goods.pk}: review number {row['audit_id']} at WeChat, {goods.audit_id} here")
    return wrong


def _submissions(state: dict[str, Any]) -> list[str]:
    """Every add and every resubmission that is done used exactly one submission."""
    done = Push.objects.filter(
        status=PushStatus.DONE,
        target_type__model="livegoods",
        operation__in=[Operation.ADD, Operation.RESUBMIT],
    ).count()
    used = state["counters"]["submissions"]
    return [] if used == done else [f"{used} submissions at WeChat, {done} here"]


def _overspent(wechat: WeChat, staff: Staff, state: dict[str, Any]) -> list[str]:
    """WeChat never said that none is left, and counted no call that our counters do not know."""
    found = [f"errcode {code}" for code in OUT_OF_QUOTA if wechat.errcodes[code]]
    counted: Counter[str] = Counter()
    for path, group in LiveGoodsAPI.QUOTA.items():
        counted[group.name] += state["counters"]["calls"].get(path, 0)
    for row in Quota.objects.filter(account=staff.account):
        if row.used < counted[row.group]:
            found.append(f"{row.group}: {counted[row.group]} at WeChat, {row.used} here")
    return found
