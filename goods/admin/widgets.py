"""Inputs with what helps to fill them in: counters, proposals, previews, and what a colleague has entered.

Everything below the input is plain text without scripts; `live_form.js` makes it move while typing.
"""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget, AdminTextInputWidget
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from goods.live.names import propose
from goods.live.rules import NAME_UNITS_MAX, NAME_UNITS_MIN, URL_MAX
from goods.pictures import BYTES_MOST, LARGEST_SIDE, PIXELS_MOST


class Aided(forms.Widget):
    """What the form knows about this field goes into ``aid``; the template says it below the input."""

    aid_template = "goods/field_aid.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.aid: dict[str, Any] = {}

    def __deepcopy__(self, memo: Any) -> Any:
        """Forms copy the widgets of their class; what one of them says is not the others' business."""
        copied = super().__deepcopy__(memo)
        copied.aid = dict(self.aid)
        return copied

    def aid_for(self, value: Any) -> dict[str, Any]:
        """What depends on the value that is shown."""
        return {}

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        field = super().render(name, value, attrs, renderer)
        context = {"field": field, "name": name, **self.aid, **self.aid_for(value)}
        return render_to_string(self.aid_template, context)


class TextInput(Aided, AdminTextInputWidget):
    pass


class PriceInput(Aided, forms.NumberInput):
    aid_template = "goods/price_aid.html"


class PriceKindSelect(Aided, forms.Select):
    aid_template = "goods/price_kind_aid.html"


class NameInput(TextInput):
    """Counts in WeChat's units, and proposes shorter names for one that is too long."""

    aid_template = "goods/name_aid.html"

    def aid_for(self, value: Any) -> dict[str, Any]:
        name = value if isinstance(value, str) else ""
        return {
            "proposals": propose(name),
            "most": NAME_UNITS_MAX,
            "least": NAME_UNITS_MIN,
        }


class PathInput(TextInput):
    aid_template = "goods/path_aid.html"

    def aid_for(self, value: Any) -> dict[str, Any]:
        return {"most": URL_MAX}


class CoverInput(Aided, AdminFileWidget):
    aid_template = "goods/cover_aid.html"

    def aid_for(self, value: Any) -> dict[str, Any]:
        return {"bytes_most": BYTES_MOST, "pixels_most": PIXELS_MOST, "side": LARGEST_SIDE}
