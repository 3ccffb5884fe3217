"""What each operation does at WeChat and to our records."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from audits.operations import Operation
from audits.tasks import drain
from goods.models import Picture, Sku, Spu
from goods.store.choices import CouponValid, CouponVerify, EditStatus, OnlineStatus, ProductType
from shopadmin.wechat.client import client_for
from shopadmin.wechat.mini_store import SkuKey
from shopadmin.wechat.mini_store.images import ImagesAPI
from shopadmin.wechat.mini_store.sku import SkuAPI
from shopadmin.wechat.mini_store.spu import SpuAPI
from shopadmin.wechat.mini_store.stock import StockAPI
from tests.goods.store.copies import all_theirs, copy_of, look, ours, stocks, their_sku, theirs
from tests.journal import calls, push_of, statuses

COUPON_DAYS = {
    "product_type": ProductType.COUPON, "coupon_verify_type": CouponVerify.NOT_ON_HOLIDAYS,
    "coupon_valid_type": CouponValid.DAYS, "coupon_days": 30,
}  # fmt: skip


def change_sku(spu: Spu, place: int = 0, **fields: object) -> Sku:
    sku = spu.skus.all()[place]
    for name, value in fields.items():
        setattr(sku, name, value)
    sku.save()
    spu.recheck()
    return sku


def sent(sim, path: str) -> dict:
    return sim.calls(path)[-1]["body"]


# --- submit ---


def test_added_product_is_a_draft_with_its_numbers(make_spu, send, sim):
    spu = make_spu()
    send("add", spu)
    assert statuses() == ["done"]
    draft = theirs(sim, spu)["draft"]
    assert (spu.status, spu.audit_status) == (0, 1)
    assert {str(sku["sku_id"]) for sku in draft["skus"]} == {sku.sku_id for sku in spu.skus.all()}


def test_the_draft_at_wechat_is_ours_field_by_field(make_spu, send, sim, picture):
    spu = make_spu(
        desc_imgs=[picture("pink").pk], attrs=[["材质", "棉"], ["产地", "福建"]], model_name="TX-1"
    )
    change_sku(spu, market_price=Decimal("128"), sku_code="A1", barcode="0690123", picture=picture("gold"))
    send("add", spu)
    assert copy_of(theirs(sim, spu)["draft"]) == ours(spu)


def test_a_picture_used_twice_is_uploaded_once(make_spu, send, sim, picture):
    send("add", make_spu(head_imgs=[picture().pk], desc_imgs=[picture().pk]))
    assert calls(sim, ImagesAPI.UPLOAD) == 1


def test_a_picture_that_wechat_has_is_not_uploaded_again(added, sim):
    added()
    uploads = calls(sim, ImagesAPI.UPLOAD)
    added()
    assert calls(sim, ImagesAPI.UPLOAD) == uploads


def test_a_picture_with_a_public_address_is_fetched_by_wechat(make_spu, send, sim, account):
    picture = Picture.objects.of_link(account, "https://shop.example/a.jpg")
    send("add", make_spu(head_imgs=[picture.pk]))
    assert sim.calls(ImagesAPI.UPLOAD)[-1]["body"] == {"img_url": "https://shop.example/a.jpg"}
    assert statuses() == ["done"]


def test_only_links_of_wechats_are_sent(make_spu, send, sim):
    send("add", make_spu())
    assert all(link.startswith("https://mmecimage.cn/p/") for link in sent(sim, SpuAPI.ADD)["head_img"])


def test_nothing_differs_after_adding(added):
    spu = added()
    assert [field for field in spu.SHARED if spu.differs(field)] == []
    assert (spu.drift, spu.drifted_at) == ([], None)


@pytest.mark.parametrize("undocumented", [True, False])
def test_a_coupon_code_is_added_as_entered(added, sim, undocumented):
    sim.settings(undocumented_fields=undocumented)
    spu = added(**COUPON_DAYS)
    row = theirs(sim, spu)
    valid = {"valid_type": 2, "valid_day_num": 30}
    assert (row["product_type"], row["draft"]["couponcode_info"]) == (
        2, {"verify_type": 1, "valid_info": valid},
    )  # fmt: skip
    assert (spu.differs("coupon"), spu.differs("product_type"), spu.drift) == (False, False, [])


def test_a_coupon_code_for_a_period_lasts_whole_days_in_beijing(added, sim):
    today = timezone.now().date()
    spu = added(
        product_type=ProductType.COUPON, coupon_verify_type=0, coupon_valid_type=CouponValid.PERIOD,
        coupon_start=today + dt.timedelta(days=1), coupon_end=today + dt.timedelta(days=30),
    )  # fmt: skip
    valid = theirs(sim, spu)["draft"]["couponcode_info"]["valid_info"]
    first, last = (
        dt.datetime.fromtimestamp(valid[name], dt.timezone(dt.timedelta(hours=8)))
        for name in ("start_time", "end_time")
    )
    assert (first.date(), first.time()) == (spu.coupon_start, dt.time())
    assert (last.date(), last.time()) == (spu.coupon_end, dt.time(23, 59, 59))


def test_the_kind_of_product_is_sent_with_every_update(added, send, sim):
    spu = added(**COUPON_DAYS)
    spu.coupon_days = 60
    spu.save()
    send("update", spu)
    assert statuses()[-1] == "done"
    assert theirs(sim, spu)["draft"]["couponcode_info"]["valid_info"]["valid_day_num"] == 60


def test_a_product_without_own_number_gets_one(make_spu, send, sim):
    spu = make_spu(out_product_id="")
    send("add", spu)
    assert theirs(sim, spu)["out_product_id"] == spu.out_product_id != ""


@pytest.mark.parametrize("kind", ["above_2_53", "near_2_63", "up_to_2_64"])
def test_the_largest_numbers_survive(added, send, sim, kind):
    sim.settings(store_ids=kind)
    spu = added()
    change_sku(spu, sale_price=Decimal("77"))
    send("update", spu)
    assert statuses() == ["done", "done"]
    assert copy_of(theirs(sim, spu)["draft"]) == ours(spu)


@pytest.mark.parametrize(
    "setting",
    ["ids_as_strings", "errcode_as_string", "omit_errmsg", "barcode_as_number", "undocumented_fields"],
)
def test_answers_may_be_written_otherwise(make_spu, send, sim, setting):
    sim.settings(**{setting: True})
    spu = make_spu()
    change_sku(spu, barcode="0690123")
    send("add", spu)
    spu = Spu.objects.get(pk=spu.pk)
    assert (statuses(), spu.drift, spu.differs("skus")) == (["done"], [], False)


# --- changes ---


def test_a_changed_title_reaches_the_draft_and_not_the_buyers(on_sale, send, sim):
    spu = on_sale()
    before = spu.title
    spu.title = "纯棉长袖新款"
    spu.save()
    send("update", spu)
    row = theirs(sim, spu)
    assert (row["draft"]["title"], row["online"]["title"]) == ("纯棉长袖新款", before)
    assert (spu.status, spu.audit_status) == (OnlineStatus.ON_SALE, EditStatus.EDITING)


def test_one_update_changes_adds_and_removes_skus(added, send, sim):
    spu = added(prices=("88", "98", "108"))
    change_sku(spu, 0, sale_price=Decimal("85.50"))
    change_sku(spu, 1, removed=True)
    Sku.objects.create(spu=spu, out_sku_id="NEW", attrs=[["尺码", "XXL"]], sale_price=120, stock=3)
    spu.recheck()
    send("update", spu)
    assert statuses()[-1] == "done"
    assert copy_of(theirs(sim, spu)["draft"]) == ours(spu)
    assert sorted(spu.skus.values_list("out_sku_id", flat=True)) == ["NEW", "TEE-1-1", "TEE-1-3"]


def test_an_update_of_a_sku_alone_does_not_send_the_product(added, send, sim):
    spu = added()
    change_sku(spu, sale_price=Decimal("77"))
    send("update", spu)
    assert (calls(sim, SpuAPI.UPDATE), calls(sim, SkuAPI.UPDATE)) == (0, 1)


def test_a_market_price_can_be_cleared(added, send, sim):
    spu = added()
    sku = change_sku(spu, market_price=Decimal("200"))
    send("update", spu)
    change_sku(spu, market_price=None)
    send("update", spu)
    assert their_sku(sim, sku)["market_price"] == 0


def test_what_was_cleared_is_cleared_at_wechat(added, send, sim):
    spu = added(model_name="TX-1", attrs=[["材质", "棉"]])
    Spu.objects.filter(pk=spu.pk).update(model_name="", attrs=[], sub_title="")
    spu.refresh_from_db()
    send("update", spu)
    draft = theirs(sim, spu)["draft"]
    assert (draft["model"], draft["attrs"], draft["sub_title"]) == ("", [], "")


def test_forty_five_new_skus_go_in_three_calls(added, send, sim):
    spu = added()
    for number in range(45):
        Sku.objects.create(
            spu=spu, out_sku_id=f"N{number}", attrs=[["尺码", f"{number}"]], sale_price=9, stock=1,
        )  # fmt: skip
    spu.recheck()
    send("update", spu)
    assert [len(call["body"]["skus"]) for call in sim.calls(SkuAPI.BATCH_ADD)] == [20, 20, 5]
    assert copy_of(theirs(sim, spu)["draft"]) == ours(spu)


def test_a_sku_that_was_removed_at_wechat_already_counts_as_removed(added, send, sim):
    spu = added()
    sku = change_sku(spu, removed=True)
    client_for(spu.account).mini_store.sku.delete(spu.key, SkuKey(sku.sku_id))
    send("update", spu)
    assert (statuses()[-1], spu.skus.count()) == ("done", 1)


def test_what_wechat_says_to_one_sku_is_told_at_that_sku(added, send, sim):
    spu = added()
    sku = change_sku(spu, 1, sale_price=Decimal("5"))
    sim.next("errcode", path=SkuAPI.UPDATE, errcode=9401055)
    send("update", spu)
    assert (statuses()[-1], spu.errcode) == ("refused", 9401055)
    assert list(spu.skus.refused()) == [sku]


def test_before_it_is_ever_on_sale_its_stock_goes_with_the_update(added, send, sim):
    spu = added()
    sku = change_sku(spu, stock=33)
    send("update", spu)
    assert their_sku(sim, sku)["stock_num"] == 33


def test_another_number_entered_while_it_is_sent_is_not_wechats(make_spu, push, sim):
    spu = make_spu()
    push("add", spu)
    Spu.objects.filter(pk=spu.pk).update(out_product_id="SOMETHING-ELSE")
    drain()
    spu.refresh_from_db()
    assert theirs(sim, spu)["out_product_id"] == spu.out_product_id == "TEE-1"


# --- on sale, off sale ---


def test_what_is_put_on_sale_is_under_review(added, send, sim):
    spu = added()
    send("list", spu)
    assert (theirs(sim, spu)["edit_status"], spu.audit_status) == (2, EditStatus.AUDITING)
    assert spu.look_at and spu.submitted_at


def test_when_the_review_has_passed_buyers_see_ours_field_by_field(on_sale, sim):
    spu = on_sale()
    assert copy_of(theirs(sim, spu)["online"]) == ours(spu)
    assert (spu.status, spu.audit_status) == (OnlineStatus.ON_SALE, EditStatus.APPROVED)
    assert {name: spu.online[name] for name in ("title", "head_imgs")} == {
        name: spu.remote[name] for name in ("title", "head_imgs")
    }


def test_a_refused_review_is_read_back(added, send, sim):
    spu = added()
    send("list", spu)
    sim.review(int(spu.product_id), approve=False)
    look(spu)
    assert (spu.status, spu.audit_status) == (OnlineStatus.NEVER, EditStatus.REJECTED)


def test_putting_on_sale_sends_the_corrections_first(added, send, sim):
    spu = added()
    send("list", spu)
    sim.review(int(spu.product_id), approve=False)
    look(spu)
    spu.title = "纯棉短袖改好了"
    spu.save()
    change_sku(spu, 1, sale_price=Decimal("66"))
    send("list", spu)
    assert statuses()[-1] == "done"
    assert copy_of(theirs(sim, spu)["draft"]) == ours(spu)
    assert theirs(sim, spu)["edit_status"] == 2


def test_what_is_under_review_already_is_not_submitted_again(added, push, sim):
    spu = added()
    push("list", spu)
    # Somebody else has submitted it meanwhile.
    client_for(spu.account).mini_store.spu.listing(spu.key)
    drain()
    assert (statuses()[-1], calls(sim, SpuAPI.LISTING)) == ("done", 1)


def test_what_is_taken_off_sale_cannot_be_bought(on_sale, send, sim):
    spu = on_sale()
    send("delist", spu)
    assert (theirs(sim, spu)["status"], spu.status) == (11, OnlineStatus.TAKEN_OFF)


def test_what_was_taken_off_can_be_put_on_sale_again(on_sale, send, sim):
    spu = on_sale()
    send("delist", spu)
    send("list", spu)
    assert theirs(sim, spu)["edit_status"] == 2


# --- deleted ---


def test_a_deleted_product_is_gone_at_wechat_and_kept_here(added, send, sim):
    spu = added()
    product_id = spu.product_id
    send("delete", spu)
    assert (all_theirs(sim), spu.product_id, spu.deleted_at is None) == ([], "", False)
    assert push_of(spu).remote_id == product_id
    assert set(spu.skus.values_list("sku_id", flat=True)) == {""}


def test_deleting_what_is_gone_already_is_done(added, send, sim):
    spu = added()
    sim.drop_spu(int(spu.product_id))
    send("delete", spu)
    assert (statuses()[-1], spu.product_id) == ("done", "")


def test_a_deleted_product_can_be_submitted_again(added, send, sim):
    spu = added()
    send("delete", spu)
    send("add", spu)
    assert (statuses()[-1], spu.deleted_at) == ("done", None)
    assert copy_of(theirs(sim, spu)["draft"]) == ours(spu)


def test_what_vanished_at_wechat_can_be_submitted_again(added, send, sim):
    spu = added()
    sim.drop_spu(int(spu.product_id))
    look(spu)
    look(spu)
    assert spu.missing_since
    old = spu.product_id
    send("add", spu)
    assert (statuses()[-1], spu.missing_since, spu.product_id != old) == ("done", None, True)
    assert copy_of(theirs(sim, spu)["draft"]) == ours(spu)
    assert all(sku.at_wechat for sku in spu.skus.all())


# --- prices ---


def test_new_prices_reach_buyers_at_once(on_sale, send, sim):
    spu = on_sale()
    sku = change_sku(spu, sale_price=Decimal("79.90"), market_price=Decimal("99"))
    send("price", spu)
    for copy in ("draft", "online"):
        assert (their_sku(sim, sku, copy)["sale_price"], their_sku(sim, sku, copy)["market_price"]) == (
            7990, 9900,
        )  # fmt: skip
    assert (spu.audit_status, statuses()[-1]) == (EditStatus.APPROVED, "done")


def test_after_the_prices_nothing_is_left_to_send(on_sale, send):
    spu = on_sale()
    change_sku(spu, sale_price=Decimal("79.90"))
    send("price", spu)
    spu = Spu.objects.get(pk=spu.pk)
    assert [op for op in ("price", "update", "list") if spu.plan(Operation(op)).sends] == []
    assert not Sku.objects.price_waits().exists()


def test_only_prices_that_differ_are_sent(on_sale, send, sim):
    spu = on_sale()
    change_sku(spu, 1, sale_price=Decimal("79.90"))
    send("price", spu)
    assert calls(sim, SkuAPI.UPDATE_PRICE) == 1


def test_prices_that_need_a_review_show_that_it_is_needed(on_sale, send, sim):
    spu = on_sale()
    sim.settings(prices_at_once=False)
    sku = change_sku(spu, sale_price=Decimal("79.90"))
    send("price", spu)
    spu, sku = Spu.objects.get(pk=spu.pk), Sku.objects.get(pk=sku.pk)
    assert (spu.audit_status, sku.remote["sale_price"], sku.online["sale_price"]) == (1, "79.90", "88.00")
    assert spu.plan(Operation.LIST).sends


def test_prices_that_only_the_draft_has_can_be_listed_whatever_the_state_says(on_sale):
    spu = on_sale()
    sku = spu.skus.first()
    Sku.objects.filter(pk=sku.pk).update(online={**sku.online, "sale_price": "70.00"})
    assert spu.plan(Operation.LIST).sends


def test_what_is_on_sale_as_it_is_need_not_be_listed(on_sale):
    assert not on_sale().plan(Operation.LIST).sends


def test_prices_of_what_is_not_on_sale_change_the_draft(on_sale, send, sim):
    spu = on_sale()
    send("delist", spu)
    sku = change_sku(spu, sale_price=Decimal("79.90"))
    send("price", spu)
    assert (their_sku(sim, sku)["sale_price"], spu.audit_status) == (7990, EditStatus.EDITING)


# --- stock ---


def test_a_new_stock_is_what_buyers_see(on_sale, send, sim):
    spu = on_sale()
    sku = change_sku(spu, stock=50)
    send("stock", spu)
    sku.refresh_from_db()
    assert (stocks(sim, spu), sku.stock, sku.real_stock) == ([50, 10], 50, 50)
    assert (sent(sim, StockAPI.UPDATE)["type"], spu.audit_status) == (1, EditStatus.APPROVED)


def test_more_is_added_to_what_there_is_by_then(on_sale, send, sim):
    spu = on_sale()
    sku = change_sku(spu, stock_change=5)
    sim.sell(int(sku.sku_id), 4)
    send("stock", spu)
    sku.refresh_from_db()
    assert (stocks(sim, spu)[0], sku.stock, sku.real_stock, sku.stock_change) == (11, 11, 11, None)


def test_fewer_is_taken_from_what_there_is_by_then(on_sale, send, sim):
    spu = on_sale()
    sku = change_sku(spu, stock_change=-5)
    sim.sell(int(sku.sku_id), 4)
    send("stock", spu)
    sku.refresh_from_db()
    assert (stocks(sim, spu)[0], sku.stock, sku.stock_change) == (1, 1, None)


def test_a_stock_of_nothing_takes_away_what_is_left(on_sale, send, sim):
    spu = on_sale()
    sku = change_sku(spu, stock=0)
    sim.sell(int(sku.sku_id), 4)
    send("stock", spu)
    sku.refresh_from_db()
    assert (stocks(sim, spu)[0], sku.stock, sku.real_stock) == (0, 0, 0)
    assert sent(sim, StockAPI.UPDATE) | {"type": 2, "stock_num": -6} == sent(sim, StockAPI.UPDATE)


def test_nothing_left_of_any_sku_is_sold_out(on_sale, send, sim):
    spu = on_sale()
    for place in range(2):
        change_sku(spu, place, stock=0)
    send("stock", spu)
    assert (theirs(sim, spu)["status"], spu.status) == (12, OnlineStatus.SOLD_OUT)


def test_what_buyers_took_before_it_could_be_taken_away_is_counted_again(on_sale, send, sim):
    spu = on_sale()
    change_sku(spu, stock=0)
    # Two were bought between our count and our change.
    sim.next("errcode", path=StockAPI.UPDATE, errcode=9401020)
    send("stock", spu)
    assert (statuses()[-1], stocks(sim, spu)[0], calls(sim, StockAPI.GET)) == ("done", 0, 2)


def test_fewer_than_there_are_cannot_be_taken_away(on_sale, send, sim):
    spu = on_sale()
    change_sku(spu, stock_change=-11)
    send("stock", spu)
    assert (statuses()[-1], stocks(sim, spu)[0]) == ("refused", 10)


def test_a_refused_change_of_one_sku_does_not_repeat_those_that_arrived(on_sale, send, sim):
    spu = on_sale()
    change_sku(spu, 0, stock_change=3)
    change_sku(spu, 1, stock_change=-11)
    send("stock", spu)
    change_sku(spu, 1, stock_change=-1)
    send("stock", spu)
    assert (statuses()[-2:], stocks(sim, spu)) == (["refused", "done"], [13, 9])


def test_a_change_of_nothing_is_nothing_to_send(on_sale):
    spu = on_sale()
    change_sku(spu, stock_change=0)
    assert not Spu.objects.get(pk=spu.pk).plan(Operation.STOCK).sends
    assert not Sku.objects.stock_waits().exists()


def test_a_stock_that_needs_a_review_still_waits(on_sale, send, sim):
    spu = on_sale()
    sim.settings(stock_at_once=False)
    sku = change_sku(spu, stock=50)
    send("stock", spu)
    spu, sku = Spu.objects.get(pk=spu.pk), Sku.objects.get(pk=sku.pk)
    assert (spu.audit_status, sku.stock, sku.real_stock) == (EditStatus.EDITING, 50, 10)
    assert spu.plan(Operation.LIST).sends


def test_a_change_of_stock_that_needs_a_review_still_waits(on_sale, send, sim):
    spu = on_sale()
    sim.settings(stock_at_once=False)
    sku = change_sku(spu, stock_change=5)
    send("stock", spu)
    sku.refresh_from_db()
    assert (sku.stock, sku.real_stock, sku.stock_change) == (15, 10, None)


def test_a_stock_that_needed_a_review_follows_when_it_has_passed(on_sale, send, sim):
    spu = on_sale()
    sim.settings(stock_at_once=False)
    sku = change_sku(spu, stock=50)
    send("stock", spu)
    spu = Spu.objects.get(pk=spu.pk)
    send("list", spu)
    sim.review(int(spu.product_id), approve=True)
    look(spu)
    sku.refresh_from_db()
    assert (stocks(sim, spu, "online")[0], sku.stock, sku.real_stock) == (50, 50, 50)


def test_another_stock_entered_while_one_is_sent_stays_to_be_sent(on_sale, push, sim):
    spu = on_sale()
    sku = change_sku(spu, stock=50)
    push("stock", spu)
    Sku.objects.filter(pk=sku.pk).update(stock=70)
    drain()
    sku.refresh_from_db()
    assert (stocks(sim, spu)[0], sku.stock, sku.real_stock, sku.stock_differs) == (50, 70, 50, True)


def test_another_change_entered_while_one_is_sent_stays_to_be_sent(on_sale, push, sim):
    spu = on_sale()
    sku = change_sku(spu, stock_change=5)
    push("stock", spu)
    Sku.objects.filter(pk=sku.pk).update(stock_change=8)
    drain()
    sku.refresh_from_db()
    assert (stocks(sim, spu)[0], sku.stock_change, sku.real_stock) == (15, 8, 15)


def test_a_stock_that_nobody_changed_follows_the_sales(on_sale, sim):
    spu = on_sale()
    sku = spu.skus.first()
    sim.sell(int(sku.sku_id), 4)
    look(spu)
    sku.refresh_from_db()
    assert (sku.stock, sku.real_stock, sku.stock_differs) == (6, 6, False)


def test_a_stock_that_somebody_entered_does_not_follow_the_sales(on_sale, sim):
    spu = on_sale()
    sku = change_sku(spu, stock=50)
    sim.sell(int(sku.sku_id), 4)
    look(spu)
    sku.refresh_from_db()
    assert (sku.stock, sku.real_stock) == (50, 6)
