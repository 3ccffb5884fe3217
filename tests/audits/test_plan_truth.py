"""What changed after a plan was made or asked for: its page, the approvals and the start page say so."""

import pytest
from django.urls import reverse

from audits.operations import Operation
from audits.services import create_batch, show
from goods.models import LiveGoods
from shopadmin.wechat.models import Account
from tests.people import browser_of, text

CLERK = ["view_livegoods", "push_livegoods", "delete_remote_livegoods"]
MAY_ASK = "This account wants a second person for deletions and large price changes"
CHANGED = "1 of the rows shown here has changed meanwhile and will not be sent."


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def shown(make_goods):
    """A plan that somebody has looked at, of two products at WeChat or two new ones."""

    def make(operation: Operation, **fields):
        fields = {} if operation is Operation.ADD else {"audit_status": 2, "third_party_tag": 2} | fields
        records = [make_goods(**fields) for _ in range(2)]
        if fields:
            for record in records:
                LiveGoods.objects.filter(pk=record.pk).update(goods_id=str(record.pk))
        batch = create_batch(LiveGoods, [record.pk for record in records], operation)
        show(batch)
        return batch

    return make


@pytest.fixture
def deletion(shown):
    return shown(Operation.DELETE)


@pytest.fixture
def change(shown):
    """An ordinary change of prices."""
    before = {"name": "云南小粒咖啡1号", "price_type": 1, "price": "60", "price2": ""}
    return shown(Operation.UPDATE, name="云南小粒咖啡1号", remote=before)


@pytest.fixture
def clerk(db):
    return browser_of(*CLERK)


def url(batch) -> str:
    return reverse("admin:audits_batch_plan", args=[batch.pk])


def careful(wanted: bool = True) -> None:
    Account.objects.update(second_person=wanted)


def ask(client, batch) -> None:
    batch.refresh_from_db()
    client.post(url(batch), {"do": "confirm", "seen": batch.fingerprint})
    batch.refresh_from_db()
    assert batch.awaits_approval


def needs(client) -> list[tuple[str, int, str]]:
    """What the start page says of approvals."""
    found = client.get(reverse("admin:index")).context["needs"]
    return [(str(each.label), each.count, each.url) for each in found if "approval" in str(each.label)]


# --- rows that changed meanwhile ---


def test_the_top_counts_the_rows_that_will_not_be_sent_any_more(clerk, shown):
    batch = shown(Operation.ADD)
    LiveGoods.objects.filter(pk=batch.selection[0]).update(name="埃塞俄比亚咖啡豆")
    assert CHANGED in text(clerk.get(url(batch)))


def test_a_plan_in_which_nothing_changed_says_nothing_of_it(clerk, shown):
    assert "meanwhile and will not be sent" not in text(clerk.get(url(shown(Operation.ADD))))


def test_what_was_left_out_by_hand_is_not_counted_among_the_changed(clerk, shown):
    batch = shown(Operation.ADD)
    LiveGoods.objects.filter(pk=batch.selection[0]).update(name="埃塞俄比亚咖啡豆")
    batch.exclude(batch.selection[:1])
    assert clerk.get(url(batch)).context["page"].moved == 0


# --- an account that comes to want a second person ---


def test_a_deletion_asks_as_soon_as_the_account_wants_a_second_person(clerk, deletion):
    careful()
    page = clerk.get(url(deletion))
    assert page.context["needs_approval"] == 2 and "ask for approval of 2" in text(page)


def test_a_deletion_does_not_ask_any_more_once_the_account_wants_nobody(clerk, shown):
    careful()
    batch = shown(Operation.DELETE)
    careful(False)
    assert clerk.get(url(batch)).context["needs_approval"] == 0


def test_a_change_may_have_to_be_approved_once_the_account_wants_a_second_person(clerk, change):
    careful()
    assert MAY_ASK in text(clerk.get(url(change)))


def test_an_account_that_wants_no_second_person_says_nothing_of_one(clerk, change):
    assert MAY_ASK not in text(clerk.get(url(change)))


def test_new_products_never_ask_for_a_second_person(clerk, shown):
    careful()
    assert MAY_ASK not in text(clerk.get(url(shown(Operation.ADD))))


def test_the_approvals_do_not_say_that_none_needs_it(clerk, deletion):
    careful()
    ask(clerk, deletion)
    page = text(browser_of("approve_batch").get(reverse("admin:audits_batch_approvals")))
    assert url(deletion) in page and "need approval" not in page


# --- one's own plans ---


def test_whoever_asked_finds_the_plan_on_the_start_page(clerk, deletion):
    careful()
    ask(clerk, deletion)
    assert needs(clerk) == [("your plans wait for approval", 1, url(deletion))]
    assert clerk.get(url(deletion)).status_code == 200


def test_others_are_not_told_of_it_as_their_own(clerk, deletion):
    careful()
    ask(clerk, deletion)
    assert needs(browser_of(*CLERK)) == []


def test_whoever_asked_is_not_told_to_approve_it(deletion):
    careful()
    client = browser_of(*CLERK, "approve_batch")
    ask(client, deletion)
    assert [label for label, _count, _url in needs(client)] == ["your plans wait for approval"]


def test_whoever_may_approve_is_told_of_the_plans_of_others(clerk, deletion):
    careful()
    ask(clerk, deletion)
    assert [label for label, _count, _url in needs(browser_of("approve_batch"))] == ["waits for approval"]
