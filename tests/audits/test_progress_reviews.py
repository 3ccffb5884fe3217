"""A batch's page after the batch is over: what WeChat's review made of what it had taken."""

import pytest
from django.utils.html import escape

from audits.models import Push
from goods.models import LiveGoods
from tests.people import form_of, queries, text

PILL = '<span class="pill pill-bad">refused by review</span>'
APPROVED = '<span class="pill pill-good">approved</span>'


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def reviewed(push, make_goods):
    """A batch that WeChat took as a whole; then its review ended so for each product."""

    def make(*states: int):
        records = [make_goods() for _ in states]
        batch = push("add", *records)
        batch.pushes.update(status="done", errcode=0)
        for record, state in zip(records, states, strict=True):
            LiveGoods.objects.filter(pk=record.pk).update(
                goods_id=str(record.pk), audit_status=state, third_party_tag=2
            )
        return batch

    return make


def test_what_the_review_refused_is_told_at_the_top(staff, reviewed):
    assert "Of these, WeChat's review has refused 2: correct them" in text(
        staff.get(form_of(reviewed(2, 3, 3)))
    )


def test_the_refused_are_a_link_to_the_list_of_such(staff, reviewed):
    page = staff.get(form_of(reviewed(2, 3)))
    url = page.context["list_url"] + page.context["rejected"].query
    assert f'<a href="{escape(url)}">Of these' in text(page)
    assert staff.get(url).context["cl"].result_count == 1


def test_a_batch_of_which_the_review_refused_nothing_says_nothing_of_it(staff, reviewed, make_goods):
    make_goods(goods_id="99", audit_status=3, third_party_tag=2)
    assert "review has refused" not in text(staff.get(form_of(reviewed(1, 2))))


def test_what_wechat_did_not_take_is_not_counted(staff, reviewed):
    batch = reviewed(3, 3)
    Push.objects.filter(pk=batch.pushes.first().pk).update(status="refused", errcode=300002)
    assert staff.get(form_of(batch)).context["rejected"].count == 1


def test_each_row_tells_how_its_review_ended(staff, reviewed):
    rows = staff.get(form_of(reviewed(3, 2, 0))).context["rows"]
    assert [row.review for row in rows] == [PILL, APPROVED, None]


def test_the_review_stands_beside_the_state_of_the_push(staff, reviewed):
    assert f"{PILL}</td>" in text(staff.get(form_of(reviewed(3))))


def test_a_withdrawal_does_not_answer_for_a_later_review(staff, reviewed):
    batch = reviewed(3)
    batch.operation = "withdraw"
    batch.save()
    assert staff.get(form_of(batch)).context["rejected"] is None


def test_twenty_reviews_cost_as_many_queries_as_one(staff, reviewed):
    few, many = reviewed(3), reviewed(*[3] * 20)
    assert queries(staff, form_of(few)) == queries(staff, form_of(many))
