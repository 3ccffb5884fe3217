"""Who may do what: the table is the database, and nobody gives away more than they have."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from goods.roles import BY_NAME, ROLES, permissions_of, remove_roles, write_roles
from shopadmin.people.rights import permission_label
from tests.people import form_of, queries, text

PEOPLE = reverse("admin:auth_user_changelist")
NEW_PERSON = reverse("admin:auth_user_add")
PASSWORD = "Longjing-2026-tea"


@pytest.fixture(autouse=True)
def english_and_quick_passwords(settings):
    settings.LANGUAGE_CODE = "en"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def person(*roles, **fields):
    found = User.objects.create_user(f"person{User.objects.count()}", is_staff=True, **fields)
    found.groups.set(Group.objects.filter(name__in=roles))
    return found


def browser(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def administrator(db):
    return person("administrator")


@pytest.fixture
def office(administrator):
    """The browser of an administrator."""
    return browser(administrator)


def fields_of(user, **changed):
    """What the form of a person sends; boxes that are not ticked are left out."""
    fields = {
        "username": user.username, "last_name": "", "first_name": "", "email": "", "is_active": "on",
        "groups": [group.pk for group in user.groups.all()],
    }  # fmt: skip
    return {name: value for name, value in (fields | changed).items() if value is not None}


# --- The table ---


def in_the_database(name):
    permissions = Group.objects.get(name=name).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in permissions}


@pytest.mark.parametrize("name", BY_NAME)
def test_the_database_has_what_the_table_says(db, name):
    assert in_the_database(name) == permissions_of(name)


def test_each_role_may_what_the_one_before_it_may_and_more():
    rights = [permissions_of(role.name) for role in ROLES]
    assert all(less < more for less, more in zip(rights, rights[1:], strict=False))


def test_whoever_adds_a_page_or_a_permission_decides_who_has_it():
    pages = {f"{model._meta.app_label}.view_{model._meta.model_name}" for model in admin.site._registry}
    ours = [
        model for label in ("goods", "audits", "wechat") for model in apps.get_app_config(label).get_models()
    ]
    special = {f"{m._meta.app_label}.{codename}" for m in ours for codename, _ in m._meta.permissions}
    assert pages | special <= permissions_of("administrator")


def test_written_again_the_table_corrects_what_was_changed(db):
    Group.objects.get(name="viewer").permissions.clear()
    Group.objects.get(name="editor").permissions.add(Permission.objects.get(codename="push_livegoods"))
    write_roles(Group.objects, Permission.objects)
    assert [in_the_database(name) for name in BY_NAME] == [permissions_of(name) for name in BY_NAME]


def test_the_migration_can_be_taken_back_and_leaves_the_shops_own_roles(db):
    Group.objects.create(name="仓库")
    remove_roles(Group.objects)
    assert list(Group.objects.values_list("name", flat=True)) == ["仓库"]


def test_the_migration_makes_the_permissions_that_it_needs(db):
    Permission.objects.filter(codename="approve_batch").delete()
    migration = importlib.import_module("goods.migrations.0004_roles")
    kept = {label: apps.get_app_config(label).models_module for label in migration.APPS}
    try:
        migration.write(apps, SimpleNamespace(connection=connection))
    finally:
        for label, module in kept.items():
            apps.get_app_config(label).models_module = module
    assert in_the_database("approver") == permissions_of("approver")


# --- People ---


def test_an_administrator_adds_somebody_with_a_role_in_plain_words(office):
    assert "also adds and changes products" in text(office.get(NEW_PERSON))
    editor = Group.objects.get(name="editor")
    office.post(NEW_PERSON, {
        "username": "zhangsan", "last_name": "张", "first_name": "三", "password1": PASSWORD,
        "password2": PASSWORD, "groups": [editor.pk],
    })  # fmt: skip
    zhang = User.objects.get(username="zhangsan")
    assert (zhang.is_staff, zhang.is_superuser, zhang.check_password(PASSWORD)) == (True, False, True)
    assert list(zhang.groups.all()) == [editor]
    assert "张三" in text(office.get(PEOPLE))
    assert LogEntry.objects.get().get_change_message() == "Added. Roles: Editor."


def test_the_roles_are_named_in_the_readers_language(office, administrator):
    with translation.override("zh-hans"):
        words = str(BY_NAME["publisher"].label)
    office.cookies["django_language"] = "zh-hans"
    assert words in text(office.get(NEW_PERSON))


@pytest.mark.parametrize("field", ["is_superuser", "is_staff", "user_permissions"])
def test_an_administrator_is_not_asked_for_more_than_roles(office, field):
    assert f'name="{field}"' not in text(office.get(form_of(person("viewer"))))


def test_whatever_is_sent_nobody_becomes_superuser_or_gets_single_permissions(office, administrator):
    clerk = person("viewer")
    everything = list(Permission.objects.values_list("pk", flat=True))
    for user in (clerk, administrator):
        office.post(form_of(user), fields_of(user, is_superuser="on", user_permissions=everything))
        user.refresh_from_db()
        assert not user.is_superuser and not user.user_permissions.exists()


def test_nobody_gives_a_role_that_holds_more_than_their_own_rights(office):
    dear = Group.objects.create(name="dear")
    dear.permissions.add(Permission.objects.get(codename="delete_user"))
    clerk = person("viewer")
    assert f'value="{dear.pk}"' not in text(office.get(form_of(clerk)))
    office.post(form_of(clerk), fields_of(clerk, groups=[dear.pk]))
    assert not clerk.groups.filter(name="dear").exists()


@pytest.mark.parametrize("stronger", ["superuser", "one permission more"])
def test_whoever_may_do_more_is_out_of_an_administrators_reach(office, stronger):
    boss = person("administrator", is_superuser=stronger == "superuser", password=PASSWORD)
    boss.user_permissions.add(Permission.objects.get(codename="delete_user"))
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    changes = [
        office.post(form_of(boss), fields_of(boss, username="taken", is_active=None)),
        office.post(password, {"password1": "Another-2026", "password2": "Another-2026"}),
    ]
    boss.refresh_from_db()
    assert [answer.status_code for answer in changes] == [403, 403]
    assert boss.is_active and boss.username != "taken" and boss.check_password(PASSWORD)


def test_somebody_switched_off_who_could_do_more_stays_out_of_reach(db):
    keeper = person()
    keeper.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    boss = person("administrator", is_active=False, password=PASSWORD)
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    browser(keeper).post(password, {"password1": "Another-2026", "password2": "Another-2026"})
    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)


def test_an_administrator_sets_the_password_of_a_clerk(office):
    clerk = person("publisher")
    office.post(
        reverse("admin:auth_user_password_change", args=[clerk.pk]),
        {"password1": PASSWORD, "password2": PASSWORD},
    )
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)


def test_nobody_locks_themselves_out(office, administrator):
    office.post(form_of(administrator), fields_of(administrator, is_active=None))
    administrator.refresh_from_db()
    assert administrator.is_active


def test_people_are_switched_off_not_deleted(staff):
    clerk = person("viewer")
    assert staff.post(reverse("admin:auth_user_delete", args=[clerk.pk]), {"post": "yes"}).status_code == 403
    staff.post(form_of(clerk), fields_of(clerk, is_active=None, is_staff="on"))
    clerk.refresh_from_db()
    assert not clerk.is_active
    assert browser(clerk).get(reverse("admin:index")).status_code == 302


def test_a_superuser_may_make_another(staff):
    clerk = person("viewer")
    staff.post(form_of(clerk), fields_of(clerk, is_staff="on", is_superuser="on"))
    clerk.refresh_from_db()
    assert clerk.is_superuser


@pytest.mark.parametrize("role", ["viewer", "editor", "publisher", "approver"])
def test_people_and_logs_are_for_administrators(db, role):
    client = browser(person(role))
    lists = ("auth_user", "auth_group", "admin_logentry", "axes_accesslog", "axes_accessfailurelog")
    assert {client.get(reverse(f"admin:{name}_changelist")).status_code for name in lists} == {403}


def test_the_list_of_people_costs_the_same_for_twenty(office):
    person("viewer")
    before = queries(office, PEOPLE)
    for _ in range(20):
        person("viewer", "editor")
    assert queries(office, PEOPLE) == before


# --- Roles of the shop's own ---


def test_our_roles_cannot_be_changed_not_even_by_a_superuser(staff):
    viewer = Group.objects.get(name="viewer")
    staff.post(form_of(viewer), {"name": "viewer", "permissions": []})
    staff.post(reverse("admin:auth_group_delete", args=[viewer.pk]), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [viewer.pk], "post": "yes"}
    staff.post(reverse("admin:auth_group_changelist"), chosen)
    assert in_the_database("viewer") == permissions_of("viewer")


def test_a_shop_makes_a_role_of_its_own_from_what_its_maker_may_do(office):
    add = reverse("admin:auth_group_add")
    allowed = Permission.objects.get(codename="push_livegoods")
    beyond = Permission.objects.get(codename="delete_user")
    office.post(add, {"name": "too much", "permissions": [allowed.pk, beyond.pk]})
    office.post(add, {"name": "直播运营", "permissions": [allowed.pk]})
    assert not Group.objects.filter(name="too much").exists()
    assert in_the_database("直播运营") == {"goods.push_livegoods"}


def test_permissions_are_named_for_people(db):
    labels = [permission_label(p) for p in Permission.objects.filter(content_type__app_label="goods")]
    assert "live goods: may change" in labels and "live goods: Can send live goods to WeChat" in labels


# --- What is kept of it ---


def test_the_log_tells_the_change_of_a_role(office):
    clerk = person("viewer")
    roles = [Group.objects.get(name=name).pk for name in ("viewer", "publisher")]
    office.post(form_of(clerk), fields_of(clerk, groups=roles))
    page = text(office.get(reverse("admin:admin_logentry_changelist")))
    assert "Roles: Viewer → Viewer, Publisher." in page and f'href="{form_of(clerk)}"' in page


def test_the_log_tells_that_a_password_was_changed_and_never_which(office, administrator):
    clerk = person("viewer")
    office.post(
        reverse("admin:auth_user_password_change", args=[clerk.pk]),
        {"password1": PASSWORD, "password2": PASSWORD},
    )
    administrator.set_password("Old-password-1")
    administrator.save()
    office.force_login(administrator)
    own = {"old_password": "Old-password-1", "new_password1": PASSWORD, "new_password2": PASSWORD}
    answer = office.post(reverse("admin:password_change"), own)
    assert answer.url == reverse("admin:password_change_done")
    noted = [(entry.object_id, entry.get_change_message()) for entry in LogEntry.objects.order_by("pk")]
    assert noted == [
        (str(clerk.pk), "Changed password."), (str(administrator.pk), "Changed Password.")
    ]  # fmt: skip
    assert PASSWORD not in "".join(LogEntry.objects.values_list("change_message", flat=True))


def test_a_password_that_was_refused_is_not_noted(office):
    office.post(reverse("admin:password_change"), {"old_password": "x", "new_password1": "y"})
    assert not LogEntry.objects.exists()


def log(count, user, account):
    LogEntry.objects.log_actions(user.pk, [account] * count, 2, "words")


def test_the_log_is_only_read(staff, account):
    user = User.objects.get(username="owner")
    log(1, user, account)
    entry = LogEntry.objects.get()
    url = reverse("admin:admin_logentry_change", args=[entry.pk])
    assert staff.get(url).status_code == 200
    delete = reverse("admin:admin_logentry_delete", args=[entry.pk])
    assert [staff.post(each, {"post": "yes"}).status_code for each in (url, delete)] == [403, 403]
    assert staff.get(reverse("admin:admin_logentry_add")).status_code == 403


def test_the_log_is_found_by_person_kind_and_deed(staff, account):
    one, other = User.objects.get(username="owner"), person()
    log(2, one, account)
    log(1, other, account)
    LogEntry.objects.log_actions(one.pk, [other], 1, [{"added": {}}], single_object=True)
    url = reverse("admin:admin_logentry_changelist")
    kind = LogEntry.objects.filter(object_repr=str(account)).first().content_type_id

    def found(query):
        return staff.get(f"{url}?{query}").context["cl"].result_count

    assert [found(f"person={one.pk}"), found(f"kind={kind}"), found("done=1"), found("q=words")] == [
        3,
        3,
        1,
        3,
    ]
    assert [found("person=x"), found("kind=999999"), found("done=7")] == [4, 4, 4]


def test_the_log_costs_the_same_for_twenty(staff, account):
    user = User.objects.get(username="owner")
    url = reverse("admin:admin_logentry_changelist")
    log(1, user, account)
    before = queries(staff, url)
    log(20, user, account)
    assert queries(staff, url) == before
