"""Products of the Mini Store that are ready to be sent, and a shop at the pretend WeChat that takes them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from audits.models import Reading
from goods.models import FreightTemplate, Picture, Sku, Spu
from goods.store import refresh
from goods.store.freight import wire
from shopadmin.simulator.server import Simulator
from shopadmin.wechat.client import client_for
from shopadmin.wechat.models import Account
from tests.conftest import png
from tests.goods.store.copies import look
from tests.goods.store.freights import everywhere

# 服饰内衣 › 男装 › T恤
CATS = ["7100", "7120", "7121"]


@pytest.fixture
def account(account: Account) -> Account:
    account.families = ["live_goods", "mini_store"]
    account.save()
    return account


@pytest.fixture
def template(account: Account, sim: Simulator) -> FreightTemplate:
    """A freight template that WeChat has as well."""
    theirs = sim.templates(account.appid)[0]
    return FreightTemplate.objects.create(
        account=account, name=theirs["name"], template_id=str(theirs["template_id"])
    )


@pytest.fixture
def picture(account: Account) -> Callable[..., Picture]:
    def make(colour: str = "teal") -> Picture:
        return Picture.objects.keep(account, png(colour=colour))

    return make


@pytest.fixture
def make_spu(
    account: Account, template: FreightTemplate, picture: Callable[..., Picture]
) -> Callable[..., Spu]:
    """Build a product with SKUs that is ready to be sent; any field may be given, and prices of its SKUs."""
    count = 0

    def make(prices: tuple[str, ...] = ("88.00", "98.00"), stock: int = 10, **fields: Any) -> Spu:
        nonlocal count
        count += 1
        values: dict[str, Any] = {
            "account": account,
            "out_product_id": f"TEE-{count}",
            "title": f"纯棉圆领短袖{count}号",
            "sub_title": "透气不变形",
            "head_imgs": [picture().pk, picture("navy").pk],
            "cats": CATS,
            "freight_template": template,
        }
        spu = Spu.objects.create(**(values | fields))
        for place, price in enumerate(prices):
            Sku.objects.create(
                spu=spu,
                out_sku_id=f"TEE-{count}-{place + 1}",
                attrs=[["尺码", "SMLX"[place] if place < 4 else str(place)]],
                sale_price=Decimal(price),
                stock=stock,
                position=place,
            )
        spu.recheck()
        return Spu.objects.get(pk=spu.pk)

    return make


@pytest.fixture
def added(make_spu: Callable[..., Spu], send: Any) -> Callable[..., Spu]:
    """A product that was sent and is a draft at WeChat."""

    def make(*args: Any, **fields: Any) -> Spu:
        spu = make_spu(*args, **fields)
        send("add", spu)
        return Spu.objects.get(pk=spu.pk)

    return make


@pytest.fixture
def make_template(account: Account) -> Callable[..., FreightTemplate]:
    """Build a freight template that is ready to be sent; any field may be given."""
    count = 0

    def make(**fields: Any) -> FreightTemplate:
        nonlocal count
        count += 1
        values = {
            "account": account,
            "name": f"全国统一运费{count}",
            "charge_rules": [everywhere("1", "8", "1", "2")],
        }
        return FreightTemplate.objects.create(**(values | fields))

    return make


@pytest.fixture
def on_sale(added: Callable[..., Spu], send: Any, sim: Simulator) -> Callable[..., Spu]:
    """A product whose review has passed."""

    def make(*args: Any, **fields: Any) -> Spu:
        spu = added(*args, **fields)
        send("list", spu)
        sim.review(int(spu.product_id), approve=True)
        look(spu)
        return Spu.objects.get(pk=spu.pk)

    return make


@pytest.fixture
def wechat_template(account: Account) -> Callable[..., str]:
    """Make a freight template past us, as the console does; its number."""

    def make(**fields: Any) -> str:
        values: dict[str, Any] = {"charge_rules": [everywhere("1", "12", "1", "3")]}
        template = FreightTemplate(account=account, **(values | fields))
        return client_for(account).mini_store.freight.insert(wire.template_fields(template))

    return make


@pytest.fixture
def pulled(account: Account) -> Callable[[], Reading]:
    """Read everything of the Mini Store from WeChat."""

    def do() -> Reading:
        reading = Reading.objects.request(account, "mini_store")
        refresh.pull(reading)
        reading.refresh_from_db()
        return reading

    return do
