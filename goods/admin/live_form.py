from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html
from django.utils.translation import gettext

from goods.admin.colleagues import changed_by
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

# The form remembers what it showed of these, to tell what was typed from what was merely sent along.
TYPED = {"product_no", "name", "price_type", "price", "price2", "url", "third_party_appid"}
# Of an approved product WeChat takes none of these.
FIXED_WHEN_APPROVED = ("name", "cover", "url", "third_party_appid")
# Ticked beside a value that a colleague saved meanwhile.
TAKE = "take-"


class LiveGoodsForm(forms.ModelForm):
    """Rules that a draft breaks are told at their fields, without keeping it from being saved.

    Two people may have the same form open. What only one of them touched is kept from both; a field that
    both changed differently is told to the second one, with the value of the first. The form then carries
    that value as the one it showed, so that the next save is a decision about exactly this value.
    """

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
        for name in TYPED & set(self.fields):
            self.fields[name].show_hidden_initial = True
        if "account" in self.fields:
            # Accounts are entered and deleted on their own page.
            widget: Any = self.fields["account"].widget
            widget.can_add_related = widget.can_change_related = False
            widget.can_delete_related = widget.can_view_related = False
        self._tell_rules()
        self._tell_state()

    def _tell_rules(self) -> None:
        if not self.instance.pk or self.is_bound:
            return
        for name, texts in self.instance.problems().items():
            if name in self.fields:
                field = self.fields[name]
                field.help_text = format_html(
                    '<span class="problem">{}</span> {}', " ".join(texts), field.help_text
                )

    def _tell_state(self) -> None:
        there = self.instance.at_wechat and not self.instance.missing_since
        if there and self.instance.audit_status == AuditStatus.APPROVED:
            for name in FIXED_WHEN_APPROVED:
                self._aid(name, fixed=True)
        self._aid("name", explain=True)
        self._aid("cover", shown=self._stored_cover, wanted=not self.instance.pk)

    def _aid(self, name: str, **words: Any) -> None:
        if name in self.fields:
            widget: Any = self.fields[name].widget
            widget.aid |= words

    # --- two people at the same record ------------------------------------------------------------

    def clean(self) -> Any:
        if self.instance.pk:
            self._meet_colleague()
        return super().clean()

    def _meet_colleague(self) -> None:
        # Locked until the page is answered: what is compared here is what is overwritten then.
        stored = LiveGoods.objects.select_for_update().filter(pk=self.instance.pk).first() or self.instance
        for name in TYPED & set(self.cleaned_data):
            theirs = getattr(stored, name)
            if name not in self.changed_data:
                self.cleaned_data[name] = theirs
            elif self._moved(name, theirs) and self.cleaned_data[name] != theirs:
                self._refuse_overwriting(stored, name)
            elif f"{TAKE}{self.add_prefix(name)}" in self.data:
                self._take(name, theirs)
        if "cover" in self.cleaned_data and "cover" in self.changed_data:
            self._check_cover(stored)

    def _moved(self, name: str, theirs: Any) -> bool:
        """The record holds another value than this form showed."""
        key = self.add_initial_prefix(name)
        if key not in self.data:
            return False
        shown = self.data[key]
        return shown != self._as_sent(name, theirs) and self.fields[name].has_changed(theirs, shown)

    def _as_sent(self, name: str, value: Any) -> str:
        """A value as the browser sends it."""
        field = self.fields[name]
        sent = field.widget.format_value(field.prepare_value(value))
        if isinstance(sent, list):
            sent = sent[0] if sent else ""
        return "" if sent is None else str(sent)

    def _refuse_overwriting(self, stored: LiveGoods, name: str) -> None:
        theirs = getattr(stored, name)
        text = gettext(
            "This was changed %(how)s, while you had it open: %(old)s → %(new)s. What you entered is kept. "
            "Save again to replace the new value, or tick the box to take it."
        )
        values = {
            "how": changed_by(stored, self.fields[name].label),
            "old": self._shown(name),
            "new": plans.show(name, theirs),
        }
        self.add_error(name, ValidationError(text, code="overwritten", params=values))
        self._aid(name, theirs=plans.show(name, theirs))
        self._send(self.add_initial_prefix(name), self._as_sent(name, theirs))

    def _shown(self, name: str) -> str:
        sent = self.data[self.add_initial_prefix(name)]
        try:
            return str(plans.show(name, self.fields[name].clean(sent)))
        except ValidationError:
            return str(sent)

    def _take(self, name: str, theirs: Any) -> None:
        self.cleaned_data[name] = theirs
        self.changed_data.remove(name)
        # If something else keeps the form from being saved, the choice is not forgotten.
        self._send(self.add_prefix(name), self._as_sent(name, theirs))

    def _check_cover(self, stored: LiveGoods) -> None:
        key = self.add_initial_prefix("cover")
        self._aid("cover", shown=stored.cover.name or "")
        if key in self.data and self.data[key] != (stored.cover.name or ""):
            text = gettext(
                "Another picture was chosen %(how)s, while you had the form open. It is shown here. "
                "To replace it, choose yours again and save."
            )
            how = changed_by(stored, self.fields["cover"].label)
            self.add_error("cover", ValidationError(text, code="overwritten", params={"how": how}))

    def _send(self, key: str, value: str) -> None:
        """Redisplay the form as if the browser had sent this."""
        sent: Any = self.data
        sent = sent.copy()
        sent[key] = value
        self.data = sent

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
