"""Pages of freight templates: rules as rows, what is wrong at its field, buttons, copies."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from goods.models import Courier, FreightTemplate
from tests.goods.store.freights import charge, everywhere, free
from tests.people import browser_of, form_of, queries, said, text
from tests.roles.walk import form_of as filled_form

LIST = reverse("admin:goods_freighttemplate_changelist")
ADD = reverse("admin:goods_freighttemplate_add")


@pytest.fixture(autouse=True)
def english(settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"


def row(field: str, index: int, **values: str) -> dict[str, str]:
    return {f"{field}-{index}-{name}": value for name, value in values.items()}


DEFAULT = row(
    "charge_rules", 0, is_default="1", first_amount="1", first_price="8", more_amount="1", more_price="2"
)


@pytest.fixture
def entered(account):
    """What a browser sends for a new template."""
    return {
        "account": account.pk, "name": "全国", "valuation_type": 1, "send_time": 7, "delivery_type": 1,
        "shipping_method": 2, "charge_rules-rows": 2, "free_rules-rows": 2, "not_send": "", "dispatch": "",
        **DEFAULT,
    }  # fmt: skip


def only() -> FreightTemplate:
    return FreightTemplate.objects.get()


def errors(page: Any) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in page.context["adminform"].form.errors.items()}


# --- entering ---


def test_rules_are_kept_as_they_were_entered(staff, entered):
    entered |= row("charge_rules", 1, places="青海省\n宁夏", first_amount="1", first_price="18",
                   more_amount="1", more_price="12.5", courier="SF")  # fmt: skip
    entered |= row("free_rules", 0, places="福建省、浙江省 温州市", min_pieces="2", min_amount="99")
    staff.post(ADD, entered | {"not_send": "西藏", "dispatch": "福建省 宁德市 福鼎市"})
    template = only()
    assert template.charge_rules == [
        everywhere("1", "8", "1", "2"),
        charge([["青海省"], ["宁夏回族自治区"]], "1", "18", "1", "12.5", courier="SF"),
    ]
    assert template.free_rules == [
        free([["福建省"], ["浙江省", "温州市"]], min_pieces="2", min_amount="99.00")
    ]
    assert (template.not_send, template.dispatch) == ([["西藏自治区"]], ["福建省", "宁德市", "福鼎市"])


def test_a_form_saved_as_it_is_shown_changes_nothing(staff, make_template):
    template = make_template(
        charge_rules=[everywhere("1.5", "8.05", "0.5", "2"), charge([["青海省"]], "1", "9", "1", "9")],
        free_rules=[free([["福建省"], ["浙江省", "温州市"]], min_weight="2.5")],
        not_send=[["西藏自治区"]], dispatch=["福建省", "宁德市", "福鼎市"], valuation_type=2,
        delivery_ids=["SF"],
    )  # fmt: skip
    before = FreightTemplate.objects.filter(pk=template.pk).values().get()
    assert staff.post(form_of(template), filled_form(staff, form_of(template))).status_code == 302
    assert FreightTemplate.objects.filter(pk=template.pk).values().get() == before


def test_an_emptied_row_is_a_rule_taken_away(staff, make_template):
    rules = [everywhere("1", "8", "1", "2"), charge([["青海省"]], "1", "9", "1", "9")]
    template = make_template(charge_rules=rules)
    sent = filled_form(staff, form_of(template))
    names = ("places", "first_amount", "first_price", "more_amount", "more_price", "courier")
    sent |= row("charge_rules", 1, **dict.fromkeys(names, ""))
    staff.post(form_of(template), sent)
    assert only().charge_rules == rules[:1]


def test_there_are_empty_rows_without_a_script(staff, make_template):
    page = text(staff.get(form_of(make_template())))
    assert 'name="charge_rules-rows" value="3"' in page and 'name="free_rules-rows" value="2"' in page


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"charge_rules-0-first_price": "abc"}, "charge_rules", "Rule 1, cost (yuan): “abc” is no number."),
        ({"charge_rules-0-first_price": "0.001"}, "charge_rules", "at most two decimals"),
        ({"charge_rules-0-more_amount": "1e99"}, "charge_rules", "is no number"),
        ({"free_rules-0-min_pieces": "x"}, "free_rules", "Rule 1, From pieces"),
        ({"dispatch": "福建省\n浙江省"}, "dispatch", "Enter one place."),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(staff, entered, change, field, words):
    page = staff.post(ADD, entered | change)
    assert list(errors(page)) == [field] and words in errors(page)[field][0]
    assert not FreightTemplate.objects.exists()


def test_what_was_typed_is_shown_again_beside_its_error(staff, entered):
    page = text(staff.post(ADD, entered | {"charge_rules-0-first_price": "abc", "not_send": "西藏"}))
    assert 'value="abc"' in page and "西藏" in page


def test_a_draft_may_break_rules_and_says_so_at_its_field(staff, entered):
    page = staff.post(ADD, entered | {"charge_rules-0-is_default": ""}, follow=True)
    assert "Saved as a draft. 1 field has to be corrected" in said(page)[-2]
    shown = text(staff.get(form_of(only())))
    assert 'class="problem">Add what shipping costs everywhere else' in shown


def test_what_is_at_wechat_may_not_break_rules(staff, make_template, send):
    template = make_template()
    send("add", template)
    sent = filled_form(staff, form_of(template))
    page = staff.post(form_of(template), sent | {"charge_rules-0-first_amount": "0"})
    assert errors(page)["charge_rules"] == ["Rule 1: Enter a number of pieces above 0."]


def test_a_place_that_is_not_known_is_told_with_proposals(staff, entered):
    staff.post(ADD, entered | {"not_send": "朝阳区"})
    assert "“北京市 北京市 朝阳区” or “吉林省 长春市 朝阳区”" in only().problems()["not_send"][0]


# --- couriers, copies, places ---


def test_couriers_are_boxes_to_tick(staff, entered, account):
    for courier, name in (("SF", "顺丰速运"), ("JD", "京东快递")):
        Courier.objects.create(account=account, delivery_id=courier, name=name)
    staff.post(ADD, entered | {"delivery_ids": ["JD", "SF"]})
    assert sorted(only().delivery_ids) == ["JD", "SF"]


def test_a_courier_that_wechat_has_dropped_stays_ticked(staff, make_template):
    template = make_template(delivery_ids=["OLD"])
    assert "OLD" in filled_form(staff, form_of(template))["delivery_ids"]


def test_a_copy_begins_with_the_rules_and_codes_of_its_source(staff, make_template):
    source = make_template(send_time=12, not_send=[["西藏自治区"]])
    filled = filled_form(staff, f"{ADD}?copy={source.pk}")
    assert (filled["send_time"], filled["not_send"][0].strip()) == (["12"], "西藏自治区")
    assert filled["name"] == [f"{source.name} (copy)"]
    assert filled["charge_rules-0-first_price"] == ["8.00"]


def test_a_copy_of_nothing_is_an_empty_form(staff, account):
    assert staff.get(f"{ADD}?copy=x").status_code == 200


def test_the_form_of_a_new_one_offers_copies(staff, make_template):
    source = make_template()
    assert f"?copy={source.pk}" in text(staff.get(ADD))


def test_codes_are_shown_as_what_they_are(staff, make_template, send):
    template = make_template(send_time=12)
    send("add", template)
    assert "code 12" in text(staff.get(form_of(template)))


def test_places_to_pick_are_handed_out_to_be_kept(staff):
    page = staff.get(reverse("admin:goods_freighttemplate_regions"))
    assert len(page.json()) == 34 and "max-age" in page["Cache-Control"]


# --- two people ---


def test_what_a_colleague_changed_meanwhile_is_kept(staff, make_template):
    template = make_template()
    sent = filled_form(staff, form_of(template))
    FreightTemplate.objects.filter(pk=template.pk).update(not_send=[["西藏自治区"]])
    staff.post(form_of(template), sent | {"name": "改名"})
    assert (only().name, only().not_send) == ("改名", [["西藏自治区"]])


def test_what_both_changed_is_told_and_decided_by_saving_again(staff, make_template):
    template = make_template()
    sent = filled_form(staff, form_of(template)) | {"name": "我的"}
    FreightTemplate.objects.filter(pk=template.pk).update(name="她的")
    page = staff.post(form_of(template), sent)
    assert "她的" in errors(page)["name"][0] and only().name == "她的"
    again = sent | {"shown": page.context["adminform"].form.shown()}
    staff.post(form_of(template), again)
    assert only().name == "我的"


# --- list, buttons, comparison ---


def test_the_list_says_what_shipping_costs(staff, make_template):
    make_template(charge_rules=[everywhere("1", "8", "1", "2"), charge([["青海省"]], "1", "9", "1", "9")])
    page = text(staff.get(LIST))
    assert "everywhere else: first 1 pc. ¥8.00, each further 1 pc. ¥2.00" in page and "1 more rule" in page


def test_the_list_costs_the_same_for_many(staff, make_template):
    couriers = {"delivery_ids": ["SF"], "charge_rules": [charge([], "1", "8", "1", "2", courier="SF")]}
    make_template(**couriers)
    few = queries(staff, LIST)
    for _ in range(10):
        make_template(**couriers)
    assert queries(staff, LIST) == few


@pytest.mark.parametrize("action", ["push_add", "push_update", "refresh", "take_theirs", "export_csv"])
def test_every_action_answers(staff, make_template, action):
    template = make_template()
    page = staff.post(LIST, {"action": action, "_selected_action": [template.pk]}, follow=True)
    assert page.status_code == 200


def test_the_button_leads_to_the_plan(staff, make_template):
    template = make_template()
    sent = filled_form(staff, form_of(template))
    page = staff.post(form_of(template), sent | {"_push": "add"}, follow=True)
    assert "It counts at once, without a review." in text(page)


def test_taking_theirs_from_the_form(staff, make_template, send):
    template = make_template()
    send("add", template)
    template.remote["name"] = "console"
    template.drift = ["name"]
    template.save()
    page = staff.get(form_of(template))
    staff.post(page.context["take_url"], {"take": "name", "seen": page.context["seen"]})
    assert only().name == "console"


def test_a_refusal_is_told_on_the_form(staff, make_template, send):
    template = make_template()
    send("add", template)
    FreightTemplate.objects.update(errcode=9401034, errmsg="freight template is illegal")
    assert "9401034" in text(staff.get(form_of(template)))


@pytest.mark.parametrize(("state", "shown"), [("here", "draft"), ("there", "sent"), ("", "both")])
def test_the_list_can_be_narrowed_to_what_wechat_has(staff, make_template, send, state, shown):
    make_template(name="draft")
    send("add", make_template(name="sent"))
    rows = staff.get(LIST, {"state": state} if state else {}).context["cl"].result_list
    names = {template.name for template in rows}
    assert names == ({"draft", "sent"} if shown == "both" else {shown})


def test_the_start_page_counts_them(staff, make_template, send):
    make_template(charge_rules=[])
    send("add", make_template())
    figures = dict(staff.get(reverse("admin:index")).context["overviews"])["Freight templates"]
    assert [figure.count for figure in figures] == [0, 1, 1]
    assert [len(staff.get(figure.url).context["cl"].result_list) for figure in figures] == [0, 1, 1]


def test_refresh_says_when_there_is_nothing_to_read(staff, make_template):
    data = {"action": "refresh", "_selected_action": [make_template().pk]}
    assert said(staff.post(LIST, data, follow=True)) == [
        "None of the selected freight templates is at WeChat."
    ]


def test_refresh_says_that_all_are_read(staff, make_template):
    data = {"action": "refresh", "_selected_action": [make_template(template_id="42").pk]}
    assert said(staff.post(LIST, data, follow=True)) == [
        "Freight templates are being read from WeChat. Reload the page in a few seconds."
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [("freighttemplate", "Freight templates"), ("spu", "Products (SPU)"), ("livegoods", "Live goods")],
)
def test_reading_everything_says_what_is_read(staff, account, name, words):
    page = staff.post(reverse(f"admin:goods_{name}_pull"), follow=True)
    assert said(page) == [f"{words} are being read from WeChat."]


# --- roles ---


def test_who_may_only_look_reads_rules_in_words(make_template):
    template = make_template(not_send=[["西藏自治区"]])
    page = text(browser_of("view_freighttemplate").get(form_of(template)))
    assert "everywhere else: first 1 pc." in page and "西藏自治区" in page
    assert "first_price" not in page and "_save" not in page


def test_who_may_only_edit_sees_no_button_to_send(make_template):
    client = browser_of("view_freighttemplate", "change_freighttemplate")
    assert 'name="_push"' not in text(client.get(form_of(make_template())))


def test_what_is_at_wechat_is_not_deleted_here(staff, make_template, send):
    template = make_template()
    send("add", template)
    assert staff.post(form_of(template).replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_what_is_missing_at_wechat_can_be_deleted_here(staff, make_template):
    template = make_template(template_id="42", missing_since=timezone.now())
    staff.post(form_of(template).replace("change", "delete"), {"post": "yes"})
    assert not FreightTemplate.objects.exists()


def test_a_template_that_products_name_is_not_deleted(staff, make_template, make_spu):
    template = make_template()
    make_spu(freight_template=template)
    staff.post(form_of(template).replace("change", "delete"), {"post": "yes"})
    assert FreightTemplate.objects.filter(pk=template.pk).exists()
