"""A shop's catalogue on its way from two tables to what buyers see: real pages, a real worker."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from audits.models import Reading
from goods.models import FreightTemplate, Picture, Spu
from goods.store import catalogue, refresh
from goods.store.titles import propose_sub_title, propose_title
from tests.conftest import png
from tests.goods.store.copies import copy_of, ours, theirs
from tests.journal import statuses
from tests.journeys.conftest import reread

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

FOLDER = Path(__file__).resolve().parents[2] / "goods" / "demo"
TSHIRT = ["7100", "7120", "7121"]


@pytest.fixture
def shop(account: Any) -> Any:
    """An account of a Mini Store, with what its products refer to."""
    account.families = ["mini_store"]
    account.save()
    refresh.pull(Reading.objects.request(account, "mini_store"))
    catalogue.read_categories(account, seconds=60)
    return account


@pytest.fixture
def imported(shop: Any, tmp_path: Path) -> list[Spu]:
    """The sample catalogue, as its two tables have it."""
    call_command(
        "import_goods",
        FOLDER / "catalog_products.csv",
        FOLDER / "catalog_skus.csv",
        account=shop.pk,
        family="mini_store",
        fix_file=tmp_path / "fix.csv",
        stdout=io.StringIO(),
    )
    return list(Spu.objects.order_by("pk"))


def fix(spu: Spu, shop: Any, template: FreightTemplate) -> None:
    """What staff do with a flagged product: take a proposal, choose category, freight and picture."""
    title = next(iter(propose_title(spu.title)), spu.title)
    sub_title = next(iter(propose_sub_title(spu.sub_title)), spu.sub_title)
    picture = Picture.objects.keep(shop, png(colour=("teal", "navy", "plum")[spu.pk % 3]))
    spu.title, spu.sub_title = title, sub_title
    spu.cats, spu.freight_template, spu.head_imgs = spu.cats or TSHIRT, template, [picture.pk]
    spu.save(update_fields=["title", "sub_title", "cats", "freight_template", "head_imgs"])


@pytest.fixture
def fixed(imported: list[Spu], shop: Any) -> list[Spu]:
    template = FreightTemplate.objects.filter(account=shop).earliest("pk")
    for spu in imported:
        fix(spu, shop, template)
    return imported


def test_the_import_flags_what_is_too_long(imported: list[Spu]) -> None:
    long = [spu for spu in imported if len(spu.sub_title) > 18]
    assert len(imported) == 22 and sum(spu.skus.count() for spu in imported) >= 96
    assert long and all("sub_title" in spu.problems() for spu in long)


def test_every_flagged_product_can_be_put_right(fixed: list[Spu]) -> None:
    assert {spu.title: spu.problems() for spu in map(reread, fixed) if spu.problems()} == {}


def test_the_catalogue_goes_on_sale_and_both_copies_equal_ours(
    clerk: Any, worker: Any, fixed: list[Spu], sim: Any
) -> None:
    clerk.push("push_add", *fixed)
    assert statuses() == ["done"] * 22
    assert all(copy_of(theirs(sim, spu)["draft"]) == ours(spu) for spu in fixed)
    clerk.push("push_list", *fixed)
    sim.ripen()
    clerk.refresh(*fixed)
    refused = [spu for spu in map(reread, fixed) if spu.audit_status == 3]
    assert refused and {spu.status for spu in fixed if spu not in refused} == {5}
    for spu in refused:
        clerk.edit(spu, title="纯棉打底裤")
    clerk.push("push_list", *refused)
    sim.settings(spu_verdict="approve")
    sim.ripen()
    clerk.refresh(*refused)
    assert {reread(spu).status for spu in fixed} == {5}
    assert all(copy_of(theirs(sim, spu)["online"]) == ours(spu) for spu in fixed)


def test_prices_and_stock_change_without_review_one_goes_off_sale_and_one_goes_for_good(
    clerk: Any, worker: Any, fixed: list[Spu], sim: Any
) -> None:
    dear, off, gone = fixed[:3]
    sim.settings(spu_verdict="approve")
    for action in ("push_add", "push_list"):
        clerk.push(action, dear, off, gone)
    sim.ripen()
    clerk.refresh(dear, off, gone)
    sku = dear.skus.earliest("position")
    sku.sale_price, sku.stock_change = Decimal("95.45"), 7
    sku.save(update_fields=["sale_price", "stock_change"])
    before = theirs(sim, dear)["online"]["skus"][0]["real_stock"]
    clerk.push("push_price", dear)
    clerk.push("push_stock", dear)
    clerk.push("push_delist", off)
    product_id = int(gone.product_id)
    clerk.push("push_delete", gone)
    online = theirs(sim, dear)["online"]["skus"][0]
    assert (online["sale_price"], online["real_stock"], dear.audit_status) == (9545, before + 7, 4)
    assert (theirs(sim, off)["status"], off.status) == (11, 11)
    assert (sim.spu(product_id)["status"], gone.product_id) == (9, "")
