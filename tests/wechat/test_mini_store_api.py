"""The Mini Store's interfaces as methods: what is sent and what is read, against the simulator."""

import json

import pytest

from shopadmin.wechat.client import WeChatClient, client_for
from shopadmin.wechat.errors import Kind
from shopadmin.wechat.mini_store import MiniStoreAPI, ProductKey, SkuKey
from shopadmin.wechat.mini_store.catalogue import NO_BRAND
from shopadmin.wechat.mini_store.images import is_wechat_image
from tests.conftest import png
from tests.wechat.conftest import failure

OURS = ProductKey(out_product_id="TEA-7")
SMALL, LARGE = SkuKey(out_sku_id="TEA-7-100"), SkuKey(out_sku_id="TEA-7-250")


@pytest.fixture
def client(account) -> WeChatClient:
    return client_for(account)


@pytest.fixture
def store(client) -> MiniStoreAPI:
    return client.mini_store


def sku(key: SkuKey, weight: str, **changes):
    attrs = [{"attr_key": "净含量", "attr_value": weight}]
    fields = {"out_sku_id": key.out_sku_id, "sale_price": 8800, "market_price": 12800, "stock_num": 40}
    return fields | {"sku_attrs": attrs, "barcode": "0690123456784"} | changes


@pytest.fixture
def branch(store) -> list[str]:
    """Three category ids, one below the other."""
    ids, parent = [], "0"
    for name in ("食品饮料", "茶叶", "白茶"):
        parent = next(c.cat_id for c in store.catalogue.get_categories(parent) if c.name == name)
        ids.append(parent)
    return ids


@pytest.fixture
def spu(store, branch):
    """A product as it is sent, with one SKU."""
    link = store.images.upload("tea.png", png(400, 400), "image/png", width=400, height=400)
    return {
        "out_product_id": OURS.out_product_id,
        "title": "山野白茶 2026春 罐装",
        "sub_title": "高山荒野茶",
        "head_img": [link],
        "desc_info": {"imgs": [link]},
        "brand_id": int(NO_BRAND),
        "cats": [{"cat_id": int(pk), "level": level} for level, pk in enumerate(branch, 1)],
        "attrs": [{"attr_key": "产地", "attr_value": "福建福鼎"}],
        "model": "BC-100",
        "express_info": {"template_id": int(store.freight.get_templates()[0].template_id)},
        "product_type": 1,
        "skus": [{**sku(SMALL, "100g"), "out_product_id": OURS.out_product_id}],
    }


@pytest.fixture
def product(store, spu) -> ProductKey:
    return ProductKey(store.spu.add(spu))


@pytest.fixture
def on_sale(store, sim, product) -> ProductKey:
    store.spu.listing(product)
    sim.ripen()
    return product


# --- Products ---


def test_a_new_product_is_a_draft_with_what_was_sent(store, product, branch, spu):
    draft = store.spu.get(product, draft=True)
    assert (draft.title, draft.cat_ids, draft.head_img) == (spu["title"], branch, spu["head_img"])
    assert (draft.attrs, draft.brand_id, len(draft.sku_ids)) == ([("产地", "福建福鼎")], NO_BRAND, 1)


@pytest.mark.parametrize("store_ids", ["above_2_53", "near_2_63", "up_to_2_64"])
def test_ids_of_any_size_come_back_unchanged(store, sim, spu, store_ids):
    sim.settings(store_ids=store_ids)
    product_id = store.spu.add(spu)
    assert int(product_id) > 2**53
    assert store.spu.get(ProductKey(product_id), draft=True).product_id == product_id


def test_ids_may_come_as_text(store, sim, product):
    sim.settings(ids_as_strings=True)
    assert store.spu.get(product, draft=True).product_id == product.product_id


def test_a_product_is_found_by_our_own_id(store, product):
    assert store.spu.get(OURS, draft=True).product_id == product.product_id


def test_a_product_that_was_never_listed_has_no_online_copy(store, product):
    assert failure(lambda: store.spu.get(product, draft=False)).kind in {Kind.NOT_FOUND, Kind.NO_ANSWER}


def test_an_own_id_that_is_taken_is_told(store, product, spu):
    error = failure(lambda: store.spu.add(spu))
    assert (error.errcode, error.kind) == (9401001, Kind.STATE)


def test_a_product_made_without_its_skus_is_told_apart(store, sim, spu):
    sim.next("apply_then_errcode", errcode=100009, path="/product/spu/add")
    assert failure(lambda: store.spu.add(spu)).errcode == 100009
    assert store.spu.get(OURS, draft=True).sku_ids == []


def test_an_update_changes_the_draft_only(store, on_sale, spu):
    changed = {name: value for name, value in spu.items() if name != "skus"} | {"title": "山野白茶 礼盒"}
    store.spu.update(changed)
    titles = [store.spu.get(on_sale, draft=draft).title for draft in (True, False)]
    assert titles == ["山野白茶 礼盒", spu["title"]]


def test_a_passed_review_puts_it_on_sale(store, on_sale):
    online = store.spu.get(on_sale, draft=False)
    assert (online.status, online.edit_status, online.min_price) == (5, 4, 8800)


def test_under_review_nothing_can_be_changed(store, product, spu):
    store.spu.listing(product)
    assert failure(lambda: store.spu.update(spu | {"skus": []})).errcode == 9401023


def test_a_refused_review_leaves_it_off_sale(store, sim, product):
    store.spu.listing(product)
    sim.review(int(product.product_id), approve=False)
    assert store.spu.get(product, draft=True).edit_status == 3


def test_delisting_takes_it_off_sale(store, on_sale):
    store.spu.delisting(on_sale)
    assert store.spu.get(on_sale, draft=False).status == 11


def test_a_deleted_product_is_gone(store, product):
    store.spu.delete(product)
    assert failure(lambda: store.spu.delete(product)).errcode == 9401002


def test_a_list_says_how_many_there_are(store, sim, on_sale):
    page = store.spu.get_list(5, 1, draft=False)
    assert (page.total, [spu.product_id for spu in page.spus]) == (1, [on_sale.product_id])


def test_an_empty_list_may_lack_its_rows(store, sim):
    sim.settings(omit_empty_spus=True)
    assert store.spu.get_list(13, 1, draft=True).spus == []


def test_search_finds_what_is_on_sale(store, on_sale):
    assert [spu.product_id for spu in store.spu.search("白茶", 1, 20).spus] == [on_sale.product_id]


# --- SKUs and stock ---


def test_a_sku_comes_back_as_it_was_sent(store, product):
    [found] = store.sku.get_list(product.product_id, draft=True)
    assert (found.out_sku_id, found.sale_price, found.market_price) == (SMALL.out_sku_id, 8800, 12800)
    assert (found.attrs, found.stock_num) == ([("净含量", "100g")], 40)


def test_a_barcode_may_come_as_a_number(store, sim, product):
    sim.settings(barcode_as_number=True)
    assert store.sku.get_list(product.product_id, draft=True)[0].barcode == "690123456784"


def test_further_skus_return_their_ids(store, product):
    added = store.sku.batch_add(product, [sku(LARGE, "250g"), sku(SkuKey(out_sku_id="TEA-7-500"), "500g")])
    one = store.sku.add(product, sku(SkuKey(out_sku_id="TEA-7-50"), "50g"))
    listed = {found.sku_id for found in store.sku.get_list(product.product_id, draft=True)}
    assert {*added.values(), one} < listed and set(added) == {"TEA-7-250", "TEA-7-500"}


def test_more_skus_than_fit_into_a_call_are_not_sent(store, sim, product):
    many = [sku(SkuKey(out_sku_id=f"T{n}"), f"{n}g") for n in range(21)]
    with pytest.raises(ValueError, match="at most 20"):
        store.sku.batch_add(product, many)


def test_a_sku_is_changed_and_removed(store, product):
    store.sku.add(product, sku(LARGE, "250g"))
    store.sku.update(product, LARGE, sku(LARGE, "250g", sale_price=19800, market_price=25800))
    assert store.sku.get(LARGE, draft=True).sale_price == 19800
    store.sku.delete(product, LARGE)
    assert len(store.sku.get_list(product.product_id, draft=True)) == 1


def test_a_market_price_that_is_not_higher_is_refused(store, product):
    error = failure(lambda: store.sku.update_price(product, SMALL, 8800, 8800))
    assert (error.errcode, error.kind) == (9401055, Kind.INPUT)


def test_prices_change_alone(store, on_sale):
    store.sku.update_price(on_sale, SMALL, 7900)
    assert store.sku.get(SMALL, draft=False).sale_price == 7900


def test_stock_is_set_and_changed(store, product):
    store.stock.set(product, SMALL, 12)
    store.stock.change(product, SMALL, -5)
    assert store.stock.get(product, SMALL) == 7


def test_a_stock_of_nothing_is_not_sent(store, sim, product):
    with pytest.raises(ValueError, match="does not set a stock of 0"):
        store.stock.set(product, SMALL, 0)
    assert sim.calls("/product/stock/update") == []


def test_stock_of_an_unknown_sku_is_told(store, product):
    assert failure(lambda: store.stock.get(product, LARGE)).kind is Kind.NOT_FOUND


def test_without_any_id_nothing_is_sent(store):
    with pytest.raises(ValueError, match="neither product_id nor out_product_id"):
        store.spu.delete(ProductKey())


# --- Freight, catalogue, pictures ---


def test_a_freight_template_is_made_changed_and_read(store):
    [first, *_] = store.freight.get_templates()
    content = {
        name: value
        for name, value in first.content.items()
        if name not in ("template_id", "create_time", "update_time", "is_default")
    }
    made = store.freight.insert(content | {"name": "西北加价"})
    store.freight.update(made, content | {"name": "西北加价 2"})
    assert {row.template_id: row.name for row in store.freight.get_templates()}[made] == "西北加价 2"


def test_an_errcode_as_text_is_still_success(store, sim):
    sim.settings(freight_errcode_as_string=True)
    assert store.freight.get_templates()


def test_couriers_have_names(store):
    assert all(store.freight.get_companies().values())


def test_brands_name_their_branch(store):
    assert all(all(brand.cat_ids) and brand.name for brand in store.catalogue.get_brands())


def test_the_shelf_and_the_store_are_read(store):
    assert all(shelf.name for shelf in store.catalogue.get_shelf())
    assert store.catalogue.get_store().name


def test_a_picture_can_be_fetched_by_wechat(store):
    assert is_wechat_image(store.images.upload_from("https://shop.example/img/tea.jpg"))


def answering_with(sim, link):
    body = json.dumps({"errcode": 0, "pic_file": {"temp_img_url": link}})
    sim.next("garbage", path="/product/img/upload", body=body)


def test_a_link_without_a_scheme_gets_one(store, sim):
    answering_with(sim, "mmecimage.cn/p/wx0123456789abcdef/Hq7ZpQ2tRk9w")
    assert store.images.upload_from("https://shop.example/a.jpg").startswith("https://mmecimage.cn/p/")


def test_a_link_that_products_may_not_carry_is_no_answer(store, sim):
    answering_with(sim, "https://elsewhere.example/a.jpg")
    assert failure(lambda: store.images.upload_from("https://shop.example/a.jpg")).kind is Kind.NO_ANSWER


def test_a_picture_of_another_size_than_told_is_refused(store):
    picture = png(400, 400)
    ask = lambda: store.images.upload("a.png", picture, "image/png", width=1, height=1)  # noqa: E731
    assert failure(ask).errcode == 101003


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://mmecimage.cn/p/wx0123456789abcdef/Hq7", True),
        ("http://mmbizurl.cn/p/abc", True),
        ("https://store.mp.video.tencent-cloud.com/161/a", True),
        ("https://mmecimage.cn/q/abc", False),
        ("https://mmecimage.cn.example.com/p/abc", False),
        ("ftp://mmecimage.cn/p/abc", False),
        ("mmecimage.cn/p/abc", False),
        ("http://[broken", False),
    ],
)
def test_only_wechats_own_pictures_are_taken(url, taken):
    assert is_wechat_image(url) is taken
