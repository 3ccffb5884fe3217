"""The pages of live goods: list, form, plan. What a clerk sees, may do, and cannot break."""

import io
import re
import struct
import zlib
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from PIL import Image

from audits.models import Batch, Push
from goods.live.choices import AuditStatus
from goods.models import LiveGoods
from tests.conftest import png
from tests.people import ADD, LIST, browser_of, choose, form_of, queries, said, text

EVIL = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
DRAFT, UNAUDITED, AUDITING, APPROVED, REJECTED = "draft", 0, 1, 2, 3


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def goods_at(make_goods):
    """Build goods in a state at WeChat, which has exactly what we have; or a draft."""
    number = 900

    def make(status, **fields):
        nonlocal number
        number += 1
        if status == DRAFT:
            return make_goods(**fields)
        at_wechat = {"goods_id": str(number), "audit_id": "77", "audit_status": status, "third_party_tag": 2}
        goods = make_goods(**at_wechat | fields)
        remote = {
            "name": goods.name, "url": goods.url, "price_type": goods.price_type,
            "price": str(goods.price or ""), "price2": str(goods.price2 or ""), "third_party_appid": "",
            "cover_img_url": "",
        }  # fmt: skip
        LiveGoods.objects.filter(pk=goods.pk).update(
            remote=remote | fields.get("remote", {}), cover_sent=goods.cover.name
        )
        goods.refresh_from_db()
        return goods

    return make


def filled(goods, **changes):
    """What the browser sends of the goods' form."""
    values = {
        "account": goods.account_id, "product_no": goods.product_no, "name": goods.name,
        "price_type": goods.price_type, "price": goods.price or "", "price2": goods.price2 or "",
        "url": goods.url, "third_party_appid": goods.third_party_appid,
    }  # fmt: skip
    untouched = {f"initial-{name}": value for name, value in values.items()}
    return {"_save": "1", **values, **untouched, **changes}


def save(client, goods, **changes):
    answer = client.post(form_of(goods), filled(goods, **changes), follow=True)
    goods.refresh_from_db()
    return answer


def errors(response):
    return dict(response.context["adminform"].form.errors)


def changed(goods, **fields):
    LiveGoods.objects.filter(pk=goods.pk).update(**fields)
    goods.refresh_from_db()
    return goods


def shown(response):
    """The names of the products that the list shows."""
    return [goods.name for goods in response.context["cl"].result_list]


def plan_url():
    return reverse("admin:audits_batch_plan", args=[Batch.objects.latest("id").pk])


# --- Bulk actions ---


CASES = {
    "push_add": (DRAFT, {}),
    "push_update": (APPROVED, {"price": Decimal("45.50")}),
    "push_withdraw": (AUDITING, {}),
    "push_resubmit": (REJECTED, {}),
    "push_delete": (APPROVED, {}),
}


@pytest.mark.parametrize(("action", "state", "change"), [(a, *c) for a, c in CASES.items()], ids=CASES)
def test_every_bulk_action_leads_to_a_plan_that_sends_what_may_be_sent(
    staff, goods_at, action, state, change
):
    goods = changed(goods_at(state), **change)
    page = choose(staff, action, goods)
    assert page.redirect_chain == [(plan_url(), 302)]
    assert re.search(r"1 record will be (sent|deleted at WeChat)\.", text(page))


@pytest.mark.parametrize(("action", "state", "change"), [(a, *c) for a, c in CASES.items()], ids=CASES)
def test_confirming_a_plan_writes_its_pushes_and_shows_their_batch(staff, goods_at, action, state, change):
    goods = changed(goods_at(state), **change)
    choose(staff, action, goods)
    page = staff.post(plan_url(), follow=True)
    push = Push.objects.get()
    assert f"push_{push.operation}" == action
    assert page.redirect_chain == [(form_of(push.batch), 302)]
    assert [words.partition(" <a ")[0] for words in said(page)] == ["1 push is on its way."]


def test_refreshing_marks_what_is_at_wechat_and_leaves_the_reading_to_the_worker(
    staff, goods_at, sim, django_capture_on_commit_callbacks
):
    goods = goods_at(AUDITING)
    with django_capture_on_commit_callbacks(execute=True):
        page = choose(staff, "refresh", goods, goods_at(DRAFT))
    goods.refresh_from_db()
    assert goods.look_at <= timezone.now()
    assert said(page) == ["1 product is being read from WeChat. Reload the page in a few seconds."]
    assert (OrmQ.objects.get().task["func"], sim.calls()) == ("goods.tasks.look", [])


def test_refreshing_only_drafts_says_that_there_is_nothing_to_read(staff, goods_at):
    assert said(choose(staff, "refresh", goods_at(DRAFT))) == ["None of the selected products is at WeChat."]


def test_all_that_match_a_filter_can_be_selected_at_once(staff, goods_at):
    wanted = [goods_at(REJECTED), goods_at(REJECTED)]
    goods_at(APPROVED)
    choose(staff, "push_resubmit", wanted[0], query="?state=3", select_across="1")
    assert sorted(Batch.objects.get().selection) == [goods.pk for goods in wanted]


def test_an_action_without_a_selection_makes_no_batch(staff, goods_at):
    goods_at(DRAFT)
    assert "Items must be selected" in said(choose(staff, "push_add", index="0"))[0]
    assert not Batch.objects.exists()


def test_an_unknown_action_does_nothing(staff, goods_at):
    choose(staff, "delete_selected", goods_at(DRAFT), post="yes")
    assert LiveGoods.objects.count() == 1


# --- The plan ---


def test_the_plan_of_a_submission_shows_the_price(staff, goods_at):
    page = choose(
        staff, "push_add", goods_at(DRAFT, price_type=3, price=Decimal(120), price2=Decimal("99.5"))
    )
    assert "¥99.50 <del>¥120.00</del>" in text(page)


def test_the_plan_of_an_update_shows_old_and_new(staff, goods_at):
    goods = changed(goods_at(APPROVED), price=Decimal("45.50"))
    assert "<del>¥68.00</del> → <strong>¥45.50</strong>" in text(choose(staff, "push_update", goods))


def test_the_plan_names_what_is_left_out_with_the_reason(staff, goods_at):
    page = text(choose(staff, "push_add", goods_at(DRAFT), goods_at(APPROVED, name="已经在微信的商品")))
    left_out = page[page.index("Left out") :]
    assert "1 is left out." in page
    assert "已经在微信的商品" in left_out and "It is at WeChat already." in left_out


def test_what_is_being_sent_already_is_left_out(staff, goods_at, push):
    goods = goods_at(DRAFT)
    batch = push("add", goods)
    assert f"It is already being sent (batch #{batch.pk})" in text(choose(staff, "push_add", goods))


def test_the_plan_of_a_deletion_warns(staff, goods_at):
    assert "This cannot be undone." in text(choose(staff, "push_delete", goods_at(APPROVED)))


def test_looking_at_a_plan_sends_nothing(staff, goods_at, sim):
    choose(staff, "push_add", goods_at(DRAFT))
    staff.get(plan_url())
    assert (Push.objects.count(), sim.calls()) == (0, [])


def test_confirming_twice_makes_one_set_of_pushes(staff, goods_at):
    choose(staff, "push_add", goods_at(DRAFT), goods_at(DRAFT))
    url = plan_url()
    staff.post(url)
    staff.post(url)
    assert Push.objects.count() == 2


def test_a_confirmed_plan_leads_to_its_batch(staff, goods_at):
    choose(staff, "push_add", goods_at(DRAFT))
    url = plan_url()
    staff.post(url)
    assert staff.get(url).url == form_of(Batch.objects.get())


def test_confirming_a_plan_that_has_nothing_to_send_says_so(staff, goods_at):
    choose(staff, "push_add", goods_at(APPROVED))
    page = staff.post(plan_url(), follow=True)
    assert said(page) == ["Nothing was sent: none of the selected records may be sent now."]


def test_a_plan_with_nothing_to_send_has_no_confirm_button(staff, goods_at):
    assert 'name="confirm"' not in text(choose(staff, "push_add", goods_at(APPROVED)))


def test_without_a_csrf_token_nothing_is_confirmed(staff, goods_at):
    choose(staff, "push_add", goods_at(DRAFT))
    staff.handler.enforce_csrf_checks = True
    assert staff.post(plan_url()).status_code == 403


# --- Queries ---


def test_a_long_list_costs_no_more_queries_than_a_short_one(staff, goods_at):
    goods_at(DRAFT)
    few = queries(staff, LIST)
    for _ in range(19):
        goods_at(APPROVED)
    assert queries(staff, LIST) == few


def test_open_pushes_cost_the_list_no_further_queries(staff, goods_at, push):
    push("add", goods_at(DRAFT))
    few = queries(staff, LIST)
    push("add", *(goods_at(DRAFT) for _ in range(19)))
    assert queries(staff, LIST) == few


def test_a_long_plan_costs_no_more_queries_than_a_short_one(staff, goods_at):
    first = goods_at(DRAFT)
    choose(staff, "push_add", first)
    few = queries(staff, plan_url())
    choose(staff, "push_add", first, *(goods_at(DRAFT) for _ in range(19)))
    assert queries(staff, plan_url()) == few


# --- The form's buttons ---


def buttons(page):
    return {button["operation"].value: str(button["reason"]) for button in page.context["push_buttons"]}


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        (DRAFT, {"add"}),
        (UNAUDITED, {"update", "resubmit", "delete"}),
        (AUDITING, {"withdraw"}),
        (APPROVED, {"update", "delete"}),
        (REJECTED, {"update", "resubmit", "delete"}),
    ],
)
def test_the_buttons_of_what_a_state_does_not_allow_are_greyed_with_the_reason(
    staff, goods_at, state, possible
):
    page = staff.get(form_of(goods_at(state)))
    found = buttons(page)
    assert {operation for operation, reason in found.items() if not reason} == possible
    assert text(page).count('" disabled aria-describedby="why-') == 5 - len(possible)
    assert all(reason in text(page) for reason in found.values() if "“" not in reason)


def test_while_a_push_is_open_every_button_says_to_wait(staff, goods_at, push):
    goods = goods_at(DRAFT)
    push("add", goods)
    assert set(buttons(staff.get(form_of(goods))).values()) == {"It is being sent: wait for the result."}


def test_a_button_saves_what_was_typed_and_leads_to_the_plan(staff, goods_at):
    goods = goods_at(DRAFT)
    page = save(staff, goods, name="云南小粒咖啡豆新", _push="add")
    assert goods.name == "云南小粒咖啡豆新" and page.redirect_chain == [(plan_url(), 302)]


def test_a_button_on_a_new_product_saves_it_and_leads_to_the_plan(staff, goods_at):
    values = filled(goods_at(DRAFT), product_no="", _push="add", cover=picture(png()))
    page = staff.post(ADD, values, follow=True)
    assert LiveGoods.objects.count() == 2 and page.redirect_chain == [(plan_url(), 302)]


def test_a_made_up_button_only_saves(staff, goods_at):
    save(staff, goods_at(DRAFT), _push="explode")
    assert not Batch.objects.exists()


def test_goods_made_in_the_console_cannot_be_changed(staff, goods_at):
    goods = goods_at(APPROVED, third_party_tag=0)
    assert staff.post(form_of(goods), filled(goods, name="改名的商品")).status_code == 403


def test_the_form_of_goods_made_in_the_console_has_nothing_to_type_or_press(staff, goods_at):
    page = text(staff.get(form_of(goods_at(APPROVED, third_party_tag=0))))
    assert 'name="name"' not in page and 'name="_push"' not in page and 'name="_save"' not in page
    assert "hand, in the live console (read-only here)" in page


def test_somebody_who_may_push_but_not_change_sees_no_dead_buttons(goods_at):
    client = browser_of("view_livegoods", "push_livegoods")
    page = text(client.get(form_of(goods_at(DRAFT))))
    assert 'name="_push"' not in page and 'name="name"' not in page


def test_somebody_who_may_push_but_not_change_uses_the_bulk_actions(goods_at):
    client = browser_of("view_livegoods", "push_livegoods")
    choose(client, "push_add", goods_at(DRAFT))
    page = client.post(plan_url(), follow=True)
    assert page.status_code == 200 and Push.objects.count() == 1


def test_a_viewer_is_offered_nothing_that_sends(goods_at):
    client, goods = browser_of("view_livegoods"), goods_at(DRAFT)
    pages = text(client.get(LIST)) + text(client.get(form_of(goods)))
    assert "push_add" not in pages and 'name="_push"' not in pages and "Pull from WeChat" not in pages


def test_a_viewers_bulk_action_is_refused(goods_at):
    choose(browser_of("view_livegoods"), "push_add", goods_at(DRAFT))
    assert not Batch.objects.exists()


def test_a_button_pressed_without_the_permission_saves_and_sends_nothing(goods_at):
    client, goods = browser_of("view_livegoods", "change_livegoods"), goods_at(DRAFT)
    page = save(client, goods, name="云南小粒咖啡豆新", _push="add")
    assert "You may not do this." in said(page)
    assert goods.name == "云南小粒咖啡豆新" and not Batch.objects.exists()


def test_who_may_push_may_not_delete_at_wechat_by_that(goods_at):
    client = browser_of("view_livegoods", "push_livegoods")
    choose(client, "push_delete", goods_at(APPROVED))
    assert not Batch.objects.exists()


# --- Pulling the library ---


def test_pulling_asks_for_every_account_to_be_read(staff, account, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        page = staff.post(reverse("admin:goods_livegoods_pull"), follow=True)
    assert OrmQ.objects.get().task["func"] == "goods.tasks.pull"
    assert "the library is being read…" in text(page)


def test_a_viewer_may_not_pull(account, db):
    assert browser_of("view_livegoods").post(reverse("admin:goods_livegoods_pull")).status_code == 403


def test_opening_the_address_of_the_pull_reads_nothing(staff, account):
    staff.get(reverse("admin:goods_livegoods_pull"))
    assert not account.reading_set.exists()


# --- Deleting records ---


def delete(client, goods):
    return client.post(reverse("admin:goods_livegoods_delete", args=[goods.pk]), {"post": "yes"}).status_code


def test_a_draft_can_be_deleted(staff, goods_at):
    delete(staff, goods_at(DRAFT))
    assert not LiveGoods.objects.exists()


def test_a_record_of_what_is_at_wechat_cannot_be_deleted(staff, goods_at):
    assert (delete(staff, goods_at(REJECTED)), LiveGoods.objects.count()) == (403, 1)


def test_a_record_with_an_open_push_cannot_be_deleted(staff, goods_at, push):
    goods = goods_at(DRAFT)
    push("add", goods)
    assert (delete(staff, goods), LiveGoods.objects.count()) == (403, 1)


def test_deleting_many_records_is_not_offered(staff, goods_at):
    goods_at(DRAFT)
    assert "delete_selected" not in text(staff.get(LIST))


# --- Saving ---


def test_saving_leaves_alone_what_the_worker_wrote_meanwhile(staff, goods_at, send):
    goods = goods_at(DRAFT)
    typed = filled(goods, product_no="NEW-1")
    send("add", goods)
    staff.post(form_of(goods), typed)
    goods.refresh_from_db()
    assert (goods.audit_status, bool(goods.goods_id), goods.product_no) == (1, True, "NEW-1")


def test_saving_one_field_leaves_alone_what_a_colleague_saved_in_another(staff, goods_at):
    goods = goods_at(DRAFT)
    typed = filled(goods, name="云南小粒咖啡豆新")
    changed(goods, price=Decimal("70.00"))
    staff.post(form_of(goods), typed)
    goods.refresh_from_db()
    assert (goods.name, goods.price) == ("云南小粒咖啡豆新", Decimal("70.00"))


def test_the_form_carries_what_it_showed(staff, goods_at):
    page = text(staff.get(form_of(goods_at(DRAFT))))
    assert '<input type="hidden" name="initial-price" value="68.00"' in page


def test_after_a_mistake_the_form_still_carries_what_it_showed_first(staff, goods_at):
    page = text(save(staff, goods_at(DRAFT), name="云南小粒咖啡豆新", price="abc"))
    assert '<input type="hidden" name="initial-price" value="68.00"' in page
    assert '<input type="hidden" name="initial-name" value="云南小粒咖啡1号"' in page


def test_a_draft_that_breaks_a_rule_is_saved_with_a_warning(staff, goods_at):
    goods = goods_at(DRAFT)
    page = save(staff, goods, name="短")
    assert goods.name == "短" and goods.faulty
    assert "1 field has to be corrected" in said(page)[0]


def test_a_draft_that_breaks_a_rule_tells_it_at_the_field(staff, goods_at):
    page = text(staff.get(form_of(goods_at(DRAFT, url="https://example.com/x"))))
    field = page[page.index("field-url") : page.index("field-third_party_appid")]
    assert "not a web address" in field


def test_what_is_at_wechat_may_not_break_a_rule(staff, goods_at):
    goods = goods_at(REJECTED)
    page = save(staff, goods, name="短")
    assert list(errors(page)) == ["name"] and goods.name != "短"


@pytest.mark.parametrize("price", ["NaN", "1e400", "-1", "abc", "１２.5.5", "0.001"])
@pytest.mark.parametrize("state", [DRAFT, APPROVED])
def test_a_price_that_is_none_is_told_on_the_form(staff, goods_at, price, state):
    goods = goods_at(state)
    page = save(staff, goods, price=price)
    assert errors(page) and goods.price == 68


def test_a_product_number_that_is_taken_is_told_on_the_form(staff, goods_at):
    taken = goods_at(DRAFT)
    page = save(staff, goods_at(DRAFT), product_no=taken.product_no)
    assert "with this product number already" in text(page)


def test_the_form_offers_no_way_to_delete_the_account(staff, goods_at):
    assert "related-widget-wrapper-link" not in text(staff.get(form_of(goods_at(DRAFT))))


def test_the_account_cannot_be_changed_once_goods_are_at_wechat(staff, goods_at):
    assert 'name="account"' not in text(staff.get(form_of(goods_at(REJECTED))))


def test_the_account_cannot_be_changed_while_a_push_is_open(staff, goods_at, push):
    goods = goods_at(DRAFT)
    push("add", goods)
    assert 'name="account"' not in text(staff.get(form_of(goods)))


# --- Pictures ---


def picture(data, name="cover.png"):
    return SimpleUploadedFile(name, data, "image/png")


def jpeg():
    buffer = io.BytesIO()
    Image.effect_noise((300, 300), 80).save(buffer, "JPEG")
    return buffer.getvalue()


def bomb(side):
    """A PNG of a few hundred bytes that claims to be as large as this."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def tiff():
    buffer = io.BytesIO()
    Image.new("RGB", (300, 300)).save(buffer, "TIFF")
    return buffer.getvalue()


BROKEN = {
    "text": b"This is no picture.",
    "empty": b"",
    "half of a PNG": png()[:200],
    "half of a JPEG": jpeg()[:3000],
    "larger than 10 MB": png() + bytes(10_000_001),
    "a bomb": bomb(20_000),
    "too many pixels": bomb(7_000),
    "a format that is not for the web": tiff(),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_picture_that_cannot_be_used_is_told_at_its_field(staff, goods_at, data):
    goods = goods_at(DRAFT)
    before = goods.cover.name
    page = save(staff, goods, cover=picture(data))
    assert list(errors(page)) == ["cover"] and goods.cover.name == before


@pytest.mark.parametrize("name", ["cover.html", "cover.svg", "cover.php"])
def test_a_picture_with_another_kind_of_name_is_refused(staff, goods_at, name):
    assert list(errors(save(staff, goods_at(DRAFT), cover=picture(png(), name)))) == ["cover"]


def test_a_new_picture_is_kept_with_a_small_copy(staff, goods_at):
    goods = goods_at(DRAFT)
    save(staff, goods, cover=picture(png(), "neu.png"))
    small = goods.cover.storage.open(f"thumbnails/{goods.cover.name}.jpg")
    with small, Image.open(small) as image:
        assert image.size == (160, 160)


def test_a_picture_whose_file_is_gone_leaves_list_and_form_alive(staff, goods_at):
    goods = goods_at(DRAFT)
    goods.cover.storage.delete(goods.cover.name)
    assert staff.get(LIST).status_code == staff.get(form_of(goods)).status_code == 200


# --- Filters and search ---


@pytest.fixture
def shelf(goods_at, push):
    """One product of each kind, named after it."""
    goods_at(DRAFT, name="draft goods", product_no="SKU-1")
    goods_at(DRAFT, name="bad")
    goods_at(DRAFT, name="deleted goods", deleted_at=timezone.now())
    for status in AuditStatus:
        goods_at(status, name=f"goods in {status.value}")
    goods_at(APPROVED, name="missing goods", missing_since=timezone.now())
    goods_at(REJECTED, name="refused goods", errcode=300003, goods_id="9007199254740993")
    sending = goods_at(DRAFT, name="goods on the way")
    push("add", sending)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=draft", {"draft goods", "bad", "goods on the way"}),
        ("state=deleted", {"deleted goods"}),
        ("drift=missing", {"missing goods"}),
        ("state=0", {"goods in 0"}),
        ("state=1", {"goods in 1"}),
        ("state=2", {"goods in 2"}),
        ("state=3", {"goods in 3", "refused goods"}),
        ("faulty=yes", {"bad"}),
        ("state=draft&faulty=no", {"draft goods", "goods on the way"}),
        ("errcode=300003", {"refused goods"}),
        ("sending=queued", {"goods on the way"}),
        ("sending=waiting", set()),
        ("sending=open", {"goods on the way"}),
        ("q=ON+THE+way", {"goods on the way"}),
        ("q=SKU-1", {"draft goods"}),
        ("q=9007199254740993", {"refused goods"}),
    ],
)
def test_the_list_can_be_filtered_and_searched(staff, shelf, query, found):
    assert set(shown(staff.get(f"{LIST}?{query}"))) == found


def test_the_list_can_be_filtered_by_account(staff, goods_at, account):
    goods_at(DRAFT, name="ours")
    assert shown(staff.get(f"{LIST}?account__id__exact={account.pk}")) == ["ours"]


@pytest.mark.parametrize("value", ["abc", "1e30", "9" * 40, "%00", "--", "NaN", "Infinity", "1.5"])
def test_nonsense_as_error_code_does_not_break_the_list(staff, goods_at, value):
    goods_at(DRAFT)
    assert staff.get(f"{LIST}?errcode={value}").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "state=zzz", "sending=zzz", "faulty=zzz", "nonsense=1", "account__id__exact=abc", "q=%00", "q=%27--",
        f"account__id__exact={'9' * 30}", "p=abc", "p=-1", f"p={'9' * 30}", "o=abc", "o=99.-99.x", "all=",
        "id__in=a,b", "_to_field=secret", "account__secret__startswith=0", "e=1",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_does_not_break_the_list(staff, goods_at, query):
    goods_at(DRAFT)
    assert staff.get(f"{LIST}?{query}").status_code in (200, 302, 400)


# --- Words ---


def test_a_state_that_wechat_invents_is_shown_as_unknown(staff, goods_at):
    goods = goods_at(7)
    assert "unknown (7)" in text(staff.get(LIST)) and "unknown (7)" in text(staff.get(form_of(goods)))


def test_a_kind_of_price_that_wechat_invents_does_not_break_the_form(staff, goods_at):
    page = staff.get(form_of(goods_at(APPROVED, remote={"price_type": 9, "price": "1"})))
    assert "unknown (9)" in text(page)


def test_missing_goods_are_told_in_the_list_and_with_advice_on_the_form(staff, goods_at):
    goods = goods_at(APPROVED, missing_since=timezone.now())
    assert "WeChat no longer lists it." in text(staff.get(LIST))
    assert "Ask there first." in text(staff.get(form_of(goods)))


@pytest.mark.parametrize(
    ("fields", "html"),
    [
        ({"price_type": 1, "price": Decimal("1234.5")}, '<span class="price">¥1,234.50</span>'),
        ({"price_type": 2, "price": Decimal(5), "price2": Decimal("9.9")}, "¥5.00 – ¥9.90"),
        (
            {"price_type": 3, "price": Decimal(120), "price2": Decimal(99)},
            '<del>¥120.00</del> <span class="price">¥99.00</span>',
        ),
        ({"price_type": 1, "price": None}, '<span class="price">–</span>'),
    ],
    ids=["one price", "from - to", "discount", "none yet"],
)
def test_prices_are_shown_as_buyers_see_them(staff, goods_at, fields, html):
    goods_at(DRAFT, **fields)
    assert html in text(staff.get(LIST))


# --- Foreign text ---


def test_names_are_escaped_in_list_form_and_deletion(staff, goods_at):
    goods = goods_at(DRAFT, name=EVIL, product_no=EVIL)
    for url in (LIST, form_of(goods), reverse("admin:goods_livegoods_delete", args=[goods.pk])):
        page = text(staff.get(url))
        assert EVIL not in page and ESCAPED in page


def test_names_are_escaped_in_the_plan(staff, goods_at):
    sent = goods_at(REJECTED, name="<b>tea</b>", remote={"name": EVIL})
    page = text(choose(staff, "push_resubmit", sent, goods_at(DRAFT, name=EVIL)))
    assert EVIL not in page and page.count(ESCAPED) == 2 and "<b>tea" not in page


def test_names_are_escaped_in_batch_and_push(staff, goods_at, push):
    goods = goods_at(DRAFT, name="<b>tea</b>")
    batch = push("add", goods)
    for record in (batch, batch.pushes.get()):
        page = text(staff.get(form_of(record)))
        assert "<b>tea" not in page and "&lt;b&gt;tea" in page


def test_wechats_words_are_escaped(staff, goods_at):
    goods = goods_at(REJECTED, errcode=123456, errmsg=EVIL, remote={"name": EVIL, "url": EVIL})
    assert EVIL not in text(staff.get(LIST)) + text(staff.get(form_of(goods)))


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//evil.example/x.png", None, 7])
def test_a_picture_link_from_wechat_is_used_only_if_it_is_one(staff, goods_at, link):
    goods = goods_at(APPROVED, cover="", third_party_tag=0, remote={"cover_img_url": link})
    page = text(staff.get(LIST)) + text(staff.get(form_of(goods)))
    assert 'class="thumb"' not in page and 'class="preview"' not in page


def test_a_picture_link_from_wechat_is_shown(staff, goods_at):
    goods_at(APPROVED, cover="", remote={"cover_img_url": 'https://mmbiz.qpic.cn/a?"b'})
    assert 'src="https://mmbiz.qpic.cn/a?&quot;b"' in text(staff.get(LIST))


def test_every_operation_of_the_form_is_a_bulk_action_as_well(staff, goods_at):
    goods_at(DRAFT)
    page = text(staff.get(LIST))
    assert all(f'value="push_{operation.value}"' in page for operation in LiveGoods.OPERATIONS)
