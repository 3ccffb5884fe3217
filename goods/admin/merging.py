"""Two people may have the same form open: neither overwrites the other unawares."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext

from goods.admin.colleagues import changed_by

# Ticked beside a value that a colleague saved meanwhile.
TAKE = "take-"


class MergingForm(forms.ModelForm):
    """What only one of two people touched is kept from both.

    A field that both changed differently is told to the second one, with the value of the first. The form
    then carries that value as the one it showed, so that the next save is a decision about exactly this
    value. A subclass names the fields in ``TYPED``; their widgets are ``Aided``.
    """

    # The form remembers what it showed of these, to tell what was typed from what was merely sent along.
    TYPED: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.TYPED & set(self.fields):
            self.fields[name].show_hidden_initial = True

    def words(self, name: str, value: Any) -> str:
        """A field's value as people read it. A subclass knows."""
        raise NotImplementedError

    def meet_more(self, stored: Any) -> None:
        """What a subclass compares beside the fields of ``TYPED``."""

    def clean(self) -> Any:
        if self.instance.pk:
            self._meet_colleague()
        return super().clean()

    def _meet_colleague(self) -> None:
        # Locked until the page is answered: what is compared here is what is overwritten then.
        rows = self._meta.model._default_manager.select_for_update()
        stored = rows.filter(pk=self.instance.pk).first() or self.instance
        for name in self.TYPED & set(self.cleaned_data):
            theirs = getattr(stored, name)
            if name not in self.changed_data:
                self.cleaned_data[name] = theirs
            elif self._moved(name, theirs) and self.cleaned_data[name] != theirs:
                self._refuse_overwriting(stored, name)
            elif f"{TAKE}{self.add_prefix(name)}" in self.data:
                self._take(name, theirs)
        self.meet_more(stored)

    def _moved(self, name: str, theirs: Any) -> bool:
        """The record holds another value than this form showed."""
        key = self.add_initial_prefix(name)
        if key not in self.data:
            return False
        shown = self.data[key]
        return shown != self._as_sent(name, theirs) and self.fields[name].has_changed(theirs, shown)

    def _as_sent(self, name: str, value: Any) -> str:
        """A value as the browser sends it back."""
        field = self.fields[name]
        sent = field.hidden_widget().format_value(field.prepare_value(value))
        return "" if sent is None else str(sent)

    def _refuse_overwriting(self, stored: Any, name: str) -> None:
        theirs = getattr(stored, name)
        text = gettext(
            "This was changed %(how)s, while you had it open: %(old)s → %(new)s. What you entered is kept. "
            "Save again to replace the new value, or tick the box to take it."
        )
        values = {
            "how": changed_by(stored, self.fields[name].label),
            "old": self._shown(name),
            "new": self.words(name, theirs),
        }
        self.add_error(name, ValidationError(text, code="overwritten", params=values))
        self.aid(name, theirs=self.words(name, theirs))
        self.send(self.add_initial_prefix(name), self._as_sent(name, theirs))

    def _shown(self, name: str) -> str:
        sent = self.data[self.add_initial_prefix(name)]
        try:
            return self.words(name, self.fields[name].clean(sent))
        except ValidationError:
            return str(sent)

    def _take(self, name: str, theirs: Any) -> None:
        self.cleaned_data[name] = theirs
        self.changed_data.remove(name)
        # If something else keeps the form from being saved, the choice is not forgotten.
        self.send(self.add_prefix(name), self._as_sent(name, theirs))

    def send(self, key: str, value: str) -> None:
        """Redisplay the form as if the browser had sent this."""
        sent: Any = self.data
        sent = sent.copy()
        sent[key] = value
        self.data = sent

    def aid(self, name: str, **words: Any) -> None:
        """Tell the widget of a field what it is to say."""
        if name in self.fields:
            widget: Any = self.fields[name].widget
            widget.aid |= words

    def tell_rules(self) -> None:
        """Rules that a draft breaks are told at their fields, without keeping it from being saved."""
        if not self.instance.pk or self.is_bound:
            return
        for name, texts in self.instance.problems().items():
            self.tell(name, texts)

    def tell(self, name: str, texts: list[str]) -> None:
        if name in self.fields:
            field = self.fields[name]
            field.help_text = format_html(
                '<span class="problem">{}</span> {}', " ".join(texts), field.help_text
            )
