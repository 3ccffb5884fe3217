"""What an operation on a product would send in each state, and why it would not."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from audits.operations import Effect, Operation
from audits.planning import Planned, digest
from audits.services import create_batch, planned
from goods.models import Picture, Sku, Spu
from goods.store import plans, wire
from goods.store.choices import EditStatus, OnlineStatus

ADD, UPDATE, LIST, DELIST = Operation.ADD, Operation.UPDATE, Operation.LIST, Operation.DELIST
DELETE, PRICE, STOCK = Operation.DELETE, Operation.PRICE, Operation.STOCK
OPERATIONS = (ADD, UPDATE, LIST, DELIST, DELETE, PRICE, STOCK)
NEVER, ON_SALE, RECYCLED = OnlineStatus.NEVER, OnlineStatus.ON_SALE, OnlineStatus.RECYCLED
GONE, TAKEN_OFF, SOLD_OUT = OnlineStatus.DELETED, OnlineStatus.TAKEN_OFF, OnlineStatus.SOLD_OUT
REMOVED = OnlineStatus.REMOVED
EDITING, AUDITING = EditStatus.EDITING, EditStatus.AUDITING
REJECTED, APPROVED = EditStatus.REJECTED, EditStatus.APPROVED

# What each pair of states allows, when title, price and stock were changed here.
CHANGES = {UPDATE, LIST, PRICE, STOCK, DELETE}
ALLOWED = {
    (NEVER, EditStatus.NEW): CHANGES,
    (NEVER, EDITING): CHANGES,
    (NEVER, AUDITING): {STOCK},
    (NEVER, REJECTED): CHANGES,
    (ON_SALE, APPROVED): CHANGES | {DELIST},
    (ON_SALE, EDITING): CHANGES | {DELIST},
    (ON_SALE, AUDITING): {STOCK, DELIST},
    (ON_SALE, REJECTED): CHANGES | {DELIST},
    (TAKEN_OFF, APPROVED): CHANGES,
    (TAKEN_OFF, AUDITING): {STOCK},
    (SOLD_OUT, APPROVED): CHANGES | {DELIST},
    (REMOVED, APPROVED): CHANGES,
    (REMOVED, REJECTED): CHANGES,
    (RECYCLED, APPROVED): set(),
    (GONE, APPROVED): set(),
    (99, 99): CHANGES,
}


@pytest.fixture
def there(make_spu: Callable[..., Spu]) -> Callable[..., Spu]:
    """A product that WeChat has exactly as we have it, in one pair of states."""

    def make(status: int = NEVER, edit_status: int = EDITING, **fields: Any) -> Spu:
        spu = make_spu(**fields)
        Picture.objects.filter(url="").update(url="https://mmecimage.cn/p/wx/a")
        spu = Spu.objects.with_skus().get(pk=spu.pk)
        as_at_wechat(spu, status, edit_status)
        return Spu.objects.with_skus().get(pk=spu.pk)

    return make


def as_at_wechat(spu: Spu, status: int, edit_status: int) -> None:
    links = [[spu.picture(pk).url for pk in keys] for keys in (spu.head_imgs, spu.desc_imgs)]
    spu.remote = wire.sent_spu(wire.spu_fields(spu), *links)
    spu.product_id, spu.status, spu.audit_status = f"{9000 + spu.pk}", status, edit_status
    for sku in spu.skus.all():
        sku.sku_id, sku.real_stock = f"{80_000 + sku.pk}", sku.stock
        sku.remote = wire.sent_sku(wire.sku_entry(sku), "")
        sku.save()
    spu.save()


def fingerprint(spu: Spu, operation: Operation) -> str:
    return digest(Planned(spu, spu.plan(operation), None))


def changed(spu: Spu) -> Spu:
    spu.title = "纯棉长袖新款"
    for sku in spu.skus.all():
        sku.sale_price, sku.stock = Decimal("70"), 3
    return spu


# --- what each state allows ---


def possible(spu: Spu) -> set[Operation]:
    return {operation for operation in OPERATIONS if spu.plan(operation).sends}


@pytest.mark.parametrize("states", ALLOWED)
def test_each_state_allows_its_operations(there, states):
    assert possible(changed(there(*states))) == ALLOWED[states]


def test_a_draft_of_ours_can_only_be_submitted(make_spu):
    assert possible(make_spu()) == {ADD}


def test_what_is_missing_at_wechat_can_only_be_submitted_again(there):
    spu = there(ON_SALE, APPROVED)
    spu.missing_since = spu.created_at
    assert possible(spu) == {ADD}


@pytest.mark.parametrize("states", ALLOWED)
def test_what_is_not_possible_says_why(there, states):
    spu = there(*states)
    plans_ = [spu.plan(operation) for operation in OPERATIONS]
    assert all(plan.sends or (str(plan.reason) and not plan.body) for plan in plans_)


@pytest.mark.parametrize("operation", [UPDATE, PRICE, STOCK])
def test_without_changes_there_is_nothing_to_send(there, operation):
    assert there(ON_SALE, APPROVED).plan(operation).effect == Effect.NOTHING


@pytest.mark.parametrize(
    ("operation", "states", "effect"),
    [
        (ADD, (ON_SALE, APPROVED), Effect.NOTHING),
        (LIST, (ON_SALE, APPROVED), Effect.NOTHING),
        (LIST, (NEVER, AUDITING), Effect.NOTHING),
        (LIST, (NEVER, EDITING), Effect.CHANGE),
        (DELIST, (TAKEN_OFF, APPROVED), Effect.NOTHING),
        (DELIST, (NEVER, EDITING), Effect.NOTHING),
        (DELIST, (REMOVED, APPROVED), Effect.BLOCKED),
        (DELETE, (NEVER, AUDITING), Effect.BLOCKED),
        (DELETE, (ON_SALE, APPROVED), Effect.DELETE),
        (UPDATE, (NEVER, AUDITING), Effect.BLOCKED),
        (UPDATE, (RECYCLED, APPROVED), Effect.BLOCKED),
    ],
)
def test_the_effect_tells_needless_from_impossible(there, operation, states, effect):
    assert there(*states).plan(operation).effect == effect


@pytest.mark.parametrize(
    ("operation", "effect"), [(ADD, Effect.CREATE), (DELETE, Effect.NOTHING), (UPDATE, Effect.BLOCKED)]
)
def test_the_effects_of_what_is_only_here(make_spu, operation, effect):
    assert make_spu().plan(operation).effect == effect


# --- the body ---


def test_an_update_sends_the_product_only_if_it_changed(there):
    spu = there()
    spu.skus.all()[0].sale_price = Decimal("70")
    assert "spu" not in spu.plan(UPDATE).body
    spu.title = "纯棉长袖新款"
    assert spu.plan(UPDATE).body["spu"]["title"] == "纯棉长袖新款"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "纯棉长袖新款"),
        ("sub_title", ""),
        ("model_name", "TX"),
        ("attrs", [["材质", "棉"]]),
        ("cats", ["1", "2", "3"]),
        ("brand_id", "2100045"),
        ("head_imgs", []),
    ],
)
def test_every_field_of_the_product_that_differs_is_a_change(there, field, value):
    spu = there()
    setattr(spu, field, value)
    assert plans.changed_fields(spu) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sale_price", Decimal("70")),
        ("market_price", Decimal("700")),
        ("sku_code", "X"),
        ("barcode", "0690"),
        ("attrs", [["尺码", "XXXL"]]),
    ],
)
def test_every_field_of_a_sku_that_differs_is_a_change(there, field, value):
    spu = there()
    setattr(spu.skus.all()[0], field, value)
    plan = spu.plan(UPDATE)
    assert [entry["out_sku_id"] for entry in plan.body["change"]] == [spu.skus.all()[0].out_sku_id]
    assert len(plan.changes) == 1


def test_new_and_removed_skus_are_told_apart(there):
    spu = there(prices=("88", "98", "108"))
    spu.skus.all()[0].removed = True
    spu.skus.all()[1].sku_id = ""
    body = spu.plan(UPDATE).body
    assert ([row["code"] for row in body["remove"]], [row["code"] for row in body["add"]]) == (
        [spu.skus.all()[0].code], [spu.skus.all()[1].code],
    )  # fmt: skip


def test_the_same_record_has_the_same_plan(there):
    spu = changed(there())
    again = changed(Spu.objects.with_skus().get(pk=spu.pk))
    for operation in (UPDATE, PRICE, STOCK, LIST):
        assert spu.plan(operation).body == again.plan(operation).body
        assert fingerprint(spu, operation) == fingerprint(again, operation)


def test_another_price_is_another_plan(there):
    spu = changed(there())
    before = fingerprint(spu, PRICE)
    spu.skus.all()[0].sale_price = Decimal("71")
    assert fingerprint(spu, PRICE) != before


def test_prices_are_sent_in_fen(there):
    spu = there()
    spu.skus.all()[0].sale_price, spu.skus.all()[0].market_price = Decimal("70.05"), Decimal("99")
    (entry,) = spu.plan(PRICE).body["prices"]
    assert (entry["sale_price"], entry["market_price"]) == (7005, 9900)


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"stock": 50}, {"set": 50}),
        ({"stock": 0}, {"empty": True}),
        ({"stock_change": 5}, {"change": 5}),
        ({"stock_change": -5}, {"change": -5}),
        ({"stock": 50, "stock_change": 5}, {"change": 5}),
    ],
)
def test_a_stock_is_set_changed_or_emptied(there, fields, sent):
    spu = there(ON_SALE, APPROVED)
    sku = spu.skus.all()[0]
    for name, value in fields.items():
        setattr(sku, name, value)
    (entry,) = spu.plan(STOCK).body["stocks"]
    assert entry == {"pk": sku.pk, "code": sku.code} | sent


def test_a_new_product_in_place_of_a_vanished_one_names_the_old(there):
    spu = there(ON_SALE, APPROVED)
    spu.missing_since = spu.created_at
    assert spu.plan(ADD).body["replaces"] == spu.product_id


@pytest.mark.parametrize("operation", [PRICE, STOCK])
def test_what_is_wrong_elsewhere_does_not_hold_up_prices_and_stock(there, operation):
    spu = changed(there(ON_SALE, APPROVED))
    spu.title = "茶" * 61
    assert spu.plan(operation).sends


def test_a_wrong_price_is_not_sent(there):
    spu = there(ON_SALE, APPROVED)
    spu.skus.all()[0].sale_price = Decimal(0)
    assert spu.plan(PRICE).effect == Effect.BLOCKED


# --- warnings ---


@pytest.mark.parametrize(
    ("price", "words"),
    [("8800", "100 times"), ("880", "ten times"), ("8.8", "tenth"), ("87", ""), ("9", "")],
)
def test_a_price_that_looks_like_a_slip_is_warned_of(there, price, words):
    spu = there(prices=("88.00",))
    spu.skus.all()[0].sale_price = Decimal(price)
    with translation.override("en"):
        told = " ".join(map(str, spu.plan(PRICE).warnings))
    assert (words in told) if words else not told


@pytest.mark.parametrize(("price", "grave"), [("132", True), ("131", False), ("44", True), ("45", False)])
def test_half_the_price_or_half_as_much_again_is_grave(there, price, grave):
    spu = there(prices=("88.00",))
    spu.skus.all()[0].sale_price = Decimal(price)
    assert spu.plan(PRICE).grave == grave


def test_deleting_is_grave(there):
    assert there().plan(DELETE).grave


def test_taking_away_more_than_there_is_is_warned_of(there):
    spu = there(ON_SALE, APPROVED)
    spu.skus.all()[0].stock_change = -11
    assert spu.plan(STOCK).warnings


def test_the_same_title_twice_is_warned_of(make_spu):
    first, second = make_spu(title="一样的标题"), make_spu(title="一样的标题")
    rows = planned(create_batch(Spu, [first.pk, second.pk], ADD))
    assert [len(row.plan.warnings) for row in rows] == [1, 1]


def test_prices_far_apart_are_warned_of(make_spu):
    spu = make_spu(prices=("9.90", "198"))
    (row,) = planned(create_batch(Spu, [spu.pk], ADD))
    assert len(row.plan.warnings) == 1


# --- many ---


def queries_of_a_plan(ids: list[int], operation: Operation) -> int:
    batch = create_batch(Spu, ids, operation)
    with CaptureQueriesContext(connection) as queries:
        rows = planned(batch)
    assert len(rows) == len(ids) and all(row.plan.sends for row in rows)
    return len(queries)


@pytest.fixture
def many(make_spu, account, template):
    """So many products with two SKUs each, quickly."""
    pattern = make_spu()

    def make(count: int, *, at_wechat: bool) -> list[int]:
        Picture.objects.filter(url="").update(url="https://mmecimage.cn/p/wx/a")
        start = Spu.objects.count()
        spus = Spu.objects.bulk_create(
            Spu(account=account, out_product_id=f"M{n}", title=f"短袖{n}", head_imgs=pattern.head_imgs,
                cats=pattern.cats, freight_template=template)
            for n in range(start, start + count)
        )  # fmt: skip
        skus = [
            Sku(spu=spu, account=account, out_sku_id=f"{spu.out_product_id}-{size}", attrs=[["尺码", size]],
                sale_price=Decimal("88"), stock=5)
            for spu in spus for size in "ML"
        ]  # fmt: skip
        if at_wechat:
            for spu in spus:
                spu.product_id, spu.status, spu.audit_status = f"9{spu.pk:06}", ON_SALE, APPROVED
                spu.remote = {"title": "别的"}
            for number, sku in enumerate(skus):
                sku.sku_id, sku.real_stock, sku.remote = f"7{start:05}{number:05}", 9, {"sale_price": "80.00"}
            Spu.objects.bulk_update(spus, ["product_id", "status", "audit_status", "remote"])
        Sku.objects.bulk_create(skus)
        return [spu.pk for spu in spus]

    return make


@pytest.mark.parametrize("operation", [ADD, UPDATE, LIST, PRICE, STOCK, DELIST, DELETE])
def test_a_plan_of_many_takes_as_many_queries_as_one_of_a_few(many, operation):
    at_wechat = operation is not ADD
    few = queries_of_a_plan(many(10, at_wechat=at_wechat), operation)
    assert queries_of_a_plan(many(60, at_wechat=at_wechat), operation) <= few


def test_a_plan_of_a_thousand_products_takes_few_queries(many):
    assert queries_of_a_plan(many(1000, at_wechat=True), PRICE) < 30
