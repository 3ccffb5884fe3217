"""The start page: what needs somebody now, and how things stand. Every part only for those who may see it.

All numbers come from bounded windows and indexes, in a number of queries that does not grow with the
number of accounts, pushes or products.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from shopadmin.dashboard_figures import REVIEW_DAYS, REVIEWS_ENOUGH, calls_of_today, pushes_by_hour, reviews
from shopadmin.dashboard_health import last_read, queue, workers
from shopadmin.dashboard_needs import needs, title_of
from shopadmin.dashboard_start import first_steps
from shopadmin.dashboard_viewer import Viewer


def index(request: HttpRequest) -> TemplateResponse:
    """In the place of the admin's own first page."""
    context = admin.site.each_context(request)
    title = {"title": admin.site.index_title, "subtitle": None}
    return TemplateResponse(request, "admin/index.html", {**context, **title, **_parts(request, context)})


def _parts(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the template shows, from what every page has read anyway and from what each part reads."""
    accounts, open_counts = context["accounts"], context["open_counts"]
    viewer = Viewer(request, admin.site, accounts)
    figures = {model: owner.overview() for model, owner in viewer.mirrors()}
    hourly = pushes_by_hour(viewer)
    sent = bool(hourly and hourly["done"])
    importing = next((g["app_url"] for g in context["available_apps"] if g["app_label"] == "import"), "")
    return {
        "steps": first_steps(viewer, accounts, importing=importing or "", sent=sent),
        "needs": needs(viewer, accounts, open_counts, figures),
        "overviews": [(title_of(model), rows) for model, rows in figures.items()],
        "hourly": hourly,
        "calls": calls_of_today(viewer, accounts),
        "reviews": [(title_of(found.model), found) for found in reviews(viewer)],
        "review_days": REVIEW_DAYS,
        "reviews_enough": REVIEWS_ENOUGH,
        "workers": workers(context["workers_alive"]),
        "queue": queue(viewer, open_counts),
        "readings": last_read(viewer, accounts),
    }
