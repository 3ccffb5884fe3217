"""What the admins of all mirror records share: list, filters, comparison, reading back."""

import datetime as dt
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_q.tasks import async_task

from audits.admin.actions import BUTTON
from audits.admin.explain import explain, history_table
from audits.admin.paging import COUNTED, FastPaginator
from audits.admin.words import LOOKS, advice, field_to_fix, pill, when
from audits.models import Push, Reading
from audits.operations import Text
from audits.states import PushStatus
from goods.admin.comparing import Comparing
from goods.admin.filters import AnswerFilter, DriftFilter, SendingFilter
from goods.admin.import_run import upload_url
from shopadmin.wechat.models import Account
from shopadmin.wechat.reading import as_int

# Longer ones find nothing, and databases refuse them sooner or later.
SEARCH_MOST = 100

FILTERS_KEPT = "_changelist_filters"


class MirrorAdmin(Comparing):
    """Base of the admins of mirror records.

    A subclass says in words where a record stands (``state_pill``) and what WeChat last answered
    (``short_answer``, ``full_answer``), and names the columns and fields of its own.
    """

    # Conditions that other pages link to, beside those of the filters.
    linked_lookups: ClassVar[tuple[str, ...]] = ()
    list_filter: ClassVar[Any] = ["account", AnswerFilter, SendingFilter, DriftFilter]
    list_select_related = ["account"]
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = FastPaginator
    change_list_template = "admin/goods/mirror_change_list.html"
    change_form_template = "admin/goods/mirror_form.html"
    # The page around the comparison's buttons.
    form_template = "admin/change_form.html"

    class Media:
        css = {"all": ["audits/shopadmin.css"]}

    # --- saving -------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Only what was entered: a worker may be writing the rest."""
        if not change:
            obj.save()
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)
        self.tell_faults(request, obj)

    def tell_faults(self, request: HttpRequest, record: Any) -> None:
        """A draft may be saved with faults; it cannot be submitted with them."""
        wrong = {} if record.at_wechat else record.problems()
        if wrong:
            text = ngettext(
                "Saved as a draft. %(count)s field has to be corrected before it can be submitted.",
                "Saved as a draft. %(count)s fields have to be corrected before it can be submitted.",
                len(wrong),
            )
            self.message_user(request, text % {"count": len(wrong)}, messages.WARNING)

    # --- words that a subclass finds ----------------------------------------------------------------

    def state_pill(self, record: Any) -> SafeString:
        """Where the record stands at WeChat."""
        raise NotImplementedError

    def short_answer(self, record: Any) -> SafeString | Text:
        """What WeChat last answered, in one line; "" for nothing to tell."""
        raise NotImplementedError

    def full_answer(self, record: Any) -> SafeString | Text:
        """The same with all that can be done about it."""
        raise NotImplementedError

    def refreshing(self, count: int) -> str:
        """That so many of the selected records are being read; of 0, that there are none to read."""
        if not count:
            return gettext("None of the selected products is at WeChat.")
        text = ngettext(
            "%(count)s product is being read from WeChat. Reload the page in a few seconds.",
            "%(count)s products are being read from WeChat. Reload the page in a few seconds.",
            count,
        )
        return text % {"count": count}

    def import_url(self, request: HttpRequest) -> str:
        """Where such records are imported from a file; "" if they are not, or not by this person."""
        return upload_url(request, self.model)

    # --- the list -----------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns: list[Any] = list(super().get_list_display(request))
        return [*columns, "account"] if Account.objects.count() > 1 else columns

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        pushes = Push.objects.open().filter(
            target_type=ContentType.objects.get_for_model(self.model), target_id=OuterRef("pk")
        )
        rows: QuerySet[Any] = (
            super().get_queryset(request).annotate(open_status=Subquery(pushes.values("status")[:1]))
        )
        return rows

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """By any column while there are few; sorting a million would let people wait."""
        few = self.model._default_manager.all()[: COUNTED + 1].count() <= COUNTED
        return super().get_sortable_by(request) if few else []

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term[:SEARCH_MOST])

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        page = super().get_changelist_instance(request)
        if not (page.query or page.has_active_filters):
            # Then the page need not offer to show all.
            page.full_result_count = page.result_count
        return page

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """What the filters link to. Other conditions typed by hand could be anything, and cost anything."""
        name = lookup.split("__")[0]
        ours = {"pk", *(field.name for field in self.opts.get_fields())}
        return name not in ours or lookup in {
            "account__id__exact",
            *self.linked_lookups,
            *(getattr(one, "parameter_name", "") for one in self.list_filter),
        }

    @admin.display(description=_("picture"))
    def picture(self, record: Any) -> SafeString:
        url = record.plan_picture
        if not url:
            return format_html('<span class="no-picture">{}</span>', _("no picture"))
        return format_html('<img class="thumb" src="{}" alt="" loading="lazy" width="48" height="48">', url)

    @admin.display(description=_("state"))
    def state(self, record: Any) -> SafeString:
        status = getattr(record, "open_status", None)
        sending = pill(LOOKS[PushStatus(status)], PushStatus(status).label) if status else ""
        return format_html("{} {} {}", self.state_pill(record), sending, self.drift_mark(record))

    @admin.display(description=_("state and WeChat's answer"), ordering="audit_status")
    def standing(self, record: Any) -> SafeString:
        said = self.short_answer(record)
        return format_html(
            "{}{}", self.state(record), format_html('<div class="said">{}</div>', said) if said else ""
        )

    @admin.display(description=_("WeChat's last answer"))
    def last_answer(self, record: Any) -> SafeString | Text:
        return self.full_answer(record) or "–"

    @admin.display(description=_("as of"), ordering="refreshed_at")
    def as_of(self, record: Any) -> SafeString | str:
        seen = max((moment for moment in (record.refreshed_at, record.pushed_at) if moment), default=None)
        if seen is None:
            return "–"
        return format_html(
            '<time datetime="{}" title="{}">{}</time>', seen.isoformat(), when(seen), age(seen)
        )

    # --- what may be done to a record ---------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """A record that WeChat knows, or may know, is kept: it is the only place that holds its ids."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and (obj.at_wechat or obj.open_push()))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        # Bulk deletion would take records that are at WeChat along.
        actions.pop("delete_selected", None)
        return actions

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> list[str]:
        fields: list[Any] = list(super().get_readonly_fields(request, obj))
        # An answer that is still to come belongs to the account it was asked from.
        fixed = obj and (obj.at_wechat or getattr(obj, "open_status", None))
        return [*fields, "account"] if fixed else fields

    # --- the form -----------------------------------------------------------------------------------

    @admin.display(description=_("in short"))
    def explained(self, record: Any) -> SafeString:
        return explain(record)

    @admin.display(description=_("history"))
    def history(self, record: Any) -> SafeString:
        return history_table(record)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        record = self.get_object(request, object_id) if object_id else self.model()
        extra: dict[str, Any] = {**(extra_context or {}), "form_template": self.form_template}
        if record is not None:
            extra |= self.choice_forms(record)
            extra["last_answer"] = self.full_answer(record)
            if self._may_save(request, record):
                extra["push_buttons"] = self.buttons(request, record)
        return super().changeform_view(request, object_id, form_url, extra)

    def _may_save(self, request: HttpRequest, record: Any) -> bool:
        """A button saves first, so a form that only shows has none; the bulk actions remain."""
        if record.pk is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, record)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if BUTTON not in request.POST:
            self._offer_next(request, obj)
        return super().response_change(request, obj)

    def _offer_next(self, request: HttpRequest, record: Any) -> None:
        """Who came from the list of one refusal is led on to the next record with it."""
        kept = request.GET.get(FILTERS_KEPT, "")
        if not record.errcode or QueryDict(kept).get("errcode") != str(record.errcode):
            return
        rest = self.model._default_manager.refused().filter(errcode=record.errcode, pk__lt=record.pk)
        following = rest.order_by("-pk").first()
        if following is not None:
            url = f"{self._form_url(following)}?{urlencode({FILTERS_KEPT: kept})}"
            text = gettext("Next with the same refusal:")
            self.message_user(request, format_html('{} <a href="{}">{}</a>', text, url, following))

    # --- reading back -------------------------------------------------------------------------------

    @admin.action(description=_("Refresh from WeChat"), permissions=["change"])
    def refresh(self, request: HttpRequest, queryset: QuerySet[Model]) -> None:
        with transaction.atomic():
            ids = queryset.order_by().values("pk")
            count = self.model._default_manager.filter(pk__in=ids).look_now()
            transaction.on_commit(lambda: async_task("goods.tasks.look", scheduled=False), robust=True)
        self.message_user(request, self.refreshing(count), messages.INFO if count else messages.WARNING)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_pull"
        return [path("pull/", self.admin_site.admin_view(self.pull_view), name=name), *super().get_urls()]

    def pull_view(self, request: HttpRequest) -> HttpResponse:
        """POST asks for everything to be read of every account; what exists only at WeChat gets a record."""
        if not self.has_push_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            family = self.model.FAMILY
            with transaction.atomic():
                for account in Account.objects.all():
                    if family in account.families:
                        Reading.objects.request(account, family)
                transaction.on_commit(lambda: async_task("goods.tasks.pull"), robust=True)
            text = gettext("%(records)s are being read from WeChat.")
            self.message_user(request, text % {"records": capfirst(self.opts.verbose_name_plural)})
        return HttpResponseRedirect(self._list_url())

    def _list_url(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        family = self.model.FAMILY
        readings = Reading.objects.filter(family=family).select_related("account")
        extra: dict[str, Any] = {
            **(extra_context or {}),
            "title": capfirst(self.opts.verbose_name_plural),
            "list_url": self._list_url(),
            "pull_url": f"{self._list_url()}pull/" if self.has_push_permission(request) else "",
            "import_url": self.import_url(request),
            "readings": [(one, advice(family, one.errcode, one.errmsg)) for one in readings],
            "cause": self._cause(request),
        }
        return super().changelist_view(request, extra)

    def _cause(self, request: HttpRequest) -> dict[str, Any] | None:
        """What the list is about when it shows one refusal only, and how to get through it."""
        code = as_int(request.GET.get("errcode"))
        if not code:
            return None
        meaning, todo = advice(self.model.FAMILY, code, "")
        return {"code": code, "meaning": meaning, "todo": todo, "field": field_to_fix(self.model, code)}


def age(moment: dt.datetime) -> str:
    """How long ago, in a word or two."""
    if timezone.now() - moment < dt.timedelta(minutes=1):
        return gettext("just now")
    return gettext("%(time)s ago") % {"time": timesince(moment, depth=1)}
