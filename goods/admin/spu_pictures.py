"""The pictures of a product as its form shows and takes them: keys in an order, and files to be kept."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from goods.admin.widgets import Aided
from goods.models import Picture
from goods.models.picture import load_pictures
from goods.pictures import BYTES_MOST
from shopadmin.wechat.models import Account


@dataclass
class Chosen:
    """What a browser sent of a list of pictures."""

    keys: list[int]
    files: list[UploadedFile] = field(default_factory=list)


@dataclass
class Shelf:
    """The pictures that one form shows or takes, each read once."""

    account: Account | None
    known: dict[int, Picture] = field(default_factory=dict)

    def load(self, keys: Iterable[int]) -> None:
        """Causes one SQL query if any of them is not here yet."""
        self.known |= load_pictures(set(keys) - self.known.keys())

    def thumbnail(self, key: int) -> str:
        return self.known[key].thumbnail if key in self.known else ""

    def usable(self, keys: Sequence[int], had: Iterable[int]) -> list[int]:
        """Those of this account, and those that the product has anyway; each once."""
        self.load(keys)
        ours = {
            key
            for key in keys
            if key in self.known and self.account and self.known[key].account_id == self.account.pk
        }
        return [key for key in dict.fromkeys(keys) if key in ours | set(had)]

    def keep(self, file: UploadedFile) -> int:
        """The key of an uploaded picture, which is kept from now on."""
        name = {"path": file.name}
        if self.account is None:
            raise ValidationError(_("Choose an account first, then the pictures again."))
        if (file.size or 0) > BYTES_MOST:
            raise ValidationError(_("The picture is larger than 10 MB: %(path)s") % name)
        file.seek(0)
        try:
            picture = Picture.objects.keep(self.account, file.read())
        except ValueError:
            text = _("%(path)s is no picture that can be used. Choose a JPEG or PNG file.")
            raise ValidationError(text % name) from None
        self.known[picture.pk] = picture
        return picture.pk

    def keep_all(self, files: Iterable[UploadedFile]) -> tuple[list[int], list[ValidationError]]:
        """What could be kept, and what is wrong with the rest."""
        keys, errors = [], []
        for file in files:
            try:
                keys.append(self.keep(file))
            except ValidationError as error:
                errors.append(error)
        return keys, errors


def as_keys(value: Any) -> list[int]:
    """Keys of pictures from a list or from what a hidden input holds."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    found = value if isinstance(value, list) else [value]
    return [key for key in found if isinstance(key, int) and not isinstance(key, bool) and key > 0]


class JSONHidden(forms.HiddenInput):
    """Remembers a list that the form showed."""

    def format_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value or [], ensure_ascii=False)


class PicturesInput(Aided, forms.FileInput):
    """Pictures in their order: a place for each, a box to remove it, and an input for more.

    Without scripts the places are typed; ``spu_pictures.js`` moves the pictures and uploads at once.
    """

    aid_template = "goods/pictures_aid.html"
    allow_multiple_selected = True
    # Of the files among what the browser sends; without it the input has the name of the field.
    suffix = "-files"

    def __init__(self, most: int) -> None:
        super().__init__({"multiple": True, "accept": "image/*", "data-upload": ""})
        self.most = most
        self.shelf = Shelf(None)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> Any:
        keys = value.keys if isinstance(value, Chosen) else as_keys(value)
        self.shelf.load(keys)
        shown = [
            {"key": key, "url": self.shelf.thumbnail(key), "place": place}
            for place, key in enumerate(keys, start=1)
        ]
        account = self.shelf.account.pk if self.shelf.account else ""
        self.aid |= {"pictures": shown, "most": self.most, "list": name, "account": account}
        return super().render(name + self.suffix, None, attrs, renderer)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Chosen:
        sent = _listed(data, name)
        keys = [key for text in sent for key in as_keys(text)]
        if not any(text.startswith("[") for text in sent):
            keys = _arranged(keys, data, name)
        found = files.getlist(name + self.suffix) if hasattr(files, "getlist") else []
        return Chosen(keys, list(found))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        # Without pictures the browser sends nothing of them.
        return False


def _listed(data: Any, name: str) -> list[str]:
    if hasattr(data, "getlist"):
        return [str(text) for text in data.getlist(name)]
    return [str(data[name])] if name in data else []


def _arranged(keys: list[int], data: Any, name: str) -> list[int]:
    """The keys that stay, by the places typed. Of two with the same place the one that was moved is meant."""
    removed = set(_listed(data, f"{name}-remove"))
    ordered = []
    for index, key in enumerate(keys, start=1):
        text = str(data.get(f"{name}-place-{key}", "")).strip()
        place = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else index
        # Moved up it comes before the one that was there, moved down after it.
        ordered.append((place, (place > index) - (place < index), key))
    return [
        key for _place, _moved, key in sorted(ordered, key=lambda one: one[:2]) if str(key) not in removed
    ]


class PicturesField(forms.Field):
    """Cleans to ``Chosen``; the form keeps the files and makes it a list of keys."""

    hidden_widget = JSONHidden

    def __init__(self, *, most: int, **options: Any) -> None:
        super().__init__(widget=PicturesInput(most), required=False, **options)

    def to_python(self, value: Any) -> Chosen:
        return value if isinstance(value, Chosen) else Chosen(as_keys(value))

    def prepare_value(self, value: Any) -> list[int]:
        return value.keys if isinstance(value, Chosen) else as_keys(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        before, after = self.to_python(initial), self.to_python(data)
        return bool(after.files) or before.keys != after.keys
