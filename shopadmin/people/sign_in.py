"""Signing in: from which address somebody comes, and what is said to whoever is locked out for a while."""

import datetime as dt
import ipaddress
import math
from typing import Any

from axes.helpers import get_client_username, get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

TOO_MANY_REQUESTS = 429


def client_address(request: HttpRequest) -> str | None:
    """The address of whoever asks.

    Each proxy appends the address that it was asked from, so the list is read from its end for as long as
    our own proxies stand there; what is left of them anybody may have made up.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    found = _address(request.META.get("REMOTE_ADDR", ""))
    while forwarded and found and any(found in network for network in settings.TRUSTED_PROXIES):
        before = _address(forwarded.pop())
        if before is None:
            break
        found = before
    return str(found) if found else None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    # ::ffff:10.0.0.1 is 10.0.0.1.
    return getattr(address, "ipv4_mapped", None) or address


def locked_out(
    request: HttpRequest, _response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """The page for too many wrong passwords: the same whether or not there is anybody of that name."""
    last = (
        AccessAttempt.objects.filter(
            username=get_client_username(request, credentials), ip_address=client_address(request)
        )
        .order_by("-attempt_time")
        .first()
    )
    now = timezone.now()
    until = (last.attempt_time if last else now) + (get_cool_off(request) or dt.timedelta())
    seconds = max(60, math.ceil((until - now).total_seconds()))
    context = {
        **admin.site.each_context(request),
        "limit": settings.AXES_FAILURE_LIMIT,
        "until": until,
        "minutes": math.ceil(seconds / 60),
    }
    answer = render(request, "axes/locked_out.html", context, status=TOO_MANY_REQUESTS)
    answer["Retry-After"] = str(seconds)
    return answer
