"""GET /metrics: who may read it, and that its numbers are those of the journal."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

URL = "/metrics"


@pytest.fixture
def numbers(client, db):
    """The samples of the page, by name and labels."""

    def read(**headers):
        page = client.get(URL, **headers).content.decode()
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
        }

    return read


def test_this_machine_may_read_without_a_token(client, db):
    assert client.get(URL).status_code == 200


def test_another_machine_may_not(client, db):
    assert client.get(URL, REMOTE_ADDR="203.0.113.7").status_code == 403


def test_a_proxy_on_this_machine_does_not_open_it_to_the_world(client, db):
    assert client.get(URL, HTTP_X_FORWARDED_FOR="203.0.113.7").status_code == 403


def test_with_a_token_this_machine_needs_it_too(client, db, settings):
    settings.METRICS_TOKEN = "letmein"
    assert client.get(URL).status_code == 403


def test_the_token_opens_it_from_anywhere(client, db, settings):
    settings.METRICS_TOKEN = "letmein"
    answer = client.get(URL, REMOTE_ADDR="203.0.113.7", HTTP_AUTHORIZATION="Bearer letmein")
    assert answer.status_code == 200


def test_a_wrong_token_does_not(client, db, settings):
    settings.METRICS_TOKEN = "letmein"
    assert client.get(URL, HTTP_AUTHORIZATION="Bearer ümlaut").status_code == 403


def test_pushes_are_counted_by_state(numbers, make_goods, send, push):
    send("add", make_goods(), make_goods())
    push("add", make_goods())
    found = numbers()
    assert (found["shopadmin_pushes", "done"], found["shopadmin_pushes", "queued"]) == (2, 1)


def test_calls_are_counted_by_outcome(numbers, make_goods, send, sim):
    sim.next("errcode", path="/wxaapi/broadcast/goods/add", errcode=300004)
    send("add", make_goods())
    found = numbers()
    assert (found["shopadmin_attempts_last_hour", "ok"], found["shopadmin_attempts_last_hour", "input"]) == (
        1,
        1,
    )


def test_what_is_left_of_the_quota_is_told(numbers, make_goods, send, account):
    send("add", make_goods())
    assert numbers()["shopadmin_quota_left", account.appid, "live_goods.submissions"] == 499


def test_token_renewals_are_counted(numbers, make_goods, send, sim):
    send("add", make_goods())
    sim.revoke_tokens()
    send("add", make_goods())
    assert numbers()["shopadmin_token_renewals_total",] == 2


def test_without_due_pushes_the_queue_has_no_age(numbers):
    assert numbers()["shopadmin_queue_age_seconds",] == 0
