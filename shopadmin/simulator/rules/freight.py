"""Freight templates and couriers of the Mini Store (/product/delivery/*). What is written is live at once."""

from typing import Any

from shopadmin.simulator.routes import Call, Route
from shopadmin.simulator.rules import store_fields as rule
from shopadmin.simulator.rules.freight_fields import read_template
from shopadmin.simulator.rules.live_answers import shown_id
from shopadmin.simulator.store import Fields
from shopadmin.simulator.store_seed import COURIERS
from shopadmin.simulator.wire import Refusal

NO_TEMPLATE = 9401034


def get_freight_template(call: Call) -> dict[str, Any]:
    """POST /product/delivery/get_freight_template - all templates of the shop."""
    rows = [
        {**template, "template_id": shown_id(call.settings, template_id)}
        for template_id, template in call.shop.store.templates.items()
    ]
    return {**rule.OK, "template_list": rows}


def insert_freight_template(call: Call) -> dict[str, Any]:
    """POST /product/delivery/insert_freight_template - one more; names may repeat."""
    template = read_template(rule.part(call.fields, "freight_template"))
    template_id = call.world.new_template_id()
    _keep(call, template_id, {**template, "create_time": int(call.now)})
    return {**rule.OK, "template_id": shown_id(call.settings, template_id)}


def update_freight_template(call: Call) -> dict[str, Any]:
    """POST /product/delivery/update_freight_template - all of one template anew."""
    fields = rule.part(call.fields, "freight_template")
    template_id = rule.given_id(fields, "template_id")
    known = call.shop.store.templates.get(template_id)
    if known is None:
        raise Refusal(NO_TEMPLATE, "freight template is illegal")
    _keep(call, template_id, {**read_template(fields), "create_time": known["create_time"]})
    return dict(rule.OK)


def get_company_list(_call: Call) -> dict[str, Any]:
    """POST /product/delivery/get_company_list - the couriers."""
    rows = [{"delivery_id": courier, "delivery_name": name} for courier, name in COURIERS.items()]
    return {**rule.OK, "company_list": rows}


def _keep(call: Call, template_id: int, template: dict[str, Any]) -> None:
    """Store it; a shop has one default template at most."""
    templates = call.shop.store.templates
    if template["is_default"]:
        for other, fields in templates.items():
            templates[other] = {**fields, "is_default": 0}
    templates[template_id] = _stored(template_id, template, int(call.now))


def _stored(template_id: int, template: dict[str, Any], now: int) -> Fields:
    return {"template_id": template_id, **template, "update_time": now}


ROUTES = {
    f"/product/delivery/{handler.__name__}": Route("POST", handler, family=rule.FAMILY)
    for handler in (
        get_freight_template,
        insert_freight_template,
        update_freight_template,
        get_company_list,
    )
}
