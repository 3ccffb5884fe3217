"""The page of one window product: what is entered, corrected, compared, and where it leads."""

import pytest
from django.urls import reverse
from django.utils import timezone

from audits.operations import Operation
from goods.models import Spu, WindowProduct
from shopadmin.wechat.models import Account
from tests.goods.window.conftest import SHOP, look, pull, reread
from tests.people import browser_of, form_of, said, text

LIST = reverse("admin:goods_windowproduct_changelist")
NEW = reverse("admin:goods_windowproduct_add")


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def entered(account, **changes):
    return {"account": account.pk, "appid": SHOP, "product_id": "4711", "_save": "1"} | changes


def errors(page):
    return page.context["adminform"].form.errors.as_data()


# --- entering one ---


def test_a_product_that_is_to_come_into_the_window_is_entered(staff, account):
    staff.post(NEW, entered(account, hide="on"))
    product = WindowProduct.objects.get()
    assert (product.kind, product.appid, product.product_id, product.hide) == ("own", SHOP, "4711", True)
    assert (product.in_window, product.faulty) == (False, False)


def test_spaces_around_a_number_are_dropped(staff, account):
    staff.post(NEW, entered(account, product_id=" 4711 ", appid=f" {SHOP} "))
    assert WindowProduct.objects.get().product_id == "4711"


@pytest.mark.parametrize(
    ("field", "value"), [("product_id", "abc"), ("product_id", str(2**64)), ("appid", "wx1")]
)
def test_what_cannot_be_right_is_told_at_its_field(staff, account, field, value):
    page = staff.post(NEW, entered(account, **{field: value}))
    assert list(errors(page)) == [field] and not WindowProduct.objects.exists()


def test_the_same_product_twice_is_refused_in_a_sentence(staff, account):
    staff.post(NEW, entered(account))
    page = staff.post(NEW, entered(account))
    assert "This window has a record of this product already." in text(page)
    assert WindowProduct.objects.count() == 1


def test_the_same_number_may_be_entered_for_another_window(staff, account):
    other = Account.objects.create(
        name="b", appid="wxbbbbbbbbbbbbbbbb", secret="s", practice=True, families=["window"]
    )
    staff.post(NEW, entered(account))
    staff.post(NEW, entered(other))
    assert WindowProduct.objects.count() == 2


def test_only_accounts_with_a_window_are_offered(staff, account):
    Account.objects.create(
        name="只有直播", appid="wxbbbbbbbbbbbbbbbb", secret="s", practice=True, families=["live_goods"]
    )
    page = text(staff.get(NEW))
    assert "演示店铺" in page and "只有直播" not in page


def test_a_button_of_the_form_leads_to_the_plan(staff, account):
    page = staff.post(NEW, entered(account) | {"_push": "add"}, follow=True)
    assert page.request["PATH_INFO"].endswith("/plan/") and "1 record will be sent." in text(page)


# --- correcting one ---


def test_what_wechat_has_never_shown_can_be_corrected(staff, account, planned):
    product = planned(appid="wx00000000000000aa", errcode=10022008)
    page = text(staff.get(form_of(product)))
    assert 'id="id_appid"' in page and 'href="#id_appid"' in page
    staff.post(form_of(product), entered(account, product_id=product.product_id))
    assert reread(product).appid == SHOP


def test_what_is_in_the_window_can_not_be_made_another_product(staff, account, shown):
    product = shown()
    staff.post(form_of(product), entered(account, product_id="1", hide="on"))
    assert (reread(product).product_id != "1", product.hide) == (True, False)


def test_what_is_entered_is_saved_though_what_wechat_told_breaks_rules(staff, planned):
    product = planned(appid="wx1", status=2)
    staff.post(form_of(product), {"hide": "on", "_save": "1"})
    assert reread(product).hide


def test_what_is_on_its_way_can_not_be_changed(staff, account, planned, push):
    product = planned()
    push("add", product)
    staff.post(form_of(product), entered(account, product_id="1"))
    assert reread(product).product_id != "1"


def test_correcting_into_a_second_record_of_one_product_is_refused(staff, account, planned):
    one, two = planned(), planned()
    page = staff.post(form_of(two), entered(account, product_id=one.product_id))
    assert "This window has a record of this product already." in text(page)


def test_a_page_on_which_nothing_can_be_typed_has_no_save_button(staff, shown):
    assert 'name="_save"' not in text(staff.get(form_of(shown())))


def test_a_promoted_product_has_nothing_to_type(staff, shown):
    page = text(staff.get(form_of(shown(kind="cps"))))
    assert 'name="hide"' not in page and 'name="_save"' not in page


def test_what_is_in_the_window_is_not_deleted_here(staff, shown):
    product = shown()
    assert staff.post(f"{LIST}{product.pk}/delete/", {"post": "yes"}).status_code == 403


def test_what_has_left_the_window_may_be_deleted_here(staff, shown, empty, account):
    product = shown()
    empty.drop_window(int(product.product_id))
    look(account), look(account)
    assert staff.post(f"{LIST}{product.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not WindowProduct.objects.exists()


# --- beside WeChat's ---


@pytest.fixture
def drifted(shown, empty, account):
    product = shown()
    empty.change_window(int(product.product_id), hidden=True)
    look(account)
    return reread(product)


def test_a_change_at_wechat_is_compared_with_ours(staff, drifted):
    page = text(staff.get(form_of(drifted)))
    assert "changed at WeChat" in page and "change it in Channels Assistant" in page


def test_theirs_is_taken(staff, drifted):
    page = staff.get(form_of(drifted))
    seen = page.context["seen"]
    staff.post(f"{LIST}{drifted.pk}/take/", {"take": "hide", "seen": seen})
    assert (reread(drifted).hide, drifted.drift) == (True, [])


def test_a_wish_that_the_shop_went_past_is_shown_beside_what_is(staff, account, empty, planned):
    product = planned(hide=True)
    number = int(product.product_id)
    empty.drop_window(number)
    empty.make_window(product_id=number)
    pull(account)
    assert "Take theirs" in text(staff.get(form_of(product)))


def test_without_a_difference_there_is_nothing_to_compare(staff, shown):
    assert 'id="comparison"' not in text(staff.get(form_of(shown())))


def test_what_wechat_has_no_call_for_cannot_be_sent(staff, drifted):
    assert staff.post(f"{LIST}{drifted.pk}/send/").status_code == 403
    assert not drifted.plan(Operation.UPDATE).sends


# --- where it leads ---


def spu(account, **fields):
    values = {"account": account, "out_product_id": "TEA-1", "title": "白茶罐装", "head_imgs": [], "cats": []}
    return Spu.objects.create(**values | fields)


def test_the_same_product_of_the_mini_store_is_a_link_away(staff, account, shown):
    store = Account.objects.create(
        name="小商店", appid=SHOP, secret="s", practice=True, families=["mini_store"]
    )
    product = shown()
    ours = spu(store, product_id=product.product_id)
    assert f'href="{form_of(ours)}"' in text(staff.get(form_of(product)))


def test_a_product_of_another_shop_with_the_same_number_is_not_the_same(staff, account, shown):
    store = Account.objects.create(
        name="别家", appid="wxbbbbbbbbbbbbbbbb", secret="s", practice=True, families=["mini_store"]
    )
    product = shown()
    ours = spu(store, product_id=product.product_id)
    assert f'href="{form_of(ours)}"' not in text(staff.get(form_of(product)))


def test_a_promotions_own_number_is_never_taken_for_a_product_of_the_store(staff, account, shown):
    product = shown(kind="cps", product_id=900, cps_id=500)
    ours = spu(account, product_id="500")
    assert f'href="{form_of(ours)}"' not in text(staff.get(form_of(product)))


def test_who_may_not_see_the_mini_store_is_not_led_there(account, shown):
    store = Account.objects.create(
        name="小商店", appid=SHOP, secret="s", practice=True, families=["mini_store"]
    )
    product = shown()
    ours = spu(store, product_id=product.product_id)
    page = text(browser_of("view_windowproduct").get(form_of(product)))
    assert f'href="{form_of(ours)}"' not in page


def test_a_pulled_product_is_not_said_to_be_unsent(staff, account, shown, empty):
    product = shown()
    empty.set_source(int(product.product_id), state="delisted")
    pull(account)
    page = text(staff.get(form_of(product)))
    assert "not been sent to WeChat yet" not in page and "was read from WeChat" in page


def test_the_page_says_until_when_the_discount_runs(staff, shown):
    page = text(staff.get(form_of(shown(discount=7200)))).replace("\xa0", " ")
    assert "¥99.00, 1 hour, 59 minutes left (until" in page


def test_a_discount_that_is_over_is_not_on_the_page(staff, shown):
    product = shown(discount=7200)
    WindowProduct.objects.update(discount_end=timezone.now())
    assert "¥99.00" not in text(staff.get(form_of(product)))


@pytest.mark.parametrize("reason", [0, 1, 2])
def test_every_ban_of_wechats_is_told_with_advice(staff, shown, reason):
    page = text(staff.get(form_of(shown(ban=reason, category_name="茶叶", category_id=7310))))
    assert "full-advice" in page and ("“茶叶” (7310)" in page) == (reason == 1)


def test_the_leaf_category_comes_before_the_old_one(staff, shown):
    product = shown()
    WindowProduct.objects.update(leaf_category_id="8801", third_category_id="7701")
    page = text(staff.get(form_of(product)))
    assert "8801" in page and "7701" not in page


def test_without_a_leaf_category_the_old_one_is_told(staff, shown):
    product = shown()
    WindowProduct.objects.update(leaf_category_id="", third_category_id="7701")
    assert "7701" in text(staff.get(form_of(product)))


def test_after_a_refusal_the_messages_lead_nowhere_strange(staff, account, planned, send):
    product = planned(appid="wx00000000000000aa")
    send("add", product)
    page = staff.get(form_of(product))
    assert "(10022008)" in text(page) and said(page) == []
