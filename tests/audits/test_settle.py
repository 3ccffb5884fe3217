"""What becomes of a push after each kind of answer, over real HTTP with a fault ordered at the simulator."""

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from audits.models import Attempt, Push, Quota, next_window
from audits.settle import MOST_TRIES, NEXT
from audits.states import PushStatus
from audits.tasks import drain
from goods.models import LiveGoods
from shopadmin.wechat.errors import Kind
from shopadmin.wechat.live_goods import LiveGoodsAPI
from tests.conftest import SECRET, png
from tests.journal import (
    ADD,
    AUDIT,
    DELETE,
    TOKEN,
    UPDATE,
    UPLOAD,
    calls,
    fast_forward,
    goods_at,
    push_of,
    statuses,
)
from tests.processes import free_port

SUBMISSIONS = LiveGoodsAPI.SUBMISSIONS

# Ways of not answering after which the call may or may not have taken effect.
NO_ANSWERS = {
    "cut off after the effect": {"do": "close_after"},
    "cut off before the effect": {"do": "close_before"},
    "nothing for a while, then cut off": {"do": "hang", "seconds": 0.1},
    "bytes that are no JSON": {"do": "garbage"},
    "an empty body": {"do": "empty"},
    "half of the JSON": {"do": "truncated"},
    "half of what Content-Length promises": {"do": "truncated", "short_length": True},
    "a gateway's page": {"do": "html"},
    "JSON that is no object": {"do": "wrong_type", "value": [1]},
    "502 after the effect": {"do": "apply_then_http", "status": 502},
    "503 before the effect": {"do": "http", "status": 503},
    "-1 after the effect": {"do": "apply_then_errcode", "errcode": -1},
    "-1 before the effect": {"do": "errcode", "errcode": -1},
}
no_answer = pytest.mark.parametrize("fault", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())


@pytest.fixture
def goods(make_goods):
    return make_goods()


@pytest.fixture
def approved(goods, send, sim):
    """Goods that WeChat has approved, and that we know to be so; the calls so far are forgotten."""
    send("add", goods)
    sim.verdict(int(goods.goods_id), approve=True)
    LiveGoods.objects.filter(pk=goods.pk).update(audit_status=2, look_at=None)
    sim.clear_calls()
    goods.refresh_from_db()
    return goods


@pytest.fixture
def cheaper(approved):
    """The same with a new price that WeChat does not have yet."""
    approved.price = 45
    approved.save()
    return approved


def used(account, group=SUBMISSIONS) -> int:
    return Quota.objects.today(account.pk, group).used


def test_every_kind_of_error_has_a_next_step():
    assert set(NEXT) == set(Kind)


# --- WeChat said no ---

refusals = pytest.mark.parametrize(
    "errcode", [300002, 200002, 300010, 300001, 48001], ids=["input", "field", "state", "blocked", "family"]
)


@refusals
def test_a_refusal_ends_the_push_with_wechats_code(goods, send, sim, errcode):
    sim.next("errcode", path=ADD, errcode=errcode, errmsg="no")
    send("add", goods)
    push = push_of(goods)
    assert (push.status, push.errcode) == (PushStatus.REFUSED, errcode)
    assert push.errmsg.startswith("no")


@refusals
def test_a_refusal_leaves_wechats_code_on_the_record(goods, send, sim, errcode):
    sim.next("errcode", path=ADD, errcode=errcode, errmsg="no")
    send("add", goods)
    assert goods.errcode == errcode and goods.pushed_at is not None


@refusals
def test_a_refused_add_gives_the_record_no_id(goods, send, sim, errcode):
    sim.next("errcode", path=ADD, errcode=errcode)
    send("add", goods)
    assert (goods.goods_id, goods.audit_id, goods.audit_status) == ("", "", None)


def test_a_refused_push_is_not_sent_again(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=300002)
    send("add", goods)
    fast_forward()
    drain()
    assert calls(sim, ADD) == 1


def test_a_refusal_of_goods_at_wechat_has_their_state_read_again_at_once(cheaper, send, sim):
    sim.next("errcode", path=UPDATE, errcode=300010)
    send("update", cheaper)
    assert cheaper.look_at <= timezone.now()


# --- the day's calls, the minute's calls ---


@pytest.mark.parametrize("errcode", [45009, 300012])
def test_a_used_up_quota_waits_for_midnight_in_beijing(goods, send, sim, errcode):
    sim.next("errcode", path=ADD, errcode=errcode)
    send("add", goods)
    push = push_of(goods)
    assert (push.status, push.not_before) == (PushStatus.WAITING, next_window())
    assert push.errcode == errcode


@pytest.mark.parametrize("errcode", [45009, 300012])
def test_wechats_word_exhausts_our_counter(goods, send, sim, errcode):
    sim.next("errcode", path=ADD, errcode=errcode)
    send("add", goods)
    assert Quota.objects.today(goods.account_id, SUBMISSIONS).left == 0


def test_after_that_further_pushes_wait_without_a_call(make_goods, send, sim):
    sim.next("errcode", path=ADD, errcode=300012)
    send("add", make_goods())
    second = make_goods()
    send("add", second)
    assert (push_of(second).status, calls(sim, ADD)) == (PushStatus.WAITING, 1)


def test_other_interfaces_go_on_when_one_quota_is_used_up(make_goods, cheaper, send, sim):
    Quota.objects.exhaust(cheaper.account_id, SUBMISSIONS)
    send("update", cheaper)
    assert push_of(cheaper).status == PushStatus.DONE


def test_what_waited_for_its_quota_is_sent_when_the_window_opens(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=45009)
    send("add", goods)
    fast_forward()
    Quota.objects.all().delete()
    drain()
    assert push_of(goods).status == PushStatus.DONE


def test_too_many_calls_a_minute_waits_at_least_a_minute(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=45011)
    before = timezone.now()
    send("add", goods)
    push = push_of(goods)
    assert push.status == PushStatus.WAITING
    assert dt.timedelta(seconds=60) <= push.not_before - before <= dt.timedelta(minutes=10)


def test_too_many_calls_for_a_token_waits_at_least_a_minute(goods, send, sim):
    sim.next("errcode", path=TOKEN, errcode=45011)
    before = timezone.now()
    send("add", goods)
    push = push_of(goods)
    assert push.status == PushStatus.WAITING and push.not_before - before >= dt.timedelta(seconds=60)


def test_a_wechat_that_stays_busy_is_not_asked_for_ever(goods, push, sim):
    sim.next("errcode", path=ADD, errcode=45011, times=1000)
    push("add", goods)
    for _ in range(MOST_TRIES + 2):
        fast_forward()
        drain()
    assert push_of(goods).status == PushStatus.REFUSED
    assert calls(sim, ADD) <= MOST_TRIES


# --- nothing left our house ---


@pytest.fixture
def unreachable(make_goods, send, settings, sim):
    """A token is there, WeChat is not."""
    send("add", make_goods())
    settings.SIMULATOR_URL = f"http://127.0.0.1:{free_port()}"


def test_a_refused_connection_is_queued_again(unreachable, goods, send):
    send("add", goods)
    push = push_of(goods)
    assert push.status == PushStatus.QUEUED and push.not_before > timezone.now()


def test_a_refused_connection_is_no_unknown_outcome(unreachable, goods, send):
    send("add", goods)
    assert list(Attempt.objects.filter(push=push_of(goods)).values_list("kind", flat=True)) == [Kind.NOT_SENT]


def test_a_refused_connection_gives_the_quota_back(unreachable, cheaper_elsewhere, send):
    group = LiveGoodsAPI.QUOTA[UPDATE]
    send("update", cheaper_elsewhere)
    assert used(cheaper_elsewhere.account, group) == 0


@pytest.fixture
def cheaper_elsewhere(make_goods):
    return make_goods(goods_id="4711", audit_status=0, third_party_tag=2, remote={"name": "x"})


def test_nothing_is_lost_while_wechat_cannot_be_reached(unreachable, goods, push, settings, sim):
    push("add", goods)
    for _ in range(MOST_TRIES + 2):
        fast_forward()
        drain()
    settings.SIMULATOR_URL = sim.url
    fast_forward()
    drain()
    assert push_of(goods).status == PushStatus.DONE


def test_without_a_way_to_the_token_pushes_stay_queued(goods, send, settings, account):
    settings.SIMULATOR_URL = f"http://127.0.0.1:{free_port()}"
    send("add", goods)
    assert (push_of(goods).status, Attempt.objects.count(), used(account)) == (PushStatus.QUEUED, 0, 0)


def test_without_a_way_to_the_token_pushes_pause_as_long_as_the_failure_is_remembered(goods, send, settings):
    """Asking earlier is in vain, and claiming again and again is all that would come of it."""
    settings.SIMULATOR_URL = f"http://127.0.0.1:{free_port()}"
    send("add", goods)
    assert push_of(goods).not_before - timezone.now() > dt.timedelta(seconds=50)


# --- the access token ---


@pytest.fixture
def revoked(make_goods, send, sim):
    """The token that we hold has become invalid."""
    send("add", make_goods())
    sim.revoke_tokens()
    sim.clear_calls()


def test_a_refused_token_is_renewed_and_the_call_repeated(revoked, goods, send):
    send("add", goods)
    assert push_of(goods).status == PushStatus.DONE


def test_a_refused_token_is_renewed_once(revoked, goods, send, sim):
    send("add", goods)
    assert calls(sim, TOKEN) == 1


def test_a_renewed_token_leaves_two_attempts_of_the_step(revoked, goods, send):
    send("add", goods)
    steps = push_of(goods).attempts.values_list("step", "errcode")
    assert list(steps) == [("upload_cover", 40001), ("upload_cover", 0), ("add", 0)]


def test_a_call_refused_for_its_token_costs_no_submission(make_goods, send, sim, account):
    goods = make_goods()
    sim.next("errcode", path=ADD, errcode=42001)
    send("add", goods)
    assert (push_of(goods).status, used(account)) == (PushStatus.DONE, 1)


def test_many_refused_calls_share_one_renewal(revoked, make_goods, send, sim):
    records = [make_goods() for _ in range(12)]
    send("add", *records)
    assert (set(statuses()), calls(sim, TOKEN)) == ({PushStatus.DONE}, 1)


def test_a_token_refused_for_ever_makes_the_push_wait(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=40001, times=1000)
    send("add", goods)
    push = push_of(goods)
    assert push.status == PushStatus.WAITING and push.not_before > timezone.now()


def test_a_token_refused_for_ever_is_no_loop(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=40001, times=1000)
    send("add", goods)
    # To begin with; once more; and by force, because that brought the refused one.
    assert (calls(sim, ADD), calls(sim, TOKEN)) == (2, 3)


def test_tokens_refused_for_ever_do_not_use_up_the_submissions(goods, send, sim, account):
    sim.next("errcode", path=ADD, errcode=40001, times=1000)
    send("add", goods)
    assert used(account) == 0


def test_another_process_renewing_the_refused_token_is_waited_for(revoked, goods, push, account, sim):
    """The refused token stays refused, even while somebody else holds the right to renew it."""
    now = timezone.now()
    account.access_token.lease, account.access_token.lease_until = "theirs", now + dt.timedelta(seconds=0.6)
    account.access_token.save()
    push("add", goods)
    drain()
    refused = [call for call in sim.calls(UPLOAD) if call["errcode"] == 40001]
    assert (len(refused), push_of(goods).status) == (1, PushStatus.DONE)


@pytest.fixture
def wrong_secret(account, sim):
    sim.add_account(account.appid, "another secret than ours")


def test_with_a_wrong_secret_the_pushes_wait(wrong_secret, make_goods, send):
    send("add", *[make_goods() for _ in range(10)])
    assert set(statuses()) == {PushStatus.WAITING}


def test_a_wrong_secret_is_shown_at_the_account(wrong_secret, goods, send, account):
    send("add", goods)
    account.refresh_from_db()
    assert account.problem_code == 40125


def test_fifty_pushes_with_a_wrong_secret_ask_for_a_token_once(wrong_secret, make_goods, send, sim):
    send("add", *[make_goods() for _ in range(50)])
    assert calls(sim, TOKEN) == 1


def test_pushes_go_on_when_the_secret_was_put_right(wrong_secret, goods, send, account, sim):
    send("add", goods)
    sim.add_account(account.appid, SECRET)
    account.access_token.delete()
    fast_forward()
    drain()
    assert push_of(goods).status == PushStatus.DONE


# --- no answer ---


@no_answer
def test_an_add_without_an_answer_is_unsure(goods, send, sim, fault):
    sim.next(path=ADD, **fault)
    send("add", goods)
    push = push_of(goods)
    assert push.status == PushStatus.UNSURE
    assert (goods.goods_id, goods.audit_status) == ("", None)


@no_answer
def test_an_add_without_an_answer_is_not_sent_again(goods, send, sim, fault):
    sim.next(path=ADD, **fault)
    send("add", goods)
    fast_forward()
    drain()
    assert calls(sim, ADD) == 1


def test_an_unknown_outcome_is_looked_at_a_minute_later(goods, send, sim):
    sim.next("close_after", path=ADD)
    before = timezone.now()
    send("add", goods)
    assert push_of(goods).not_before - before >= dt.timedelta(seconds=60)


def test_an_unknown_outcome_keeps_its_quota_spent(goods, send, sim, account):
    sim.next("close_after", path=ADD)
    send("add", goods)
    assert used(account) == 1


@no_answer
def test_an_update_without_an_answer_is_sent_again(cheaper, send, sim, fault):
    sim.next(path=UPDATE, **fault)
    send("update", cheaper)
    assert push_of(cheaper).status == PushStatus.QUEUED
    fast_forward()
    drain()
    assert push_of(cheaper).status == PushStatus.DONE
    assert goods_at(sim, cheaper)[0]["price"] == 45


@no_answer
def test_a_delete_without_an_answer_is_sent_again(approved, send, sim, fault):
    sim.next(path=DELETE, **fault)
    send("delete", approved)
    fast_forward()
    drain()
    approved.refresh_from_db()
    assert (push_of(approved).status, approved.goods_id) == (PushStatus.DONE, "")
    assert goods_at(sim, approved) == []


def test_an_update_that_never_gets_an_answer_is_handed_back_to_people(cheaper, push, sim):
    sim.next("garbage", path=UPDATE, times=1000)
    push("update", cheaper)
    for _ in range(MOST_TRIES + 2):
        fast_forward()
        drain()
    assert push_of(cheaper).status == PushStatus.REFUSED
    assert calls(sim, UPDATE) <= MOST_TRIES


# --- answers that a step understands ---


@pytest.mark.parametrize("errcode", [300006, 40007])
def test_a_picture_that_wechat_has_forgotten_is_uploaded_again(goods, send, sim, errcode):
    sim.next("errcode", path=ADD, errcode=errcode)
    send("add", goods)
    assert push_of(goods).status == PushStatus.DONE
    assert (calls(sim, UPLOAD), calls(sim, ADD)) == (2, 2)


@pytest.mark.parametrize("errcode", [300006, 40007])
def test_a_picture_is_uploaded_again_only_once(goods, send, sim, errcode):
    sim.next("errcode", path=ADD, errcode=errcode, times=1000)
    send("add", goods)
    push = push_of(goods)
    assert (push.status, push.errcode) == (PushStatus.REFUSED, errcode)
    assert (calls(sim, UPLOAD), calls(sim, ADD)) == (2, 2)


def test_an_update_uploads_a_forgotten_picture_again(goods, send, sim, png_file):
    send("add", goods)
    sim.verdict(int(goods.goods_id), approve=False)
    goods.audit_status = 3
    goods.cover.save("other.png", png_file, save=False)
    goods.save()
    sim.next("errcode", path=UPDATE, errcode=300006)
    sim.clear_calls()
    send("update", goods)
    assert (push_of(goods).status, calls(sim, UPLOAD), calls(sim, UPDATE)) == (PushStatus.DONE, 2, 2)


@pytest.fixture
def png_file():
    return ContentFile(png(colour="red"))


def test_an_upload_is_used_again_within_70_hours(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=300002)
    send("add", goods)
    LiveGoods.objects.update(media_uploaded_at=timezone.now() - dt.timedelta(hours=69, minutes=59))
    send("add", goods)
    assert (push_of(goods).status, calls(sim, UPLOAD)) == (PushStatus.DONE, 1)


def test_an_upload_older_than_70_hours_is_renewed(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=300002)
    send("add", goods)
    LiveGoods.objects.update(media_uploaded_at=timezone.now() - dt.timedelta(hours=70, minutes=1))
    send("add", goods)
    assert (push_of(goods).status, calls(sim, UPLOAD)) == (PushStatus.DONE, 2)


def test_another_cover_is_uploaded_at_once(goods, send, sim, png_file):
    sim.next("errcode", path=ADD, errcode=300002)
    send("add", goods)
    goods.cover.save("other.png", png_file)
    send("add", goods)
    assert calls(sim, UPLOAD) == 2


@pytest.mark.parametrize(
    "fault", [{"do": "close_after"}, {"do": "http"}, {"do": "errcode", "errcode": 45011}]
)
def test_a_failed_upload_is_tried_again(goods, send, sim, fault):
    sim.next(path=UPLOAD, **fault)
    send("add", goods)
    assert push_of(goods).status in (PushStatus.QUEUED, PushStatus.WAITING)
    fast_forward()
    drain()
    assert push_of(goods).status == PushStatus.DONE


def test_an_upload_that_succeeded_is_not_repeated(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=45011)
    send("add", goods)
    assert push_of(goods).done_steps == ["upload_cover"]
    fast_forward()
    drain()
    assert (push_of(goods).status, calls(sim, UPLOAD)) == (PushStatus.DONE, 1)


def test_an_unreadable_picture_is_refused_in_words(make_goods, send, account):
    goods = make_goods()
    Path(goods.cover.path).write_bytes(b"no picture")
    send("add", goods)
    assert push_of(goods).status == PushStatus.REFUSED
    assert "cover picture" in goods.errmsg


def test_added_but_not_submitted_keeps_the_id_that_wechat_told(goods, send, sim):
    sim.next("apply_then_errcode", path=ADD, errcode=300021, with_answer=True)
    send("add", goods)
    assert goods.goods_id == str(goods_at(sim, goods)[0]["goods_id"])
    assert (push_of(goods).status, push_of(goods).remote_id) == (PushStatus.REFUSED, goods.goods_id)


def test_added_but_not_submitted_is_read_at_once(goods, send, sim):
    sim.next("apply_then_errcode", path=ADD, errcode=300021, with_answer=True)
    send("add", goods)
    assert goods.look_at <= timezone.now()


def test_added_but_not_submitted_without_an_id_is_unsure(goods, send, sim):
    sim.next("apply_then_errcode", path=ADD, errcode=300021)
    send("add", goods)
    assert push_of(goods).status == PushStatus.UNSURE


def test_a_goods_id_without_an_audit_id_is_kept(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=0, fields={"goodsId": 777})
    send("add", goods)
    assert (push_of(goods).status, goods.goods_id, goods.audit_id) == (PushStatus.DONE, "777", "")


def test_an_audit_id_without_a_goods_id_is_unsure(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=0, fields={"auditId": 777})
    send("add", goods)
    assert push_of(goods).status == PushStatus.UNSURE


def test_ids_written_as_strings_are_kept(goods, send, sim):
    sim.settings(ids_as_strings=True, errcode_as_string=True)
    send("add", goods)
    assert goods.goods_id == str(goods_at(sim, goods)[0]["goods_id"])


def test_ids_beyond_64_bits_are_kept_digit_by_digit(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=0, fields={"goodsId": 2**64 - 1, "auditId": "18446744073709551614"})
    send("add", goods)
    assert (goods.goods_id, goods.audit_id) == (str(2**64 - 1), str(2**64 - 2))


def test_deleting_what_is_gone_already_is_done(approved, send, sim):
    sim.drop_goods(int(approved.goods_id))
    send("delete", approved)
    assert (push_of(approved).status, approved.goods_id) == (PushStatus.DONE, "")


def test_deleting_answered_with_1003_is_done(approved, send, sim):
    sim.next("errcode", path=DELETE, errcode=1003)
    send("delete", approved)
    assert (push_of(approved).status, approved.goods_id) == (PushStatus.DONE, "")


def test_a_deleted_product_keeps_its_id_in_the_journal(approved, send, sim):
    goods_id = approved.goods_id
    sim.drop_goods(int(goods_id))
    send("delete", approved)
    assert push_of(approved).remote_id == goods_id


def test_updating_what_is_gone_is_refused(cheaper, send, sim):
    sim.drop_goods(int(cheaper.goods_id))
    send("update", cheaper)
    assert (push_of(cheaper).status, cheaper.errcode) == (PushStatus.REFUSED, 1003)


def test_resubmitting_goes_on_after_the_update_that_succeeded(goods, send, sim):
    send("add", goods)
    sim.verdict(int(goods.goods_id), approve=False)
    LiveGoods.objects.update(audit_status=3)
    goods.refresh_from_db()
    goods.name = "云南小粒咖啡新版"
    goods.save()
    sim.next("errcode", path=AUDIT, errcode=45011)
    send("resubmit", goods)
    assert push_of(goods).done_steps == ["update"]
    fast_forward()
    drain()
    assert (push_of(goods).status, calls(sim, UPDATE)) == (PushStatus.DONE, 1)


# --- the journal ---


@pytest.fixture
def journal(revoked, make_goods, send, sim):
    """Attempts of all sorts: done, refused, unanswered, with a token renewed in between."""
    first, second, third = make_goods(), make_goods(), make_goods()
    send("add", first)
    sim.next("errcode", path=ADD, errcode=40001, errmsg="invalid credential, access_token is invalid")
    send("add", second)
    sim.next("close_after", path=ADD)
    send("add", third)
    return SimpleNamespace(
        text=json.dumps([list(Attempt.objects.values()), list(Push.objects.values())], default=str)
    )


def test_the_journal_holds_no_secret(journal):
    assert SECRET not in journal.text


def test_the_journal_holds_no_token(journal, sim):
    assert sim.world.tokens and not [token for token in sim.world.tokens if token in journal.text]


def test_attempts_keep_the_path_without_its_query(journal):
    assert set(Attempt.objects.values_list("path", flat=True)) == {ADD, UPLOAD}


def test_every_attempt_of_a_finished_drain_is_closed_with_its_duration(journal):
    assert not Attempt.objects.filter(finished_at=None).exists()
    assert not Attempt.objects.filter(duration_ms=None).exists()


def test_the_duration_is_that_of_the_call(goods, send, sim):
    sim.next("slow", path=ADD, seconds=0.3)
    send("add", goods)
    assert 300 <= push_of(goods).attempts.get(step="add").duration_ms < 2000


def test_attempts_are_in_the_order_of_the_calls(goods, send):
    send("add", goods)
    assert list(push_of(goods).attempts.values_list("step", flat=True)) == ["upload_cover", "add"]


def test_an_attempt_keeps_the_body_that_was_sent(goods, send, sim):
    send("add", goods)
    assert push_of(goods).attempts.get(step="add").body == sim.calls(ADD)[0]["body"]


def test_an_attempt_keeps_wechats_request_id(goods, send, sim):
    sim.next("errcode", path=ADD, errcode=300002)
    send("add", goods)
    assert push_of(goods).attempts.get(step="add").rid
