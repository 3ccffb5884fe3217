"""The forms that take a file, or two."""

from pathlib import PurePosixPath
from typing import IO, Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from goods.importing import URL_TEMPLATE, ImportFileError
from goods.importing.archive import Archive, opened
from goods.importing.importer import check_template
from goods.importing.sheet import first_look
from goods.models import ImportRun
from shopadmin.wechat.models import Account, Family

MEGABYTES_MOST = 20
# With pictures.
ZIP_MEGABYTES_MOST = 200


class UploadForm(forms.ModelForm):
    """What uploads of every kind have."""

    FAMILY: Family

    account = forms.ModelChoiceField(Account.objects.all(), label=gettext_lazy("Account"))

    class Meta:
        model = ImportRun
        fields = ["account", "file"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = self._accounts()
        if len(accounts) == 1:
            self.fields["account"].initial = accounts[0]

    def _accounts(self) -> list[int]:
        """The keys of the accounts that may be chosen."""
        return list(Account.objects.values_list("pk", flat=True)[:2])

    def clean_file(self) -> UploadedFile:
        return self._looked_at(self.cleaned_data["file"])

    def _looked_at(self, file: UploadedFile) -> UploadedFile:
        """Told at the field: a file that is no table at all."""
        try:
            with opened(cast(IO[bytes], file), str(file.name)) as archive:
                _check_size(file, ZIP_MEGABYTES_MOST if archive else MEGABYTES_MOST)
                file.seek(0)
                for data in self._tables(archive) if archive else [file.read()]:
                    first_look(data)
        except ImportFileError as error:
            raise forms.ValidationError(str(error)) from None
        file.seek(0)
        return file

    def _tables(self, archive: Archive) -> list[bytes]:
        return [archive.table()]

    def describe(self, run: ImportRun) -> None:
        """Note at the run of which kind it is, and how the person calls the files."""
        run.family = self.FAMILY
        run.filename = _called(self.cleaned_data["file"])


class GoodsUploadForm(UploadForm):
    FAMILY = Family.LIVE_GOODS

    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.zip"}),
        help_text=_(
            "Excel (.xlsx, its first sheet) or CSV, at most 20,000 rows and 20 MB; or a ZIP file of at most "
            "200 MB with one such table and the pictures."
        ),
    )
    url_template = forms.CharField(
        label=_("Page path of new products"),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("For rows without a page path of their own. {product_no} stands for the product number."),
    )

    class Meta(UploadForm.Meta):
        fields = ["account", "file", "url_template"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        latest = ImportRun.objects.filter(family=self.FAMILY).order_by("-pk")
        template = latest.values_list("url_template", flat=True).first()
        self.fields["url_template"].initial = template or URL_TEMPLATE

    def clean_url_template(self) -> str:
        template: str = self.cleaned_data["url_template"]
        try:
            check_template(template)
        except ImportFileError as error:
            raise forms.ValidationError(str(error)) from None
        return template


class StoreUploadForm(UploadForm):
    FAMILY = Family.MINI_STORE

    file = forms.FileField(
        label=_("Products"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.zip"}),
        help_text=_(
            "Excel (.xlsx) or CSV, at most 20,000 rows and 20 MB. A workbook may have the SKUs in a second "
            "sheet; a ZIP file of at most 200 MB may have both tables and the pictures. For products that "
            "are here already a list of SKUs alone will do as well."
        ),
    )
    second_file = forms.FileField(
        label=_("SKUs"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=_("The list of SKUs, if it is a file of its own. Which is which is told by the headings."),
    )

    class Meta(UploadForm.Meta):
        fields = ["account", "file", "second_file"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["account"])
        field.queryset = Account.objects.filter(pk__in=self._accounts())
        field.error_messages["invalid_choice"] = gettext("This account has no Mini Store.")

    def _accounts(self) -> list[int]:
        rows = Account.objects.values_list("pk", "families")
        return [pk for pk, families in rows if self.FAMILY in families]

    def clean_second_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["second_file"]
        return self._looked_at(file) if file else None

    def _tables(self, archive: Archive) -> list[bytes]:
        names = archive.table_names() or [archive.table_name()]
        return [archive.read_table(name) for name in names]

    def describe(self, run: ImportRun) -> None:
        super().describe(run)
        if file := self.cleaned_data["second_file"]:
            run.second_filename = _called(file)


FORMS: dict[str, type[UploadForm]] = {form.FAMILY: form for form in (GoodsUploadForm, StoreUploadForm)}


def _called(file: UploadedFile) -> str:
    """As the person calls it, fit for the page and for a download."""
    return PurePosixPath(str(file.name)).name[-255:]


def _check_size(file: UploadedFile, most: int) -> None:
    if (file.size or 0) > most * 1_000_000:
        raise ImportFileError(gettext("The file is larger than %(most)s MB. Split it.") % {"most": most})
