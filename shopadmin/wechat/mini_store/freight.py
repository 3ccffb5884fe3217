"""Freight templates and courier companies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shopadmin.wechat.mini_store.keys import Endpoints
from shopadmin.wechat.reading import as_id, as_text, required_id, rows, unreadable, wire_id


@dataclass(frozen=True)
class RemoteTemplate:
    """A freight template: its id and name, and ``content`` as WeChat writes it (prices in fen)."""

    template_id: str
    name: str
    content: dict[str, Any]


class FreightAPI(Endpoints):
    GET = "/product/delivery/get_freight_template"
    INSERT = "/product/delivery/insert_freight_template"
    UPDATE = "/product/delivery/update_freight_template"
    COMPANIES = "/product/delivery/get_company_list"

    def get_templates(self) -> list[RemoteTemplate]:
        """POST /product/delivery/get_freight_template: all templates of the shop."""
        answer = self._post(self.GET, {})
        found = []
        for row in rows(answer, "template_list"):
            template_id = as_id(row.get("template_id"))
            if not template_id:
                raise unreadable(answer, "template_list[].template_id")
            found.append(RemoteTemplate(template_id, as_text(row.get("name")), dict(row)))
        return found

    def insert(self, template: Mapping[str, Any]) -> str:
        """POST /product/delivery/insert_freight_template: create one; its id. Repeating it makes a second.

        ``template``: name, valuation_type (1 pieces, 2 weight), send_time, delivery_type, shipping_method,
        and its rules; prices in fen.
        """
        return required_id(self._post(self.INSERT, {"freight_template": template}), "template_id")

    def update(self, template_id: str, template: Mapping[str, Any]) -> None:
        """POST /product/delivery/update_freight_template: replace one as a whole."""
        body = {**template, "template_id": wire_id(template_id)}
        self._post(self.UPDATE, {"freight_template": body})

    def get_companies(self) -> dict[str, str]:
        """POST /product/delivery/get_company_list: names of the courier companies by their ids."""
        companies = rows(self._post(self.COMPANIES, {}), "company_list")
        return {as_text(row.get("delivery_id")): as_text(row.get("delivery_name")) for row in companies}
