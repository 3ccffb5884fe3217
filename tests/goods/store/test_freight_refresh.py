"""Reading freight templates back: with how many calls, and what a reading may change."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audits.models import Push
from goods import tasks
from goods.models import FreightTemplate
from goods.store.freight import refresh, wire
from goods.store.freight.refresh import look_due
from shopadmin.wechat.client import client_for
from shopadmin.wechat.mini_store.freight import FreightAPI
from tests.goods.store.freights import everywhere
from tests.journal import calls

GET = FreightAPI.GET


@pytest.fixture
def read(account):
    def do():
        return refresh.read(account, client_for(account))

    return do


@pytest.fixture
def there(make_template, send):
    """A template that is at WeChat."""
    template = make_template()
    send("add", template)
    return template


@pytest.fixture
def change(account):
    """Change a template at WeChat past us."""

    def do(template, **fields):
        theirs = FreightTemplate.objects.get(pk=template.pk)
        for name, value in fields.items():
            setattr(theirs, name, value)
        client_for(account).mini_store.freight.update(theirs.template_id, wire.template_fields(theirs))

    return do


def test_one_call_reads_all_templates(read, sim):
    assert (read(), calls(sim, GET)) == (1, 1)


def test_what_exists_only_at_wechat_gets_a_record(read, account):
    read()
    assert set(FreightTemplate.objects.values_list("name", flat=True)) == {
        "江浙闽粤满99包邮",
        "按重量计费，西北加价",
    }


def test_a_found_template_is_complete_and_the_same(read):
    read()
    for template in FreightTemplate.objects.all():
        assert (template.problems(), [row.name for row in template.compared() if row.differs]) == ({}, [])


def test_a_found_template_is_not_drift(read):
    read()
    assert not FreightTemplate.objects.drifted().exists()


def test_a_second_reading_writes_nothing_but_the_time(read):
    read()
    with CaptureQueriesContext(connection) as queries:
        read()
    written = [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]
    assert len(written) == 1 and '"refreshed_at"' in written[0]


def test_what_was_changed_at_wechat_is_drift_and_can_be_taken(there, change, read):
    change(there, charge_rules=[everywhere("1", "12", "1", "3")])
    read()
    there.refresh_from_db()
    assert there.drift == ["charge_rules"]
    FreightTemplate.objects.take_theirs()
    there.refresh_from_db()
    assert (there.charge_rules, there.drift) == ([everywhere("1", "12", "1", "3")], [])


def test_what_staff_have_typed_stays(there, change, read):
    FreightTemplate.objects.filter(pk=there.pk).update(name="手改")
    change(there, name="console")
    read()
    there.refresh_from_db()
    assert there.name == "手改"


def test_a_template_with_an_open_push_is_left_alone(there, change, read, push):
    there.name = "新名"
    there.save()
    push("update", there)
    before = FreightTemplate.objects.filter(pk=there.pk).values().get()
    change(there, valuation_type=2)
    read()
    assert FreightTemplate.objects.filter(pk=there.pk).values().get() == before


def test_what_is_being_added_just_now_gets_no_second_record(make_template, push, read, wechat_template):
    template = make_template()
    push("add", template)
    wechat_template(name=template.name)
    read()
    assert FreightTemplate.objects.filter(name=template.name).count() == 1


def test_an_answer_older_than_the_last_push_counts_for_nothing(there, read):
    FreightTemplate.objects.filter(pk=there.pk).update(
        pushed_at=timezone.now() + dt.timedelta(minutes=1), refreshed_at=None
    )
    read()
    there.refresh_from_db()
    assert there.refreshed_at is None


def test_a_template_that_is_gone_is_marked_the_second_time(there, read, sim, account):
    sim.drop_template(int(there.template_id))
    read()
    there.refresh_from_db()
    assert (there.missing_since, there.look_at is not None) == (None, True)
    FreightTemplate.objects.filter(pk=there.pk).update(look_at=timezone.now())
    assert look_due(account) == 1
    there.refresh_from_db()
    assert there.missing_since is not None and there.look_at is None


def test_a_missing_template_can_be_submitted_again(there, read, sim, send):
    old = there.template_id
    sim.drop_template(int(old))
    read()
    read()
    there.refresh_from_db()
    send("add", there)
    assert there.template_id not in ("", old) and there.missing_since is None


def test_what_is_not_due_costs_no_call(there, account, sim):
    assert (look_due(account), calls(sim, GET)) == (0, 0)


def test_many_that_are_due_cost_one_call(read, account, sim):
    read()
    FreightTemplate.objects.all().look_now()
    tasks.look()
    assert calls(sim, GET) == 2 and not FreightTemplate.objects.look_due().exists()


def test_a_refused_look_is_tried_again_later(there, account, sim):
    FreightTemplate.objects.all().look_now()
    sim.next("errcode", path=GET, errcode=-1, times=9)
    assert look_due(account) == 0
    there.refresh_from_db()
    assert there.look_at > timezone.now()


def test_a_pull_of_the_store_reads_templates_too(pulled, sim):
    pulled()
    assert (calls(sim, GET), FreightTemplate.objects.newly_found().count()) == (1, 2)


def test_reading_leaves_no_push(read):
    read()
    assert not Push.objects.exists()
