"""Asking WeChat for something: what is written, what is left out, and that nothing is asked twice."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction
from django_q.models import OrmQ

from audits.models import Push
from audits.operations import Operation
from audits.services import create_batch, planned, submit
from audits.states import OPEN, PushStatus
from goods.models import LiveGoods
from tests.journal import FileDatabase, push_of


@pytest.fixture
def goods(make_goods):
    return make_goods()


@pytest.fixture
def batch(goods):
    return create_batch(LiveGoods, [goods.pk], Operation.ADD)


def reason(batch) -> str:
    (row,) = planned(batch)
    return str(row.plan.reason)


def test_a_selection_alone_sends_nothing(batch):
    assert not Push.objects.exists()


def test_a_confirmed_batch_is_queued(batch):
    assert submit(batch) == 1
    assert Push.objects.get().status == PushStatus.QUEUED


def test_confirming_twice_writes_the_pushes_once(batch):
    assert [submit(batch), submit(batch)] == [1, 1]
    assert Push.objects.count() == 1


def test_confirming_twice_from_two_pages_writes_the_pushes_once(batch):
    same = type(batch).objects.get(pk=batch.pk)
    submit(batch)
    Push.objects.update(status=PushStatus.DONE)  # so that the constraint does not help
    submit(same)
    assert Push.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_commit_rings(batch):
    submit(batch)
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_rollback_sends_nothing(batch):
    with pytest.raises(RuntimeError), transaction.atomic():
        submit(batch)
        raise RuntimeError
    assert (Push.objects.count(), OrmQ.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_after_a_rollback_the_batch_can_still_be_confirmed(batch):
    with pytest.raises(RuntimeError), transaction.atomic():
        submit(batch)
        raise RuntimeError
    batch.refresh_from_db()
    assert submit(batch) == 1


def test_the_push_carries_the_planned_body(goods, batch):
    body = goods.plan(Operation.ADD).body
    submit(batch)
    assert push_of(goods).body == body


def test_later_edits_do_not_change_what_was_confirmed(goods, batch):
    submit(batch)
    LiveGoods.objects.update(name="后来改的名字")
    assert push_of(goods).body["goodsInfo"]["name"] == goods.name


def test_a_record_with_problems_is_left_out(make_goods):
    good, bad = make_goods(), make_goods(name="短")
    batch = create_batch(LiveGoods, [good.pk, bad.pk], Operation.ADD)
    assert submit(batch) == 1
    assert push_of(bad) is None


def test_the_reason_for_leaving_out_names_the_problem(make_goods, settings):
    settings.LANGUAGE_CODE = "en"
    batch = create_batch(LiveGoods, [make_goods(name="短").pk], Operation.ADD)
    assert reason(batch) == " ".join(LiveGoods.objects.get().problems()["name"])


def test_a_record_with_an_open_push_says_which_batch_is_at_work(goods, batch):
    submit(batch)
    assert f"#{batch.pk}" in reason(create_batch(LiveGoods, [goods.pk], Operation.ADD))


def test_another_operation_on_a_busy_record_is_left_out_too(goods, batch):
    submit(batch)
    assert submit(create_batch(LiveGoods, [goods.pk], Operation.DELETE)) == 0


@pytest.mark.parametrize("status", OPEN)
def test_an_open_push_of_any_state_keeps_its_record(goods, batch, status):
    submit(batch)
    Push.objects.update(status=status)
    assert submit(create_batch(LiveGoods, [goods.pk], Operation.ADD)) == 0


@pytest.mark.parametrize("status", sorted(set(PushStatus) - set(OPEN)))
def test_a_finished_push_frees_its_record(goods, batch, status):
    submit(batch)
    Push.objects.update(status=status)
    assert submit(create_batch(LiveGoods, [goods.pk], Operation.ADD)) == 1


def test_the_database_refuses_a_second_open_push(goods, batch):
    submit(batch)
    second = push_of(goods)
    second.pk = None
    with pytest.raises(IntegrityError):
        second.save()


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_write_one_push_per_record(make_goods, sim, tmp_path):
    records = [make_goods() for _ in range(30)]
    batches = [create_batch(LiveGoods, [goods.pk for goods in records], Operation.ADD) for _ in range(2)]
    database = FileDatabase(tmp_path, sim)
    script = """
from audits.models import Batch
from audits.services import submit
print(submit(Batch.objects.get(pk={})))
"""
    written = database.run(*[script.format(batch.pk) for batch in batches])
    assert sum(map(int, written)) == 30
    assert database.rows("select count(*), count(distinct target_id) from audits_push") == [(30, 30)]


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_confirm_the_same_batch_write_it_once(make_goods, sim, tmp_path):
    batch = create_batch(LiveGoods, [make_goods().pk for _ in range(30)], Operation.ADD)
    database = FileDatabase(tmp_path, sim)
    script = f"""
from audits.models import Batch
from audits.services import submit
print(submit(Batch.objects.get(pk={batch.pk})))
"""
    assert database.run(script, script) == ["30", "30"]
    assert database.rows("select count(*) from audits_push") == [(30,)]


def test_who_asked_is_kept_as_text_after_the_user_is_deleted(goods):
    user = User.objects.create_user("xiaowang")
    submit(create_batch(LiveGoods, [goods.pk], Operation.ADD, by=user))
    user.delete()
    push = push_of(goods)
    assert (push.requested_by, push.requested_by_name) == (None, "xiaowang")
    assert (push.batch.created_by, push.batch.created_by_name) == (None, "xiaowang")


def test_nobody_is_nobody(goods):
    batch = create_batch(LiveGoods, [goods.pk], Operation.ADD, by=AnonymousUser())
    submit(batch)
    assert (push_of(goods).requested_by, push_of(goods).requested_by_name) == (None, "")


def test_a_selected_record_that_was_deleted_is_left_out(goods, batch):
    LiveGoods.objects.all().delete()
    assert submit(batch) == 0


def test_planning_costs_the_same_for_few_and_for_many(make_goods, django_assert_num_queries, account):
    few = create_batch(LiveGoods, [make_goods().pk for _ in range(2)], Operation.ADD)
    many = create_batch(LiveGoods, [make_goods().pk for _ in range(20)], Operation.ADD)
    planned(few)
    for batch in (few, many):
        batch.target_type  # noqa: B018 - cached before counting
        # Records, open pushes, accounts, records that look the same.
        with django_assert_num_queries(4):
            planned(batch)


def test_a_plan_has_the_order_of_the_selection(make_goods):
    ids = [make_goods().pk for _ in range(3)][::-1]
    assert [row.record.pk for row in planned(create_batch(LiveGoods, ids, Operation.ADD))] == ids


def test_a_record_that_is_selected_twice_is_planned_once(goods):
    assert create_batch(LiveGoods, [goods.pk, goods.pk], Operation.ADD).selection == [goods.pk]


def test_the_journal_names_who_confirmed_not_who_selected(goods):
    batch = create_batch(LiveGoods, [goods.pk], Operation.ADD, by=User.objects.create_user("selects"))
    submit(batch, by=User.objects.create_user("confirms"))
    assert push_of(goods).requested_by_name == "confirms"


def test_a_batch_that_waits_for_midnight_is_not_watched(goods, batch):
    submit(batch)
    push_of(goods).move_to(PushStatus.WAITING)
    assert not batch.working
