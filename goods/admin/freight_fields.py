"""Fields of the freight form: places as people write them, and rules as rows. They need no script."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goods.store import regions
from goods.store.freight.wire import amount_text, price_text
from shopadmin.wechat.reading import as_decimal, as_int

Text = str | Promise
Row = Mapping[str, Any]

# Empty rows below those that are filled in, and rows at most; a form with more was not made by our page.
SPARE = 2
ROWS_MOST = 100
BETWEEN_PLACES = str.maketrans(dict.fromkeys("、,，;；", "\n"))
NUMBER_END = Decimal(10**9)


# --- places -------------------------------------------------------------------------------------------------


def read_places(text: str) -> list[list[str]]:
    """One place a line, or with commas between them; unmistakable short names become official ones."""
    lines = (line.strip() for line in text.translate(BETWEEN_PLACES).splitlines())
    places = (regions.read_place(line) for line in lines)
    return [regions.complete(place) or place for place in places if place]


def write_places(places: Iterable[Sequence[str]]) -> str:
    return "\n".join(regions.show(place) for place in places)


class PlacesInput(forms.Textarea):
    """With a script, places can be picked from lists as well."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 3, "cols": 32, "data-places": "", **(attrs or {})})


class PlacesField(forms.CharField):
    """A list of places; of ``one`` alone the list of its names."""

    def __init__(self, *, one: bool = False, **options: Any) -> None:
        self.one = one
        widget = PlacesInput({"rows": 1, "data-places": "one"}) if one else PlacesInput()
        super().__init__(widget=widget, required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        return (
            write_places([value] if self.one and value else value or []) if isinstance(value, list) else value
        )

    def clean(self, value: Any) -> Any:
        places = read_places(super().clean(value))
        if not self.one:
            return places
        if len(places) > 1:
            raise ValidationError(_("Enter one place."))
        return places[0] if places else []

    def has_changed(self, initial: Any, data: Any) -> bool:
        return changed(self, initial or [], data)


def changed(field: forms.Field, initial: Any, data: Any) -> bool:
    """What was entered is another value; nonsense is one as well."""
    try:
        return bool(field.clean(data) != initial)
    except ValidationError:
        return True


# --- rules --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One value of a rule. ``read`` makes it of what was typed, or raises ValueError with what is wrong."""

    name: str
    label: Text
    kind: str
    read: Callable[[str], Any]


def _text(typed: str) -> str:
    return typed.strip()


def _amount(typed: str) -> str:
    return amount_text(_number(typed))


def _price(typed: str) -> str:
    number = _number(typed)
    try:
        return price_text(number)
    except ValueError:
        raise ValueError(_("A price has at most two decimals.")) from None


def _number(typed: str) -> Decimal | None:
    if not typed.strip():
        return None
    number = as_decimal(typed)
    if number is None or abs(number) >= NUMBER_END:
        raise ValueError(_("“%(typed)s” is no number.") % {"typed": typed})
    return number


PLACES = Column("places", gettext_lazy("Places"), "places", read_places)
CHARGE_COLUMNS = (
    PLACES,
    Column("is_default", gettext_lazy("Everywhere else"), "flag", bool),
    Column("first_amount", gettext_lazy("First (pieces or kg)"), "number", _amount),
    Column("first_price", gettext_lazy("cost (yuan)"), "number", _price),
    Column("more_amount", gettext_lazy("Each further (pieces or kg)"), "number", _amount),
    Column("more_price", gettext_lazy("costs (yuan)"), "number", _price),
    Column("courier", gettext_lazy("Courier"), "courier", _text),
)
FREE_COLUMNS = (
    PLACES,
    Column("min_pieces", gettext_lazy("From pieces"), "number", _amount),
    Column("min_weight", gettext_lazy("From weight (kg)"), "number", _amount),
    Column("min_amount", gettext_lazy("From amount (yuan)"), "number", _price),
)


class RulesInput(forms.Widget):
    """A table with a row for each rule and some empty ones. An emptied row is a rule taken away."""

    template_name = "goods/freight_rules.html"

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = columns
        self.label: Text = ""
        self.couriers: Mapping[str, str] = {}

    def id_for_label(self, id_: str) -> str:
        """The label belongs to the table as a whole."""
        return ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-rows" not in data

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        """Rows as they were typed, without the empty ones."""
        count = min(as_int(data.get(f"{name}-rows")) or 0, ROWS_MOST)
        rows = (
            {column.name: data.get(f"{name}-{index}-{column.name}", "") for column in self.columns}
            for index in range(count)
        )
        return [row for row in rows if any(value.strip() for value in row.values())]

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        rows = [*(value or []), *({} for _spare in range(SPARE))]
        context = {
            "name": name,
            "label": self.label,
            "columns": self.columns,
            "rows": [[self._cell(column, row) for column in self.columns] for row in rows],
        }
        return render_to_string(self.template_name, context)

    def _cell(self, column: Column, row: Row) -> dict[str, Any]:
        value = row.get(column.name, "")
        if column.kind == "places" and isinstance(value, list):
            value = write_places(value)
        choices = self.couriers
        if column.kind == "courier" and value and value not in choices:
            choices = {**choices, value: value}
        return {"column": column, "value": value, "choices": choices.items()}


class RulesField(forms.Field):
    """Rules as the record keeps them, see ``goods.store.freight.wire``."""

    def __init__(self, columns: Sequence[Column], **options: Any) -> None:
        self.columns = columns
        super().__init__(widget=RulesInput(columns), required=False, **options)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        rules, wrong = [], []
        for number, row in enumerate(value or [], start=1):
            rule = {}
            for column in self.columns:
                try:
                    rule[column.name] = column.read(row[column.name])
                except ValueError as error:
                    wrong.append(
                        _("Rule %(number)s, %(column)s: %(text)s")
                        % {"number": number, "column": column.label, "text": error}
                    )
            rules.append(rule)
        if wrong:
            raise ValidationError(wrong)
        return rules

    def has_changed(self, initial: Any, data: Any) -> bool:
        return changed(self, initial or [], data)
