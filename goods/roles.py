"""Who may do what: the only place that says it. A migration writes this table into the database.

The groups have plain names for keys; people read the label in their own language. Each role may do
what the one above it may, and more, so a person needs one of them.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from audits.operations import Text


@dataclass(frozen=True)
class Role:
    """``adds`` names permissions as ``app.codename``, on top of those of the roles before it."""

    name: str
    label: Text
    may: Text
    adds: tuple[str, ...]


ROLES = (
    Role(
        "viewer",
        _("Viewer"),
        _("sees products, what was sent and what WeChat answered; changes nothing"),
        (
            "goods.view_livegoods",
            "goods.view_spu",
            "goods.view_sku",
            "goods.view_freighttemplate",
            "goods.view_windowproduct",
            "audits.view_batch",
            "audits.view_push",
            "audits.view_attempt",
            "audits.view_quota",
            "wechat.view_account",
        ),
    ),
    Role(
        "editor",
        _("Editor"),
        _("also adds and changes products and imports lists; sends nothing to WeChat"),
        (
            "goods.add_livegoods",
            "goods.change_livegoods",
            "goods.add_spu",
            "goods.change_spu",
            "goods.change_sku",
            "goods.add_freighttemplate",
            "goods.change_freighttemplate",
            "goods.add_windowproduct",
            "goods.change_windowproduct",
            "goods.add_importrun",
            "goods.view_importrun",
        ),
    ),
    Role(
        "publisher",
        _("Publisher"),
        _("also sends products to WeChat, withdraws and submits them again"),
        ("goods.push_livegoods", "goods.push_spu", "goods.push_freighttemplate", "goods.push_windowproduct"),
    ),
    Role(
        "approver",
        _("Approver"),
        _("also deletes products here and at WeChat, and approves what needs a second person"),
        (
            "goods.delete_livegoods",
            "goods.delete_remote_livegoods",
            "goods.delete_spu",
            "goods.delete_remote_spu",
            "goods.delete_freighttemplate",
            "goods.delete_windowproduct",
            "audits.approve_batch",
        ),
    ),
    Role(
        "administrator",
        _("Administrator"),
        _("also sets up WeChat accounts, people and their roles; sees who signed in and who changed what"),
        (
            "wechat.add_account",
            "wechat.change_account",
            "wechat.delete_account",
            "audits.view_notice",
            "auth.view_user",
            "auth.add_user",
            "auth.change_user",
            "auth.view_group",
            "auth.add_group",
            "auth.change_group",
            "auth.delete_group",
            "admin.view_logentry",
            "axes.view_accesslog",
            "axes.view_accessfailurelog",
        ),
    ),
)
BY_NAME = {role.name: role for role in ROLES}


def permissions_of(name: str) -> set[str]:
    """Every permission of a role, those of the roles before it included."""
    upto = ROLES.index(BY_NAME[name]) + 1
    return {permission for role in ROLES[:upto] for permission in role.adds}


def write_roles(groups: Any, permissions: Any) -> None:
    """Make the groups as the table says. The managers are given because a migration has its own.

    Permissions that do not exist yet are left out: the migration that adds them writes the table again.
    """
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in permissions.values_list("pk", "content_type__app_label", "codename")
    }
    for role in ROLES:
        group, _created = groups.get_or_create(name=role.name)
        group.permissions.set(known[name] for name in permissions_of(role.name) if name in known)


def remove_roles(groups: Any) -> None:
    groups.filter(name__in=BY_NAME).delete()
