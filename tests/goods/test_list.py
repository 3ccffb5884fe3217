"""The list of live goods: what a row tells, its filters, its advice, and that it stays fast."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audits.models import Reading
from goods.admin.mirror import age
from goods.live import refresh
from goods.models import LiveGoods
from tests.goods.mirrored import as_at_wechat
from tests.people import ADD, LIST, browser_of, choose, form_of, said, text

IMPORT = reverse("admin:goods_importrun_add")
PRICE_REFUSED, NAME_REFUSED = 300003, 300002


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def shown(response):
    return [goods.name for goods in response.context["cl"].result_list]


def rows(page):
    """The body of the list."""
    html = text(page)
    return html[html.index("<tbody>") : html.index("</tbody>")]


def drift(goods, **theirs):
    goods = as_at_wechat(goods, **theirs)
    LiveGoods.objects.filter(pk=goods.pk).update(drift=list(theirs), drifted_at=timezone.now())
    return goods


# --- a row ---


def test_a_row_says_that_somebody_changed_it_at_wechat(staff, make_goods):
    drift(make_goods(), name="别处改过的名字", url="pages/other")
    found = rows(staff.get(LIST))
    assert "changed at WeChat</span> name, page path" in found


def test_a_row_that_nobody_changed_at_wechat_has_no_mark(staff, make_goods):
    as_at_wechat(make_goods(), name="别处改过的名字")
    assert "changed at WeChat" not in rows(staff.get(LIST))


def test_a_row_tells_the_refusal_in_one_line_with_the_field_to_correct(staff, make_goods):
    goods = make_goods(errcode=PRICE_REFUSED)
    found = rows(staff.get(LIST))
    assert "(300003)" in found and f'href="{form_of(goods)}#id_price"' in found
    assert "full-advice" not in found


def test_the_form_tells_the_refusal_in_full(staff, make_goods):
    assert 'class="full-advice"' in text(staff.get(form_of(make_goods(errcode=PRICE_REFUSED))))


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (dt.timedelta(seconds=20), "just now"),
        (dt.timedelta(minutes=3, seconds=20), "3 minutes ago"),
        (dt.timedelta(hours=30), "1 day ago"),
    ],
)
def test_the_age_of_a_reading_is_told_in_a_word_or_two(ago, words):
    now = dt.datetime(2026, 8, 1, 12, 0, tzinfo=dt.UTC)
    with time_machine.travel(now, tick=False):
        assert age(now - ago).replace("\xa0", " ") == words


def test_a_row_gives_the_exact_moment_as_well(staff, make_goods):
    make_goods(refreshed_at=timezone.now() - dt.timedelta(minutes=5))
    assert '<time datetime="' in rows(staff.get(LIST)) and 'title="' in rows(staff.get(LIST))


# --- filters ---


def test_the_list_can_be_filtered_by_what_was_changed_at_wechat(staff, make_goods):
    goods = drift(make_goods(), name="别处改过的名字")
    make_goods()
    assert shown(staff.get(f"{LIST}?drift=changed")) == [goods.name]


def test_what_the_last_pull_found_is_linked_and_listed(staff, make_goods, account, sim):
    make_goods()
    refresh.pull(Reading.objects.request(account, "live_goods"))
    created = Reading.objects.get().created
    assert f'<a href="{LIST}?drift=new">{created} not known here before</a>' in text(staff.get(LIST))
    assert staff.get(f"{LIST}?drift=new").context["cl"].result_count == created > 0


def test_the_filter_offers_the_refusals_there_are(staff, make_goods):
    make_goods(errcode=PRICE_REFUSED)
    make_goods(errcode=PRICE_REFUSED)
    make_goods(errcode=0)
    make_goods(errcode=-1)
    (spec,) = [
        spec for spec in staff.get(LIST).context["cl"].filter_specs if spec.title == "WeChat's refusal"
    ]
    assert [code for code, _words in spec.lookup_choices] == ["-1", str(PRICE_REFUSED)]


@pytest.mark.parametrize(
    "query",
    [
        "drift=zzz", "drift=%00", "drift__contains=a", "drift__x__y=1", "remote__name=a", "errcode__gt=abc",
        "name__regex=(((", "price__gt=NaN", "price=1e400", "created_at__year=99999", "created_at__gte=abc",
        "created_at__year=abc&created_at__month=99", "pk__in=a,b", f"pk__in={'9' * 40}", f"id__in={'9' * 40}",
        "account__isnull=zz", "account__id__exact=%00", "drift=new&drift=changed", "sending=%00",
        "q=" + "a" * 60_000, "q=" + "a+" * 2_000, "q=%EF%BF%BF", "q=%22", "q=%25_%5C", "_facets=True",
        "all=1", "o=1", "o=9.8.7", "e=1&drift=changed", "_changelist_filters=%00",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_does_not_break_the_list(staff, make_goods, query):
    make_goods()
    assert staff.get(f"{LIST}?{query}").status_code in (200, 302, 400)


def test_conditions_that_no_filter_offers_are_refused(staff, make_goods):
    make_goods()
    assert staff.get(f"{LIST}?name__startswith=a").status_code == 400


# --- fix these ---


@pytest.fixture
def refused(make_goods):
    return [make_goods(errcode=PRICE_REFUSED) for _ in range(2)] + [make_goods(errcode=NAME_REFUSED)]


def test_the_list_of_one_refusal_says_what_to_do(staff, refused):
    page = text(staff.get(f"{LIST}?errcode={PRICE_REFUSED}"))
    cause = page[page.index('class="cause"') : page.index("</section>")]
    assert "Fix these 2" in cause and "To correct: <strong>price (yuan)</strong>" in cause


def test_the_whole_list_is_about_no_single_refusal(staff, refused):
    assert 'class="cause"' not in text(staff.get(LIST))


@pytest.mark.parametrize("code", ["0", "abc", "", "9" * 40])
def test_nonsense_as_refusal_is_no_cause_and_no_error(staff, refused, code):
    assert staff.get(f"{LIST}?errcode={code}").status_code == 200


def filled(goods, **changes):
    values = {
        "account": goods.account_id, "product_no": goods.product_no, "name": goods.name,
        "price_type": goods.price_type, "price": goods.price, "price2": "", "url": goods.url,
        "third_party_appid": "",
    }  # fmt: skip
    return {"_save": "1", **values, **{f"initial-{name}": value for name, value in values.items()}, **changes}


def save_from(client, goods, filters):
    kept = f"{form_of(goods)}?_changelist_filters={filters}"
    return client.post(kept, filled(goods, product_no="NEW"), follow=True)


def test_after_saving_a_link_leads_to_the_next_with_the_same_refusal(staff, refused):
    first, second, _other = refused
    page = save_from(staff, second, f"errcode%3D{PRICE_REFUSED}")
    assert any(f'<a href="{form_of(first)}?_changelist_filters=' in words for words in said(page))


def test_after_the_last_there_is_no_next(staff, refused):
    page = save_from(staff, refused[0], f"errcode%3D{PRICE_REFUSED}")
    assert not any("Next with the same refusal" in words for words in said(page))


def test_who_came_from_the_whole_list_is_led_nowhere(staff, refused):
    page = save_from(staff, refused[1], "state%3Ddraft")
    assert not any("Next with the same refusal" in words for words in said(page))


# --- nothing to show ---


def test_an_empty_list_says_what_to_do_first(staff, account):
    page = text(staff.get(LIST))
    assert f'href="{ADD}"' in page and 'form="first-pull"' in page and "Begin with one of these" in page
    assert f'<form id="first-pull" method="post" action="{LIST}pull/">' in page


def test_an_empty_list_offers_a_viewer_nothing_to_press(account):
    page = text(browser_of("view_livegoods").get(LIST))
    assert "first-pull" not in page and f'href="{ADD}"' not in page


def test_a_search_without_hits_says_so(staff, make_goods):
    make_goods()
    page = text(staff.get(f"{LIST}?q=%3Cb%3E"))
    assert "Nothing is found for “&lt;b&gt;”." in page and f'<a href="{LIST}">Show all</a>' in page


def test_a_filter_without_hits_says_so(staff, make_goods):
    make_goods()
    page = text(staff.get(f"{LIST}?state=3"))
    assert "Nothing matches these filters." in page and 'id="changelist-filter"' in page


def test_the_title_begins_with_a_capital(staff, make_goods):
    assert "<title>Live goods |" in text(staff.get(LIST))


# --- fast ---


def sqls(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return [query["sql"] for query in captured if '"goods_livegoods"' in query["sql"]]


@pytest.mark.parametrize("query", ["", "?state=2", "?q=a", "?drift=changed", "?errcode=1", "?sending=open"])
def test_the_list_never_counts_without_a_bound(staff, make_goods, query):
    make_goods()
    counts = [sql for sql in sqls(staff, LIST + query) if "COUNT(" in sql]
    assert counts and all("LIMIT 10001" in sql for sql in counts)


def test_the_list_is_sorted_as_its_index_is(staff, make_goods):
    make_goods()
    (rows,) = [sql for sql in sqls(staff, LIST) if '"open_status"' in sql]
    assert 'ORDER BY "goods_livegoods"."id" DESC' in rows


@pytest.mark.parametrize(("most", "sortable"), [(2, True), (1, False)])
def test_columns_can_be_sorted_by_while_there_are_few_records(staff, make_goods, monkeypatch, most, sortable):
    monkeypatch.setattr("goods.admin.mirror.COUNTED", most)
    make_goods(name="first goods")
    make_goods(name="second goods")
    assert ('<th scope="col" class="sortable' in text(staff.get(LIST))) == sortable


def test_drift_costs_the_list_no_query_per_row(staff, make_goods):
    drift(make_goods(), name="别处改过的名字")
    few = len(sqls(staff, LIST))
    for _ in range(19):
        drift(make_goods(), name="别处改过的名字")
    assert len(sqls(staff, LIST)) == few


def test_everything_that_matches_a_filter_can_be_refreshed_at_once(staff, make_goods):
    records = [drift(make_goods(), name="别处改过的名字") for _ in range(3)]
    choose(staff, "refresh", records[0], query="?drift=changed", select_across="1")
    assert LiveGoods.objects.look_due().count() == 3


def test_the_list_leads_to_the_import(staff, make_goods):
    make_goods()
    assert f'href="{IMPORT}"' in text(staff.get(LIST))


def test_who_may_not_import_is_not_led_there(make_goods):
    make_goods()
    client = browser_of("view_livegoods", "add_livegoods", "push_livegoods")
    assert f'href="{IMPORT}"' not in text(client.get(LIST))


def test_the_pull_is_a_button_that_posts(staff, make_goods):
    make_goods()
    assert f'<form method="post" action="{reverse("admin:goods_livegoods_pull")}">' in text(staff.get(LIST))
