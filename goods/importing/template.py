"""The file that staff start from, and what its columns mean."""

from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audits.operations import Text
from goods.importing import csv_format
from goods.importing.columns import HEADINGS


class Column(NamedTuple):
    field: str
    meaning: Text
    example: str

    @property
    def heading(self) -> str:
        """As people who read our pages in their language write it."""
        english = str(get_language()).startswith("en")
        return next(name for name in HEADINGS[self.field] if name.isascii() == english)

    @property
    def others(self) -> list[str]:
        return [name for name in HEADINGS[self.field] if name != self.heading]


COLUMNS = (
    Column(
        "product_no",
        _("Required, and different in every row. Format the column as text."),
        "KF-001",
    ),
    Column(
        "name",
        _("Required for new products. 3 to 14 Chinese characters; a letter or digit counts half."),
        "云南小粒咖啡 250g",
    ),
    Column("price_type", _("May stay empty. 1 one price, 2 from – to, 3 original and present price."), ""),
    Column("price", _("What buyers pay, in yuan, with at most two decimals."), "68.00"),
    Column("price2", _("Only for kind 2 (the highest price) and kind 3 (the present price)."), ""),
    Column("original_price", _("The crossed-out price in yuan, if it is above the price."), "88.00"),
    Column("url", _("The page in the Mini Program. New products get one by the pattern above."), ""),
    Column("third_party_appid", _("Only if the page belongs to another Mini Program."), ""),
    Column(
        "cover",
        _(
            "The file name of the picture, if the table comes in a ZIP file with the pictures. "
            "Without a ZIP file it is not imported."
        ),
        "",
    ),
)


def template_file() -> bytes:
    """A CSV file with the headings and one example."""
    return csv_format.write([[column.heading for column in COLUMNS], [column.example for column in COLUMNS]])
