"""Every page that staff can open, one line each. What is missing here, `test_places.py` names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.urls import URLPattern, URLResolver, reverse

from audits.models import Attempt, Notice, Quota
from goods.models import FreightTemplate
from tests.browser.scene import Scene


@dataclass(frozen=True)
class Place:
    """A page: its name in words and in the urls, what the address needs, and how it answers."""

    name: str
    view: str
    of: Callable[[Scene], list[Any]] = lambda scene: []
    query: str = ""
    status: int = 200
    signed_in: bool = True

    def path(self, scene: Scene) -> str:
        base = self.view if self.view.startswith("/") else reverse(self.view, args=self.of(scene))
        return base + self.query


def first(model: type[Model]) -> Any:
    """The key of some record of a kind."""
    return model._default_manager.order_by("pk")[0].pk


def _user(scene: Scene) -> list[Any]:
    return [scene.batch.created_by_id]


def _account(scene: Scene) -> list[Any]:
    return [scene.account.pk]


PLACES = [
    Place("login", "admin:login", signed_in=False),
    Place("dashboard", "admin:index"),
    Place("goods", "admin:app_list", lambda scene: ["goods"]),
    Place("live goods", "admin:goods_livegoods_changelist"),
    Place("live goods, refused", "admin:goods_livegoods_changelist", query="?state=3"),
    Place("live goods, none found", "admin:goods_livegoods_changelist", query="?q=xyzzy"),
    Place("new product", "admin:goods_livegoods_add"),
    Place("product, draft", "admin:goods_livegoods_change", lambda scene: [scene.draft.pk]),
    Place("product, to be corrected", "admin:goods_livegoods_change", lambda scene: [scene.faulty.pk]),
    Place("product, refused", "admin:goods_livegoods_change", lambda scene: [scene.refused.pk]),
    Place("product, approved", "admin:goods_livegoods_change", lambda scene: [scene.approved.pk]),
    Place("product, changed at WeChat", "admin:goods_livegoods_change", lambda scene: [scene.changed.pk]),
    Place("product, deleting", "admin:goods_livegoods_delete", lambda scene: [scene.draft.pk]),
    Place("product, changes by staff", "admin:goods_livegoods_history", lambda scene: [scene.draft.pk]),
    Place("plan", "admin:audits_batch_plan", lambda scene: [scene.plan.pk]),
    Place("plan, waiting for approval", "admin:audits_batch_plan", lambda scene: [scene.asked.pk]),
    Place("approvals", "admin:audits_batch_approvals"),
    Place("left out", "admin:audits_batch_left_out", lambda scene: [scene.left_out.pk]),
    Place("imports", "admin:goods_importrun_changelist"),
    Place("products", "admin:goods_spu_changelist"),
    Place("new product of the store", "admin:goods_spu_add"),
    Place("product of the store, here", "admin:goods_spu_change", lambda scene: [scene.kept.pk]),
    Place("product of the store, on sale", "admin:goods_spu_change", lambda scene: [scene.on_sale.pk]),
    Place("product of the store, refused", "admin:goods_spu_change", lambda scene: [scene.unlisted.pk]),
    Place("product of the store, plan", "admin:audits_batch_plan", lambda scene: [scene.store_plan.pk]),
    Place("SKUs", "admin:goods_sku_changelist"),
    Place("freight templates", "admin:goods_freighttemplate_changelist"),
    Place("new freight template", "admin:goods_freighttemplate_add"),
    Place("freight template", "admin:goods_freighttemplate_change", lambda scene: [first(FreightTemplate)]),
    Place("new import of the store", "admin:goods_importrun_add", query="?family=mini_store"),
    Place("window products", "admin:goods_windowproduct_changelist"),
    Place("new window product", "admin:goods_windowproduct_add"),
    Place("window product, banned", "admin:goods_windowproduct_change", lambda scene: [scene.banned.pk]),
    Place("window product, promoted", "admin:goods_windowproduct_change", lambda scene: [scene.promoted.pk]),
    Place(
        "window product, to be added", "admin:goods_windowproduct_change", lambda scene: [scene.entered.pk]
    ),
    Place("window product, plan", "admin:audits_batch_plan", lambda scene: [scene.window_plan.pk]),
    Place("new import", "admin:goods_importrun_add"),
    Place("import", "admin:goods_importrun_change", lambda scene: [scene.imported.pk]),
    Place("batches", "admin:audits_batch_changelist"),
    Place("batch", "admin:audits_batch_change", lambda scene: [scene.batch.pk]),
    Place("pushes", "admin:audits_push_changelist"),
    Place("push, refused", "admin:audits_push_change", lambda scene: [scene.refused_push.pk]),
    Place("push, needs a person", "admin:audits_push_change", lambda scene: [scene.doubtful.pk]),
    Place("calls", "admin:audits_attempt_changelist"),
    Place("call", "admin:audits_attempt_change", lambda scene: [first(Attempt)]),
    Place("quotas", "admin:audits_quota_changelist"),
    Place("quota", "admin:audits_quota_change", lambda scene: [first(Quota)]),
    Place("messages", "admin:audits_notice_changelist"),
    Place("message", "admin:audits_notice_change", lambda scene: [first(Notice)]),
    Place("accounts", "admin:wechat_account_changelist"),
    Place("new account", "admin:wechat_account_add"),
    Place("account", "admin:wechat_account_change", _account),
    Place("account, deleting", "admin:wechat_account_delete", _account),
    Place("account, changes by staff", "admin:wechat_account_history", _account),
    Place("users", "admin:auth_user_changelist"),
    Place("new user", "admin:auth_user_add"),
    Place("user", "admin:auth_user_change", _user),
    Place("user, password", "admin:auth_user_password_change", _user),
    Place("groups", "admin:auth_group_changelist"),
    Place("new group", "admin:auth_group_add"),
    Place("group", "admin:auth_group_change", lambda scene: [first(Group)]),
    Place("changes by staff", "admin:admin_logentry_changelist"),
    Place("sign-ins", "admin:axes_accesslog_changelist"),
    Place("refused sign-ins", "admin:axes_accessfailurelog_changelist"),
    Place("own password", "admin:password_change"),
    Place("not found", "/admin/nowhere/", status=404),
]

# Addresses for buttons, scripts and downloads, and pages that only pass on.
NO_PAGES = {
    "logout", "jsi18n", "autocomplete", "view_on_site", "password_change_done", "audits_push_decide",
    "audits_batch_control", "audits_batch_progress", "goods_livegoods_pull", "goods_livegoods_send",
    "goods_livegoods_take", "goods_windowproduct_pull", "goods_windowproduct_send",
    "goods_windowproduct_take", "goods_importrun_confirm", "goods_importrun_fix_file",
    "goods_importrun_progress", "goods_importrun_submit", "goods_importrun_template",
    "goods_freighttemplate_pull", "goods_freighttemplate_regions", "goods_freighttemplate_send",
    "goods_freighttemplate_take", "goods_spu_categories", "goods_spu_pictures", "goods_spu_pull",
    "goods_spu_send", "goods_spu_take", "goods_sku_change",
}  # fmt: skip
# What nobody adds by hand, and entries of logs that are read in their list.
CLOSED = {
    "goods_sku_add",
    "audits_batch_add", "audits_push_add", "audits_attempt_add", "audits_quota_add", "audits_notice_add",
    "admin_logentry_add", "admin_logentry_change", "axes_accesslog_add", "axes_accesslog_change",
    "axes_accessfailurelog_add", "axes_accessfailurelog_change",
}  # fmt: skip


def unlisted() -> set[str]:
    """Pages of the admin that have no line here; Django's own history and deletion stand for one another."""
    known = {place.view.removeprefix("admin:") for place in PLACES} | NO_PAGES | CLOSED
    found = _names(admin.site.get_urls()) - known
    return {name for name in found if not name.endswith(("_history", "_delete"))}


def _names(patterns: list[URLPattern | URLResolver]) -> set[str]:
    names: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            names |= _names(pattern.url_patterns)
        elif pattern.name:
            names.add(pattern.name)
    return names
