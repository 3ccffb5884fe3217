"""Audits that ripen, and the rules by which they end."""

import pytest

UNAUDITED, AUDITING, APPROVED, REJECTED = range(4)


def status(wechat, goods_id):
    return wechat.warehouse(goods_id)["goods"][0]["audit_status"]


def test_audit_takes_its_time(sim, wechat):
    goods_id = wechat.added()
    sim.advance(14)
    assert status(wechat, goods_id) == AUDITING


def test_ordinary_goods_are_approved(sim, wechat):
    goods_id = wechat.added()
    sim.advance(15)
    assert status(wechat, goods_id) == APPROVED


@pytest.mark.parametrize("word", ["最佳", "第一", "国家级", "顶级", "底裤"])
def test_forbidden_word_is_rejected(sim, wechat, word):
    goods_id = wechat.added(name=f"{word}咖啡豆")
    sim.advance(15)
    assert status(wechat, goods_id) == REJECTED


def test_forbidden_words_can_be_chosen(sim, wechat):
    sim.settings(forbidden_words=["咖啡"])
    goods_id = wechat.added(name="云南小粒咖啡")
    sim.ripen()
    assert status(wechat, goods_id) == REJECTED


def test_large_picture_file_is_rejected(sim, wechat, picture):
    goods_id = wechat.added(coverImgUrl=wechat.upload(picture(padding=100_000))["media_id"])
    sim.ripen()
    assert status(wechat, goods_id) == REJECTED


def test_delay_can_be_chosen(sim, wechat):
    sim.settings(audit_delay=100)
    goods_id = wechat.added()
    sim.advance(99)
    assert status(wechat, goods_id) == AUDITING


def test_withdrawn_audit_does_not_ripen(sim, wechat):
    answer = wechat.add()
    wechat.act("resetaudit", answer["goodsId"], auditId=answer["auditId"])
    sim.advance(3600)
    assert status(wechat, answer["goodsId"]) == UNAUDITED


def test_second_submission_ripens_by_its_own_delay(sim, wechat):
    answer = wechat.add()
    wechat.act("resetaudit", answer["goodsId"], auditId=answer["auditId"])
    sim.advance(10)
    wechat.act("audit", answer["goodsId"])
    sim.advance(10)
    assert status(wechat, answer["goodsId"]) == AUDITING


def test_corrected_name_is_approved_the_second_time(sim, wechat):
    goods_id = wechat.added(name="顶级咖啡豆")
    sim.ripen()
    wechat.update(goods_id, name="优质咖啡豆")
    wechat.act("audit", goods_id)
    sim.ripen()
    assert status(wechat, goods_id) == APPROVED


def test_ripen_says_how_many_were_decided(sim, wechat):
    wechat.add()
    wechat.add()
    assert sim.ripen() == 2


def test_approval_by_hand_overrules_the_rules(sim, wechat):
    goods_id = wechat.added(name="顶级咖啡豆")
    sim.verdict(goods_id, approve=True)
    sim.advance(3600)
    assert status(wechat, goods_id) == APPROVED


def test_refusal_by_hand_overrules_the_rules(sim, wechat):
    goods_id = wechat.added()
    sim.verdict(goods_id, approve=False)
    assert status(wechat, goods_id) == REJECTED


def test_console_goods_under_audit_can_be_decided_by_hand(sim, wechat):
    goods_id = wechat.listed(1)["goods"][0]["goodsId"]
    sim.verdict(goods_id, approve=True)
    assert status(wechat, goods_id) == APPROVED


def test_no_verdict_on_what_is_not_under_audit(sim, wechat):
    goods_id = wechat.added()
    sim.ripen()
    with pytest.raises(ValueError, match="not under audit"):
        sim.verdict(goods_id, approve=False)
