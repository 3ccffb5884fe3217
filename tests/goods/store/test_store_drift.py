"""What somebody changed in WeChat's console: noticed by a reading, taken over or sent again."""

from decimal import Decimal
from typing import Any

import pytest

from audits.operations import Operation
from goods.models import FreightTemplate, Picture, Sku, Spu
from goods.store import drift
from shopadmin.wechat.client import client_for
from shopadmin.wechat.mini_store import SkuKey
from tests.goods.store.copies import copy_of, look, ours, pull, theirs

# What the console may change, and what our snapshot calls it.
FIELDS = {
    "title": ("title", "别处改过的标题"),
    "sub_title": ("sub_title", "别处改的"),
    "model": ("model_name", "B-9"),
    "attrs": ("attrs", [{"attr_key": "材质", "attr_value": "麻"}]),
    "head_img": ("head_imgs", ["https://mmecimage.cn/p/wx/other"]),
    "brand_id": ("brand_id", 2100050),
}
SKU_FIELDS = {
    "sale_price": ("sale_price", 8400),
    "market_price": ("market_price", 99900),
    "sku_code": ("sku_code", "B9"),
    "barcode": ("barcode", "690777"),
    "thumb_img": ("thumb_img", "https://mmecimage.cn/p/wx/thumb"),
    "sku_attrs": ("attrs", [{"attr_key": "尺码", "attr_value": "XXL"}]),
}


@pytest.fixture
def there(on_sale: Any, sim: Any) -> Spu:
    """A product on sale that nobody has changed since it was sent."""
    sim.settings(undocumented_fields=True)
    spu: Spu = on_sale()
    pull(spu.account)
    return again(spu)


def again(spu: Spu) -> Spu:
    return Spu.objects.with_skus().get(pk=spu.pk)


def change(sim: Any, spu: Spu, **fields: Any) -> Spu:
    sim.change_spu(int(spu.product_id), **fields)
    pull(spu.account)
    return again(spu)


def change_sku(sim: Any, spu: Spu, place: int = 0, **fields: Any) -> Spu:
    sim.change_sku(int(spu.skus.all()[place].sku_id), **fields)
    look(spu)
    return again(spu)


def add_at_console(spu: Spu, number: str = "THEIRS") -> None:
    """As the console would, but with a number of their own."""
    sku = {
        "out_sku_id": number, "sale_price": 5500, "stock_num": 7,
        "sku_attrs": [{"attr_key": "尺码", "attr_value": "均码"}],
    }  # fmt: skip
    client_for(spu.account).mini_store.sku.add(spu.key, sku)


def remove_at_console(spu: Spu, place: int = 1) -> None:
    sku = spu.skus.all()[place]
    client_for(spu.account).mini_store.sku.delete(spu.key, SkuKey(sku.sku_id))


# --- noticed ---


def test_what_wechat_shows_as_it_was_sent_is_no_drift(there):
    assert (there.drift, there.drifted_at) == ([], None)


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_changed_in_the_console_is_drift(there, sim, name):
    field, value = FIELDS[name]
    spu = change(sim, there, **{name: value})
    assert (spu.drift, spu.drifted_at is not None) == ([field], True)


@pytest.mark.parametrize("name", SKU_FIELDS)
def test_a_field_of_a_sku_changed_in_the_console_is_drift_of_the_product(there, sim, name):
    field, value = SKU_FIELDS[name]
    spu = change_sku(sim, there, **{name: value})
    assert (spu.drift, spu.skus.all()[0].drift, spu.skus.all()[1].drift) == (["skus"], [field], [])


def test_a_price_changed_in_the_console_is_noticed_by_the_nightly_reading(there, sim):
    """The list shows the lowest price only; it is enough to have the SKUs read."""
    sim.change_sku(int(there.skus.all()[0].sku_id), sale_price=100)
    pull(there.account)
    assert again(there).drift == ["skus"]


def test_what_we_changed_here_is_no_drift(there):
    there.title = "我们的新标题"
    there.save()
    pull(there.account)
    assert again(there).drift == []


def test_the_same_change_on_both_sides_is_no_drift(there, sim):
    Spu.objects.update(title="两边一样的新标题")
    assert change(sim, there, title="两边一样的新标题").drift == []


def test_what_was_sold_is_no_drift(there, sim):
    sim.sell(int(there.skus.all()[0].sku_id), 3)
    look(there)
    assert again(there).drift == []


def test_links_written_with_http_are_the_same_links(there, sim):
    links = [link.replace("https://", "http://") for link in there.remote["head_imgs"]]
    assert change(sim, there, head_img=links).drift == []


def test_a_barcode_that_lost_its_zeros_is_the_same(on_sale, sim):
    spu = on_sale()
    sku = spu.skus.all()[0]
    sku.remote["barcode"], sku.barcode = "0690123", "0690123"
    sku.save()
    sim.settings(barcode_as_number=True)
    spu = change_sku(sim, spu, barcode="0690123")
    assert spu.drift == []


def test_an_answer_that_does_not_tell_the_template_is_no_drift(there, sim):
    sim.settings(undocumented_fields=False)
    pull(there.account)
    assert (again(there).drift, again(there).remote["freight_template"]) == ([], there.template_id)


def test_a_sku_added_in_the_console_gets_a_record(there):
    add_at_console(there)
    look(there)
    sku = Sku.objects.get(out_sku_id="THEIRS")
    assert (sku.spu, sku.stock, str(sku.sale_price), sku.attrs) == (there, 7, "55.00", [["尺码", "均码"]])
    assert not again(there).differs("skus")


def test_a_sku_removed_in_the_console_is_drift(there):
    remove_at_console(there)
    look(there)
    spu = again(there)
    assert (spu.drift, spu.skus.all()[1].missing_since is not None) == (["skus"], True)


# --- taken over ---


def taken(spu: Spu) -> Spu:
    Spu.objects.filter(pk=spu.pk).take_theirs()
    return again(spu)


@pytest.mark.parametrize("name", [name for name in FIELDS if name != "brand_id"])
def test_their_value_becomes_ours(there, sim, name):
    field, value = FIELDS[name]
    spu = taken(change(sim, there, **{name: value}))
    assert (spu.drift, spu.differs(field), spu.drifted_at) == ([], False, None)
    assert not spu.plan(Operation.UPDATE).sends


def test_taking_their_pictures_keeps_their_links(there, sim):
    spu = taken(change(sim, there, head_img=["https://mmecimage.cn/p/wx/other"]))
    assert [Picture.objects.get(pk=pk).url for pk in spu.head_imgs] == ["https://mmecimage.cn/p/wx/other"]


@pytest.mark.parametrize("name", SKU_FIELDS)
def test_their_value_of_a_sku_becomes_ours(there, sim, name):
    field, value = SKU_FIELDS[name]
    spu = taken(change_sku(sim, there, **{name: value}))
    assert (spu.drift, spu.skus.all()[0].drift, spu.skus.all()[0].differs(field)) == ([], [], False)


def test_a_price_ten_times_ours_is_looked_at_first(there, sim):
    spu = change_sku(sim, there, sale_price=88_000)
    result = Spu.objects.filter(pk=spu.pk).take_theirs()
    assert (result.doubtful, str(spu.skus.all()[0].sale_price)) == (1, "88.00")


def test_nothing_is_taken_while_something_is_being_sent(there, sim, push):
    spu = change(sim, there, title="别处改过的标题")
    push("delist", spu)
    assert Spu.objects.filter(pk=spu.pk).take_theirs().busy == 1


def test_taking_a_removed_sku_over_removes_it_here(there):
    remove_at_console(there)
    look(there)
    spu = taken(there)
    assert (spu.skus.count(), spu.drift, spu.differs("skus")) == (1, [], False)


# --- sent again ---


def test_ours_is_sent_again(there, sim, send):
    spu = change(sim, there, title="别处改过的标题")
    send("update", spu)
    assert (theirs(sim, spu)["draft"]["title"], again(spu).drift) == (spu.title, [])


def test_our_skus_are_sent_again(there, sim, send):
    spu = change_sku(sim, there, sale_price=8400)
    send("update", spu)
    spu = again(spu)
    assert copy_of(theirs(sim, spu)["draft"]) == ours(spu)
    assert (spu.drift, spu.drifted_at) == ([], None)


def test_our_prices_are_sent_again(there, sim, send):
    spu = change_sku(sim, there, sale_price=8400)
    send("price", spu)
    spu = again(spu)
    assert (theirs(sim, spu)["online"]["skus"][0]["sale_price"], spu.drift) == (8800, [])


def test_a_sku_removed_in_the_console_is_added_again_once_it_is_offline(added, send, sim):
    spu = added()
    remove_at_console(spu)
    look(spu)
    send("update", spu)
    spu = again(spu)
    assert copy_of(theirs(sim, spu)["draft"]) == ours(spu)
    assert (spu.drift, [sku.at_wechat for sku in spu.skus.all()]) == ([], [True, True])


def test_a_sku_added_in_the_console_can_be_taken_out(there, send, sim):
    add_at_console(there)
    look(there)
    Sku.objects.filter(out_sku_id="THEIRS").update(removed=True)
    send("update", there)
    assert copy_of(theirs(sim, there)["draft"]) == ours(there)


# --- beside each other ---


def test_the_table_shows_what_buyers_see(there, send):
    there.title = "我们的新标题"
    there.save()
    send("update", there)
    row = next(row for row in drift.compare(again(there)) if row.name == "title")
    assert (row.ours, row.theirs, row.online_differs) == ("我们的新标题", "我们的新标题", True)


def test_the_table_names_what_drifted(there, sim):
    rows = drift.compare(change(sim, there, title="别处改过的标题"))
    assert [row.name for row in rows if row.drifted] == ["title"]


def test_a_template_that_is_not_known_here_cannot_be_taken(there, sim):
    other = sim.templates()[1]["template_id"]
    spu = change(sim, there, express_info={"template_id": other})
    FreightTemplate.objects.filter(template_id=other).delete()
    row = next(row for row in drift.compare(spu) if row.name == "freight_template")
    assert (row.drifted, bool(row.no_taking)) == (True, True)


def test_a_price_of_a_new_kind_is_shown_as_it_is(there):
    there.skus.all()[0].remote["sale_price"] = "nonsense"
    assert drift.sku_differs(there.skus.all()[0], "sale_price")
    assert Decimal(88) == there.skus.all()[0].sale_price
