"""What is confirmed is what was shown: the kept plan, what is taken out of it, and what changes meanwhile."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audits.models import Batch, Push
from audits.operations import Operation
from audits.services import create_batch, plan_again, show, submit
from audits.states import PushStatus
from goods.models import LiveGoods
from tests.journal import push_of


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def shown(make_goods):
    """A batch whose plan somebody has looked at, and its three records."""
    records = [make_goods() for _ in range(3)]
    batch = create_batch(LiveGoods, [goods.pk for goods in records], Operation.ADD)
    show(batch)
    return batch, records


def sent() -> list[int]:
    return sorted(Push.objects.values_list("target_id", flat=True))


def change(goods, **fields) -> None:
    LiveGoods.objects.filter(pk=goods.pk).update(**fields)


# --- The kept plan ---


def test_a_plan_is_kept_when_it_is_shown(shown):
    batch, records = shown
    assert [(row.pk, row.effect) for row in Batch.objects.get().rows()] == [(g.pk, "create") for g in records]


def test_a_plan_that_is_shown_again_stays_as_it_was(shown):
    batch, (first, *_rest) = shown
    before = batch.fingerprint
    change(first, name="后来改的名字")
    show(Batch.objects.get())
    assert Batch.objects.get().fingerprint == before


def test_of_two_that_look_first_at_the_same_time_one_plan_counts(shown):
    batch, _records = shown
    late = Batch.objects.get()
    late.plan = []
    late.keep_plan([])
    assert late.rows() == batch.rows()


def test_looking_at_a_plan_writes_no_push(shown):
    assert not Push.objects.exists()


def test_planning_again_forgets_the_plan_but_not_what_was_taken_out(shown):
    batch, (first, *_rest) = shown
    batch.exclude([first.pk])
    assert batch.forget_plan()
    again = Batch.objects.get()
    assert (again.plan, again.excluded) == ([], [first.pk])


def test_a_confirmed_plan_is_not_forgotten(shown):
    batch, _records = shown
    submit(batch)
    assert not batch.forget_plan() and Batch.objects.get().plan


# --- Confirming it ---


def test_an_unchanged_plan_is_sent_whole(shown):
    batch, _records = shown
    assert (submit(batch), batch.left_out) == (3, [])


@pytest.mark.parametrize(
    "fields",
    [{"name": "后来改的名字"}, {"price": Decimal("9.90")}, {"url": "pages/other"}, {"cover": "x.png"}],
)
def test_a_record_that_changed_meanwhile_is_left_out_and_named(shown, fields):
    batch, (first, *rest) = shown
    change(first, **fields)
    first.refresh_from_db()
    assert submit(batch) == 2
    assert sent() == [goods.pk for goods in rest]
    assert batch.left_out == [
        {"id": first.pk, "name": str(first), "reason": "It was changed after the plan was made."}
    ]


def test_a_change_that_wechat_does_not_see_leaves_nothing_out(shown):
    batch, (first, *_rest) = shown
    change(first, product_no="new-number")
    assert submit(batch) == 3


def test_a_record_that_was_broken_meanwhile_is_named_with_the_reason(shown):
    batch, (first, *_rest) = shown
    change(first, name="短")
    submit(batch)
    assert "too short" in batch.left_out[0]["reason"]


def test_a_record_that_somebody_else_sends_meanwhile_is_named_with_the_batch(shown, push):
    batch, (first, *_rest) = shown
    other = push("add", first)
    assert submit(batch) == 2
    assert f"#{other.pk}" in batch.left_out[0]["reason"]


def test_a_record_that_was_deleted_here_is_named_by_its_number(shown):
    batch, (first, *_rest) = shown
    pk = first.pk
    first.delete()
    submit(batch)
    assert batch.left_out == [{"id": pk, "name": f"#{pk}", "reason": "It does not exist here any more."}]


def test_a_record_that_could_not_be_sent_then_and_can_now_is_left_out(make_goods):
    goods = make_goods(name="短")
    batch = create_batch(LiveGoods, [goods.pk], Operation.ADD)
    show(batch)
    change(goods, name="云南小粒咖啡")
    assert submit(batch) == 0
    assert "now it can" in batch.left_out[0]["reason"]


def test_what_could_not_be_sent_and_still_cannot_is_not_named(make_goods):
    batch = create_batch(LiveGoods, [make_goods(name="短").pk], Operation.ADD)
    show(batch)
    LiveGoods.objects.update(name="二")
    submit(batch)
    assert batch.left_out == []


def test_a_deletion_of_what_is_another_product_by_now_is_left_out(make_goods):
    goods = make_goods(goods_id="7", audit_status=2, third_party_tag=2)
    batch = create_batch(LiveGoods, [goods.pk], Operation.DELETE)
    show(batch)
    change(goods, goods_id="8")
    assert (submit(batch), len(batch.left_out)) == (0, 1)


def test_the_language_of_who_confirms_changes_nothing(make_goods, settings):
    records = [make_goods(), make_goods(name="短")]
    batch = create_batch(LiveGoods, [goods.pk for goods in records], Operation.ADD)
    show(batch)
    settings.LANGUAGE_CODE = "zh-hans"
    assert (submit(batch), batch.left_out) == (1, [])


def test_what_was_left_out_is_kept(shown):
    batch, (first, *_rest) = shown
    change(first, name="后来改的名字")
    submit(batch)
    assert Batch.objects.get().left_out == batch.left_out


def test_a_push_that_comes_between_plan_and_insert_is_named(shown, push, monkeypatch):
    batch, (first, *_rest) = shown
    push("add", first)
    # As if the other push had not been there yet when this one was planned.
    monkeypatch.setattr("audits.planning.busy_in", lambda kind, ids: {})
    assert submit(batch) == 2
    assert [row["id"] for row in batch.left_out] == [first.pk]


def test_comparing_costs_the_same_for_few_and_for_many(make_goods):
    costs = set()
    for count in (2, 20):
        batch = create_batch(LiveGoods, [make_goods().pk for _ in range(count)], Operation.ADD)
        show(batch)
        with CaptureQueriesContext(connection) as captured:
            submit(batch)
        costs.add(len(captured))
    assert len(costs) == 1


# --- Planning again what was left out ---


def test_what_was_left_out_can_be_planned_again(shown):
    batch, (first, *_rest) = shown
    change(first, name="后来改的名字")
    submit(batch)
    again = plan_again(batch, by=User.objects.create_user("xiaowang"))
    assert (again.selection, again.operation, again.created_by_name) == ([first.pk], "add", "xiaowang")
    show(again)
    assert submit(again) == 1


def test_nothing_left_out_means_no_new_plan(shown):
    batch, _records = shown
    submit(batch)
    assert plan_again(batch) is None


def test_what_is_gone_cannot_be_planned_again(shown):
    batch, (first, *_rest) = shown
    first.delete()
    submit(batch)
    assert plan_again(batch) is None


# --- Taking out by hand ---


def test_what_was_taken_out_is_not_sent(shown):
    batch, (first, *rest) = shown
    assert batch.exclude([first.pk]) == 1
    assert submit(batch) == 2
    assert sent() == [goods.pk for goods in rest]


def test_what_was_taken_out_is_not_named_as_changed(shown):
    batch, (first, second, _third) = shown
    batch.exclude([first.pk, second.pk])
    change(first, name="后来改的名字")
    second.delete()
    submit(batch)
    assert batch.left_out == []


def test_what_was_taken_out_can_be_taken_back(shown):
    batch, (first, *_rest) = shown
    batch.exclude([first.pk])
    assert batch.include([str(first.pk)]) == 1
    assert submit(batch) == 3


def test_taking_out_twice_takes_out_once(shown):
    batch, (first, *_rest) = shown
    assert [batch.exclude([str(first.pk)]), batch.exclude([first.pk])] == [1, 0]
    assert batch.excluded == [first.pk]


@pytest.mark.parametrize("strange", ["", "x", "999999", "1e3", None])
def test_only_what_was_selected_can_be_taken_out(shown, strange):
    batch, _records = shown
    assert (batch.exclude([strange]), batch.excluded) == (0, [])


def test_two_windows_that_take_out_different_rows_take_out_both(shown):
    batch, (first, second, _third) = shown
    other = Batch.objects.get()
    batch.exclude([first.pk])
    other.exclude([second.pk])
    assert Batch.objects.get().excluded == [first.pk, second.pk]


def test_what_another_window_took_out_is_not_sent(shown):
    batch, (first, *_rest) = shown
    Batch.objects.get().exclude([first.pk])
    assert submit(batch) == 2


def test_from_a_confirmed_batch_nothing_can_be_taken_out(shown):
    batch, (first, *_rest) = shown
    submit(batch)
    assert (batch.exclude([first.pk]), Batch.objects.get().excluded) == (0, [])


def test_without_a_plan_what_was_taken_out_stays_out(make_goods):
    goods = make_goods()
    batch = create_batch(LiveGoods, [goods.pk, make_goods().pk], Operation.ADD)
    batch.exclude([goods.pk])
    assert submit(batch) == 1
    assert push_of(goods) is None


# --- Without a look ---


def test_a_command_confirms_without_a_plan(make_goods):
    batch = create_batch(LiveGoods, [make_goods().pk], Operation.ADD)
    assert (submit(batch), Batch.objects.get().plan) == (1, [])


def test_the_fingerprint_names_plan_and_what_was_taken_out(shown):
    batch, (first, *_rest) = shown
    before = batch.fingerprint
    assert before == Batch.objects.get().fingerprint
    batch.exclude([first.pk])
    assert batch.fingerprint != before


def test_a_finished_push_of_the_same_batch_does_not_let_it_be_confirmed_again(shown):
    batch, _records = shown
    submit(batch)
    Push.objects.update(status=PushStatus.DONE)
    assert (submit(Batch.objects.get()), Push.objects.count()) == (3, 3)
