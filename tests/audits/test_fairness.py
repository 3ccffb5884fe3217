"""Whose push goes next: every account has its turn, the oldest push of each first."""

from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audits.drain import Drain
from audits.models import Push
from audits.states import PushStatus
from goods.models import LiveGoods
from shopadmin.wechat.client import client_for
from shopadmin.wechat.models import Account
from tests.conftest import png
from tests.journal import ADD

numbers = count(1)


@pytest.fixture
def make_account(sim):
    def make():
        appid = f"wx{next(numbers):016x}"
        sim.add_account(appid, "its secret")
        return Account.objects.create(name=appid, appid=appid, secret="its secret", practice=True)

    return make


@pytest.fixture
def b(account, make_account):
    """A second shop."""
    return make_account()


@pytest.fixture
def confirm(push):
    """Confirm adding so many products of an account whose picture is at WeChat already."""

    def do(account, how_many):
        media_id = client_for(account).media.upload_image("c.png", png(300, 300), "image/png").media_id
        records = [
            LiveGoods(
                account=account,
                product_no=str(number),
                name=f"云南小粒咖啡{number}号",
                price=68,
                url=f"pages/goods/detail?id={number}",
                cover="covers/c.png",
                media_id=media_id,
                media_cover="covers/c.png",
                media_uploaded_at=timezone.now(),
            )
            for number in (next(numbers) for _ in range(how_many))
        ]
        push("add", *LiveGoods.objects.bulk_create(records))

    return do


def claimed(most, **options) -> list[int]:
    """The accounts of the pushes that one claim takes."""
    return [found.account_id for found in Push.objects.claim(most, **options)]


def of(account):
    return Push.objects.filter(account=account)


def test_free_threads_are_shared_between_accounts(account, b, confirm):
    confirm(account, 10)
    confirm(b, 10)
    assert sorted(claimed(6)) == sorted([account.pk, b.pk] * 3)


def test_what_one_account_does_not_need_another_gets(account, b, confirm):
    confirm(account, 10)
    confirm(b, 1)
    assert sorted(claimed(6)) == sorted([account.pk] * 5 + [b.pk])


def test_a_single_free_thread_goes_to_who_has_fewest_on_their_way(account, b, confirm):
    confirm(account, 10)
    claimed(3)
    confirm(b, 10)
    assert [claimed(1), claimed(1), claimed(1)] == [[b.pk]] * 3


def test_what_is_on_its_way_at_another_worker_counts(account, b, confirm):
    confirm(account, 10)
    confirm(b, 10)
    claimed(4, without_accounts=[b.pk])
    assert sorted(claimed(6)) == sorted([account.pk] + [b.pk] * 5)


def test_among_equals_nobody_is_always_the_last(account, b, make_account, confirm):
    """One thread, and every answer comes before the next claim."""
    shops = {account, b, make_account()}
    for shop in shops:
        confirm(shop, 100)
    served = set()
    for _ in range(100):
        (taken,) = Push.objects.claim(1)
        taken.move_to(PushStatus.DONE)
        served.add(taken.account_id)
    assert served == {shop.pk for shop in shops}


def test_more_accounts_than_threads_is_one_push_each(account, make_account, confirm):
    for shop in [account, *(make_account() for _ in range(7))]:
        confirm(shop, 3)
    assert len(set(claimed(6))) == 6


def test_within_an_account_the_oldest_goes_first(account, b, confirm):
    for _ in range(2):
        confirm(account, 3)
        confirm(b, 3)
    taken = {found.pk for found in Push.objects.claim(6)}
    oldest = {pk for shop in (account, b) for pk in of(shop).order_by("pk").values_list("pk", flat=True)[:3]}
    assert taken == oldest


def test_an_account_left_out_gets_no_turn(account, b, confirm):
    confirm(account, 2)
    confirm(b, 2)
    assert claimed(6, without_accounts=[account.pk]) == [b.pk] * 2


def test_two_claims_never_take_the_same_push(account, b, confirm):
    confirm(account, 5)
    confirm(b, 5)
    taken = [found.pk for _ in range(4) for found in Push.objects.claim(3)]
    assert len(taken) == len(set(taken)) == 10


def test_an_empty_claim_is_one_question(account):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        claimed(6)
    assert len([query for query in asked if query["sql"].startswith("SELECT")]) == 1


def test_a_claim_asks_no_more_for_a_huge_batch(account, confirm):
    confirm(account, 6)
    with CaptureQueriesContext(connection) as few:
        claimed(6)
    confirm(account, 200)
    with CaptureQueriesContext(connection) as many:
        claimed(6)
    assert len(many) <= len(few)


def test_a_small_batch_after_2000_pushes_of_another_account_starts_at_once(account, b, confirm, sim):
    confirm(account, 2000)
    worker = Drain(threads=4, seconds=0.5)
    worker._claim()
    worker._launch()
    confirm(b, 3)
    worker.run()
    appids = [call["appid"] for call in sim.calls(ADD)]
    # Those that had left already, and one of the first account's for each of the second's.
    assert [n for n, appid in enumerate(appids) if appid == b.appid][-1] < 6 + 2 * 3 + 4
    assert set(of(b).values_list("status", flat=True)) == {PushStatus.DONE}
