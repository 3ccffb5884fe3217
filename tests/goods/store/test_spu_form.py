def test_x(staff, make_spu):
    spu = make_spu()
    page = staff.get(f"/admin/goods/spu/{spu.pk}/change/")
    open("/tmp/scratch-form/page.html","w").write(page.content.decode())
    assert page.status_code == 200
    page = staff.get(f"/admin/goods/spu/add/")
    assert page.status_code == 200
