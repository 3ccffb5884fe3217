"""The settings that can be turned while the simulator runs."""

from dataclasses import dataclass, field, fields, replace
from typing import Any

SUBMISSIONS = "submissions"
_NUMBERS = (int, float)
_WHOLE = (
    "spu_writes_per_hour",
    "spu_writes_per_day",
    "spu_limit_errcode",
    "window_page_limit",
    "window_limit_errcode",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How this WeChat behaves. README.md explains each one."""

    latency: float = 0.0
    jitter: float = 0.0
    token_lifetime: float = 7200
    audit_delay: float = 15.0
    forbidden_words: tuple[str, ...] = ("最佳", "第一", "国家级", "顶级", "底裤")
    forbidden_at_once: bool = False
    max_picture_bytes: int = 100_000
    quotas: dict[str, int] = field(default_factory=lambda: {SUBMISSIONS: 500})
    rate_limits: dict[str, int] = field(default_factory=lambda: {"/cgi-bin/stable_token": 10_000})
    open_accounts: bool = False
    ip_whitelist: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    refuse_unicode_escapes: bool = True
    rejected_is_final: bool = False
    prices_in_fen: bool = False
    ids_as_strings: bool = False
    zero_total: bool = False
    errcode_as_string: bool = False
    content_type: str = "application/json; encoding=utf-8"
    list_tag: str = "thirdPartyTag"
    warehouse_price_type: str = "price_type"
    # Message push
    push_reviews: bool = True
    push_status: str = "newer"
    push_pause: float = 1.0
    # Mini Store
    spu_verdict: str = "rules"
    spu_writes_per_hour: int = 200
    spu_writes_per_day: int = 1000
    spu_limit_errcode: int = 300000
    store_ids: str = "above_2_53"
    omit_errmsg: bool = False
    omit_empty_spus: bool = False
    barcode_as_number: bool = False
    freight_errcode_as_string: bool = False
    undocumented_fields: bool = False
    prices_at_once: bool = True
    stock_at_once: bool = True
    removed_is_final: bool = False
    partial_batch_add: bool = False
    old_stock_paths: bool = False
    # Channels window
    window_add_does_nothing: bool = False
    window_off_is_legacy: bool = False
    window_lists_all: bool = False
    window_list_end: str = "empty_buffer"
    window_page_limit: int = 10_000
    window_limit_errcode: int = 40097
    window_refuse_both_pagings: bool = False
    window_documented_types: bool = False
    window_ids_as_numbers: bool = False
    window_absent_objects: str = "missing"
    window_cps_product: str = "absent"
    window_cps_appid: bool = False


CHOICES = {
    "window_list_end": ("empty_buffer", "empty_page"),
    "window_absent_objects": ("missing", "null", "empty"),
    "window_cps_product": ("absent", "empty", "filled"),
    "push_status": ("newer", "older", "oldest", "none"),
    "spu_verdict": ("rules", "approve", "refuse"),
    "store_ids": ("above_2_53", "near_2_63", "up_to_2_64"),
    "list_tag": ("thirdPartyTag", "third_party_tag", "both"),
    "warehouse_price_type": ("price_type", "priceType", "both"),
}


def changed(settings: Settings, changes: dict[str, Any]) -> Settings:
    """The settings with these changes; ValueError names the first one that does not fit.

    Tables (quotas, rate_limits) are merged, so that one entry can be turned alone.
    """
    known = {entry.name for entry in fields(settings)}
    accepted: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(f"There is no setting {name!r}. There are: {', '.join(sorted(known))}.")
        accepted[name] = _fitting(name, getattr(settings, name), value)
    return replace(settings, **accepted)


def as_dict(settings: Settings) -> dict[str, Any]:
    """The settings as JSON can carry them."""
    return {entry.name: getattr(settings, entry.name) for entry in fields(settings)}


def _fitting(name: str, current: object, value: object) -> object:
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"{name} must be one of {', '.join(CHOICES[name])}.")
    if isinstance(current, bool) or isinstance(value, bool):
        fits = isinstance(current, bool) and isinstance(value, bool)
    elif name in _WHOLE:
        fits = isinstance(value, int) and value >= 0
    elif isinstance(current, _NUMBERS):
        fits = isinstance(value, _NUMBERS) and value >= 0
    elif isinstance(current, tuple):
        fits = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
        value = tuple(value) if isinstance(value, list | tuple) else value
    elif isinstance(current, dict):
        fits = isinstance(value, dict) and all(
            type(number) is int and number >= 0 for number in value.values()
        )
        value = current | value if isinstance(value, dict) else value
    else:
        fits = isinstance(value, str)
    if not fits:
        raise ValueError(f"{name} does not take {value!r}; it is {current!r} now.")
    return value
