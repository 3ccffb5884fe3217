"""A clerk's way from a list of products to approved ones: real pages, a real worker, a pretend WeChat."""

from decimal import Decimal

import pytest

from audits.models import Push
from audits.states import PushStatus
from goods.models import LiveGoods
from tests.journeys.conftest import reread
from tests.people import form_of
from tests.processes import wait_for

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


def library(sim, account):
    """What WeChat has of the account, console-made products left out, by goodsId."""
    rows = sim.goods(account.appid)
    return {str(row["goods_id"]): row for row in rows if row["origin"] != "console"}


def same(goods: LiveGoods, row) -> bool:
    """Every field of the record is what WeChat has."""
    second = goods.price2 if goods.price_type != 1 else 0
    return (
        goods.name, goods.url, goods.price_type, float(goods.price), float(second or 0), goods.audit_status,
        goods.audit_id, goods.third_party_appid,
    ) == (
        row["name"], row["url"], row["price_type"], row["price"], row["price2"], row["audit_status"],
        str(row["audit_id"]), row["third_party_appid"],
    )  # fmt: skip


def test_a_selection_is_sent_and_every_field_equals_what_wechat_has(clerk, worker, make_goods, sim, account):
    goods = [make_goods() for _ in range(3)]
    goods.append(make_goods(price_type=2, price=Decimal("5"), price2=Decimal("9.90")))
    goods.append(make_goods(price_type=3, price=Decimal("120"), price2=Decimal("100.50")))
    clerk.push("push_add", *goods)
    found = library(sim, account)
    assert len(found) == 5 and all(same(g, found[g.goods_id]) for g in goods)


def test_the_review_is_read_back_with_advice_for_the_refused(clerk, worker, make_goods, sim):
    good, bad = make_goods(), make_goods(name="全国第一的咖啡")
    clerk.push("push_add", good, bad)
    sim.ripen()
    clerk.refresh(good, bad)
    page = clerk.open(form_of(bad))
    assert (good.audit_status, bad.audit_status) == (2, 3)
    assert "Look for exaggerated or forbidden words" in page


def test_a_refused_product_is_corrected_submitted_again_and_approved(clerk, worker, make_goods, sim):
    goods = make_goods(name="全国第一的咖啡")
    clerk.push("push_add", goods)
    sim.ripen()
    clerk.refresh(goods)
    clerk.edit(goods, name="云南小粒咖啡豆")
    clerk.push("push_resubmit", goods)
    sim.ripen()
    clerk.refresh(goods)
    assert (goods.audit_status, goods.name) == (2, "云南小粒咖啡豆")


def test_a_product_under_review_is_withdrawn(clerk, worker, make_goods, sim, account):
    goods = make_goods()
    clerk.push("push_add", goods)
    clerk.push("push_withdraw", goods)
    assert goods.audit_status == library(sim, account)[goods.goods_id]["audit_status"] == 0


def test_the_price_of_an_approved_product_changes_without_a_new_review(
    clerk, worker, make_goods, sim, account
):
    goods = make_goods()
    clerk.push("push_add", goods)
    sim.ripen()
    clerk.refresh(goods)
    clerk.edit(goods, price="59.90")
    clerk.push("push_update", goods)
    row = library(sim, account)[goods.goods_id]
    assert (row["price"], row["audit_status"], goods.audit_status) == (59.9, 2, 2)


def test_a_deleted_product_is_gone_at_wechat_and_its_number_stays_in_the_journal(
    clerk, worker, make_goods, sim, account
):
    goods = make_goods()
    clerk.push("push_add", goods)
    sim.ripen()
    clerk.refresh(goods)
    number = goods.goods_id
    clerk.push("push_delete", goods)
    assert number not in library(sim, account)
    assert Push.objects.get(operation="delete").remote_id == number


def test_without_a_worker_pushes_wait_and_every_page_says_so(clerk, worker, make_goods):
    worker.stop()
    goods = make_goods()
    clerk.choose("push_add", goods)
    clerk.confirm()
    page = clerk.open("/admin/goods/livegoods/")
    assert "The worker is not running." in page
    assert Push.objects.get().status == PushStatus.QUEUED


def test_when_the_worker_is_back_what_waited_completes(clerk, worker, make_goods):
    worker.stop()
    goods = make_goods()
    clerk.choose("push_add", goods)
    clerk.confirm()
    worker.start()
    wait_for(lambda: reread(goods).goods_id, 60)
    assert goods.audit_status == 1


def test_the_form_button_saves_what_was_typed_and_leads_to_the_plan(clerk, worker, make_goods):
    goods = make_goods(name="短")
    page = clerk.edit(goods, name="云南小粒咖啡豆", _push="add")
    assert "1 record will be sent." in page


def test_a_name_that_breaks_the_rule_is_told_at_its_field(clerk, make_goods):
    goods = make_goods(name="万和燃气热水器天然气家用四重防冻直流变频节能")
    page = clerk.open(f"/admin/goods/livegoods/{goods.pk}/change/")
    field = page[page.index("id_name") : page.index("id_cover")]
    assert "Name too long: 44 of at most 28" in field


def test_a_row_that_breaks_a_rule_is_left_out_of_the_plan_with_its_reason(clerk, make_goods):
    good, bad = make_goods(), make_goods(name="短")
    page = clerk.choose("push_add", good, bad)
    assert "1 record will be sent." in page and "The name is too short" in page
