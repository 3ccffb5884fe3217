"""People who confirm operations without a pause, and a clock that runs faster for what only waits."""

import datetime as dt
import io
import random
from collections import defaultdict

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone
from PIL import Image

from audits.models import Push, Quota
from audits.models.push import LEASE, LOOK_PAUSE
from audits.operations import Operation
from audits.services import create_batch, submit
from audits.states import PushStatus
from goods.live.choices import AuditStatus
from goods.live.refresh import look_due, request_look
from goods.models import LiveGoods
from shopadmin.simulator.world import DEFAULT_APPID, DEFAULT_SECRET
from shopadmin.wechat import token
from shopadmin.wechat.live_goods import LiveGoodsAPI
from shopadmin.wechat.models import AccessToken, Account
from tests.chaos.wechat import WeChat

PLENTY = 100_000
MOST_OPEN = 120
AT_ONCE = 40
NEVER = 10**8

# Instead of 90 s: more than a call of this WeChat can take.
SHORT_LEASE = dt.timedelta(seconds=6)
# Instead of a minute between two looks, and between two tries.
SHORT_PAUSE = dt.timedelta(seconds=2)


def hurry() -> None:
    """Let waiting be short; who is still at work keeps the lease."""
    now = timezone.now()
    Push.objects.filter(
        status=PushStatus.SENDING, lease_until__gt=now, lease_until__lt=now + LEASE - SHORT_LEASE
    ).update(lease_until=now)
    Push.objects.filter(
        status=PushStatus.UNSURE, not_before__gt=now, not_before__lt=now + LOOK_PAUSE - SHORT_PAUSE
    ).update(not_before=now)
    Push.objects.filter(
        status__in=[PushStatus.QUEUED, PushStatus.WAITING],
        not_before__gt=now,
        moved_at__lt=now - SHORT_PAUSE,
    ).update(not_before=now)
    AccessToken.objects.filter(failed_until__gt=now, failed_until__lt=now + dt.timedelta(seconds=58)).update(
        failed_until=now
    )
    AccessToken.objects.filter(lease_until__gt=now, lease_until__lt=now + token.LEASE - SHORT_LEASE).update(
        lease_until=now
    )


class Staff:
    """Confirms ``operations`` pushes on some products, each only what the product's state allows."""

    def __init__(self, wechat: WeChat, operations: int, rng: random.Random) -> None:
        self.wechat = wechat
        self.operations = operations
        self.confirmed = 0
        self.approved: set[int] = set()
        self._rng = rng
        # Nothing ends a review but ``approve``, so that at any moment it is known what WeChat has to show.
        wechat.settings(
            audit_delay=NEVER, quotas={"submissions": PLENTY, **dict.fromkeys(LiveGoodsAPI.QUOTA, PLENTY)}
        )
        self.account = Account.objects.create(
            name="Chaos",
            appid=DEFAULT_APPID,
            secret=DEFAULT_SECRET,
            practice=True,
            families=["live_goods", "mini_store"],
        )
        for group in set(LiveGoodsAPI.QUOTA.values()):
            row = Quota.objects.today(self.account.pk, group)
            Quota.objects.filter(pk=row.pk).update(limit=PLENTY)
        picture = io.BytesIO()
        Image.new("RGB", (300, 300), "teal").save(picture, "PNG")
        cover = default_storage.save("live_goods/chaos.png", ContentFile(picture.getvalue()))
        LiveGoods.objects.bulk_create(
            LiveGoods(
                account=self.account,
                product_no=f"C{number}",
                name=f"云南小粒咖啡{number}号",
                price=68,
                url=f"pages/goods/detail?id={number}",
                cover=cover,
            )
            for number in range(max(10, operations // 5))
        )

    def finished(self) -> bool:
        return self.confirmed >= self.operations

    def work(self) -> None:
        look_due(self.account, scheduled=False)
        if self.finished() or Push.objects.open().count() > MOST_OPEN:
            return
        busy = Push.objects.open().filter(target_type__model="livegoods").values("target_id")
        idle = list(LiveGoods.objects.exclude(pk__in=busy).order_by("pk"))
        wanted = defaultdict(list)
        most = min(AT_ONCE, len(idle), self.operations - self.confirmed)
        for goods in self._rng.sample(idle, most):
            operation = self._choose(goods)
            if operation is not None:
                wanted[operation].append(goods.pk)
        for operation, ids in wanted.items():
            self.confirmed += submit(create_batch(LiveGoods, ids, operation))

    def _choose(self, goods: LiveGoods) -> Operation | None:
        """What to ask of a product; None if there is nothing that WeChat would do now."""
        if not goods.at_wechat:
            return Operation.ADD
        if goods.audit_status == AuditStatus.AUDITING:
            if goods.audit_id:
                return Operation.WITHDRAW
            self._end_review(goods)
            return None
        choice = self._rng.choice([Operation.UPDATE, Operation.RESUBMIT, Operation.DELETE])
        if choice is Operation.RESUBMIT and goods.audit_status == AuditStatus.APPROVED:
            choice = Operation.DELETE
        if choice is Operation.UPDATE:
            LiveGoods.objects.filter(pk=goods.pk).update(price=F("price") + 1)
        return choice

    def _end_review(self, goods: LiveGoods) -> None:
        """What was added without an answer has no review number and cannot be withdrawn."""
        if goods.pk not in self.approved:
            self.wechat.approve(goods.goods_id)
            self.approved.add(goods.pk)
        request_look([goods.pk])
