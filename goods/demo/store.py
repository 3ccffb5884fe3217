"""What the demo's Mini Store takes from WeChat: category, brand and freight template of the sample products.

At set-up the pretend WeChat does not answer yet, so the worker does it once it runs.
"""

import datetime as dt

from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import schedule

from audits.models import Reading
from goods import tasks
from goods.importing.errors import CellError
from goods.importing.store.lookup import Lookup
from goods.models import Spu
from goods.models.spu import SpuQuerySet
from shopadmin.wechat.models import Account

COMPLETE = "goods.demo.store.complete"
TRIES = 10
PAUSE = dt.timedelta(seconds=5)

# WeChat's category and the brand of each product of the sample, whose own categories are another shop's.
_PHONES = "手机通讯 > 手机 > 智能手机"
_SHIRTS = "服饰内衣 > 男装 > T恤"
_SHOES = "鞋靴箱包 > 男鞋 > 运动鞋"
_SETS = "家用电器 > 大家电 > 电视"
WANTED = {
    "1": ("服饰内衣 > 内衣 > 内裤", "七匹狼"),
    "7": ("服饰内衣 > 女装 > 毛衣针织衫", ""),
    **dict.fromkeys(("26", "42"), (_PHONES, "华为")),
    **dict.fromkeys(("27", "28", "40", "41"), (_PHONES, "小米")),
    **dict.fromkeys(("29", "37"), (_PHONES, "苹果")),
    **dict.fromkeys(("30", "31", "32"), (_SHIRTS, "海澜之家")),
    **dict.fromkeys(("33", "34"), (_SETS, "小米")),
    **dict.fromkeys(("35", "36"), (_SHOES, "NIKE")),
    "38": ("电脑办公 > 电脑整机 > 平板电脑", "苹果"),
    "39": ("电脑办公 > 电脑整机 > 笔记本", "小米"),
    "43": ("家用电器 > 厨卫大电 > 热水器", "万和"),
    "44": ("电脑办公 > 电脑配件 > 硬盘", "三星"),
    "45": (_PHONES, "OPPO"),
}


def lacking(account: Account) -> SpuQuerySet:
    """The products of the sample that nobody has given a category or sent yet."""
    return Spu.objects.drafts().filter(account=account, out_product_id__in=WANTED, cats=[])


def complete_later(account: Account, tries: int = TRIES) -> None:
    """Let a worker do it soon, once one runs."""
    Schedule.objects.filter(name=COMPLETE).delete()
    soon = timezone.now() + PAUSE
    schedule(COMPLETE, account.pk, tries, name=COMPLETE, schedule_type=Schedule.ONCE, next_run=soon)


def complete(account_id: int, tries: int = TRIES) -> int:
    """Read everything of the account, and give the sample its categories; returns how many products got one.

    Categories take longer to be read than the rest: those that are not here yet are looked for again soon.
    """
    account = Account.objects.get(pk=account_id)
    if not Lookup(account).templates:
        for family in account.families:
            Reading.objects.request(account, family)
        tasks.pull()
    lookup = Lookup(account)
    done = sum(_complete(spu, lookup) for spu in lacking(account).with_skus())
    if tries > 1 and lacking(account).exists():
        complete_later(account, tries - 1)
    return done


def _complete(spu: Spu, lookup: Lookup) -> bool:
    path, brand = WANTED[spu.out_product_id]
    try:
        spu.cats = lookup.categories.find(path)
    except CellError:
        return False
    spu.brand_id = lookup.brands.find(brand, spu.cats) or spu.brand_id
    spu.freight_template = spu.freight_template or lookup.usual_template()
    spu.save(update_fields=["cats", "brand_id", "freight_template"])
    return True
