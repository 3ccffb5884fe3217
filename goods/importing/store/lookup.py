"""What a cell means that names something WeChat has: a category, a brand, a freight template."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from goods.importing.errors import CellError
from goods.models import Brand, Category, FreightTemplate
from goods.store.rules import CATS
from shopadmin.wechat.models import Account

BETWEEN = re.compile(r"[>›→»/|]+")
SHOWN_BETWEEN = " > "


class Lookup:
    """Everything of one account, read once: categories, brands and freight templates are few."""

    def __init__(self, account: Account) -> None:
        self.categories = Categories(account)
        self.brands = Brands(account)
        templates = FreightTemplate.objects.filter(account=account).exclude(template_id="")
        self.templates = list(templates)

    def template(self, text: str) -> FreightTemplate:
        """A freight template by its name or its number; CellError if there is none, or several."""
        found = [one for one in self.templates if text in (one.name, one.template_id)]
        if len(found) == 1:
            return found[0]
        if found:
            text = _("Several freight templates are called “%(text)s”. Write the number.") % {"text": text}
            raise CellError("freight_template", text)
        names = ", ".join(one.name for one in self.templates[:5]) or "–"
        raise CellError(
            "freight_template",
            _("There is no freight template “%(text)s”. There are: %(names)s.")
            % {"text": text[:40], "names": names},
        )

    def usual_template(self) -> FreightTemplate | None:
        """The default of the shop, or the only one."""
        default = next((one for one in self.templates if one.is_default), None)
        return default or (self.templates[0] if len(self.templates) == 1 else None)


class Categories:
    """WeChat's categories of an account: branches of three levels, found by path or by the third name."""

    def __init__(self, account: Account) -> None:
        rows = Category.objects.usable().filter(account=account)
        nodes = {row.cat_id: row for row in rows}
        self.branches: dict[str, list[list[Category]]] = defaultdict(list)
        for node in nodes.values():
            branch = [node]
            while (above := nodes.get(branch[0].parent_id)) is not None and len(branch) < CATS:
                branch.insert(0, above)
            if len(branch) == CATS and node.level == CATS:
                self.branches[_key(node.name)].append(branch)

    def find(self, text: str) -> list[str]:
        """The three ids; CellError if it is none of the third level, or could be several."""
        names = [_key(name) for name in BETWEEN.split(text) if name.strip()] or [""]
        # A name may have a slash itself.
        found = self._ending(names) or self._ending([_key(text)])
        if len(found) == 1:
            return [node.cat_id for node in found[0]]
        raise CellError("cats", self._why_not(text[:60], found))

    def _ending(self, names: Sequence[str]) -> list[list[Category]]:
        """The branches whose last names these are."""
        return [
            branch
            for branch in self.branches.get(names[-1], [])
            if [_key(node.name) for node in branch][-len(names) :] == names
        ]

    def _why_not(self, text: str, found: list[list[Category]]) -> str:
        if not self.branches:
            return _("WeChat's categories have not been read yet: pull from WeChat, then import this again.")
        if not found:
            example = SHOWN_BETWEEN.join(node.name for node in next(iter(self.branches.values()))[0])
            text_ = _("“%(text)s” is no category of the third level. Write its path, such as %(example)s.")
            return text_ % {"text": text, "example": example}
        paths = [SHOWN_BETWEEN.join(node.name for node in branch) for branch in found[:3]]
        return _("Several categories are called “%(text)s”. Write the path: %(paths)s.") % {
            "text": text,
            "paths": " / ".join(paths),
        }


class Brands:
    """The brands that an account may use, each for a branch of categories."""

    def __init__(self, account: Account) -> None:
        self.granted: dict[str, list[Brand]] = defaultdict(list)
        for brand in Brand.objects.filter(account=account):
            self.granted[_key(brand.name)].append(brand)

    def find(self, text: str, cats: Sequence[str]) -> str:
        """The number of the brand if it is granted for these categories; "" if it is not."""
        branches = self.granted.get(_key(text), [])
        return next((brand.brand_id for brand in branches if list(brand.cats) == list(cats)), "")


def _key(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
