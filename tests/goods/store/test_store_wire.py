"""Between our fields and WeChat's: exact money, ids of any size, days in Beijing."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from goods.models import Sku, Spu
from goods.store import wire
from goods.store.absorbing import absorb_spu
from shopadmin.wechat.mini_store import ProductKey, SkuKey
from shopadmin.wechat.mini_store.sku import _remote as read_sku
from shopadmin.wechat.mini_store.spu import _remote as read_spu
from shopadmin.wechat.transport import encode, read_answer

fens = st.integers(0, 10**9)
ids = st.integers(1, 2**64 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
pairs = st.lists(st.tuples(texts, texts), max_size=3)
with_database = examples(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def over_the_wire(body: dict) -> dict:
    """As it comes out at the other end."""
    return read_answer(200, encode(body), "mini_store")


# --- money ---


@given(fens)
def test_fen_become_yuan_and_the_same_fen_again(fen):
    assert wire.fen(wire.yuan(fen)) == fen


@given(fens)
def test_the_text_of_a_snapshot_is_the_same_amount(fen):
    assert wire.fen(Decimal(wire.yuan_text(fen))) == fen


@given(st.decimals(0, 10**7, places=2))
def test_yuan_become_fen_and_the_same_yuan_again(yuan):
    assert wire.yuan(wire.fen(yuan)) == yuan


@given(st.decimals(0, 10**6, places=3).filter(lambda yuan: yuan * 100 % 1))
def test_parts_of_a_fen_are_never_rounded(yuan):
    with pytest.raises(ValueError):
        wire.fen(yuan)


@given(fens)
def test_fen_are_whole_numbers_on_the_wire(fen):
    assert json.loads(encode({"sale_price": wire.fen(wire.yuan(fen))})) == {"sale_price": fen}


@given(fens)
@with_database
def test_fen_survive_our_database(sku, fen):
    Sku.objects.filter(pk=sku.pk).update(sale_price=wire.yuan(fen))
    assert wire.sku_entry(Sku.objects.get(pk=sku.pk))["sale_price"] == fen


# --- ids ---


@given(ids)
def test_an_id_is_a_number_on_the_wire_and_text_here(number):
    assert over_the_wire(ProductKey(str(number)).wire()) == {"product_id": number}
    assert over_the_wire(SkuKey(str(number)).wire()) == {"sku_id": number}


@given(ids, ids, st.booleans())
def test_an_id_is_read_as_written_or_as_a_number(product_id, sku_id, quoted):
    as_written = str if quoted else int
    row = over_the_wire({"product_id": as_written(product_id), "skus": [{"sku_id": as_written(sku_id)}]})
    remote = read_spu(row, row)
    assert (remote.product_id, remote.sku_ids) == (str(product_id), [str(sku_id)])


@given(ids, ids, ids)
@with_database
def test_ids_survive_model_snapshot_and_wire(spu, product_id, cat, brand):
    cats = [{"cat_id": cat - 1, "level": 1}, {"cat_id": cat, "level": 2}, {"cat_id": cat, "level": 3}]
    row = over_the_wire({"product_id": product_id, "cats": cats, "brand_id": brand})
    absorb_spu(spu, read_spu(row, row), draft=True)
    Spu.objects.filter(pk=spu.pk).update(
        product_id=str(product_id),
        remote=spu.remote,
        cats=spu.remote["cats"],
        brand_id=spu.remote["brand_id"],
    )
    kept = Spu.objects.get(pk=spu.pk)
    sent = over_the_wire({**kept.key.wire(), **wire.spu_fields(kept)})
    assert (sent["product_id"], sent["brand_id"], sent["cats"]) == (product_id, brand, cats)


@given(ids)
@with_database
def test_the_id_of_a_template_survives(spu, number):
    type(spu.freight_template).objects.update(template_id=str(number))
    assert wire.spu_fields(Spu.objects.get(pk=spu.pk))["express_info"] == {"template_id": number}


# --- the rest ---


@given(pairs)
def test_attributes_keep_their_order_and_characters(attrs):
    sent = over_the_wire({"attrs": wire.wire_pairs(attrs), "product_id": 1})
    assert wire.pairs(read_spu(sent, sent).attrs) == [list(pair) for pair in attrs]


@given(fens, st.one_of(st.none(), fens), st.integers(0, 10**7), texts, pairs)
def test_a_sku_is_read_as_it_was_sent(sale, market, stock, code, attrs):
    sku = Sku(out_sku_id="A", sale_price=wire.yuan(sale), stock=stock, sku_code=code, barcode="0690")
    sku.market_price = None if market is None else wire.yuan(market)
    sku.attrs = [list(pair) for pair in attrs]
    entry = wire.sku_entry(sku)
    answer = over_the_wire({"sku_id": 7, **wire.sku_fields(entry, "https://mmecimage.cn/p/a/b")})
    remote = read_sku(answer, answer)
    sku.remote = wire.sku_snapshot(remote)
    sku.picture = None
    assert [field for field in sku.SHARED if field != "thumb_img" and sku.differs(field)] == []
    assert remote.stock_num == stock


@given(st.dates(dt.date(2020, 1, 1), dt.date(2037, 12, 31)), st.integers(0, 86_399))
def test_a_day_begins_and_ends_in_beijing(day, second):
    begin, end = wire._begins(day), wire._ends(day)
    assert end - begin == 86_399
    assert wire.day_of(begin + second) == day


@pytest.mark.parametrize("seconds", [None, 0, "", "x", 10**18, -(10**18), [], {}])
def test_a_time_that_is_none_is_no_day(seconds):
    assert wire.day_of(seconds) is None


def test_nothing_of_ours_goes_over_the_wire(spu):
    entry = wire.sku_entry(spu.skus.first())
    assert not set(wire.OURS) & wire.sku_fields(entry, "").keys()


@pytest.fixture
def spu(make_spu):
    return make_spu()


@pytest.fixture
def sku(spu):
    return spu.skus.first()
