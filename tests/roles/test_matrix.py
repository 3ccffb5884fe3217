"""Every address, every role: who is answered what is written in matrix.csv, and stays so.

After a change that is meant, ``RECORD_ROLES=1 .venv/bin/pytest tests/roles`` writes the table anew; its
diff is then what is to be looked at. ``login``: sent to the sign-in; ``*``: something was written.
"""

import csv
import os
from pathlib import Path

import pytest
from axes.models import AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from audits import heartbeat
from audits.admin.batch import CONTROLS
from audits.admin.plan import ACTS
from audits.models import Attempt, Batch, Notice, Push, Quota
from audits.operations import Operation
from audits.services import create_batch, show, submit
from goods.models import FreightTemplate, LiveGoods, Sku, Spu, WindowProduct
from goods.models.import_run import ImportRun
from goods.roles import BY_NAME
from shopadmin.wechat import tasks
from shopadmin.wechat.models import Account
from tests.conftest import SECRET
from tests.roles.walk import Call, Pressed, Site, answer_to
from tests.wechat.callbacks import AES_KEY, OTHER_AES_KEY, REFUSED, TOKEN

TABLE = Path(__file__).with_name("matrix.csv")
RECORD = "RECORD_ROLES" in os.environ
PEOPLE = ["anonymous", "not staff", *BY_NAME, "superuser"]
PASSWORD = "Longjing-2026-tea"


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def boss(db):
    user = User.objects.create_superuser("boss", password=PASSWORD)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.fixture
def rows(make_goods, send, push, account, boss):
    """One row of everything that has a page; a new model has to get one here."""
    account.callback_token = TOKEN
    for aes_key in (OTHER_AES_KEY, AES_KEY):
        account.set_callback_aes_key(aes_key)
    Notice.objects.keep(account, REFUSED)
    account.families = [*account.families, "window"]
    account.save()
    tasks.test_connection(account.pk)
    heartbeat.beat("worker:1")
    clerk = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    clerk.groups.set(Group.objects.filter(name="viewer"))
    draft, sent = make_goods(), make_goods()
    send("add", sent)
    waiting = push("add", make_goods())
    LogEntry.objects.log_actions(clerk.pk, [draft], 2, "words", single_object=True)
    spu = Spu.objects.create(account=account, out_product_id="TEA-1", title="白茶罐装", head_imgs=[], cats=[])
    run = ImportRun.objects.create(
        account=account, filename="list.csv", url_template="pages/goods/detail?id={no}"
    )
    run.file.save("list.csv", ContentFile(b"name\n"))
    return {
        LiveGoods: draft,
        FreightTemplate: FreightTemplate.objects.create(account=account, name="全国统一运费"),
        Spu: spu,
        Sku: Sku.objects.create(spu=spu, out_sku_id="TEA-1-1", attrs=[], position=0),
        WindowProduct: WindowProduct.objects.create(
            account=account, appid="wx5d2e90c4ab17f386", product_id="4711"
        ),
        ImportRun: run,
        Batch: waiting,
        Push: Push.objects.exclude(batch=waiting).get(),
        Attempt: Attempt.objects.first(),
        Quota: Quota.objects.first(),
        Notice: Notice.objects.get(),
        Account: Account.objects.get(),
        User: clerk,
        Group: Group.objects.create(name="of the shop's own"),
        LogEntry: LogEntry.objects.get(),
        AccessLog: AccessLog.objects.first(),
        AccessFailureLog: AccessFailureLog.objects.create(username="clerk", ip_address="198.51.100.7"),
    }


@pytest.fixture
def site(rows, make_goods):
    needing = Push.objects.get(pk=rows[Push].pk)
    Push.objects.filter(pk=needing.pk).update(status="needs_person", candidates=[], finished_at=None)
    goods = rows[LiveGoods]
    return Site(
        rows,
        {
            "admin:audits_batch_plan": create_batch(LiveGoods, [goods.pk], Operation.ADD),
            "admin:view_on_site": goods,
            "path": goods.cover.name,
            "uuid": rows[Account].uuid,
            "content_type_id": ContentType.objects.get_for_model(LiveGoods).pk,
        },
    )


@pytest.fixture
def buttons(site, rows, make_goods):
    """What the pages' buttons send; a deletion waits for a second person."""
    clerk, plan = rows[User], site.special["admin:audits_batch_plan"]
    doomed = make_goods(goods_id="900", third_party_tag=2, audit_status=2)
    Account.objects.update(second_person=True)
    asked = create_batch(LiveGoods, [doomed.pk], Operation.DELETE, by=clerk)
    show(asked)
    submit(asked, by=clerk)
    assert asked.awaits_approval
    show(plan)
    waiting = reverse("admin:audits_batch_plan", args=[asked.pk])
    decisions = {"approve": waiting, "decline": waiting}
    seen = {"approve": asked.fingerprint}
    return {
        **{
            f"admin:goods_{model._meta.model_name}_change": [
                Pressed(f"_push={name.value}", {"_push": name.value}) for name in model.OPERATIONS
            ]
            for model in (LiveGoods, FreightTemplate, WindowProduct)
        },
        "admin:audits_batch_control": [Pressed(f"do={name}", {"do": name}) for name in CONTROLS],
        "admin:audits_batch_plan": [
            Pressed(
                f"do={name}",
                {"do": name, "row": plan.selection, "seen": seen.get(name, plan.fingerprint)},
                decisions.get(name, ""),
            )
            for name in ACTS
        ],
    }


def browser_of(person):
    client = Client(raise_request_exception=False)
    if person == "anonymous":
        return client
    user = User.objects.create_user("me", is_staff=person != "not staff", is_superuser=person == "superuser")
    user.groups.set(Group.objects.filter(name=person))
    client.force_login(user)
    return client


def recorded():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["url"], row["method"]): row for row in csv.DictReader(file)}


def record(person, answers):
    """Write one column anew; rows that are gone go."""
    known = recorded() if TABLE.exists() else {}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["url", "method", *PEOPLE], extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        for url, method in sorted(answers):
            row = {"url": url, "method": method}
            table.writerow(known.get((url, method), {}) | row | {person: answers[url, method]})


def secrets_of(account):
    token = account.access_token.value
    hashes = User.objects.exclude(password="").values_list("password", flat=True)
    kept = [account.secret, token, account.callback_token]
    kept += [account.callback_aes_key, account.callback_aes_key_before]
    found = {SECRET, *hashes}
    for secret in kept:
        found |= {secret.reveal(), secret.encrypted}
    assert all(found)
    return found


@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_is_answered_as_the_table_says(site, boss, buttons, person, account):
    account.refresh_from_db()
    secrets = secrets_of(account)
    calls: list[Call] = site.calls(boss, buttons)
    client = browser_of(person)
    answers = {(call.name, call.method): answer_to(client, call) for call in calls}

    assert [key for key, said in answers.items() if said.startswith("5")] == []
    leaking = [call.name for call in calls if any(secret in call.body for secret in secrets)]
    assert leaking == []
    if RECORD:
        record(person, answers)
    assert answers == {key: row[person] for key, row in recorded().items()}


def test_the_walk_finds_pages_of_every_kind(site, boss):
    names = {call.name for call in site.calls(boss, {})}
    assert {
        "healthz", "metrics", "set_language", "admin:index", "admin:login", "admin:password_change",
        "admin:audits_batch_plan", "admin:audits_batch_control", "admin:audits_push_decide",
        "admin:goods_livegoods_pull", "admin:goods_livegoods_changelist action=push_delete",
        "admin:auth_user_password_change", "admin:app_list goods", "//media/<path:path>".replace("//", "/"),
    } <= names  # fmt: skip
    assert len(names) > 100


# --- What the table itself must say ---


def column(person, *, wrote=False):
    return {key for key, row in recorded().items() if not wrote or row[person].endswith("*")}


@pytest.mark.parametrize("person", ["anonymous", "not staff"])
def test_outside_the_staff_only_these_addresses_answer(person):
    inside = {url for (url, _), row in recorded().items() if row[person] not in ("login", "403", "404")}
    assert {url for url in inside if url.startswith("admin:")} == {"admin:login", "admin:logout"} | {
        url for url in inside if url == "admin:jsi18n"
    }
    assert not column(person, wrote=True)


def test_a_viewer_writes_nothing_but_the_wish_to_read_again():
    assert {url for url, _ in column("viewer", wrote=True)} <= {
        "admin:goods_livegoods_changelist action=refresh"
    }


def test_whatever_a_role_may_do_the_next_one_may_too():
    roles = [*BY_NAME, "superuser"]
    for less, more in zip(roles, roles[1:], strict=False):
        taken = column(less, wrote=True) - column(more, wrote=True)
        assert not taken, (less, more)


def test_every_model_with_pages_has_a_row(rows):
    assert set(rows) == set(admin.site._registry)
