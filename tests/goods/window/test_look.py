"""Reading products one by one: what is written, what one bad answer does to the rest, which id is which."""

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audits.models import Push, Quota, StatusChange, next_window
from goods import tasks
from goods.models import WindowProduct
from goods.window import refresh
from shopadmin.wechat.window import WindowAPI
from tests.goods.window.conftest import SHOP, listing, look, pull, reread
from tests.journal import calls

GET = WindowAPI.GET
GROUP = WindowAPI.QUOTA[GET]
LARGEST = 2**64 - 1


def leave(account, left):
    Quota.objects.today(account.pk, GROUP)
    Quota.objects.filter(group=GROUP.name).update(used=GROUP.per_day - left)


# --- own and promoted products ---


@pytest.fixture
def twins(account, empty):
    """An own product and a promotion with one and the same number; plans of both their products."""
    empty.make_window(product_id=500, title="own")
    empty.make_window(kind="cps", product_id=900, cps_id=500, title="promoted under its number")
    empty.make_window(kind="cps", product_id=500, cps_id=901, title="promotes the own one")
    empty.make_window(kind="cps", product_id=900, cps_id=902, title="promotes the other one")
    pull(account)
    look(account)


def test_the_same_number_as_own_product_and_as_promotion_makes_two_records(twins):
    found = set(WindowProduct.objects.values_list("kind", "product_id", "cps_id", "title"))
    assert found == {
        ("own", "500", "", "own"),
        ("cps", "900", "500", "promoted under its number"),
        ("cps", "500", "901", "promotes the own one"),
        ("cps", "900", "902", "promotes the other one"),
    }


def test_nothing_is_taken_for_gone_because_a_number_means_two_things(twins, account):
    look(account)
    assert list(WindowProduct.objects.filter(missing_polls__gt=0)) == []


@pytest.mark.parametrize("answer", ["absent", "empty", "filled"])
@pytest.mark.parametrize("appid", [True, False])
def test_a_promotion_is_never_taken_for_an_own_product(account, empty, answer, appid):
    empty.settings(window_cps_product=answer, window_cps_appid=appid)
    empty.make_window(kind="cps", product_id=900, cps_id=500)
    pull(account)
    product = WindowProduct.objects.get()
    assert (product.kind, product.product_id, product.cps_id) == ("cps", "900", "500")
    assert product.refreshed_at is not None


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(number=st.integers(2**53, LARGEST), plan=st.integers(2**53, LARGEST))
def test_ids_keep_every_digit(account, empty, number, plan):
    for row in empty.window():
        empty.drop_window(0 if row["cps_id"] else row["product_id"], cps_id=row["cps_id"])
    WindowProduct.objects.all().delete()
    empty.make_window(product_id=number)
    empty.make_window(kind="cps", cps_id=plan, product_id=number)
    pull(account)
    found = WindowProduct.objects.exclude(refreshed_at=None).values_list("kind", "product_id", "cps_id")
    assert set(found) == {("own", str(number), ""), ("cps", str(number), str(plan))}


@pytest.mark.parametrize(
    "spelling", [{"window_documented_types": True}, {"window_ids_as_numbers": True}], ids=str
)
def test_the_largest_ids_survive_every_spelling(account, empty, spelling):
    empty.settings(**spelling)
    empty.make_window(product_id=LARGEST)
    empty.make_window(kind="cps", cps_id=LARGEST - 1, product_id=LARGEST)
    pull(account)
    found = WindowProduct.objects.exclude(refreshed_at=None).values_list("product_id", "cps_id")
    assert set(found) == {(str(LARGEST), ""), (str(LARGEST), str(LARGEST - 1))}


# --- when ---


def test_the_scheduled_look_reads_what_is_due(account, empty):
    empty.make_window()
    listing(account)
    assert tasks.look() == 1


def test_refreshing_by_hand_reads_what_was_shown_before_but_is_not_in_the_window(account, empty, shown):
    product = shown()
    empty.set_source(int(product.product_id), state="delisted")
    pull(account)
    empty.set_source(int(product.product_id), state="listed")
    assert WindowProduct.objects.all().look_now() == 1
    refresh.look_due(account)
    assert reread(product).in_window


def test_what_is_only_here_cannot_be_refreshed(planned):
    planned()
    assert WindowProduct.objects.all().look_now() == 0


def test_a_record_with_an_open_push_is_read_after_it(account, planned, push, empty):
    push("add", planned())
    assert (look(account), calls(empty, GET)) == (0, 0)


def test_an_answer_older_than_the_last_push_changes_nothing(account, shown):
    product = shown()
    WindowProduct.objects.update(title="newer", pushed_at="2999-01-01T00:00:00Z")
    look(account)
    assert reread(product).title == "newer"


# --- quota ---


def test_a_look_counts_against_the_quota(account, shown):
    shown()
    assert Quota.objects.today(account.pk, GROUP).used == 1


def test_a_scheduled_look_leaves_the_reserve_to_people(account, empty, shown):
    shown()
    before = calls(empty, GET)
    leave(account, 1000)
    look(account, scheduled=True)
    assert calls(empty, GET) == before


def test_a_look_that_somebody_asked_for_may_use_the_reserve(account, shown):
    shown()
    leave(account, 1000)
    assert look(account, scheduled=False) == 1


def test_without_quota_looks_wait_for_the_next_day(account, shown):
    product = shown()
    leave(account, 0)
    look(account)
    assert reread(product).look_at == next_window()


def test_wechats_own_word_on_the_quota_makes_looks_wait_for_the_next_day(account, empty, shown):
    products = [shown() for _ in range(3)]
    empty.next("errcode", path=GET, errcode=45009)
    look(account)
    assert {reread(product).look_at for product in products} == {next_window()}


# --- one bad answer ---


@pytest.fixture
def three(account, empty):
    made = empty.make_window(count=3)
    pull(account)
    return [WindowProduct.objects.get(product_id=str(number)) for number in sorted(made)]


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "errcode", "errcode": 40097},
        {"do": "errcode", "errcode": 10022005},
        {"do": "errcode", "errcode": 0, "fields": {"product": {"product_id": "0"}}},
        {"do": "garbage"},
        {"do": "wrong_type", "value": [1]},
    ],
    ids=str,
)
def test_one_product_that_cannot_be_read_does_not_keep_the_others_from_being_read(
    account, empty, three, fault
):
    before = timezone.now()
    empty.next(**fault, path=GET)
    look(account)
    read = [product.product_id for product in WindowProduct.objects.filter(refreshed_at__gte=before)]
    assert len(read) == 2


def test_what_could_not_be_read_is_tried_again_later(account, empty, three):
    empty.next("garbage", path=GET)
    look(account)
    waiting = WindowProduct.objects.filter(look_at__gt=timezone.now())
    assert waiting.count() == 1


@pytest.mark.parametrize("code", [48001, 10022001, 10022002, 45011, 50002])
def test_trouble_of_the_whole_window_ends_the_look_at_once(account, empty, three, code):
    before = calls(empty, GET)
    empty.next("errcode", path=GET, errcode=code, times=9)
    look(account)
    assert calls(empty, GET) == before + 1


def test_a_wechat_that_answers_nothing_is_not_asked_for_every_product(account, empty):
    empty.make_window(count=20)
    listing(account)
    empty.next("http", path=GET, times=40)
    refresh.look_due(account)
    assert calls(empty, GET) <= 3
    assert not WindowProduct.objects.filter(look_at__lte=timezone.now()).exists()


# --- what is written ---


def test_only_what_wechat_tells_is_written(account, shown):
    product = shown()
    WindowProduct.objects.update(hide=True)
    look(account)
    assert reread(product).hide is True


def test_the_wish_of_staff_survives_that_the_shop_puts_it_into_the_window(account, empty, planned):
    product = planned(hide=True)
    empty.make_window(product_id=5)
    empty.drop_window(5)
    number = int(product.product_id)
    empty.drop_window(number)
    empty.make_window(product_id=number)
    pull(account)
    assert (reread(product).hide, product.is_hide_for_window, product.in_window) == (True, False, True)


def test_a_product_found_at_wechat_takes_over_whether_it_is_hidden(shown):
    assert shown(hidden=True).hide is True


def test_a_change_of_hidden_at_wechat_is_drift(account, empty, shown):
    product = shown()
    empty.change_window(int(product.product_id), hidden=True)
    look(account)
    assert (reread(product).drift, product.hide) == (["hide"], False)


def test_theirs_is_taken_in_bulk(account, empty, shown):
    product = shown()
    empty.change_window(int(product.product_id), hidden=True)
    look(account)
    WindowProduct.objects.all().take_theirs()
    assert (reread(product).hide, product.drift, product.drifted_at) == (True, [], None)


def test_a_change_of_state_is_kept(account, empty, shown):
    product = shown()
    empty.set_source(int(product.product_id), state="delisted")
    look(account)
    assert StatusChange.objects.values_list("before", "after").first() == (1, 2)


@pytest.mark.parametrize("number", [4, 99, 2**31 - 1, 2**40, 2**63, 10**25, -7])
def test_a_state_that_nobody_documents_does_no_harm(account, empty, shown, number):
    product = shown()
    row = {"product_id": product.product_id, "appid": SHOP, "status": number, "title": "t"}
    empty.next("errcode", path=GET, errcode=0, fields={"product": row})
    look(account)
    assert reread(product).title == "t"
    assert product.status in (number, None)


def test_texts_longer_than_our_columns_are_cut(account, empty, shown):
    product = shown()
    row = {"product_id": product.product_id, "appid": SHOP, "status": 1}
    row |= {"title": "长" * 600, "platform_name": "p" * 300, "img_url": "https://a/" + "x" * 2000}
    empty.next("errcode", path=GET, errcode=0, fields={"product": row})
    look(account)
    assert (len(reread(product).title), len(product.platform_name)) == (500, 200)
    assert product.plan_picture == ""


def test_nothing_is_sent_by_reading(account, shown):
    shown()
    assert not Push.objects.exists()
