"""The form of a Mini Store product with its scripts: pictures in order, combinations, many rows at once."""

import io
from decimal import Decimal

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from goods.models import Category, FreightTemplate, Picture, Sku, Spu
from shopadmin.wechat.models import Account, Family
from tests.browser.axe import violations
from tests.browser.shop import Shop

COLOURS = ("teal", "navy", "firebrick")
TREE = (
    ("71", "0", "服饰", 1), ("72", "71", "男装", 2), ("73", "72", "T恤", 3),
    ("81", "0", "食品", 1), ("82", "81", "茶叶", 2), ("83", "82", "白茶", 3),
)  # fmt: skip


def picture(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 300), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def account(shop: Shop) -> Account:
    found = shop.account()
    found.families = [Family.LIVE_GOODS.value, Family.MINI_STORE.value]
    found.save()
    return found


@pytest.fixture
def spu(account: Account) -> Spu:
    """A product that nobody has given SKUs yet."""
    template, _new = FreightTemplate.objects.get_or_create(account=account, name="包邮", template_id="1")
    for cat_id, parent, name, level in TREE:
        Category.objects.get_or_create(
            account=account, cat_id=cat_id, defaults={"parent_id": parent, "name": name, "level": level}
        )
    return Spu.objects.create(
        account=account,
        title="纯棉圆领短袖",
        head_imgs=[Picture.objects.keep(account, picture(colour)).pk for colour in COLOURS],
        cats=["71", "72", "73"],
        freight_template=template,
    )


@pytest.fixture
def form(page: Page, spu: Spu) -> Page:
    page.goto(f"/admin/goods/spu/{spu.pk}/change/")
    return page


def save(form: Page) -> None:
    form.get_by_role("button", name="Save and continue editing").click()
    expect(form.get_by_text("was changed successfully")).to_be_visible()


def generate(form: Page, *axes: tuple[str, str]) -> None:
    for index, (name, values) in enumerate(axes):
        form.locator("[name=skus-axis]").nth(index).fill(name)
        form.locator("[name=skus-values]").nth(index).fill(values)
    form.get_by_role("button", name="Make the missing combinations").click()
    expect(form.get_by_text("Nothing is saved yet.")).to_be_visible()


def skus(spu: Spu) -> list[Sku]:
    return list(spu.skus.order_by("position"))


def test_combinations_come_without_loading_the_page_anew(form: Page, spu: Spu) -> None:
    form.evaluate("window.same = true")
    generate(form, ("颜色", "白色\n黑色"), ("尺码", "S, M, L"))
    assert form.evaluate("window.same") and form.locator("table.skus tbody").count() == 6
    save(form)
    assert [[value for _name, value in sku.attrs] for sku in skus(spu)][:2] == [["白色", "S"], ["白色", "M"]]


def test_prices_and_stock_are_filled_into_many_rows(form: Page, spu: Spu) -> None:
    generate(form, ("尺码", "S\nM\nL"))
    form.locator("[data-fill=sale_price]").fill("88")
    form.locator("[data-fill=stock]").fill("10")
    form.get_by_role("button", name="Fill in", exact=True).click()
    form.locator("table.skus tbody").nth(2).locator("[name$=-ticked]").check()
    form.locator("[data-fill=sale_price]").fill("98.50")
    form.get_by_label("ticked rows only").check()
    form.get_by_role("button", name="Fill in", exact=True).click()
    save(form)
    assert [sku.sale_price for sku in skus(spu)] == [Decimal("88"), Decimal("88"), Decimal("98.5")]
    assert {sku.stock for sku in skus(spu)} == {10}


def test_pictures_are_put_in_order_with_the_keyboard(form: Page, spu: Spu) -> None:
    first, second, third = spu.head_imgs
    last = form.locator("[data-picture-list=head_imgs] li").nth(2)
    last.get_by_role("button", name="move forward").focus()
    form.keyboard.press("Enter")
    form.keyboard.press("ArrowLeft")
    expect(form.get_by_text("Picture moved to place 1.")).to_be_visible()
    save(form)
    spu.refresh_from_db()
    assert spu.head_imgs == [third, first, second]


def test_pictures_are_put_in_order_with_the_mouse(form: Page, spu: Spu) -> None:
    first, second, third = spu.head_imgs
    pictures = form.locator("[data-picture-list=head_imgs] li img")
    pictures.nth(2).drag_to(pictures.nth(0), target_position={"x": 5, "y": 50})
    save(form)
    spu.refresh_from_db()
    assert spu.head_imgs == [third, first, second]


def test_an_uploaded_picture_is_there_at_once_and_rows_may_have_it(form: Page, spu: Spu) -> None:
    generate(form, ("尺码", "S"))
    file = {"name": "red.png", "mimeType": "image/png", "buffer": picture("orange")}
    form.locator("[name=head_imgs-files]").set_input_files(file)
    expect(form.locator("[data-picture-list=head_imgs] li")).to_have_count(4)
    form.locator("table.skus [data-choose]").click()
    form.get_by_role("dialog").get_by_role("button", name="4").click()
    save(form)
    spu.refresh_from_db()
    assert len(spu.head_imgs) == 4 and skus(spu)[0].picture_id == spu.head_imgs[3]


def test_a_row_is_added_and_filled_in(form: Page, spu: Spu) -> None:
    form.get_by_role("button", name="Add a row").click()
    row = form.locator("table.skus tbody").nth(1)
    row.locator("[name$=-sale_price]").fill("5")
    save(form)
    assert [sku.sale_price for sku in skus(spu)] == [Decimal(5)]


def test_the_fields_of_coupon_codes_come_with_the_kind(form: Page) -> None:
    expect(form.get_by_label("Days valid")).to_be_hidden()
    form.get_by_label("Kind of product").select_option("2")
    expect(form.get_by_label("Days valid")).to_be_visible()


def test_a_category_is_chosen_level_by_level(form: Page, spu: Spu) -> None:
    for number, name in enumerate(("食品", "茶叶", "白茶"), start=1):
        form.get_by_label(f"category, level {number}").select_option(label=name)
    save(form)
    spu.refresh_from_db()
    assert spu.cats == ["81", "82", "83"]


def test_the_enter_key_saves(form: Page, spu: Spu) -> None:
    form.locator("#id_title").fill("换了标题")
    form.locator("#id_title").press("Enter")
    expect(form.get_by_text("was changed successfully")).to_be_visible()
    spu.refresh_from_db()
    assert spu.title == "换了标题"


def test_nothing_keeps_people_from_using_the_form(form: Page) -> None:
    generate(form, ("尺码", "S\nM"))
    found = violations(form)
    # What looks at the page tries styles of its own, which the policy blocks.
    form.watch.take()  # type: ignore[attr-defined]
    assert not found, "\n".join(map(str, found))
