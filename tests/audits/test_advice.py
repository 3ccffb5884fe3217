"""What an answer means and what to do about it, beside a record: short in a list, in full on its page."""

import re

import pytest
from django.utils import translation

from audits.admin import words
from audits.admin.words import advice, field_to_fix, full_advice, short_advice, step_words, trouble
from goods.models import FreightTemplate, LiveGoods, Sku, Spu
from shopadmin.wechat.errcodes import all_codes
from tests.people import form_of
from tests.processes import ROOT

EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def refused(make_goods, errcode, errmsg=""):
    return make_goods(errcode=errcode, errmsg=errmsg)


def test_the_short_advice_leads_to_the_field(make_goods):
    goods = refused(make_goods, 300002)
    assert short_advice(goods) == (
        "The length of the name breaks the rules (300002) "
        f'<a href="{form_of(goods)}#id_name">Correct: name</a>'
    )


def test_the_full_advice_tells_what_to_do(make_goods):
    shown = full_advice(refused(make_goods, 300002))
    assert "Use 3 to 14 Chinese characters" in shown and '<a href="#id_name">Correct: name</a>' in shown


@pytest.mark.parametrize("shown", [short_advice, full_advice])
@pytest.mark.parametrize("errcode", [0, None])
def test_without_a_refusal_there_is_no_advice(make_goods, shown, errcode):
    assert shown(refused(make_goods, errcode)) == ""


def test_a_code_that_names_no_field_leads_to_none(make_goods):
    assert "<a" not in short_advice(refused(make_goods, 300010))


def test_the_account_is_not_corrected_on_the_page_of_a_record():
    assert field_to_fix(LiveGoods, 48001) is None


def test_a_field_of_another_family_leads_to_none():
    assert field_to_fix(LiveGoods, 300022) is None


def test_wechats_own_words_stand_in_the_full_advice_without_the_number_of_the_call(make_goods):
    shown = full_advice(
        refused(make_goods, 200002, "invalid goodsInfo.name, rid: 6389a1f2-1b2c3d4e-5f6a7b8c")
    )
    assert "“invalid goodsInfo.name”" in shown and "rid" not in shown


@pytest.mark.parametrize("shown", [short_advice, full_advice])
@pytest.mark.parametrize("errcode", [123456, None])
def test_wechats_words_are_escaped(make_goods, shown, errcode):
    assert EVIL not in shown(refused(make_goods, errcode, EVIL))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_fault_of_the_server_is_a_sentence(make_goods, status):
    goods = refused(make_goods, None, f"HTTP {status}")
    assert short_advice(goods) == f"WeChat&#x27;s server had a fault (HTTP {status})."


def test_a_call_that_the_server_turned_away_is_a_sentence():
    assert trouble("HTTP 413")[0] == "WeChat's server turned the call away (HTTP 413)."


def test_a_lost_answer_advises_to_look_first(make_goods):
    assert "refresh the record first" in full_advice(refused(make_goods, None, "no answer in time"))


@pytest.mark.parametrize("errmsg", sorted(words.TROUBLE))
def test_trouble_is_told_in_whole_sentences(errmsg):
    assert re.fullmatch(r"[A-Z].*\.", advice("live_goods", None, errmsg)[0])


def test_every_trouble_of_the_connection_has_its_sentence():
    """Reads the source: a new text there must not reach staff as half a sentence."""
    kept = set()
    for name in ("transport", "token"):
        source = (ROOT / "shopadmin" / "wechat" / f"{name}.py").read_text(encoding="utf-8")
        kept |= set(re.findall(r'gettext_noop\(\s*"([^"]+)"', source))
    assert kept and kept <= set(words.TROUBLE)


def test_a_step_is_called_by_its_words():
    assert str(step_words("upload_cover")) == "Upload the picture"


def test_a_step_without_words_is_still_readable():
    assert step_words("set_stock") == "set stock"


def test_every_step_that_exists_has_its_words():
    names = {step.name for steps in LiveGoods.OPERATIONS.values() for step in steps}
    assert names <= set(words.STEPS)


def test_every_field_that_a_live_goods_code_names_is_one_that_staff_can_correct():
    named = {row.code for row in all_codes() if row.family == "live_goods" and row.field}
    elsewhere = {row.code for row in all_codes() if row.field in ("account", "room_id")}
    assert [code for code in named - elsewhere if field_to_fix(LiveGoods, code) is None] == []


# --- the Mini Store ---


def named(family: str) -> set[str]:
    return {row.field for row in all_codes() if row.family == family and row.field not in ("", "account")}


def test_every_field_that_a_mini_store_code_names_is_one_of_products_or_their_skus():
    fields = {field.name for model in (Spu, Sku) for field in model._meta.get_fields()}
    assert named("mini_store") <= fields


def test_every_field_that_a_mini_store_code_names_is_one_that_staff_can_correct():
    """Those of WeChat's own numbers apart: what is gone there is read again, or submitted again."""
    rows = [row for row in all_codes() if row.family == "mini_store" and row.field in named("mini_store")]
    nowhere = {row.field for row in rows if field_to_fix(Spu, row.code) is None}
    assert nowhere == {"product_id", "sku_id"}


@pytest.mark.parametrize(
    ("errcode", "anchor"),
    [
        (9401036, "id_title"),
        (9401034, "id_freight_template"),
        (110111, "id_coupon_valid_type"),
        (9401032, "id_cats"),
        (9401050, "id_head_imgs"),
        (9401001, "id_out_product_id"),
    ],
)
def test_a_code_of_the_product_leads_to_its_field(errcode, anchor):
    assert field_to_fix(Spu, errcode).anchor == anchor


@pytest.mark.parametrize("errcode", [9401005, 9401007, 9401008, 9401054, 9401055])
def test_a_code_of_a_sku_leads_to_the_skus_of_the_product(errcode):
    assert field_to_fix(Spu, errcode).anchor == "skus"


def test_the_field_of_a_sku_is_called_by_its_name():
    assert str(field_to_fix(Spu, 9401055).verbose_name) == "market price (yuan)"


def test_the_account_is_not_corrected_on_the_page_of_a_product():
    assert field_to_fix(Spu, 9401021) is None


def test_a_field_that_a_template_does_not_have_leads_to_none():
    assert field_to_fix(FreightTemplate, 9401034) is None
