"""What each operation on a freight template sends, and what its answer does to the record."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from audits.operations import Call, Operation, Step
from goods.store.freight import wire
from shopadmin.wechat.mini_store.freight import FreightAPI
from shopadmin.wechat.reading import wire_id

if TYPE_CHECKING:
    from audits.models import Push
    from goods.models import FreightTemplate


def _prepare_add(template: "FreightTemplate", push: "Push") -> Call:
    fields = push.body["freight_template"]
    return Call({"freight_template": fields}, lambda client: client.mini_store.freight.insert(fields))


def _absorb_add(template: "FreightTemplate", push: "Push", template_id: str) -> list[str]:
    return [*template.mark_added(template_id), *_accepted(template, push)]


def _prepare_update(template: "FreightTemplate", push: "Push") -> Call:
    template_id, fields = template.template_id, push.body["freight_template"]
    body = {"freight_template": {**fields, "template_id": wire_id(template_id)}}
    return Call(body, lambda client: client.mini_store.freight.update(template_id, fields))


def _absorb_update(template: "FreightTemplate", push: "Push", answer: Any) -> list[str]:
    return _accepted(template, push)


def _accepted(template: "FreightTemplate", push: "Push") -> list[str]:
    return template.mark_accepted(wire.sent(push.body["freight_template"]))


OPERATIONS: Mapping[Operation, tuple[Step, ...]] = {
    # A second insert makes a second template, of the same name.
    Operation.ADD: (
        Step("add", FreightAPI.INSERT, "mini_store", _prepare_add, _absorb_add, repeatable=False),
    ),
    Operation.UPDATE: (
        Step("update", FreightAPI.UPDATE, "mini_store", _prepare_update, _absorb_update, repeatable=True),
    ),
}
