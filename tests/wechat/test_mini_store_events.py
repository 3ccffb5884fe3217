"""What a pushed message says about a product, in each of the forms that WeChat has used."""

import pytest

from shopadmin.wechat.mini_store.events import EventKind, ReviewEvent, read_review_event
from tests.wechat.callbacks import REFUSED

REMOVED = {"out_product_id": "TEA-0007", "product_id": 30112345678901234, "status": 13}
REASON = "涉嫌虚假宣传"
STATUS, AUDIT = "OpenProductSpuStatusUpdate", "OpenProductSpuAudit"


def event(**about):
    return read_review_event({"Event": "open_product_spu_audit", AUDIT: REMOVED | about})


def test_a_refused_review_tells_its_reason():
    assert read_review_event(REFUSED) == ReviewEvent(
        product_id="30112345678901234",
        out_product_id="TEA-0007",
        kind=EventKind.REVIEW,
        status=3,
        reason="主图含有联系方式",
        spu_status=None,
    )


@pytest.mark.parametrize(
    ("name", "about", "reason"),
    [
        ("open_product_spu_status_update", STATUS, "reason"),
        ("open_product_spu_status_update", AUDIT, "reject_reason"),
        ("open_product_spu_audit", AUDIT, "reject_reason"),
    ],
)
def test_a_removal_is_the_same_in_all_three_forms(name, about, reason):
    found = read_review_event({"Event": name, about: REMOVED | {reason: REASON}})
    assert found is not None
    assert (found.kind, found.status, found.reason) == (EventKind.STATUS, 13, REASON)


def test_of_both_objects_the_newer_counts():
    found = read_review_event({STATUS: REMOVED, AUDIT: REFUSED[AUDIT]})
    assert found is not None and found.status == 13


@pytest.mark.parametrize(
    ("status", "kind"),
    [(3, "review"), ("4", "review"), (5, "status"), ("13", "status"), (7, "unknown"), (None, "unknown")],
)
def test_the_number_tells_what_it_is_about(status, kind):
    assert event(status=status).kind == kind


def test_ids_are_exact_however_they_are_written():
    ids = [event(product_id=written).product_id for written in (2**64 - 1, "18446744073709551615")]
    assert ids == ["18446744073709551615"] * 2


def test_the_online_status_is_told_when_it_is_there():
    assert event(spu_status="5").spu_status == 5


@pytest.mark.parametrize("about", [{}, "text", ["list"], {"status": 3}])
def test_a_message_that_names_no_product_is_none(about):
    assert read_review_event({AUDIT: about}) is None
