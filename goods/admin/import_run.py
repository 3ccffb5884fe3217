"""Importing a file in the browser: upload, look at what it would do, confirm."""

import io
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from django_q.tasks import async_task

from audits import heartbeat
from audits.admin.readonly import ReadOnlyAdmin
from audits.operations import Operation
from audits.services import create_batch
from audits.tables import CSV, XLSX
from goods.admin.import_form import FORMS, UploadForm
from goods.admin.import_words import GROUPS, groups, progress, result, shown_rows, status_pill
from goods.importing import ImportFileError
from goods.importing.runs import fix_file
from goods.importing.template import TEMPLATES, template_file
from goods.models import ImportRun, LiveGoods, Spu
from goods.models.import_run import ImportStatus, Table
from shopadmin.wechat.models import Family

PAGE = "admin:goods_importrun_change"
NEEDED = {
    Family.LIVE_GOODS: ("goods.add_importrun", "goods.add_livegoods", "goods.change_livegoods"),
    Family.MINI_STORE: (
        "goods.add_importrun", "goods.add_spu", "goods.change_spu", "goods.change_sku",
    ),
}  # fmt: skip
IMPORTED: dict[type[Any], Family] = {LiveGoods: Family.LIVE_GOODS, Spu: Family.MINI_STORE}
TABLES = {Family.LIVE_GOODS: (Table.GOODS,), Family.MINI_STORE: (Table.PRODUCTS, Table.SKUS)}
FILES = {
    Table.GOODS: _("products.csv"),
    Table.PRODUCTS: _("store-products.csv"),
    Table.SKUS: _("store-skus.csv"),
}


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    add_form_template = "admin/goods/importrun/add_form.html"
    change_list_template = "admin/goods/importrun/change_list.html"
    list_display = ["__str__", "family", "account", "standing", "rows", "created_by_name", "created_at"]
    list_filter = ["family", "status", "account"]
    list_select_related = ["account"]
    search_fields = ["filename", "second_filename", "created_by_name"]
    search_help_text = _("Name of the file, or who uploaded it")
    # Nobody needs the name under which an upload is kept.
    export_exclude = ("file", "second_file")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return any(may_import(request, family) for family in NEEDED)

    @admin.display(description=_("state"), ordering="status")
    def standing(self, run: ImportRun) -> SafeString:
        return status_pill(run)

    # --- the upload -------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        family = wanted_family(request)
        self._require(may_import(request, family))
        extra = {
            "title": gettext("Import products"),
            "family": family,
            "families": [one for one in NEEDED if may_import(request, one)],
            "templates": [(table, TEMPLATES[table]) for table in TABLES[family]],
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().add_view(request, form_url, extra | (extra_context or {}))

    def get_form(
        self, request: HttpRequest, obj: ImportRun | None = None, change: bool = False, **kwargs: Any
    ) -> type[UploadForm]:
        return FORMS[wanted_family(request)]

    def get_fieldsets(self, request: HttpRequest, obj: ImportRun | None = None) -> Any:
        return [(None, {"fields": FORMS[wanted_family(request)].Meta.fields})]

    def save_model(self, request: HttpRequest, obj: ImportRun, form: UploadForm, change: bool) -> None:
        form.describe(obj)
        obj.language = get_language() or ""
        obj.created_by_id, obj.created_by_name = request.user.pk, request.user.get_username()
        obj.save()
        transaction.on_commit(ring, robust=True)

    def response_add(
        self, request: HttpRequest, obj: ImportRun, post_url_continue: str | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse(PAGE, args=[obj.pk]))

    # --- the page of one import -------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self.get_object(request, unquote(object_id))
        if run is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        self._require(self.has_view_permission(request))
        group = request.GET.get("rows", "")
        group = group if group in GROUPS else ""
        page, rows = shown_rows(run, group, request.GET.get("page", "1"), request.user)
        done = run.status == ImportStatus.DONE
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Import of %(file)s") % {"file": run.filenames},
            "opts": self.opts,
            "run": run,
            "standing": status_pill(run),
            "progress": progress(run),
            "result": result(run) if done else "",
            "groups": groups(run),
            "group": group,
            "page": page,
            "rows": rows,
            "may_confirm": run.status == ImportStatus.CHECKED and may_import(request, run.family),
            "may_import": may_import(request, run.family),
            "fix_file": bool(run.file) and not run.at_work and run.to_correct().exists(),
            "ready": run.ready().count() if done and self._may_submit(request, run) else 0,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/goods/importrun/page.html", context)

    def progress_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """What moves on the page, for its script."""
        self._require(self.has_view_permission(request))
        said = progress(self._find(run_id)) | {"alive": heartbeat.alive()}
        return JsonResponse(said)

    def confirm_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """POST lets a worker store what the page has shown; a second one changes nothing."""
        run = self._find(run_id)
        self._require(may_import(request, run.family))
        with transaction.atomic():
            confirmed = run.confirm(by=request.user)
            if confirmed:
                self.log_change(request, run, gettext("Confirmed."))
                transaction.on_commit(ring, robust=True)
        if not confirmed:
            text = gettext("Nothing changed: this import cannot be confirmed any more, or is already.")
            self.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(reverse(PAGE, args=[run.pk]))

    def submit_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """POST leads to the plan of sending the import's products that are ready; nothing is sent yet."""
        run = self._find(run_id)
        self._require(self.has_view_permission(request) and self._may_submit(request, run))
        ids = list(run.ready().order_by("pk").values_list("pk", flat=True))
        if not ids:
            self.message_user(request, gettext("None of its products is ready."), messages.WARNING)
            return HttpResponseRedirect(reverse(PAGE, args=[run.pk]))
        batch = create_batch(_model(run), ids, Operation.ADD, by=request.user)
        return HttpResponseRedirect(reverse("admin:audits_batch_plan", args=[batch.pk]))

    def _may_submit(self, request: HttpRequest, run: ImportRun) -> bool:
        owner: Any = self.admin_site.get_model_admin(_model(run))
        return bool(owner.may_push(request, Operation.ADD))

    # --- files to take away -----------------------------------------------------------------------

    def fix_file_view(self, request: HttpRequest, run_id: int) -> HttpResponseBase:
        """The rows to correct, in the format of the upload."""
        self._require(self.has_view_permission(request))
        run = self._find(run_id)
        if not run.file or run.at_work or not run.to_correct().exists():
            raise Http404
        try:
            name, data = fix_file(run)
        except ImportFileError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(reverse(PAGE, args=[run.pk]))
        return download(name, data)

    def template_view(self, request: HttpRequest) -> HttpResponseBase:
        self._require(self.has_view_permission(request) or self.has_add_permission(request))
        wanted = request.GET.get("table", Table.GOODS)
        table = Table(wanted) if wanted in set(Table) else Table.GOODS
        return download(str(FILES[table]), template_file(table))

    # --- where these pages are --------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("template/", view(require_GET(self.template_view)), name="goods_importrun_template"),
            path("<int:run_id>/progress/", view(self.progress_view), name="goods_importrun_progress"),
            path("<int:run_id>/fix-file/", view(self.fix_file_view), name="goods_importrun_fix_file"),
            path(
                "<int:run_id>/confirm/",
                view(require_POST(self.confirm_view)),
                name="goods_importrun_confirm",
            ),
            path("<int:run_id>/submit/", view(require_POST(self.submit_view)), name="goods_importrun_submit"),
            *super().get_urls(),
        ]

    def _find(self, run_id: int) -> ImportRun:
        run = ImportRun.objects.filter(pk=run_id).first()
        if run is None:
            raise Http404
        return run

    def _require(self, allowed: bool) -> None:
        if not allowed:
            raise PermissionDenied


def may_import(request: HttpRequest, family: str) -> bool:
    return request.user.has_perms(NEEDED[Family(family)])


def upload_url(request: HttpRequest, model: type[Any]) -> str:
    """Where records of this kind are imported; "" if they are not, or not by this person."""
    family = IMPORTED.get(model)
    if family is None or not may_import(request, family):
        return ""
    return f"{reverse('admin:goods_importrun_add')}?family={family.value}"


def wanted_family(request: HttpRequest) -> Family:
    """Of which kind the upload is: as the address says, otherwise live goods, if the person may."""
    wanted = request.GET.get("family", "")
    if wanted in FORMS:
        return Family(wanted)
    return next((one for one in NEEDED if may_import(request, one)), Family.LIVE_GOODS)


def _model(run: ImportRun) -> type[LiveGoods] | type[Spu]:
    return Spu if run.of_store else LiveGoods


def ring() -> None:
    """Tell a worker that there is a file to work on; without it the next minute's schedule does."""
    async_task("goods.tasks.imports")


def download(name: str, data: bytes) -> FileResponse:
    """For saving only; the admin's own wrapper keeps it out of every cache."""
    kind = CSV if name.endswith(".csv") else XLSX
    return FileResponse(io.BytesIO(data), as_attachment=True, filename=name, content_type=kind)
