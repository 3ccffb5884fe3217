"""The form of a product: what helps to fill it in, and two people who have it open."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from goods.models import LiveGoods
from tests.conftest import png
from tests.people import ADD, form_of, text

LONG = "HLA海澜之家简约动物印花短袖T恤"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def colleague(db):
    """A second browser, of somebody the history knows by name."""
    client = Client()
    client.force_login(User.objects.create_superuser("fang", first_name="Fang", last_name="Wang"))
    return client


def opened(goods):
    """What a browser that has just opened the form of the goods would send back untouched."""
    values = {
        "product_no": goods.product_no, "name": goods.name, "price_type": goods.price_type,
        "price": goods.price or "", "price2": goods.price2 or "", "url": goods.url,
        "third_party_appid": goods.third_party_appid,
    }  # fmt: skip
    shown = {f"initial-{name}": value for name, value in values.items()}
    cover = {"initial-cover": goods.cover.name or ""}
    return {"_save": "1", "account": goods.account_id, **values, **shown, **cover}


def sent_again(page, **changes):
    """What the browser sends when the form has come back and somebody presses save once more."""
    form = page.context["adminform"].form
    fields = [name for name in form.fields if name not in ("cover", "account")]
    values = {name: "" if form[name].value() is None else form[name].value() for name in fields}
    shown = dict(re.findall(r'<input type="hidden" name="(initial-\w+)" value="([^"]*)"', text(page)))
    return {"_save": "1", "account": form.instance.account_id, **values, **shown, **changes}


def save(client, goods, data):
    page = client.post(form_of(goods), data)
    goods.refresh_from_db()
    return page


def errors(page):
    return dict(page.context["adminform"].form.errors)


def row(page, field):
    """The part of the page that belongs to a field."""
    html = text(page)
    start = re.search(rf'"[^"]*\bfield-{field}[" ]', html).start()
    return html[start : html.find('<div class="form-row', start)]


def approved(goods):
    LiveGoods.objects.filter(pk=goods.pk).update(
        goods_id="901", audit_id="77", audit_status=2, third_party_tag=2
    )
    goods.refresh_from_db()
    return goods


# --- What helps to fill it in ---


def test_the_script_is_a_module_from_a_file(staff, make_goods):
    page = text(staff.get(form_of(make_goods())))
    assert re.search(r'<script src="[^"]*goods/js/live_form[^"]*\.js" type="module"></script>', page)


def test_the_form_has_nothing_inline(staff, make_goods):
    page = text(staff.get(form_of(make_goods(name=LONG))))
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)


def test_a_name_that_is_too_long_comes_with_shorter_ones(staff, make_goods):
    found = row(staff.get(form_of(make_goods(name=LONG))), "name")
    assert "海澜之家简约动物印花短袖T恤</span>" in found and "left out: HLA<" in found


def test_the_buttons_of_proposals_wait_for_the_script(staff, make_goods):
    found = row(staff.get(form_of(make_goods(name=LONG))), "name")
    buttons = re.findall(r"<button[^>]*>", found)
    assert buttons and all("hidden" in button and 'type="button"' in button for button in buttons)


def test_a_name_that_fits_comes_without_proposals(staff, make_goods):
    assert "data-proposals" not in text(staff.get(form_of(make_goods())))


def test_shorter_names_are_proposed_when_the_form_comes_back(staff, make_goods):
    goods = make_goods()
    page = save(staff, goods, opened(goods) | {"name": LONG, "price": "abc"})
    assert "海澜之家简约动物印花短袖T恤" in row(page, "name")


def test_proposals_are_escaped(staff, make_goods):
    page = text(staff.get(form_of(make_goods(name=f"{EVIL} HLA海澜之家短袖T恤 包邮"))))
    assert EVIL not in page


def test_an_approved_product_says_that_only_prices_change(staff, make_goods):
    page = staff.get(form_of(approved(make_goods())))
    assert "WeChat takes only new prices now" in row(page, "name")
    assert "WeChat keeps this as it is" in row(page, "url")
    assert "WeChat keeps" not in row(page, "price")


def test_a_draft_does_not_speak_of_approval(staff, make_goods):
    assert "WeChat keeps" not in text(staff.get(form_of(make_goods())))


def test_a_new_product_says_that_it_needs_a_picture(staff, account):
    assert "it can be saved, but not submitted" in row(staff.get(ADD), "cover")


def test_without_scripts_both_prices_are_there_and_explained(staff, make_goods):
    page = staff.get(form_of(make_goods()))
    assert 'name="price2"' in row(page, "price2") and "the highest" in row(page, "price2")


# --- Two people at the same record ---


def test_the_second_to_save_the_same_field_overwrites_nothing(staff, colleague, make_goods):
    goods = make_goods()
    mine, theirs = opened(goods), opened(goods)
    save(colleague, goods, theirs | {"price": "70.00"})
    page = save(staff, goods, mine | {"price": "72.00"})
    assert list(errors(page)) == ["price"] and goods.price == Decimal("70.00")


def test_the_second_is_told_what_became_what_and_by_whom(staff, colleague, make_goods):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"price": "70.00"})
    told = row(save(staff, goods, mine | {"price": "72.00"}), "price")
    clock = timezone.localtime(LogEntry.objects.latest("action_time").action_time)
    assert f"This was changed by Fang Wang at {clock:%H:%M}" in told and "¥68.00 → ¥70.00" in told


def test_the_second_keeps_what_was_typed(staff, colleague, make_goods):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"price": "70.00"})
    assert 'value="72.00"' in row(save(staff, goods, mine | {"price": "72.00"}), "price")


def test_saving_again_overwrites_knowingly(staff, colleague, make_goods):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"price": "70.00"})
    page = save(staff, goods, mine | {"price": "72.00"})
    assert save(staff, goods, sent_again(page)).status_code == 302
    assert goods.price == Decimal("72.00")


def test_taking_the_colleagues_value_leaves_the_record_as_it_is(staff, colleague, make_goods):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"price": "70.00"})
    page = save(staff, goods, mine | {"price": "72.00", "name": "云南小粒咖啡豆新"})
    save(staff, goods, sent_again(page, **{"take-price": "1"}))
    assert (goods.name, goods.price) == ("云南小粒咖啡豆新", Decimal("70.00"))


def test_a_value_that_was_taken_is_not_forgotten_when_something_else_is_wrong(staff, colleague, make_goods):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"price": "70.00"})
    page = save(staff, goods, mine | {"price": "72.00"})
    page = save(staff, goods, sent_again(page, **{"take-price": "1", "name": ""}))
    save(staff, goods, sent_again(page, name="云南小粒咖啡豆新"))
    assert (goods.name, goods.price) == ("云南小粒咖啡豆新", Decimal("70.00"))


@pytest.mark.parametrize("choice", [{}, {"take-price": "1"}], ids=["overwrite", "take"])
def test_the_second_save_is_no_decision_about_a_third_value(staff, colleague, make_goods, choice):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"price": "70.00"})
    page = save(staff, goods, mine | {"price": "72.00"})
    save(colleague, goods, opened(goods) | {"price": "71.00"})
    again = save(staff, goods, sent_again(page, **choice))
    assert "¥70.00 → ¥71.00" in row(again, "price") and goods.price == Decimal("71.00")


def test_two_who_typed_the_same_have_nothing_to_decide(staff, colleague, make_goods):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"price": "70.00"})
    assert save(staff, goods, mine | {"price": "70"}).status_code == 302


def test_fields_that_only_one_of_them_touched_are_kept_from_both(staff, colleague, make_goods):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"price": "70.00"})
    save(staff, goods, mine | {"url": "pages/goods/detail?id=77"})
    assert (goods.url, goods.price) == ("pages/goods/detail?id=77", Decimal("70.00"))


@pytest.mark.parametrize(
    ("field", "first", "second", "told"),
    [
        ("product_no", "A-1", "A-2", "T1 → A-1"),
        ("name", "云南小粒咖啡甲", "云南小粒咖啡乙", "云南小粒咖啡1号 → 云南小粒咖啡甲"),
        ("price_type", "2", "3", "one price → from – to"),
        ("price2", "80.00", "90.00", "– → ¥80.00"),
        ("url", "pages/a?id=1", "pages/b?id=1", "pages/goods/detail?id=1 → pages/a?id=1"),
        ("third_party_appid", "wx" + "1" * 16, "wx" + "2" * 16, "– → wx1111111111111111"),
    ],
)
def test_every_field_that_both_changed_is_told(staff, colleague, make_goods, field, first, second, told):
    goods = make_goods(price_type=1, price=Decimal("68.00"))
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {field: first})
    page = save(staff, goods, mine | {field: second})
    assert list(errors(page)) == [field] and told in row(page, field)


def test_an_import_without_a_person_is_told_without_a_name(staff, make_goods):
    goods = make_goods()
    mine = opened(goods)
    goods.price = Decimal("70.00")
    goods.save(update_fields=["price"])
    told = row(save(staff, goods, mine | {"price": "72.00"}), "price")
    assert "This was changed at " in told and "changed by" not in told


def test_an_older_entry_is_not_blamed_for_a_newer_change(staff, make_goods):
    goods = make_goods()
    user = User.objects.create_user("fang")
    queryset = LiveGoods.objects.filter(pk=goods.pk)
    LogEntry.objects.log_actions(user.pk, queryset, CHANGE, [{"changed": {"fields": ["price (yuan)"]}}])
    LogEntry.objects.update(action_time=timezone.now() - dt.timedelta(days=1))
    mine = opened(goods)
    goods.price = Decimal("70.00")
    goods.save(update_fields=["price"])
    assert "fang" not in row(save(staff, goods, mine | {"price": "72.00"}), "price")


def test_a_colleagues_value_is_escaped(staff, colleague, make_goods):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"name": EVIL})
    page = text(save(staff, goods, mine | {"name": "云南小粒咖啡乙"}))
    assert EVIL not in page and "&lt;script&gt;" in page


def test_a_made_up_first_value_breaks_nothing(staff, make_goods):
    goods = make_goods()
    made_up = {"initial-price": "abc", "initial-price_type": "x", "price": "72.00", "price_type": "2"}
    page = save(staff, goods, opened(goods) | made_up)
    assert sorted(errors(page)) == ["price", "price_type"]


def test_a_name_with_spaces_around_it_is_no_change_by_a_colleague(staff, make_goods):
    goods = make_goods(name=" 云南小粒咖啡 ")
    assert save(staff, goods, opened(goods) | {"name": "云南小粒咖啡"}).status_code == 302


# --- The picture ---


def picture(colour):
    return SimpleUploadedFile("cover.png", png(colour=colour), "image/png")


def test_two_pictures_do_not_replace_each_other_silently(staff, colleague, make_goods):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"cover": picture("red")})
    theirs = goods.cover.name
    page = save(staff, goods, mine | {"cover": picture("blue")})
    assert list(errors(page)) == ["cover"] and goods.cover.name == theirs
    assert "Another picture was chosen by Fang Wang" in row(page, "cover")


def test_a_picture_chosen_again_replaces_the_colleagues(staff, colleague, make_goods):
    goods = make_goods()
    mine = opened(goods)
    save(colleague, goods, opened(goods) | {"cover": picture("red")})
    theirs = goods.cover.name
    page = save(staff, goods, mine | {"cover": picture("blue")})
    save(staff, goods, sent_again(page, cover=picture("blue")))
    assert goods.cover.name != theirs


def test_a_picture_that_was_not_saved_is_not_shown_as_if_it_were(staff, make_goods):
    goods = make_goods()
    goods.cover.save("mine.png", ContentFile(png()))
    page = save(staff, goods, opened(goods) | {"cover": picture("red"), "price": "abc"})
    assert page.context["adminform"].form.instance.cover.name == goods.cover.name
