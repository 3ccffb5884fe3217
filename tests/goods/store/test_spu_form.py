"""The form of a Mini Store product: its own fields, its pictures, and two people who have it open."""

import json
import re

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goods.models import Brand, Category, FreightTemplate, Picture, Spu
from goods.store import wire
from goods.store.titles import propose_title
from shopadmin.wechat.models import Account
from tests.conftest import png
from tests.goods.store.pages import ADD, controls, errors, opened, save, send
from tests.people import browser_of, form_of, text

LONG_TITLE = "长" * 61
LONGEST_ID = str(2**64 - 1)


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def colleague(db):
    client = Client()
    client.force_login(User.objects.create_superuser("fang", first_name="Fang", last_name="Wang"))
    return client


@pytest.fixture
def categories(account):
    for cat_id, parent, name, level in (
        ("7100", "0", "服饰内衣", 1), ("7120", "7100", "男装", 2), ("7121", "7120", "T恤", 3),
        ("7122", "7120", "外套", 3), ("7110", "7100", "女装", 2), ("7111", "7110", "外套", 3),
    ):  # fmt: skip
        Category.objects.create(
            account=account, cat_id=cat_id, parent_id=parent, name=name, level=level, has_children=level < 3
        )


def upload(colour="red", name="picture.png"):
    return SimpleUploadedFile(name, png(colour=colour), "image/png")


# --- what is there ---


def test_an_untouched_form_changes_nothing(staff, make_spu):
    spu = make_spu(attrs=[["材质", "棉"]])
    before = Spu.objects.values().get(pk=spu.pk), list(spu.skus.values())
    save(staff, spu, opened(staff, spu))
    assert (Spu.objects.values().get(pk=spu.pk), list(spu.skus.values())) == before


def test_the_form_has_nothing_inline(staff, make_spu):
    page = text(staff.get(form_of(make_spu(title=LONG_TITLE))))
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)


def test_a_new_product_is_made_with_a_number(staff, account):
    data = controls(staff.get(ADD))
    send(staff, ADD, data, title="纯棉短袖")
    assert Spu.objects.get().out_product_id.startswith("P")


def test_broken_rules_are_told_at_their_fields(staff, make_spu):
    page = staff.get(form_of(make_spu(title=LONG_TITLE, cats=[])))
    fields = page.context["adminform"].form.fields
    assert "Title too long" in fields["title"].help_text
    assert "down to the third level" in fields["cats"].help_text


def test_a_draft_that_breaks_rules_is_saved(staff, make_spu):
    spu = make_spu()
    save(staff, spu, opened(staff, spu), title=LONG_TITLE)
    assert (spu.title, spu.faulty) == (LONG_TITLE, True)


def test_a_title_that_is_too_long_comes_with_a_shorter_one(staff, make_spu):
    words = [
        "纯棉圆领短袖T恤",
        "男女同款",
        "夏季透气不变形",
        "宽松休闲百搭",
        "多色可选",
        "大码加肥",
        "学生情侣装",
    ]
    long = " ".join([*words, "班服定制", "文化衫", "广告衫", "印字印图", "团体服", "工作服"])
    page = text(staff.get(form_of(make_spu(title=long))))
    assert f'data-use="{propose_title(long)[0]}"' in page


def test_the_number_is_fixed_once_it_is_at_wechat(staff, make_spu):
    spu = make_spu(product_id="42")
    assert "out_product_id" not in opened(staff, spu)


def test_the_kind_of_a_product_at_wechat_does_not_change(staff, make_spu):
    spu = make_spu(product_id="42", remote={"product_type": 1})
    page = save(staff, spu, opened(staff, spu), product_type="2")
    assert "cannot change any more" in str(errors(page)["product_type"])


def test_who_may_only_look_sees_it_in_words(make_spu):
    page = text(browser_of("view_spu").get(form_of(make_spu(attrs=[["材质", "棉"]]))))
    assert (
        "材质: 棉" in page and "name=skus-shown" not in page and "TEE-1-1" not in page[: page.index("材质")]
    )


# --- choices ---


def test_only_freight_templates_of_the_account_are_offered(staff, make_spu, account):
    other = Account.objects.create(name="另一店", appid="wx1", secret="1" * 32, families=["mini_store"])
    FreightTemplate.objects.create(account=other, name="别人的模板")
    FreightTemplate.objects.create(account=account, name="新模板")
    page = text(staff.get(form_of(make_spu())))
    assert "新模板 (not at WeChat yet)" in page and "别人的模板" not in page


def test_with_several_accounts_the_form_comes_back_with_what_the_chosen_one_has(staff, account, template):
    other = Account.objects.create(name="另一店", appid="wx1", secret="1" * 32, families=["mini_store"])
    data = controls(staff.get(ADD))
    page = send(staff, ADD, data, button="skus-do=account", account=str(account.pk), title="新品")
    assert template.name in text(page) and controls(page)["title"] == "新品" and not errors(page)
    page = send(staff, ADD, data, button="skus-do=account", account=str(other.pk))
    assert template.name not in text(page)


def test_only_accounts_with_a_mini_store_are_offered(staff, account):
    Account.objects.create(name="只做直播", appid="wx1", secret="1" * 32, families=["live_goods"])
    assert "只做直播" not in text(staff.get(ADD))


def test_brands_of_the_account_and_none_are_offered(staff, make_spu, account):
    Brand.objects.create(account=account, brand_id=LONGEST_ID, name="小米", cats=[], leaf_id="1")
    spu = make_spu()
    save(staff, spu, opened(staff, spu), brand_id=LONGEST_ID)
    assert spu.brand_id == LONGEST_ID


def test_the_branches_of_a_brand_are_proposed(staff, make_spu, account, categories):
    Brand.objects.create(
        account=account, brand_id="9", name="七匹狼", cats=["7100", "7120", "7122"], leaf_id="7122"
    )
    page = text(staff.get(form_of(make_spu(brand_id="9"))))
    assert 'data-path="服饰内衣 › 男装 › 外套"' in page


@pytest.mark.parametrize(
    "typed",
    [
        "服饰内衣 › 男装 › 外套",
        "服饰内衣>男装>外套",
        "服饰内衣/男装/外套",
        "7100 › 7120 › 7122",
        "7122",
        "男装 › 外套",
    ],
)
def test_a_category_is_typed_as_a_path(staff, make_spu, categories, typed):
    spu = make_spu()
    save(staff, spu, opened(staff, spu), cats=typed)
    assert spu.cats == ["7100", "7120", "7122"]


def test_a_name_that_several_categories_have_is_asked_back(staff, make_spu, categories):
    spu = make_spu()
    page = save(staff, spu, opened(staff, spu), cats="外套")
    assert "女装 › 外套" in str(errors(page)["cats"]) and spu.cats[-1] == "7121"


def test_the_last_name_alone_is_enough_if_there_is_one(staff, make_spu, categories):
    spu = make_spu(cats=[])
    save(staff, spu, opened(staff, spu), cats="T恤")
    assert spu.cats == ["7100", "7120", "7121"]


def test_a_category_that_is_gone_stays_until_somebody_changes_it(staff, make_spu, categories):
    spu = make_spu(cats=["1", "2", "3"])
    save(staff, spu, opened(staff, spu), title="新的标题")
    assert (spu.title, spu.cats) == ("新的标题", ["1", "2", "3"])


def test_a_category_that_is_none_of_the_brands_is_told(staff, make_spu, account, categories):
    Brand.objects.create(
        account=account, brand_id="9", name="七匹狼", cats=["7100", "7120", "7122"], leaf_id="7122"
    )
    fields = staff.get(form_of(make_spu(brand_id="9"))).context["adminform"].form.fields
    assert "granted only for: 服饰内衣 › 男装 › 外套" in fields["cats"].help_text


def test_attributes_are_added_in_empty_rows_and_emptied_ones_go(staff, make_spu):
    spu = make_spu(attrs=[["材质", "棉"], ["季节", "夏"]])
    save(
        staff, spu, opened(staff, spu),
        **{"attrs-name": ["", "季节", "产地", ""], "attrs-value": ["", "秋", "福建", ""]},
    )  # fmt: skip
    assert spu.attrs == [["季节", "秋"], ["产地", "福建"]]


def test_coupon_fields_are_kept_for_coupon_codes(staff, make_spu):
    spu = make_spu()
    save(
        staff, spu, opened(staff, spu),
        product_type="2", coupon_verify_type="0", coupon_valid_type="2", coupon_days="30",
    )  # fmt: skip
    assert (spu.product_type, spu.coupon_days) == (2, 30)


# --- pictures ---


def test_uploaded_pictures_come_last(staff, make_spu):
    spu = make_spu()
    before = spu.head_imgs
    save(staff, spu, opened(staff, spu), **{"head_imgs-files": [upload("red"), upload("blue")]})
    assert spu.head_imgs[:2] == before and len(spu.head_imgs) == 4


def test_places_put_pictures_in_order(staff, make_spu):
    spu = make_spu()
    first, second = spu.head_imgs
    save(staff, spu, opened(staff, spu), **{f"head_imgs-place-{second}": "1"})
    assert spu.head_imgs == [second, first]


def test_a_picture_moved_down_comes_after_the_one_that_was_there(staff, make_spu):
    spu = make_spu()
    first, second = spu.head_imgs
    save(staff, spu, opened(staff, spu), **{f"head_imgs-place-{first}": "2"})
    assert spu.head_imgs == [second, first]


def test_a_ticked_picture_is_taken_out(staff, make_spu):
    spu = make_spu()
    first, second = spu.head_imgs
    save(staff, spu, opened(staff, spu), **{"head_imgs-remove": [str(first)]})
    assert spu.head_imgs == [second]


def test_all_pictures_can_be_taken_out(staff, make_spu):
    spu = make_spu()
    save(staff, spu, opened(staff, spu), **{"head_imgs-remove": [str(key) for key in spu.head_imgs]})
    assert spu.head_imgs == []


def test_uploads_survive_an_error_elsewhere(staff, make_spu):
    spu = make_spu()
    page = save(staff, spu, opened(staff, spu), title="", **{"head_imgs-files": upload("red")})
    assert "title" in errors(page)
    save(staff, spu, controls(page), title="有标题了")
    assert len(spu.head_imgs) == 3


def test_uploads_for_a_new_product_survive_an_error_too(staff, account):
    page = send(staff, ADD, controls(staff.get(ADD)), title="", **{"head_imgs-files": upload("red")})
    send(staff, ADD, controls(page), title="新品")
    assert len(Spu.objects.get().head_imgs) == 1


def test_what_is_no_picture_is_told_at_the_field_and_the_others_are_kept(staff, make_spu):
    spu = make_spu()
    files = [SimpleUploadedFile("list.png", b"no picture"), upload("red")]
    page = save(staff, spu, opened(staff, spu), **{"desc_imgs-files": files})
    assert "list.png is no picture" in str(errors(page)["desc_imgs"])
    save(staff, spu, controls(page))
    assert len(spu.desc_imgs) == 1


def test_a_picture_that_is_too_large_is_refused(staff, make_spu):
    spu = make_spu()
    large = SimpleUploadedFile("large.png", png() + b"\0" * 10_000_001)
    page = save(staff, spu, opened(staff, spu), **{"head_imgs-files": large})
    assert "larger than 10 MB" in str(errors(page)["head_imgs"])


def test_a_picture_of_another_account_is_not_taken(staff, make_spu):
    other = Account.objects.create(name="另一店", appid="wx1", secret="1" * 32, families=["mini_store"])
    foreign = Picture.objects.keep(other, png(colour="pink"))
    spu = make_spu()
    own = [str(key) for key in spu.head_imgs]
    save(staff, spu, opened(staff, spu), head_imgs=[*own, str(foreign.pk)])
    assert spu.head_imgs == [int(key) for key in own]


def test_a_picture_without_a_file_shows_what_wechat_has(staff, make_spu, account):
    link = "https://store.mp.video.tencent-cloud.com/a.jpg"
    spu = make_spu(head_imgs=[Picture.objects.of_link(account, link).pk])
    assert f'src="{link}"' in text(staff.get(form_of(spu)))


def test_pictures_can_be_uploaded_before_the_form_is_saved(staff, account):
    answer = staff.post("/admin/goods/spu/pictures/", {"account": account.pk, "files": [upload("red")]})
    assert answer.json()["pictures"] == [
        {"key": Picture.objects.get().pk, "thumbnail": Picture.objects.get().thumbnail}
    ]


@pytest.mark.parametrize("sent", ["", "abc", "9" * 40])
def test_pictures_of_no_account_are_not_kept(staff, account, sent):
    answer = staff.post("/admin/goods/spu/pictures/", {"account": sent, "files": [upload("red")]})
    assert answer.json() == {
        "pictures": [],
        "errors": ["Choose an account first, then the pictures again."],
    }


def test_who_may_not_edit_uploads_nothing(account):
    answer = browser_of("view_spu").post("/admin/goods/spu/pictures/", {"account": account.pk})
    assert answer.status_code == 403


# --- two people ---


def test_what_only_a_colleague_touched_is_kept(staff, colleague, make_spu):
    spu = make_spu()
    data = opened(staff, spu)
    save(colleague, spu, opened(colleague, spu), title="同事的标题")
    save(staff, spu, data, sub_title="我的副标题")
    assert (spu.title, spu.sub_title) == ("同事的标题", "我的副标题")


@pytest.mark.parametrize(
    ("field", "mine", "theirs"),
    [
        ("title", {"title": "我的"}, {"title": "同事的"}),
        ("cats", {"cats": "7100 › 7120 › 7122"}, {"cats": "7100 › 7110 › 7111"}),
        ("attrs", {"attrs-name": ["a"], "attrs-value": ["1"]}, {"attrs-name": ["a"], "attrs-value": ["2"]}),
        ("coupon_days", {"coupon_days": "3"}, {"coupon_days": "4"}),
        ("freight_template", {"freight_template": ""}, {"freight_template": "new"}),
    ],
)
def test_what_both_changed_is_told_and_can_be_decided(
    staff, colleague, make_spu, categories, account, field, mine, theirs
):
    spu = make_spu()
    if theirs.get("freight_template"):
        theirs = {"freight_template": str(FreightTemplate.objects.create(account=account, name="新").pk)}
    data = opened(staff, spu)
    save(colleague, spu, opened(colleague, spu), **theirs)
    kept = getattr(spu, field)
    page = save(staff, spu, data, **mine)
    assert "Fang Wang" in str(errors(page)[field]) and getattr(spu, field) == kept
    save(staff, spu, controls(page))
    assert getattr(spu, field) != kept


def test_pictures_that_both_changed_are_told(staff, colleague, make_spu):
    spu = make_spu()
    first, second = spu.head_imgs
    data = opened(staff, spu)
    save(colleague, spu, opened(colleague, spu), **{"head_imgs-remove": [str(first)]})
    page = save(staff, spu, data, **{f"head_imgs-place-{second}": "1"})
    assert "Fang Wang" in str(errors(page)["head_imgs"]) and spu.head_imgs == [second]
    save(staff, spu, controls(page), **{"take-head_imgs": "1"})
    assert spu.head_imgs == [second]


# --- long numbers ---


@given(
    brand=st.integers(1, 2**64 - 1), cats=st.lists(st.integers(1, 2**64 - 1), min_size=3, max_size=3),
    product=st.integers(1, 2**64 - 1),
)  # fmt: skip
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_long_numbers_pass_form_page_and_wire_unchanged(staff, make_spu, brand, cats, product):
    spu = make_spu(brand_id=str(brand), cats=[str(cat) for cat in cats], product_id=str(product))
    save(staff, spu, opened(staff, spu), title="新的标题")
    assert f"<code>{product}</code>" in text(staff.get(form_of(spu)))
    sent = json.loads(json.dumps(wire.spu_fields(spu)))
    assert (sent["brand_id"], [cat["cat_id"] for cat in sent["cats"]]) == (brand, cats)
    assert (spu.title, spu.product_id) == ("新的标题", str(product))
    spu.skus.all().delete()
    spu.delete()


# --- draft and what buyers see ---


def test_what_buyers_see_is_a_column_of_its_own(staff, make_spu):
    spu = make_spu(product_id="42", remote={"title": "草稿"}, online={"title": "线上的标题"})
    page = text(staff.get(form_of(spu)))
    assert "What buyers see" in page and "线上的标题" in page


def test_the_reason_of_a_refusal_stands_with_the_comparison(staff, make_spu):
    spu = make_spu(
        product_id="42", remote={"title": "草稿"}, audit_status=3, reject_reason="主图含有联系方式"
    )
    page = text(staff.get(form_of(spu)))
    assert "主图含有联系方式" in page[page.index('id="comparison"') :]


def test_the_reason_of_an_earlier_review_is_not_told_during_a_later_one(staff, make_spu):
    spu = make_spu(
        product_id="42", remote={"title": "草稿"}, audit_status=2, reject_reason="主图含有联系方式"
    )
    assert "主图含有联系方式" not in text(staff.get(form_of(spu)))


def test_the_buttons_beside_the_comparison_work_for_skus(staff, make_spu):
    spu = make_spu(product_id="42", remote={"title": "草稿"})
    seen = staff.get(form_of(spu)).context["seen"]
    staff.post(f"/admin/goods/spu/{spu.pk}/take/", {"take": "title", "seen": seen})
    spu.refresh_from_db()
    assert spu.title == "草稿"


def test_what_was_taken_of_skus_is_told_line_by_line(staff, make_spu):
    spu = make_spu(("88.00",), product_id="42", remote={"title": "草稿"})
    spu.skus.update(sku_id="9", remote={"attrs": [["尺码", "<S>"]], "sale_price": "66.00"})
    seen = staff.get(form_of(spu)).context["seen"]
    page = staff.post(f"/admin/goods/spu/{spu.pk}/take/", {"take": "skus", "seen": seen}, follow=True)
    assert "now as at WeChat, <div>&lt;S&gt; · " in text(page)
