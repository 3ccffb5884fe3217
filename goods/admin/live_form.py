from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html
from django.utils.translation import gettext

from goods.pictures import BYTES_MOST, usable_suffix

# The form remembers what it showed of these, to tell what was typed from what was merely sent along.
TYPED = {"product_no", "name", "price_type", "price", "price2", "url", "third_party_appid"}


class LiveGoodsForm(forms.ModelForm):
    """Rules that a draft breaks are told at their fields, without keeping it from being saved."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TYPED & set(self.fields):
            self.fields[name].show_hidden_initial = True
        if "account" in self.fields:
            # Accounts are entered and deleted on their own page.
            widget: Any = self.fields["account"].widget
            widget.can_add_related = widget.can_change_related = False
            widget.can_delete_related = widget.can_view_related = False
        if self.instance.pk and not self.is_bound:
            for name, texts in self.instance.problems().items():
                if name in self.fields:
                    field = self.fields[name]
                    field.help_text = format_html(
                        '<span class="problem">{}</span> {}', " ".join(texts), field.help_text
                    )

    def clean(self) -> Any:
        """What was not touched here stays as a colleague, an import or a reading left it meanwhile."""
        if self.instance.pk:
            for name in TYPED & set(self.cleaned_data) - set(self.changed_data):
                self.cleaned_data[name] = getattr(self.instance, name)
        return super().clean()

    def clean_cover(self) -> Any:
        cover = self.cleaned_data["cover"]
        if isinstance(cover, UploadedFile):
            _check_picture(cover)
        return cover


def _check_picture(file: UploadedFile) -> None:
    name = {"path": file.name}
    if (file.size or 0) > BYTES_MOST:
        raise ValidationError(gettext("The picture is larger than 10 MB: %(path)s") % name)
    if not usable_suffix(file):
        text = gettext("%(path)s is no picture that can be used. Choose a JPEG or PNG file.")
        raise ValidationError(text % name)
    file.seek(0)
