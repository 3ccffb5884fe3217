"""A shop in the middle of its work: something of every kind and in every state for the pages to show."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from audits.models import Batch, Notice, Push
from audits.operations import Operation
from audits.services import create_batch, show, submit
from audits.states import PushStatus
from audits.tasks import drain
from goods.demo.data import make_demo_shop
from goods.demo.store import complete
from goods.importing.runs import bring_on
from goods.live import refresh
from goods.models import ImportRun, LiveGoods, Spu, WindowFigure, WindowProduct
from goods.tasks import categories, look, pull_all
from shopadmin.wechat.live_goods import LiveGoodsAPI
from shopadmin.wechat.models import Account
from tests.browser.shop import Shop
from tests.wechat.callbacks import REFUSED

# The shop whose products are in the pretend window.
SHOP = "wx5d2e90c4ab17f386"

# Most names of the sample catalogue are longer than WeChat allows; this many are cut to what it does allow.
MENDED, SHORT = 10, 14
FORBIDDEN = "全国第一的手冲咖啡"


TABLE = "商品编号,商品名称,价格,页面路径\nM-1,正山小种红茶,88,\nM-2,,12,\nM-3,手冲滤杯,三十,pages/a\n"


@dataclass
class Scene:
    """The records that pages are opened for."""

    account: Account
    draft: LiveGoods
    faulty: LiveGoods
    refused: LiveGoods
    approved: LiveGoods
    changed: LiveGoods
    plan: Batch
    asked: Batch
    left_out: Batch
    batch: Batch
    refused_push: Push
    doubtful: Push
    imported: ImportRun
    kept: Spu
    on_sale: Spu
    unlisted: Spu
    store_plan: Batch
    banned: WindowProduct
    promoted: WindowProduct
    entered: WindowProduct
    window_plan: Batch


def furnish(shop: Shop) -> Scene:
    """Fill an empty shop. The worker must not run yet: what is to be sent is sent here."""
    make_demo_shop(lambda line: None)
    person = shop.person()
    _mend_names()
    ready = list(LiveGoods.objects.filter(faulty=False).order_by("pk"))
    bad, sent, drafts = ready[0], ready[1:4], ready[4:]
    _edit(bad, name=FORBIDDEN)
    shop.sim.next("errcode", path=LiveGoodsAPI.ADD, errcode=300002)
    refused_push = _send(Operation.ADD, drafts[:1], person).pushes.get()
    batch = _send(Operation.ADD, [bad, *sent], person)
    shop.sim.ripen()
    _read([bad, *sent])
    shop.sim.change_goods(int(sent[1].goods_id), price=9)
    pull_all()
    account = _show_window()
    Notice.objects.keep(account, REFUSED)
    on_sale, unlisted, kept = _stock_store(shop, account, person)
    return Scene(
        account=Account.objects.get(),
        doubtful=_doubt(drafts[1], person),
        left_out=_left_out(drafts[2], person),
        draft=drafts[3],
        faulty=LiveGoods.objects.filter(faulty=True).order_by("pk")[0],
        refused=bad,
        approved=sent[0],
        changed=sent[1],
        plan=create_batch(LiveGoods, [g.pk for g in LiveGoods.objects.all()], Operation.ADD, by=person),
        asked=_asked(sent[2], shop.person("publisher")),
        batch=batch,
        refused_push=refused_push,
        imported=_import(person),
        kept=kept,
        on_sale=on_sale,
        unlisted=unlisted,
        store_plan=create_batch(Spu, [on_sale.pk, unlisted.pk, kept.pk], Operation.LIST, by=person),
        banned=WindowProduct.objects.filter(banned_reason=1)[0],
        promoted=WindowProduct.objects.filter(kind="cps")[0],
        entered=WindowProduct.objects.create(account=account, appid=SHOP, product_id="4711", hide=True),
        window_plan=create_batch(
            WindowProduct, [product.pk for product in WindowProduct.objects.all()], Operation.OFF, by=person
        ),
    )


def _stock_store(shop: Shop, account: Account, person: Any) -> tuple[Spu, Spu, Spu]:
    """Products in the Mini Store: one on sale with changes to be sent, one refused, the others only here."""
    categories()
    complete(account.pk, tries=1)
    on_sale, unlisted, kept = (Spu.objects.get(out_product_id=number) for number in ("26", "1", "27"))
    for spu in (on_sale, unlisted):
        spu.sub_title = "新品上架"
        spu.save(update_fields=["sub_title"])
    for operation in (Operation.ADD, Operation.LIST):
        _send(operation, [on_sale, unlisted], person)
    shop.sim.ripen()
    Spu.objects.look_now()
    look(scheduled=False)
    Spu.objects.filter(pk=unlisted.pk).update(reject_reason="标题含有不适合展示的词")
    sku = Spu.objects.get(pk=on_sale.pk).skus.all()[0]
    sku.sale_price, sku.stock_change = Decimal("3588.00"), 20
    sku.save(update_fields=["sale_price", "stock_change"])
    return tuple(Spu.objects.get(pk=spu.pk) for spu in (on_sale, unlisted, kept))  # type: ignore[return-value]


def _show_window() -> Account:
    """The account's Channels window has been read for a few days."""
    account = Account.objects.get()
    look(scheduled=False)
    # Pictures of WeChat's are not to be had here.
    WindowProduct.objects.update(img_url="")
    figures = WindowFigure.objects.in_bulk()
    WindowFigure.objects.bulk_create(
        WindowFigure(
            product_id=one.product_id, day=one.day - dt.timedelta(days=ago), sales=90 - ago, stock=60
        )
        for one in figures.values()
        for ago in range(1, 9)
    )
    return account


def _mend_names() -> None:
    for goods in LiveGoods.objects.filter(faulty=True).order_by("pk")[:MENDED]:
        _edit(goods, name=goods.name[:SHORT].strip())


def _edit(goods: LiveGoods, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(goods, name, value)
    goods.save(update_fields=list(fields))


def _send(operation: Operation, records: Sequence[Any], person: Any) -> Batch:
    batch = create_batch(type(records[0]), [record.pk for record in records], operation, by=person)
    submit(batch, by=person)
    drain()
    return batch


def _read(records: Sequence[LiveGoods]) -> None:
    refresh.request_look([record.pk for record in records])
    look(scheduled=False)
    for record in records:
        record.refresh_from_db()


def _doubt(goods: LiveGoods, person: Any) -> Push:
    """A submission whose answer was lost; two products at WeChat could be meant."""
    batch = create_batch(LiveGoods, [goods.pk], Operation.ADD, by=person)
    submit(batch, by=person)
    product = {"name": goods.name, "url": goods.url, "price_type": 1, "price": "9.90", "price2": ""}
    candidates = [{"id": number, "cover_img_url": "", **product} for number in ("7100001", "7100002")]
    batch.pushes.update(status=PushStatus.NEEDS_PERSON, candidates=candidates)
    return batch.pushes.get()


def _left_out(goods: LiveGoods, person: Any) -> Batch:
    """Changed between the look at the plan and the confirmation."""
    batch = create_batch(LiveGoods, [goods.pk], Operation.ADD, by=person)
    show(batch)
    _edit(goods, name=goods.name[:-1])
    submit(batch, by=person)
    return batch


def _asked(goods: LiveGoods, person: Any) -> Batch:
    """A deletion that a second person has to agree to."""
    batch = create_batch(LiveGoods, [goods.pk], Operation.DELETE, by=person)
    show(batch)
    batch.ask_approval(by=person)
    return batch


def _import(person: Any) -> ImportRun:
    """A file with a new product and two rows to correct, checked and not confirmed."""
    run = ImportRun.objects.create(
        account=Account.objects.get(),
        file=ContentFile(TABLE.encode(), "products.csv"),
        filename="products.csv",
        url_template="pages/goods/detail?id={product_no}",
        created_by=person,
        created_by_name=person.username,
    )
    bring_on()
    return run


def png(colour: str = "teal") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 300), colour).save(buffer, "PNG")
    return buffer.getvalue()


def make_goods(account: Account, number: int = 1, **fields: Any) -> LiveGoods:
    """Live goods that are ready to be sent; any field may be given."""
    values: dict[str, Any] = {
        "account": account,
        "product_no": f"B{number}",
        "name": f"云南小粒咖啡{number}号",
        "price_type": 1,
        "price": Decimal("68.00"),
        "url": f"pages/goods/detail?id={number}",
    }
    goods = LiveGoods(**(values | fields))
    goods.cover.save(f"cover{number}.png", ContentFile(png()), save=False)
    goods.save()
    return goods
