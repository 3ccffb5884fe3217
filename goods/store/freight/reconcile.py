"""Finding out at WeChat what became of a freight template whose number never came."""

from typing import TYPE_CHECKING

from audits.operations import Look, Verdict
from goods.store.freight import wire
from shopadmin.wechat.mini_store.freight import RemoteTemplate

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import FreightTemplate

TEMPLATES = "freight templates"


def reconcile(template: "FreightTemplate", push: "Push", look: Look) -> Verdict:
    """Equal name and content among the templates that we do not know: that is ours.

    If it was there before, by hand, nothing is lost: it is just as the one that was asked for. Raises
    WeChatError when WeChat could not be asked. Only ``add`` comes here; an update is sent again.
    """
    sent = wire.sent(push.body["freight_template"])
    found = {remote.template_id: remote for remote in _templates(look) if _alike(remote, sent)}
    known = type(template)._default_manager.filter(account=template.account_id, template_id__in=found)
    for template_id in known.values_list("template_id", flat=True):
        del found[template_id]
    if not found:
        return Verdict(absent=True)
    if len(found) == 1:
        return Verdict(done=True, result=next(iter(found)))
    return Verdict(candidates=tuple({"id": pk, "name": remote.name} for pk, remote in found.items()))


def _templates(look: Look) -> list[RemoteTemplate]:
    """All templates of the account, read once however many pushes are in doubt."""
    if TEMPLATES not in look.read:
        look.read[TEMPLATES] = look.client.mini_store.freight.get_templates()
    found: list[RemoteTemplate] = look.read[TEMPLATES]
    return found


def _alike(remote: RemoteTemplate, sent: dict[str, object]) -> bool:
    """As far as WeChat tells what it has; at least the name."""
    told = wire.snapshot(remote.content)
    return remote.name == sent["name"] and all(
        wire.same(field, told[field], sent.get(field)) for field in told
    )
