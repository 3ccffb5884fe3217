"""The form that takes a file."""

from pathlib import PurePosixPath
from typing import IO, Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from goods.importing import URL_TEMPLATE, ImportFileError
from goods.importing.archive import opened
from goods.importing.importer import check_template
from goods.importing.sheet import first_look
from goods.models import ImportRun
from shopadmin.wechat.models import Account

MEGABYTES_MOST = 20
# With pictures.
ZIP_MEGABYTES_MOST = 200


class UploadForm(forms.ModelForm):
    account = forms.ModelChoiceField(Account.objects.all(), label=gettext_lazy("Account"))
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

    class Meta:
        model = ImportRun
        fields = ["account", "file", "url_template"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = list(Account.objects.values_list("pk", flat=True)[:2])
        if len(accounts) == 1:
            self.fields["account"].initial = accounts[0]
        latest = ImportRun.objects.order_by("-pk").values_list("url_template", flat=True).first()
        self.fields["url_template"].initial = latest or URL_TEMPLATE

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        try:
            with opened(cast(IO[bytes], file), str(file.name)) as archive:
                _check_size(file, ZIP_MEGABYTES_MOST if archive else MEGABYTES_MOST)
                file.seek(0)
                first_look(archive.table() if archive else file.read())
        except ImportFileError as error:
            raise forms.ValidationError(str(error)) from None
        file.seek(0)
        return file

    def clean_url_template(self) -> str:
        template: str = self.cleaned_data["url_template"]
        try:
            check_template(template)
        except ImportFileError as error:
            raise forms.ValidationError(str(error)) from None
        return template

    def filename(self) -> str:
        """As the person calls it, fit for the page and for a download."""
        return PurePosixPath(str(self.cleaned_data["file"].name)).name[-255:]


def _check_size(file: UploadedFile, most: int) -> None:
    if (file.size or 0) > most * 1_000_000:
        raise ImportFileError(gettext("The file is larger than %(most)s MB. Split it.") % {"most": most})
