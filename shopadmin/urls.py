import posixpath

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.static import serve

from shopadmin.callback_view import callback
from shopadmin.dashboard import index
from shopadmin.health import healthz
from shopadmin.metrics import metrics
from shopadmin.people.password import change_password

# The folders of MEDIA_ROOT that pages show.
PICTURES = {"live_goods", "pictures", "thumbnails"}


@staff_member_required
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Pictures of products that are not published yet: for staff only. Uploaded lists are for nobody."""
    folder = posixpath.normpath(path).lstrip("/").split("/")[0]
    if folder not in PICTURES:
        raise Http404
    return serve(request, path, document_root=str(settings.MEDIA_ROOT))


def favicon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for it by themselves, whatever the page says."""
    return redirect(static("audits/favicon.svg"))


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("wechat/callback/<uuid:uuid>/", callback, name="wechat_callback"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.admin_view(index)),
    path("admin/password_change/", admin.site.admin_view(change_password, cacheable=True)),
    path("admin/", admin.site.urls),
    path("favicon.ico", favicon),
    path(f"{settings.MEDIA_URL.lstrip('/')}<path:path>", media),
]
