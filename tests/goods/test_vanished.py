"""A product that was deleted in WeChat's console: what staff are told of it, and how it is sold again."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from audits.admin.explain import explain
from audits.models import Push
from audits.operations import Effect, Look, Operation, Verdict
from audits.services import create_batch, submit
from audits.states import PushStatus
from audits.tasks import drain
from goods.live import refresh
from goods.models import LiveGoods
from shopadmin.wechat.client import client_for
from tests.goods.mirrored import as_at_wechat
from tests.journal import ADD, calls, goods_at, push_of
from tests.people import LIST, form_of, text

APPROVED = 2
SAME = "Everything is the same here and at WeChat."
ONLY_PRICES = "Approved: WeChat takes only new prices now."
AGAIN = "WeChat no longer lists it. Submit it again to sell it again."
OTHERS = [operation for operation in LiveGoods.OPERATIONS if operation is not Operation.ADD]


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def vanished(make_goods):
    """Build a product that WeChat had approved and does not list any more."""

    def make(**fields):
        theirs = fields.pop("theirs", {})
        return as_at_wechat(make_goods(**{"missing_since": timezone.now(), **fields}), **theirs)

    return make


def dropped(goods, sim):
    """Delete it in the console, and read it until that is noticed."""
    sim.drop_goods(int(goods.goods_id))
    for _ in range(2):
        refresh.request_look([goods.pk])
        refresh.look_due(goods.account, scheduled=False)
    goods.refresh_from_db()
    return goods


@pytest.fixture
def lost(make_goods, send, sim):
    """A product sent from here, then deleted in the console."""
    goods = make_goods()
    send("add", goods)
    return dropped(goods, sim)


def sold_again(goods, send):
    send("add", goods)
    return goods


# --- the way out ---


def test_what_was_deleted_in_the_console_can_be_submitted_again(lost, send, sim):
    old, products = lost.goods_id, len(sim.goods(lost.account.appid))
    sold_again(lost, send)
    assert lost.goods_id not in ("", old) and lost.missing_since is None and lost.missing_polls == 0
    assert [str(row["goods_id"]) for row in goods_at(sim, lost)] == [lost.goods_id]
    assert len(sim.goods(lost.account.appid)) == products + 1


def test_the_new_product_is_under_review_with_its_own_number(lost, send):
    before = lost.audit_id
    sold_again(lost, send)
    assert (lost.audit_status, lost.deleted_at) == (1, None) and lost.audit_id not in ("", before)


def test_the_journal_keeps_the_old_and_the_new_number(lost, send):
    old = lost.goods_id
    sold_again(lost, send)
    latest = push_of(lost)
    assert (latest.body["replaces"], latest.remote_id) == (old, lost.goods_id)


def test_of_what_wechat_had_of_the_earlier_one_nothing_is_kept(vanished, send):
    goods = vanished(theirs={"third_party_appid": "wx9999999999999999"}, drift=["third_party_appid"])
    sold_again(goods, send)
    assert (goods.remote.get("third_party_appid"), goods.drift) == (None, [])


def test_an_empty_appid_is_not_sent_when_it_is_made_anew(vanished):
    assert "thirdPartyAppid" not in vanished().plan(Operation.ADD).body["goodsInfo"]


def test_a_refused_attempt_leaves_it_missing(lost, send, sim):
    old = lost.goods_id
    sim.next("errcode", path=ADD, errcode=300004)
    sold_again(lost, send)
    assert push_of(lost).status == PushStatus.REFUSED and calls(sim, ADD) == 2
    assert lost.goods_id == old and lost.missing_since


def test_a_lost_answer_is_never_taken_for_the_earlier_product(vanished, push, sim):
    goods = vanished()
    push("add", goods)
    (back,) = sim.make_goods(origin="api", name=goods.name, url=goods.url, price=68, audit_status=APPROVED)
    type(goods).objects.filter(pk=goods.pk).update(goods_id=str(back))
    unsure = Push.objects.get()
    assert unsure.target.reconcile(unsure, Look(client_for(goods.account))) == Verdict(absent=True)


def test_a_lost_answer_is_found_as_the_new_product(vanished, push, sim):
    goods = vanished()
    push("add", goods)
    (new,) = sim.make_goods(origin="api", name=goods.name, url=goods.url, price=68, audit_status=1)
    unsure = Push.objects.get()
    verdict = unsure.target.reconcile(unsure, Look(client_for(goods.account)))
    assert verdict.done and verdict.result.goods_id == str(new)


def test_one_that_turns_up_before_the_plan_is_confirmed_is_not_made_twice(vanished, sim):
    goods = vanished()
    batch = create_batch(type(goods), [goods.pk], Operation.ADD)
    type(goods).objects.update(missing_since=None)
    submit(batch)
    drain()
    assert calls(sim, ADD) == 0


# --- what a plan says ---


def test_the_plan_says_that_a_new_product_is_made(vanished):
    plan = vanished().plan(Operation.ADD)
    assert plan.effect is Effect.CREATE
    assert [str(note) for note in plan.notes] == [
        "WeChat no longer lists the earlier one; this makes a new product there."
    ]


def test_what_is_there_cannot_be_submitted_once_more(make_goods):
    assert as_at_wechat(make_goods()).plan(Operation.ADD).effect is Effect.NOTHING


@pytest.mark.parametrize("operation", OTHERS)
def test_everything_else_is_refused_with_the_way_out(vanished, operation):
    assert str(vanished().plan(operation).reason) == AGAIN


def test_there_is_nothing_left_to_delete(vanished):
    assert vanished().plan(Operation.DELETE).effect is Effect.NOTHING


def test_without_a_picture_of_ours_it_cannot_be_made_anew(vanished):
    plan = vanished(cover="").plan(Operation.ADD)
    assert (plan.effect, str(plan.reason)) == (Effect.BLOCKED, "Choose a cover picture.")


@pytest.mark.parametrize("operation", Operation)
def test_what_the_console_made_stays_the_consoles(vanished, operation):
    assert "only the console" in str(vanished(third_party_tag=0).plan(operation).reason)


# --- what the pages say ---


def test_the_form_compares_nothing(staff, vanished):
    page = text(staff.get(form_of(vanished(drift=["name"], theirs={"name": "别处改过的名字"}))))
    part = page[page.index('id="comparison"') :]
    part = part[: part.index("</div>")]
    assert "WeChat no longer lists it: nothing to compare." in part
    assert SAME not in part and "<table" not in part


def test_what_is_there_is_still_compared(staff, make_goods):
    assert SAME in text(staff.get(form_of(as_at_wechat(make_goods()))))


def test_only_the_button_that_submits_can_be_pressed(staff, vanished):
    page = text(staff.get(form_of(vanished())))
    buttons = re.findall(r'name="_push" value="(\w+)"( disabled)?', page)
    assert [name for name, disabled in buttons if not disabled] == ["add"] and len(buttons) == len(
        LiveGoods.OPERATIONS
    )


def test_the_form_does_not_say_that_only_prices_can_change(staff, make_goods, vanished):
    assert ONLY_PRICES in text(staff.get(form_of(as_at_wechat(make_goods()))))
    assert ONLY_PRICES not in text(staff.get(form_of(vanished())))


def test_the_explanation_says_since_when_instead_of_the_review(vanished):
    told = unescape(strip_tags(explain(vanished())))
    assert "WeChat has not listed it since today" in told and "approved" not in told


def test_the_start_page_counts_it_under_no_state_and_its_link_agrees(staff, make_goods, vanished):
    there = as_at_wechat(make_goods())
    vanished()
    [(_, figures)] = staff.get(reverse("admin:index")).context["overviews"]
    figure = next(figure for figure in figures if str(figure.label) == "approved")
    listed = staff.get(figure.url).context["cl"].queryset
    assert (figure.count, [goods.pk for goods in listed]) == (1, [there.pk])


def test_it_is_found_under_missing(staff, vanished):
    goods = vanished()
    found = staff.get(f"{LIST}?drift=missing").context["cl"].queryset
    assert [each.pk for each in found] == [goods.pk]
