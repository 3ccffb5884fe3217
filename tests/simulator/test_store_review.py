"""Reviews of products, and the states between which a product moves."""

import pytest

from tests.simulator.storefront import (
    DELISTED,
    EDITING,
    ON_SALE,
    PASSED,
    RECYCLED,
    REFUSED,
    REMOVED,
    UNDER_REVIEW,
    added,
    ask,
    draft,
    first_sku,
    listed,
    online,
    sku_fields,
    update,
)


def states(wechat, product_id):
    spu = draft(wechat, product_id)
    return spu["status"], spu["edit_status"]


def test_listing_submits_the_draft(wechat):
    product_id = added(wechat)
    assert ask(wechat, "spu/listing", product_id=product_id) == {"errcode": 0, "errmsg": "ok"}
    assert states(wechat, product_id) == (0, UNDER_REVIEW)


def test_review_takes_its_time(sim, wechat):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.advance(14)
    assert states(wechat, product_id) == (0, UNDER_REVIEW)


def test_ordinary_product_passes(sim, wechat):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.advance(15)
    assert states(wechat, product_id) == (ON_SALE, PASSED)


def test_passed_draft_replaces_what_is_online(sim, wechat):
    product_id = listed(sim, wechat)
    update(wechat, product_id, title="山野白茶 礼盒")
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert online(wechat, product_id)["title"] == "山野白茶 礼盒"


def test_refused_draft_leaves_what_is_online(sim, wechat):
    product_id = listed(sim, wechat)
    update(wechat, product_id, title="顶级白茶")
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert states(wechat, product_id) == (ON_SALE, REFUSED)
    assert online(wechat, product_id)["title"] == "山野白茶 2026春 罐装"


@pytest.mark.parametrize("name", ["title", "sub_title"])
def test_forbidden_word_is_refused_with_a_reason(sim, wechat, name):
    product_id = added(wechat, **{name: "国家级白茶"})
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert (sim.spu(product_id)["edit_status"], "国家级" in sim.spu(product_id)["reason"]) == (REFUSED, True)


@pytest.mark.parametrize(
    ("verdict", "title", "ends"), [("approve", "顶级白茶", PASSED), ("refuse", "白茶", REFUSED)]
)
def test_verdict_of_all_reviews_can_be_set(sim, wechat, verdict, title, ends):
    sim.settings(spu_verdict=verdict)
    product_id = added(wechat, title=title)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert draft(wechat, product_id)["edit_status"] == ends


def test_verdict_by_hand_overrules_the_rules(sim, wechat):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.review(product_id, approve=False, reason="主图含有联系方式")
    sim.advance(3600)
    assert states(wechat, product_id) == (0, REFUSED)
    assert sim.spu(product_id)["reason"] == "主图含有联系方式"


def test_no_verdict_on_what_is_not_under_review(sim, wechat):
    with pytest.raises(ValueError, match="not under review"):
        sim.review(added(wechat), approve=True)


def test_corrected_draft_can_be_listed_again(sim, wechat):
    product_id = added(wechat, title="顶级白茶")
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    update(wechat, product_id)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert states(wechat, product_id) == (ON_SALE, PASSED)


def test_withdrawn_review_does_not_ripen(sim, wechat):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.withdraw(product_id)
    sim.advance(3600)
    assert states(wechat, product_id) == (0, EDITING)


def test_second_review_ripens_by_its_own_delay(sim, wechat):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.withdraw(product_id)
    sim.advance(10)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.advance(10)
    assert draft(wechat, product_id)["edit_status"] == UNDER_REVIEW


def test_ripen_counts_products_too(sim, wechat):
    ask(wechat, "spu/listing", product_id=added(wechat))
    assert sim.ripen() == 1


def test_product_without_skus_cannot_be_listed(wechat):
    assert ask(wechat, "spu/listing", product_id=added(wechat, skus=None))["errcode"] == 9401020


def test_unchanged_product_goes_to_review_again(sim, wechat):
    product_id = listed(sim, wechat)
    ask(wechat, "spu/delisting", product_id=product_id)
    ask(wechat, "spu/listing", product_id=product_id)
    assert states(wechat, product_id) == (DELISTED, UNDER_REVIEW)


@pytest.mark.parametrize(
    ("path", "errcode"),
    [
        ("spu/update", 9401023),
        ("spu/del", 9401023),
        ("spu/listing", 9401023),
        ("sku/add", 9401025),
        ("sku/update", 9401025),
        ("sku/update_price", 9401025),
        ("sku/del", 9401025),
    ],
)
def test_draft_under_review_cannot_be_changed(wechat, path, errcode):
    product_id = added(wechat)
    sku_id = first_sku(wechat, product_id)
    ask(wechat, "spu/listing", product_id=product_id)
    assert ask(wechat, path, product_id=product_id, sku_id=sku_id)["errcode"] == errcode


def test_several_skus_cannot_be_added_under_review(wechat):
    product_id = added(wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    answer = ask(wechat, "sku/batch_add", skus=[sku_fields("NEW", product_id=product_id)])
    assert answer["errcode"] == 9401025


@pytest.mark.parametrize(
    ("path", "errcode"), [("spu/update", 9401022), ("spu/listing", 9401022), ("sku/del", 9401024)]
)
def test_product_in_the_recycle_bin_cannot_be_changed(sim, wechat, path, errcode):
    product_id = listed(sim, wechat)
    sku_id = first_sku(wechat, product_id)
    sim.recycle_spu(product_id)
    assert draft(wechat, product_id)["status"] == RECYCLED
    assert ask(wechat, path, product_id=product_id, sku_id=sku_id)["errcode"] == errcode


def test_delisting_takes_off_sale_at_once(sim, wechat):
    product_id = listed(sim, wechat)
    assert ask(wechat, "spu/delisting", out_product_id="TEA-7") == {"errcode": 0, "errmsg": "ok"}
    assert states(wechat, product_id) == (DELISTED, PASSED)


def test_delisting_twice_is_no_mistake(sim, wechat):
    product_id = listed(sim, wechat)
    ask(wechat, "spu/delisting", product_id=product_id)
    assert ask(wechat, "spu/delisting", product_id=product_id)["errcode"] == 0


def test_what_was_never_on_sale_cannot_be_taken_off(wechat):
    assert ask(wechat, "spu/delisting", product_id=added(wechat))["errcode"] == 9401023


def test_delisting_does_not_end_a_review(sim, wechat):
    product_id = listed(sim, wechat)
    ask(wechat, "spu/listing", product_id=product_id)
    ask(wechat, "spu/delisting", product_id=product_id)
    sim.ripen()
    assert states(wechat, product_id) == (ON_SALE, PASSED)


def test_product_can_be_deleted_from_sale(sim, wechat):
    assert ask(wechat, "spu/del", product_id=listed(sim, wechat))["errcode"] == 0


def test_wechat_removes_and_restores(sim, wechat):
    product_id = listed(sim, wechat)
    sim.remove_spu(product_id)
    assert states(wechat, product_id) == (REMOVED, PASSED)
    sim.restore_spu(product_id)
    assert states(wechat, product_id) == (ON_SALE, PASSED)


def test_what_was_never_online_cannot_be_removed(sim, wechat):
    with pytest.raises(ValueError, match="never been online"):
        sim.remove_spu(added(wechat))


def test_what_is_not_removed_cannot_be_restored(sim, wechat):
    with pytest.raises(ValueError, match="not removed"):
        sim.restore_spu(listed(sim, wechat))


@pytest.mark.parametrize(("final", "errcode"), [(False, 0), (True, 9401023)])
def test_removal_can_be_made_final(sim, wechat, final, errcode):
    sim.settings(removed_is_final=final)
    product_id = listed(sim, wechat)
    sim.remove_spu(product_id)
    assert update(wechat, product_id)["errcode"] == errcode


def test_removed_product_can_be_reviewed_anew(sim, wechat):
    product_id = listed(sim, wechat)
    sim.remove_spu(product_id)
    ask(wechat, "spu/listing", product_id=product_id)
    sim.ripen()
    assert states(wechat, product_id) == (ON_SALE, PASSED)


@pytest.mark.parametrize("write", ["update", "sku"])
def test_every_change_of_the_draft_opens_it_for_editing(sim, wechat, write):
    product_id = listed(sim, wechat)
    if write == "update":
        update(wechat, product_id)
    else:
        ask(wechat, "sku/add", product_id=product_id, **sku_fields("NEW"))
    assert states(wechat, product_id) == (ON_SALE, EDITING)
