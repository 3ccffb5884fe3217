"""How often an interface may be called: the groups that WeChat counts together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QuotaGroup:
    """Interfaces that share one daily allowance of an account (a Beijing calendar day).

    Some have an hourly one besides; 0 for those that have none.
    """

    name: str
    per_day: int
    per_hour: int = 0
