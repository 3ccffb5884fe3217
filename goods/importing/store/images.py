"""Pictures that the rows of a product name: in a cell several of them, by file name or as a link."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from goods.importing.covers import Covers, Pictures
from goods.importing.errors import CellError
from goods.models import Picture
from shopadmin.wechat.models import Account

# What stands between two pictures of one cell.
BETWEEN = re.compile(r"[;；,，|\n]+")
LINK = re.compile(r"https?://\S+", re.IGNORECASE)
LINK_MOST = 500
# A001.jpg is a product's first picture, A001-1.jpg to A001-9.jpg are further ones.
FURTHER = range(1, 10)

# A picture that is here already is its key, another one where it comes from.
Token = int | str


class Images:
    """The pictures of one upload. ``pictures`` is where the files are; without it only links count.

    A file whose content is a picture that we have is that picture: a repeated import changes nothing.
    """

    def __init__(self, account: Account, pictures: Pictures | None) -> None:
        self.account = account
        self.covers = Covers(pictures) if pictures else None
        self._known: dict[str, int] = {}

    def several(self, field: str, text: str, number: str) -> list[Token]:
        """The pictures that a cell names, or those called like the number. CellError if one is unusable."""
        sources = [part.strip() for part in BETWEEN.split(text) if part.strip()]
        sources = self._found(field, sources) if sources else self._numbered(field, number)
        return [self._token(field, source) for source in dict.fromkeys(sources)]

    def one(self, field: str, text: str, number: str) -> Token | None:
        sources = self._found(field, [text]) if text else self._called(field, number)
        return self._token(field, sources[0]) if sources else None

    def look_up(self, sources: Iterable[str]) -> None:
        """Find out which of these are here already, at once for many rows. Causes two SQL queries at most."""
        self._known = {}
        links = {source for source in sources if LINK.fullmatch(source)}
        digests: dict[str, str] = {}
        for source in set(sources) - links:
            try:
                digests[source] = self.covers.look(source).digest if self.covers else ""
            except CellError:
                continue
        rows = Picture.objects.filter(account=self.account)
        if links:
            self._known |= dict(rows.filter(source__in=links).values_list("source", "pk"))
            self._known |= dict(rows.filter(url__in=links).values_list("url", "pk"))
        if digests:
            keys = dict(rows.filter(digest__in=set(digests.values())).values_list("digest", "pk"))
            self._known |= {source: keys[digest] for source, digest in digests.items() if digest in keys}

    def sources(self, text: str, number: str, *, several: bool) -> list[str]:
        """Where the pictures of a cell come from, as far as that can be told."""
        try:
            if text or not several:
                parts = [part.strip() for part in BETWEEN.split(text) if part.strip()] if several else [text]
                return self._found("", parts) if text else self._called("", number)
            return self._numbered("", number)
        except CellError:
            return []

    def _found(self, field: str, names: Iterable[str]) -> list[str]:
        return [source for name in names if (source := self._source(field, name))]

    def _source(self, field: str, name: str) -> str:
        if LINK.fullmatch(name):
            if len(name) > LINK_MOST:
                raise CellError(
                    field, _("The link to the picture is too long: %(link)s") % {"link": name[:60]}
                )
            return name
        return self._find(field, name, "")

    def _numbered(self, field: str, number: str) -> list[str]:
        names = [number, *(f"{number}{sign}{place}" for place in FURTHER for sign in "-_")] if number else []
        return [source for name in names for source in self._called(field, name)]

    def _called(self, field: str, number: str) -> list[str]:
        source = self._find(field, "", number) if number else ""
        return [source] if source else []

    def _find(self, field: str, text: str, number: str) -> str:
        if self.covers is None:
            return ""
        try:
            return self.covers.pictures.find(text, number)
        except CellError as error:
            raise CellError(field, error.text) from None

    def _token(self, field: str, source: str) -> Token:
        if source in self._known:
            return self._known[source]
        if not LINK.fullmatch(source) and self.covers:
            try:
                self.covers.look(source)
            except CellError as error:
                raise CellError(field, error.text) from None
        return source


def keep_picture(account: Account, token: Token, pictures: Pictures | None) -> int:
    """The key of a picture; what is not here yet is kept now. CellError if it is no use any more."""
    if isinstance(token, int):
        return token
    if LINK.fullmatch(token):
        return Picture.objects.of_link(account, token).pk
    if pictures is None:
        raise CellError("", _("There is no such picture in the ZIP file: %(path)s") % {"path": token})
    try:
        return Picture.objects.keep(account, pictures.read(token)).pk
    except ValueError:
        text = _("%(path)s is no picture that can be used. Choose a JPEG or PNG file.")
        raise CellError("", text % {"path": token}) from None
