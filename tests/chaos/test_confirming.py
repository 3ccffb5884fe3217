"""Twenty people, or one with a nervous finger, confirm the same selection at once."""

import pytest

from audits.operations import Operation
from audits.services import create_batch
from goods.models import LiveGoods
from tests.journal import ADD, FileDatabase, calls

PROCESSES, THREADS, RECORDS = 4, 5, 10

pytestmark = pytest.mark.django_db(transaction=True)


def confirm(batches: list[int]) -> str:
    """A script that confirms each of these batches in a thread of its own, all of them together."""
    return f"""
import threading
from django.db import connection
from audits.models import Batch
from audits.services import submit

batches = [Batch.objects.get(pk=pk) for pk in {batches}]
together = threading.Barrier(len(batches))

def one(batch):
    together.wait()
    submit(batch)
    connection.close()

threads = [threading.Thread(target=one, args=[batch]) for batch in batches]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


@pytest.fixture
def records(make_goods):
    return [make_goods().pk for _ in range(RECORDS)]


def confirmed(sim, folder, batches: list[list[int]]) -> list[tuple[int, int]]:
    """Batch and number of pushes of every batch that has any."""
    database = FileDatabase(folder, sim)
    database.run(*map(confirm, batches))
    return [
        (int(batch), int(pushes))
        for batch, pushes in database.rows("select batch_id, count(*) from audits_push group by batch_id")
    ]


def test_one_selection_confirmed_twenty_times_is_sent_once(sim, records, tmp_path):
    batch = create_batch(LiveGoods, records, Operation.ADD).pk
    assert confirmed(sim, tmp_path, [[batch] * THREADS] * PROCESSES) == [(batch, RECORDS)]


def test_a_selection_confirmed_twenty_times_is_one_request_for_each_record(sim, records, tmp_path):
    batch = create_batch(LiveGoods, records, Operation.ADD).pk
    database = FileDatabase(tmp_path, sim)
    database.run(*[confirm([batch] * THREADS)] * PROCESSES)
    database.run(*["from audits.tasks import drain; drain()"] * 2)
    assert calls(sim, ADD) == RECORDS


def test_twenty_selections_of_the_same_records_are_one_batch_at_work(sim, records, tmp_path):
    batches = [
        [create_batch(LiveGoods, records, Operation.ADD).pk for _ in range(THREADS)] for _ in range(PROCESSES)
    ]
    assert [pushes for _, pushes in confirmed(sim, tmp_path, batches)] == [RECORDS]
