import pytest
from tests.people import *
from audits.models import *
def test_push_page(staff, make_goods, send, settings):
    settings.LANGUAGE_CODE="en"
    b = send("add", make_goods())
    r = staff.get(form_of(b.pushes.get()))
    print(r.status_code)
def test_batch_abc(staff):
    print(staff.get("/admin/audits/batch/abc/change/").status_code)
GARBAGE = ["created_at__year=abc","created_at__year=0","created_at__year=99999999999999999999","created_at__year=9999&created_at__month=12","created_at__year=2026&created_at__month=13","created_at__year=2026&created_at__month=2&created_at__day=31","errcode=abc","errcode=1e30","errcode=99999999999999999999999","errcode=%00","q=%00","q=%27%22%3B--","p=abc","p=-1","p=99999999999999999999","o=abc","o=99.-99","o=-","all=","account__id__exact=abc","account__id__exact=99999999999999999999999","state=zzz","sending=x","nonsense=1","status__exact=x","operation__exact=x","id__in=a,b","_to_field=x","_popup=1","e=1","_facets=True","account__secret=x","account__secret__startswith=0","batch__isnull=x", "confirmed_at__year=99999999999999999999","day__year=99999999999999999999","id__exact=9999999999999999999999", "late__exact=zz", "practice__exact=zz"]
LISTS = ["goods/livegoods","audits/push","audits/batch","audits/attempt","audits/quota","wechat/account","auth/user","auth/group"]
@pytest.mark.parametrize("l", LISTS)
@pytest.mark.parametrize("g", GARBAGE)
def test_garbage(staff, l, g):
    r = staff.get(f"/admin/{l}/?{g}")
    assert r.status_code in (200,302,400)
