"""Window products however WeChat writes them: ids, flags, numbers, objects and lists in any form."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopadmin.wechat.reading import as_bool
from shopadmin.wechat.window.products import ProductKind, read_found, read_page

ids = st.integers(1, 2**64 - 1)
numbers = st.integers(0, 2**53)
YES, NO = (True, 1, "1", "true"), (False, 0, "0", "false", None)
none = st.sampled_from([None, {}])


def either(number: int) -> st.SearchStrategy:
    """A number as WeChat may write it."""
    return st.sampled_from([number, str(number)])


def travelled(answer: dict) -> dict:
    """The answer after its journey as JSON."""
    return json.loads(json.dumps(answer))


@pytest.mark.parametrize("written", YES, ids=repr)
def test_a_flag_that_is_on(written):
    assert as_bool(written) is True


@pytest.mark.parametrize("written", [*NO, "", [], {}, "yes", 2], ids=repr)
def test_a_flag_that_is_off_or_none(written):
    assert as_bool(written) is False


@given(st.data(), ids, ids, ids, numbers, numbers)
def test_an_own_product_reads_the_same_however_it_is_written(data, number, category, branch, price, end):
    draw = data.draw
    row = {
        "product_id": draw(either(number)),
        "appid": "wx5d2e90c4ab17f386",
        "third_category_id": draw(either(category)),
        "leaf_category_id": draw(either(category)),
        "selling_price": draw(either(price)),
        "is_hide_for_window": draw(st.sampled_from(YES)),
        "banned": draw(st.sampled_from(NO)),
        "branch_info": {"branch_id": draw(either(branch)), "branch_status": draw(either(1))},
        "limit_discount_info": {
            "is_effect": draw(st.sampled_from(YES)),
            "discount_price": draw(either(price)),
            "end_time_ms": draw(either(end)),
        },
        "banned_details": draw(none),
        "page_path": draw(none),
        "product_recommend_wording": "不再使用",
    }
    answer = travelled({"errcode": 0, "product": row, "cps_products": draw(none)})
    found = read_found(answer, asked=str(number), appid="wx5d2e90c4ab17f386", with_cps=draw(st.booleans()))
    product = found.product
    assert (product.kind, product.product_id, product.cps_id) == (ProductKind.OWN, str(number), "")
    assert (product.third_category_id, product.leaf_category_id) == (str(category), str(category))
    assert (product.selling_price, product.is_hide_for_window, product.banned) == (price, True, False)
    assert (product.branch_info.branch_id, product.branch_info.branch_status) == (str(branch), 1)
    discount = product.limit_discount_info
    assert (discount.is_effect, discount.discount_price, discount.end_time_ms) == (True, price, end)
    assert (product.banned_details, product.page_path, found.cps_products) == (None, None, [])


@given(st.data(), ids, ids, st.integers(0, 3))
def test_a_plan_reads_the_same_however_it_is_written(data, cps_id, product_id, item_type):
    draw = data.draw
    row = {
        "product_id": draw(either(cps_id)),
        "out_product_id": draw(either(product_id)),
        "cps_item_type": draw(either(item_type)),
        "product_promotion_link": "v1=Qm9n",
    }
    if draw(st.booleans()):
        row["appid"] = "wx5d2e90c4ab17f386"
    plans = row if draw(st.booleans()) else [row]
    product = draw(st.sampled_from([None, {}, row]))
    asked = draw(st.sampled_from([cps_id, product_id]))
    answer = travelled({"errcode": 0, "product": product, "cps_products": plans})
    found = read_found(answer, asked=str(asked), appid="", with_cps=True)
    [plan] = found.cps_products
    assert (plan.kind, plan.cps_id, plan.product_id) == (ProductKind.CPS, str(cps_id), str(product_id))
    assert (plan.cps_item_type, plan.product_promotion_link) == (item_type, "v1=Qm9n")
    assert found.product in (None, plan)


@given(st.data(), ids, ids)
def test_a_row_of_the_list_reads_the_same_however_it_is_written(data, number, source_id):
    draw = data.draw
    cps = draw(st.booleans())
    row = {"product_id": draw(either(number)), "appid": "wx5d2e90c4ab17f386"}
    if cps:
        row["out_product_id"] = draw(either(source_id))
    # A source that is not told, or one nobody knows yet, leaves the out_product_id to tell.
    if (source := draw(st.sampled_from([None, 2 if cps else 1, 9]))) is not None:
        row["product_source"] = draw(either(source))
    products = row if draw(st.booleans()) else [row]
    [listed] = read_page(travelled({"errcode": 0, "products": products})).products
    expected = (ProductKind.CPS, str(source_id), str(number)) if cps else (ProductKind.OWN, str(number), "")
    assert (listed.kind, listed.product_id, listed.cps_id) == expected
    assert listed.product_source == source


@pytest.mark.parametrize("products", [None, {}, []], ids=repr)
def test_a_page_without_products_is_empty(products):
    page = read_page({"errcode": 0, "products": products})
    assert (page.products, page.last_buffer, page.total) == ([], "", None)


def test_an_unset_plan_number_does_not_make_an_own_product_a_plan():
    row = {"product_id": "5", "appid": "wx5d2e90c4ab17f386", "cps_item_type": 0}
    found = read_found({"product": row}, asked="5", appid="", with_cps=True)
    assert found.product.kind is ProductKind.OWN


def test_an_own_product_may_lack_its_shop():
    row = {"product_id": "5", "out_product_id": "TEA-1"}
    found = read_found({"product": row}, asked="5", appid="wx5d2e90c4ab17f386", with_cps=True)
    assert (found.product.kind, found.product.out_product_id) == (ProductKind.OWN, "TEA-1")


def test_nothing_found_with_plans_is_nothing():
    found = read_found({"errcode": 0, "product": None}, asked="5", appid="", with_cps=True)
    assert (found.product, found.cps_products) == (None, [])


@pytest.mark.parametrize("number", [1e19, "1e19", "-5", "5.5", True, None, 0, "0", "TEA"], ids=repr)
def test_an_id_that_is_none_is_not_guessed(number):
    row = {"product_id": "5", "out_product_id": number, "product_source": 2}
    assert read_page({"products": [row]}).products[0].product_id == ""


def test_unknown_numbers_are_kept():
    row = {"product_id": "5", "status": 9, "banned_details": {"reason": 7}}
    product = read_found({"product": row}, asked="5", appid="wx", with_cps=False).product
    assert (product.status, product.banned_details.reason) == (9, 7)
