"""People who confirm operations on products of the Mini Store without a pause, while buyers buy."""

import io
import random
from collections import Counter, defaultdict
from contextlib import suppress
from decimal import Decimal
from typing import Any

import requests
from django.utils import timezone
from PIL import Image

from audits.models import Push, Quota
from audits.operations import Operation
from audits.resolve import decide
from audits.services import create_batch, submit
from audits.states import PushStatus
from goods.models import FreightTemplate, Picture, Sku, Spu
from goods.store.choices import EditStatus, OnlineStatus
from goods.store.reconcile import APPLIED
from goods.store.refresh import look_due
from shopadmin.wechat.mini_store.spu import SpuAPI
from shopadmin.wechat.models import Account
from tests.chaos.staff import PLENTY
from tests.chaos.wechat import WeChat

AT_ONCE = 15
MOST_OPEN = 40
CATS = ["7100", "7120", "7121"]

# Of every product one SKU's stock is only ever changed by so many, another one's is set. Buyers buy fewer
# of a kind than any change, so that it can be told from what they bought.
CHANGED, SET, PRICED = range(3)
AT_FIRST = 10_000
LEAST_CHANGE = 100
MOST_SOLD = 3


class Shopkeeper:
    """Confirms ``operations`` pushes on some products, each only what the product's state allows."""

    def __init__(self, wechat: WeChat, account: Account, operations: int, rng: random.Random) -> None:
        self.wechat, self.account, self.operations = wechat, account, operations
        self.confirmed = self.asked = 0
        self.sold: Counter[str] = Counter()
        self._rng = rng
        wechat.settings(spu_writes_per_hour=PLENTY, spu_writes_per_day=PLENTY)
        row = Quota.objects.today(account.pk, SpuAPI.CHANGES)
        Quota.objects.filter(pk=row.pk).update(limit=PLENTY, hour_limit=PLENTY)
        theirs = wechat.state(account.appid)["templates"][0]
        self._template = FreightTemplate.objects.create(
            account=account, name=theirs["name"], template_id=str(theirs["template_id"])
        )
        for number in range(max(5, operations // 8) if operations else 0):
            self._make(number)

    def _make(self, number: int) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (200, 200), (number % 256, number // 256, 90)).save(picture, "PNG")
        spu = Spu.objects.create(
            account=self.account,
            out_product_id=f"TEE-{number}",
            title=f"纯棉短袖{number}号",
            head_imgs=[Picture.objects.keep(self.account, picture.getvalue()).pk],
            cats=CATS,
            freight_template=self._template,
        )
        for place in (CHANGED, SET, PRICED):
            Sku.objects.create(
                spu=spu,
                out_sku_id=f"TEE-{number}-{place}",
                attrs=[["尺码", f"{place}"]],
                sale_price=Decimal(88),
                stock=AT_FIRST,
                position=place,
            )
        spu.recheck()

    def finished(self) -> bool:
        return self.confirmed >= self.operations

    def work(self) -> None:
        look_due(self.account)
        self._answer_questions()
        self._buy()
        if self.finished() or Spu.objects.filter(pk__in=self._busy()).count() > MOST_OPEN:
            return
        idle = list(Spu.objects.with_skus().exclude(pk__in=self._busy()).order_by("pk"))
        wanted = defaultdict(list)
        for spu in self._rng.sample(idle, min(AT_ONCE, len(idle), self.operations - self.confirmed)):
            operation = self._choose(spu)
            if operation is not None:
                wanted[operation].append(spu.pk)
        for operation, ids in wanted.items():
            self.confirmed += submit(create_batch(Spu, ids, operation))

    def _busy(self) -> Any:
        return Push.objects.open().filter(target_type__model="spu").values("target_id")

    # --- what to ask for ----------------------------------------------------------------------

    def _choose(self, spu: Spu) -> Operation | None:
        """What to ask of a product; None if there is nothing that WeChat would do now."""
        if not spu.at_wechat:
            return Operation.ADD
        if spu.audit_status == EditStatus.AUDITING:
            self._end_review(spu)
            return None
        choice = self._rng.choices(list(CHANGES), [weight for weight, _ in CHANGES.values()])[0]
        CHANGES[choice][1](self, spu)
        spu = Spu.objects.with_skus().get(pk=spu.pk)
        return choice if spu.plan(choice).sends else None

    def _end_review(self, spu: Spu) -> None:
        # It may be decided already, and not looked at since.
        with suppress(requests.HTTPError):
            self.wechat.knob("verdict", product_id=int(spu.product_id), approve=self._rng.random() < 0.8)
        Spu.objects.filter(pk=spu.pk).look_now()

    def _change_product(self, spu: Spu) -> None:
        spu.title = f"纯棉短袖{spu.pk}号 {self._rng.randrange(10**6)}"
        spu.save()
        self._change_price(spu)
        further = [sku for sku in spu.kept_skus() if sku.position > PRICED]
        if further:
            Sku.objects.filter(pk=further[0].pk).update(removed=True)
        else:
            for number in self._rng.sample(range(10**9), self._rng.choice([1, 2, 25])):
                Sku.objects.create(
                    spu=spu,
                    out_sku_id=f"N{number}",
                    attrs=[["尺码", f"{number}"]],
                    sale_price=Decimal(99),
                    stock=5,
                    position=PRICED + 1,
                )
        spu.recheck()

    def _change_price(self, spu: Spu) -> None:
        sku = next(sku for sku in spu.skus.all() if sku.position == PRICED)
        sku.sale_price = Decimal(self._rng.randrange(100, 20_000)) / 100
        sku.save()

    def _change_stock(self, spu: Spu) -> None:
        changed, whole = (next(sku for sku in spu.skus.all() if sku.position == n) for n in (CHANGED, SET))
        by_how_many = self._rng.randrange(LEAST_CHANGE, 2 * LEAST_CHANGE) * self._rng.choice([1, 1, -1])
        Sku.objects.filter(pk=changed.pk).update(stock_change=by_how_many)
        Sku.objects.filter(pk=whole.pk).update(stock=self._rng.choice([0, 0, self._rng.randrange(1, 9000)]))

    def _as_it_is(self, spu: Spu) -> None:
        """Nothing has to be entered for it."""

    # --- buyers, and the people who are asked ---------------------------------------------------

    def _buy(self) -> None:
        """Also while something is being sent."""
        on_sale = list(Spu.objects.filter(status=OnlineStatus.ON_SALE).order_by("pk"))
        for spu in self._rng.sample(on_sale, min(10, len(on_sale))):
            for sku in spu.skus.exclude(sku_id="").filter(position__in=(CHANGED, SET)).order_by("position"):
                count = self._rng.randint(1, MOST_SOLD)
                try:
                    self.wechat.knob("skus", action="sell", sku_id=int(sku.sku_id), count=count)
                except requests.HTTPError:
                    continue  # off sale, or not so many left
                self.sold[sku.sku_id] += count

    def _answer_questions(self) -> None:
        """Whoever is asked whether a change of stock has arrived looks what WeChat has, and knows."""
        questions = Push.objects.filter(status=PushStatus.NEEDS_PERSON, target_type__model="spu")
        state = self.wechat.state(self.account.appid) if questions else {}
        for push in questions:
            spu: Any = push.target
            sku = spu.skus.get(position=CHANGED)
            before = expected_stock(spu, sku, self.sold)
            there = real_stocks(state)[sku.sku_id]
            # What was bought since we looked makes it smaller by less than any change.
            arrived = abs(there - before) >= LEAST_CHANGE // 2
            decide(push, APPLIED if arrived else "")
            self.asked += 1


def real_stocks(state: dict[str, Any]) -> dict[str, int]:
    """What is left to buy, by WeChat's number of the SKU."""
    skus = [sku for spu in state["spus"] if spu["status"] != 9 for sku in spu["draft"]["skus"]]
    return {str(sku["sku_id"]): sku["real_stock"] for sku in skus}


def expected_stock(spu: Spu, sku: Sku, sold: Counter[str]) -> int:
    """What is left of the SKU whose stock is only changed, if every change that is done was done once."""
    done = spu.pushes().filter(status=PushStatus.DONE)
    since = done.filter(operation=Operation.ADD).first()
    changes = [
        entry["change"]
        for push in done.filter(operation=Operation.STOCK, pk__gt=since.pk)
        for entry in push.body["stocks"]
        if entry["pk"] == sku.pk
    ]
    added = next(entry["stock_num"] for entry in since.body["skus"] if entry["pk"] == sku.pk)
    return int(added) + sum(changes) - sold[sku.sku_id]


CHANGES: dict[Operation, tuple[int, Any]] = {
    Operation.UPDATE: (4, Shopkeeper._change_product),
    Operation.LIST: (6, Shopkeeper._as_it_is),
    Operation.PRICE: (3, Shopkeeper._change_price),
    Operation.STOCK: (5, Shopkeeper._change_stock),
    Operation.DELIST: (1, Shopkeeper._as_it_is),
    Operation.DELETE: (1, Shopkeeper._as_it_is),
}


def hurry_looks() -> None:
    """A reading that failed is tried again in a moment."""
    now = timezone.now()
    for field in ("look_at", "skus_look_at"):
        Spu.objects.exclude(audit_status=EditStatus.AUDITING).filter(**{f"{field}__gt": now}).update(
            **{field: now}
        )
