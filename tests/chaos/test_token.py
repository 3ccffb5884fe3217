"""An expired token, met by everybody at once."""

import pytest

from shopadmin.wechat.client import client_for
from tests.journal import BY_LIST, TOKEN, FileDatabase, calls

PROCESSES, THREADS = 4, 32
ASK = f"""
import threading
from django.db import connection
from shopadmin.wechat.client import client_for
from shopadmin.wechat.models import Account

answers, together = [], threading.Barrier({THREADS})

def ask():
    client = client_for(Account.objects.get())
    together.wait()
    answers.append(client.live_goods.get_approved(2).total)
    connection.close()

threads = [threading.Thread(target=ask) for _ in range({THREADS})]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(answers))
"""


@pytest.mark.django_db(transaction=True)
def test_a_token_that_expires_under_many_threads_and_processes_is_asked_for_once(sim, account, tmp_path):
    client_for(account).live_goods.get_approved(2)
    sim.advance(8000)
    sim.clear_calls()
    sim.settings(latency=0.3)
    answers = FileDatabase(tmp_path, sim).run(*[ASK] * PROCESSES)
    assert answers == [str(THREADS)] * PROCESSES
    assert {call["errcode"] for call in sim.calls(BY_LIST)} == {0, 42001}
    assert calls(sim, TOKEN) == 1
