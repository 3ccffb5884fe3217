"""The first steps of a new shop, until its first product has been sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audits.models import Push
from audits.states import PushStatus
from shopadmin.dashboard_viewer import Viewer
from shopadmin.wechat.models import Account


@dataclass(frozen=True)
class Step:
    """One of the first steps: is it done, and where it is done, for those who may."""

    title: str
    hint: str
    done: bool
    url: str


def first_steps(viewer: Viewer, accounts: Sequence[Account], *, importing: str, sent: bool) -> list[Step]:
    """Nothing once something was sent. ``importing`` is where files are imported, ``sent`` what is known."""
    if sent or Push.objects.filter(status=PushStatus.DONE).exists():
        return []
    mirrors = [model for model, _owner in viewer.mirrors()]
    stocked = any(model.objects.exists() for model in mirrors)
    return [*_account_steps(viewer, accounts), *_goods_steps(viewer, mirrors, importing, stocked)]


def _account_steps(viewer: Viewer, accounts: Sequence[Account]) -> list[Step]:
    may_change = viewer.may("wechat.change_account")
    listed = viewer.list_of(Account) if may_change else ""
    add = viewer.page("admin:wechat_account_add") if viewer.may("wechat.add_account") else ""
    return [
        Step(
            _("Enter an account"),
            _("AppID and AppSecret from WeChat's console; practice mode tries everything without WeChat."),
            bool(accounts),
            listed if accounts else add,
        ),
        Step(
            _("Test the connection"),
            _("Shows in seconds whether WeChat accepts the account."),
            any(account.test_ok for account in accounts),
            listed if accounts else "",
        ),
    ]


def _goods_steps(viewer: Viewer, mirrors: Sequence[type], importing: str, stocked: bool) -> list[Step]:
    if not mirrors:
        return []
    first = mirrors[0]
    meta = first._meta  # type: ignore[attr-defined]
    add = f"{meta.app_label}.add_{meta.model_name}"
    push = f"{meta.app_label}.push_{meta.model_name}"
    listed = viewer.list_of(first)
    return [
        Step(
            _("Bring in products"),
            _("Import a file, or type in the first one by hand."),
            stocked,
            (importing or listed) if viewer.may(add) else "",
        ),
        Step(
            _("Send the first product"),
            _("Tick it in the list, choose “Submit to WeChat”, look at the plan, confirm."),
            False,
            listed if viewer.may(push) else "",
        ),
    ]
