"""What a look at WeChat says about one push of live goods, and what the look costs."""

import pytest

from audits.models import Push, Quota
from audits.operations import Look, Verdict
from audits.states import PushStatus
from shopadmin.wechat.client import client_for
from shopadmin.wechat.errors import Kind, WeChatError
from shopadmin.wechat.live_goods import Added, LiveGoodsAPI
from tests.journal import BY_IDS, BY_LIST, RESET_AUDIT, calls, push_of

ABSENT = Verdict(absent=True)


@pytest.fixture
def unsure(push):
    """A push whose answer never came."""

    def do(operation, goods) -> Push:
        push(operation, goods)
        Push.objects.update(status=PushStatus.UNSURE)
        return push_of(goods)

    return do


@pytest.fixture
def goods(make_goods):
    return make_goods()


@pytest.fixture
def product(goods, sim):
    """What WeChat has made of the goods."""

    def do(**fields):
        made = {
            "origin": "api",
            "name": goods.name,
            "url": goods.url,
            "price": 68,
            "audit_status": 1,
        } | fields
        return sim.make_goods(**made)[0]

    return do


def look(push) -> Verdict:
    return push.target.reconcile(push, Look(client_for(push.account)))


def test_an_empty_library_says_absent(goods, unsure, sim):
    assert look(unsure("add", goods)) == ABSENT


def test_the_product_is_the_answer_that_got_lost(goods, unsure, product):
    goods_id = product()
    assert look(unsure("add", goods)) == Verdict(done=True, result=Added(str(goods_id), ""))


def test_two_alike_are_candidates(goods, unsure, product):
    ids = {str(product()), str(product(audit_status=2))}
    verdict = look(unsure("add", goods))
    assert (verdict.done, verdict.absent, {c["id"] for c in verdict.candidates}) == (False, False, ids)


def test_of_two_alike_the_one_we_know_is_left_out(goods, unsure, product, make_goods):
    known, new = product(), product()
    make_goods(goods_id=str(known))
    assert look(unsure("add", goods)).result == Added(str(new), "")


def test_the_same_id_at_another_account_is_not_known(goods, unsure, product, make_goods, account):
    other = type(account).objects.create(name="b", appid="wxbbbbbbbbbbbbbbbb", secret="s", practice=True)
    goods_id = product()
    make_goods(goods_id=str(goods_id), account=other)
    assert look(unsure("add", goods)).result == Added(str(goods_id), "")


@pytest.mark.parametrize(
    "fields", [{"origin": "console"}, {"name": "别的咖啡豆"}, {"url": "pages/b"}, {"price": 1}]
)
def test_what_is_not_ours_is_absent(goods, unsure, product, fields):
    product(**fields)
    assert look(unsure("add", goods)) == ABSENT


def test_what_was_sent_is_compared_not_what_was_typed_since(goods, unsure, product):
    goods_id = product()
    push = unsure("add", goods)
    type(goods).objects.update(name="后来改的名字")
    assert look(Push.objects.get(pk=push.pk)).result == Added(str(goods_id), "")


def test_a_look_reads_each_list_once(goods, unsure, sim):
    look(unsure("add", goods))
    assert sorted(call["query"]["status"] for call in sim.calls(BY_LIST)) == ["0", "1", "2", "3"]


def test_a_look_counts_against_the_quota(goods, unsure, account):
    look(unsure("add", goods))
    assert Quota.objects.today(account.pk, LiveGoodsAPI.QUOTA[BY_LIST]).used == 4


def test_without_quota_there_is_no_look(goods, unsure, account, sim):
    Quota.objects.exhaust(account.pk, LiveGoodsAPI.QUOTA[BY_LIST])
    with pytest.raises(WeChatError) as failure:
        look(unsure("add", goods))
    assert (failure.value.kind, calls(sim, BY_LIST)) == (Kind.QUOTA, 0)


@pytest.mark.parametrize(("status", "done"), [(0, True), (1, False), (2, False), (3, False)])
def test_a_withdrawal_is_done_when_it_is_not_under_review(make_goods, unsure, sim, status, done):
    (goods_id,) = sim.make_goods(origin="api", audit_status=status)
    goods = make_goods(goods_id=str(goods_id), audit_id="1", audit_status=1, third_party_tag=2)
    assert look(unsure("withdraw", goods)).done == done


@pytest.mark.parametrize("before", [0, 3])
@pytest.mark.parametrize("status", [0, 1, 2, 3])
def test_a_submission_is_done_when_the_state_is_another(make_goods, unsure, sim, before, status):
    (goods_id,) = sim.make_goods(origin="api", audit_status=status)
    goods = make_goods(goods_id=str(goods_id), audit_status=before, third_party_tag=2)
    assert look(unsure("resubmit", goods)).done == (status not in (0, before))


@pytest.mark.parametrize("operation", ["withdraw", "resubmit"])
def test_what_is_gone_was_not_done(make_goods, unsure, sim, operation):
    goods = make_goods(
        goods_id="4711", audit_id="1", audit_status=int(operation == "withdraw"), third_party_tag=2
    )
    assert look(unsure(operation, goods)) == ABSENT


def test_a_look_at_one_product_is_one_call(make_goods, unsure, sim):
    look(unsure("withdraw", make_goods(goods_id="1", audit_id="1", audit_status=1, third_party_tag=2)))
    assert (calls(sim, BY_IDS), calls(sim, BY_LIST), calls(sim, RESET_AUDIT)) == (1, 0, 0)
