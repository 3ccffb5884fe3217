"""The list of window products: what a row tells, its filters, its cost, the file made of it."""

import csv
import io

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone, translation

from goods.admin.window_words import full_answer, short_answer, state_pill
from goods.models import WindowProduct
from goods.window.choices import BanReason, BranchStatus, Kind, PlanType, Source, WindowStatus
from tests.goods.window.conftest import SHOP, look, pull
from tests.people import browser_of, queries, said, text

LIST = reverse("admin:goods_windowproduct_changelist")


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def made(account):
    """A record as a reading has left it; any field may be given."""

    def do(**fields):
        number = str(WindowProduct.objects.count() + 1)
        values = {
            "account": account, "product_id": number, "appid": SHOP, "title": f"白茶 {number}", "status": 1,
            "in_window": True, "refreshed_at": timezone.now(), "remote": {"hide": False},
        }  # fmt: skip
        if fields.get("kind") == "cps":
            values |= {"cps_id": f"9{number}"}
        return WindowProduct.objects.create(**values | fields)

    return do


def titles(client, query):
    return sorted(str(product) for product in client.get(f"{LIST}?{query}").context["cl"].result_list)


def rows(client, query=""):
    html = text(client.get(f"{LIST}?{query}"))
    return html[html.index("<tbody>") : html.index("</tbody>")]


# --- a row ---


def test_a_row_tells_kind_plan_and_platform(staff, made):
    made(kind="cps", cps_item_type=2, platform_name="山里人家")
    assert "promoted for others · exclusive plan · 山里人家" in rows(staff)


def test_a_row_tells_why_it_is_banned_and_what_to_apply_for(staff, made):
    made(banned=True, banned_reason=1, need_apply_category_id="7310", need_apply_category_name="茶叶")
    assert "apply for the category “茶叶” (7310) first" in rows(staff)


def test_a_category_without_number_is_told_without_empty_brackets(staff, made):
    made(banned=True, banned_reason=1, need_apply_category_name="茶叶")
    assert "“茶叶” first." in rows(staff)


def test_a_row_counts_down_a_running_discount(staff, made):
    end = timezone.now() + timezone.timedelta(hours=5, minutes=30)
    made(discount_running=True, discount_end=end, discount_price="99.00")
    local = timezone.localtime(end)
    found = rows(staff).replace("\xa0", " ")
    assert "¥99.00, 5 hours, " in found and f"{local:%H:%M}" in found


def test_a_discount_that_is_over_is_told_no_more(staff, made):
    made(discount_running=True, discount_end=timezone.now(), discount_price="99.00")
    assert "¥99.00" not in rows(staff)


def test_a_discount_without_an_end_says_so(staff, made):
    made(discount_running=True, discount_price="99.00")
    assert "¥99.00, end not told" in rows(staff)


def test_a_row_with_a_picture_asks_for_it_in_a_safe_way(staff, made):
    made(img_url="http://mmecimage.cn/p/a")
    made(img_url="javascript:alert(1)")
    found = rows(staff)
    assert 'src="https://mmecimage.cn/p/a"' in found and "javascript:" not in found


def test_what_wechat_tells_is_shown_as_text(staff, made):
    made(title="<script>alert(1)</script>", platform_name="<b>", branch_name="<i>", branch_status=1)
    found = rows(staff)
    assert "<script>" not in found and "<b>" not in found and "<i>" not in found


def test_the_list_can_be_sorted_by_every_column_that_offers_it(staff, made):
    made(), made()
    for column in range(1, 9):
        assert staff.get(f"{LIST}?o={column}").status_code == 200


def test_sorting_by_state_sorts_by_state(staff, made):
    made(title="second", status=2, in_window=False), made(title="first")
    shown = [str(p) for p in staff.get(f"{LIST}?o=5").context["cl"].result_list]
    assert shown == ["first", "second"]


# --- words for the numbers ---


def told(product) -> str:
    with translation.override("en"):
        return f"{state_pill(product)} {short_answer(product)} {full_answer(product)}"


def test_an_unknown_state_is_shown_with_its_number(staff, made):
    made(status=7)
    assert "unknown (7)" in rows(staff)


def test_an_unknown_reason_of_a_ban_is_shown_with_its_number(staff, made):
    made(banned=True, banned_reason=9)
    assert "unknown (9)" in rows(staff)


def test_an_unknown_plan_is_shown_with_its_number(staff, made):
    made(kind="cps", cps_item_type=8)
    assert "unknown (8)" in rows(staff)


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"branch_status": 6, "branch_name": "西湖店"}, 6),
        ({"product_source": 5}, 5),
        ({"status": 4}, 4),
        ({"banned": True, "banned_reason": 3}, 3),
        ({"kind": "cps", "cps_item_type": -2}, -2),
    ],
    ids=str,
)
def test_unknown_numbers_are_shown_on_the_page(staff, made, fields, number):
    product = made(**fields)
    url = reverse("admin:goods_windowproduct_change", args=[product.pk])
    assert f"unknown ({number})" in text(staff.get(url))


def test_a_ban_without_a_reason_says_so(made):
    assert "WeChat does not say why." in told(made(banned=True))


CHOICES = [Kind, WindowStatus, BanReason, BranchStatus, PlanType, Source]


@pytest.mark.parametrize("value", [value for choices in CHOICES for value in choices], ids=repr)
def test_every_value_has_a_text(value):
    with translation.override("en"):
        assert str(value.label) and not str(value.label).isdigit()


ADVICE = {
    "off sale": ({"status": 2, "in_window": False}, "follows its shop"),
    "off sale, promoted": ({"status": 2, "in_window": False, "kind": "cps"}, "in the selection centre"),
    "deleted": ({"status": 3, "in_window": False}, "make it anew in its shop"),
    "unknown state": ({"status": 9}, "Look into Channels Assistant"),
    "banned": ({"banned": True, "banned_reason": 0}, "Ask the shop why"),
    "to apply": ({"banned": True, "banned_reason": 1}, "Apply for the category"),
    "branch": ({"banned": True, "banned_reason": 2}, "once the branch is open"),
    "unknown reason": ({"banned": True, "banned_reason": 7}, "Look into Channels Assistant"),
    "branch closed": ({"branch_name": "西湖店", "branch_status": 1}, "once the branch is open"),
    "left": ({"missing_since": "2026-11-01T00:00:00Z", "in_window": False}, "comes back when its shop"),
    "refused": ({"errcode": 10022008, "in_window": False, "status": None}, "Check the AppID"),
}


@pytest.mark.parametrize("name", ADVICE)
def test_what_keeps_buyers_from_it_comes_with_advice(made, name):
    fields, words = ADVICE[name]
    assert words in told(made(**fields))


def test_what_is_as_it_should_be_needs_no_advice(made):
    with translation.override("en"):
        assert (short_answer(made()), full_answer(made())) == ("", "")


def test_states_are_told_as_words(made):
    states = {
        "in the window": made(),
        "not in the window": made(status=2, in_window=False),
        "deleted in its shop": made(status=3, in_window=False),
        "left the window": made(in_window=False, missing_since=timezone.now()),
        "not read yet": made(status=None),
        "only here": made(status=None, in_window=False),
    }
    with translation.override("en"):
        assert all(f">{words}</span>" in state_pill(product) for words, product in states.items())


# --- filters ---


@pytest.fixture
def window(made):
    end = timezone.now() + timezone.timedelta(hours=1)
    return [
        made(title="plain", platform_name="茶铺小店", stock=5),
        made(title="off", status=2, in_window=False),
        made(title="deleted", status=3, in_window=False),
        made(title="left", in_window=False, missing_since=timezone.now(), banned=True),
        made(title="here", status=None, in_window=False),
        made(title="unread", status=None),
        made(title="banned", banned=True, banned_reason=0),
        made(title="hidden", is_hide_for_window=True),
        made(title="discount", discount_running=True, discount_end=end),
        made(title="over", discount_running=True, discount_end=timezone.now()),
        made(title="endless", discount_running=True),
        made(title="sold out", stock=0),
        made(title="promoted", kind="cps", cps_item_type=0, platform_name="山里人家"),
        made(title="exclusive", kind="cps", cps_item_type=2),
        made(title="own with a zero", cps_item_type=0),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=cps", ["exclusive", "promoted"]),
        ("state=2", ["off"]),
        ("state=3", ["deleted"]),
        ("state=left", ["left"]),
        ("state=here", ["here"]),
        ("state=unread", ["unread"]),
        ("special=banned", ["banned"]),
        ("special=hidden", ["hidden"]),
        ("special=discount", ["discount", "endless"]),
        ("special=out", ["sold out"]),
        ("plan=0", ["promoted"]),
        ("plan=2", ["exclusive"]),
        ("platform=茶铺小店", ["plain"]),
        ("platform=山里人家&kind=cps", ["promoted"]),
    ],
)
def test_a_filter_shows_what_it_says(staff, window, query, expected):
    assert titles(staff, query) == expected


def test_a_filter_offers_the_platforms_there_are(staff, window):
    page = staff.get(LIST)
    (spec,) = [spec for spec in page.context["cl"].filter_specs if spec.title == "platform"]
    assert {name for name, _words in spec.lookup_choices} == {"茶铺小店", "山里人家"}


@pytest.mark.parametrize(
    "query",
    ["state=zzz", "state=%00", "plan=abc", "plan=9e99", "special=1", "kind=x", "platform=%27", "state=9"],
)
def test_nonsense_in_a_filter_does_not_break_the_list(staff, window, query):
    assert staff.get(f"{LIST}?{query}").status_code in (200, 302)


@pytest.mark.parametrize("term", ["白茶", "4711", "5822", "TEA-7", "茶铺小店"])
def test_search_finds_titles_numbers_and_platforms(staff, made, term):
    made(title="别的")
    made(
        title="福鼎白茶", product_id="4711", kind="cps", cps_id="5822", out_product_id="TEA-7",
        platform_name="茶铺小店",
    )  # fmt: skip
    assert titles(staff, f"q={term}") == ["福鼎白茶"]


def test_every_number_of_the_start_page_leads_to_as_many_rows(staff, window):
    for figure in admin.site.get_model_admin(WindowProduct).overview():
        assert staff.get(figure.url).context["cl"].result_count == figure.count, figure.label


# --- cost ---


def test_a_list_of_twenty_costs_the_queries_of_a_list_of_one(staff, made):
    def one(number):
        made(img_url="https://mmecimage.cn/p/a", drift=["hide"], drifted_at=timezone.now(), hide=True)
        made(kind="cps", banned=True, banned_reason=1, need_apply_category_name="茶叶")

    one(0)
    few = queries(staff, LIST)
    for number in range(19):
        one(number)
    assert queries(staff, LIST) == few


# --- the file ---


def test_the_list_can_be_exported(staff, window):
    answer = staff.post(LIST, {"action": "export_csv", "_selected_action": [p.pk for p in window]})
    table = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    by_title = {row["Title"]: row for row in table}
    assert by_title["exclusive"]["Kind of plan"] == "exclusive plan"
    assert (by_title["off"]["State"], by_title["plain"]["Stock"]) == ("not in the window", "5")


def test_an_export_keeps_every_digit_of_an_id(staff, made):
    product = made(product_id=str(2**64 - 1))
    answer = staff.post(LIST, {"action": "export_csv", "_selected_action": [product.pk]})
    assert str(2**64 - 1) in b"".join(answer.streaming_content).decode("utf-8-sig")


# --- actions ---


def chosen(client, action, *products):
    data = {"action": action, "_selected_action": [product.pk for product in products]}
    return client.post(LIST, data, follow=True)


@pytest.mark.parametrize(
    ("action", "words"), [("push_add", "is in the window already"), ("push_off", "without effect")]
)
def test_an_action_leads_to_its_plan(staff, shown, action, words):
    page = chosen(staff, action, shown())
    assert page.request["PATH_INFO"].endswith("/plan/") and words in text(page)


def test_refresh_has_the_product_read(staff, shown):
    product = shown()
    chosen(staff, "refresh", product)
    product.refresh_from_db()
    assert product.look_at is not None


def test_the_values_of_wechat_are_taken_over_in_bulk(staff, shown, empty, account):
    product = shown()
    empty.change_window(int(product.product_id), hidden=True)
    look(account)
    page = chosen(staff, "take_theirs", product)
    product.refresh_from_db()
    assert (product.hide, product.drift, len(said(page))) == (True, [], 1)


def test_a_viewer_may_neither_add_nor_send(made):
    product = made()
    client = browser_of("view_windowproduct")
    page = text(client.get(LIST))
    assert 'value="push_off"' not in page and f"{LIST}add/" not in page and f"{LIST}pull/" not in page
    assert client.post(f"{LIST}pull/").status_code == 403
    assert chosen(client, "push_off", product).status_code == 200
    assert not product.pushes().exists()


def test_a_pull_is_asked_for_by_a_button(staff, account, empty):
    empty.make_window()
    assert staff.post(f"{LIST}pull/").status_code == 302
    pull(account)
    assert WindowProduct.objects.count() == 1


def test_the_page_has_no_row_of_another_kind(staff, made, make_goods):
    made()
    assert titles(staff, "") == [str(WindowProduct.objects.get())]
