"""Answers that never come: nothing is lost, nothing is done twice, and what became of it is found out."""

from decimal import Decimal

import pytest

from audits.models import Attempt, Push
from audits.states import PushStatus
from audits.tasks import drain, sweep
from goods.models import Sku, Spu
from goods.store import wire
from goods.store.choices import EditStatus
from shopadmin.wechat.client import client_for
from shopadmin.wechat.errors import Kind
from shopadmin.wechat.mini_store.images import ImagesAPI
from shopadmin.wechat.mini_store.sku import SkuAPI
from shopadmin.wechat.mini_store.spu import SpuAPI
from shopadmin.wechat.mini_store.stock import StockAPI
from tests.audits.test_settle import no_answer
from tests.goods.store.copies import all_theirs, copy_of, look, ours, stocks, theirs, to_the_end
from tests.journal import calls, fast_forward, push_of, statuses


def same_at_wechat(sim, spu: Spu) -> bool:
    """WeChat has this one product, once, and its draft is ours; every SKU has its number here."""
    spu = Spu.objects.get(pk=spu.pk)
    known = {sku.sku_id for sku in spu.kept_skus()}
    (row,) = all_theirs(sim)
    there = {str(sku["sku_id"]) for sku in row["draft"]["skus"]}
    return (str(row["product_id"]), there) == (spu.product_id, known) and copy_of(row["draft"]) == ours(spu)


def change(spu: Spu, place: int = 0, **fields: object) -> Sku:
    sku = spu.skus.all()[place]
    for name, value in fields.items():
        setattr(sku, name, value)
    sku.save()
    spu.recheck()
    return sku


def more_skus(spu: Spu, count: int = 2) -> None:
    for number in range(count):
        Sku.objects.create(
            spu=spu, out_sku_id=f"N{number}", attrs=[["尺码", f"{number}"]], sale_price=9, stock=1,
            position=10 + number,
        )  # fmt: skip
    spu.recheck()


# --- every way of not answering, at every call --------------------------------------------------------------


@no_answer
def test_a_product_is_there_once_when_the_answer_to_adding_it_is_lost(make_spu, push, sim, fault):
    spu = make_spu()
    sim.next(**fault, path=SpuAPI.ADD)
    push("add", spu)
    drain()
    assert statuses() == ["unsure"]
    to_the_end()
    assert statuses() == ["done"]
    assert same_at_wechat(sim, spu)


@no_answer
@pytest.mark.parametrize("path", [ImagesAPI.UPLOAD, SpuAPI.GET, SkuAPI.GET_LIST])
def test_what_does_no_harm_twice_is_simply_repeated(make_spu, push, sim, fault, path):
    spu = make_spu()
    sim.next(**fault, path=path)
    push("add", spu)
    to_the_end()
    assert (statuses(), calls(sim, SpuAPI.ADD)) == (["done"], 1)
    assert same_at_wechat(sim, spu)


@no_answer
@pytest.mark.parametrize("skip", [0, 1])
def test_new_skus_are_there_once(added, push, sim, fault, skip):
    spu = added()
    more_skus(spu, 25)
    sim.next(**fault, path=SkuAPI.BATCH_ADD, skip=skip)
    push("update", spu)
    to_the_end()
    assert statuses() == ["done", "done"]
    assert same_at_wechat(sim, spu)


@no_answer
def test_it_is_submitted_for_review_once(added, push, sim, fault):
    spu = added()
    sim.next(**fault, path=SpuAPI.LISTING)
    push("list", spu)
    to_the_end()
    spu.refresh_from_db()
    assert (statuses()[-1], theirs(sim, spu)["edit_status"], spu.audit_status) == ("done", 2, 2)
    assert len([call for call in sim.calls(SpuAPI.LISTING) if call["applied"]]) == 1


@no_answer
@pytest.mark.parametrize(("wanted", "left"), [({"stock_change": 5}, 15), ({"stock_change": -4}, 6)])
def test_a_change_of_stock_arrives_exactly_once(on_sale, push, sim, fault, wanted, left):
    spu = on_sale()
    sku = change(spu, **wanted)
    sim.next(**fault, path=StockAPI.UPDATE)
    push("stock", spu)
    to_the_end()
    sku.refresh_from_db()
    assert (statuses()[-1], stocks(sim, spu)[0]) == ("done", left)
    assert (sku.stock, sku.real_stock, sku.stock_change) == (left, left, None)


@no_answer
@pytest.mark.parametrize("wanted", [0, 50])
def test_a_new_stock_is_there_after_a_lost_answer(on_sale, push, sim, fault, wanted):
    spu = on_sale()
    sku = change(spu, stock=wanted)
    sim.next(**fault, path=StockAPI.UPDATE)
    push("stock", spu)
    to_the_end()
    sku.refresh_from_db()
    assert (statuses()[-1], stocks(sim, spu)[0], sku.real_stock) == ("done", wanted, wanted)


@no_answer
@pytest.mark.parametrize("path", [SpuAPI.UPDATE, SkuAPI.UPDATE, SkuAPI.DEL])
def test_changes_are_repeated_until_they_arrive(added, push, sim, fault, path):
    spu = added(prices=("88", "98", "108"))
    change(spu, 0, sale_price=Decimal("77"))
    change(spu, 1, removed=True)
    spu.title = "纯棉长袖新款"
    spu.save()
    sim.next(**fault, path=path)
    push("update", spu)
    to_the_end()
    assert (statuses()[-1], spu.skus.count()) == ("done", 2)
    assert same_at_wechat(sim, spu)


@no_answer
def test_prices_are_repeated_until_they_arrive(on_sale, push, sim, fault):
    spu = on_sale()
    change(spu, sale_price=Decimal("77"))
    sim.next(**fault, path=SkuAPI.UPDATE_PRICE)
    push("price", spu)
    to_the_end()
    assert copy_of(theirs(sim, spu)["online"]) == ours(spu)
    assert statuses()[-1] == "done"


@no_answer
def test_taking_off_sale_is_repeated(on_sale, push, sim, fault):
    spu = on_sale()
    sim.next(**fault, path=SpuAPI.DELISTING)
    push("delist", spu)
    to_the_end()
    assert (statuses()[-1], theirs(sim, spu)["status"]) == ("done", 11)


@no_answer
def test_deleting_is_repeated_until_it_is_gone(added, push, sim, fault):
    spu = added()
    sim.next(**fault, path=SpuAPI.DEL)
    push("delete", spu)
    to_the_end()
    spu.refresh_from_db()
    assert (statuses()[-1], all_theirs(sim), spu.product_id) == ("done", [], "")


@no_answer
def test_the_second_answer_may_be_lost_too(make_spu, push, sim, fault):
    spu = make_spu()
    sim.next(**fault, path=SpuAPI.ADD, times=2)
    push("add", spu)
    to_the_end()
    assert statuses() == ["done"]
    assert same_at_wechat(sim, spu)


# --- made, but without its SKUs -----------------------------------------------------------------------------


def test_after_100009_only_the_skus_are_added(make_spu, send, sim):
    spu = make_spu()
    sim.next("apply_then_errcode", path=SpuAPI.ADD, errcode=100009)
    send("add", spu)
    assert (statuses(), calls(sim, SpuAPI.ADD), calls(sim, SkuAPI.BATCH_ADD)) == (["done"], 1, 1)
    assert same_at_wechat(sim, spu)


def test_after_a_lost_answer_only_the_missing_skus_are_added(make_spu, push, sim):
    spu = make_spu()
    sim.next("apply_then_http", path=SpuAPI.ADD, status=502, without_skus=True)
    push("add", spu)
    to_the_end()
    assert (statuses(), calls(sim, SpuAPI.ADD), calls(sim, SkuAPI.BATCH_ADD)) == (["done"], 1, 1)
    assert same_at_wechat(sim, spu)


def test_a_sku_that_cannot_be_added_after_100009_leaves_a_product_that_is_known(make_spu, send, sim):
    spu = make_spu()
    sim.next("apply_then_errcode", path=SpuAPI.ADD, errcode=100009)
    sim.next("errcode", path=SkuAPI.BATCH_ADD, errcode=9401005)
    send("add", spu)
    assert (statuses(), spu.errcode, spu.product_id) == (
        ["refused"], 9401005, str(all_theirs(sim)[0]["product_id"]),
    )  # fmt: skip
    send("update", spu)
    assert statuses() == ["refused", "done"]
    assert same_at_wechat(sim, spu)


# --- our number is taken ------------------------------------------------------------------------------------


def test_a_number_that_is_taken_is_refused_with_the_field_to_correct(added, make_spu, send, sim):
    spu = make_spu(out_product_id="TAKEN")
    first = added(out_product_id="OTHER")
    sim.next("errcode", path=SpuAPI.ADD, errcode=9401001)
    send("add", spu)
    assert (statuses()[-1], spu.errcode, spu.product_id) == ("refused", 9401001, "")
    assert first.product_id


def test_what_was_added_before_its_answer_got_lost_is_adopted(make_spu, push, sim):
    """The looks did not show it in time, so it was sent again."""
    spu = make_spu()
    sim.next("close_after", path=SpuAPI.ADD)
    push("add", spu)
    drain()
    sim.next("errcode", path=SpuAPI.GET, errcode=9401002, times=2)
    to_the_end()
    assert (statuses(), calls(sim, SpuAPI.ADD)) == (["done"], 2)
    assert same_at_wechat(sim, spu)


def test_what_is_looked_for_is_the_number_that_was_sent(make_spu, push, sim):
    spu = make_spu()
    sim.next("close_after", path=SpuAPI.ADD)
    push("add", spu)
    drain()
    Spu.objects.filter(pk=spu.pk).update(out_product_id="ANOTHER")
    to_the_end()
    spu.refresh_from_db()
    assert (statuses(), calls(sim, SpuAPI.ADD), spu.out_product_id) == (["done"], 1, "TEE-1")


def test_a_product_that_vanished_is_not_taken_for_the_new_one(added, push, sim):
    """It had vanished only from the answers; WeChat says that its number is taken."""
    spu = added()
    Spu.objects.filter(pk=spu.pk).update(missing_since=spu.created_at)
    sim.next("close_before", path=SpuAPI.ADD)
    push("add", spu)
    to_the_end()
    assert len(all_theirs(sim)) == 1
    assert same_at_wechat(sim, spu)


# --- some of several ----------------------------------------------------------------------------------------


def test_of_a_batch_that_was_refused_the_skus_that_were_kept_are_found(added, make_spu, send, sim):
    """Another product of the shop has the number of the second SKU."""
    sim.settings(partial_batch_add=True)
    other, spu = added(), added()
    Sku.objects.filter(spu=other, position=0).update(out_sku_id="ELSEWHERE")
    more_skus(spu, 3)
    Sku.objects.filter(spu=spu, out_sku_id="N1").update(out_sku_id="TEE-1-1")
    send("update", spu)
    assert statuses()[-1] == "refused"
    look(spu)
    assert set(spu.skus.filter(sku_id="").values_list("out_sku_id", flat=True)) == {"TEE-1-1", "N2"}
    Sku.objects.filter(spu=spu, out_sku_id="TEE-1-1").update(out_sku_id="N1")
    send("update", spu)
    assert statuses()[-1] == "done"
    assert copy_of(theirs(sim, spu)["draft"]) == ours(spu)


@pytest.mark.parametrize("fault", [{"do": "truncated"}, {"do": "apply_then_http", "status": 502}])
def test_of_a_batch_whose_answer_was_lost_only_the_others_are_sent_again(added, push, sim, fault):
    spu = added()
    more_skus(spu, 3)
    sim.next("http", status=502, path=SkuAPI.BATCH_ADD)
    push("update", spu)
    drain()
    entry = wire.sku_fields(wire.sku_entry(spu.skus.get(out_sku_id="N1")), "")
    client_for(spu.account).mini_store.sku.batch_add(spu.key, [entry])
    to_the_end()
    sent = sim.calls(SkuAPI.BATCH_ADD)[-1]["body"]["skus"]
    assert (statuses()[-1], [sku["out_sku_id"] for sku in sent]) == ("done", ["N0", "N2"])
    assert same_at_wechat(sim, spu)


# --- a state that tells -------------------------------------------------------------------------------------


def test_a_submission_whose_review_has_passed_already_has_arrived(on_sale, send, push, sim):
    spu = on_sale()
    send("delist", spu)
    look(spu)
    assert spu.audit_status == EditStatus.APPROVED
    sim.next("close_after", path=SpuAPI.LISTING)
    push("list", spu)
    drain()
    sim.review(int(spu.product_id), approve=True)
    to_the_end()
    look(spu)
    assert (statuses()[-1], calls(sim, SpuAPI.LISTING), spu.status) == ("done", 2, 5)


# --- a worker that dies -------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone, with whatever it was doing."""


@pytest.fixture
def die_after(monkeypatch):
    """Let the worker die after so many answers were written down."""
    from audits import drain as module

    def do(answers: int) -> None:
        count = 0
        real = module.settle

        def settle(*args, **kwargs):
            nonlocal count
            if count == answers:
                raise Killed
            count += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(module, "settle", settle)
        with pytest.raises(Killed):
            drain()
        monkeypatch.setattr(module, "settle", real)

    return do


@pytest.mark.parametrize("answers", range(6))
def test_a_push_goes_on_after_the_last_step_that_is_known(make_spu, push, sim, die_after, answers):
    """Two pictures, the product, and two looks; the answer that comes after them is lost with its worker."""
    spu = make_spu()
    push("add", spu)
    if answers == 5:
        drain()
    else:
        die_after(answers)
        assert statuses() == ["sending"]
    known = list(Push.objects.get().done_steps)
    before = {step: Attempt.objects.filter(step=step).count() for step in known}
    to_the_end()
    assert statuses() == ["done"]
    assert {step: Attempt.objects.filter(step=step).count() for step in known} == before
    assert calls(sim, SpuAPI.ADD) == 1
    assert same_at_wechat(sim, spu)


@pytest.mark.parametrize("answers", range(3))
def test_stock_is_changed_once_though_the_worker_dies(on_sale, push, sim, die_after, answers):
    spu = on_sale()
    change(spu, 0, stock_change=5)
    push("stock", spu)
    die_after(answers)
    to_the_end()
    assert (statuses()[-1], stocks(sim, spu)) == ("done", [15, 10])


@pytest.mark.parametrize("answers", range(5))
def test_stock_of_several_skus_is_changed_once_though_the_worker_dies(on_sale, push, sim, die_after, answers):
    spu = on_sale()
    change(spu, 0, stock_change=5)
    change(spu, 1, stock_change=-3)
    push("stock", spu)
    die_after(answers)
    to_the_end()
    assert (statuses()[-1], stocks(sim, spu)) == ("done", [15, 7])


# --- many steps ---------------------------------------------------------------------------------------------


@pytest.fixture
def many_changes(added):
    """A product of which twelve SKUs have other prices than WeChat."""
    spu = added(prices=tuple(str(80 + n) for n in range(12)))
    for sku in spu.skus.all():
        sku.sale_price += 1
        sku.save()
    spu.recheck()
    return spu


def test_a_lost_answer_late_in_a_long_push_is_repeated(many_changes, push, sim):
    sim.next("close_before", path=SkuAPI.UPDATE, skip=10)
    push("update", many_changes)
    drain()
    assert statuses()[-1] == "queued"
    to_the_end()
    assert statuses()[-1] == "done"
    assert same_at_wechat(sim, many_changes)


def test_a_busy_answer_late_in_a_long_push_is_waited_for(many_changes, push, sim):
    sim.next("errcode", path=SkuAPI.UPDATE, skip=10, errcode=45011)
    push("update", many_changes)
    drain()
    assert statuses()[-1] == "waiting"
    to_the_end()
    assert statuses()[-1] == "done"


def test_a_step_that_never_succeeds_is_handed_back_to_people(many_changes, push, sim):
    sim.next("close_before", path=SkuAPI.UPDATE, skip=5, times=100)
    push("update", many_changes)
    to_the_end()
    assert (statuses()[-1], calls(sim, SkuAPI.UPDATE)) == ("refused", 5 + 8)


def test_a_push_of_a_hundred_skus_is_handed_over_and_goes_on(added, push, sim, monkeypatch):
    spu = added(prices=tuple(str(80 + n) for n in range(100)))
    for sku in spu.skus.all():
        sku.sale_price += 1
        sku.save()
    spu.recheck()
    push("update", spu)
    monkeypatch.setattr("audits.tasks.DRAIN_SECONDS", 0.5)
    sim.settings(latency=0.02)
    runs = 0
    while Push.objects.open().exists() and runs < 50:
        drain()
        runs += 1
    assert (statuses()[-1], runs > 1, calls(sim, SkuAPI.UPDATE)) == ("done", True, 100)
    assert same_at_wechat(sim, spu)


# --- what the journal says ----------------------------------------------------------------------------------


def test_a_lost_answer_is_told_as_one(make_spu, push, sim):
    sim.next("close_before", path=SpuAPI.ADD)
    push("add", make_spu())
    drain()
    assert Attempt.objects.last().kind == Kind.NO_ANSWER
    assert Push.objects.get().status == PushStatus.UNSURE


def test_an_account_that_cannot_be_asked_is_asked_again_later(make_spu, push, sim):
    spu = make_spu()
    sim.next("close_after", path=SpuAPI.ADD)
    push("add", spu)
    drain()
    sim.next("http", status=502, path=SpuAPI.GET)
    fast_forward()
    sweep()
    assert statuses() == ["unsure"]
    to_the_end()
    assert (statuses(), push_of(spu).looks) == (["done"], 0)
