"""How often an interface may be called: the groups that WeChat counts together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QuotaGroup:
    """Interfaces that share one daily allowance of an account (a Beijing calendar day)."""

    name: str
    per_day: int
