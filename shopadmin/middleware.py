"""What holds for every request, beside what Django's own middleware does."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

Answer = Callable[[HttpRequest], HttpResponse]

# Sliding costs a write to the database, so not every click slides.
SLIDE_SECONDS = 600
SEEN = "seen_at"


class LargestRequest:
    """Turn down what is larger than any form of ours, before a byte of it is read."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.LARGEST_REQUEST:
            return HttpResponse(_("This file is too large."), status=413, content_type="text/plain")
        return self.get_response(request)


class SlidingSession:
    """A session ends SESSION_COOKIE_AGE after the last click, not after the sign-in.

    What a page's script asks for by itself is no click: a forgotten tab does not keep anybody signed in.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        by_script = request.headers.get("Sec-Fetch-Dest") == "empty"
        if not by_script and request.session.accessed and not request.session.is_empty():
            now = int(time.time())
            if now - request.session.get(SEEN, 0) >= SLIDE_SECONDS:
                request.session[SEEN] = now
        return response


class SensibleLists:
    """A list that cannot make sense of its address is shown without it, as Django does for other nonsense.

    Django lets years such as 0 and numbers beyond the database's through to where they fail.
    """

    NONSENSE = (ValueError, OverflowError, DataError)

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        match = request.resolver_match
        is_list = match is not None and (match.url_name or "").endswith("_changelist")
        typed = request.GET.keys() - {"e"}
        if not (is_list and typed and request.method == "GET" and isinstance(error, self.NONSENSE)):
            return None
        logger.warning("a list could not be shown: %s", request.path, exc_info=error)
        return HttpResponseRedirect(f"{request.path}?e=1")
