"""Lists of any length at the price of a short one: nobody reads on beyond ten thousand rows."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

COUNTED = 10_000


class AtLeast(int):
    """A number that stands for itself and more. Pages show it as "10,000+"."""

    def __str__(self) -> str:
        return f"{int(self):,}+"


class FastPaginator(Paginator):
    """Counts at most ``COUNTED`` rows, and has pages for these.

    What lies behind is found by search, filters or the other sort order. Actions on everything that
    matches are not bounded by it: they work on the query, not on the pages.
    """

    @cached_property
    def count(self) -> int:
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        found = self.object_list.order_by().values("pk")[: COUNTED + 1].count()
        return AtLeast(COUNTED) if found > COUNTED else found
