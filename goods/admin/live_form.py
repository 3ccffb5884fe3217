from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext

from goods.admin.colleagues import changed_by
from goods.admin.merging import MergingForm
from goods.admin.widgets import (
    CoverInput,
    NameInput,
    PathInput,
    PriceInput,
    PriceKindSelect,
    TextInput,
)
from goods.live import plans
from goods.live.choices import AuditStatus
from goods.models import LiveGoods
from goods.pictures import BYTES_MOST, usable_suffix

# Of an approved product WeChat takes none of these.
FIXED_WHEN_APPROVED = ("name", "cover", "url", "third_party_appid")


class LiveGoodsForm(MergingForm):
    """Live goods with what helps to fill them in: counters, proposals, previews."""

    TYPED: ClassVar[frozenset[str]] = frozenset(
        {"product_no", "name", "price_type", "price", "price2", "url", "third_party_appid"}
    )

    class Meta:
        widgets = {
            "product_no": TextInput,
            "name": NameInput,
            "cover": CoverInput,
            "price_type": PriceKindSelect,
            "price": PriceInput,
            "price2": PriceInput,
            "url": PathInput,
            "third_party_appid": TextInput,
        }

    class Media:
        js = (forms.Script("goods/js/live_form.js", type="module"),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stored_cover = self.instance.cover.name or ""
        if "account" in self.fields:
            # Accounts are entered and deleted on their own page.
            widget: Any = self.fields["account"].widget
            widget.can_add_related = widget.can_change_related = False
            widget.can_delete_related = widget.can_view_related = False
        self.tell_rules()
        self._tell_state()

    def _tell_state(self) -> None:
        there = self.instance.at_wechat and not self.instance.missing_since
        if there and self.instance.audit_status == AuditStatus.APPROVED:
            for name in FIXED_WHEN_APPROVED:
                self.aid(name, fixed=True)
        self.aid("name", explain=True)
        self.aid("cover", shown=self._stored_cover, wanted=not self.instance.pk)

    # --- two people at the same record ------------------------------------------------------------

    def words(self, name: str, value: Any) -> str:
        return str(plans.show(name, value))

    def meet_more(self, stored: LiveGoods) -> None:
        if "cover" in self.cleaned_data and "cover" in self.changed_data:
            self._check_cover(stored)

    def _check_cover(self, stored: LiveGoods) -> None:
        key = self.add_initial_prefix("cover")
        self.aid("cover", shown=stored.cover.name or "")
        if key in self.data and self.data[key] != (stored.cover.name or ""):
            text = gettext(
                "Another picture was chosen %(how)s, while you had the form open. It is shown here. "
                "To replace it, choose yours again and save."
            )
            how = changed_by(stored, self.fields["cover"].label)
            self.add_error("cover", ValidationError(text, code="overwritten", params={"how": how}))

    # --- the picture ------------------------------------------------------------------------------

    def clean_cover(self) -> Any:
        cover = self.cleaned_data["cover"]
        if isinstance(cover, UploadedFile):
            _check_picture(cover)
        return cover

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors and "cover" in self.fields:
            # A picture that was not saved has no address: show the one that is there.
            self.instance.cover = self._stored_cover


def _check_picture(file: UploadedFile) -> None:
    name = {"path": file.name}
    if (file.size or 0) > BYTES_MOST:
        raise ValidationError(gettext("The picture is larger than 10 MB: %(path)s") % name)
    if not usable_suffix(file):
        text = gettext("%(path)s is no picture that can be used. Choose a JPEG or PNG file.")
        raise ValidationError(text % name)
    file.seek(0)
