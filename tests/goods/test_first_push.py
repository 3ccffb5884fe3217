def test_added_goods_come_back_with_both_ids_and_are_under_review(make_goods, send, sim):
    goods = make_goods()
    batch = send("add", goods)
    print(
        batch.counts(),
        [(a.path, a.errcode, a.errmsg, a.kind) for p in batch.pushes.all() for a in p.attempts.all()],
    )
    assert goods.goods_id and goods.audit_id
    assert goods.audit_status == 1
