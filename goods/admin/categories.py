"""WeChat's categories for the picker on a product's form."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django_q.tasks import async_task

from goods.store import catalogue
from shopadmin.wechat.mini_store.catalogue import ROOT
from shopadmin.wechat.models import Account
from shopadmin.wechat.reading import as_int


class CategoryPages(admin.ModelAdmin):
    """Adds one address to a product's admin: GET tells what is below a category, POST has all read anew."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_categories"
        view = self.admin_site.admin_view(self.categories_view)
        return [path("categories/", view, name=name), *super().get_urls()]

    def categories_view(self, request: HttpRequest) -> HttpResponse:
        """GET: ``account`` and ``parent`` (none for the first level); a list of id, name, leaf and open."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        given: Any = request.POST if request.method == "POST" else request.GET
        account = get_object_or_404(Account, pk=as_int(given.get("account")))
        if request.method == "POST":
            return self._read_anew(request, account)
        children = catalogue.category_children(account, given.get("parent") or ROOT)
        return JsonResponse(children, safe=False, json_dumps_params={"ensure_ascii": False})

    def _read_anew(self, request: HttpRequest, account: Account) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        with transaction.atomic():
            catalogue.request_categories(account)
            transaction.on_commit(lambda: async_task("goods.tasks.categories"), robust=True)
        self.message_user(request, gettext("WeChat's categories are being read. It takes about a minute."))
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
