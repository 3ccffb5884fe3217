"""The table of SKUs on the form of a product."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goods.admin.sku_grid import ROWS_MOST
from goods.admin.sku_tools import split
from goods.models import Picture, Sku, Spu
from tests.conftest import png
from tests.goods.store.pages import ADD, controls, errors, grid_errors, opened, save, send
from tests.people import form_of, text

PAGE_KB_MOST = 260


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def colleague(db):
    client = Client()
    client.force_login(User.objects.create_superuser("fang", first_name="Fang", last_name="Wang"))
    return client


@pytest.fixture
def press(staff):
    """Press a button of the table; returns the page that comes back."""

    def do(button, spu=None, data=None, **changes):
        url = form_of(spu) if spu else ADD
        data = data or controls(staff.get(url))
        return send(staff, url, data, button=f"skus-do={button}", **changes)

    return do


def skus(spu):
    return list(Sku.objects.filter(spu=spu).order_by("position", "id"))


def cell(sku, name):
    return f"skus-{sku.pk}-{name}"


def many(spu, count):
    """Give the product so many SKUs more, written at once."""
    Sku.objects.bulk_create(
        Sku(
            spu=spu, account=spu.account, out_sku_id=f"M-{n}",
            attrs=[["颜色", f"{n // 10}"], ["尺码", f"{n % 10}"]],
            sale_price=Decimal("88.00"), stock=n, position=n, sku_code=f"C{n}", barcode=f"69{n:011}",
        )
        for n in range(count)
    )  # fmt: skip


# --- cells ---


def test_cells_are_saved(staff, make_spu):
    spu = make_spu()
    one = skus(spu)[0]
    typed = {"sale_price": "77.50", "market_price": "99", "stock": "5", "sku_code": "A-1", "barcode": "0690"}
    save(staff, spu, opened(staff, spu), **{cell(one, name): value for name, value in typed.items()})
    one.refresh_from_db()
    assert (one.sale_price, one.market_price, one.stock) == (Decimal("77.50"), Decimal("99"), 5)
    assert (one.sku_code, one.barcode) == ("A-1", "0690")


def test_the_product_is_checked_after_its_skus_are_saved(staff, make_spu):
    spu = make_spu()
    save(staff, spu, opened(staff, spu), **{cell(skus(spu)[0], "sale_price"): ""})
    assert spu.faulty


def test_a_price_that_is_no_price_is_told_at_its_cell(staff, make_spu):
    spu = make_spu()
    one = skus(spu)[0]
    page = save(staff, spu, opened(staff, spu), **{cell(one, "sale_price"): "abc"})
    assert list(grid_errors(page)) == [f"{one.pk}-sale_price"] and "skus" in errors(page)


def test_what_was_typed_comes_back_with_an_error(staff, make_spu):
    spu = make_spu()
    one, two = skus(spu)
    page = save(staff, spu, opened(staff, spu), **{cell(one, "stock"): "-1", cell(two, "stock"): "3"})
    assert controls(page)[cell(two, "stock")] == "3" and controls(page)[cell(one, "stock")] == "-1"


def test_broken_rules_are_told_at_their_rows(staff, make_spu):
    spu = make_spu()
    Sku.objects.filter(pk=skus(spu)[0].pk).update(market_price=Decimal(1))
    page = text(staff.get(form_of(spu)))
    assert "The market price must be above" in page[page.index('id="skus"') :]


def test_what_is_wrong_with_them_together_is_told_above(staff, make_spu):
    spu = make_spu()
    spu.skus.update(attrs=[["尺码", "M"]])
    page = text(staff.get(form_of(spu)))
    assert "Two SKUs have the same attributes: M." in page[page.index('id="skus"') :]


def test_prices_that_wait_to_be_sent_are_noted(staff, make_spu):
    spu = make_spu(product_id="42")
    one = skus(spu)[0]
    Sku.objects.filter(pk=one.pk).update(sku_id="9", remote={"sale_price": "88.00"})
    save(staff, spu, opened(staff, spu), **{cell(one, "sale_price"): "89"})
    assert list(Sku.objects.price_waits()) == [one]


def test_a_change_of_stock_is_kept_beside_the_stock(staff, make_spu):
    spu = make_spu(product_id="42")
    one = skus(spu)[0]
    Sku.objects.filter(pk=one.pk).update(sku_id="9", real_stock=10)
    save(staff, spu, opened(staff, spu), **{cell(one, "stock_change"): "-3"})
    one.refresh_from_db()
    assert (one.stock, one.stock_change) == (10, -3)


def test_what_is_left_to_buy_stands_beside_the_stock(staff, make_spu):
    spu = make_spu(product_id="42")
    spu.skus.update(sku_id="", real_stock=None)
    Sku.objects.filter(pk=skus(spu)[0].pk).update(sku_id="9", real_stock=7)
    assert "left: 7" in text(staff.get(form_of(spu)))


# --- numbers ---


def test_new_rows_get_numbers_of_their_product(staff, make_spu, press):
    spu = make_spu()
    page = press("add", spu)
    save(staff, spu, controls(page), **{"skus-new-1-attr": ["X"], "skus-new-1-sale_price": "5"})
    assert [sku.out_sku_id for sku in skus(spu)] == ["TEE-1-1", "TEE-1-2", "TEE-1-3"]


def test_a_made_up_number_is_not_one_that_another_product_has(staff, make_spu, press):
    spu, other = make_spu(prices=()), make_spu()
    Sku.objects.filter(pk=skus(other)[0].pk).update(out_sku_id="TEE-1-1")
    save(staff, spu, opened(staff, spu), **{"skus-new-1-sale_price": "5"})
    assert skus(spu)[0].out_sku_id == "TEE-1-2"


def test_a_made_up_number_is_never_too_long(staff, make_spu):
    spu = make_spu(prices=(), out_product_id="N" * 32)
    save(staff, spu, opened(staff, spu), **{"skus-new-1-sale_price": "5"})
    assert skus(spu)[0].out_sku_id == "N" * 30 + "-1"


def test_two_rows_may_exchange_their_numbers(staff, make_spu):
    spu = make_spu()
    one, two = skus(spu)
    save(
        staff, spu, opened(staff, spu),
        **{cell(one, "out_sku_id"): "TEE-1-2", cell(two, "out_sku_id"): "TEE-1-1"},
    )  # fmt: skip
    assert [sku.out_sku_id for sku in skus(spu)] == ["TEE-1-2", "TEE-1-1"]


def test_a_number_used_twice_is_told_at_the_second_cell(staff, make_spu):
    spu = make_spu()
    two = skus(spu)[1]
    page = save(staff, spu, opened(staff, spu), **{cell(two, "out_sku_id"): "TEE-1-1"})
    assert list(grid_errors(page)) == [f"{two.pk}-out_sku_id"]


def test_a_number_of_another_product_is_told_at_the_cell(staff, make_spu):
    spu, _other = make_spu(), make_spu()
    one = skus(spu)[0]
    page = save(staff, spu, opened(staff, spu), **{cell(one, "out_sku_id"): "TEE-2-1"})
    assert "Another SKU of this account" in str(grid_errors(page)[f"{one.pk}-out_sku_id"])


def test_a_number_that_wechat_has_is_fixed(staff, make_spu):
    spu = make_spu(product_id="42")
    one = skus(spu)[0]
    Sku.objects.filter(pk=one.pk).update(sku_id="9")
    data = opened(staff, spu)
    assert cell(one, "out_sku_id") not in data
    save(staff, spu, data, **{cell(one, "out_sku_id"): "OTHER"})
    assert skus(spu)[0].out_sku_id == "TEE-1-1"


def test_a_number_is_fixed_while_the_product_is_sent(staff, make_spu, push):
    spu = make_spu()
    one = skus(spu)[0]
    push("add", spu)
    assert cell(one, "out_sku_id") not in opened(staff, spu)


def test_a_row_taken_out_while_the_product_is_sent_waits(staff, make_spu, push):
    spu = make_spu()
    one = skus(spu)[0]
    push("add", spu)
    save(staff, spu, opened(staff, spu), **{cell(one, "removed"): "on"})
    assert skus(spu)[0].removed


def test_no_other_button_keeps_the_form_from_being_saved(staff, make_spu):
    spu = make_spu()
    send(staff, form_of(spu), opened(staff, spu), button="skus-do=nonsense", title="新的标题")
    spu.refresh_from_db()
    assert spu.title == "新的标题"


def test_what_is_entered_in_too_many_rows_is_told(staff, make_spu):
    spu = make_spu()
    keys = [*(str(sku.pk) for sku in skus(spu)), *(f"new-{number}" for number in range(ROWS_MOST))]
    data = opened(staff, spu)
    page = save(staff, spu, data, **{"skus-row": keys, f"skus-{keys[-1]}-sale_price": "5", "title": "新"})
    assert "The table takes 300 rows." in text(page) and spu.title != "新"


def test_more_rows_than_the_table_takes_may_stay_untouched(staff, make_spu):
    spu = make_spu()
    many(spu, ROWS_MOST)
    save(staff, spu, opened(staff, spu), title="新")
    assert spu.title == "新" and spu.skus.count() == ROWS_MOST + 2


@pytest.mark.parametrize("number", [str(2**53 + 1), str(2**63), str(2**64 - 1)])
def test_long_numbers_stay_as_they_are(staff, make_spu, number):
    spu = make_spu(product_id="42")
    one, two = skus(spu)
    Sku.objects.filter(pk=one.pk).update(sku_id=number)
    Sku.objects.filter(pk=two.pk).update(out_sku_id=number, barcode=number, sku_code=number)
    page = text(staff.get(form_of(spu)))
    save(staff, spu, opened(staff, spu), **{cell(one, "stock"): "1", cell(two, "stock"): "1"})
    one, two = skus(spu)
    assert number in page and one.sku_id == number
    assert (two.out_sku_id, two.barcode, two.sku_code, two.stock) == (number, number, number, 1)


# --- taking out ---


def test_a_row_that_is_only_here_is_deleted(staff, make_spu):
    spu = make_spu()
    one, two = skus(spu)
    save(staff, spu, opened(staff, spu), **{cell(one, "removed"): "on"})
    assert skus(spu) == [two]


def test_a_row_that_wechat_has_waits_to_be_removed_there(staff, make_spu):
    spu = make_spu(product_id="42")
    one = skus(spu)[0]
    Sku.objects.filter(pk=one.pk).update(sku_id="9")
    save(staff, spu, opened(staff, spu), **{cell(one, "removed"): "on"})
    assert skus(spu)[0].removed
    assert "WeChat removes it with the next changes sent" in text(staff.get(form_of(spu)))


def test_a_row_taken_out_can_be_taken_back(staff, make_spu):
    spu = make_spu(product_id="42")
    one = skus(spu)[0]
    Sku.objects.filter(pk=one.pk).update(sku_id="9", removed=True)
    data = opened(staff, spu)
    del data[cell(one, "removed")]
    save(staff, spu, data)
    assert not skus(spu)[0].removed


def test_the_rows_keep_their_order(staff, make_spu, press):
    spu = make_spu()
    page = press("generate", spu, **{"skus-values": ["L\nS\nM\nXL", ""]})
    save(staff, spu, controls(page))
    assert [sku.attrs[0][1] for sku in skus(spu)] == ["S", "M", "L", "XL"]


# --- combinations ---


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("S\nM\nL", ["S", "M", "L"]),
        ("S, M，L、XL;2XL", ["S", "M", "L", "XL", "2XL"]),
        (" 白色 \n\n白色", ["白色"]),
        ("M, 宽松\nL", ["M, 宽松", "L"]),
    ],
)
def test_values_are_one_a_line_or_between_commas(typed, values):
    assert split(typed, {"M, 宽松"}) == values


def test_combinations_become_rows_and_nothing_is_saved(staff, make_spu, press):
    spu = make_spu(prices=())
    page = press("generate", spu, **{"skus-axis": ["颜色", "尺码"], "skus-values": ["白, 黑", "S\nM\nL"]})
    assert len(controls(page).getlist("skus-row")) == 6 and skus(spu) == []
    assert "6 rows were added. Nothing is saved yet." in text(page)


def test_rows_of_combinations_are_saved_with_the_form(staff, make_spu, press):
    spu = make_spu(prices=())
    page = press("generate", spu, **{"skus-axis": ["颜色", "尺码"], "skus-values": ["白", "S\nM"]})
    save(staff, spu, controls(page))
    assert [sku.attrs for sku in skus(spu)] == [
        [["颜色", "白"], ["尺码", "S"]],
        [["颜色", "白"], ["尺码", "M"]],
    ]


def test_a_new_product_gets_its_rows_before_it_is_saved(staff, account, press):
    page = press("generate", title="新品", **{"skus-axis": ["尺码", ""], "skus-values": ["S\nM", ""]})
    assert Spu.objects.count() == 0
    send(staff, ADD, controls(page))
    assert Spu.objects.get().skus.count() == 2


def test_only_missing_combinations_are_added(staff, make_spu, press):
    page = press("generate", make_spu(), **{"skus-values": ["S\nM\nL", ""]})
    assert "1 row was added" in text(page)


def test_rows_that_lack_a_new_attribute_get_its_first_value(staff, make_spu, press):
    spu = make_spu()
    page = press("generate", spu, **{"skus-axis": ["尺码", "颜色"], "skus-values": ["S\nM", "白\n黑"]})
    save(staff, spu, controls(page))
    assert [[value for _name, value in sku.attrs] for sku in skus(spu)] == [
        ["S", "白"], ["M", "白"], ["S", "黑"], ["M", "黑"],
    ]  # fmt: skip


def test_too_many_combinations_are_not_made(staff, make_spu, press):
    values = "\n".join(map(str, range(20)))
    page = press("generate", make_spu(), **{"skus-axis": ["a", "b"], "skus-values": [values, values]})
    assert "That would be 400 SKUs" in text(page)


def test_an_attribute_is_renamed_in_all_rows(staff, make_spu):
    spu = make_spu()
    save(staff, spu, opened(staff, spu), **{"skus-axis": ["大小", ""]})
    assert [sku.attrs for sku in skus(spu)] == [[["大小", "S"]], [["大小", "M"]]]


def test_an_attribute_whose_name_is_emptied_goes(staff, make_spu):
    spu = make_spu()
    spu.skus.update(attrs=[["颜色", "白"], ["尺码", "S"]])
    save(staff, spu, opened(staff, spu), **{"skus-axis": ["", "尺码", ""]})
    assert skus(spu)[0].attrs == [["尺码", "S"]]


def test_attributes_are_put_into_one_order_when_something_is_saved(staff, make_spu):
    spu = make_spu()
    one, two = skus(spu)
    Sku.objects.filter(pk=one.pk).update(attrs=[["颜色", "白"], ["尺码", "S"]])
    Sku.objects.filter(pk=two.pk).update(attrs=[["尺码", "M"], ["颜色", "白"]])
    save(staff, spu, opened(staff, spu), **{cell(one, "stock"): "1"})
    assert skus(spu)[1].attrs == [["颜色", "白"], ["尺码", "M"]]


def test_pictures_uploaded_with_a_button_of_the_table_are_kept(staff, make_spu, press):
    spu = make_spu()
    file = SimpleUploadedFile("a.png", png(colour="red"), "image/png")
    page = press("upload", spu, **{"skus-files": file, "title": ""})
    assert str(Picture.objects.last().pk) in controls(page)["skus-pictures"]


@pytest.mark.parametrize(
    ("files", "field"),
    [("skus-files", "skus"), ("head_imgs-files", "head_imgs"), ("desc_imgs-files", "desc_imgs")],
)
def test_what_is_no_picture_is_told_when_a_button_of_the_table_is_pressed(
    staff, make_spu, press, files, field
):
    page = press("upload", make_spu(), **{files: SimpleUploadedFile("list.png", b"no picture"), "title": ""})
    assert list(errors(page)) == [field] and "list.png is no picture" in text(page)
    assert "The pictures are here." not in text(page)


# --- many at once ---


def test_a_price_is_filled_into_all_rows(staff, make_spu, press):
    spu = make_spu()
    page = press("fill", spu, **{"skus-fill-sale_price": "66", "skus-fill-stock": "4"})
    save(staff, spu, controls(page))
    assert {(sku.sale_price, sku.stock) for sku in skus(spu)} == {(Decimal(66), 4)}


def test_a_price_is_filled_into_ticked_rows_only(staff, make_spu, press):
    spu = make_spu()
    one, two = skus(spu)
    page = press(
        "fill", spu, **{"skus-fill-sale_price": "66", "skus-fill-rows": "ticked", cell(two, "ticked"): "on"}
    )
    save(staff, spu, controls(page))
    assert [sku.sale_price for sku in skus(spu)] == [Decimal(88), Decimal(66)]


def test_a_button_of_the_table_shows_no_errors(staff, make_spu, press):
    page = press("fill", make_spu(), title="", **{"skus-fill-stock": "4"})
    assert not errors(page) and "errornote" not in text(page)


# --- pictures ---


def test_a_row_takes_a_picture_by_its_number(staff, make_spu):
    spu = make_spu()
    one = skus(spu)[0]
    save(staff, spu, opened(staff, spu), **{cell(one, "picture"): "2"})
    one.refresh_from_db()
    assert one.picture_id == spu.head_imgs[1]


def test_a_picture_that_is_not_there_is_told(staff, make_spu):
    spu = make_spu()
    one = skus(spu)[0]
    page = save(staff, spu, opened(staff, spu), **{cell(one, "picture"): "9"})
    assert grid_errors(page)[f"{one.pk}-picture"] == ["There is no picture 9."]


# --- two people ---


def test_a_cell_that_only_a_colleague_changed_is_kept(staff, colleague, make_spu):
    spu = make_spu()
    one = skus(spu)[0]
    data = opened(staff, spu)
    save(colleague, spu, opened(colleague, spu), **{cell(one, "sale_price"): "70"})
    save(staff, spu, data, **{cell(one, "stock"): "3"})
    one.refresh_from_db()
    assert (one.sale_price, one.stock) == (Decimal(70), 3)


def test_a_cell_that_both_changed_is_told_and_can_be_decided(staff, colleague, make_spu):
    spu = make_spu()
    one = skus(spu)[0]
    data = opened(staff, spu)
    save(colleague, spu, opened(colleague, spu), **{cell(one, "sale_price"): "70"})
    page = save(staff, spu, data, **{cell(one, "sale_price"): "71"})
    told = grid_errors(page)[f"{one.pk}-sale_price"][0]
    assert "Fang Wang" in told and "88.00 → 70.00" in told
    save(staff, spu, controls(page))
    one.refresh_from_db()
    assert one.sale_price == Decimal(71)


def test_a_button_of_the_table_does_not_hide_what_a_colleague_changed(staff, colleague, make_spu, press):
    spu = make_spu()
    one = skus(spu)[0]
    data = opened(staff, spu)
    save(colleague, spu, opened(colleague, spu), **{cell(one, "sale_price"): "70"})
    page = press("add", spu, data=data, **{cell(one, "sale_price"): "71"})
    page = save(staff, spu, controls(page))
    assert f"{one.pk}-sale_price" in grid_errors(page)


def test_a_row_that_a_colleague_added_stays(staff, colleague, make_spu, press):
    spu = make_spu()
    data = opened(staff, spu)
    Sku.objects.create(spu=spu, out_sku_id="NEW", attrs=[["尺码", "L"], ["颜色", "白"]], position=9)
    save(staff, spu, data, **{cell(skus(spu)[0], "stock"): "3"})
    assert skus(spu)[2].attrs == [["尺码", "L"], ["颜色", "白"]]


def test_a_row_that_a_colleague_took_out_is_told_if_it_was_changed(staff, make_spu):
    spu = make_spu()
    one = skus(spu)[0]
    data = opened(staff, spu)
    Sku.objects.filter(pk=one.pk).delete()
    page = save(staff, spu, data, **{cell(one, "stock"): "3"})
    assert "was taken out meanwhile: S." in text(page)


# --- many SKUs ---


def queries(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_the_page_costs_the_same_for_two_skus_and_for_a_hundred(staff, make_spu):
    few, full = make_spu(), make_spu(prices=())
    many(full, 100)
    staff.get(form_of(few))
    assert queries(lambda: staff.get(form_of(full))) <= queries(lambda: staff.get(form_of(few)))


def test_saving_costs_the_same_for_two_skus_and_for_a_hundred(staff, make_spu):
    few, full = make_spu(prices=()), make_spu(prices=())
    many(full, 100)
    Sku.objects.bulk_create(
        Sku(spu=few, account=few.account, out_sku_id=f"F-{n}", attrs=[["a", str(n)]], position=n)
        for n in (1, 2)
    )  # fmt: skip

    def dear(spu):
        data = opened(staff, spu)
        for sku in skus(spu):
            data[cell(sku, "sale_price")] = "90"
        return lambda: save(staff, spu, data)

    # SQLite takes a bulk write of a hundred rows in two parts.
    assert queries(dear(full)) <= queries(dear(few)) + 2
    assert {sku.sale_price for sku in skus(full)} == {Decimal(90)}


def test_the_page_of_a_hundred_skus_stays_small(staff, make_spu):
    spu = make_spu(prices=())
    many(spu, 100)
    assert len(staff.get(form_of(spu)).content) < PAGE_KB_MOST * 1000


def test_what_the_page_showed_cannot_break_out_of_it(staff, make_spu):
    spu = make_spu()
    spu.skus.update(attrs=[["尺码", "'><script>alert(1)</script>"]])
    page = text(staff.get(form_of(spu)))
    assert "<script>alert" not in page
    assert re.search(r"name=\"skus-shown\" value='[^'<>]*'", page)
    before = [sku.attrs for sku in skus(spu)]
    save(staff, spu, opened(staff, spu), **{cell(skus(spu)[0], "stock"): "3"})
    assert [sku.attrs for sku in skus(spu)] == before
